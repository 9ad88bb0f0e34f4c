"""Prices: what a line costs, and what that does to its orders.

price[v,t]  = sum over trims of share x list price - discount[v,t]             RMB, with VAT
own[v,t]    = price[v,t] / sum over trims of share x reference                 1 at the prices at which orders were judged
orders     ~ (own x path)^-own elasticity x rivals^(own elasticity - class elasticity)

path is Xiaomi's answer to rivals, rivals what these still ask, both against January. Where all prices fall alike, what is left is
the class's elasticity; where one line's own falls, its own.
"""

from __future__ import annotations

import numpy as np


def mix(*values_and_shares: np.ndarray) -> np.ndarray:
    """Mean over trims by their shares of a line, which need not sum to 1; first all values, then all shares; (draw,) or (month, draw)."""
    count = len(values_and_shares) // 2
    values, shares = values_and_shares[:count], values_and_shares[count:]
    total, all_shares = shares[0] * values[0], shares[0]
    for value, share in zip(values[1:], shares[1:], strict=True):
        total, all_shares = total + share * value, all_shares + share
    return total / all_shares


def own_price(*, price: np.ndarray, discount: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """A line's price less its discount, over the price at which its orders were judged; each RMB with VAT, (draw,) or (month, draw).

    `reference` is taken over the same shares of trims, so that a dearer mix is not a dearer car.
    """
    return np.maximum(price - discount, 0.0) / reference


def response(own: np.ndarray, elasticity: np.ndarray) -> np.ndarray:
    """Orders at an own price against those at the reference: own^-elasticity."""
    return np.exp(-elasticity * np.log(np.maximum(own, 1e-9)))


def rivalry(
    *, path: np.ndarray, rivals: np.ndarray, own_elasticity: np.ndarray, class_elasticity: np.ndarray
) -> np.ndarray:
    """Orders under a price war, (month, draw): path^-own rivals^(own - class); path, rivals : prices against January's."""
    return np.exp(-own_elasticity * np.log(path) + (own_elasticity - class_elasticity) * np.log(rivals))


def cut_of(*, own: tuple[np.ndarray, ...], orders: list[np.ndarray]) -> np.ndarray:
    """By how much own prices fell in each month against the one before, by orders; a share, (month, draw), 0 where they rose.

    own : by line, (month or 1, draw or 1); orders : by line, (month, draw)
    """
    total, every = np.zeros(orders[0].shape), np.zeros(orders[0].shape)
    for price, signed in zip(own, orders, strict=True):
        every += signed
        if len(price) > 1:
            total[1:] += signed[1:] * np.maximum(1.0 - price[1:] / np.maximum(price[:-1], 1e-9), 0.0)
    return total / np.maximum(every, 1e-9)
