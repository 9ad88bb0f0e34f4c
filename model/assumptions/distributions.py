"""Distributions of assumptions, each given by the numbers a person has in mind.

A distribution is a frozen value with one verb, `quantile(u)`, for u in (0, 1). Parameters are numbers, or
arrays of shape (period, 1) for an assumption that stands for months or quarters; then `quantile` of u with
shape (draw,) gives (period, draw), one percentile per draw across the array.

>>> d = Metalog(p10=35, p50=50, p90=75)
>>> [round(float(d.quantile(u)), 3) for u in (0.01, 0.1, 0.5, 0.9, 0.99)]
[20.983, 35.0, 50.0, 75.0, 104.636]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy import special

# Largest |a3| / a2 of a three-term metalog that still has a density (Keelin 2016, section 3.4).
METALOG_SKEW_LIMIT = 1.66711
LOG_ODDS_P90 = float(np.log(9.0))  # ln(0.9 / 0.1)


def logit(u: np.ndarray) -> np.ndarray:
    """ln(u / (1 - u)); numpy's vectorised log is ten times quicker than scipy.special.logit."""
    return np.log(u / (1.0 - u))


@dataclass(frozen=True, eq=False)
class Distribution:
    """What all distributions share: the parameters in words, moments, and a list of faults."""

    kind: ClassVar[str] = ""
    uncertain: ClassVar[bool] = True

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Value at cumulative probability u in (0, 1)."""
        raise NotImplementedError

    def faults(self) -> Iterator[tuple[str, str]]:
        """(what is wrong, what would be right) for parameters that make no distribution."""
        return iter(())

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters by name, in the order of the file grammar; None where not given."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def periods(self) -> int | None:
        """Length of an array-valued assumption, None for a single number."""
        sizes = [np.size(v) for v in self.parameters.values() if np.ndim(v) == 2]
        return max(sizes) if sizes else None

    def mean(self) -> np.ndarray:
        """Mean, by the trapezoid rule over the log-odds of u (error below 1e-9 of the spread)."""
        return self._integrate(self.quantile)

    def sd(self) -> np.ndarray:
        """Standard deviation, by the same rule."""
        centre = np.reshape(self.mean(), (-1, 1)) if self.periods else self.mean()
        return np.sqrt(self._integrate(lambda u: (self.quantile(u) - centre) ** 2))

    @staticmethod
    def _integrate(function: Any) -> np.ndarray:
        s = np.linspace(-36.0, 36.0, 4001)
        u = special.expit(s)
        weight = u * special.expit(-s)
        values = function(np.clip(u, 1e-300, 1 - 2**-53))
        result: np.ndarray = (values * weight).sum(axis=-1) / weight.sum()
        return result


@dataclass(frozen=True, eq=False)
class Fixed(Distribution):
    """A number taken as known."""

    value: Any
    kind = "fixed"
    uncertain = False

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.value + np.zeros(np.shape(u))

    def mean(self) -> np.ndarray:
        return np.reshape(self.value, -1) if self.periods else np.asarray(self.value, float)

    def sd(self) -> np.ndarray:
        return np.zeros_like(self.mean())


@dataclass(frozen=True, eq=False)
class Metalog(Distribution):
    """Three-term metalog through P10, P50, P90, exactly (Keelin 2016, symmetric-percentile triplet).

    With `min` or `max` the triplet is fitted to ln(x - min), -ln(max - x) or the log-odds of x between them
    (Keelin's semi-bounded and bounded forms), so that no draw falls outside.
    """

    p10: Any
    p50: Any
    p90: Any
    min: Any = None
    max: Any = None
    kind = "metalog"

    def inward(self, x: Any) -> np.ndarray:
        """From the bounded scale to the unbounded one."""
        if self.min is None and self.max is None:
            return np.asarray(x, float)
        if self.max is None:
            return np.log(x - self.min)
        if self.min is None:
            return -np.log(self.max - x)
        return np.log((x - self.min) / (self.max - x))

    def outward(self, y: np.ndarray) -> np.ndarray:
        """Back to the scale of the assumption."""
        if self.min is None and self.max is None:
            return y
        if self.max is None:
            return self.min + np.exp(y)
        if self.min is None:
            return self.max - np.exp(-y)
        between = self.min + (self.max - self.min) / (1.0 + np.exp(-y))
        return np.clip(between, self.min, self.max)  # rounding can pass a bound by the last bit

    @cached_property
    def coefficients(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """a1, a2, a3 of M(u) = a1 + a2 logit(u) + a3 (u - 0.5) logit(u), on the unbounded scale."""
        low, mid, high = (self.inward(x) for x in (self.p10, self.p50, self.p90))
        return mid, (high - low) / (2 * LOG_ODDS_P90), (high + low - 2 * mid) / (0.8 * LOG_ODDS_P90)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        a1, a2, a3 = self.coefficients
        return self.outward(a1 + (a2 + a3 * (u - 0.5)) * logit(u))

    def faults(self) -> Iterator[tuple[str, str]]:
        low, mid, high = np.broadcast_arrays(self.p10, self.p50, self.p90)
        if not (np.all(low < mid) and np.all(mid < high)):
            yield "p10, p50, p90 must rise", "For a number taken as known write value = ..."
            return
        if self.min is not None and not np.all(self.min < low):
            yield f"min {say(self.min)} is not below p10 {say(low)}", "Lower min, or raise p10"
            return
        if self.max is not None and not np.all(self.max > high):
            yield f"max {say(self.max)} is not above p90 {say(high)}", "Raise max, or lower p90"
            return
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
class Normal(Distribution):
    """Normal with mean and standard deviation."""

    mean_: Any
    sd_: Any
    kind = "normal"

    @property
    def parameters(self) -> dict[str, Any]:
        return {"mean": self.mean_, "sd": self.sd_}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.mean_ + self.sd_ * special.ndtri(u)

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all(np.asarray(self.sd_) > 0):
            yield f"sd {say(self.sd_)} must be above 0", "For a number taken as known write value = ..."


@dataclass(frozen=True, eq=False)
class Lognormal(Normal):
    """Lognormal with the mean and standard deviation of the number itself, not of its logarithm."""

    kind = "lognormal"

    def quantile(self, u: np.ndarray) -> np.ndarray:
        variance = np.log1p((self.sd_ / self.mean_) ** 2)
        return self.mean_ * np.exp(np.sqrt(variance) * special.ndtri(u) - variance / 2)

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from super().faults()
        if not np.all(np.asarray(self.mean_) > 0):
            yield f"mean {say(self.mean_)} of a lognormal must be above 0", "Use dist = 'normal'"


@dataclass(frozen=True, eq=False)
class Uniform(Distribution):
    """Every value between low and high equally likely."""

    low: Any
    high: Any
    kind = "uniform"

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.low + (self.high - self.low) * u

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all(np.asarray(self.low) < self.high):
            yield f"low {say(self.low)} is not below high {say(self.high)}", ""


@dataclass(frozen=True, eq=False)
class Discrete(Distribution):
    """One of a few values, with weights that sum to 1."""

    values: Any
    weights: Any
    kind = "discrete"

    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        values, weights = np.asarray(self.values, float), np.asarray(self.weights, float)
        order = np.argsort(values)
        return values[order], weights[order]

    def quantile(self, u: np.ndarray) -> np.ndarray:
        values, weights = self._sorted()
        edges = np.cumsum(weights)[:-1]
        return values[np.searchsorted(edges, u, side="right")]

    def mean(self) -> np.ndarray:
        return np.asarray(np.dot(self.values, self.weights))

    def sd(self) -> np.ndarray:
        return np.sqrt(np.dot((np.asarray(self.values) - self.mean()) ** 2, self.weights))

    def faults(self) -> Iterator[tuple[str, str]]:
        if np.shape(self.values) != np.shape(self.weights) or np.ndim(self.values) != 1:
            yield "values and weights must be lists of the same length", ""
        elif np.any(np.asarray(self.weights) < 0) or abs(np.sum(self.weights) - 1) > 1e-9:
            yield f"weights {say(self.weights)} must be 0 or more and sum to 1", ""
        elif len(set(self.values)) < len(self.values):
            yield f"values {say(self.values)} must differ from each other", ""


def say(x: Any) -> str:
    """A parameter as a person would write it: 22,000 or 0.125 or a list of those."""
    values = np.ravel(np.asarray(x, float))
    words = [f"{v:,.6g}" if abs(v) < 1e15 else f"{v:g}" for v in values]
    return words[0] if len(words) == 1 else "[" + ", ".join(words) + "]"
