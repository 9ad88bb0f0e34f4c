"""Swings: how far each assumption moves a measure.

Each assumption is held at its P10, then at its P90, while all others vary, so that nothing hides behind a
`min()`. An assumption that is correlated with others is moved alone: the bar shows what it does by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np

from model.assumptions import Assumption
from model.measures import Measure, by_replicate, standard_error
from model.variation import Fixed, Reading, Study

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


def swings(study: Study, what: Reading) -> list[Swing]:
    """One swing for each uncertain assumption, largest first."""
    uncertain = [a for a in study.assumptions.entries.values() if a.distribution.uncertain]
    study.measure(what)  # the common draws are made once, before the threads part
    tied = {path for pair in study.assumptions.correlations for path in pair.between}
    with ThreadPoolExecutor(cpu_count()) as threads:
        found = list(threads.map(lambda a: _swing(study, what, a, a.path in tied), uncertain))
    return sorted(found, key=lambda s: (-s.size, s.path))


def first_look(study: Study, what: Reading) -> list[tuple[str, Measure]]:
    """Without new runs: the measure in the highest tenth of each assumption's draws less that in its lowest.

    Correlated assumptions carry each other here. Largest first.
    """
    row = study.row(what)
    found = []
    for path, entry in study.assumptions.entries.items():
        if entry.distribution.uncertain:
            u = study.draws.percentile(path)
            rows, us = by_replicate(row, study.replicate), by_replicate(u, study.replicate)
            each = [what.estimate(r[v > HIGH]) - what.estimate(r[v < LOW]) for r, v in zip(rows, us, strict=True)]
            value = what.estimate(row[u > HIGH]) - what.estimate(row[u < LOW])
            found.append((path, Measure(float(value), float(standard_error(np.array(each))))))
    return sorted(found, key=lambda pair: -abs(pair[1].value))


def _swing(study: Study, what: Reading, a: Assumption, tied: bool) -> Swing:
    inputs = [a.distribution.quantile(np.full(1, q)) for q in (LOW, HIGH)]
    rows = [study.row(what, {a.path: Fixed(value)}) for value in inputs]
    low, high = (what.of(row, study.replicate) for row in rows)
    return Swing(
        a.path,
        a.label,
        a.unit,
        np.ravel(inputs[0]),
        np.ravel(inputs[1]),
        low,
        high,
        what.difference(rows[1], rows[0], study.replicate),
        tied,
    )


def table(found: list[Swing]) -> Iterator[tuple[object, ...]]:
    """Rows for a CSV: path, label, unit, inputs and measures at both ends, swing and its error."""
    for s in found:
        ends = ("; ".join(f"{v:.6g}" for v in x) for x in (s.low_input, s.high_input))
        yield (
            s.path, s.label, s.unit, *ends, float(s.low.value), float(s.high.value), float(s.swing.value),
            float(s.swing.error), s.correlated,
        )  # fmt: skip


COLUMNS = (
    "path",
    "label",
    "unit",
    "input at P10",
    "input at P90",
    "measure at P10",
    "measure at P90",
    "swing",
    "error",
    "correlated",
)
