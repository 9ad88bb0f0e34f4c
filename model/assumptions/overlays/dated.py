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

from model.assumptions.distributions import Distribution
from model.errors import InputError, Problem

MONTHS = 12
MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")
MOMENT = "month"  # the unit of a point in time, in months of the calendar: 1.0 is 1 January


def month_number(first: str) -> int:
    """`2026-09` as 9, the month's first day on the calendar of the assumptions."""
    return int(first[5:])


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
    kind = "dated"

    @property
    def uncertain(self) -> bool:  # type: ignore[override]
        return self.before.uncertain or self.after.uncertain

    @property
    def movable(self) -> bool:  # type: ignore[override]
        return self.before.movable and self.after.movable

    @property
    def periods(self) -> int | None:
        return None if self.moment else MONTHS

    @property
    def parameters(self) -> dict[str, Any]:
        later = {f"{key} from {self.first}": value for key, value in self.after.parameters.items()}
        return {**self.before.parameters, **later}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        number = month_number(self.first)
        old, new = self.before.quantile(u), self.after.quantile(u)
        if self.moment:
            return np.where(old < number, old, np.maximum(new, number))
        old, new = _by_month(old, np.shape(u)), _by_month(new, np.shape(u))
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


def _by_month(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """One number, or one a quarter or month, as one a month: (month, draw)."""
    if values.ndim <= len(shape):
        return np.broadcast_to(values, (MONTHS, *shape))
    return np.repeat(values, MONTHS // len(values), axis=0)


def changed_from(before: Distribution, after: Distribution, first: str, *, unit: str, year: int) -> Distribution:
    """`after` from a month on; a change on top of an earlier change keeps what held until then.

    Raises InputError for a month of another year, and where an earlier change begins later: one of the two would be lost.
    """
    if not first.startswith(f"{year}-"):
        raise InputError(Problem(f"from {first} is no month of {year}", f"A month of the year: {year}-09"))
    if isinstance(before, Dated) and first < before.first:
        what = f"a change from {first} on, before the one from {before.first} on that is there already"
        raise InputError(Problem(what, f"From {before.first} or later"))
    return Dated(before, after, first, moment=unit == MOMENT)
