"""Months, quarters and the year."""

from __future__ import annotations

import numpy as np

MONTHS = 12
QUARTERS = 4
BEGIN = np.arange(1.0, MONTHS + 1)[:, None]  # first day of each month on the calendar, (month, 1)
MIDDLE = BEGIN + 0.5
PHASE = (MIDDLE - 1) / MONTHS  # share of the year gone by mid-month


def accumulated(a_year: np.ndarray) -> np.ndarray:
    """What a change of so much a year adds up to by the middle of each month, (month, draw).

    a_year : (draw,), or (month, draw) where it changes within the year
    """
    if np.ndim(a_year) < 2:
        return a_year * PHASE
    return (np.cumsum(a_year, axis=0) - 0.5 * a_year) / MONTHS


def quarterly(monthly: np.ndarray) -> np.ndarray:
    """Sums of three months: (..., month, draw) -> (..., quarter, draw)."""
    shape = monthly.shape
    by_quarter = monthly.reshape(*shape[:-2], shape[-2] // 3, 3, shape[-1])
    return by_quarter[..., 0, :] + by_quarter[..., 1, :] + by_quarter[..., 2, :]


def with_year(flow: np.ndarray) -> np.ndarray:
    """Quarters and their sum: (quarter, draw) -> (quarter + 1, draw)."""
    return np.concatenate([flow, (flow[0] + flow[1] + flow[2] + flow[3])[None]])


def months_quarters_year(flow: np.ndarray) -> np.ndarray:
    """Months, their sums by quarter, and the year: (12, draw) -> (17, draw)."""
    return np.concatenate([flow, with_year(quarterly(flow))])
