"""What was known on a day: the day that `as_of` names, and the reports and updates by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from model.assumptions.assumption import Assumptions
from model.assumptions.resolve import as_of as known_on
from model.assumptions.resolve import before_scenarios, before_updates
from model.simulation.business import Business
from model.simulation.observation import Observation, day_of, known_by

LATEST, BASE = "latest", "base"
EARLIER = 10  # years before the run, in which reports are looked for that it does not use


def day_named(as_of: dt.date | str, plain: Assumptions, business: Business) -> dt.date:
    """The day that `as_of` names; "latest" is that of the last report or update, "base" the base case's own. InputError for what is not a date.

    plain : the base case as it stands in its file
    """
    if as_of == BASE:
        return plain.about.as_of
    if as_of != LATEST:
        return day_of(as_of, [])
    return max([plain.about.as_of, *days(plain, business)])


def is_latest(assumptions: Assumptions, business: Business) -> bool:
    """Whether assumptions are of the last day on which something became known, with all that is known by it."""
    plain = assumptions if assumptions.case is None else before_updates(before_scenarios(assumptions))
    return assumptions.about.as_of == day_named(LATEST, plain, business) and not assumptions.facts_alone


def days(plain: Assumptions, business: Business) -> list[dt.date]:
    """The days on which something became known, by a report or an update, after that of the base case; the last is "latest"."""
    everything = known_on(plain, dt.date.max)
    found = {edit.day for edit in everything.updates if edit.day is not None}
    found |= {one.reported_on for one in observed(plain, business)}
    return sorted(day for day in found if day > plain.about.as_of)


def observed(assumptions: Assumptions, business: Business) -> list[Observation]:
    """Every figure that was ever reported of the years that are run, each vintage of it."""
    if business.observed is None:
        return []
    calendar = assumptions.calendar
    return [
        one for year in range(calendar.first, calendar.last + 1) for one in business.observed(assumptions.root, year)
    ]


def checked_reports(assumptions: Assumptions, business: Business) -> list[Observation]:
    """The same, once all that is known of the business was held against each other; InputError where something contradicts."""
    if business.checks is not None:
        for year in range(assumptions.calendar.first, assumptions.calendar.last + 1):
            business.checks(assumptions.root, year)
    return observed(assumptions, business)


def reported(assumptions: Assumptions, business: Business, day: dt.date | None = None) -> list[Observation]:
    """What was reported of the years that are run, by a day or ever, in the order in which it became known."""
    return known_by(observed(assumptions, business), day or dt.date.max)


def beyond_the_run(assumptions: Assumptions, business: Business, day: dt.date) -> str:
    """What is said of figures that were reported by a day of years outside of those that are run; nothing where there are none."""
    if business.observed is None:
        return ""
    first, last = assumptions.calendar.first, assumptions.calendar.last

    def reported_of(years: Iterable[int]) -> int:
        return sum(len(known_by(business.observed(assumptions.root, year), day)) for year in years if business.observed)

    earlier = reported_of(range(first - EARLIER, first))
    if earlier:
        plural = "s" if earlier != 1 else ""
        return f"{earlier} reported figure{plural} of earlier years not used: the run begins with {first} (use = check)"
    count = reported_of(range(last + 1, day.year + 1))
    plural = "s" if count != 1 else ""
    return (
        f"{count} reported figure{plural} of later years not used: the run ends with {last} (--to {day.year}-12)"
        if count
        else ""
    )


def open_from(day: dt.date) -> str:
    """The first month that has not begun on a day: from there on the future can be asked about.

    >>> open_from(dt.date(2026, 8, 20)), open_from(dt.date(2026, 9, 1)), open_from(dt.date(2026, 12, 2))
    ('2026-09', '2026-09', '2027-01')
    """
    first = day if day.day == 1 else (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return f"{first:%Y-%m}"
