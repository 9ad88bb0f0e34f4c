"""What a sweep or a solution does to the distribution of an assumption.

Held at a number or at one of its quantiles; shifted or scaled as a whole; or moved so that its P50 is the one asked
for, each on the scale on which it moves (`Distribution.moved`): a bounded metalog on that on which it has no bounds, so
that none is crossed, a lognormal by a factor, others by a plain shift.

>>> from model.assumptions.distributions.base import Uniform
>>> float(at(Uniform(2.0, 4.0), "shift", 1.0).quantile(np.array(0.5)))
4.0
>>> float(at(Uniform(2.0, 4.0), "p50", 5.0).quantile(np.array(0.0)))
4.0
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from model.assumptions.distributions.base import Distribution, Fixed
from model.assumptions.distributions.families import FromScipy
from model.assumptions.distributions.metalog import Bounded
from model.assumptions.layers.limits import ALMOST_ALL, Limits, stated

KEYS = ("value", "p50", "quantile", "shift", "scale")


@dataclass(frozen=True, eq=False)
class Altered(Distribution):
    """factor * x + shift, of another distribution."""

    inner: Distribution
    factor: float = 1.0
    shift: float = 0.0
    kind = "altered"

    @property
    def uncertain(self) -> bool:  # type: ignore[override]
        return self.inner.uncertain

    @property
    def parameters(self) -> dict[str, Any]:
        return {**self.inner.parameters, "factor": self.factor, "shift": self.shift}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.inner.quantile(u) * self.factor + self.shift

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self.inner.tail(v) * self.factor + self.shift


def at(distribution: Distribution, key: str, x: float) -> Distribution:
    """The distribution under one point of a sweep; `key` is one of `KEYS`.

    At shift 0, scale 1, today's P50 or a known number's own value it is today's, to the last bit.
    """
    if key == "value":
        return Fixed(x)
    if key == "quantile":
        return Fixed(distribution.quantile(np.full(1, x)))
    if key == "shift":
        return Altered(distribution, shift=x)
    if key == "scale":
        return Altered(distribution, factor=x)
    return distribution.moved(distribution.step_to(x))


def refusal(
    distribution: Distribution, unit: str, key: str, points: list[float], *, limits: Limits
) -> Iterator[tuple[str, str]]:
    """(what is wrong, what would be right) for points that an assumption cannot stand at.

    A value keeps the bounds of the assumption, a moved P50 those that its distribution has; shifted and scaled, bounds that are
    beliefs about the number as it is move along, and what its unit allows does not.
    """
    low, high = min(points), max(points)
    if key == "quantile" and not (low > 0 and high < 1):
        yield "a quantile lies between 0 and 1, ends left out", "0.05:0.95:19"
        return
    if key == "quantile" and not distribution.uncertain:
        yield "is taken as known: it has no quantiles", "Sweep its value, shift or scale"
        return
    if key == "p50" and not distribution.movable:
        yield "is taken as known or one of a few values: it has no P50 to move", "Sweep its value, shift or scale"
        return
    if key == "p50" and distribution.periods:
        yield f"has {distribution.periods} numbers, not one P50", "Sweep its shift or scale"
        return
    if key == "p50":
        bounded = isinstance(distribution, Bounded) or (isinstance(distribution, FromScipy) and distribution.truncated)
        least, most = stated(distribution) if bounded else (-np.inf, np.inf)
        if low <= least or high >= most:
            between = f"It lies between {least:,.6g} and {most:,.6g}"
            hint = f"It is at least {least:,.6g}" if np.isinf(most) else between
            yield f"reaches {low:,.6g} to {high:,.6g} {unit}", hint
        else:
            yield from _first(limits.faults(Fixed(x), unit) for x in (low, high))
        return
    if key == "value":
        yield from _first(limits.faults(Fixed(x), unit) for x in (low, high))
        return
    with np.errstate(all="ignore"):
        ends = [at(distribution, key, x) for x in (low, high)]
        if not np.isfinite([each.quantile(ALMOST_ALL) for each in ends]).all():
            yield "reaches numbers without end", "Narrow the range"
            return
        of_unit = dataclasses.replace(limits, least=-np.inf, most=np.inf)
        within = "; `.p50` moves it within its bounds" if key in ("shift", "scale") and distribution.movable else ""
        for what, hint in _first(of_unit.faults(each, unit) for each in ends):
            yield what, hint + within


def _first(faults: Iterable[Iterator[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """The first fault of several points."""
    yield from islice((fault for each in faults for fault in each), 1)
