"""News: what each report and each update did to the forecast, from one day to another.

In order: the forecast after each day on which something became known, less that before it; the steps add up to the whole
move. By kind: what updates, reports of the target's outcome, and other reports do, averaged over all orders in which they could
have come (Shapley), so that no order is favoured.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.overlays.updates import as_known_on
from model.errors import InputError, Problem
from model.files.tables import Table, Tabled
from model.simulation import rounding
from model.simulation.business import Business
from model.simulation.posterior.findings import LEVELS, Moment, Posterior
from model.simulation.posterior.known import reported
from model.simulation.posterior.observation import Observation, known_by
from model.simulation.result import Result
from model.simulation.simulate import simulate

MIDDLE = LEVELS.index(0.5)
ONE_DAY = dt.timedelta(days=1)
UPDATES, OTHERS = "updates", "other reports"

Conditioned = Callable[[Assumptions, Sequence[Observation], dt.date], Posterior]


@dataclass(frozen=True)
class Step:
    """Something became known on a day: what, and the forecast after it."""

    what: str
    after: Moment


@dataclass(frozen=True)
class Part:
    """What one kind of news does to the chance of the target and to the P50 of its outcome, in any order."""

    kind: str
    chance: float
    middle: float


@dataclass(frozen=True)
class News(Tabled):
    """From the forecast of one day to that of another."""

    assumptions: Assumptions  # as of the later day
    start: Moment
    steps: tuple[Step, ...]
    parts: tuple[Part, ...] = ()

    @property
    def moments(self) -> list[Moment]:
        """The forecast at the start, and at the end of each day on which something became known."""
        last = {step.after.day: step.after for step in self.steps}
        return [self.start, *(last[day] for day in sorted(last) if day > self.start.day)]

    def table(self) -> Table:
        """A row the start and each step: day, what, chance with its error, P10, P50, P90, and what the step moved."""
        rows = [(self.start.day.isoformat(), "forecast at the start", *_numbers(self.start), 0.0, 0.0)]
        before = self.start
        for step in self.steps:
            chance, middle = _moves(before, step.after)
            rows.append((step.after.day.isoformat(), step.what, *_numbers(step.after), chance, middle))
            before = step.after
        rows += [("", f"Shapley: {p.kind}", *[float("nan")] * 5, p.chance, p.middle) for p in self.parts]
        return Table(("day", "what", "chance", "error", "p10", "p50", "p90", "move of chance", "move of p50"), rows)

    def lines(self) -> list[str]:
        """The steps in words, each with what it moved; then the parts by kind."""
        target, end = self.assumptions.target, self.steps[-1].after if self.steps else self.start
        out = [
            f"From {self.start.day:%-d %B %Y} to {end.day:%-d %B %Y}: P({target.value:,.10g}) {rounding.share_met(self.start.chance)} -> "
            f"{rounding.share_met(end.chance)}, P50 {self.start.levels[MIDDLE]:,.0f} -> {end.levels[MIDDLE]:,.0f}"
        ]
        if not self.steps:
            return [*out, "Nothing became known in between."]
        out.append(f"  {'':<68}{'P(target)':>12}{'pp':>8}{'P50':>11}{'':>10}")
        before = self.start
        for step in self.steps:
            chance, middle = _moves(before, step.after)
            what = step.what if len(step.what) < 58 else f"{step.what[:55]}..."
            shown = rounding.share_met(step.after.chance)
            out.append(
                f"  {step.after.day:%d %b}  {what:<60}{shown:>12}{100 * chance:>+8.1f}{step.after.levels[MIDDLE]:>11,.0f}{middle:>+10,.0f}"
            )
            before = step.after
        if self.parts:
            out += ["", "By kind, averaged over all orders in which they could have come (Shapley)"]
            out += [f"  {p.kind:<66}{'':>12}{100 * p.chance:>+8.1f}{'':>11}{p.middle:>+10,.0f}" for p in self.parts]
        return out


def _numbers(moment: Moment) -> tuple[float, ...]:
    levels = [float(moment.levels[LEVELS.index(q)]) for q in (0.1, 0.5, 0.9)]
    return (float(moment.chance.value), float(moment.chance.error), *levels)


def _moves(before: Moment, after: Moment) -> tuple[float, float]:
    chance = float(after.chance.value) - float(before.chance.value)
    return chance, float(after.levels[MIDDLE] - before.levels[MIDDLE])


def news(
    plain: Assumptions,
    business: Business,
    since: dt.date,
    until: dt.date,
    make: Conditioned,
    *,
    draws: int,
    seed: int,
    by_kind: bool = False,
) -> News:
    """The forecast of `since`, and what moved it to that of `until`.

    plain : the base case as it stands in its file; make : the posterior of assumptions given reports, as of a day
    by_kind : the Shapley parts too, at the cost of six more posteriors

    Raises InputError for days in the wrong order.
    """
    if since >= until:
        raise InputError(Problem(f"{since} does not lie before {until}", "The earlier day first", path="--as-of"))
    reports = reported(plain, business, until)
    everything = as_known_on(plain, until)
    days = sorted({everything[edit.path].as_of for edit in _all_updates(plain, until)})
    turns = [day for day in days if since < day <= until]
    begins, ends = [since, *turns], [*(day - ONE_DAY for day in turns), until]
    start: Moment | None = None
    steps: list[Step] = []
    for begin, end in zip(begins, ends, strict=True):
        known = as_known_on(plain, begin)
        moments = _moments(known, known_by(reports, end), end, business, make, draws, seed)
        behind = [m for m in moments[1:] if m.day <= begin] if start is None else [m for m in moments[1:] if m.day < begin]
        here = (behind or moments[:1])[-1]
        at_begin = Moment(begin, here.reports, here.chance, here.levels, here.mean)
        if start is None:
            start = at_begin
        else:
            steps.append(Step(_updated(plain, begin), at_begin))
        steps += [Step(_said(reports, m.day), m) for m in moments[1:] if m.day > begin or (m.day == begin and start is not at_begin)]
    parts = _by_kind(plain, business, since, until, reports, make, draws, seed) if by_kind else ()
    assert start is not None
    return News(everything, start, tuple(steps), parts)


def _all_updates(plain: Assumptions, until: dt.date) -> Sequence[object]:
    return as_known_on(plain, until).updates
