"""Files: tables, TOML with its lines, whole sets of files or none, watching.

Knows nothing of what stands in them. May import `errors`.
"""
