"""Reach: stores, and the users of Xiaomi's phones, from whom buyers come; each moves orders a little."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers.calendar import accumulated


def by_stores(*, added: np.ndarray, before: np.ndarray, elasticity: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Orders by the number of stores against late 2025: ((before + added so far) / before)^elasticity, (month, draw).

    added : (draw,) or (month, draw) stores a month; before : (draw,) stores when the first year begins
    """
    so_far = 12.0 * accumulated(added, calendar)
    return np.exp(elasticity * np.log(np.maximum(before + so_far, 1.0) / before))


def by_users(*, share: np.ndarray, growth: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Orders by the users of Xiaomi's phones: 1 + share of buyers who are such users x growth of these since January, (month, draw)."""
    return 1.0 + share * np.expm1(accumulated(np.log1p(growth), calendar))
