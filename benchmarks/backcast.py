"""Hindsight: the drivers of orders, book and plants from January 2024 on, against each quarter that was reported to 2026Q2.

`python -m benchmarks.backcast`
"""

from __future__ import annotations

import calendar as calendar_days
import datetime as dt
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import ROOT
from model.assumptions.load import load
from model.simulation.result import Result
from model.simulation.simulate import simulate
from model.xiaomi.business import checks
from model.xiaomi.data import history as reported
from model.xiaomi.ev_volume import volume
from model.xiaomi.outcomes import UNITS

FILE = Path(__file__).with_suffix(".toml")
LEVELS = (0.1, 0.5, 0.9)
# data/facts_2026-01.md, Supply: 230 days to the 100,000th car, not said from when. From the launch (data/list_prices.csv) they end on
# 13 November 2024; deliveries by month pass 100,000 about the 16th.
LAUNCH = dt.date(2024, 3, 28)
DAYS_TO_100_000 = 230
REPORTED_NOW = (100_153.0, 120_151.0)  # data/facts_2026-10.md, Reported


class Quarter(NamedTuple):
    """A quarter: what was reported, and P10, P50, P90 of the backcast; vehicles."""

    name: str
    reported: float
    levels: np.ndarray

    @property
    def inside(self) -> bool:
        """Whether it lies in the 80% range."""
        return bool(self.levels[0] <= self.reported <= self.levels[-1])


def filed() -> dict[str, float]:
    """Deliveries of each quarter as filed, from the second of 2024 on."""
    later = {
        o.period: o.value
        for y in (2025, 2026)
        for o in checks(ROOT, y)
        if o.outcome == "ev.deliveries" and "Q" in o.period
    }
    return {
        quarter: value
        for quarter, value in {**reported.quarterly_deliveries(ROOT), **later}.items()
        if quarter >= "2024Q2"
    }


def simulated(draws: int = 16_384) -> Result:
    """Deliveries of 2024 to 2026, before any report."""
    return simulate(load(FILE, units=UNITS), volume, draws=draws)


def days_to(result: Result, cars: float = 100_000) -> np.ndarray:
    """Days from the launch to so many cars, (draw,), each month's spread evenly over it; nan where they are not reached."""
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    so_far = np.cumsum([result.values("ev.deliveries", month) for month in months], axis=0)
    begins = np.array([(dt.date(int(m[:4]), int(m[5:]), 1) - LAUNCH).days for m in months])
    reached = np.argmax(so_far >= cars, axis=0)
    draw = np.arange(result.draws)
    before = np.where(reached > 0, so_far[reached - 1, draw], 0.0)
    part = (cars - before) / (so_far[reached, draw] - before)
    days = (
        begins[reached]
        + part * np.array([calendar_days.monthrange(int(m[:4]), int(m[5:]))[1] for m in months])[reached]
    )
    return np.where(so_far[-1] >= cars, days, np.nan)


def quarters(result: Result | None = None) -> list[Quarter]:
    """The quarters from 2024Q2 to 2026Q2, and the third of 2026 with the middle of what is known of it."""
    result = simulated() if result is None else result
    told = filed() | {"2026Q3": sum(REPORTED_NOW) / 2}
    names = [f"{y}Q{q}" for y in (2024, 2025, 2026) for q in (1, 2, 3, 4)][1:11]
    return [
        Quarter(name, told[name], np.asarray(result.quantile("ev.deliveries", LEVELS, name).value)) for name in names
    ]


def main() -> None:
    """Print the table."""
    result = simulated()
    *found, last = quarters(result)
    for each in found:
        low, mid, high = each.levels
        print(
            f"{each.name}  {each.reported:>9,.0f}   {mid:>9,.0f} ({low:,.0f} to {high:,.0f})   {'inside' if each.inside else 'OUTSIDE'}"
        )
    (low, mid, high), (least, most) = last.levels, REPORTED_NOW
    print(f"2026Q3  {least:,.0f} to {most:,.0f}   {mid:>9,.0f} ({low:,.0f} to {high:,.0f})")
    low, mid, high = np.quantile(days_to(result), LEVELS)
    print(f"days to the 100,000th car  {DAYS_TO_100_000}   {mid:.0f} ({low:.0f} to {high:.0f})")
    print(f"{sum(each.inside for each in found)} of {len(found)} quarters lie in their 80% range, in hindsight")


if __name__ == "__main__":
    main()
