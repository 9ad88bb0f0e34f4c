"""What the spread hangs on given what was reported: the share of an outcome's variance that knowing one assumption would resolve.

Reports tie assumptions to one another, so that their shares do not add up: each is Var E[y | x] / Var y by itself (a first-order index).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model.errors import InputError, Problem
from model.files.table import Findings, Table, aligned
from model.simulation.metric import Metric, metric
from model.studies.signposts import resolved
from model.studies.study import Study

SHOWN, LEAST = 12, 0.005  # rows on the screen, and the share from which one is shown


@dataclass(frozen=True)
class ResolvedShare:
    """Of one assumption; `direction` : 1 where the outcome rises with it, -1 where it falls."""

    path: str
    label: str
    share: float
    direction: int


@dataclass(frozen=True)
class ResolvedVariance(Findings[ResolvedShare]):
    """A share for each uncertain assumption, the largest first."""

    what: Metric
    items: tuple[ResolvedShare, ...]
    kind: str
    figure: ClassVar = ""

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "resolved_variance", "measure": self.what.text}

    def table(self) -> Table:
        """A row an assumption."""
        rows = [(x.path, x.label, x.share, x.direction) for x in self.items]
        return Table(("path", "label", "share resolved", "direction"), rows)

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The largest shares in words."""
        name = f"{self.what.outcome}{f' in {self.what.period}' if self.what.period else ''}"
        out = [
            f"What is left of the spread of {name}, {self.kind}: the share that knowing one assumption would resolve"
        ]
        rows = [(f"{x.share:.0%}", "rises with" if x.direction > 0 else "falls with", x.path) for x in self.items[:shown] if x.share >= LEAST]  # fmt: skip
        return [*out, *(aligned(rows, "><<") or ["  no assumption by itself"])]


def resolved_variance(study: Study, what: Metric) -> ResolvedVariance:
    """What knowing each assumption would resolve of an outcome's variance, or of a hit or a miss; InputError where it does not vary."""
    row = study.row(what)
    y = (row >= what.target).astype(float) if what.statistic == "chance" else row
    if np.ptp(y) == 0:
        raise InputError(Problem("does not vary: there is nothing to share out", path=what.outcome))
    found = []
    for path, entry in study.assumptions.entries.items():
        if entry.distribution.uncertain:
            z = study.normal_score(path)
            found.append(ResolvedShare(path, entry.label, resolved(z, y), 1 if np.corrcoef(z, y)[0, 1] > 0 else -1))
    items = tuple(sorted(found, key=lambda x: (-x.share, x.path)))
    return ResolvedVariance(what, items, study.source.given)


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    return resolved_variance(study, metric(recipe["measure"], study.assumptions, study.business)).table()
