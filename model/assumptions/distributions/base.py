"""Distributions of assumptions, each given by the numbers a person has in mind.

A distribution is a frozen value with one verb, `quantile(u)`, for u in (0, 1). Parameters are numbers, or
arrays of shape (period, 1) for an assumption that stands for months or quarters; then `quantile` of u with
shape (draw,) gives (period, draw), one percentile per draw across the array.

>>> d = Uniform(20.0, 30.0)
>>> [float(d.quantile(u)) for u in (0.1, 0.5, 0.9)]
[21.0, 25.0, 29.0]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy import special

SUM_ROUNDING = 1e-9  # by which weights that sum to 1 may miss it
FAR = 6.0  # standard deviations above the median, beyond which 1 - u has too few digits left
FARTHEST = 37.0  # beyond, a probability is 0 in floating point
ALMOST_ONE = 1 - 2**-53


@dataclass(frozen=True, eq=False)
class Distribution:
    """What all distributions share: the parameters in words, moments, and a list of faults."""

    kind: ClassVar[str] = ""
    uncertain: ClassVar[bool] = True
    movable: ClassVar[bool] = True  # whether it has a P50 that can be moved
    places: ClassVar[tuple[str, ...]] = ()  # parameters that a shift moves

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Value at cumulative probability u in (0, 1)."""
        raise NotImplementedError

    def tail(self, v: np.ndarray) -> np.ndarray:
        """Value that is exceeded with probability v, for v too small to be told from 0 in 1 - v.

        Here for distributions that end: others have a form of their own.
        """
        return self.quantile(np.minimum(1.0 - v, ALMOST_ONE))

    def at_score(self, z: np.ndarray) -> np.ndarray:
        """Value at a standard normal score, (draw,): the quantile of its probability, also far in either tail."""
        if z.max(initial=0.0) <= FAR and z.min(initial=0.0) >= -FARTHEST:
            return self.quantile(special.ndtr(z))
        z = np.clip(z, -FARTHEST, FARTHEST)
        far = z > FAR
        values = self.quantile(special.ndtr(np.minimum(z, FAR)))
        if far.any():
            values = np.array(values, float)
            values[..., far] = self.tail(special.ndtr(-z[far]))
        return values

    def faults(self) -> Iterator[tuple[str, str]]:
        """(what is wrong, what would be right) for parameters that make no distribution."""
        return iter(())

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters by name, in the order of the file grammar; None where not given."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def bounds(self) -> tuple[Any, Any]:
        """Least and largest value as stated by `min` and `max`; None where there is none."""
        return None, None

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

    @cached_property
    def known(self) -> np.ndarray:
        """Value of what is not uncertain, (1,) or (period, 1); not to be written to."""
        value = np.array(self.quantile(np.full(1, 0.5)), float)
        value.setflags(write=False)
        return value

    def first_p50(self) -> float:
        """P50, of the first period where there are several."""
        return first(self.quantile(np.full(1, 0.5)))

    def moved(self, step: float) -> Distribution:
        """The distribution with its P50 moved by `step` standard deviations of the scale on which it moves."""
        return self._moved(step) if step else self

    def _moved(self, step: float) -> Distribution:
        """A plain shift, unless a distribution has a scale of its own."""
        shift = step * self.sd()
        return dataclasses.replace(self, **{key: getattr(self, key) + shift for key in self.places})

    def step_to(self, p50: float) -> float:
        """The step that moves P50 (of the first period) to a number."""
        today = self.first_p50()
        return 0.0 if p50 == today else self._step(p50, today)

    def _step(self, p50: float, today: float) -> float:
        return first((p50 - today) / self.sd())

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
    movable = False

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.value + np.zeros(np.shape(u))

    def mean(self) -> np.ndarray:
        return np.reshape(self.value, -1) if self.periods else np.asarray(self.value, float)

    def sd(self) -> np.ndarray:
        return np.zeros_like(self.mean())


@dataclass(frozen=True, eq=False)
class Uniform(Distribution):
    """Every value between low and high equally likely."""

    low: Any
    high: Any
    kind = "uniform"
    places = ("low", "high")

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.low + (self.high - self.low) * u

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all(np.asarray(self.low) < self.high):
            yield f"low {say(self.low)} is not below high {say(self.high)}", ""


@dataclass(frozen=True, eq=False)
class Discrete(Distribution):
    """One of a few values; their chances are their weights over the sum of all weights."""

    values: Any
    weights: Any
    kind = "discrete"
    movable = False

    @property
    def shares(self) -> np.ndarray:
        """The weights, made to sum to 1; those that do are left as they are, to the last bit."""
        weights = np.asarray(self.weights, float)
        total = weights.sum()
        return weights if abs(total - 1) <= SUM_ROUNDING else weights / total

    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        values, weights = np.asarray(self.values, float), self.shares
        order = np.argsort(values)
        return values[order], weights[order]

    def quantile(self, u: np.ndarray) -> np.ndarray:
        values, weights = self._sorted()
        edges = np.cumsum(weights)[:-1]
        return values[np.searchsorted(edges, u, side="right")]

    def mean(self) -> np.ndarray:
        return np.asarray(np.dot(self.values, self.shares))

    def sd(self) -> np.ndarray:
        return np.sqrt(np.dot((np.asarray(self.values) - self.mean()) ** 2, self.shares))

    def faults(self) -> Iterator[tuple[str, str]]:
        if np.shape(self.values) != np.shape(self.weights) or np.ndim(self.values) != 1:
            yield "values and weights must be lists of the same length", ""
        elif np.any(np.asarray(self.weights) < 0) or not np.sum(self.weights) > 0:
            yield f"weights {say(self.weights)} must be 0 or more, and not all 0", ""
        elif len(set(self.values)) < len(self.values):
            yield f"values {say(self.values)} must differ from each other", ""


def level_of(key: str) -> float:
    """`p25` as 0.25."""
    return int(key[1:]) / 100


def first(values: Any) -> float:
    """The first of several numbers, or the one there is."""
    return float(np.ravel(values)[0])


def say(x: Any) -> str:
    """A parameter as a person would write it: 22,000 or 0.125 or a list of those."""
    values = np.ravel(np.asarray(x, float))
    words = [f"{v:,.6g}" if abs(v) < 1e15 else f"{v:g}" for v in values]
    return words[0] if len(words) == 1 else "[" + ", ".join(words) + "]"
