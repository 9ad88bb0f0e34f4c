"""Xiaomi's figures of the years after the first."""
