"""News: what each report and each update did to the forecast, from one day to another.

In order: the forecast after each day on which something became known, less that before it; the steps add up to the whole
move. By kind: what updates, reports of the target's outcome, and other reports do, averaged over all orders in which they could
have come (Shapley), so that no order is favoured.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.resolve import as_of, base_day, before_updates
from model.errors import InputError, Problem
from model.files.table import Table, Tabled, aligned
from model.inference import store
from model.inference.as_of import reported
from model.inference.condition import condition
from model.inference.posterior import LEVELS, Posterior, Snapshot, as_it_came, snapshot_of
from model.simulation import formatting
from model.simulation.business import Business
from model.simulation.observation import Observation, known_by
from model.simulation.outside_view import forecast
from model.studies.shapley import exact
from model.studies.study import Study

MIDDLE = LEVELS.index(0.5)
ON_THE_WAY = 8_192  # draws of a forecast that stood in between
ONE_DAY = dt.timedelta(days=1)
UPDATES, OTHERS = "updates", "other reports"

Conditioned = Callable[[Assumptions, Sequence[Observation], dt.date, int], Posterior]  # the last: draws


@dataclass(frozen=True)
class RevisionStep:
    """Something became known on a day: what, and the forecast after it."""

    what: str
    after: Snapshot


@dataclass(frozen=True)
class RevisionPart:
    """What one kind of news does to the chance of the target and to the P50 of its outcome, in any order."""

    kind: str
    chance: float
    middle: float


@dataclass(frozen=True)
class Revision(Tabled):
    """From the forecast of one day to that of another."""

    assumptions: Assumptions  # as of the later day
    start: Snapshot
    steps: tuple[RevisionStep, ...]
    parts: tuple[RevisionPart, ...] = ()
    figure: ClassVar = "year_as_it_came"

    def year_as_it_came(self) -> Table:
        """A row a day on which something became known: the chance of the target and the quantiles of its outcome."""
        return as_it_came(self.moments)

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "revision", "since": self.start.day.isoformat()}

    @property
    def moments(self) -> list[Snapshot]:
        """The forecast at the start, and at the end of each day on which something became known."""
        last = {step.after.day: step.after for step in self.steps}
        return [self.start, *(last[day] for day in sorted(last) if day > self.start.day)]

    def moved(self) -> list[tuple[dt.date, str, float]]:
        """(day, what became known, by how much it moved the P50), in order."""
        before, found = self.start, []
        for step in self.steps:
            found.append((step.after.day, step.what, _moves(before, step.after)[1]))
            before = step.after
        return found

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

    def lines(self, shown: int | None = None) -> list[str]:
        """The steps in words, each with what it moved, or those that moved the P50 most; then the parts by kind."""
        target, end = self.assumptions.target, self.steps[-1].after if self.steps else self.start
        first, last = (f"{m.levels[MIDDLE]:,.0f}" for m in (self.start, end))
        chances = f"{formatting.share_met(self.start.chance)} -> {formatting.share_met(end.chance)}"
        days = f"From {self.start.day:%-d %B %Y} to {self.assumptions.about.as_of:%-d %B %Y}"
        out = [f"{days}: P({target.value:,.10g}) {chances}, P50 {first} -> {last}"]
        if not self.steps:
            return [*out, "Nothing became known in between."]
        rows = [("", "", "P(target)", "pp", "P50", "", "±")]
        before, sizes = self.start, sorted((abs(by) for *_, by in self.moved()), reverse=True)
        least = 0.0 if shown is None or len(sizes) <= shown else sizes[shown - 1]
        for step in self.steps:
            chance, middle = _moves(before, step.after)
            what = step.what if len(step.what) < 58 else f"{step.what[:55]}..."
            share = formatting.share_met(step.after.chance)
            now = (share, f"{100 * chance:+.1f}", f"{step.after.levels[MIDDLE]:,.0f}", f"{middle:+,.0f}")
            error = float(np.hypot(before.mean.error, step.after.mean.error))  # of the mean, near that of the P50
            if abs(middle) >= least:
                rows.append((f"{step.after.day:%d %b}", what, *now, f"{error:,.0f}"))
            before = step.after
        out += aligned(rows, "<<>>>>>")
        if least:
            out.append(f"  and {len(self.steps) - len(rows) + 1} that moved it less")
        if self.parts:
            out += ["", "By kind, averaged over all orders in which they could have come (Shapley)"]
            moved = [(p.kind, f"{100 * p.chance:+.1f} pp", f"{p.middle:+,.0f}") for p in self.parts]
            out += aligned(moved, "<>>")
        return out


def _numbers(moment: Snapshot) -> tuple[float, ...]:
    levels = [float(moment.levels[LEVELS.index(q)]) for q in (0.1, 0.5, 0.9)]
    return (float(moment.chance.value), float(moment.chance.error), *levels)


def _moves(before: Snapshot, after: Snapshot) -> tuple[float, float]:
    chance = float(after.chance.value) - float(before.chance.value)
    return chance, float(after.levels[MIDDLE] - before.levels[MIDDLE])


def revision(
    plain: Assumptions,
    business: Business,
    since: dt.date,
    until: dt.date,
    *,
    make: Conditioned,
    draws: int,
    seed: int,
    by_kind: bool = False,
) -> Revision:
    """The forecast of `since`, and what moved it to that of `until`.

    plain : the base case as it stands in its file; make : the posterior of assumptions given reports, as of a day
    by_kind : the Shapley parts too, at the cost of six more posteriors

    Raises InputError for days in the wrong order.
    """
    if since >= until:
        raise InputError(Problem(f"{since} does not lie before {until}", "The earlier day first", path="--as-of"))
    reports, end = reported(plain, business, until), as_of(plain, until)
    turns = [day for day in _days_of_updates(plain, until) if since < day]
    start: Snapshot | None = None
    steps: list[RevisionStep] = []
    for begin, last in zip([since, *turns], [*(day - ONE_DAY for day in turns), until], strict=True):
        size = draws if last == until else min(draws, ON_THE_WAY)
        moments = _moments(as_of(plain, last), known_by(reports, last), last, business, make, size, seed)
        # of the day on which an update became known its reports come after it
        behind = [m for m in moments if m.reports == 0 or m.day < begin or (m.day == begin and start is None)]
        here = dataclasses.replace(behind[-1], day=begin)
        if here.reports == 0:
            here = _unreported(as_of(plain, begin), business, begin, seed)
        if start is None:
            start = here
        else:
            steps.append(RevisionStep(_updated(plain, begin), here))
        steps += [RevisionStep(_reported(reports, m.day, plain.target.outcome), m) for m in moments[len(behind) :]]
    assert start is not None
    parts = _by_kind(plain, end, since, until, reports, make, business, draws, seed) if by_kind else ()
    return Revision(end, start, tuple(steps), parts)


def _days_of_updates(plain: Assumptions, until: dt.date) -> list[dt.date]:
    """Days on which updates became known, those included that a later one has overtaken."""
    return sorted({edit.day for edit in as_of(plain, until).updates if edit.day is not None})


def _moments(
    known: Assumptions,
    reports: Sequence[Observation],
    day: dt.date,
    business: Business,
    make: Conditioned,
    draws: int,
    seed: int,
) -> Sequence[Snapshot]:
    """The forecast before any report, and after each day of reports."""
    if reports:
        return make(known, reports, day, draws).moments
    return [_unreported(known, business, day, seed)]


def _unreported(known: Assumptions, business: Business, day: dt.date, seed: int) -> Snapshot:
    """The forecast while nothing is reported, on the draws that a run of it has."""
    return snapshot_of(day, 0, forecast(known, business, seed=seed))


def _reported(reports: Sequence[Observation], day: dt.date, outcome: str) -> str:
    """`stand.sales in 2026Q1 80,856 and 6 more`: the reports of a day, those of the target's outcome first."""
    those = sorted((o for o in reports if o.reported_on == day), key=lambda o: (o.outcome != outcome, len(o.outcome)))
    first, more = those[0], len(those) - 1
    return f"{first.name} {first.figure}{f' and {more} more' if more else ''}"


def _updated(plain: Assumptions, day: dt.date) -> str:
    """`update: lemons.price`: what an update changed on a day."""
    paths = [edit.path for edit in as_of(plain, day).updates if edit.day == day]
    return f"update: {', '.join(paths)}"


def _by_kind(
    plain: Assumptions,
    end: Assumptions,
    since: dt.date,
    until: dt.date,
    reports: Sequence[Observation],
    make: Conditioned,
    business: Business,
    draws: int,
    seed: int,
) -> tuple[RevisionPart, ...]:
    """What updates, reports of the target's outcome and other reports do: Shapley over the three kinds."""
    outcome = plain.target.outcome
    fresh = [o for o in reports if o.reported_on > since]
    kinds: dict[str, list[Observation]] = {
        f"reports of {business.label(outcome)}": [o for o in fresh if o.outcome.startswith(outcome)],
        OTHERS: [o for o in fresh if not o.outcome.startswith(outcome)],
        UPDATES: [],
    }
    names = list(kinds)
    begin, old = as_of(plain, since), [o for o in reports if o.reported_on <= since]
    found: dict[frozenset[str], np.ndarray] = {}
    for size in range(len(names) + 1):
        for chosen in map(frozenset, itertools.combinations(names, size)):
            known = (end if UPDATES in chosen else begin).replace(about=end.about)
            let_in = known_by([*old, *(o for name in chosen for o in kinds[name])], until)
            result = (
                make(known, let_in, until, draws).result
                if let_in
                else forecast(known, business, draws=draws, seed=seed)
            )
            moment = snapshot_of(until, len(let_in), result)
            found[chosen] = np.array([float(moment.chance.value), moment.levels[MIDDLE]])
    parts = exact(len(names), lambda chosen: found[frozenset(names[n] for n in chosen)])
    return tuple(RevisionPart(name, *map(float, part)) for name, part in zip(names, parts, strict=True))


def kept(later: Assumptions, inputs: store.PosteriorInputs) -> Revision | None:
    """The revision from the base case's day that is kept beside a posterior; None where there is none. later : as of the later day"""
    path = store.revision_of(inputs)
    if not path:
        return None
    (_, start), *steps = path
    return Revision(later, start, tuple(RevisionStep(what, after) for what, after in steps))


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """What a figure of it draws, made again on the draws of a study."""
    a, seed = study.assumptions, study.seed

    def make(assumptions: Assumptions, reports: Sequence[Observation], day: dt.date, draws: int) -> Posterior:
        return condition(assumptions, study.business, reports, as_of=day, draws=draws, seed=seed)

    since, size = dt.date.fromisoformat(recipe["since"]), study.size
    if since == base_day(a) and study.posterior is not None:
        reports = study.posterior.result.reports
        already = kept(a, store.PosteriorInputs(a, study.business, reports, a.about.as_of, size, seed))
        if already is not None:
            return already.year_as_it_came()
    made = revision(before_updates(a), study.business, since, a.about.as_of, make=make, draws=size, seed=seed)
    return made.year_as_it_came()
