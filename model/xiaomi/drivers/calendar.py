"""Flows by month, quarter and year, and what changes of so much a year add up to."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar

ONE_YEAR = Calendar(1)  # of a driver that is told no calendar; which year it is does not matter


def running_sum(flow: np.ndarray) -> np.ndarray:
    """Sums from the first period on, (period, draw); row by row, which is far quicker than numpy's along that axis."""
    out = np.array(flow, dtype=float)
    for n in range(1, len(out)):
        out[n] += out[n - 1]
    return out


def accumulated(a_year: np.ndarray, calendar: Calendar = ONE_YEAR) -> np.ndarray:
    """What a change of so much a year adds up to by the middle of each month, (month, draw).

    a_year : (draw,), or (month, draw) where it changes in between
    """
    if np.ndim(a_year) < 2:
        return a_year * calendar.phase
    return (running_sum(a_year) - 0.5 * a_year) / 12


def left_over(cut: np.ndarray, calendar: Calendar = ONE_YEAR) -> np.ndarray:
    """What a cut of so much a year, growing evenly within each, leaves by the middle of each month, (month, draw).

    cut : (draw,), or (month, draw); a share, of what the year before left
    """
    if calendar.years == 1:
        return 1.0 - accumulated(cut, calendar)
    each, before, out = np.broadcast_to(cut, (calendar.months, np.shape(cut)[-1])), np.ones(np.shape(cut)[-1]), []
    for year in range(calendar.years):
        months = each[12 * year : 12 * year + 12]
        out.append(before * (1.0 - accumulated(months if np.ndim(cut) == 2 else cut)))
        before = before * (1.0 - months.mean(axis=0))
    return np.concatenate(out)


def quarterly(monthly: np.ndarray) -> np.ndarray:
    """Sums of three months: (..., month, draw) -> (..., quarter, draw)."""
    shape = monthly.shape
    by_quarter = monthly.reshape(*shape[:-2], shape[-2] // 3, 3, shape[-1])
    return by_quarter[..., 0, :] + by_quarter[..., 1, :] + by_quarter[..., 2, :]


def with_year(flow: np.ndarray) -> np.ndarray:
    """Quarters and their sums by year: (quarter, draw) -> (quarter + year, draw)."""
    by_year = flow.reshape(-1, 4, flow.shape[-1])
    return np.concatenate([flow, by_year[:, 0] + by_year[:, 1] + by_year[:, 2] + by_year[:, 3]])


def months_quarters_year(flow: np.ndarray) -> np.ndarray:
    """Months, their sums by quarter, and by year: (month, draw) -> (month + quarter + year, draw)."""
    return np.concatenate([flow, with_year(quarterly(flow))])
