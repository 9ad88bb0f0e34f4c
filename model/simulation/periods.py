"""Names of periods, and the draws of an outcome in one of them."""

from __future__ import annotations

import numpy as np

from model.errors import InputError, Problem, near

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def period_names(rows: int, year: int) -> list[str]:
    """Names of so many periods: months (12), quarters (4), the year (1), or these one after the other."""
    months = [f"{year}-{month:02d}" for month in range(1, 13)]
    quarters = [f"{year}Q{quarter}" for quarter in range(1, 5)]
    whole = [str(year)]
    known = {1: whole, 4: quarters, 5: quarters + whole, 12: months, 17: months + quarters + whole}
    return known.get(rows, [str(n + 1) for n in range(rows)])


def in_period(values: np.ndarray, period: str | None, *, year: int, outcome: str) -> np.ndarray:
    """Draws of an outcome (draw,) or (period, draw) in a period, or in the last; InputError for a period that it has not."""
    rows = np.atleast_2d(values)
    if period is None:
        return rows[-1]
    names = period_names(len(rows), year)
    if period not in names:
        hint = near(period, names) or f"Periods: {', '.join(names)}"
        raise InputError(Problem(f"no period '{period}'", hint, path=outcome))
    return rows[names.index(period)]
