"""Required values: what an assumption would have to be for a chance, found by `studies.solve`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model.assumptions.assumption import Assumption
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import TimeVarying, keys_of
from model.files.table import Findings, Table, Tabled
from model.files.toml_reader import written
from model.simulation import formatting
from model.simulation.formatting import in_unit, share_met, short
from model.simulation.measures import Measure
from model.simulation.metric import Metric

AS_TODAY = 0.02  # standard deviations, up to which a place is today's


@dataclass(frozen=True)
class RequiredValue:
    """What one assumption would have to be, all others as they are."""

    path: str
    label: str
    unit: str
    today: np.ndarray  # P50, (period,)
    needed: np.ndarray | None  # P50 at the asked chance; None where it cannot be reached
    distribution: Distribution | None  # the whole, as it would stand in the file
    distance: float  # of `there` from today's P50, in today's standard deviations
    chance: Measure  # at the answer, or the nearest that can be reached
    there: np.ndarray  # P50 at the answer, or where the chance is nearest


@dataclass(frozen=True)
class JointMove:
    """Assumptions that move together.

    step : standard deviations, the same for each; that at which the chance is met, or the farthest that all can go
    today, there : their P50s, of the first period; met : whether the chance is
    """

    paths: tuple[str, ...]
    step: float
    today: tuple[float, ...]
    there: tuple[float, ...]
    chance: Measure
    met: bool

    def line(self) -> str:
        """In words."""
        if len(self.paths) > 3:
            moved = f"all {len(self.paths)} that move it: {', '.join(self.paths[:3])}, ..."
        else:
            each = zip(self.paths, self.there, self.today, strict=True)
            moved = " and ".join(f"{path} {short(there)} (today {short(today)})" for path, there, today in each)
        end = "" if self.met else f": {share_met(self.chance)} at the end of their reach"
        return f"  {self.step:.1f} sd  {moved}{end}"


@dataclass(frozen=True)
class EqualChance(Tabled):
    """Where two assumptions together give the asked chance: (P50 of one, P50 of the other)."""

    one: Assumption
    other: Assumption
    asked: float
    first: np.ndarray  # (point,), P50s of `one`
    second: np.ndarray  # (point,), P50s of `other`; nan where no P50 within its reach does it
    chance: list[Measure]  # there, or the nearest that can be reached
    figure: ClassVar = "equal_chance"

    @property
    def measures(self) -> list[tuple[Measure, str]]:
        """The chance at each point."""
        return [(found, "share") for found in self.chance]

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        paths, points = [self.one.path, self.other.path], len(self.first) - 1
        return {"study": "solve", "chance": self.asked, "paths": paths, "points": points}

    def table(self) -> Table:
        """A row a point of the line."""
        columns = (f"P50 of {self.one.path}", f"P50 of {self.other.path}", "chance there", "error")
        points = zip(self.first.tolist(), self.second.tolist(), self.chance, strict=True)
        return Table(columns, [(x, y, *chance) for x, y, chance in points])

    def lines(self) -> list[str]:
        """The line in words, a row a point."""
        today = [short(a.distribution.first_p50()) for a in (self.one, self.other)]
        out = [
            f"P(target) = {100 * self.asked:g}%: P50 of {self.one.path}, and the P50 that {self.other.path} would need with it",
            f"  today {today[0]} and {today[1]}",
        ]
        for x, y, chance in zip(self.first, self.second, self.chance, strict=True):
            end = "highest" if chance.value < self.asked else "lowest"
            still = f"{share_met(chance)} even at the {end}"
            out.append(f"  {short(float(x)):>12}   {still if np.isnan(y) else short(float(y)):>12}")
        return out


@dataclass(frozen=True)
class Solution(Findings[RequiredValue]):
    """What each assumption would have to be for the asked chance, nearest first."""

    what: Metric
    asked: float
    now: Measure  # the chance today
    items: tuple[RequiredValue, ...]
    paths: tuple[str, ...] | None = None  # those that were asked for; None where all were
    kind: str = ""  # what it holds for: from which month on, given which reports
    first: str = ""  # that month
    together: tuple[JointMove, ...] = ()  # where none reaches it alone
    context: Sequence[str] = ()  # what the business says of what is asked
    figure: ClassVar = "required_values"

    @property
    def measures(self) -> list[tuple[Measure, str]]:
        """The chance today and at each answer."""
        return [(found, "share") for found in (self.now, *(answer.chance for answer in self.items))]

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        paths = None if self.paths is None else list(self.paths)
        return {"study": "solve", "chance": self.asked, "paths": paths, "measure": self.what.text}

    @property
    def can(self) -> list[RequiredValue]:
        """The assumptions that reach the asked chance alone."""
        return [a for a in self.items if a.needed is not None]

    @property
    def cannot(self) -> list[RequiredValue]:
        """Those that do not."""
        return [a for a in self.items if a.needed is None]

    def table(self) -> Table:
        """A row an assumption; no P50 needed where none within reach does it. By months: the mean. Then those that move together."""
        columns = ("path", "label", "unit", "P50 today", "P50 needed", "distance in sd", "chance there", "error")
        rows: list[tuple[object, ...]] = [
            (
                a.path, a.label, a.unit, float(a.today.mean()), None if a.needed is None else float(a.needed.mean()),
                None if a.needed is None else a.distance, *a.chance,
            )
            for a in self.items
        ]  # fmt: skip
        rows += [
            (" + ".join(one.paths), "together", "", None, None, one.step if one.met else None, *one.chance)
            for one in self.together
        ]
        return Table(columns, rows)

    def lines(self) -> list[str]:
        """The answers in words; where assumptions were named, with what to put into the file."""
        above = float(self.now.value) > self.asked
        today = f"{self.what} is {formatting.chance(self.now)}{', above what is asked for' if above else ''}."
        when = f", {self.kind}" if self.kind else ""
        asked = f"For {100 * self.asked:g}%, one assumption moved and all others as they are{when}"
        out = [today, f"{asked}, {'its P50 would have to be' if self.can else 'is not enough'}"]
        for a in self.items:
            if a.needed is not None and a.distribution is not None:
                values = f"{value(a.needed, a.unit):>14} instead of {value(a.today, a.unit):>12} {a.unit:<16}"
                out.append(f"  {values} {a.distance:+.1f} sd  {a.path}")
                if self.paths:
                    out += [f"      {line}" for line in in_file(a.path, a.distribution, self.first)]
        cannot = self.cannot
        if cannot:
            best = min(cannot, key=lambda a: abs(float(a.chance.value) - self.asked))
            where = "where it is today" if abs(best.distance) < AS_TODAY else f"at {value(best.there, best.unit)}"
            nearest = f"nearest {best.path}, {share_met(best.chance)} ({where})"
            rest = (
                f"{len(cannot)} other{'s' if len(cannot) > 1 else ''}"
                if len(cannot) < len(self.items)
                else f"any of {len(cannot)}"
            )
            out.append(f"  cannot reach it alone: {rest if len(self.items) > 1 else cannot[0].path}; {nearest}")
        if not self.items:
            out.append("  no assumption moves it")
        if self.together:
            reached = "would reach it" if self.together[0].met else "would not reach it either"
            out += [f"Moved together, each by the same step, these {reached}", *(one.line() for one in self.together)]
        return [*out, *self.context]


def in_file(path: str, distribution: Distribution, first: str = "") -> list[str]:
    """An assumption as it would stand in an assumption file, to six digits; from a month on, in a scenario."""
    keys = keys_of(distribution.after if isinstance(distribution, TimeVarying) else distribution)
    if keys["dist"] == "metalog":  # what three quantiles are where nothing is said
        del keys["dist"]
    begin = [f'from = "{first}"'] if first else []
    return [f"[{path}]", *begin, *(f"{key} = {written(value, 6)}" for key, value in keys.items())]


def value(values: np.ndarray | None, unit: str = "") -> str:
    """A P50 in words; of an assumption by months, the mean."""
    if values is None:
        return "cannot reach"
    return in_unit(float(values[0]), unit) if len(values) == 1 else f"mean {short(float(np.mean(values)))}"
