"""Profit below gross profit, by quarter: what selling, administration and research leave, other items, tax, shares. RMB bn.

result of the rest[q] = gross profit[q] - selling share x revenue[q] - research[q]          Smartphone x AIoT, as it is reported
other items[q]        = yield[q] x cash resources when the quarter begins
adjusted[q]           = before tax - tax x what of it is above nought;   before tax = both segments' results + other items
cash[q]               = cash[q-1] + adjusted[q] + other flows[q]

Other items are other income, shares of associates, finance income and share-based pay added back; changes in the value of investments
are left out of adjusted profit, and so here. No line is what is left of a reported profit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Terms(NamedTuple):
    """(draw,) each, but for what is (quarter, draw)."""

    cash: np.ndarray  # resources when the first quarter begins
    items: np.ndarray  # (quarter, draw) share of cash resources
    tax: np.ndarray
    flows: np.ndarray  # (quarter, draw) of cash beside adjusted profit: investment, working capital, buy-backs


class Profit(NamedTuple):
    """(quarter, draw) each."""

    items: np.ndarray
    adjusted: np.ndarray
    cash: np.ndarray  # at the end of the quarter


def adjusted(*, segments: np.ndarray, terms: Terms) -> Profit:
    """Adjusted net profit; segments : (quarter, draw) results of both segments together."""
    out = Profit(*np.empty((3, *segments.shape)))
    cash = np.broadcast_to(terms.cash, segments.shape[-1:])
    for q in range(len(segments)):
        out.items[q] = terms.items[q] * np.maximum(cash, 0.0)
        before_tax = segments[q] + out.items[q]
        out.adjusted[q] = before_tax - terms.tax * np.maximum(before_tax, 0.0)
        cash = np.add(cash + out.adjusted[q], terms.flows[q], out=out.cash[q])
    return out


def shares(*, opening: np.ndarray, change: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Shares in the middle of each quarter, bn: opening (1 + change)^years since the first began; phase : (quarter, 1) years."""
    return opening * np.exp(np.log1p(change) * phase)
