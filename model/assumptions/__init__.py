"""Assumptions: from TOML to named distributions, checked; `distributions/`, and `layers/` laid over the base case.

May import `files` and `errors`. Knows no draws.
"""
