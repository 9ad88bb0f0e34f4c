"""Names of periods, and the draws of an outcome in one of them."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar
from model.errors import InputError, Problem, near

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def calendar_of(year: int | Calendar) -> Calendar:
    """A year as a calendar."""
    return year if isinstance(year, Calendar) else Calendar(year)


def period_names(rows: int, year: int | Calendar) -> list[str]:
    """Names of so many periods of a year, or of a calendar."""
    return calendar_of(year).names(rows)


def in_period(values: np.ndarray, period: str | None, *, year: int | Calendar, outcome: str) -> np.ndarray:
    """Draws of an outcome (draw,) or (period, draw) in a period, by default the first year; InputError for one that it has not."""
    rows = np.atleast_2d(values)
    names = period_names(len(rows), year)
    if period is None:
        return rows[calendar_of(year).usual(names)]
    if period not in names:
        hint = near(period, names) or f"Periods: {', '.join(names)}"
        raise InputError(Problem(f"no period '{period}'", hint, path=outcome))
    return rows[names.index(period)]
