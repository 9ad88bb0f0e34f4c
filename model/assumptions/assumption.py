"""Assumptions: the base case, or the base case under scenarios, checked and ready to be drawn from."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from model.assumptions import copula
from model.assumptions.calendar import DATE, Calendar, date_of
from model.assumptions.case import Case
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import TimeVarying, in_first_year
from model.assumptions.layers.limits import NO_LIMITS, Limits
from model.assumptions.schema import About, Correlation, Later, Outside, PublicNumber, Target
from model.files.table import Table, Tabled

ABSENT = "(not there)"
EARLIEST = 12 * 1900  # of dates, in months; what is smaller is a spread of dates
LATER = "beyond"  # who set an assumption of later years
BY_UPDATE = "update of "  # and the day: who set an assumption that an update changed


@dataclass(frozen=True)
class Assumption:
    """One named uncertain number, and where it came from."""

    path: str
    label: str
    unit: str
    distribution: Distribution
    evidence: str
    source: str
    why: str
    as_of: dt.date
    set_by: str = "base case"
    limits: Limits = NO_LIMITS  # of whatever takes the place of its numbers
    public: tuple[PublicNumber, ...] = ()  # what was said in public, beside its P50

    @property
    def happened(self) -> bool:
        """Whether an update says what it came to: a number that was reported."""
        return self.set_by.startswith(BY_UPDATE) and self.evidence == "reported" and not self.distribution.uncertain

    @property
    def in_first_year(self) -> Assumption:
        """The same without numbers of later years."""
        return dataclasses.replace(self, distribution=in_first_year(self.distribution))

    @property
    def said(self) -> str:
        """Its numbers with their unit."""
        numbers = said(self.distribution, self.unit)
        return numbers if self.unit == DATE else f"{numbers} {self.unit}"

    def __repr__(self) -> str:
        return f"{self.path}: {self.label}, {self.said} ({self.evidence}: {self.source})"


@dataclass(frozen=True)
class Edit:
    """One assumption that a layer changed: what it said, what it says now, and who changed it."""

    path: str
    label: str
    unit: str
    old: str
    new: str
    by: str
    why: str
    day: dt.date | None = None  # on which it became known, of an update

    def __str__(self) -> str:
        return f"{self.path}: {self.old} -> {self.new} {self.unit}  ({self.by})"


@dataclass(frozen=True)
class Assumptions(Tabled):
    """The base case, or the base case under scenarios: everything a run needs to know."""

    about: About
    target: Target
    entries: Mapping[str, Assumption]
    correlations: tuple[Correlation, ...] = ()
    scenario: str = "base"
    label: str = "Base case"
    story: str = ""
    edits: tuple[Edit, ...] = ()
    updates: tuple[Edit, ...] = ()  # what became known since the base case
    renamed: Mapping[str, str] = field(default_factory=dict)
    years: int = 1  # that are run, from `about.year` on
    units: Mapping[str, bool] = field(default_factory=dict, compare=False)  # known units -> can be negative; none: any
    root: Path = field(default=Path(), compare=False)
    outside: Outside | None = None  # the outside view, which moves no number at weight 0
    targets: tuple[Target, ...] = ()  # others than the one of the headline
    later: Later | None = None  # what is known of later years, and since when
    case: Case | None = field(default=None, compare=False, repr=False)  # the layers that they were made from

    def __repr__(self) -> str:
        uncertain = sum(a.distribution.uncertain for a in self.entries.values())
        counts = (
            f"{len(self.entries)} assumptions, {uncertain} of them uncertain, {len(self.correlations)} correlations"
        )
        return f"Assumptions({self.scenario}, as of {self.about.as_of}: {counts}, hash {self.hash})"

    def table(self) -> Table:
        """A row an assumption: path, label, number, unit, evidence, source."""
        rows = [
            (p, a.label, said(a.distribution, a.unit), a.unit, a.evidence, a.source) for p, a in self.entries.items()
        ]
        return Table(("path", "label", "number", "unit", "evidence", "source"), rows)

    def __getitem__(self, path: str) -> Assumption:
        return self.entries[path]

    @property
    def facts_alone(self) -> bool:
        """Whether what updates re-judge was left out."""
        return self.case is not None and not self.case.judged

    @cached_property
    def calendar(self) -> Calendar:
        """The months, quarters and years that are run."""
        return Calendar(self.about.year, self.years)

    def can_be_negative(self, path: str) -> bool:
        """Whether a number of the assumption's unit can lie below 0."""
        return self.units.get(self[path].unit, True)

    def children(self, table: str) -> tuple[str, ...]:
        """Names right below a table, sorted."""
        return self._children.get(table, ())

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for path in self.entries:
            parts = path.split(".")
            for n in range(1, len(parts)):
                found.setdefault(".".join(parts[:n]), set()).add(parts[n])
        return {table: tuple(sorted(names)) for table, names in found.items()}

    @cached_property
    def sound(self) -> set[tuple[str, str, int]]:
        """Paths with the unit and the number of periods that a driver counts on, found to be so: what `Draws.get` need not check anew."""
        return set()

    @cached_property
    def groups(self) -> list[copula.Group]:
        """Correlated groups; members that the base case has come first, so that additions move nothing."""
        return copula.groups(self.pairs, self.order)

    @property
    def pairs(self) -> list[tuple[str, str, float]]:
        """Rank correlations as (path, path, rank)."""
        return [(*sorted(c.between), c.rank) for c in self.correlations]  # type: ignore[misc]

    @cached_property
    def order(self) -> list[str]:
        """Paths in an order that does not depend on the order of lines in a file."""
        added = {edit.path for edit in (*self.updates, *self.edits) if edit.old == ABSENT}
        return sorted(self.entries, key=lambda path: (path in added, path))

    @property
    def pooled(self) -> str:
        """The outside view that has a weight: `first_targets at weight 0.5`; nothing where none has."""
        said = self.outside
        return f"{said.name} at weight {said.weight:.10g}" if said is not None and said.weight else ""

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits of everything here that moves a number."""
        content: dict[str, Any] = {
            "entries": {p: [a.unit, said(a.distribution)] for p, a in sorted(self.entries.items())},
            "correlations": sorted(self.pairs),
            "target": [self.target.outcome, self.target.period, self.target.value],
            "year": self.about.year,
            **({"years": self.years} if self.years > 1 else {}),
        }
        if self.pooled:
            content["outside"] = self.pooled
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]

    def replace(self, **new: Any) -> Assumptions:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **new)


def said(distribution: Distribution, unit: str = "") -> str:
    """A distribution in one line: `p10 15,000, p50 22,000, p90 31,000`, or `22,000` where it is fixed; dates as dates."""
    if isinstance(distribution, TimeVarying):
        return f"{said(distribution.before, unit)}; from {distribution.first} {said(distribution.after, unit)}"
    number = _date if unit == DATE else _number
    words = []
    for key, value in distribution.parameters.items():
        if value is None:
            continue
        numbers = [number(v) for v in np.ravel(np.asarray(value, float))]
        words.append((key, numbers[0] if np.ndim(value) == 0 else "[" + ", ".join(numbers) + "]"))
    if not distribution.uncertain:
        return words[0][1]
    named = "" if distribution.kind in ("metalog", "uniform", "normal", "discrete") else f"{distribution.kind} "
    return named + ", ".join(f"{key} {value}" for key, value in words)


def _date(value: float) -> str:
    """A moment as a date; what is none (a spread) as a number."""
    return date_of(value).isoformat() if value > EARLIEST else _number(value)


def _number(value: float) -> str:
    """All digits that were given, with thousands grouped."""
    if not float(value).is_integer():
        return repr(float(value)) if abs(value) < 1e4 else f"{value:,}"
    return f"{value:,.0f}" if abs(value) < 1e15 else repr(float(value))
