"""Metalogs: distributions given by quantiles, met exactly, with or without bounds (Keelin 2016).

>>> d = Metalog(p10=35, p50=50, p90=75)
>>> [round(float(d.quantile(u)), 3) for u in (0.01, 0.1, 0.5, 0.9, 0.99)]
[20.983, 35.0, 50.0, 75.0, 104.636]
>>> uniform = QuantileMetalog({"p5": 5.0, "p25": 25.0, "p50": 50.0, "p75": 75.0})  # four terms hold a straight line
>>> round(float(uniform.quantile(0.99)), 6)
99.0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special

from model.assumptions.distributions.base import Distribution, first, level_of, say

# Largest |a3| / a2 of a three-term metalog that still has a density (Keelin 2016, section 3.4).
METALOG_SKEW_LIMIT = 1.66711
LOG_ODDS_P90 = float(np.log(9.0))  # ln(0.9 / 0.1)


def logit(u: np.ndarray) -> np.ndarray:
    """ln(u / (1 - u)); numpy's vectorised log is ten times quicker than scipy.special.logit."""
    return np.log(u / (1.0 - u))


UNDETERMINED = 1e9  # condition number of a system of equations that leaves its solution open
SCALES = np.linspace(-30.0, 30.0, 6001)  # log-odds at which a metalog of many terms must rise


@dataclass(frozen=True, eq=False)
class Bounded(Distribution):
    """What is given by quantiles, on a scale without bounds: ln(x - min), -ln(max - x) or the log-odds of x between them."""

    kind = "metalog"

    @property
    def given(self) -> dict[str, Any]:
        """Quantiles by key, rising."""
        raise NotImplementedError

    @property
    def parameters(self) -> dict[str, Any]:
        return {**self.given, **dict(zip(("min", "max"), self.bounds, strict=True))}

    def with_quantiles(self, quantiles: Mapping[str, Any]) -> Distribution:
        """The same bounds about other quantiles."""
        return replace(self, **quantiles)

    def inward(self, x: Any) -> np.ndarray:
        """From the bounded scale to the unbounded one."""
        least, most = self.bounds
        if least is None and most is None:
            return np.asarray(x, float)
        if most is None:
            return np.log(x - least)
        if least is None:
            return -np.log(most - x)
        return np.log((x - least) / (most - x))

    def outward(self, y: np.ndarray) -> np.ndarray:
        """Back to the scale of the assumption."""
        least, most = self.bounds
        if least is None and most is None:
            return y
        if most is None:
            return least + np.exp(y)
        if least is None:
            return most - np.exp(-y)
        between = np.exp(-y)
        between += 1.0
        between = least + np.divide(most - least, between)
        return np.minimum(np.maximum(between, least), most)  # rounding can pass a bound by the last bit

    def _moved(self, step: float) -> Distribution:
        """Moved on the scale without bounds, so that none is crossed; a step is half the spread of its outer quantiles there."""
        away = step * self._spread()
        return self.with_quantiles({key: self.outward(self.inward(x) + away) for key, x in self.given.items()})

    def _step(self, p50: float, today: float) -> float:
        return first((self.inward(p50) - self.inward(today)) / self._spread())

    def _spread(self) -> Any:
        low, *_, high = self.given.values()
        return (self.inward(high) - self.inward(low)) / 2

    def order_faults(self) -> Iterator[tuple[str, str]]:
        """Quantiles that do not rise, or bounds that are not outside them."""
        keys, values = list(self.given), np.broadcast_arrays(*self.given.values())
        if not all(np.all(low < high) for low, high in pairwise(values)):
            yield f"{', '.join(keys)} must rise", "For a number taken as known write value = ..."
            return
        low, high, (least, most) = values[0], values[-1], self.bounds
        if least is not None and not np.all(least < low):
            yield f"min {say(least)} is not below {keys[0]} {say(low)}", f"Lower min, or raise {keys[0]}"
        elif most is not None and not np.all(most > high):
            yield f"max {say(most)} is not above {keys[-1]} {say(high)}", f"Raise max, or lower {keys[-1]}"


@dataclass(frozen=True, eq=False)
class Metalog(Bounded):
    """Three-term metalog through P10, P50, P90, exactly (Keelin 2016, symmetric-percentile triplet).

    With `min` or `max` the triplet is fitted to ln(x - min), -ln(max - x) or the log-odds of x between them
    (Keelin's semi-bounded and bounded forms), so that no draw falls outside.
    """

    p10: Any
    p50: Any
    p90: Any
    min: Any = None
    max: Any = None

    @property
    def bounds(self) -> tuple[Any, Any]:
        return self.min, self.max

    @property
    def given(self) -> dict[str, Any]:
        return {"p10": self.p10, "p50": self.p50, "p90": self.p90}

    def first_p50(self) -> float:
        return first(self.p50)  # as the file has it, to the last bit

    @cached_property
    def coefficients(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """a1, a2, a3 of M(u) = a1 + a2 logit(u) + a3 (u - 0.5) logit(u), on the unbounded scale."""
        low, mid, high = (self.inward(x) for x in (self.p10, self.p50, self.p90))
        return mid, (high - low) / (2 * LOG_ODDS_P90), (high + low - 2 * mid) / (0.8 * LOG_ODDS_P90)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self._at(u - 0.5, logit(u))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._at(0.5 - v, -logit(v))

    def _at(self, away: np.ndarray, odds: np.ndarray) -> np.ndarray:
        a1, a2, a3 = self.coefficients
        return self.outward(a1 + (a2 + a3 * away) * odds)

    def faults(self) -> Iterator[tuple[str, str]]:
        order = list(self.order_faults())
        if order:
            yield from order
            return
        low, mid, high = np.broadcast_arrays(self.p10, self.p50, self.p90)
        _, a2, a3 = self.coefficients
        if np.any(np.abs(a3) >= METALOG_SKEW_LIMIT * a2):
            share = 0.5 * (1 - 0.8 * METALOG_SKEW_LIMIT / 2)
            a, b = self.inward(self.p10), self.inward(self.p90)
            least, most = self.outward(a + share * (b - a)), self.outward(b - share * (b - a))
            yield (
                f"no smooth distribution has p10 {say(low)}, p50 {say(mid)}, p90 {say(high)}: too skewed",
                f"With these p10 and p90, p50 must lie between {say(least)} and {say(most)}",
            )


@dataclass(frozen=True, eq=False)
class QuantileMetalog(Bounded):
    """Metalog of as many terms as quantiles, through all of them (Keelin 2016, equations 3 and 6).

    quantiles : key (p1 to p99) -> value, at least three
    """

    quantiles: Mapping[str, Any]
    min: Any = None
    max: Any = None

    @property
    def bounds(self) -> tuple[Any, Any]:
        return self.min, self.max

    @property
    def given(self) -> dict[str, Any]:
        return dict(sorted(self.quantiles.items(), key=lambda item: level_of(item[0])))

    def with_quantiles(self, quantiles: Mapping[str, Any]) -> Distribution:
        return replace(self, quantiles=quantiles)

    @cached_property
    def fit(self) -> tuple[tuple[int, ...], np.ndarray]:
        """Places of the terms in the basis, and a1, a2, .. of M(u) = sum of a_k g_k(u) on the unbounded scale, (term, period).

        Quantiles that lie evenly about the median leave some sets of terms undetermined (seven, for one: four of the first
        seven terms are odd about it). Then the term after the last takes its place.
        """
        levels, count = np.array([level_of(key) for key in self.given]), len(self.quantiles)
        values = np.stack(
            [np.ravel(np.broadcast_to(self.inward(x), (self.periods or 1, 1))) for x in self.given.values()]
        )
        chosen = tuple(range(count))
        matrix = np.stack(_terms(levels - 0.5, logit(levels), chosen), axis=-1)
        if np.linalg.cond(matrix) > UNDETERMINED:
            chosen = (*chosen[:-1], count)
            matrix = np.stack(_terms(levels - 0.5, logit(levels), chosen), axis=-1)
        return chosen, np.linalg.solve(matrix, values)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self._of(self._inside(np.asarray(u) - 0.5, logit(np.asarray(u))))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._of(self._inside(0.5 - v, -logit(v)))

    def _of(self, made: np.ndarray) -> np.ndarray:
        return self.outward(made if self.periods else made[0])

    def _inside(self, away: np.ndarray, odds: np.ndarray) -> np.ndarray:
        """M by u - 1/2 and the log-odds of u, (period, draw); terms are added in a fixed order, so that it does not depend on
        how many draws come at a time.
        """
        chosen, coefficients = self.fit
        terms = _terms(away, odds, chosen)
        made = np.multiply.outer(coefficients[0], terms[0])
        for coefficient, term in zip(coefficients[1:], terms[1:], strict=True):
            made = made + np.multiply.outer(coefficient, term)
        return made

    def faults(self) -> Iterator[tuple[str, str]]:
        order = list(self.order_faults())
        if order:
            yield from order
            return
        levels = special.expit(SCALES)
        slope = np.diff(self._inside(levels - 0.5, logit(levels)), axis=1)
        if not np.all(slope > 0):
            falls = np.flatnonzero((slope <= 0).any(axis=0))
            low, high = (100 * float(special.expit(SCALES[n])) for n in (falls[0], falls[-1] + 1))
            through = ", ".join(f"{key} {say(x)}" for key, x in self.given.items())
            what = f"no smooth distribution goes through {through}: between P{low:.3g} and P{high:.3g} it would have to fall"
            yield what, "Space the quantiles more evenly, or leave one out"


def _terms(away: np.ndarray, odds: np.ndarray, chosen: Sequence[int]) -> list[np.ndarray]:
    """Terms of the basis at u: 1, ln(u/(1-u)), (u-1/2) ln(..), (u-1/2), then powers of (u-1/2), without and with the log-odds."""
    made = [np.ones_like(away), odds, away * odds, away]
    made += [away ** (k // 2) * (odds if k % 2 else 1.0) for k in range(4, max(chosen) + 1)]
    return [made[k] for k in chosen]
