"""Questions to a posterior, from here on: an assumption changes from the first open month, and what has happened stays.

The draws are the posterior's; a variation keeps each draw's percentile and takes its new number from that month on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions, said
from model.assumptions.calendar import MOMENTS, Calendar
from model.assumptions.distributions import Distribution, Fixed
from model.assumptions.loading import overlay
from model.assumptions.overlays.dated import MONTH, Dated, changed_from, first_of
from model.assumptions.overlays.scenario import scenario_names
from model.errors import InputError, Problem
from model.simulation.audit import taken_by_period
from model.simulation.business import Business
from model.simulation.posterior.findings import Posterior
from model.simulation.posterior.given import PosteriorDraws, outcomes_of, scores_of, with_new
from model.simulation.posterior.known import open_from
from model.simulation.reading import Reading
from model.simulation.result import Result
from model.simulation.sampling.common_draws import CommonDraws, Variation
from model.studies.study import BLOCK, Study

BEYOND = 1e6  # a month that never comes: a new line or plant has not begun before the change


class GivenStudy(Study):
    """A study of a posterior's draws: what is asked of it holds from `first` on, the first open month or a later one."""

    def __init__(self, posterior: Posterior, assumptions: Assumptions | None = None, first: str = "") -> None:
        """`assumptions` are the posterior's, under scenarios and what-ifs that are to hold from `first` on (`2026-09`).

        Raises InputError for a month that has begun, and for a change of what lies behind.
        """
        self.posterior: Posterior = posterior
        given = posterior.result
        calendar, day = given.assumptions.calendar, given.assumptions.about.as_of
        changed = assumptions is not None and assumptions.hash != given.assumptions.hash
        over = (
            int(open_from(day)[:4]) > calendar.last and not first and not changed
        )  # what was learned can still be asked
        self.first = "" if over else _checked_month(first, day, calendar)
        self.business, self.seed, self.size = given.business, given.seed, given.draws
        self.open = taken_by_period(given.assumptions, given.business)
        self.assumptions = given.assumptions
        if assumptions is not None and changed:
            self.assumptions = _from_here(given.assumptions, assumptions, self.first, self.open)
        scores, self.replicate = scores_of(posterior)
        self._scores = with_new(scores, self.assumptions, posterior)
        starts = range(0, self.size, BLOCK)
        self._given = [
            PosteriorDraws(self.assumptions, self._scores, start, min(start + BLOCK, self.size)) for start in starts
        ]
        self.blocks = list[CommonDraws](self._given)

    def __reduce__(self) -> tuple[Any, ...]:
        return GivenStudy, (self.posterior, self.assumptions, self.first)

    @property
    def second(self) -> list[CommonDraws]:  # type: ignore[override]
        """InputError: a posterior has one set of draws, whose coordinates hang together."""
        what = "the parts of a variance need independent assumptions, and a report ties them to one another"
        raise InputError(Problem(what, "`model tornado --as-of` says what moves the forecast from here"))

    @property
    def identity(self) -> list[Any]:
        given = self.posterior.result
        reports = [[one.name, one.value, one.error, one.kind, one.upper] for one in given.reports]
        return [*super().identity, self.first, given.assumptions.hash, reports, self.posterior.method]

    @property
    def kind(self) -> str:
        """What its answers hold for, in words."""
        given = self.posterior.result.given
        return f"from {_month_in_words(self.first)} on, {given}" if self.first else given

    def under(self, assumptions: Assumptions) -> GivenStudy:
        return GivenStudy(self.posterior, assumptions, self.first)

    @cached_property
    def made(self) -> Result:
        """The posterior's result, under the changes from here where there are any; all draws alike."""
        given = self.posterior.result
        if self.assumptions is given.assumptions and given.weights is None:
            return given
        outcomes = outcomes_of(self.posterior, self.blocks)
        return dataclasses.replace(
            given, assumptions=self.assumptions, outcomes=outcomes, replicate=self.replicate, weights=None
        )

    @property
    def shown(self) -> Result:
        """As a run shows it: the posterior itself, with its weights where it has some, while nothing is changed."""
        given = self.posterior.result
        return given if self.assumptions is given.assumptions else self.made

    def rows(self, readings: Sequence[Reading], variation: Variation | None = None) -> np.ndarray:
        made = {path: self._dated(path, new) for path, new in (variation or {}).items()}
        return self.run(readings, [block.under(made) for block in self.blocks])

    def movable(self, entry: Assumption) -> bool:
        """Whether an assumption can still be changed: what is behind cannot, nor what holds for the whole year."""
        if not self.first:
            return False
        if entry.unit in MOMENTS:
            return bool((self.draws(entry.path) >= self.assumptions.calendar.number(self.first, entry.unit)).any())
        return entry.path in self.open

    def normal_score(self, path: str) -> np.ndarray:
        return np.concatenate([block.normal_score(path) for block in self._given])

    def level(self, entry: Assumption, q: float) -> np.ndarray:
        """A quantile of the posterior's draws of an assumption, (1,) or (period, 1)."""
        return np.asarray(np.quantile(self.draws(entry.path), q, axis=-1, keepdims=True))

    def middle(self, entry: Assumption, distribution: Distribution) -> np.ndarray:
        """The median over the posterior's draws of what a distribution makes of their percentiles, (open period,)."""
        values = distribution.at_score(self.normal_score(entry.path))
        if values.ndim == 1:
            return np.full(1, np.median(values))
        behind = (self.assumptions.calendar.number(self.first) - 1) * len(values) // self.assumptions.calendar.months
        return np.asarray(np.median(values[behind:], axis=-1))

    def _dated(self, path: str, new: Distribution) -> Distribution:
        entry = self.assumptions[path]
        if not self.movable(entry):
            raise InputError(_behind(entry, self.first))
        calendar = self.assumptions.calendar
        return Dated(entry.distribution, new, self.first, entry.unit in MOMENTS, calendar, calendar.origin(entry.unit))


def from_here(assumptions: Assumptions, business: Business, first: str = "") -> Assumptions:
    """Assumptions whose scenarios and what-ifs hold from a month on, over what they were laid over; errors as `GivenStudy`."""
    given = assumptions.base or assumptions
    month = _checked_month(first, given.about.as_of, given.calendar)
    return _from_here(given, assumptions, month, taken_by_period(given, business))


def beside_from_here(study: Study) -> list[Result]:
    """Every scenario of the folder from here on, on the draws of a posterior, but the one that is asked already.

    Left out are those that change what lies behind: their story is over.
    """
    if not isinstance(study, GivenStudy):
        return []
    given = study.posterior.result.assumptions
    found = []
    for name in scenario_names(given.root):
        if name == study.assumptions.scenario:
            continue
        try:
            found.append(GivenStudy(study.posterior, overlay(given, [name]), study.first).made)
        except InputError:
            continue
    return found


def refuse_past(assumptions: Assumptions, first: str) -> None:
    """InputError for a month that has begun on the assumptions' day; before the work starts."""
    _checked_month(first, assumptions.about.as_of, assumptions.calendar)


def _checked_month(first: str, day: dt.date, calendar: Calendar) -> str:
    """The month, or the first open one; InputError for one that has begun, and where none is left."""
    earliest = open_from(day)
    chosen = first or earliest
    if not MONTH.fullmatch(chosen):
        raise InputError(Problem(f"'{chosen}' is no month", f"{earliest} or later", path="--from"))
    year = str(calendar.first) if calendar.years == 1 else f"{calendar.first} to {calendar.last}"
    if not calendar.first <= int(chosen[:4]) <= calendar.last:
        what = f"from {chosen} on nothing of {year} is open" if not first else f"{first} is no month of {year}"
        left = int(earliest[:4]) <= calendar.last
        raise InputError(Problem(what, f"From {earliest} on" if left else "The year is over", path="--from"))
    if chosen < earliest:
        what = f"{chosen} has begun: what happened by {day:%-d %B %Y} cannot be changed"
        raise InputError(Problem(what, f"From {earliest} or later", path="--from"))
    return chosen


def _behind(entry: Assumption, first: str) -> Problem:
    what = f"lies behind: from {_month_in_words(first)} on it cannot change any more"
    hint = "A number of 1 January or of the whole year; change it in the base case, and the reports are let in again"
    if entry.unit in MOMENTS:
        hint = "It has happened in every draw"
    return Problem(what, hint, path=entry.path)


def _from_here(given: Assumptions, changed: Assumptions, first: str, open_: frozenset[str]) -> Assumptions:
    """The changes of scenarios and what-ifs, from a month on; InputError for all that lie behind.

    Correlations between assumptions that are there already stay as they were.
    """
    entries: dict[str, Assumption] = {}
    problems: list[Problem] = []
    for path, new in changed.entries.items():
        old = given.entries.get(path)
        if old is None:
            entries[path] = _new_member(new, first, given.calendar)
        elif said(old.distribution) == said(new.distribution):
            entries[path] = new
        elif path not in open_ and (new.unit not in MOMENTS or _over(old, given.calendar.number(first, new.unit))):
            problems.append(_behind(new, first))
        else:
            try:
                entries[path] = dataclasses.replace(new, distribution=_after(old, new, first, given.calendar))
            except InputError as error:
                problems += [dataclasses.replace(p, path=path) for p in error.problems]
    ties = {frozenset(c.between): c.rank for c in given.correlations}
    untied = any(
        ties.get(frozenset(c.between)) != c.rank for c in changed.correlations if set(c.between) <= given.entries.keys()
    )
    if untied and not changed.edits:
        what = "changes correlations alone, which would move what has happened"
        problems.append(Problem(what, "Change a number too, or put it into the base case", path=changed.scenario))
    if problems:
        raise InputError(problems)
    story = f"{changed.story} Correlations stay as they are in the base case.".strip() if untied else changed.story
    edits = tuple(dataclasses.replace(e, new=_edited(entries[e.path].distribution)) for e in changed.edits)
    added = entries.keys() - given.entries.keys()
    # other ties between assumptions that are there already would move what has happened
    tied = (*given.correlations, *(c for c in changed.correlations if added & set(c.between)))
    return changed.replace(
        entries=entries,
        correlations=tied,
        edits=edits,
        story=story,
        label=f"{changed.label}, from {_month_in_words(first)}",
    )


def _over(entry: Assumption, month: int) -> bool:
    """Whether a moment lies before a month in all but one of a million draws."""
    return bool(np.all(entry.distribution.quantile(np.array([1e-6, 0.5, 1 - 1e-6])) < month))


def _edited(distribution: Distribution) -> str:
    """What an edit says is new: from which month on, and what."""
    if isinstance(distribution, Dated):
        return f"from {distribution.first} {said(distribution.after)}"
    return said(distribution)


def _after(old: Assumption, new: Assumption, first: str, year: Calendar) -> Distribution:
    """The new numbers from `first` on, or from the month that the overlay itself names."""
    distribution = new.distribution
    if _first_alone(
        old.distribution, distribution
    ):  # what names no year holds from here until the case's own next number
        distribution = first_of(distribution)
    if isinstance(distribution, Dated) and said(distribution.before) == said(old.distribution):
        if distribution.first < first:
            what = f"a change from {distribution.first} on, which has begun"
            raise InputError(Problem(what, f"From {first} or later"))
        return distribution
    return changed_from(old.distribution, distribution, first, unit=old.unit, year=year)


def _first_alone(old: Distribution, new: Distribution) -> bool:
    """Whether both have the same numbers of their own for later years."""
    if not (isinstance(old, Dated) and isinstance(new, Dated) and old.own and new.own):
        return False
    same = (old.first, said(old.after)) == (new.first, said(new.after))
    inner = isinstance(old.before, Dated) and old.before.own
    return same and (not inner or _first_alone(old.before, new.before))


def _new_member(entry: Assumption, first: str, calendar: Calendar) -> Assumption:
    """An assumption of a new line or plant: none of its moments lies before the change."""
    if entry.unit not in MOMENTS or isinstance(entry.distribution, Dated):
        return entry
    new = changed_from(Fixed(BEYOND), entry.distribution, first, unit=entry.unit, year=calendar)
    return dataclasses.replace(entry, distribution=new)


def _month_in_words(first: str) -> str:
    return f"{dt.date.fromisoformat(f'{first}-01'):%B %Y}"
