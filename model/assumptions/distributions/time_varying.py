"""A distribution that changes at the begin of a month: what has happened stays, what is open follows the new one.

One percentile per draw holds across the change: a draw that stood high before stands high after it.

>>> from model.assumptions.distributions.base import Fixed
>>> d = TimeVarying(Fixed(10.0), Fixed(7.0), "2026-09")
>>> [float(x) for x in d.quantile(np.full(1, 0.5))[:, 0]][6:10]
[10.0, 10.0, 7.0, 7.0]
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.assumptions.calendar import MOMENTS, Calendar
from model.assumptions.distributions.base import Distribution
from model.errors import InputError, Problem

MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


@dataclass(frozen=True, eq=False)
class TimeVarying(Distribution):
    """`before` until the month `first` (`2026-09`), `after` from its first day on.

    Of a number: (month, draw). Of a moment: (draw,); one that lies before `first` has happened and stays, the others
    follow `after`, and come at the begin of `first` at the earliest.
    """

    before: Distribution
    after: Distribution
    first: str
    moment: bool = False
    calendar: Calendar | None = None  # by default the year of `first`
    origin: int = 0  # of a moment: what it is counted from (`Calendar.origin`)
    own: bool = False  # the case's own numbers of a later year, which a layer that names no month leaves alone
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
        return self._of_parts(lambda held: held.quantile(u), np.shape(u))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._of_parts(lambda held: held.tail(v), np.shape(v))

    def _of_parts(self, value: Callable[[Distribution], np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
        """What its distributions give, each from its month on."""
        calendar = self._calendar
        if self.moment:
            number = calendar.number(self.first) + self.origin
            old, new = value(self.before), value(self.after)
            return np.where(old < number, old, np.maximum(new, number))
        out = np.empty((calendar.months, *shape))
        begins, last = self.parts(), calendar.months
        for month, held in reversed(begins):
            _fill(out[month:last], value(held), month)
            last = min(last, month)
        return out

    def parts(self) -> list[tuple[int, Distribution]]:
        """The month, from 0, from which on each distribution holds."""
        before = self.before.parts() if isinstance(self.before, TimeVarying) else [(0, self.before)]
        return [*before, (self._calendar.number(self.first) - 1, self.after)]

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


def _fill(out: np.ndarray, values: np.ndarray, first: int) -> None:
    """One number, one a month or quarter of a year (which repeat), or one a month of all, into the months from `first` on."""
    if values.ndim < out.ndim:
        out[:] = values
    elif len(values) > 12:
        out[:] = values[first : first + len(out)]
    else:
        for month in range(len(out)):
            out[month] = values[(first + month) % 12 * len(values) // 12]


def changed_from(
    before: Distribution, after: Distribution, first: str, *, unit: str, year: int | Calendar, own: bool = False
) -> Distribution:
    """`after` from a month on; a change on top of an earlier change keeps what held until then.

    own : the case's own number of a later year; a change before it holds until then

    Raises InputError for a month of another year, and where an earlier change begins later: one of the two would be lost.
    """
    calendar = year if isinstance(year, Calendar) else Calendar(year)
    if not calendar.first <= int(first[:4]) <= calendar.last:
        until = f" to {calendar.last}" if calendar.years > 1 else ""
        hint = f"A month of the year: {calendar.first}-09"
        raise InputError(Problem(f"from {first} is no month of {calendar.first}{until}", hint))
    if isinstance(before, TimeVarying) and before.own and first < before.first:
        sooner = changed_from(before.before, after, first, unit=unit, year=calendar)
        return dataclasses.replace(before, before=sooner)
    if isinstance(before, TimeVarying) and first < before.first:
        what = f"a change from {first} on, before the one from {before.first} on that is there already"
        raise InputError(Problem(what, f"From {before.first} or later"))
    return TimeVarying(before, after, first, unit in MOMENTS, calendar, calendar.origin(unit), own)


def until_own(old: Distribution, new: Distribution) -> Distribution:
    """A new distribution in the place of an old one, up to the year from which on the old one has numbers of its own."""
    if isinstance(old, TimeVarying) and old.own:
        return dataclasses.replace(old, before=until_own(old.before, new))
    return new


def first_of(distribution: Distribution) -> Distribution:
    """What holds before the case's own numbers of later years."""
    while isinstance(distribution, TimeVarying) and distribution.own:
        distribution = distribution.before
    return distribution


def in_first_year(distribution: Distribution) -> Distribution:
    """The same in a run of the first year alone."""
    found = first_of(distribution)
    if not isinstance(found, TimeVarying):
        return found
    year = Calendar((found.calendar or Calendar(int(found.first[:4]))).first)
    if int(found.first[:4]) > year.first:
        return in_first_year(found.before)
    return dataclasses.replace(found, before=in_first_year(found.before), calendar=year)


def newest(distribution: Distribution) -> Distribution:
    """What holds after the last change of the first year: what an edit of some of its keys starts from."""
    distribution = first_of(distribution)
    while isinstance(distribution, TimeVarying):
        distribution = distribution.after
    return distribution


def listed(distribution: Distribution) -> int | None:
    """Numbers in a list of a year's months or quarters; of a distribution that changes, before it does."""
    while isinstance(distribution, TimeVarying):
        distribution = distribution.before
    return distribution.periods


def keys_of(distribution: Distribution) -> dict[str, Any]:
    """The keys that make this distribution, as they would stand in a file."""
    if isinstance(distribution, TimeVarying):
        return {
            "before": keys_of(distribution.before),
            "from": distribution.first,
            "after": keys_of(distribution.after),
            **({"own": True} if distribution.own else {}),
        }
    given = {k: v for k, v in distribution.parameters.items() if v is not None}
    plain: dict[str, Any] = {k: np.ravel(v).tolist() if np.ndim(v) else v for k, v in given.items()}
    return {**plain, "dist": distribution.kind}
