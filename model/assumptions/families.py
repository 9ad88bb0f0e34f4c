"""More families: Student t, beta, exponential, Gumbel, counts; and truncation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from model.assumptions.distributions import Distribution, say

LEAST_LEFT = 1e-9  # of a distribution, that a truncation must leave
MOST_COUNT = 1e6  # largest mean of a count; beyond it a normal is the same
NARROWING = 200  # halvings of an interval of log-odds: to the last bit
CERTAIN = 36.7  # log-odds at which a double is 1 - 2^-53


@dataclass(frozen=True, eq=False)
class StudentT(Distribution):
    """Student t with a mean, a standard deviation and degrees of freedom (more than 2, so that it has one)."""

    mean_: Any
    sd_: Any
    df: Any
    kind = "student_t"
    places = ("mean_",)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"mean": self.mean_, "sd": self.sd_, "df": self.df}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self._at(special.stdtrit(self.df, u))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._at(-special.stdtrit(self.df, v))

    def _at(self, t: np.ndarray) -> np.ndarray:
        return np.asarray(self.mean_ + self.sd_ * np.sqrt((self.df - 2) / self.df) * t)

    def mean(self) -> np.ndarray:
        return np.reshape(self.mean_ + 0 * self.sd_ + 0 * self.df, -1) if self.periods else np.asarray(self.mean_)

    def sd(self) -> np.ndarray:
        return np.reshape(self.sd_ + 0 * self.mean_ + 0 * self.df, -1) if self.periods else np.asarray(self.sd_)

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all(np.asarray(self.df) > 2):
            yield f"df {say(self.df)} must be above 2", "With 2 or fewer there is no standard deviation"
        if not np.all(np.asarray(self.sd_) > 0):
            yield f"sd {say(self.sd_)} must be above 0", "For a number taken as known write value = ..."


@dataclass(frozen=True, eq=False)
class Beta(Distribution):
    """Beta with two shapes between two bounds, 0 and 1 unless given."""

    alpha: Any
    beta: Any
    min: Any = 0.0
    max: Any = 1.0
    kind = "beta"
    places = ("min", "max")

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self.min + (self.max - self.min) * special.betaincinv(self.alpha, self.beta, u)

    def tail(self, v: np.ndarray) -> np.ndarray:
        return np.asarray(self.min + (self.max - self.min) * special.betainccinv(self.alpha, self.beta, v))

    def faults(self) -> Iterator[tuple[str, str]]:
        if not (np.all(np.asarray(self.alpha) > 0) and np.all(np.asarray(self.beta) > 0)):
            yield f"alpha {say(self.alpha)} and beta {say(self.beta)} must be above 0", ""
        if not np.all(np.asarray(self.min) < self.max):
            yield f"min {say(self.min)} is not below max {say(self.max)}", ""


@dataclass(frozen=True, eq=False)
class Exponential(Distribution):
    """Exponential with a mean: the wait for something that happens at a steady rate."""

    mean_: Any
    kind = "exponential"

    @property
    def parameters(self) -> dict[str, Any]:
        return {"mean": self.mean_}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return -self.mean_ * np.log1p(-u)

    def tail(self, v: np.ndarray) -> np.ndarray:
        return np.asarray(-self.mean_ * np.log(v))

    def _moved(self, step: float) -> Distribution:
        return Exponential(self.mean_ * np.exp(step))

    def _step(self, p50: float, today: float) -> float:
        return float(np.log(p50 / today))

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all(np.asarray(self.mean_) > 0):
            yield f"mean {say(self.mean_)} must be above 0", ""


@dataclass(frozen=True, eq=False)
class Gumbel(Distribution):
    """Gumbel with a mean and a standard deviation: the largest of many, skewed to the right."""

    mean_: Any
    sd_: Any
    kind = "gumbel"
    places = ("mean_",)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"mean": self.mean_, "sd": self.sd_}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self._at(-np.log(u))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._at(-np.log1p(-v))

    def _at(self, x: np.ndarray) -> np.ndarray:
        scale = self.sd_ * np.sqrt(6.0) / np.pi
        return np.asarray(self.mean_ - scale * (np.euler_gamma + np.log(x)))

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all(np.asarray(self.sd_) > 0):
            yield f"sd {say(self.sd_)} must be above 0", "For a number taken as known write value = ..."


@dataclass(frozen=True, eq=False)
class Poisson(Distribution):
    """Poisson with a mean: how often something happens."""

    mean_: Any
    kind = "poisson"
    movable = False

    @property
    def parameters(self) -> dict[str, Any]:
        return {"mean": self.mean_}

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self._counted(lambda count, mean: np.searchsorted(special.pdtr(count, mean), u))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._counted(lambda count, mean: np.searchsorted(-special.pdtrc(count, mean), -v))

    def _counted(self, least: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
        """The least count that `least` finds among those that can be; (count, mean) -> places."""
        made = [
            least(np.arange(int(mean + 40 * np.sqrt(mean) + 40)), float(mean)).astype(float)
            for mean in np.ravel(self.mean_)
        ]
        return np.stack(made) if self.periods else made[0]

    def faults(self) -> Iterator[tuple[str, str]]:
        if not np.all((np.asarray(self.mean_) > 0) & (np.asarray(self.mean_) <= MOST_COUNT)):
            yield (
                f"mean {say(self.mean_)} must be above 0 and at most {MOST_COUNT:,.0f}",
                "Beyond it use dist = 'normal'",
            )


@dataclass(frozen=True, eq=False)
class Binomial(Distribution):
    """Binomial: how many of `n` tries succeed, each with chance `p`."""

    n: Any
    p: Any
    kind = "binomial"
    movable = False

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return self._counted(lambda count, n, p: np.searchsorted(special.bdtr(count, n, p), u))

    def tail(self, v: np.ndarray) -> np.ndarray:
        return self._counted(lambda count, n, p: np.searchsorted(-special.bdtrc(count, n, p), -v))

    def _counted(self, least: Callable[[np.ndarray, int, float], np.ndarray]) -> np.ndarray:
        """The least count that `least` finds among 0 to n; (count, n, p) -> places."""
        pairs = zip(*map(np.ravel, np.broadcast_arrays(self.n, self.p)), strict=True)
        made = [least(np.arange(n + 1), int(n), float(p)).astype(float) for n, p in pairs]
        return np.stack(made) if self.periods else made[0]

    def faults(self) -> Iterator[tuple[str, str]]:
        n, p = np.asarray(self.n, float), np.asarray(self.p, float)
        if not np.all((n >= 1) & (n <= MOST_COUNT) & (n == np.floor(n))):
            yield f"n {say(self.n)} must be a whole number, at least 1 and at most {MOST_COUNT:,.0f}", ""
        if not np.all((p > 0) & (p < 1)):
            yield f"p {say(self.p)} must lie between 0 and 1, ends left out", ""


@dataclass(frozen=True, eq=False)
class Truncated(Distribution):
    """Another distribution, given that it lies between two bounds (either may be None)."""

    inner: Distribution
    min: Any = None
    max: Any = None

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.inner.kind

    @property
    def movable(self) -> bool:  # type: ignore[override]
        return self.inner.movable

    @property
    def parameters(self) -> dict[str, Any]:
        return {**self.inner.parameters, "min": self.min, "max": self.max}

    @cached_property
    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """Probability of the inner distribution below `min`, and up to `max`: (period, 1), or numbers."""
        below = np.zeros(()) if self.min is None else self._share(lambda x: x < self.min)
        up_to = np.ones(()) if self.max is None else self._share(lambda x: x <= self.max)
        return below, up_to

    def _share(self, inside: Any) -> np.ndarray:
        """Largest probability at which the inner quantile is still inside, by halving its log-odds."""
        low, high = (np.full((self.periods or 1, 1), end) for end in (-CERTAIN, CERTAIN))
        for _ in range(NARROWING):
            middle = (low + high) / 2
            here = np.stack(
                [self.inner.quantile(u)[n if self.periods else ...] for n, u in enumerate(special.expit(middle))]
            )
            met = inside(here)
            low, high = np.where(met, middle, low), np.where(met, high, middle)
        found: np.ndarray = special.expit((low + high) / 2)
        return found if self.periods else found[0, 0]

    def quantile(self, u: np.ndarray) -> np.ndarray:
        below, up_to = self.shares
        return self._within(self.inner.quantile, below + u * (up_to - below))

    def tail(self, v: np.ndarray) -> np.ndarray:
        below, up_to = self.shares
        return self._within(self.inner.tail, (1.0 - up_to) + v * (up_to - below))

    def _within(self, of: Callable[[np.ndarray], np.ndarray], p: np.ndarray) -> np.ndarray:
        """What the inner distribution has at probabilities, a row of them a period; rounding can pass a bound by the last bit."""
        made = np.stack([np.atleast_2d(of(row))[n] for n, row in enumerate(p)]) if self.periods else of(p)
        return np.clip(made, self.min, self.max)

    def _moved(self, step: float) -> Distribution:
        return replace(self, inner=self.inner.moved(step))

    def _step(self, p50: float, today: float) -> float:  # noqa: ARG002
        from scipy.optimize import brentq  # of no use to most runs

        return float(brentq(lambda step: self.moved(step).first_p50() - p50, -50.0, 50.0, xtol=1e-12))

    def faults(self) -> Iterator[tuple[str, str]]:
        inner = list(self.inner.faults())
        if inner:
            yield from inner
            return
        if self.min is not None and self.max is not None and not np.all(np.asarray(self.min) < self.max):
            yield f"min {say(self.min)} is not below max {say(self.max)}", ""
            return
        below, up_to = self.shares
        if not np.all(up_to - below > LEAST_LEFT):
            ends = [f"{name} {say(x)}" for name, x in (("min", self.min), ("max", self.max)) if x is not None]
            leave = "leaves" if len(ends) == 1 else "leave"
            yield f"{' and '.join(ends)} {leave} nothing of the {self.inner.kind} distribution", "Widen the bounds"
