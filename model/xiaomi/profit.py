"""From gross profit to adjusted net profit and earnings a share: drivers wired together, quarter by quarter."""

from __future__ import annotations

from functools import reduce

import numpy as np

from model.simulation.sampling.draws import Draws
from model.xiaomi.drivers import opex, profit
from model.xiaomi.drivers.calendar import with_year
from model.xiaomi.segments import Money

CORE = ("smartphones", "iot", "internet", "other")  # Smartphone x AIoT, as it is reported


def earnings(draws: Draws, *parts: Money | opex.Cost) -> dict[str, np.ndarray]:
    """Outcomes by name, quarters and years, cash at the end of each quarter.

    parts : money of each of `CORE`, of the EV segment, and its operating cost
    """
    get, quarters = draws.get, draws.calendar.quarters
    *rest, ev, cars = parts
    assert isinstance(cars, opex.Cost)
    revenue, gross = (reduce(np.add, (each[n] for each in rest)) for n in (0, 1))
    selling = revenue * get("core.selling", "share", quarters)
    research = get("core.research", "RMB bn/quarter", quarters)
    core = gross - selling - research
    segments = core + ev[1] - cars.total
    found = profit.adjusted(
        segments=segments,
        terms=profit.Terms(
            get("group.cash.opening", "RMB bn"), _items(draws), get("group.tax", "share"), _flows(draws)
        ),
    )
    shares = profit.shares(
        opening=get("group.shares", "bn shares"),
        change=get("group.shares_change", "share/year", quarters),
        phase=draws.calendar.phase[1::3],
    )
    return {
        "core.gross_profit": with_year(gross),
        "core.operating_result": with_year(core),
        "group.selling": with_year(selling + cars.selling),
        "group.research": with_year(research + cars.research),
        "group.operating_result": with_year(segments),
        "group.other_items": with_year(found.items),
        "group.adjusted_net_profit": with_year(found.adjusted),
        "group.eps": with_year(found.adjusted / shares),
        "group.cash": found.cash,
    }


def _items(draws: Draws) -> np.ndarray:
    """Other items over cash resources, (quarter, draw)."""
    quarters = draws.calendar.quarters
    level = draws.get("group.items", "share", quarters)
    return level + draws.get("noise.items", "share") * draws.shock("items", quarters)


def _flows(draws: Draws) -> np.ndarray:
    """Cash beside adjusted profit, (quarter, draw), RMB bn."""
    quarters = draws.calendar.quarters
    level = draws.get("group.cash.flows", "RMB bn/quarter", quarters)
    return level + draws.get("noise.cash", "RMB bn/quarter") * draws.shock("cash", quarters)
