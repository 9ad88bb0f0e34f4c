"""Figures for a memo: matplotlib lives here; may import all that reporting may."""
