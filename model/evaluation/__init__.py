"""Evaluation: the register of frozen forecasts, baselines, scores. May import `simulation` and what is below it."""
