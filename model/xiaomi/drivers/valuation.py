"""Value of a draw's money: a sum of the parts, and discounted cash flows. RMB bn; a reading, which moves nothing.

Two-stage value with fading growth and return: Damodaran, Investment Valuation (3rd ed. 2012), ch. 12. Growth g at a return on capital
R takes a share g / R of after-tax profit to pay for it, so growth adds nothing where R is the cost of capital.
"""

from __future__ import annotations

import numpy as np


def next_twelve(*, first: np.ndarray, second: np.ndarray, gone: float) -> np.ndarray:
    """A flow over the twelve months ahead, of two calendar years, `gone` being the share of the first that is over; (draw,)."""
    return first * (1.0 - gone) + second * gone


def terminal(*, profit: np.ndarray, growth: np.ndarray, on_capital: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Value of after-tax profit that grows for ever: profit (1 - growth / return) / (rate - growth), one year before it is made."""
    return profit * (1.0 - growth / on_capital) / (rate - growth)


def reinvested(*, profit: np.ndarray, growth: np.ndarray, on_capital: np.ndarray) -> np.ndarray:
    """What a profit's rise in the next year takes out of this one's, (year, draw): the rise over the return. A fall frees nothing.

    profit : after tax, (year, draw); growth : of the year after the last
    """
    rise = np.concatenate([np.diff(profit, axis=0), growth * profit[-1:]])
    return np.maximum(rise, 0.0) / on_capital


def fading(
    *,
    profit: np.ndarray,
    growth: np.ndarray,
    on_capital: np.ndarray,
    rate: np.ndarray,
    forever: np.ndarray,
    years: int,
) -> np.ndarray:
    """Value, a year before, of after-tax profit and all that follows, (draw,).

    profit : of the first year; growth, on_capital : of the year after it, falling in straight lines to `forever` and `rate` over
    `years`; rate : cost of capital; forever : growth from then on

    Each year's growth is paid for out of the profit of the year before. In the end the return is the cost of capital, so
    that what grows then adds nothing.
    """
    worth, discount, now = np.zeros(np.shape(profit)), np.ones(np.shape(profit)), profit
    for year in range(years):
        share = year / max(years - 1, 1)
        speed = growth + (forever - growth) * share
        earned = on_capital + (rate - on_capital) * share
        discount = discount / (1.0 + rate)
        worth = worth + now * (1.0 - speed / earned) * discount
        now = now * (1.0 + speed)
    return worth + discount * terminal(profit=now, growth=forever, on_capital=rate, rate=rate)


def shortfall(
    *,
    sales: np.ndarray,
    growth: np.ndarray,
    forever: np.ndarray,
    margin: np.ndarray,
    then: np.ndarray,
    tax: np.ndarray,
    rate: np.ndarray,
    years: int,
) -> np.ndarray:
    """Value, a year before, of the after-tax profit that is missed while a margin moves to `then` in a straight line over `years`; (draw,).

    sales : of the first year, growing as in `fading`; margin : of the year before it. Losses are not set off against tax.
    """
    missed, discount, now = np.zeros(np.shape(sales)), np.ones(np.shape(sales)), sales
    for year in range(years):
        held = margin + (then - margin) * (year + 1) / years
        discount = discount / (1.0 + rate)
        missed = missed + now * discount * ((then - tax * np.maximum(then, 0.0)) - (held - tax * np.maximum(held, 0.0)))
        now = now * (1.0 + growth + (forever - growth) * year / max(years - 1, 1))
    return missed


def present(*, flows: np.ndarray, rate: np.ndarray, gone: float) -> np.ndarray:
    """Value of flows by year, (year, draw), in the middle of each, on a day when `gone` of the first year is over; (draw,).

    Of the first year the rest counts.
    """
    when = np.arange(len(flows))[:, None] + 0.5 - gone
    left = np.ones((len(flows), 1))
    left[0], when[0] = 1.0 - gone, (1.0 - gone) / 2
    return np.sum(flows * left * np.exp(-np.log1p(rate) * when), axis=0)


def after(*, worth: np.ndarray, rate: np.ndarray, years: int, gone: float) -> np.ndarray:
    """What follows on `years` of flows, on a day when `gone` of the first is over; (draw,).

    worth : a year before its first flow, which comes in the middle of the year after them, as theirs do (`present`)
    """
    return worth * np.exp(-np.log1p(rate) * (years - gone - 0.5))
