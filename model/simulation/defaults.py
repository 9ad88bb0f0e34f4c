"""Draws and seed where none are given."""

DRAWS = 32_768
POSTERIOR_DRAWS = 16_384  # given what was reported: each costs a run of the sampler
SEED = 2026
