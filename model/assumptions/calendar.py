"""The calendar of a run: whole years of months, and how moments are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Calendar:
    """Whole years, January of `first` to December of the last; a moment is a number of months: 1.0 is 1 January of the first.

    >>> two = Calendar(2026, 2)
    >>> two.months, two.quarters, two.last, two.number("2027-03")
    (24, 8, 2027, 15)
    """

    first: int
    years: int = 1

    @property
    def months(self) -> int:
        """Number of months."""
        return 12 * self.years

    @property
    def quarters(self) -> int:
        """Number of quarters."""
        return 4 * self.years

    @property
    def last(self) -> int:
        """The last year."""
        return self.first + self.years - 1

    @cached_property
    def begin(self) -> np.ndarray:
        """First day of each month, (month, 1)."""
        return np.arange(1.0, self.months + 1)[:, None]

    @cached_property
    def edges(self) -> np.ndarray:
        """First day of each month, and of the one after the last, (month + 1, 1)."""
        return np.arange(1.0, self.months + 2)[:, None]

    @cached_property
    def middle(self) -> np.ndarray:
        """Middle of each month, (month, 1)."""
        return self.begin + 0.5

    @cached_property
    def phase(self) -> np.ndarray:
        """Years gone by mid-month since the first began, (month, 1)."""
        return (self.middle - 1) / 12

    def number(self, month: str) -> int:
        """`2027-03` as 15, counted from January of the first year."""
        return 12 * (int(month[:4]) - self.first) + int(month[5:])

    def names(self, rows: int) -> list[str]:
        """Names of so many periods: months, quarters, years, quarters and years, or all one after the other."""
        every = range(self.first, self.last + 1)
        months = [f"{year}-{month:02d}" for year in every for month in range(1, 13)]
        quarters = [f"{year}Q{quarter}" for year in every for quarter in range(1, 5)]
        years = [str(year) for year in every]
        kinds = (years, quarters, quarters + years, months, months + quarters + years)
        known = {len(kind): kind for kind in kinds} | {1: years[:1]}
        return known.get(rows, [str(n + 1) for n in range(rows)])

    def usual(self, names: Sequence[str]) -> int:
        """Place of the period that is meant where none is named: the first year, or what ends it."""
        first = [place for place, name in enumerate(names) if name.startswith(str(self.first))]
        return first[-1] if first else len(names) - 1
