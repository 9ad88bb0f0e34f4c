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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model.assumptions.calendar import Calendar
from model.errors import InputError, Problem, near
from model.simulation.periods import in_period, period_names

KINDS = ("exact", "at_least", "at_most", "between", "derived")
SHARE = "share"  # the unit of what does not add up over periods
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
        """`ev.deliveries in 2026Q1`."""
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

    def predicted(self, outcomes: Mapping[str, np.ndarray], year: int | Calendar) -> np.ndarray:
        """What each draw says of the figure, (draw,); InputError for an outcome or period that is not there."""
        return total(outcomes, self.outcome, self.period, year)

    def away(self, predicted: np.ndarray, x: float | None = None) -> np.ndarray:
        """How far draws lie above x, by default the value reported, in errors of the series."""
        x = self.value if x is None else x
        with np.errstate(all="ignore"):
            apart = predicted - x if self.absolute else np.log(predicted / x)
        return np.asarray(apart / self.error)

    def share_below(self, predicted: np.ndarray) -> np.ndarray:
        """Chance, for each draw, that a figure of this series would lie below the one reported."""
        return np.asarray(special.ndtr(-self.away(predicted)))

    def log_likelihood(self, predicted: np.ndarray) -> np.ndarray:
        """Logarithm of the likelihood of the report, for each draw, without the constant of the density."""
        low, high = self.ends
        if low == high:
            found = -0.5 * self.away(predicted) ** 2
        elif not np.isfinite(high):
            found = special.log_ndtr(self.away(predicted))
        elif not np.isfinite(low):
            found = special.log_ndtr(-self.away(predicted))
        else:
            inner, outer = special.log_ndtr(self.away(predicted)), special.log_ndtr(self.away(predicted, high))
            with np.errstate(all="ignore"):
                found = inner + np.log1p(-np.exp(outer - inner))
        return np.asarray(np.where(np.isfinite(found), np.maximum(found, IMPOSSIBLE), IMPOSSIBLE))

    @property
    def log_constant(self) -> float:
        """Logarithm of the density's constant, in the unit of the report: what the evidence adds to the log likelihood."""
        if self.kind not in ("exact", "derived"):
            return 0.0
        scale = self.error if self.absolute else self.error * abs(self.value)
        return float(-np.log(scale) - 0.5 * np.log(2 * np.pi))


def outcomes_of(outcome: str) -> tuple[str, ...]:
    """The outcomes that a sum of outcomes names: `iot.revenue + internet.revenue`."""
    return tuple(part.strip() for part in outcome.split("+"))


def parts_of(period: str) -> tuple[str, ...]:
    """The periods that a period is a sum of: two quarters of a half-year, else itself."""
    half = re.fullmatch(r"(\d{4})H([12])", period)
    if half is None:
        return (period,)
    first = 2 * int(half[2]) - 1
    return f"{half[1]}Q{first}", f"{half[1]}Q{first + 1}"


def total(outcomes: Mapping[str, np.ndarray], outcome: str, period: str, year: int | Calendar) -> np.ndarray:
    """Draws of an outcome, or of a sum of them, in a period or a half-year, (draw,); InputError for what is not there."""
    found: np.ndarray | float = 0.0
    for name in outcomes_of(outcome):
        if name not in outcomes:
            raise InputError(Problem(f"no outcome '{name}'", near(name, outcomes), path=f"{outcome} in {period}"))
        for part in parts_of(period):
            found = found + in_period(outcomes[name], part, year=year, outcome=name)
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


Fault = tuple[Observation, str, str]  # which, what is wrong, what would be right


def contradictions(observations: Sequence[Observation]) -> list[Fault]:
    """Observations that cannot stand, by themselves or with others."""
    alone = list(_alone(observations))
    wrong = {id(one) for one, *_ in alone}
    return alone + list(_sums([one for one in observations if id(one) not in wrong]))


def _alone(observations: Sequence[Observation]) -> Iterator[Fault]:
    """A figure given twice, for no period, for a period that had not ended, or added up though it is a share."""
    seen: dict[tuple[str, str, str], Observation] = {}
    for one in observations:
        key = (one.outcome, one.period, one.series)
        if key in seen:
            yield one, f"{one.name} is given twice by the series {one.series}", f"Line {seen[key].line} has it too"
        seen[key] = one
        year = int(one.period[:4]) if re.match(r"[12]\d{3}", one.period) else None
        known = () if year is None else (*period_names(17, year), f"{year}H1", f"{year}H2")
        if one.period not in known:
            hint = near(one.period, known) or "A month, quarter or half of a year: 2026-05, 2026Q2, 2026H1"
            yield one, f"no period '{one.period}'", hint
        elif one.reported_on < end_of(one.period):
            yield one, f"reported on {one.reported_on}, before {one.period} had ended", "The day it became known"
        elif one.unit == SHARE and len(one.parts) > 1:
            yield one, "a share of a half-year is no sum of its quarters'", "The share of each quarter, or of the year"


def _sums(observations: Sequence[Observation]) -> Iterator[Fault]:
    """A total that its parts, or the floors of its parts, contradict; shares do not add up and are left alone."""
    flows = [o for o in observations if o.unit != SHARE]
    by = {(o.outcome, o.period): o for o in flows if o.kind in ("exact", "derived")}
    for one in by.values():
        parts = _parts_of(one.period)
        exact = [by[one.outcome, part] for part in parts if (one.outcome, part) in by]
        total = sum(o.value for o in exact)
        if parts and len(exact) == len(parts) and abs(total - one.value) > 4 * sum(map(_size, (one, *exact))):
            yield one, f"{one.name} is {one.value:,.6g}, its parts add up to {total:,.6g}", "One of them is wrong"
        low = [o.value for o in flows if o.kind == "at_least" and o.outcome == one.outcome and o.period in parts]
        if low and sum(low) > one.value + 4 * _size(one):
            what = f"{one.name} is {one.value:,.6g}, the floors of its parts add up to {sum(low):,.6g}"
            yield one, what, "A floor lies above the filing"
        high = [o.upper for o in flows if o.kind == "at_least" and o.outcome == one.outcome and o.period in parts]
        if (
            parts and len(high) == len(parts) and sum(high) < one.value - 4 * _size(one)
        ):  # without an upper end it is no number
            what = f"{one.name} is {one.value:,.6g}, its parts lie below {sum(high):,.6g}"
            yield one, what, "An upper end of a floor lies too low"


def _size(one: Observation) -> float:
    return one.error if one.absolute else one.error * abs(one.value)


def _parts_of(period: str) -> list[str]:
    """The next smaller periods: months of a quarter, quarters of a half or a year."""
    year, rest = period[:4], period[4:]
    if rest.startswith("Q"):
        last = 3 * int(rest[1])
        return [f"{year}-{month:02d}" for month in range(last - 2, last + 1)]
    if rest.startswith("H"):
        return [f"{year}Q{q}" for q in (2 * int(rest[1]) - 1, 2 * int(rest[1]))]
    return [f"{year}Q{q}" for q in range(1, 5)] if not rest else []


def known_by(observations: Iterable[Observation], day: dt.date) -> list[Observation]:
    """Those that were known on a day, in the order in which they became known."""
    return sorted((o for o in observations if o.reported_on <= day), key=lambda o: o.reported_on)


def day_of(as_of: dt.date | str, observations: Sequence[Observation]) -> dt.date:
    """The day that `as_of` names; "latest" is that of the last report. InputError for what is no day."""
    if as_of == "latest":
        return max((o.reported_on for o in observations), default=dt.date.max)
    try:
        return as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    except ValueError:
        raise InputError(Problem(f"'{as_of}' is no day", "2026-08-20, or latest", path="--as-of")) from None
