"""Distributions given by a most likely value and two others, PERT and triangular; normal and lognormal by two quantiles.

>>> d = PertQuantiles(p10=100, mode=150, p90=200)
>>> round(float(d.whole.min), 4), round(float(d.whole.max), 4)
(51.3276, 248.6724)
>>> d = TwoQuantiles({"p5": 2.0, "p95": 5.0}, log=True)
>>> [round(float(x), 10) for x in d.location_and_scale]
[1.1512925465, 0.2785326052]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from model.assumptions.distributions import Distribution, first, say
from model.assumptions.metalog import level_of


@dataclass(frozen=True, eq=False)
class Pert(Distribution):
    """PERT: a beta distribution on min..max with mean (min + 4 mode + max) / 6."""

    min: Any
    mode: Any
    max: Any
    kind = "pert"
    places = ("min", "mode", "max")

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.min + (self.max - self.min) * special.betaincinv(*self._shapes, u)

    def tail(self, v: np.ndarray) -> np.ndarray:
        return np.asarray(self.min + (self.max - self.min) * special.betainccinv(*self._shapes, v))

    @property
    def _shapes(self) -> tuple[Any, Any]:
        span = self.max - self.min
        return 1 + 4 * (self.mode - self.min) / span, 1 + 4 * (self.max - self.mode) / span

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from _ordered(self.min, self.mode, self.max)


@dataclass(frozen=True, eq=False)
class Triangular(Distribution):
    """Triangular on min..max, highest at mode."""

    min: Any
    mode: Any
    max: Any
    kind = "triangular"
    places = ("min", "mode", "max")

    def quantile(self, u: np.ndarray) -> np.ndarray:
        left, right, span = self.mode - self.min, self.max - self.mode, self.max - self.min
        rising = self.min + np.sqrt(u * span * left)
        falling = self.max - np.sqrt((1 - u) * span * right)
        return np.where(u * span < left, rising, falling)

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from _ordered(self.min, self.mode, self.max)


@dataclass(frozen=True, eq=False)
class ModeQuantiles(Distribution):
    """A shape with one mode whose 10% and 90% quantiles are given in place of its ends, as experts mean `low` and `high`."""

    p10: Any
    mode: Any
    p90: Any
    places = ("p10", "mode", "p90")

    @staticmethod
    def unit_quantile(f: np.ndarray, q: float) -> np.ndarray:
        """Quantile of the shape on 0..1 with its mode at f."""
        raise NotImplementedError

    @staticmethod
    def between(low: Any, mode: Any, high: Any) -> Distribution:
        """The shape between two ends."""
        raise NotImplementedError

    @cached_property
    def whole(self) -> Any:
        """The same by its ends.

        With the mode at a share f of the span, the quantiles q10(f) and q90(f) of the shape on 0..1 place it at
        (f - q10) / (q90 - q10) between P10 and P90, which rises with f: one root gives f, and f the ends.
        """
        from scipy.optimize import elementwise  # of no use to most runs

        quantile = self.unit_quantile

        def gap(f: np.ndarray, place: np.ndarray) -> np.ndarray:
            return (f - quantile(f, 0.1)) / (quantile(f, 0.9) - quantile(f, 0.1)) - place

        p10, mode, p90 = (np.asarray(x, float) for x in (self.p10, self.mode, self.p90))
        place = (mode - p10) / (p90 - p10)
        f = elementwise.find_root(gap, (np.zeros_like(place), np.ones_like(place)), args=(place,)).x
        span = (p90 - p10) / (quantile(f, 0.9) - quantile(f, 0.1))
        least = p10 - span * quantile(f, 0.1)
        return self.between(least, mode, least + span)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        made: np.ndarray = self.whole.quantile(u)
        return made

    def tail(self, v: np.ndarray) -> np.ndarray:
        made: np.ndarray = self.whole.tail(v)
        return made

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all((np.asarray(self.p10) < self.mode) & (np.asarray(self.mode) < self.p90)):
            yield f"p10 {say(self.p10)}, mode {say(self.mode)}, p90 {say(self.p90)} must rise", "p10 < mode < p90"


@dataclass(frozen=True, eq=False)
class PertQuantiles(ModeQuantiles):
    """PERT by P10, mode and P90."""

    kind = "pert"
    between = staticmethod(Pert)  # type: ignore[assignment]

    @staticmethod
    def unit_quantile(f: np.ndarray, q: float) -> np.ndarray:
        found: np.ndarray = special.betaincinv(1 + 4 * f, 5 - 4 * f, q)
        return found


@dataclass(frozen=True, eq=False)
class TriangularQuantiles(ModeQuantiles):
    """Triangular by P10, mode and P90."""

    kind = "triangular"
    between = staticmethod(Triangular)  # type: ignore[assignment]

    @staticmethod
    def unit_quantile(f: np.ndarray, q: float) -> np.ndarray:
        return np.where(q < f, np.sqrt(q * f), 1 - np.sqrt((1 - q) * (1 - f)))


@dataclass(frozen=True, eq=False)
class TwoQuantiles(Distribution):
    """Normal, or lognormal, through two quantiles: key -> value."""

    quantiles: Mapping[str, Any]
    log: bool = False

    @property
    def kind(self) -> str:  # type: ignore[override]
        return "lognormal" if self.log else "normal"

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(sorted(self.quantiles.items(), key=lambda item: level_of(item[0])))

    @cached_property
    def location_and_scale(self) -> tuple[Any, Any]:
        """Mean and standard deviation, of the logarithm where it is lognormal."""
        (a, low), (b, high) = ((special.ndtri(level_of(key)), self._inward(x)) for key, x in self.parameters.items())
        scale = (high - low) / (b - a)
        return low - a * scale, scale

    def _inward(self, x: Any) -> Any:
        return np.log(x) if self.log else x

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self._at(special.ndtri(u))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._at(-special.ndtri(v))

    def _at(self, z: np.ndarray) -> np.ndarray:
        location, scale = self.location_and_scale
        made = location + scale * z
        return np.asarray(np.exp(made) if self.log else made)

    def _moved(self, step: float) -> Distribution:
        _, scale = self.location_and_scale
        if self.log:
            return TwoQuantiles({key: x * np.exp(step * scale) for key, x in self.quantiles.items()}, self.log)
        return TwoQuantiles({key: x + step * scale for key, x in self.quantiles.items()}, self.log)

    def _step(self, p50: float, today: float) -> float:
        return first((self._inward(p50) - self._inward(today)) / self.location_and_scale[1])

    def faults(self) -> Iterator[tuple[str, str]]:
        (low_key, low), (high_key, high) = self.parameters.items()
        if not np.all(np.asarray(low) < high):
            yield f"{low_key}, {high_key} must rise", "For a number taken as known write value = ..."
        elif self.log and not np.all(np.asarray(low) > 0):
            yield f"{low_key} {say(low)} of a lognormal must be above 0", "Use dist = 'normal'"


def _ordered(low: Any, mode: Any, high: Any) -> Iterator[tuple[str, str]]:
    if not np.all((np.asarray(low) <= mode) & (np.asarray(mode) <= high) & (np.asarray(low) < high)):
        yield f"min {say(low)}, mode {say(mode)}, max {say(high)} must rise", "min <= mode <= max"
