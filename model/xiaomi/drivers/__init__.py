"""Drivers: pure functions of arrays, one part of the business each.

Draws are on the last axis, periods before them, lines or plants first: (line, month, draw). Numbers taken as
known may have a last axis of 1. Months are counted from 0 in arrays and from 1.0 = 1 January on the calendar
of the assumptions. Money is in RMB bn, prices and costs in the unit that the parameter says.
"""
