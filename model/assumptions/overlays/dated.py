"""A distribution that changes at the begin of a month: what has happened stays, what is open follows the new one.

One percentile per draw holds across the change: a draw that stood high before stands high after it.

>>> from model.assumptions.distributions import Fixed
>>> d = Dated(Fixed(10.0), Fixed(7.0), "2026-09")
>>> [float(x) for x in d.quantile(np.full(1, 0.5))[:, 0]][6:10]
[10.0, 10.0, 7.0, 7.0]
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.assumptions.calendar import Calendar
from model.assumptions.distributions import Distribution
from model.errors import InputError, Problem

MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")
MOMENT = "month"  # the unit of a point in time, in months of the calendar: 1.0 is 1 January


@dataclass(frozen=True, eq=False)
class Dated(Distribution):
    """`before` until the month `first` (`2026-09`), `after` from its first day on.

    Of a number: (month, draw). Of a moment: (draw,); one that lies before `first` has happened and stays, the others
    follow `after`, and come at the begin of `first` at the earliest.
    """

    before: Distribution
    after: Distribution
    first: str
    moment: bool = False
    calendar: Calendar | None = None  # by default the year of `first`
    kind = "dated"

    @property
    def _calendar(self) -> Calendar:
        return self.calendar or Calendar(int(self.first[:4]))

    @property
    def uncertain(self) -> bool:  # type: ignore[override]
        return self.before.uncertain or self.after.uncertain

    @property
    def movable(self) -> bool:  # type: ignore[override]
        return self.before.movable and self.after.movable

    @property
    def periods(self) -> int | None:
        return None if self.moment else self._calendar.months

    @property
    def parameters(self) -> dict[str, Any]:
        later = {f"{key} from {self.first}": value for key, value in self.after.parameters.items()}
        return {**self.before.parameters, **later}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        calendar = self._calendar
        number = calendar.number(self.first)
        old, new = self.before.quantile(u), self.after.quantile(u)
        if self.moment:
            return np.where(old < number, old, np.maximum(new, number))
        old, new = (_by_month(values, np.shape(u), calendar) for values in (old, new))
        return np.concatenate([old[: number - 1], new[number - 1 :]])

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from self.before.faults()
        yield from self.after.faults()

    def mean(self) -> np.ndarray:
        return np.ravel(self._integrate(self.quantile))

    def first_p50(self) -> float:
        return self.after.first_p50()

    def moved(self, step: float) -> Distribution:
        if not step:
            return self
        return dataclasses.replace(self, before=self.before.moved(step), after=self.after.moved(step))

    def step_to(self, p50: float) -> float:
        return self.after.step_to(p50)


def _by_month(values: np.ndarray, shape: tuple[int, ...], calendar: Calendar) -> np.ndarray:
    """One number, one a month or quarter of a year (which repeat), or one a month of all, as one a month: (month, draw)."""
    if values.ndim <= len(shape):
        return np.broadcast_to(values, (calendar.months, *shape))
    if len(values) == calendar.months:
        return values
    return np.tile(np.repeat(values, 12 // len(values), axis=0), (calendar.years, *(1 for _ in shape)))


def changed_from(
    before: Distribution, after: Distribution, first: str, *, unit: str, year: int | Calendar
) -> Distribution:
    """`after` from a month on; a change on top of an earlier change keeps what held until then.

    Raises InputError for a month of another year, and where an earlier change begins later: one of the two would be lost.
    """
    calendar = year if isinstance(year, Calendar) else Calendar(year)
    if not calendar.first <= int(first[:4]) <= calendar.last:
        until = f" to {calendar.last}" if calendar.years > 1 else ""
        hint = f"A month of the year: {calendar.first}-09"
        raise InputError(Problem(f"from {first} is no month of {calendar.first}{until}", hint))
    if isinstance(before, Dated) and first < before.first:
        what = f"a change from {first} on, before the one from {before.first} on that is there already"
        raise InputError(Problem(what, f"From {before.first} or later"))
    return Dated(before, after, first, unit == MOMENT, calendar)
