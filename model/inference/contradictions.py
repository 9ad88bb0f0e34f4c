"""Reports that cannot be: by themselves (a sign, a share above 1, a period that had not ended), or beside one another.

Beside one another they are a linear programme. Months are the unknowns; a quarter, half or year is the sum of its months, a sum of
outcomes that of its parts, a whole at least that of the parts that are reported. Each report leaves an interval, widened by so many
of its errors; the least number of errors at which all hold is found, and where it is above `ALLOWED` the reports that bind
contradict each other. A part above its whole and a year against its quarters are cases of it. Series of one figure are set against each other
pair by pair, whose errors are independent: a floor above its filing, registrations that are not those of the filing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

import numpy as np

from model.assumptions.calendar import Calendar
from model.errors import InputError, Problem, near
from model.simulation.business import ANY, Accounts
from model.simulation.observation import RESTATED, SHARE, Observation, end_of, known_by, parts_of

ALLOWED = 3.0  # errors of each report, by which reports may miss one another
LARGEST_FIGURE = 1e12  # no figure of a company is larger, in any of its units
EXACT = 1e-6  # error of a figure without one, relative to it: what has none is held all the same
BINDS = 1e-7  # multiplier above which a report binds

WHICH = f"One of them is wrong; a restated figure is a new row of its series, or of '{RESTATED}', with its own day"

Fault = tuple[Observation, str, str]  # which, what is wrong, what would be right


def contradictions(observations: Sequence[Observation], accounts: Accounts = ANY, *, dated: bool = True) -> list[Fault]:
    """Reports that cannot be, by themselves or beside the others that are known with them.

    dated : hold the periods against the calendar and the days of the reports; else they may be of any business, and in the future
    """
    alone = list(cannot_be_alone(observations, accounts, dated=dated))
    wrong = {id(one) for one, *_ in alone}
    sound = known_by([one for one in observations if id(one) not in wrong], dt.date.max)
    apart = list(_series(sound))
    rest = [one for one in sound if all(one is not newest for newest, *_ in apart)]
    return alone + apart + list(_shares(rest)) + list(_together(rest, accounts))


def refuse_contradictions(observations: Sequence[Observation], accounts: Accounts = ANY) -> None:
    """InputError with every report that cannot be."""
    found = contradictions(observations, accounts, dated=False)
    if found:
        raise InputError(
            [Problem(what, hint, path="" if what.startswith(one.name) else one.name) for one, what, hint in found]
        )


def cannot_be(value: float, unit: str, *, negative: bool) -> str:
    """What is wrong with a number as a figure of a unit; nothing where it can be."""
    if unit == SHARE and not 0 <= value <= 1:
        return f"{value:g} is not a share, which lies between 0 and 1" + (
            f"; {value:g}% is {value / 100:g}" if 1 < value <= 100 else ""
        )
    if value < 0 and not negative:
        return f"{value:,.10g} {unit} lies below 0"
    if not abs(value) <= LARGEST_FIGURE:
        return f"{value:g} {unit} is larger than any figure of a company"
    return ""


def cannot_be_alone(
    observations: Sequence[Observation], accounts: Accounts = ANY, *, dated: bool = True
) -> Iterator[Fault]:
    """Reports that cannot be, whatever else was reported; the rest as of `contradictions`.

    A figure given twice, for no period, for a period that had not ended, of a sign or size that it cannot have, or added up though
    it does not add up.
    """
    seen: dict[tuple[str, str, str, dt.date], Observation] = {}
    for one in observations:
        key = (one.outcome, one.period, one.series, one.reported_on)
        if key in seen:
            hint = f"Line {seen[key].line} has it too; a restated figure has its own, later day"
            yield one, f"{one.name} is given twice by the series {one.series}", hint
        seen[key] = one
        year = int(one.period[:4]) if re.match(r"[12]\d{3}", one.period) else None
        known = () if year is None else (*Calendar(year).names(17), f"{year}H1", f"{year}H2")
        whole = len(one.parts) > 1 or "Q" not in one.period
        wrong = [
            cannot_be(x, one.unit, negative=accounts.can_be_negative(one.outcome))
            for x in dict.fromkeys((one.value, one.upper))
            if not np.isnan(x)
        ]
        if dated and one.period not in known:
            hint = near(one.period, known) or "A month, quarter or half of a year: 2026-05, 2026Q2, 2026H1"
            yield one, f"no period '{one.period}'", hint
        elif dated and one.reported_on < end_of(one.period):
            yield one, f"reported on {one.reported_on}, before {one.period} had ended", "The day it became known"
        elif len(set(one.outcomes)) < len(one.outcomes):
            yield one, f"{one.outcome} adds an outcome to itself", "Each once"
        elif one.unit == SHARE and len(one.outcomes) > 1:
            yield one, "shares do not add up", "The share of each"
        elif one.unit == SHARE and len(one.parts) > 1:
            yield one, "a share of a half-year is no sum of its quarters'", "The share of each quarter, or of the year"
        elif whole and any(name in accounts.stocks for name in one.outcomes):
            yield one, f"{one.outcome} is counted at the end of a quarter, and does not add up", "The quarter: 2026Q2"
        else:
            yield from ((one, what, "The figure in the outcome's unit") for what in wrong if what)


def _series(observations: Sequence[Observation]) -> Iterator[Fault]:
    """Of an outcome and period, a series that lies further from an earlier one than both errors together allow."""
    for n, one in enumerate(observations):
        for other in observations[:n]:
            if (one.outcome, one.period) != (other.outcome, other.period):
                continue
            (low, high), (least, most) = one.ends, other.ends
            gap, error = max(low - most, least - high), float(np.hypot(_size(one), _size(other)))
            if gap > ALLOWED * error:
                far = f"{gap / error:,.3g} errors apart" if error else "apart"
                yield one, f"{_said(one)} contradicts {_said(other)}: they are {far}", WHICH
                break


def _size(one: Observation) -> float:
    """The error of a report in the unit of its figure."""
    return one.error if one.absolute else one.error * abs(one.value)


def _shares(observations: Sequence[Observation]) -> Iterator[Fault]:
    """A year's share outside of its quarters', of which it is a mean."""
    shares = {(o.outcome, o.period, o.series): o for o in observations if o.unit == SHARE}
    for one in shares.values():
        parts = [shares.get((one.outcome, f"{one.period}Q{quarter}", one.series)) for quarter in range(1, 5)]
        found = [part for part in parts if part is not None]
        if len(one.period) == 4 and len(found) == len(parts):
            room = ALLOWED * (one.error + max(part.error for part in found))
            low, high = min(part.ends[0] for part in found) - room, max(part.ends[1] for part in found) + room
            if one.ends[0] > high or one.ends[1] < low:
                what = f"{one.name} is {one.figure}, its quarters {', '.join(part.figure for part in found)}"
                yield one, what, "A year's share lies among those of its quarters"


def _together(observations: Sequence[Observation], accounts: Accounts) -> Iterator[Fault]:
    """Of reports that cannot hold together the newest, with the others; until the rest can."""
    left = list(observations)
    while True:
        apart, binding = _apart(left, accounts)
        if apart <= ALLOWED:
            return
        newest = max(binding, key=lambda o: (o.reported_on, o.line, len(_months(o.period))))
        others = "; ".join(_said(one) for one in binding if one is not newest)
        what = f"{_said(newest)} contradicts {others}: they are {apart:,.3g} errors apart"
        yield newest, what, WHICH
        left.remove(newest)


def _said(one: Observation) -> str:
    place = f"line {one.line}, " if one.line else ""
    return f"{one.name}: {one.figure} ({place}{one.series}, {one.reported_on})"


def _apart(observations: Sequence[Observation], accounts: Accounts) -> tuple[float, list[Observation]]:
    """The least number of errors within which all reports hold, and those that bind."""
    if len(observations) < 2:
        return 0.0, []
    from scipy.optimize import linprog  # of no use to a run without reports

    places: dict[tuple[str, str], int] = {}
    terms = [
        [places.setdefault(leaf, len(places)) for leaf in _leaves(one, observations, accounts)] for one in observations
    ]
    rows, limits, which = list[np.ndarray](), list[float](), list[Observation]()
    for one, columns in zip(observations, terms, strict=True):
        size = _size(one) or EXACT * max(abs(one.value), 1.0)
        for end, sign in zip(one.ends, (-1.0, 1.0), strict=True):  # low <= x and x <= high, as sign * x <= sign * end
            if np.isfinite(end):
                row = np.zeros(len(places) + 1)
                row[columns] = sign / size
                row[-1] = -1.0
                rows.append(row)
                limits.append(sign * end / size)
                which.append(one)
    least = [(None if accounts.can_be_negative(outcome) else 0.0, None) for outcome, _ in places]
    matrix = np.stack(rows)
    found = linprog(np.eye(len(places) + 1)[-1], A_ub=matrix, b_ub=np.array(limits), bounds=[*least, (0.0, None)])
    if found.x is None:
        raise InputError(Problem(f"reports cannot be held against each other: {found.message}", path="observations"))
    binds = np.abs(found.ineqlin.marginals) > BINDS
    return float(found.fun), list(dict.fromkeys(one for one, bound in zip(which, binds, strict=True) if bound))


def _leaves(one: Observation, observations: Sequence[Observation], accounts: Accounts) -> list[tuple[str, str]]:
    """The unknowns that a report is the sum of: outcome and month each; of what does not add up the outcome and period alone."""
    if not _adds_up(one, accounts):
        return [(one.outcome, one.period)]
    reported = {name for other in observations for name in other.outcomes}
    leaves = [leaf for name in one.outcomes for leaf in _leaf_outcomes(name, reported, accounts)]
    return [(leaf, month) for leaf in leaves for month in _months(one.period)]


def _leaf_outcomes(name: str, reported: set[str], accounts: Accounts) -> list[str]:
    """What an outcome is the sum of: its parts where they are known, the reported ones of its lines and the rest, or itself."""
    if name in accounts.sums:
        return [leaf for part in accounts.sums[name] for leaf in _leaf_outcomes(part, reported, accounts)]
    lines = sorted(other for other in reported if other.startswith(f"{name}."))
    return [name, *(leaf for line in lines for leaf in _leaf_outcomes(line, reported, accounts))]


def _adds_up(one: Observation, accounts: Accounts) -> bool:
    """Whether a report is of what flows: its year is the sum of its quarters."""
    return one.unit != SHARE and not any(name in accounts.stocks for name in one.outcomes)


def _months(period: str) -> list[str]:
    year = period[:4]
    parts = parts_of(period)
    if len(parts) > 1:
        return [month for part in parts for month in _months(part)]
    if period == year:
        return [f"{year}-{month:02d}" for month in range(1, 13)]
    if "Q" in period:
        last = 3 * int(period[-1])
        return [f"{year}-{month:02d}" for month in range(last - 2, last + 1)]
    return [period]
