"""Dates and numbers by year in the tables of assumption files: what they mean, and what is wrong with them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from model.assumptions.calendar import DATE, MOMENTS, Calendar, moment

Complain = Callable[[str, str, str, str], None]  # what is wrong, what would be right, path, key to show the line of


def moments(table: Any, path: str, unit: str, calendar: Calendar | None, complain: Complain) -> Any:
    """The table with dates as months, as its unit counts them; None where one stands in the wrong place, which is noted."""
    if not isinstance(table, Mapping):
        return table
    wrong = False

    def number(key: str, value: Any) -> Any:
        nonlocal wrong
        is_date = isinstance(value, dt.date) and key != "as_of"
        if is_date and unit not in MOMENTS:
            complain(f"{key} is a date, and the unit {unit!r}", "A number", path, f"{path}.{key}")
        elif not is_date and unit == DATE and isinstance(value, int | float) and key not in ("weights", "sd"):
            complain(f"{key} is {value}, not a date", "Write 2027-04-15", path, f"{path}.{key}")
        else:
            origin = 12 * calendar.first if calendar and unit != DATE else 0
            return moment(value) - origin if is_date else value
        wrong = True
        return value

    def all_of(key: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {year: all_of(key, each) for year, each in value.items()}
        return [number(key, each) for each in value] if isinstance(value, list) else number(key, value)

    made = {key: all_of(key, value) for key, value in table.items()}
    return None if wrong else made


def by_year(
    table: Any, path: str, calendar: Calendar | None, complain: Complain
) -> list[tuple[int, dict[str, Any]]] | None:
    """A table a year, of one with numbers by year; none of one without, None with the problems noted."""
    given = (
        {key: value for key, value in table.items() if isinstance(value, Mapping)} if isinstance(table, Mapping) else {}
    )
    if not given or calendar is None:
        return []
    bad = [key for key, value in given.items() if not value or not all(re.fullmatch(r"2\d{3}", year) for year in value)]
    for key in bad:
        complain(f"{key} is a table, but not by year", f"{key} = {{ 2027 = .., 2028 = .. }}", path, f"{path}.{key}")
    years = sorted({int(year) for value in given.values() for year in value}) if not bad else []
    late = [key for key in given if not bad and str(years[0]) not in given[key]]
    for key in late:
        complain(
            f"{key} says nothing of {years[0]}",
            "All numbers by year begin with the same year",
            path,
            f"{path}.{key}",
        )
    if bad or late:
        return None
    return [(year, {k: _held(v, year) if k in given else v for k, v in table.items()}) for year in years]


def _held(by_year: Mapping[str, Any], year: int) -> Any:
    """The number that holds in a year: its own, or the latest before it."""
    return by_year[max(each for each in by_year if int(each) <= year)]
