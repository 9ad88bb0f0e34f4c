"""What one report does to a forecast: the numbers before and after it, what it taught, which explanation it favours.

Before and after are two posteriors with draws of their own. How far the report favours an explanation is read off the draws before it,
each weighted by the likelihood that it gives the report: so the change is known better than either share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import InputError
from model.files.table import aligned
from model.simulation import formatting
from model.simulation.formatting import in_unit, short
from model.simulation.measures import Measure, by_replicate, standard_error
from model.simulation.observation import SHARE, Observation
from model.simulation.result import Result
from model.studies.comparison import Comparison, Row, measured
from model.studies.explanations import explanations
from model.studies.study import Study

SHOWN = 5  # assumptions
LEAST, SURE = 0.1, 4.0  # standard deviations, and errors, by which one that is named has moved
LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Taught:
    """What a report taught of one assumption: medians before and after, and the move in standard deviations of before."""

    path: str
    label: str
    unit: str
    before: float
    after: float
    moved: Measure


@dataclass(frozen=True)
class Favoured:
    """An explanation of the reports before, its share then, and by how much the new one moves it."""

    words: str
    before: Measure
    move: Measure


@dataclass(frozen=True)
class ReportEffect:
    """The forecast before and after a report.

    levels : P10, P50, P90 of the figure before it was known; below, within : shares of the draws that lay below it and inside of what it
    leaves, nan where it is none of the run; compared : before and after, with the rows of the business
    """

    report: Observation
    levels: np.ndarray
    below: float
    within: float
    compared: Comparison
    taught: Sequence[Taught]
    what: str  # explanations are by
    favoured: Sequence[Favoured]

    def errors(self) -> list[str]:
        """Return the simulation error of each move, in words: of two posteriors with draws of their own."""
        found = []
        for row in self.compared.rows:
            each = [measured(result, row) for result in self.compared.results]
            error = math.hypot(*(float(m.error) for m in each))
            share = not row.outcome or self.compared.results[0].business.unit(row.outcome) == SHARE
            found.append(formatting.measured_error(error, SHARE) if share else formatting.rounded(error, error))
        return found

    def lines(self) -> list[str]:
        """In words."""
        before, after = (r.assumptions.about.as_of for r in self.compared.results)
        out = []
        if np.isfinite(self.below):
            share = self.report.unit == SHARE
            low, middle, high = (
                f"{100 * x:.1f}%" if share else in_unit(float(x), self.report.unit) for x in self.levels
            )
            unit = "" if share else f" {self.report.unit}"
            ends = self.report.ends
            if ends[0] == ends[1]:
                place = percentile(self.below)
            else:
                place = f"where {formatting.odds(self.within)} of its draws lie"
            out.append(
                f"The forecast of {before:%-d %B %Y} had {self.report.name} at {middle} ({low} to {high}){unit}: "
                f"{self.report.figure} is {place}"
            )
        if self.compared.results[0].reports == self.compared.results[1].reports:
            return [*out, f"{self.report.name} is not conditioned on: the forecast does not change"]
        days = f"as known on {before:%-d %B} and on {after:%-d %B %Y}"
        out.append(f"Before and after, {days}, with the simulation error of the move")
        said = zip(self.compared.said(), self.errors(), strict=True)
        out += aligned([(label, was, "->", now, f"± {error}") for (label, was, now), error in said], "<>>><")
        if self.taught:
            taught = [
                (f"{float(x.moved.value):+.1f} sd", short(x.before), "->", short(x.after), x.unit, x.path)
                for x in self.taught
            ]
            out += ["What it taught: medians before and after", *aligned(taught, ">>>><<")]
        else:
            out.append(f"It moved no assumption by more than {LEAST:g} standard deviations")
        if len(self.favoured) > 1:
            out.append(f"What it does to the shares of the explanations ({self.what})")
            shares = []
            for one in self.favoured:
                was, by, error = (100 * float(x) for x in (one.before.value, one.move.value, one.move.error))
                shares.append((f"{was:.0f}% -> {was + by:.0f}%", f"({by:+.1f} ± {max(error, 0.1):.1f} pp)", one.words))
            out += aligned(shares, ">><")
        return out


def percentile(below: float) -> str:
    """Return the place of a figure in a forecast: `at its P51`."""
    return "below its P1" if below < 0.005 else "above its P99" if below > 0.995 else f"at its P{100 * below:.0f}"


def report_effect(before: Study, after: Study, report: Observation, rows: Sequence[Row]) -> ReportEffect:
    """Set the forecast without a report beside the one with it; rows : the numbers that are compared."""
    old, new = before.made, after.made
    levels, below, within, favoured, what = np.full(3, np.nan), np.nan, np.nan, list[Favoured](), ""
    try:
        predicted = report.predicted(old.outcomes, old.assumptions.calendar)
    except InputError:  # of a year or an outcome that the run does not have
        predicted = None
    if predicted is not None:
        levels = np.quantile(predicted, LEVELS)
        below = float(np.mean(report.share_below(predicted)))
        within = float(np.mean((predicted >= report.ends[0]) & (predicted <= report.ends[1])))
        what, favoured = _favoured(old, report.log_likelihood(predicted))
    return ReportEffect(
        report, levels, below, within, Comparison([old, new], rows), _taught(before, after), what, favoured
    )


def _taught(before: Study, after: Study) -> list[Taught]:
    found = []
    for path, a in before.assumptions.entries.items():
        other = after.assumptions.entries.get(path)
        if other is None or not a.distribution.uncertain or not other.distribution.uncertain:
            continue
        z, new = before.normal_score(path), after.normal_score(path)
        spread = float(z.std())
        if spread == 0:
            continue
        errors = [
            standard_error(by_replicate(row, s.replicate).mean(axis=-1)) for row, s in ((z, before), (new, after))
        ]
        moved = Measure(float(new.mean() - z.mean()) / spread, float(np.hypot(*errors)) / spread)
        middles = [float(np.median(d.at_score(row))) for d, row in ((a.distribution, z), (other.distribution, new))]
        if abs(float(moved.value)) > max(LEAST, SURE * float(moved.error)):
            found.append(Taught(path, a.label, a.unit, middles[0], middles[1], moved))
    return sorted(found, key=lambda x: -abs(float(x.moved.value)))[:SHOWN]


def _favoured(old: Result, log_likelihood: np.ndarray) -> tuple[str, list[Favoured]]:
    several = explanations(old)
    if len(several.items) < 2:
        return "", []
    given, found = np.exp(log_likelihood - log_likelihood.max()), list[Favoured]()
    for one in several.items:
        inside = one.draws.astype(float)
        each = [
            np.average(inside[part], weights=given[part]) - np.mean(inside[part])
            for part in (slice(None), *(old.replicate == r for r in np.unique(old.replicate)))
            if given[part].sum() > 0
        ]
        found.append(Favoured(one.words, one.share, Measure(each[0], float(standard_error(np.array(each[1:]))))))
    return several.what, found
