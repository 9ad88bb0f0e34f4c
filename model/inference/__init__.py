"""Inference: reports as a likelihood on outcomes, weights where they suffice, otherwise tempered sequential Monte Carlo.

Knows no business. May import `simulation` and what is below it.
"""
