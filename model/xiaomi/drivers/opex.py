"""Operating cost of the EV segment: a fixed part of the cars, a small share of sales above a fixed level, and AI apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LOSSES = 4  # quarters in a row, after which the fixed part is cut


class Terms(NamedTuple):
    """(draw,) each."""

    response: np.ndarray  # share of sales above the level, that is spent
    level: np.ndarray  # RMB bn of four quarters' sales
    cut: np.ndarray  # share of the cars' fixed part, after `LOSSES` quarters of loss
    before: np.ndarray  # RMB bn, sales of the four quarters before the first, taken as alike


class Cost(NamedTuple):
    """Operating cost, (quarter, draw), RMB bn."""

    research: np.ndarray  # cars and AI
    selling: np.ndarray  # and administration

    @property
    def total(self) -> np.ndarray:
        """Both."""
        return self.research + self.selling


def operating_cost(
    *,
    research: np.ndarray,
    other: np.ndarray,
    ai: np.ndarray,
    revenue: np.ndarray,
    gross_profit: np.ndarray,
    terms: Terms,
) -> Cost:
    """Operating cost of the EV segment.

    research, other : (quarter, draw) fixed parts of the cars; ai : the same; revenue, gross_profit : (quarter, draw) of the segment

    research[q] = cars' research[q] kept[q] + ai[q]
    selling[q]  = other[q] kept[q] + response / 4 (sales of the four quarters before - level)
    kept falls by `cut` in the quarter after four quarters of loss in a row, and counting begins anew.
    """
    quarters, size = revenue.shape
    out, kept, losses = Cost(np.empty(revenue.shape), np.empty(revenue.shape)), np.ones(size), np.zeros(size)
    sales = np.concatenate([np.broadcast_to(terms.before / 4.0, (4, size)), revenue])
    four = np.broadcast_to(terms.before, (size,))
    for q in range(quarters):
        out.research[q] = _row(research, q) * kept + _row(ai, q)
        out.selling[q] = _row(other, q) * kept + terms.response / 4.0 * (four - terms.level)
        losses = np.where(gross_profit[q] < out.research[q] + out.selling[q], losses + 1.0, 0.0)
        kept = np.where(losses >= LOSSES, kept * (1.0 - terms.cut), kept)
        losses = np.where(losses >= LOSSES, 0.0, losses)
        four = four + sales[q + 4] - sales[q]
    return out


def _row(values: np.ndarray, q: int) -> np.ndarray:
    return values if np.ndim(values) < 2 else values[q]
