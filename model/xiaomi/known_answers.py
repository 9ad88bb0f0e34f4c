"""Known answers of the equations of later years: learning by doing, and value by growth and return."""

from __future__ import annotations

import numpy as np

from model.simulation.measures import Measure
from model.xiaomi.drivers import later, valuation


def learning(_: int) -> dict[str, Measure]:
    """Wright's law at 20% a doubling."""
    rate = np.array([0.2])
    built = np.zeros((13, 1))
    built[0], built[12] = 1.0, 18.0  # half of the last month counts: ten times what was built by the first year's end
    tenfold = later.learning(built=built, before=np.zeros(1), rate=rate)[12]
    return {"exponent at 20%": _exact(-np.log2(1 - rate[0])), "cost after tenfold output": _exact(tenfold[0])}


def value(_: int) -> dict[str, Measure]:
    """A growing profit for ever, and in two stages."""
    one = np.ones(1)
    flat = valuation.terminal(profit=10 * one, growth=0.03 * one, on_capital=0.09 * one, rate=0.09 * one)
    grown = valuation.fading(
        profit=10 * one, growth=0.12 * one, on_capital=0.09 * one, rate=0.09 * one, forever=0.02 * one, years=10
    )
    staged = valuation.fading(
        profit=10 * one, growth=0.1 * one, on_capital=0.2 * one, rate=0.09 * one, forever=0.02 * one, years=2
    )
    return {
        "growth at the cost of capital, for ever": _exact(flat[0]),
        "growth at the cost of capital, fading": _exact(grown[0]),
        "two stages": _exact(staged[0]),
    }


def _exact(value: float) -> Measure:
    return Measure(float(value), 0.0)
