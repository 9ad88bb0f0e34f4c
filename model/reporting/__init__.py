"""Reporting: headline, tables, figures, memo, record, verification; a business brings its own report spec.

May import `studies`, `evaluation` and what is below them.
"""
