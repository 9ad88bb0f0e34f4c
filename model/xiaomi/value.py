"""What a draw is worth: a sum of the parts and discounted cash flows, in RMB bn and HKD a share. A reading, which moves nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import reduce
from typing import NamedTuple

import numpy as np

from model.errors import InputError, Problem
from model.simulation.sampling.draws import Draws
from model.xiaomi.drivers import valuation
from model.xiaomi.profit import CORE

Outcomes = Mapping[str, np.ndarray]  # by name, (quarter + year, draw) each


def values(draws: Draws, money: Outcomes) -> dict[str, np.ndarray]:
    """Outcomes of value by name, (draw,); money : revenue and gross profit by segment, cash of the car business, RMB bn.

    The sum of the parts takes EV at a multiple of the next twelve months' sales, the rest at a multiple of their adjusted profit, and
    adds net cash. In a draw in which more cash goes into the car business than the limit, it has failed: its part is what is recovered
    of that year's sales, and no cash flow follows. Cash flows take the years of the run, and after them growth and return that fade, and
    a margin of cars that moves from the draw's own to that of the end. Cars that would then be worth less than nothing are given up.

    Raises InputError where growth for ever exceeds the risk-free rate or a return, a return lies below the cost of capital, and
    where risk would be counted twice.
    """
    get, years, gone = draws.get, draws.calendar.years, _gone(draws)
    quarters = draws.calendar.quarters
    profit = money["core.operating_result"][:quarters] + money["group.other_items"][:quarters]
    after_tax = _by_year(profit) * (1.0 - get("group.tax", "share"))
    lost = np.minimum.accumulate(money["ev.cash"], axis=0) < -get(
        "value.failure.limit", "RMB bn"
    )  # by quarter, for good
    sales, fails = money["ev.revenue"][quarters:], lost[-1]
    recovered = get("value.failure.recovered", "multiple")
    ahead = {"first": 0, "second": min(1, years - 1)}
    earned = valuation.next_twelve(**{name: after_tax[n] for name, n in ahead.items()}, gone=gone)
    sold = valuation.next_twelve(**{name: sales[n] for name, n in ahead.items()}, gone=gone)
    going = sold * get("value.ev.multiple", "multiple")
    before = np.concatenate([np.zeros_like(lost[:1]), lost[:-1]])  # the quarter in which it fails is still paid for
    sale = _by_year((lost & ~before).astype(float)) * sales * recovered
    cars = np.where(fails, sale.sum(axis=0), going)
    rest = earned * get("value.core.multiple", "multiple")
    cash = get("value.net_cash", "RMB bn")
    out = {"value.ev": cars, "value.core": rest, "value.net_cash": np.broadcast_to(cash, rest.shape)}
    out["value.ev.sales"], out["value.core.profit"] = sold, earned
    cars_sold = money["ev.deliveries"][-years:]
    out["value.ev.deliveries"] = valuation.next_twelve(**{name: cars_sold[n] for name, n in ahead.items()}, gone=gone)
    others = reduce(np.add, (money[f"{name}.revenue"][quarters:] for name in CORE))
    out["value.core.sales"] = valuation.next_twelve(**{name: others[n] for name, n in ahead.items()}, gone=gone)
    out["value.failed"] = np.broadcast_to(fails.astype(float), rest.shape)
    out["value.company"] = cars + rest + cash
    kept = _by_year(money["ev.cash_flow"][:quarters] * ~before)
    last = _Last(np.where(fails, 0.0, sales[-1]), money["ev.operating_result"][-1] / np.maximum(sales[-1], 1e-9))
    discounted = _discounted(draws, after_tax, kept + sale, last, gone) + cash
    out["value.discounted"] = discounted
    shares, hkd = get("group.shares", "bn shares"), get("value.hkd", "HKD/RMB")
    out["value.share_rmb"] = out["value.company"] / shares
    out["value.share"] = out["value.share_rmb"] * hkd
    out["value.share_discounted"] = discounted / shares * hkd
    return out


class _Last(NamedTuple):
    """The car business in the last year of the run, (draw,)."""

    sales: np.ndarray  # RMB bn; 0 where it has failed
    margin: np.ndarray  # operating result over sales


def _discounted(draws: Draws, core: np.ndarray, cars: np.ndarray, last: _Last, gone: float) -> np.ndarray:
    """Value of all money to come, (draw,), RMB bn.

    core, cars : after-tax profit of the rest, cash flow of the car business with what is recovered of it, (year, draw)
    """
    get = draws.get
    _checked(draws, failures=bool(np.any(last.sales == 0)))
    rate, forever = (
        get("value.rate", "share/year") + get("value.risk_in_rate", "share/year"),
        get("value.growth", "share/year"),
    )
    years, tax = int(np.ravel(get("value.fade", "years"))[0]), get("group.tax", "share")
    growth, on_capital = get("value.core.growth", "share/year"), get("value.core.return", "share/year")
    rest = valuation.fading(
        profit=core[-1] * (1.0 + growth), growth=growth, on_capital=on_capital, rate=rate, forever=forever, years=years
    )
    speed, earned = get("value.ev.growth", "share/year"), get("value.ev.return", "share/year")
    then, sold = get("value.ev.margin", "share"), last.sales * (1.0 + speed)
    made = sold * np.maximum(then, 0.0) * (1.0 - tax)  # a business that loses money for ever is given up
    making = valuation.fading(profit=made, growth=speed, on_capital=earned, rate=rate, forever=forever, years=years)
    missed = valuation.shortfall(
        sales=sold, growth=speed, forever=forever, margin=last.margin, then=then, tax=tax, rate=rate, years=years
    )
    making = np.maximum(making - missed, 0.0)
    flows = core - valuation.reinvested(profit=core, growth=growth, on_capital=on_capital)
    flows = flows + cars - tax * np.maximum(cars, 0.0)
    explicit = valuation.present(flows=flows, rate=rate, gone=gone)
    return explicit + valuation.after(worth=rest + making, rate=rate, years=len(core), gone=gone)


def _checked(draws: Draws, *, failures: bool) -> None:
    """InputError where a discounted cash flow would say what cannot be: all that is wrong, each with the path to change."""
    get = draws.get
    forever, rate = get("value.growth", "share/year"), get("value.rate", "share/year")
    faults = [
        (np.any(forever > get("value.risk_free", "share/year")), "value.growth",
         "growth for ever exceeds the risk-free rate, which no economy carries", "At most value.risk_free in every draw"),
        (np.any(rate <= forever), "value.rate", "the cost of capital is not above growth for ever", "Above value.growth in every draw"),
        *((np.any(get(f"value.{part}.growth", "share/year") >= get(f"value.{part}.return", "share/year")), f"value.{part}.growth",
           "growth would take more than all of profit to pay for it", f"Below value.{part}.return in every draw") for part in ("core", "ev")),
        *((np.any(get(f"value.{part}.return", "share/year") < rate), f"value.{part}.return",
           "a return below the cost of capital would have to rise to it", "At least value.rate in every draw") for part in ("core", "ev")),
        (failures and np.any(get("value.risk_in_rate", "share/year") > 0), "value.risk_in_rate",
         "the risk of failure is counted twice: in the rate and as a state", "0, or a value.failure.limit that no draw passes"),
    ]  # fmt: skip
    problems = [Problem(what, hint, path=path) for wrong, path, what, hint in faults if wrong]
    if problems:
        raise InputError(problems)


def _gone(draws: Draws) -> float:
    """Share of the first year that is over on the day of the assumptions."""
    day, first = draws.assumptions.about.as_of, draws.calendar.first
    return min(max((day - dt.date(first, 1, 1)).days / 365.0, 0.0), 1.0)


def _by_year(flow: np.ndarray) -> np.ndarray:
    """Sums of four quarters, (year, draw)."""
    return flow.reshape(-1, 4, flow.shape[-1]).sum(axis=1)
