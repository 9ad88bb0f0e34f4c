"""Studies, one method a module: tornado, sweep, solve, variance, explain, bridge, comparison; and what they share.

Takes the business as an argument. May import `simulation` and what stands before it.
"""
