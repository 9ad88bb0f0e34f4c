"""Xiaomi's desk: its headline, its figures by month, quarter and segment, and its sections of the memo.

May import all that reporting has, and `xiaomi`. Nothing else in reporting imports it: a business names its desk.
"""
