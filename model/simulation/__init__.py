"""The engine: any vectorised function of draws into a result, measures with their simulation error, preintegration.

Knows no business: the function is an argument. May import `assumptions` and what is below it.
"""
