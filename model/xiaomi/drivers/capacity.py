"""Capacity: what the plants can build in each month.

capacity[t] = sum over plants of nameplate / 12 x shift factor x ramp(t) x (1 - outage(t)) x working days x shock

A plant that runs on the first day of the first year is built and opened; of any other, the book says when it opens (`book`).
"""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers.calendar import ONE_YEAR


def ramp(
    *, start: np.ndarray, months: np.ndarray, when: np.ndarray | None = None, calendar: Calendar = ONE_YEAR
) -> np.ndarray:
    """Share of full output: 0 at `start`, a straight line to 1 after `months`; (month, draw).

    start : (draw,) month on the calendar; when : (month, 1) at which to look, mid-month by default
    """
    return np.clip(((calendar.middle if when is None else when) - start) / months, 0.0, 1.0)


def outage(*, begin: np.ndarray, months: np.ndarray, calendar: Calendar = ONE_YEAR) -> np.ndarray:
    """Share of each month lost when the line stands still for `months` from `begin`; (month, draw)."""
    month = calendar.begin
    return np.maximum(np.minimum(begin + months, month + 1) - np.maximum(begin, month), 0.0)


def output(*, nameplate: np.ndarray, shift_factor: np.ndarray, outage: np.ndarray | float = 0.0) -> np.ndarray:
    """Vehicles a plant builds in a month of normal working days, once it is ramped up.

    nameplate : (draw,) vehicles/year; shift_factor : (draw,); outage : (month, draw) share
    """
    return nameplate * shift_factor / 12.0 * (1.0 - outage)


def together(*plants: np.ndarray, workdays: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Vehicles that the plants build in all.

    plants : (month, draw) each, as of `output`; workdays : (month, draw) against a normal month, below 0 counted as 0,
    for its distribution has no bounds; noise : (month, draw)
    """
    total = np.zeros(noise.shape)
    for plant in plants:
        total += plant
    total *= np.maximum(workdays, 0.0) * noise
    return total
