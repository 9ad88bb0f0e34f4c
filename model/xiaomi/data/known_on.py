"""What was known on a day of Xiaomi's past and of other makers', from data/: what baselines are made of, without the model.

The files of history hold what was known when the base case was made; data/observations.csv adds to it, each figure on its day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from model.simulation.business import History, quarter_number
from model.simulation.observation import Observation, of_record
from model.xiaomi.data import history as reported
from model.xiaomi.data.observations import observations, truth
from model.xiaomi.data.reference_classes import state_of

CARS = "ev.deliveries"
# Outcomes of which estimates are published, and the names that these go by.
ESTIMATED = {
    CARS: ("ev units",),
    "smartphones.shipments": ("phone shipments",),
    "group.revenue": ("group revenue",),
    "group.adjusted_net_profit": ("adjusted net profit",),
    "group.eps": ("eps", "adjusted eps"),
}
AHEAD = 12  # months


def history(root: Path, year: int, day: dt.date, *, reports: bool = True) -> History:
    """What was known on a day, for a forecast of a year; without reports: what the files of history have alone."""
    said = [o for y in (year - 1, year) for o in observations(root, y, checks=True)] if reports else []
    known = of_record((o for o in said if o.reported_on <= day), truth(root))
    months, quarters = _months(root, known), _quarters(root, known, day)
    _lift_floors(months, quarters[CARS])
    firms = reported.peer_deliveries(root)
    return History(
        {CARS: months}, quarters, _places(root), firms, _like(months, firms, year),
        {name: [e.value for e in reported.estimates(root, year, day, what)] for name, what in ESTIMATED.items()},
    )  # fmt: skip


Interval = tuple[float, float]
STEP = 10_000  # a month at the next round ten thousand would have been announced as such


def _months(root: Path, known: Iterable[Observation]) -> dict[int, Interval]:
    """Vehicles by month; of a floor, the interval that it leaves."""
    found = {reported.month_number(month): (value, value) for month, value in reported.monthly_deliveries(root).items()}
    for one in known:
        if one.outcome == CARS and "-" in one.period:
            low, high = one.ends
            found[reported.month_number(one.period)] = low, high if np.isfinite(high) else _next(low)
    return found


def _next(floor: float) -> float:
    """The next round ten thousand."""
    return (floor // STEP + 1) * STEP


def _quarters(root: Path, known: Iterable[Observation], day: dt.date) -> dict[str, dict[int, float]]:
    """Outcome -> quarter -> value, of all that are reported by quarter; a half-year less its first quarter is the second."""
    by_name = {CARS: reported.quarterly_deliveries(root), **_segments(root)}
    by_name["smartphones.shipments"] = reported.metric(root, "smartphone_shipments")
    by_name["ev.operating_result"] = reported.metric(root, "ev_segment_profit")
    by_name["group.adjusted_net_profit"] = reported.earned(root, day)
    users = reported.metric(root, "global_mau")
    by_name["ecosystem.users"] = {f"{m[:4]}Q{int(m[5:]) // 3}": value for m, value in users.items()}
    found = {
        name: {quarter_number(q): x for q, x in values.items() if "Q" in q and q.startswith("20")}
        for name, values in by_name.items()
    }
    for one in sorted(known, key=lambda o: o.period):
        of = found.setdefault(one.outcome, {})
        if "Q" in one.period:
            of[quarter_number(one.period)] = one.value
        elif one.period.endswith("H1"):
            first = quarter_number(f"{one.period[:4]}Q1")
            if first in of and first + 1 not in of:
                of[first + 1] = one.value - of[first]
    return {name: of for name, of in found.items() if of}


def _segments(root: Path) -> dict[str, dict[str, float]]:
    """Revenue and gross margin of each segment and of the group."""
    found: dict[str, dict[str, float]] = {}
    for name, by_quarter in reported.segments(root).items():
        found[f"{name}.revenue"] = {q: revenue for q, (revenue, _) in by_quarter.items()}
        found[f"{name}.gross_margin"] = {q: margin for q, (_, margin) in by_quarter.items() if not np.isnan(margin)}
    return found


def _lift_floors(months: dict[int, Interval], quarters: dict[int, float]) -> None:
    """Months known as floors, raised in proportion to what the quarter was once it is filed."""
    for quarter, total in quarters.items():
        of = range(3 * quarter, 3 * quarter + 3)
        if all(m in months for m in of) and any(months[m][0] < months[m][1] for m in of):
            scale = total / sum(months[m][0] for m in of)
            months.update({m: (months[m][0] * scale, months[m][0] * scale) for m in of})


def _places(root: Path) -> np.ndarray:
    """Months of which both the company's floor and a count became known: where in its interval the count lay."""
    rows = reported.read(root, "xiaomi_ev_deliveries_monthly.csv")
    total = reported.monthly_deliveries(root)
    floors = {row["month"]: float(row["vehicles"]) for row in rows if row["kind"] == "at_least"}
    counted = {row["month"] for row in rows if row["kind"] != "at_least"}
    return np.array([(total[m] - low) / (_next(low) - low) for m, low in sorted(floors.items()) if m in counted])


def _like(months: dict[int, Interval], firms: dict[str, dict[int, float]], year: int) -> list[tuple[str, np.ndarray]]:
    """The twelve months after each in which a maker was in a state like Xiaomi's now, over the mean of the three before."""
    own = state_of({month: (low + high) / 2 for month, (low, high) in months.items()}, max(months))
    found = []
    for firm, series in firms.items():
        for month in sorted(series):
            after = [series[n] for n in range(month + 1, min(month + 1 + AHEAD, 12 * year)) if n in series]
            state = state_of(series, month) if len(after) == AHEAD else None
            if own is not None and state is not None and state.like(own):
                found.append((firm, np.array(after) / (state.rate / 12)))
    return found
