"""EV money: revenue, cost of sales, gross profit. Prices and costs in RMB/vehicle, the rest in RMB bn."""

from __future__ import annotations

import numpy as np

BN = 1e9


def car_revenue(
    *, delivered: list[np.ndarray], price: np.ndarray, discount: np.ndarray, duty: np.ndarray
) -> np.ndarray:
    """Revenue from cars.

    delivered : by line, (period, draw) vehicles; price : (line, period or 1, draw) list, net of VAT
    discount : (period, draw) own price against list; duty : (line, 1, draw) share of price paid at a border

    Returns (period, draw): sum over lines of delivered x price x (1 - duty), x discount.
    """
    return _over_lines(delivered, price * (1.0 - duty)) * discount / BN


def variable_cost(
    *,
    delivered: list[np.ndarray],
    price: np.ndarray,
    reference_price: np.ndarray,
    at_reference: np.ndarray,
    slope: np.ndarray,
    inflation: np.ndarray | float = 0.0,
    saving: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Cost that grows with each car.

    at_reference : (draw,) RMB/vehicle for a car of the reference price; slope : (draw,) RMB per RMB of list price
    inflation : (draw,) share; saving : (period, draw) RMB/vehicle

    Returns (period, draw): sum over lines of delivered x ((at_reference + slope (price - reference)) (1 + inflation) - saving).
    A discount lowers the price, not the cost; a dearer trim or line costs more to build.
    """
    cost = (at_reference + slope * (price - reference_price)) * (1.0 + inflation)
    return (_over_lines(delivered, cost) - sum(delivered[1:], delivered[0]) * saving) / BN


def gross_profit(
    *, cars: np.ndarray, other_share: np.ndarray, other_margin: np.ndarray, variable: np.ndarray, fixed: np.ndarray
) -> np.ndarray:
    """Gross profit of the segment, (period, draw), RMB bn.

    cars : revenue from cars; other_share : other revenue over that, sold at other_margin
    variable, fixed : cost of the cars; fixed cost is spread over the cars delivered, so volume moves the margin
    """
    return cars - variable - fixed + cars * other_share * other_margin


def _over_lines(delivered: list[np.ndarray], per_car: np.ndarray) -> np.ndarray:
    total = delivered[0] * per_car[0]
    for line in range(1, len(delivered)):
        total += delivered[line] * per_car[line]
    return total
