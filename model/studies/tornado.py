"""Tornado: how far each assumption moves a measure.

Each assumption is held at its P10, then at its P50 and its P90, while all others vary, so that nothing hides behind a
`min()`, nor where the measure turns in between. An assumption that is correlated with others is moved alone: the bar shows what it does by itself.

>>> from model import from_dict
>>> from model.studies.sources import Prior
>>> a = from_dict({"x": {"mean": 0, "sd": 2}, "y": {"mean": 0, "sd": 1}})
>>> found = tornado(Study(a, Prior(lambda d: {"z": d["x"] + d["y"]}, draws=2048)), Metric("z"))
>>> [(bar.path, round(float(bar.swing.value), 3)) for bar in found]  # 2 x 1.2816 standard deviations
[('x', 5.126), ('y', 2.563)]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import special

from model.assumptions.distributions.base import Fixed
from model.files.table import Findings, Table, aligned
from model.simulation.formatting import error_beside, places_of, signed_in
from model.simulation.measures import Measure, by_replicate, standard_error
from model.simulation.metric import Metric, measured, metric
from model.simulation.parallel import Workers
from model.studies.cache import MeasureCache
from model.studies.evaluate import Progress, evaluate
from model.studies.study import Study

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
BEYOND_CHANCE = 4.0  # simulation errors, from which on the middle lies beyond both ends
SHOWN = 15  # rows on the screen


@dataclass(frozen=True)
class Bar:
    """What one assumption does to a measure."""

    path: str
    label: str
    unit: str
    low_input: np.ndarray  # (period,), one number where the assumption is one
    high_input: np.ndarray
    low: Measure
    high: Measure
    middle: Measure  # at its P50
    swing: Measure  # high - low, its error from the same replicates; where the measure turns in between, the farther end - middle
    turns: bool  # whether the measure at P50 lies beyond both ends, by more than chance
    correlated: bool

    @property
    def size(self) -> float:
        """How far it moves the measure, in either direction."""
        return abs(float(self.swing.value))


@dataclass(frozen=True)
class Tornado(Findings[Bar]):
    """A bar for each uncertain assumption, longest first."""

    what: Metric
    items: tuple[Bar, ...]
    kind: str = ""  # what it holds for: from which month on, given which reports
    figure: ClassVar = "tornado"

    @property
    def moving(self) -> list[Bar]:
        """The bars of assumptions that move the measure at all."""
        return [bar for bar in self.items if bar.size > 0]

    @property
    def measures(self) -> list[tuple[Measure, str]]:
        """Both ends of each bar and its middle, each with its unit."""
        return [(end, self.what.unit) for bar in self.items for end in (bar.low, bar.middle, bar.high)]

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "tornado", "measure": self.what.text}

    def table(self) -> Table:
        """Path, label, unit, inputs (of an assumption by months, their mean), the measure at both ends and in the middle, swing, error."""
        columns = (
            "path", "label", "unit", "input at P10", "input at P90", "measure at P10", "measure at P50", "measure at P90", "swing",
            "error", "turns", "correlated",
        )  # fmt: skip
        rows = [
            (
                bar.path, bar.label, bar.unit, float(bar.low_input.mean()), float(bar.high_input.mean()), bar.low.value,
                bar.middle.value, bar.high.value, bar.swing.value, bar.swing.error, bar.turns, bar.correlated,
            )
            for bar in self.items
        ]  # fmt: skip
        return Table(columns, rows)

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The longest bars in words."""
        when = f" {self.kind}" if self.kind else ""
        out = [f"{self.what}: each assumption held at its P10 and at its P90{when}, all others varying"]
        rows = []
        for bar in self.moving[:shown]:
            swing = Measure(max(map(abs, (bar.low.value, bar.high.value, bar.swing.value))), bar.swing.error)
            say, places = signed_in(self.what.unit, [swing])[0], places_of(self.what.unit, [swing])
            star = " *" if bar.correlated else ""
            error = error_beside(float(bar.swing.error), self.what.unit, places)
            turns = f", turns: {say(bar.middle.value)} at its P50" if bar.turns else ""
            ends = say(bar.low.value), "->", say(bar.high.value)
            rows.append((*ends, say(bar.swing.value, "+"), f"± {error}", f"{bar.path}{star}{turns}"))
        more = len(self.moving) - shown
        less = f"{more} more move it less (all are in the table); " if more > 0 else ""
        still = len(self.items) - len(self.moving)
        return [
            *out,
            *aligned(rows, ">>>><<"),
            f"  {less}{still} leave it the same at their P10, P50 and P90. * correlated with others, moved alone",
        ]


def tornado(
    study: Study,
    what: Metric,
    *,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Tornado:
    """One bar for each uncertain assumption, longest first."""
    entries = study.assumptions.entries.values()
    uncertain = [a for a in entries if a.distribution.uncertain and study.movable(a)]
    inputs = [[study.level(a, q) for q in (LOW, MIDDLE, HIGH)] for a in uncertain]
    variations = [{a.path: Fixed(x)} for a, each in zip(uncertain, inputs, strict=True) for x in each]
    found = evaluate(study, [what], variations, workers=workers, cache=cache, progress=progress)
    places = found[:, 0].reshape(len(uncertain), 3, -1)
    tied = {path for pair in study.assumptions.correlations for path in pair.between}
    bars = []
    for a, (x_low, _, x_high), (low, middle, high) in zip(uncertain, inputs, places, strict=True):
        swing, turns = _swing(low, middle, high)
        at_low, at_high, at_middle = (what.measured(each, study.size) for each in (low, high, middle))
        bars.append(
            Bar(
                a.path,
                a.label,
                a.unit,
                np.ravel(x_low),
                np.ravel(x_high),
                at_low,
                at_high,
                at_middle,
                swing,
                turns,
                a.path in tied,
            )
        )
    return Tornado(what, tuple(sorted(bars, key=lambda bar: (-bar.size, bar.path))), study.kind)


def _swing(low: np.ndarray, middle: np.ndarray, high: np.ndarray) -> tuple[Measure, bool]:
    """From one end to the other, or from the middle to the farther end where the measure turns in between.

    Each of estimates, (1 + replicate,), on the same draws.
    """
    sides = [measured(end - middle) for end in (low, high)]
    below, above = (float(side.value) for side in sides)
    nearer = min(sides, key=lambda side: abs(float(side.value)))
    turns = below * above > 0 and abs(float(nearer.value)) > BEYOND_CHANCE * float(nearer.error)
    return max(sides, key=lambda side: abs(float(side.value))) if turns else measured(high - low), turns


@dataclass(frozen=True)
class FirstLook(Findings[tuple[str, Measure]]):
    """Path and difference of each uncertain assumption, largest first."""

    what: Metric
    items: tuple[tuple[str, Measure], ...]
    kind: str = ""

    def table(self) -> Table:
        """A row an assumption."""
        return Table(("path", "difference", "error"), [(path, *m) for path, m in self.items])

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The largest differences in words."""
        tied = f"{self.kind}: ties by the reports count" if self.kind else "correlated ones carry each other"
        out = [f"{self.what}: highest tenth of each assumption's draws less lowest; {tied}"]
        rows = []
        for path, m in self.items[:shown]:
            say, places = signed_in(self.what.unit, [m])[0], places_of(self.what.unit, [m])
            rows.append((say(m.value, "+"), f"± {error_beside(float(m.error), self.what.unit, places)}", path))
        return [*out, *aligned(rows, "><<")]


def first_look(study: Study, what: Metric) -> FirstLook:
    """Without new runs: the measure in the highest tenth of each assumption's draws less that in its lowest.

    Correlated assumptions carry each other here. Largest first.
    """
    row = study.row(what)
    found = []
    for path, entry in study.assumptions.entries.items():
        if entry.distribution.uncertain:
            z = study.normal_score(path)  # given reports these are not normal: their own tenths are taken
            least, most = special.ndtri((LOW, HIGH)) if study.from_month is None else np.quantile(z, (LOW, HIGH))
            rows, scores = by_replicate(row, study.replicate), by_replicate(z, study.replicate)
            each = [what.estimate(r[v > most]) - what.estimate(r[v < least]) for r, v in zip(rows, scores, strict=True)]
            value = what.estimate(row[z > most]) - what.estimate(row[z < least])
            found.append((path, Measure(float(value), float(standard_error(np.array(each))))))
    return FirstLook(what, tuple(sorted(found, key=lambda pair: -abs(pair[1].value))), study.source.given)


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    return tornado(study, metric(recipe["measure"], study.assumptions, study.business)).table()
