"""Changes from here on: an assumption changes from the first open month, and what has happened stays.

On the draws of a posterior a change keeps each draw's percentile, and takes its new number from that month on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions, said
from model.assumptions.calendar import MOMENTS, Calendar
from model.assumptions.distributions.base import Distribution, Fixed
from model.assumptions.distributions.time_varying import MONTH, TimeVarying, changed_from, first_of
from model.assumptions.resolve import before_scenarios
from model.errors import InputError, Problem
from model.inference.as_of import open_from
from model.simulation.business import Business
from model.simulation.probe import taken_by_period

BEYOND = 1e6  # a month that never comes: a new line or plant has not begun before the change


def month_and_changes(
    given: Assumptions, asked: Assumptions, business: Business, first: str
) -> tuple[Assumptions, str]:
    """Return assumptions whose changes against those of a posterior hold from a month on, and the month.

    first : `2026-10`; by default the first month that has not begun; "" is returned where none is left and nothing is changed:
        what was learned can still be asked

    Raises InputError for a month that has begun, and for a change of what lies behind.
    """
    changed = asked.hash != given.hash
    over = int(open_from(given.about.as_of)[:4]) > given.calendar.last
    if over and not first and not changed:
        return given, ""
    month = _checked_month(first, given.about.as_of, given.calendar)
    return (_from_here(given, asked, month, taken_by_period(given, business)) if changed else given), month


def dated(entry: Assumption, new: Distribution, first: str, calendar: Calendar) -> Distribution:
    """Return an assumption's distribution with a new one from a month on."""
    return TimeVarying(entry.distribution, new, first, entry.unit in MOMENTS, calendar, calendar.origin(entry.unit))


def from_here(assumptions: Assumptions, business: Business, first: str = "") -> Assumptions:
    """Assumptions whose scenarios and what-ifs hold from a month on, over what they were laid over; errors as `month_and_changes`."""
    given = before_scenarios(assumptions)
    month = _checked_month(first, given.about.as_of, given.calendar)
    return _from_here(given, assumptions, month, taken_by_period(given, business))


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


def behind(entry: Assumption, first: str) -> Problem:
    what = f"lies behind: from {month_in_words(first)} on it cannot change any more"
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
            problems.append(behind(new, first))
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
    edits = tuple(dataclasses.replace(e, new=_edited(entries[e.path])) for e in changed.edits)
    added = entries.keys() - given.entries.keys()
    # other ties between assumptions that are there already would move what has happened
    tied = (*given.correlations, *(c for c in changed.correlations if added & set(c.between)))
    return changed.replace(
        entries=entries,
        correlations=tied,
        edits=edits,
        story=story,
        label=f"{changed.label}, from {month_in_words(first)}",
    )


def _over(entry: Assumption, month: int) -> bool:
    """Whether a moment lies before a month in all but one of a million draws."""
    return bool(np.all(entry.distribution.quantile(np.array([1e-6, 0.5, 1 - 1e-6])) < month))


def _edited(entry: Assumption) -> str:
    """What an edit says is new: from which month on, and what."""
    distribution = entry.distribution
    if isinstance(distribution, TimeVarying):
        return f"from {distribution.first} {said(distribution.after, entry.unit)}"
    return said(distribution, entry.unit)


def _after(old: Assumption, new: Assumption, first: str, year: Calendar) -> Distribution:
    """The new numbers from `first` on, or from the month that the layer itself names."""
    distribution = new.distribution
    if _first_alone(
        old.distribution, distribution
    ):  # what names no year holds from here until the case's own next number
        distribution = first_of(distribution)
    if isinstance(distribution, TimeVarying) and said(distribution.before) == said(old.distribution):
        if distribution.first < first:
            what = f"a change from {distribution.first} on, which has begun"
            raise InputError(Problem(what, f"From {first} or later"))
        return distribution
    return changed_from(old.distribution, distribution, first, unit=old.unit, year=year)


def _first_alone(old: Distribution, new: Distribution) -> bool:
    """Whether both have the same numbers of their own for later years."""
    if not (isinstance(old, TimeVarying) and isinstance(new, TimeVarying) and old.own and new.own):
        return False
    same = (old.first, said(old.after)) == (new.first, said(new.after))
    inner = isinstance(old.before, TimeVarying) and old.before.own
    return same and (not inner or _first_alone(old.before, new.before))


def _new_member(entry: Assumption, first: str, calendar: Calendar) -> Assumption:
    """An assumption of a new line or plant: none of its moments lies before the change."""
    if entry.unit not in MOMENTS or isinstance(entry.distribution, TimeVarying):
        return entry
    new = changed_from(Fixed(BEYOND), entry.distribution, first, unit=entry.unit, year=calendar)
    return dataclasses.replace(entry, distribution=new)


def month_in_words(first: str) -> str:
    return f"{dt.date.fromisoformat(f'{first}-01'):%B %Y}"
