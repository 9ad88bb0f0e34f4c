"""What to watch: for each figure that is still to be reported, how far it can be expected to move the forecast.

From the draws at hand, by no new run: what a measure is on average given the figure is a curve through the draws, in bins of equal
count (of a quantile, that of the outcome's mean). How far that curve lies from today's value, on average, is the expected
move; its variance over the measure's own is the share resolved, as in the expected value of partial perfect information
(Strong, Oakley, Brennan 2014). A signpost is what the measure comes to where the figure lies below its P10, or above its P90.

>>> z = np.random.default_rng(0).standard_normal((2, 40_000))
>>> found = expected(z[0], z[0] + z[1], np.repeat(np.arange(8), 5_000))
>>> bool(abs(found.resolved - 0.5) < 0.03), bool(abs(float(found.move.value) - (2 / np.pi) ** 0.5) < 0.03)
(True, True)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model.errors import InputError, Problem
from model.files.table import Findings, Table
from model.simulation import formatting
from model.simulation.measures import Measure, standard_error
from model.simulation.metric import Metric, metric, target_metric
from model.simulation.observation import end_of
from model.simulation.result import Result
from model.studies.in_reach import in_doubt
from model.studies.study import Study

BINS = 32  # of equal count, through which the curve is laid
LEVELS = (0.1, 0.5, 0.9)
MONTH_LENGTH = len("2026-01")
LATE = dt.timedelta(days=40)  # after the end of a month, by which a figure of it has come, or does not any more
SHOWN = 12


@dataclass(frozen=True)
class Expected:
    """What knowing one quantity is expected to do to the mean of another."""

    move: Measure  # mean of |E[y | x] - E[y]|
    resolved: float  # Var E[y | x] / Var y


@dataclass(frozen=True)
class Signpost:
    """A figure that is still to come: its forecast, how far it can move the measure, and the measure when it is low or high."""

    outcome: str
    period: str
    unit: str
    forecast: np.ndarray  # P10, P50, P90
    move: Measure
    resolved: float
    if_low: float  # the measure in the tenth of draws in which the figure is lowest
    if_high: float


@dataclass(frozen=True)
class Signposts(Findings[Signpost]):
    """A signpost for each figure still to be reported, the most telling first."""

    what: Metric
    now: Measure
    items: tuple[Signpost, ...]
    figure: ClassVar = "signposts"

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "signposts", "measure": self.what.text}

    def table(self) -> Table:
        """A row a figure: its forecast, the expected move with its error, the share resolved, the measure at both ends."""
        columns = (
            "outcome", "period", "unit", "p10", "p50", "p90", "expected move", "error", "share resolved",
            "measure below its p10", "measure above its p90",
        )  # fmt: skip
        rows = [
            (s.outcome, s.period, s.unit, *map(float, s.forecast), *map(float, s.move), s.resolved, s.if_low, s.if_high)
            for s in self.items
        ]
        return Table(columns, rows)

    @property
    def said(self) -> list[Measure]:
        """What is said together of the measure: where it stands, and where it would."""
        ends = [Measure(end, s.move.error) for s in self.items for end in (s.if_low, s.if_high)]
        return [self.now, *ends]

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The most telling figures in words: one line an outcome and period."""
        say, _ = formatting.signed_in(self.what.unit, self.said)
        out = [
            f"What to watch: {self.what}, now {say(self.now.value)}; how far each figure to come is expected to move it"
        ]
        for s in self.items[:shown]:
            low, _, high = (level(x, s.unit) for x in s.forecast)
            ends = f"below {low} it is {say(s.if_low)}, above {high} {say(s.if_high)}"
            out.append(
                f"  {say(s.move.value):>8}  {100 * s.resolved:>3.0f}% resolved  {s.outcome} in {s.period}: {ends}"
            )
        return out


def level(x: float, unit: str) -> str:
    """A level of a figure in words."""
    return f"{100 * x:.1f}%" if unit == "share" else f"{formatting.short(float(x))}"


def expected(x: np.ndarray, y: np.ndarray, replicate: np.ndarray) -> Expected:
    """What knowing x (draw,) does to the mean of y (draw,); the curve is through `BINS` bins of equal count."""
    place, even = _bins(x), np.ones(len(x))
    each = []
    for r in range(int(replicate.max()) + 1):
        own, weights = _curve(place[replicate == r], y[replicate == r], even[replicate == r])
        each.append(float(weights @ np.abs(own - y[replicate == r].mean())))
    levels, shares = _curve(place, y, even)
    move = float(shares @ np.abs(levels - y.mean()))
    return Expected(Measure(move, float(standard_error(np.array(each)))), resolved(x, y))


def resolved(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Share of the variance of y (draw,) that knowing x (draw,) resolves; weights (draw,).

    It has the part taken off that bins of noise alone would show, (bins - 1) / effective draws.
    """
    w = np.ones(len(x)) if weights is None else weights
    levels, shares = _curve(_bins(x), y, w)
    centre = np.average(y, weights=w)
    variance, between = float(np.average((y - centre) ** 2, weights=w)), float(shares @ (levels - centre) ** 2)
    noise = variance * (BINS - 1) * (w**2).sum() / w.sum() ** 2
    return 0.0 if variance == 0 else float(np.clip((between - noise) / variance, 0, 1))


def _bins(x: np.ndarray) -> np.ndarray:
    """The bin of each draw."""
    edges = np.quantile(x, np.linspace(0, 1, BINS + 1))
    return np.clip(np.searchsorted(edges, x, side="right") - 1, 0, BINS - 1)


def _curve(place: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of y in each bin, and the share of the draws there."""
    count = np.bincount(place, weights=weights, minlength=BINS)
    total = np.bincount(place, weights=weights * y, minlength=BINS)
    return np.divide(total, count, out=np.full(BINS, y.mean()), where=count > 0), count / count.sum()


def signposts(result: Result, what: Metric) -> Signposts:
    """A signpost for each figure still to be reported: those that were reported before, in the next periods of their kind.

    what : its expected move is that of a chance, or of the mean of an outcome; the ends are of the measure itself

    Raises InputError where nothing is left to come.
    """
    values = result.values(what.outcome, what.period)
    y = (values >= what.target).astype(float) if what.statistic == "chance" else values
    found = []
    for outcome, period in figures_to_come(result, what.outcome, what.period):
        x = result.values(outcome, period)
        if np.ptp(x) == 0:
            continue
        told, order, tenth = expected(x, y, result.replicate), np.argsort(x, kind="stable"), len(x) // 10
        ends = [float(what.estimate(values[some])) for some in (order[:tenth], order[-tenth:])]
        unit = result.business.unit(outcome)
        found.append(Signpost(outcome, period, unit, np.quantile(x, LEVELS), told.move, told.resolved, *ends))
    if not found:
        raise InputError(Problem("no figure of the year is left to come", "An earlier day", path="--as-of"))
    items = tuple(sorted(found, key=lambda s: (-float(s.move.value), s.outcome, s.period)))
    return Signposts(what, what.of(values, result.replicate), items)


def figures_to_come(result: Result, answer_to: str, in_period: str | None) -> Sequence[tuple[str, str]]:
    """Outcomes of which figures are reported, in every period of such a kind that is still to come before the answer itself."""
    year, latest = result.assumptions.about.year, dict[tuple[str, int], dt.date]()
    answer, of_year = end_of(in_period or str(year)), end_of(str(year))
    for one in result.reports:
        for outcome in one.outcomes:
            kind = (outcome, len(one.period))  # a month; a quarter or half; a year
            latest[kind] = max(latest.get(kind, dt.date.min), end_of(one.period))
    latest.setdefault((answer_to, MONTH_LENGTH), dt.date.min)
    found = []
    for outcome, length in latest:
        if outcome not in result.outcomes:
            continue
        # once the whole is known, a part of it says next to nothing more
        wholes = [day for (one, of), day in latest.items() if of == length and f"{outcome}.".startswith(f"{one}.")]
        last = max(wholes)
        if length == MONTH_LENGTH:
            last = max(last, result.assumptions.about.as_of - LATE)
        for period in result.assumptions.calendar.names(len(np.atleast_2d(result.outcomes[outcome]))):
            if len(period) != length or not last < end_of(period) <= max(answer, of_year):
                continue
            if end_of(period) != answer:  # which comes when the answer itself does
                found.append((outcome, period))
    return found


def default_metric(result: Result) -> Metric:
    """The chance of the target while it is in doubt; else the P50 of its outcome."""
    what = target_metric(result.assumptions)
    if in_doubt(result):
        return what
    return Metric(what.outcome, what.period, "p50", outcome_unit=what.outcome_unit)


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    return signposts(study.made, metric(recipe["measure"], study.assumptions, study.business)).table()
