"""What was learned: each assumption given what was reported, against what the base case, with its updates, says of it.

On the normal scores of an assumption the base case is N(0, 1), whatever its distribution. Given the reports its mean is how far
it moved, in its own standard deviations, and its standard deviation what is left of the doubt. Assumptions are put in the
order of the information gained, that between two normals: (m^2 + s^2 - 1 - ln s^2) / 2 (Kullback and Leibler 1951).

>>> round(information(0.0, 1.0), 6), round(information(-2.1, 0.5), 3)
(0.0, 2.523)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumption
from model.errors import InputError, Problem
from model.files.table import Findings, Table, aligned
from model.simulation.formatting import short
from model.simulation.measures import Measure, by_replicate, standard_error
from model.studies.explanations import Explanation, Explanations, explanations
from model.studies.study import Study

LEVELS = (0.1, 0.5, 0.9)
TOLD = 3  # assumptions named of each explanation
SHOWN = 12
AT_ODDS = 2.0  # own standard deviations: further, the base case and the reports contradict each other


@dataclass(frozen=True)
class Lesson:
    """What the reports say of one assumption."""

    path: str
    label: str
    unit: str
    before: np.ndarray  # P10, P50, P90 before the reports; of an assumption by months, their means
    after: np.ndarray  # given the reports
    moved: Measure  # in its own standard deviations
    left: float  # of the standard deviation
    information: float  # gained, in nats
    percentile: float  # in the base case, of the P50 given the reports
    scores: np.ndarray  # P10, P50, P90 given the reports, on the normal scores of the base case


@dataclass(frozen=True)
class Learned(Findings[Lesson]):
    """A lesson for each uncertain assumption, the most informative first."""

    given: str
    items: tuple[Lesson, ...]
    explanations: Explanations
    apart: tuple[str, ...]  # of each explanation, what sets it apart from the others
    figure: ClassVar = "learned"

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "learned"}

    def table(self) -> Table:
        """A row an assumption: both quantile sets, how far it moved, what is left of its spread, information."""
        names = [f"{when} p{round(100 * q)}" for when in ("before", "given") for q in LEVELS]
        columns = (
            "path",
            "label",
            "unit",
            *names,
            "moved, own sd",
            "error",
            "spread left",
            "percentile",
            "information",
        )
        rows = [
            (
                x.path, x.label, x.unit, *map(float, x.before), *map(float, x.after), *map(float, x.moved), x.left,
                x.percentile, x.information,
            )
            for x in self.items
        ]  # fmt: skip
        return Table(columns, rows)

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The most informative lessons in words, and which assumptions the reports contradict."""
        out = [
            f"What was learned, {self.given}: P50 before the reports and now, how far it moved, what is left of its spread"
        ]
        rows = []
        for x in self.items[:shown]:
            moved = f"{float(x.moved.value):+.1f} sd"
            rows.append((short(x.before[1]), "->", short(x.after[1]), x.unit, moved, f"{100 * x.left:.0f}%", x.path))
        out += aligned(rows, "><><>><")
        odds = [x.path for x in self.items if abs(float(x.moved.value)) > AT_ODDS]
        if odds:
            out.append(f"  More than {AT_ODDS:g} sd away, it was wrong there: {', '.join(odds)}")
        told = self.explanations.lines()
        return [
            *out,
            *told[:1],
            *(f"{line}\n    {apart}" for line, apart in zip(told[1:], self.apart, strict=False)),
            *told[1 + len(self.apart) :],
        ]


def learned(study: Study) -> Learned:
    """What a posterior says of each uncertain assumption; of one that an update has changed, against the update."""
    if study.posterior is None:
        what = f"nothing was reported by {study.assumptions.about.as_of}"
        raise InputError(Problem(what, "A later day", path="--as-of"))
    given = study.posterior.result
    found = [_lesson(study, a) for a in given.assumptions.entries.values() if a.distribution.uncertain]
    several = explanations(given)
    apart = tuple(_apart(study, one) for one in several.items) if len(several.items) > 1 else ()
    return Learned(given.given, tuple(sorted(found, key=lambda x: (-x.information, x.path))), several, apart)


def _apart(study: Study, one: Explanation) -> str:
    """The assumptions that set an explanation apart most, by the means of their normal scores, with medians in it and elsewhere."""
    told = []
    for path, a in study.assumptions.entries.items():
        if a.distribution.uncertain and a.distribution.periods is None:
            z = study.normal_score(path)
            away = abs(float(z[one.draws].mean() - z[~one.draws].mean())) / float(z.std())
            told.append(
                (away, path, [a.distribution.at_score(np.array([np.median(z[i])]))[0] for i in (one.draws, ~one.draws)])
            )
    most = sorted(told, key=lambda each: -each[0])[:TOLD]
    return "; ".join(f"{path} {short(here)} (else {short(there)})" for _, path, (here, there) in most)


def _lesson(study: Study, a: Assumption) -> Lesson:
    z = study.normal_score(a.path)
    each = by_replicate(z, study.replicate).mean(axis=-1)
    mean, left = float(z.mean()), float(z.std())
    values = np.atleast_2d(a.distribution.at_score(z))
    before = np.atleast_2d(a.distribution.quantile(np.array(LEVELS))).mean(axis=0)
    after = np.quantile(values, LEVELS, axis=-1).mean(axis=-1)
    moved = Measure(mean, float(standard_error(each)))
    return Lesson(
        a.path,
        a.label,
        a.unit,
        before,
        after,
        moved,
        left,
        information(mean, left),
        float(special.ndtr(np.median(z))),
        np.quantile(z, LEVELS),
    )


def information(mean: float, sd: float) -> float:
    """Nats by which N(mean, sd) tells more than N(0, 1); 0 for a value that is known outright, which has no end of them."""
    return float(0.5 * (mean**2 + sd**2 - 1 - 2 * np.log(sd))) if sd > 0 else 0.0


def again(study: Study, _: Mapping[str, Any]) -> Table:
    """The table made again on a study's draws."""
    return learned(study).table()
