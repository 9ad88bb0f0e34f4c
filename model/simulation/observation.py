"""Observations: reported figures, each a likelihood on one outcome, or a sum of outcomes, in one period.

An exact figure is normal about what the draw says, on the logarithm where its error is relative; a floor is the chance
that the figure, with its error, lies above it, and below the next number that would have been announced where there is one.

>>> o = Observation("x", "2026", "at_least", 100.0, error=0.01, unit="1", series="s", reported_on=dt.date(2026, 5, 1), source="-")
>>> [round(float(p), 3) for p in np.exp(o.log_likelihood(np.array([99.0, 100.0, 102.0])))]
[0.157, 0.5, 0.976]
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model.assumptions.calendar import Calendar, today
from model.errors import InputError, Problem, near

KINDS = ("exact", "at_least", "at_most", "between", "derived")
SHARE = "share"  # the unit of what does not add up over periods
RESTATED = "restated"  # the series of figures that take the place of another series'
IMPOSSIBLE = -1e10  # logarithm of a likelihood that is nought in floating point


@dataclass(frozen=True)
class Observation:
    """A reported figure, and the day it became known.

    outcome : one outcome, or several joined by " + "; period : a month, quarter, half-year or year
    value : in the outcome's unit
    upper : of a range; of a floor the next number that would have been announced in its place, below which the figure lies
    error : standard deviation, relative unless `absolute`
    """

    outcome: str
    period: str
    kind: str
    value: float
    error: float
    unit: str
    series: str
    reported_on: dt.date
    source: str
    upper: float = float("nan")
    absolute: bool = False
    note: str = ""
    line: int = 0  # in its file

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it is a sum of."""
        return outcomes_of(self.outcome)

    @property
    def parts(self) -> tuple[str, ...]:
        """The periods that its period is a sum of: two quarters of a half-year."""
        return parts_of(self.period)

    @property
    def ends(self) -> tuple[float, float]:
        """The interval that it leaves: both ends alike of a figure, an infinite one where a floor or a ceiling has no other end."""
        if self.kind in ("exact", "derived"):
            return self.value, self.value
        if self.kind == "at_most":
            return -np.inf, self.value
        return self.value, self.upper if np.isfinite(self.upper) else np.inf

    @property
    def name(self) -> str:
        """`stand.sales in 2026Q1`."""
        return f"{self.outcome} in {self.period}"

    @property
    def figure(self) -> str:
        """The figure without its unit: `80,856`, `39,000 to 40,000`, `>= 39,000`, `20.1%`."""
        low, high = (f"{x:,.6g}" if self.unit != SHARE else f"{100 * x:,.4g}%" for x in self.ends)
        if low == high:
            return low
        return (
            f">= {low}" if self.ends[1] == np.inf else f"<= {high}" if self.ends[0] == -np.inf else f"{low} to {high}"
        )

    def predicted(self, outcomes: Mapping[str, np.ndarray], year: Calendar) -> np.ndarray:
        """What each draw says of the figure, (draw,); InputError for an outcome or period that is not there."""
        return total(outcomes, self.outcome, self.period, year)

    def away(self, predicted: np.ndarray, x: float | None = None) -> np.ndarray:
        """How far draws lie above x, by default the value reported, in errors of the series.

        Where x is 0 and the error relative there is no error: draws are at it, or infinitely far away.
        """
        x = self.value if x is None else x
        with np.errstate(all="ignore"):
            if x == 0 and not self.absolute:
                return np.asarray(np.where(predicted == 0, 0.0, np.sign(predicted) * np.inf))
            apart = predicted - x if self.absolute else np.log(predicted / x)
        return np.asarray(apart / self.error)

    def outside(self, predicted: np.ndarray) -> np.ndarray:
        """How far draws lie outside of what the report leaves, in errors; 0 inside."""
        low, high = self.ends
        if low == high:
            return np.nan_to_num(np.abs(self.away(predicted)), nan=np.inf, posinf=np.inf)
        below = -self._inside(predicted, low) if np.isfinite(low) else np.zeros(predicted.shape)
        above = self._inside(predicted, high) if np.isfinite(high) else np.zeros(predicted.shape)
        return np.nan_to_num(np.maximum(np.maximum(below, above), 0.0), nan=np.inf, posinf=np.inf)

    def share_below(self, predicted: np.ndarray) -> np.ndarray:
        """Chance, for each draw, that a figure of this series would lie below the one reported."""
        return np.asarray(special.ndtr(-self.away(predicted)))

    def log_likelihood(self, predicted: np.ndarray) -> np.ndarray:
        """Logarithm of the likelihood of the report, for each draw, without the constant of the density."""
        low, high = self.ends
        if low == high:
            found = -0.5 * self.away(predicted) ** 2
        else:
            found = log_mass(self._inside(predicted, low), self._inside(predicted, high))
        return np.asarray(np.where(np.isfinite(found), np.maximum(found, IMPOSSIBLE), IMPOSSIBLE))

    def _inside(self, predicted: np.ndarray, end: float) -> np.ndarray:
        """Errors by which draws lie above an end of the interval; an end without an error is met by the draws at it."""
        if not np.isfinite(end):
            return np.full(np.shape(predicted), -np.sign(end) * np.inf)
        away = self.away(predicted, end)
        if end == 0 and not self.absolute:
            return np.where(away == 0, np.inf if end == self.ends[0] else -np.inf, away)
        return away

    @property
    def log_constant(self) -> float:
        """Logarithm of the density's constant, in the unit of the report: what the evidence adds to the log likelihood."""
        if self.kind not in ("exact", "derived"):
            return 0.0
        scale = self.error if self.absolute else self.error * abs(self.value)
        if scale == 0:
            return 0.0  # draws are at the figure or they are not
        return float(-np.log(scale) - 0.5 * np.log(2 * np.pi))


def log_mass(above_low: np.ndarray, above_high: np.ndarray) -> np.ndarray:
    """log(Phi(above_low) - Phi(above_high)), also where both lie so far in the upper tail that they round to 1."""
    mirrored = above_high > 0
    least, most = np.where(mirrored, -above_low, above_high), np.where(mirrored, -above_high, above_low)
    with np.errstate(all="ignore"):
        larger = special.log_ndtr(most)
        return np.asarray(larger + np.log(-np.expm1(special.log_ndtr(least) - larger)))


def outcomes_of(outcome: str) -> tuple[str, ...]:
    """The outcomes that a sum of outcomes names: `lemons.revenue + cakes.revenue`."""
    return tuple(part.strip() for part in outcome.split("+"))


def parts_of(period: str) -> tuple[str, ...]:
    """The periods that a period is a sum of: two quarters of a half-year, else itself."""
    half = re.fullmatch(r"(\d{4})H([12])", period)
    if half is None:
        return (period,)
    first = 2 * int(half[2]) - 1
    return f"{half[1]}Q{first}", f"{half[1]}Q{first + 1}"


def total(outcomes: Mapping[str, np.ndarray], outcome: str, period: str, year: Calendar) -> np.ndarray:
    """Draws of an outcome, or of a sum of them, in a period or a half-year, (draw,); InputError for what is not there."""
    found: np.ndarray | float = 0.0
    for name in outcomes_of(outcome):
        if name not in outcomes:
            raise InputError(Problem(f"no outcome '{name}'", near(name, outcomes), path=f"{outcome} in {period}"))
        for part in parts_of(period):
            found = found + year.in_period(outcomes[name], part, name)
    return np.asarray(found)


def end_of(period: str) -> dt.date:
    """Last day of a month, quarter, half-year or year.

    >>> end_of("2026-02"), end_of("2026H1")
    (datetime.date(2026, 2, 28), datetime.date(2026, 6, 30))
    """
    year, rest = int(period[:4]), period[4:]
    month = {"": 12, "-": int(rest[1:] or 0) if rest.startswith("-") else 0}.get(rest[:1])
    if month is None:
        month = int(rest[1]) * (3 if rest[0] == "Q" else 6)
    return (dt.date(year, month, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def known_by(observations: Iterable[Observation], day: dt.date) -> list[Observation]:
    """Those that were known on a day, in the order in which they became known.

    Of an outcome and period the newest figure of each series counts; one of the series `RESTATED` takes the place of all before it.
    """
    found: dict[tuple[str, str, str], Observation] = {}
    for one in sorted((o for o in observations if o.reported_on <= day), key=lambda o: o.reported_on):
        gone = [k for k in found if k[:2] == (one.outcome, one.period) and one.series == RESTATED]
        for key in gone:
            del found[key]
        found.pop((one.outcome, one.period, one.series), None)
        found[one.outcome, one.period, one.series] = one
    return list(found.values())


def of_record(reports: Iterable[Observation], truth: Mapping[str, Sequence[str]]) -> list[Observation]:
    """One report for each outcome and period, the newest of its series: of the first series that the outcome names as its truth.

    truth : outcome -> series; of an outcome that names none a figure counts rather than a floor, then what came first
    """
    found: dict[tuple[str, str], Observation] = {}
    order: dict[tuple[str, str], tuple[int, bool, dt.date]] = {}
    for one in known_by(reports, dt.date.max):
        named = [RESTATED, *truth.get(one.outcome, (one.series,))]
        if one.series not in named:
            continue
        place = (named.index(one.series), one.ends[0] != one.ends[1], one.reported_on)
        if place < order.get(name := (one.outcome, one.period), (len(named), True, dt.date.max)):
            found[name], order[name] = one, place
    return list(found.values())


def day_of(as_of: dt.date | str, observations: Sequence[Observation]) -> dt.date:
    """The day that `as_of` names; "latest" is that of the last report.

    Raises InputError for what is not a date, and for one in the future.
    """
    if as_of == "latest":
        return max((o.reported_on for o in observations), default=dt.date.max)
    try:
        if isinstance(as_of, dt.datetime):
            as_of = as_of.date()
        day = as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    except (ValueError, TypeError):
        raise InputError(Problem(f"'{as_of}' is not a date", "2026-08-20, latest or base", path="--as-of")) from None
    if day > today():
        raise InputError(Problem(f"{day} is in the future", f"Today is {today()}, or an earlier day", path="--as-of"))
    return day
