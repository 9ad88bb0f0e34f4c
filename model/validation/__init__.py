"""Validation: the check of everything beside a base case, and known answers. May import `xiaomi` and what is below it."""
