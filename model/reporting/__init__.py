"""Reporting: headline, tables, figures, memo, verification, known answers; a business brings its own desk.

May import `studies` and what stands before it; `reporting.xiaomi` alone imports `xiaomi`.
"""
