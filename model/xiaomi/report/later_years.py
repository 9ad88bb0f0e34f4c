"""What Xiaomi's headline and memo say of the years after the first: deliveries by year, cash, further targets, value."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import date_of
from model.assumptions.schema import Target
from model.files.table import aligned
from model.simulation import formatting
from model.simulation.measures import Bound, Measure, chance
from model.simulation.result import Result
from model.xiaomi.data import history

LEVELS = (0.1, 0.5, 0.9)
BY_YEAR = (  # outcome, in words, scale, decimals
    ("ev.deliveries", "Deliveries, thousand", 1e-3, 0),
    ("ev.abroad", "  of which in Europe, thousand", 1e-3, 0),
    ("ev.gross_margin", "EV gross margin, %", 100, 1),
    ("ev.operating_result", "EV segment result, RMB bn", 1, 1),
    ("ev.mix", "EV share of revenue, %", 100, 1),
    ("smartphones.shipments", "Phones, mn", 1, 0),
    ("group.revenue", "Group revenue, RMB bn", 1, 0),
    ("group.gross_margin", "Group gross margin, %", 100, 1),
)


def has_later(result: Result) -> bool:
    """Whether a result has the outcomes of later years."""
    return result.assumptions.years > 1 and "ev.cash" in result.outcomes


def by_year(result: Result) -> list[tuple[str, list[str]]]:
    """A row a quantity: P50 (P10 to P90) in each year."""
    return [
        (words, [_cell(result, name, year, scale, places) for year in years(result)])
        for name, words, scale, places in BY_YEAR
    ]


def years(result: Result) -> list[str]:
    """The years of a run."""
    calendar = result.assumptions.calendar
    return [str(year) for year in range(calendar.first, calendar.last + 1)]


def lines(result: Result) -> list[str]:
    """The headline's lines on later years; none where there are none."""
    if not has_later(result):
        return []
    rows = [(f"Beyond {result.assumptions.calendar.first}: P50 (P10 to P90)", *years(result))]
    rows += [(f"  {words}", *cells) for words, cells in by_year(result)]
    return [
        *aligned(rows, "<" + ">" * len(years(result)), 0),
        "",
        *(f"{line[0]}: {line[1]}" for line in findings(result)),
    ]


def findings(result: Result) -> list[tuple[str, str]]:
    """(what, what was found) of dates, cash, Europe, rank, further targets and value."""
    a, end = result.assumptions, result.assumptions.calendar.last
    target = a.target
    out = [
        (
            f"First month with which twelve months bring {target.value:,.0f}",
            dated(result, "ev.twelve_months_at_target"),
        ),
        (
            f"Cash put into cars and earned back, end of {end}",
            f"{_cell(result, 'ev.cash', f'{end}Q4', 1, 0)} RMB bn; paid back {dated(result, 'ev.paid_back')}",
        ),
        (
            "A further phase builds cars",
            f"{_share(chance(result.values('ev.phases', f'{end}Q4'), 0.5, replicate=result.replicate, weights=result.weights))} of draws by the end of {end}",
        ),
        (f"Place among car makers in {end} (at best)", _cell(result, "ev.rank", str(end), 1, 0)),
        (
            f"Growth a year from {end} on that the aim of the five largest needs",
            f"{_cell(result, 'ev.growth_to_aim', None, 100, 0)}%",
        ),
    ]
    out += [(one.label, _met(result, one)) for one in a.targets if one.period in result.periods(one.outcome)]
    return [*out, *worth(result)]


def worth(result: Result) -> list[tuple[str, str]]:
    """Value a share beside the market's; nothing where the run has none."""
    if "value.share" not in result.outcomes:
        return []
    day, price = history.share_price(result.assumptions.root, result.assumptions.about.as_of)
    place = result.percentile_of("value.share", price).value
    return [
        ("Value, sum of the parts", f"{_cell(result, 'value.share', None, 1, 1)} HKD or {_cell(result, 'value.share_rmb', None, 1, 1)} RMB a share, {_cell(result, 'value.company', None, 1, 0)} RMB bn; the market's {price:.2f} of {day:%-d %B %Y} lies at P{100 * float(place):.0f}"),
        ("Value, discounted cash flows", f"{_cell(result, 'value.share_discounted', None, 1, 1)} HKD a share; the car business fails in {_share(result.chance('value.failed', 1.0))} of draws"),
    ]  # fmt: skip


def dated(result: Result, outcome: str) -> str:
    """P50 (P10 to P90) of a month, and the share of draws in which it lies beyond the horizon."""
    calendar = result.assumptions.calendar
    past = calendar.number(f"{calendar.last + 1}-01", "date")
    low, mid, high = (_month(float(v), past) for v in np.asarray(result.quantile(outcome, LEVELS).value))
    never = result.chance(outcome, past)
    if low == "later":
        return f"not by December {calendar.last} in {_share(never)} of draws"
    return f"{mid} ({low} to {high}); not by December {calendar.last} in {_share(never)} of draws"


def _month(moment: float, past: float) -> str:
    return "later" if moment >= past - 0.5 else f"{date_of(moment):%b %Y}"


def _met(result: Result, target: Target) -> str:
    """The chance of a further target."""
    unit = "" if target.unit == "1" else f" {target.unit}"
    found = formatting.chance(result.chance(target.outcome, target.value, target.period))
    return f"{found} (at least {target.value:,.10g}{unit} in {target.period})"


def _share(found: Measure) -> str:
    return formatting.share_met(found) if isinstance(found, Bound) else formatting.odds(float(found.value))


def _cell(result: Result, outcome: str, period: str | None, scale: float, places: int) -> str:
    low, mid, high = (
        round(scale * float(v), places) + 0.0 for v in np.asarray(result.quantile(outcome, LEVELS, period).value)
    )
    return f"{mid:,.{places}f} ({low:,.{places}f} to {high:,.{places}f})"
