"""Why a miss, why a hit: what the draws that miss the target have in common against those that reach it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.files.table import Findings, Table
from model.simulation import formatting
from model.simulation.measures import Measure, by_replicate, standard_error
from model.simulation.metric import Metric, target_metric
from model.simulation.result import Result
from model.studies.study import Study

SHOWN = 8


@dataclass(frozen=True)
class Shift:
    """How an assumption differs between misses and hits, in its own standard deviations."""

    path: str
    label: str
    shift: Measure  # mean in the misses less mean in the hits


@dataclass(frozen=True)
class Explanation(Findings[Shift]):
    """One shift for each uncertain assumption, largest first; none where every draw hits, or every draw misses."""

    what: Metric
    chance: Measure
    items: tuple[Shift, ...]
    context: Sequence[str] = ()  # what the business says of a miss and a hit

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "explain", "measure": self.what.text}

    def table(self) -> Table:
        """A row an assumption."""
        rows = [(s.path, s.label, *s.shift) for s in self.items]
        return Table(("path", "label", "misses less hits, sd", "error"), rows)

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The explanation in plain words: first what the business says of it, then what differs."""
        if not self.items:
            every = "Every" if self.chance.value else "No"
            return [f"{every} draw reaches {self.what.target:,.10g}: there is nothing to compare."]
        out = [
            f"{self.what} {formatting.chance(self.chance)}",
            *self.context,
            "",
            "Against the draws that hit, those that miss have (in the assumption's own standard deviations)",
        ]
        for s in self.items[:shown]:
            value, error = float(s.shift.value), float(s.shift.error)
            more = "less" if value < 0 else "more"
            out.append(f"  {more}  {abs(value):.2f} ± {max(error, 0.01):.2f}  {s.label}  ({s.path})")
        return out


def explain(study: Study, result: Result, what: Metric | None = None, context: Sequence[str] = ()) -> Explanation:
    """What differs between misses and hits; of an assumption by months, its mean over them.

    result : of the study's assumptions, draws and seed; what : a chance, by default of the target
    """
    what = what or target_metric(study.assumptions)
    hit = hits(result, what)
    found = []
    if hit.any() and not hit.all():
        for path, entry in study.assumptions.entries.items():
            if entry.distribution.uncertain:
                values = np.atleast_2d(study.draws(path)).mean(axis=0)
                scaled = (values - values.mean()) / values.std()
                found.append(Shift(path, entry.label, _difference(scaled, hit, result)))
    largest_first = sorted(found, key=lambda s: -abs(float(s.shift.value)))
    return Explanation(what, result.measure(what), tuple(largest_first), tuple(context))


def hits(result: Result, what: Metric | None = None) -> np.ndarray:
    """Whether each draw reaches the target, or what a chance is of, (draw,)."""
    goal = target_metric(result.assumptions) if what is None else what
    return result.values(goal.outcome, goal.period) >= goal.target


def _difference(values: np.ndarray, hit: np.ndarray, result: Result) -> Measure:
    pairs = zip(by_replicate(values, result.replicate), by_replicate(hit, result.replicate), strict=True)
    each = np.array([v[~h].mean() - v[h].mean() for v, h in pairs])
    return Measure(float(values[~hit].mean() - values[hit].mean()), float(standard_error(each)))
