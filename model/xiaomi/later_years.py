"""What later years add to the outcomes: the day on which twelve months bring the target, cash and pay-back, Europe, rank."""

from __future__ import annotations

import numpy as np

from model.simulation.sampling.draws import Draws
from model.xiaomi.drivers import later
from model.xiaomi.drivers.calendar import months_quarters_year, quarterly, running_sum, with_year
from model.xiaomi.ev_volume import ABROAD, Volume, reach_abroad


def of_later_years(draws: Draws, sold: Volume, by_line: list[np.ndarray], result: np.ndarray) -> dict[str, np.ndarray]:
    """Outcomes by name; result : operating result of the EV segment, (quarter, draw), RMB bn.

    Dates are months since year 0; what does not come within the horizon is dated the month after it.
    """
    get, calendar = draws.get, draws.calendar
    built, origin = sold.book.delivered, 12 * calendar.first
    abroad = _abroad(sold, by_line)
    out = {"ev.abroad": months_quarters_year(abroad)} | _by_group(draws, abroad)
    before = get("ev.before.deliveries", "vehicle/month", calendar.months)[:12]
    reached = later.first_twelve(
        delivered=built, before=before, level=draws.assumptions.target.value, calendar=calendar
    )
    out["ev.twelve_months_at_target"] = origin + reached
    flow = result - get("ev.cash.investment", "RMB bn/quarter", calendar.quarters)
    out["ev.phases"] = sold.book.phases[2::3]
    quarters_of_life = 4 * get("ev.expansion.life", "years")
    written_off = get("ev.expansion.capex", "RMB bn") / quarters_of_life  # stands in fixed cost
    flow = flow - quarterly(sold.book.spent) + written_off * quarterly(sold.book.phases) / 3
    out["ev.cash_flow"] = with_year(flow)
    cash = running_sum(flow) - get("ev.cash.invested", "RMB bn")
    out["ev.cash"] = cash
    out["ev.paid_back"] = origin + _for_good(cash)
    years = built.reshape(calendar.years, 12, -1).sum(axis=1)
    out["ev.rank"] = _rank(draws, years)
    last = np.maximum(years[-1], 1.0)
    span = get("ev.aim.year", "year") - calendar.last
    out["ev.growth_to_aim"] = np.exp(np.log(get("ev.aim.vehicles", "vehicle") / last) / span) - 1.0
    return out


def _abroad(sold: Volume, by_line: list[np.ndarray]) -> np.ndarray:
    """Deliveries outside China, (month, draw)."""
    return sum(
        (each for line, each in zip(sold.lines, by_line, strict=True) if line in ABROAD), np.zeros(sold.before.shape)
    )


def _by_group(draws: Draws, abroad: np.ndarray) -> dict[str, np.ndarray]:
    """Deliveries abroad by group of countries, by year; all wait alike, so each has its share of the month's orders."""
    reached = reach_abroad(draws)
    total = np.maximum(sum(reached[1:], reached[0]), 1e-9)
    years = (draws.calendar.years, 12, -1)
    groups = zip(draws.children("ev.europe.groups"), reached, strict=True)
    return {f"ev.abroad.{name}": (abroad * each / total).reshape(years).sum(axis=1) for name, each in groups}


def _for_good(cash: np.ndarray) -> np.ndarray:
    """The last month of the quarter from which on cash is no longer below 0; the month past the horizon where it still is."""
    below = cash < 0
    since = np.where(below.any(axis=0), len(cash) - np.argmax(below[::-1], axis=0), 0)
    return np.minimum(3.0 * since + 3.0, 3.0 * len(cash) + 1.0)


def _rank(draws: Draws, years: np.ndarray) -> np.ndarray:
    """Place among car makers by vehicles of a year, (year, draw): 1 and one for each that sells more.

    Counted are the makers of `ev.makers`, held at the sales that are known last, and as many more as the place that is aimed at
    says, until the last of these is passed. Others are not counted, so that a place is the best it can be.
    """
    makers = [draws.get(f"ev.makers.{name}", "vehicle/year") for name in draws.children("ev.makers")]
    ahead = sum((np.greater(each, years).astype(float) for each in makers), np.zeros(years.shape))
    largest = draws.get("ev.aim.place", "1") * np.greater(draws.get("ev.aim.vehicles", "vehicle"), years)
    return 1.0 + ahead + largest
