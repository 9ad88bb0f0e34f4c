"""Measures: numbers read off draws, each with its simulation error.

The error is the standard error over the replicates, which are independent randomisations of the same points:
the standard deviation of the replicates' own estimates over the square root of their number. Weights (a view)
are honoured everywhere; without them every draw counts the same.

>>> import numpy as np
>>> values = np.arange(16.0)
>>> m = mean(values, replicate=np.arange(16) % 8)
>>> m.value, round(m.error, 6)
(7.5, 0.866025)
>>> chance(values, 12, replicate=np.arange(16) % 8).value
0.25
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from scipy import special

CONFIDENCE = 0.95  # of a bound
ROUNDING = 1e-15  # to which replicates that count the same agree
QUANTILES = (0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99)


class Measure(NamedTuple):
    """A number and its simulation error (standard error); floats, or arrays of the same shape."""

    value: Any
    error: Any


class Bound(Measure):
    """A chance that no draw met, or that every draw met: it lies below (above) `limit`, with `CONFIDENCE`.

    `value` is 0 or 1, the share of draws; `error` reaches from it to the limit.
    """

    __slots__ = ()

    @property
    def limit(self) -> float:
        """Largest chance of which so many draws without a hit are no surprise; at the other end, the smallest."""
        return float(self.value - self.error if self.value else self.error)


def bounded(found: Measure, draws: float) -> Measure:
    """A chance counted in so many draws; a `Bound` where all of them or none are hits.

    The limit is Clopper and Pearson's (1934) for independent draws, 1 - (1 - CONFIDENCE)^(1 / draws): about 3 / draws. Where all
    replicates happen to count the same, their error is not 0 but what one draw more in one of them would make it, 1 / draws.
    """
    if float(found.value) not in (0.0, 1.0):
        return found if found.error > ROUNDING else Measure(found.value, 1.0 / draws)
    return Bound(found.value, -math.expm1(math.log1p(-CONFIDENCE) / draws))


def mean(values: np.ndarray, *, replicate: np.ndarray, weights: np.ndarray | None = None) -> Measure:
    """Mean over draws; values (..., draw), replicate (draw,) which of the replicates, weights (draw,)."""
    return _measure(_mean, values, replicate, weights)


def sd(values: np.ndarray, *, replicate: np.ndarray, weights: np.ndarray | None = None) -> Measure:
    """Standard deviation over draws."""
    centre = np.asarray(_mean(values, weights))[..., None]

    def spread(x: np.ndarray, w: np.ndarray | None) -> np.ndarray:
        return np.sqrt(_mean((x - centre if x.ndim == values.ndim else x - centre[..., None]) ** 2, w))

    return _measure(spread, values, replicate, weights)


def quantile(
    values: np.ndarray, q: float | tuple[float, ...], *, replicate: np.ndarray, weights: np.ndarray | None = None
) -> Measure:
    """The least draw that a share q of all draws does not exceed; q (or a tuple of them) comes first in the shape."""
    if weights is not None:

        def at(x: np.ndarray, w: np.ndarray) -> np.ndarray:
            return np.quantile(x, q, axis=-1, method="inverted_cdf", weights=np.broadcast_to(w, x.shape))

        return _measure(at, values, replicate, weights)
    apart = np.sort(by_replicate(values, replicate), axis=-1)
    # quicker than to merge the sorted replicates, where numpy sorts by vector instructions
    whole = np.sort(values, axis=-1)
    return Measure(_plain(_pick(whole, q)), _plain(standard_error(_pick(apart, q))))


def _pick(ordered: np.ndarray, q: float | tuple[float, ...]) -> np.ndarray:
    """Quantiles of sorted draws, q first in the shape; numpy's inverted_cdf."""
    number = ordered.shape[-1]
    place = np.clip(np.ceil(np.asarray(q) * number - 1e-9).astype(int) - 1, 0, number - 1)
    found = np.asarray(ordered[..., place], float)
    return np.moveaxis(found, -1, 0) if np.ndim(q) else found


def chance(values: np.ndarray, target: float, *, replicate: np.ndarray, weights: np.ndarray | None = None) -> Measure:
    """Share of draws that reach the target: P(value >= target); a `Bound` where all of them or none do.

    values : (draw,), or (..., draw) for several chances at once, which are plain measures
    """
    found = mean((values >= float(target)).astype(float), replicate=replicate, weights=weights)
    return found if values.ndim > 1 else bounded(found, effective(weights, len(replicate)))


def effective(weights: np.ndarray | None, draws: int) -> float:
    """How many equal draws weighted ones are worth: (sum w)^2 / sum w^2 (Kish 1965)."""
    return float(draws) if weights is None else float(weights.sum() ** 2 / (weights**2).sum())


def percentile_of(values: np.ndarray, x: float, *, replicate: np.ndarray, weights: np.ndarray | None = None) -> Measure:
    """Share of draws below x."""
    return mean((values < float(x)).astype(float), replicate=replicate, weights=weights)


def crps(values: np.ndarray, observed: float, *, replicate: np.ndarray, weights: np.ndarray | None = None) -> Measure:
    """Continuous ranked probability score of the draws for what came: E|X - x| - E|X - X'|/2, in the outcome's unit.

    Smaller is better; of a forecast without spread it is the absolute miss (Gneiting and Raftery 2007, equation 21).
    The score of the draws as they stand is too high by the integral of their distribution function's variance. That
    of a replicate is eight times that of all, so that the two together give the score without it. (The usual correction,
    n / (n - 1) on the second term, is for draws at random; these are spread evenly.)
    """

    def score(x: np.ndarray, w: np.ndarray | None) -> np.ndarray:
        order = np.argsort(x, axis=-1)
        share = np.take_along_axis(np.ones(x.shape) if w is None else np.broadcast_to(w, x.shape), order, axis=-1)
        share = share / share.sum(axis=-1, keepdims=True)
        ordered, below = np.take_along_axis(x, order, axis=-1), np.cumsum(share, axis=-1)
        apart = 2 * (share * ordered * (2 * below - share - 1)).sum(axis=-1)
        return np.asarray((share * np.abs(ordered - observed)).sum(axis=-1) - apart / 2)

    whole = _measure(score, values, replicate, weights)
    apart = None if weights is None else by_replicate(weights, replicate)
    each = score(by_replicate(values, replicate), apart)
    return Measure(whole.value - (each.mean(axis=-1) - whole.value) / (each.shape[-1] - 1), whole.error)


def draws_needed(share: float, confidence: float, *, sides: int = 1) -> int:
    """Least number of independent draws whose extremes hold a share of a distribution with so much confidence.

    sides : 1 for the largest (or smallest) draw alone, 2 for both together (Wilks 1941).

    >>> draws_needed(0.95, 0.95), draws_needed(0.95, 0.95, sides=2)
    (59, 93)
    """
    n = sides
    while special.bdtr(n - sides, n, share) < confidence:
        n += 1
    return n


def _mean(x: np.ndarray, w: np.ndarray | None) -> np.ndarray:
    if w is None:
        result: np.ndarray = x.mean(axis=-1, dtype=float)  # of what is kept in single precision too
        return result
    return np.asarray((x * w).sum(axis=-1) / w.sum(axis=-1))


def _measure(statistic: object, values: np.ndarray, replicate: np.ndarray, weights: np.ndarray | None) -> Measure:
    whole = statistic(values, weights)  # type: ignore[operator]
    weights_apart = None if weights is None else by_replicate(weights, replicate)
    each = statistic(by_replicate(values, replicate), weights_apart)  # type: ignore[operator]
    return Measure(_plain(whole), _plain(standard_error(each)))


def by_replicate(values: np.ndarray, replicate: np.ndarray) -> np.ndarray:
    """(..., draw) -> (..., replicate, draw of the replicate)."""
    order = np.argsort(replicate, kind="stable")
    return values[..., order].reshape(*values.shape[:-1], int(replicate.max()) + 1, -1)


def standard_error(each: np.ndarray) -> np.ndarray:
    """Standard error of the mean of the replicates' estimates (..., replicate)."""
    return np.std(each, axis=-1, ddof=1, dtype=float) / np.sqrt(each.shape[-1])


def _plain(x: np.ndarray) -> float | np.ndarray:
    return float(x) if np.ndim(x) == 0 else x
