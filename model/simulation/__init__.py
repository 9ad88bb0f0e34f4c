"""The engine: any vectorised function of draws into a result, measures with their simulation error, preintegration.

Knows no business: the function comes in. May import `assumptions` and what stands before it.
"""
