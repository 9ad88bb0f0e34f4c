"""Assumptions: from TOML to named distributions, checked; overlays, correlation, perturbation, earlier versions.

May import `files` and what stands before it. Knows no draws.
"""
