"""Published estimates beside a forecast: the latest of each house, where they are in it, how old they are, how houses moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from model.assumptions.schema import About
from model.files.table import aligned
from model.reporting.headline import percentile
from model.simulation.result import Result
from model.xiaomi.data import history
from model.xiaomi.data.known_on import ESTIMATED
from model.xiaomi.report.currency import RMB, currency, of_rmb

STALE = 92  # days after which an estimate is said to be old
RECENT = 184  # days within which a change of an estimate is counted

NOT_HOUSES = ("consensus", "Xiaomi")  # who else is quoted: a mean of houses, the company itself


class Quantity(NamedTuple):
    """What is estimated: the outcome of the forecast beside it ("" where a run has none), what it is called, and how it is written."""

    outcome: str
    name: str
    form: str
    names: Sequence[str]  # in data/published_estimates.csv
    scale: float = 1.0


QUANTITIES = (
    Quantity("ev.deliveries", "cars, thousand", "{:,.0f}", ESTIMATED["ev.deliveries"], 1e-3),
    Quantity("smartphones.shipments", "phones, mn", "{:,.0f}", ESTIMATED["smartphones.shipments"]),
    Quantity("group.revenue", "group revenue, RMB bn", "{:,.0f}", ESTIMATED["group.revenue"]),
    Quantity("group.adjusted_net_profit", "adjusted net profit, RMB bn", "{:,.1f}", ESTIMATED["group.adjusted_net_profit"]),
    Quantity("group.eps", "earnings a share, RMB", "{:,.2f}", ESTIMATED["group.eps"]),
    Quantity("", "target price, HKD", "{:,.0f}", ("target price",)),
)  # fmt: skip


def lines(result: Result) -> list[str]:
    """Lines of the headline: `rows` below their title."""
    found = rows(result)
    title = f"Published estimates of {result.assumptions.about.year}, and where their median lies in the forecast"
    return [title, *aligned(found, "<<")] if found else []


def rows(result: Result) -> list[tuple[str, str]]:
    """(quantity, range and median of the houses, the median's place in the forecast, the newest day, how houses moved)."""
    about, root = result.assumptions.about, result.assumptions.root
    shown = list[tuple[str, str]]()
    for quantity in QUANTITIES:
        found = history.estimates(root, about.year, about.as_of, quantity.names)
        if not found or (quantity.outcome and quantity.outcome not in result.outcomes):
            continue
        houses, others = _houses(found), [e for e in found if e.who.startswith(NOT_HOUSES)]
        said = [_range(result, quantity, houses)] if houses else []
        said += [f"{e.who} {_number(result, quantity, e.value)} ({e.month})" for e in others]
        name = quantity.name.replace(RMB, currency(result))
        shown.append((name, "; ".join([*said, *moved(result, quantity)])))
    return shown


def consensus(root: Path, about: About, outcome: str) -> tuple[float, str] | None:
    """Median of the houses' latest estimates of an outcome by the day, and whose it is and how old; None where there are none."""
    found = history.estimates(root, about.year, about.as_of, ESTIMATED[outcome])
    houses = _houses(found)
    return (float(np.median([e.value for e in houses])), _whose(houses, about.as_of)) if houses else None


def _houses(found: Sequence[history.Estimate]) -> list[history.Estimate]:
    return [e for e in found if not e.who.startswith(NOT_HOUSES)]


def _whose(houses: Sequence[history.Estimate], day: dt.date) -> str:
    """`7 houses, the newest of 1 Feb 2026`, or the one house by its name."""
    who = houses[0].who if len(houses) == 1 else f"{len(houses)} houses"
    return f"{who}{how_old(max(e.published for e in houses), day)}"


def _number(result: Result, quantity: Quantity, value: float) -> str:
    return quantity.form.format(quantity.scale * _of(result, quantity, value))


def _of(result: Result, quantity: Quantity, value: float) -> float:
    """A published value in the currency of a result."""
    return of_rmb(result, value) if RMB in quantity.name else value


def _range(result: Result, quantity: Quantity, found: Sequence[history.Estimate]) -> str:
    """Range and median of houses, where the median is in the forecast, and how old the newest is."""
    values = [e.value for e in found]
    middle = float(np.median(values))
    low, high, half = (_number(result, quantity, value) for value in (values[0], values[-1], middle))
    place = f" ({percentile(result, _of(result, quantity, middle), quantity.outcome)})" if quantity.outcome else ""
    span = low if len(found) == 1 else f"{low} to {high}, median {half}"
    return f"{span}{place}; {_whose(found, result.assumptions.about.as_of)}"


def how_old(newest: dt.date, day: dt.date) -> str:
    """The day of the newest estimate; how many months ago that was, where it is more than three."""
    if (day - newest).days > STALE:
        return f", none newer than {newest:%-d %b %Y}: {(day - newest).days // 30} months old"
    return f", the newest of {newest:%-d %b %Y}"


def moved(result: Result, quantity: Quantity) -> list[str]:
    """How many houses changed their own estimate within half a year, and by how much in the middle; empty where none did."""
    about = result.assumptions.about
    found = history.revisions(result.assumptions.root, about.year, about.as_of, quantity.names)
    recent = [r for r in found if (about.as_of - r.published).days <= RECENT]
    changes = [r.change for r in recent if not r.who.startswith(NOT_HOUSES)]
    raised, cut = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    said = [f"{number} {how}" for number, how in ((cut, "cut"), (raised, "raised")) if number]
    return [f"in half a year {', '.join(said)}, median {np.median(changes):+.0%}"] if said else []
