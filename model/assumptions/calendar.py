"""The calendar of a run: whole years of months, and how moments are counted.

A moment is a number of months. Of the unit `month` it is counted from the first year (1.0 is its 1 January), of the unit
`date` from year 0, so that it is a date by itself.
"""

from __future__ import annotations

import calendar as days
import datetime as dt
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from model._version import TODAY
from model.errors import InputError, Problem, near

MONTH, DATE = "month", "date"
MOMENTS = (MONTH, DATE)  # units of a point in time


def today() -> dt.date:
    """Today's date, in UTC: nothing of a later day can be known. Raises InputError where `TODAY` holds what is not a date."""
    given = os.environ.get(TODAY, "")
    try:
        return dt.date.fromisoformat(given) if given else dt.datetime.now(tz=dt.UTC).date()
    except ValueError:
        raise InputError(Problem(f"'{given}' is not a date", "2026-11-29, or unset it", path=TODAY)) from None


def no_such_day(text: str) -> str:
    """What is wrong with a text in the form of a date that is not one; nothing for any other text.

    >>> no_such_day("2027-02-29"), no_such_day("2027-13-01"), no_such_day("2027-02-28"), no_such_day("0.3")
    ('2027-02-29 is not a date: 2027 is not a leap year', '2027-13-01 is not a date: there is no month 13', '', '')
    """
    found = re.fullmatch(r"\s*(\d{4})-(\d\d)-(\d\d)\s*", text)
    if found is None:
        return ""
    year, month, day = map(int, found.groups())
    if not 1 <= month <= 12:
        return f"{text.strip()} is not a date: there is no month {month}"
    last = days.monthrange(year, month)[1] if year else 0
    if 1 <= day <= last:
        return ""
    if (month, day) == (2, 29):
        return f"{text.strip()} is not a date: {year} is not a leap year"
    return f"{text.strip()} is not a date: {days.month_name[month]} has {last} days"


def moment(day: dt.date) -> float:
    """A date as months since year 0.

    >>> moment(dt.date(2026, 1, 1)) - 12 * 2026, moment(dt.date(2027, 4, 16)) - 12 * 2026
    (1.0, 16.5)
    """
    return 12 * day.year + day.month + (day.day - 1) / days.monthrange(day.year, day.month)[1]


def date_of(moment: float) -> dt.date:
    """Months since year 0 as the nearest date.

    >>> date_of(12 * 2026 + 16.5), date_of(moment(dt.date(2028, 2, 29)))
    (datetime.date(2027, 4, 16), datetime.date(2028, 2, 29))
    """
    year, month = divmod(int(moment // 1) - 1, 12)
    length = days.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, 1) + dt.timedelta(days=round((moment % 1) * length))


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


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

    @property
    def end(self) -> str:
        """The last month: 2030-12."""
        return f"{self.last}-12"

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

    def number(self, month: str, unit: str = MONTH) -> int:
        """`2027-03` as 15, counted from January of the first year; as a moment of the unit `date`, from year 0."""
        return self.origin(unit) + 12 * (int(month[:4]) - self.first) + int(month[5:])

    def origin(self, unit: str) -> int:
        """What a moment of a unit is counted from, in months before the first year's January is 1."""
        return 12 * self.first if unit == DATE else 0

    def names(self, rows: int) -> list[str]:
        """Names of so many periods: months, quarters, years, quarters and years, or all one after the other."""
        return list(_names(self.first, self.last, rows))

    def in_period(self, values: np.ndarray, period: str | None, outcome: str) -> np.ndarray:
        """Draws of an outcome (draw,) or (period, draw) in a period, by default the first year; InputError for one that it has not."""
        rows = np.atleast_2d(values)
        names = self.names(len(rows))
        if period is None:
            return np.asarray(rows[self.usual(names)])
        if period not in names:
            hint = near(period, names) or f"Periods: {', '.join(names)}"
            raise InputError(Problem(f"no period '{period}'", hint, path=outcome))
        return np.asarray(rows[names.index(period)])

    def usual(self, names: Sequence[str]) -> int:
        """Place of the period that is meant where none is named: the first year, or what ends it."""
        first = [place for place, name in enumerate(names) if name.startswith(str(self.first))]
        return first[-1] if first else len(names) - 1


@lru_cache(maxsize=256)
def _names(first: int, last: int, rows: int) -> tuple[str, ...]:
    """Names of periods from one year to another."""
    every = range(first, last + 1)
    months = [f"{year}-{month:02d}" for year in every for month in range(1, 13)]
    quarters = [f"{year}Q{quarter}" for year in every for quarter in range(1, 5)]
    years = [str(year) for year in every]
    kinds = (years, quarters, quarters + years, months, months + quarters + years)
    known = {len(kind): kind for kind in kinds} | {1: years[:1]}
    return tuple(known.get(rows, [str(n + 1) for n in range(rows)]))
