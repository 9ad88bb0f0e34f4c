"""Files: tables, TOML with its lines, whole sets of files or none, watching. Knows nothing of their content.

May import `errors`.
"""
