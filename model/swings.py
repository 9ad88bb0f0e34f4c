"""Swings: how far each assumption moves a measure.

Each assumption is held at its P10, then at its P90, while all others vary, so that nothing hides behind a
`min()`. An assumption that is correlated with others is moved alone: the bar shows what it does by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.evaluation import ALONE, Teller, evaluate
from model.kept import Kept
from model.measures import Measure, by_replicate, standard_error
from model.tables import Table
from model.variation import Fixed, Reading, Study, measured
from model.workers import Crew

LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Swing:
    """What one assumption does to a measure."""

    path: str
    label: str
    unit: str
    low_input: np.ndarray  # (period,), one number where the assumption is one
    high_input: np.ndarray
    low: Measure
    high: Measure
    swing: Measure  # high - low, its error from the same replicates
    correlated: bool

    @property
    def size(self) -> float:
        return abs(float(self.swing.value))


def swings(
    study: Study, what: Reading, *, crew: Crew = ALONE, kept: Kept | None = None, tell: Teller | None = None
) -> list[Swing]:
    """One swing for each uncertain assumption, largest first."""
    uncertain = [a for a in study.assumptions.entries.values() if a.distribution.uncertain]
    inputs = [[a.distribution.quantile(np.full(1, q)) for q in (LOW, HIGH)] for a in uncertain]
    variations = [{a.path: Fixed(x)} for a, both in zip(uncertain, inputs, strict=True) for x in both]
    found = evaluate(study, [what], variations, crew=crew, kept=kept, tell=tell)[:, 0].reshape(len(uncertain), 2, -1)
    tied = {path for pair in study.assumptions.correlations for path in pair.between}
    made = [
        Swing(
            a.path,
            a.label,
            a.unit,
            np.ravel(x_low),
            np.ravel(x_high),
            measured(low),
            measured(high),
            measured(high - low),
            a.path in tied,
        )
        for a, (x_low, x_high), (low, high) in zip(uncertain, inputs, found, strict=True)
    ]
    return sorted(made, key=lambda s: (-s.size, s.path))


def first_look(study: Study, what: Reading) -> list[tuple[str, Measure]]:
    """Without new runs: the measure in the highest tenth of each assumption's draws less that in its lowest.

    Correlated assumptions carry each other here. Largest first.
    """
    row = study.row(what)
    found = []
    for path, entry in study.assumptions.entries.items():
        if entry.distribution.uncertain:
            u = study.percentile(path)
            rows, us = by_replicate(row, study.replicate), by_replicate(u, study.replicate)
            each = [what.estimate(r[v > HIGH]) - what.estimate(r[v < LOW]) for r, v in zip(rows, us, strict=True)]
            value = what.estimate(row[u > HIGH]) - what.estimate(row[u < LOW])
            found.append((path, Measure(float(value), float(standard_error(np.array(each))))))
    return sorted(found, key=lambda pair: -abs(pair[1].value))


def table(found: Sequence[Swing]) -> Table:
    """Path, label, unit, inputs (of an assumption by months, their mean) and measures at both ends, swing, error."""
    columns = (
        "path", "label", "unit", "input at P10", "input at P90", "measure at P10", "measure at P90", "swing", "error",
        "correlated",
    )  # fmt: skip
    rows = [
        (
            s.path, s.label, s.unit, float(s.low_input.mean()), float(s.high_input.mean()), s.low.value, s.high.value,
            s.swing.value, s.swing.error, s.correlated,
        )
        for s in found
    ]  # fmt: skip
    return Table(columns, rows)
