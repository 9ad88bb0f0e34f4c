"""Hindsight: the drivers of orders, book and plants from January 2024 on, against each quarter that was reported to 2026Q2.

`python -m benchmarks.backcast`
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import ROOT
from model.assumptions.load import load
from model.simulation.simulate import simulate
from model.xiaomi.business import checks
from model.xiaomi.data import history as reported
from model.xiaomi.ev_volume import volume
from model.xiaomi.outcomes import UNITS

FILE = Path(__file__).with_suffix(".toml")
LEVELS = (0.1, 0.5, 0.9)
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


def quarters(draws: int = 16_384) -> list[Quarter]:
    """The quarters from 2024Q2 to 2026Q2, and the third of 2026 with the middle of what is known of it."""
    result = simulate(load(FILE, units=UNITS), volume, draws=draws)
    known = dict(reported.quarterly_deliveries(ROOT))
    filed = {
        o.period: o.value
        for y in (2025, 2026)
        for o in checks(ROOT, y)
        if o.outcome == "ev.deliveries" and "Q" in o.period
    }
    told = known | filed | {"2026Q3": sum(REPORTED_NOW) / 2}
    names = [f"{y}Q{q}" for y in (2024, 2025, 2026) for q in (1, 2, 3, 4)][1:11]
    return [
        Quarter(name, told[name], np.asarray(result.quantile("ev.deliveries", LEVELS, name).value)) for name in names
    ]


def main() -> None:
    """Print the table."""
    *found, last = quarters()
    for each in found:
        low, mid, high = each.levels
        print(
            f"{each.name}  {each.reported:>9,.0f}   {mid:>9,.0f} ({low:,.0f} to {high:,.0f})   {'inside' if each.inside else 'OUTSIDE'}"
        )
    (low, mid, high), (least, most) = last.levels, REPORTED_NOW
    print(f"2026Q3  {least:,.0f} to {most:,.0f}   {mid:>9,.0f} ({low:,.0f} to {high:,.0f})")
    print(f"{sum(each.inside for each in found)} of {len(found)} quarters lie in their 80% range, in hindsight")


if __name__ == "__main__":
    main()
