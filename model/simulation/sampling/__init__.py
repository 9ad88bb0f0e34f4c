"""Sampling: low-discrepancy points by name, joint draws of assumptions and shocks, common random numbers.

May import `assumptions` and what stands before it.
"""
