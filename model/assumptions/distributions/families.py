"""Families of scipy.stats, given by the numbers a person has in mind: a mean and a standard deviation, ends and a mode, or two quantiles.

scipy is asked for quantiles, tails and moments; its module is imported when the first of these is, since the shipped assumptions need none.

>>> d = family("pert", p10=100, mode=150, p90=200)
>>> [round(float(x), 4) for x in d.scipy.support()]
[51.3276, 248.6724]
>>> d = family("lognormal", p5=2.0, p95=5.0)
>>> [round(float(d.quantile(np.array(u))), 4) for u in (0.05, 0.5, 0.95)]
[2.0, 3.1623, 5.0]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from model.assumptions.distributions.base import ALMOST_ONE, Distribution, first, level_of, say

LEAST_LEFT = 1e-9  # of a distribution, that a truncation must leave
MOST_COUNT = 1e6  # largest mean of a count; beyond it a normal is the same
WIDEST = 1e6  # standard deviation of a lognormal over its mean, at most
Faults = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Family:
    """A family by one set of numbers.

    keys : the numbers, in the order of the file grammar; none where they are two quantiles
    scipy : (scipy.stats, *numbers) -> the distribution there
    faults : (*numbers) -> what is wrong with them, and what would be right; of two quantiles both take them by key
    moves : the numbers that move with P50; by_factor : they are multiplied, else added to; neither: it has no P50 to move
    defaults : of numbers that may be left out
    """

    keys: tuple[str, ...]
    scipy: Callable[..., Any]
    faults: Callable[..., Faults]
    moves: tuple[str, ...] = ()
    by_factor: bool = False
    defaults: Mapping[str, float] | None = None


def _pert(stats: Any, low: Any, mode: Any, high: Any) -> Any:
    """A beta with mean (min + 4 mode + max) / 6."""
    span = high - low
    return stats.beta(1 + 4 * (mode - low) / span, 1 + 4 * (high - mode) / span, loc=low, scale=span)


def _triangular(stats: Any, low: Any, mode: Any, high: Any) -> Any:
    return stats.triang((mode - low) / (high - low), loc=low, scale=high - low)


def _by_quantiles(shape: Callable[..., Any], stats: Any, p10: Any, mode: Any, p90: Any) -> Any:
    """A shape with one mode by its P10 and P90 in place of its ends, as experts mean `low` and `high`.

    With the mode at a share f of the span, the quantiles q10(f) and q90(f) of the shape on 0..1 place it at
    (f - q10) / (q90 - q10) between P10 and P90, which rises with f: one root gives f, and f the ends.
    """
    from scipy.optimize import elementwise

    def ends(f: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        made = shape(stats, 0.0, f, 1.0)
        return made.ppf(0.1), made.ppf(0.9)

    def gap(f: np.ndarray, place: np.ndarray) -> np.ndarray:
        low, high = ends(f)
        return np.asarray((f - low) / (high - low) - place)

    p10, mode, p90 = (np.asarray(x, float) for x in (p10, mode, p90))
    place = (mode - p10) / (p90 - p10)
    f = elementwise.find_root(gap, (np.zeros_like(place), np.ones_like(place)), args=(place,)).x
    low, high = ends(f)
    span = (p90 - p10) / (high - low)
    least = p10 - span * low
    return shape(stats, least, mode, least + span)


def _log_sd(mean: Any, sd: Any) -> Any:
    return np.sqrt(np.log1p((sd / mean) ** 2))


def _through(quantiles: Mapping[str, Any]) -> tuple[Any, Any]:
    """Mean and standard deviation of the normal through two quantiles."""
    (a, low), (b, high) = ((special.ndtri(level_of(key)), x) for key, x in quantiles.items())
    scale = (high - low) / (b - a)
    return low - a * scale, scale


def _normal_through(stats: Any, quantiles: Mapping[str, Any]) -> Any:
    location, scale = _through(quantiles)
    return stats.norm(location, scale)


def _lognormal_through(stats: Any, quantiles: Mapping[str, Any]) -> Any:
    location, scale = _through({key: np.log(x) for key, x in quantiles.items()})
    return stats.lognorm(scale, scale=np.exp(location))


def _above(name: str, x: Any, least: float = 0, hint: str = "") -> Faults:
    if not np.all(np.asarray(x) > least):
        yield f"{name} {say(x)} must be above {least:g}", hint


def _spread(mean: Any, sd: Any) -> Faults:  # noqa: ARG001
    return _above("sd", sd, hint="For a number taken as known write value = ...")


def _lognormal_faults(mean: Any, sd: Any) -> Faults:
    yield from _spread(mean, sd)
    if not np.all(np.asarray(mean) > 0):
        yield f"mean {say(mean)} of a lognormal must be above 0", "Use dist = 'normal'"
    elif not np.all(np.asarray(sd) <= WIDEST * np.asarray(mean)):
        yield f"sd {say(sd)} is more than {WIDEST:,.0f} times the mean {say(mean)}", "Lower sd"


def _student_faults(mean: Any, sd: Any, df: Any) -> Faults:
    yield from _above("df", df, 2, "With 2 or fewer there is no standard deviation")
    yield from _spread(mean, sd)


def _beta_faults(alpha: Any, beta: Any, low: Any, high: Any) -> Faults:
    if not (np.all(np.asarray(alpha) > 0) and np.all(np.asarray(beta) > 0)):
        yield f"alpha {say(alpha)} and beta {say(beta)} must be above 0", ""
    if not np.all(np.asarray(low) < high):
        yield f"min {say(low)} is not below max {say(high)}", ""


def _mode_faults(low: Any, mode: Any, high: Any) -> Faults:
    if not np.all((np.asarray(low) <= mode) & (np.asarray(mode) <= high) & (np.asarray(low) < high)):
        yield f"min {say(low)}, mode {say(mode)}, max {say(high)} must rise", "min <= mode <= max"


def _mode_quantile_faults(p10: Any, mode: Any, p90: Any) -> Faults:
    if not np.all((np.asarray(p10) < mode) & (np.asarray(mode) < p90)):
        yield f"p10 {say(p10)}, mode {say(mode)}, p90 {say(p90)} must rise", "p10 < mode < p90"


def _two_faults(quantiles: Mapping[str, Any], *, log: bool) -> Faults:
    (low_key, low), (high_key, high) = quantiles.items()
    if not np.all(np.asarray(low) < high):
        yield f"{low_key}, {high_key} must rise", "For a number taken as known write value = ..."
    elif log and not np.all(np.asarray(low) > 0):
        yield f"{low_key} {say(low)} of a lognormal must be above 0", "Use dist = 'normal'"


def _poisson_faults(mean: Any) -> Faults:
    if not np.all((np.asarray(mean) > 0) & (np.asarray(mean) <= MOST_COUNT)):
        what = f"mean {say(mean)} must be above 0 and at most {MOST_COUNT:,.0f}"
        yield what, "Beyond it use dist = 'normal'"


def _binomial_faults(n: Any, p: Any) -> Faults:
    whole, share = np.asarray(n, float), np.asarray(p, float)
    if not np.all((whole >= 1) & (whole <= MOST_COUNT) & (whole == np.floor(whole))):
        yield f"n {say(n)} must be a whole number, at least 1 and at most {MOST_COUNT:,.0f}", ""
    if not np.all((share > 0) & (share < 1)):
        yield f"p {say(p)} must lie between 0 and 1, ends left out", ""


MODE, QUANTILES = ("min", "mode", "max"), ("p10", "mode", "p90")
FAMILIES: dict[tuple[str, tuple[str, ...]], Family] = {
    (name, each.keys): each
    for name, each in (
        ("normal", Family(("mean", "sd"), lambda stats, mean, sd: stats.norm(mean, sd), _spread, ("mean",))),
        (
            "lognormal",
            Family(
                ("mean", "sd"),
                lambda stats, mean, sd: stats.lognorm(
                    _log_sd(mean, sd), scale=mean * np.exp(-(_log_sd(mean, sd) ** 2) / 2)
                ),
                _lognormal_faults,
                ("mean", "sd"),
                by_factor=True,
            ),
        ),
        (
            "student_t",
            Family(
                ("mean", "sd", "df"),
                lambda stats, mean, sd, df: stats.t(df, loc=mean, scale=sd * np.sqrt((df - 2) / df)),
                _student_faults,
                ("mean",),
            ),
        ),
        (
            "gumbel",
            Family(
                ("mean", "sd"),
                lambda stats, mean, sd: stats.gumbel_r(
                    mean - np.euler_gamma * sd * math.sqrt(6) / math.pi, sd * math.sqrt(6) / math.pi
                ),
                _spread,
                ("mean",),
            ),
        ),
        (
            "beta",
            Family(
                ("alpha", "beta", "min", "max"),
                lambda stats, a, b, low, high: stats.beta(a, b, loc=low, scale=high - low),
                _beta_faults,
                ("min", "max"),
                defaults={"min": 0.0, "max": 1.0},
            ),
        ),
        ("pert", Family(MODE, _pert, _mode_faults, MODE)),
        ("triangular", Family(MODE, _triangular, _mode_faults, MODE)),
        ("pert", Family(QUANTILES, lambda *given: _by_quantiles(_pert, *given), _mode_quantile_faults, QUANTILES)),
        (
            "triangular",
            Family(QUANTILES, lambda *given: _by_quantiles(_triangular, *given), _mode_quantile_faults, QUANTILES),
        ),
        (
            "exponential",
            Family(
                ("mean",),
                lambda stats, mean: stats.expon(scale=mean),
                lambda mean: _above("mean", mean),
                ("mean",),
                by_factor=True,
            ),
        ),
        ("poisson", Family(("mean",), lambda stats, mean: stats.poisson(mean), _poisson_faults)),
        ("binomial", Family(("n", "p"), lambda stats, n, p: stats.binom(n, p), _binomial_faults)),
        ("normal", Family((), _normal_through, lambda q: _two_faults(q, log=False))),
        ("lognormal", Family((), _lognormal_through, lambda q: _two_faults(q, log=True), by_factor=True)),
    )
}


@dataclass(frozen=True, eq=False)
class FromScipy(Distribution):
    """A family's distribution; between `min` and `max` where these are given and are none of its own numbers.

    name : as `dist` in a file; numbers : by key, in the order of the file grammar
    """

    name: str
    numbers: Mapping[str, Any]
    min: Any = None
    max: Any = None

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.name

    @cached_property
    def family(self) -> Family:
        """The family, and by which numbers it is given."""
        return FAMILIES.get((self.kind, tuple(self.numbers))) or FAMILIES[self.kind, ()]

    @cached_property
    def scipy(self) -> Any:
        """The distribution of scipy.stats, before any truncation."""
        from scipy import stats

        return self.family.scipy(stats, *self._given)

    @property
    def _given(self) -> tuple[Any, ...]:
        return tuple(self.numbers.values()) if self.family.keys else (self.numbers,)

    @property
    def truncated(self) -> bool:
        """Whether bounds cut it off."""
        return self.min is not None or self.max is not None

    @property
    def movable(self) -> bool:  # type: ignore[override]
        return not self._counts

    @property
    def _counts(self) -> bool:
        return self.kind in ("poisson", "binomial")

    @property
    def parameters(self) -> dict[str, Any]:
        return {**self.numbers, **({"min": self.min, "max": self.max} if self.truncated else {})}

    @property
    def bounds(self) -> tuple[Any, Any]:
        return self.parameters.get("min"), self.parameters.get("max")

    @cached_property
    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Chance of less than `min`, of at most `max`, and of more than `max`."""
        below = np.zeros(()) if self.min is None else self.scipy.cdf(np.nextafter(self.min, -np.inf))
        up_to = np.ones(()) if self.max is None else self.scipy.cdf(self.max)
        return below, up_to, np.zeros(()) if self.max is None else self.scipy.sf(self.max)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        if not self.truncated:
            return np.asarray(self.scipy.ppf(u), float)
        below, up_to, _ = self.ends
        return np.clip(self.scipy.ppf(np.minimum(below + u * (up_to - below), ALMOST_ONE)), self.min, self.max)

    def tail(self, v: np.ndarray) -> np.ndarray:
        if not self.truncated:
            return self._isf(v)
        below, up_to, above = self.ends
        return np.clip(self._isf(above + v * (up_to - below)), self.min, self.max)

    def _isf(self, v: np.ndarray) -> np.ndarray:
        """Value that is exceeded with probability v; scipy has it for counts by way of 1 - v, which loses small ones."""
        if not self._counts:
            return np.asarray(self.scipy.isf(v), float)
        most = np.max(self.scipy.mean() + 40 * self.scipy.std() + 40)
        exceeded = np.atleast_2d(self.scipy.sf(np.arange(int(most) + 1)))  # falls with the count
        wanted = np.broadcast_to(np.atleast_2d(v), (len(exceeded), np.shape(v)[-1] if np.ndim(v) else 1))
        counts = np.stack([np.searchsorted(-row, -each) for row, each in zip(exceeded, wanted, strict=True)])
        return (counts if self.periods else counts[0]).astype(float)

    def mean(self) -> np.ndarray:
        return super().mean() if self.truncated else self._flat(self.scipy.mean())

    def sd(self) -> np.ndarray:
        return super().sd() if self.truncated else self._flat(self.scipy.std())

    def _flat(self, moment: Any) -> np.ndarray:
        return np.ravel(np.broadcast_to(moment, (self.periods, 1))) if self.periods else np.asarray(moment, float)

    def _moved(self, step: float) -> Distribution:
        """Shifted by standard deviations, or multiplied where it is by factors that it varies; bounds stay."""
        keys, plain = self.family.moves or tuple(self.numbers), replace(self, min=None, max=None)
        away = step * plain.width
        moved = {
            key: x if key not in keys else x * np.exp(away) if self.family.by_factor else x + away
            for key, x in self.numbers.items()
        }
        return replace(self, numbers=moved)

    def _step(self, p50: float, today: float) -> float:
        if self.truncated:
            from scipy.optimize import brentq

            return float(brentq(lambda step: self.moved(step).first_p50() - p50, -50.0, 50.0, xtol=1e-12))
        return first((np.log(p50 / today) if self.family.by_factor else p50 - today) / self.width)

    @property
    def width(self) -> Any:
        """Standard deviation; of the logarithm where it varies by factors, 1 for an exponential."""
        if not self.family.by_factor:
            return np.reshape(self.sd(), (-1, 1)) if self.periods else self.sd()
        return self.scipy.args[0] if self.kind == "lognormal" else 1.0

    def faults(self) -> Faults:
        found = list(self.family.faults(*self._given))
        if found or not self.truncated:
            yield from found
            return
        if self.min is not None and self.max is not None and not np.all(np.asarray(self.min) < self.max):
            yield f"min {say(self.min)} is not below max {say(self.max)}", ""
            return
        below, up_to, _ = self.ends
        if not np.all(up_to - below > LEAST_LEFT):
            ends = [f"{name} {say(x)}" for name, x in (("min", self.min), ("max", self.max)) if x is not None]
            leave = "leaves" if len(ends) == 1 else "leave"
            yield f"{' and '.join(ends)} {leave} nothing of the {self.kind} distribution", "Widen the bounds"


def family(kind: str, **numbers: Any) -> FromScipy:
    """Return the distribution of a family by numbers in any order; `min` and `max` that are none of its own truncate it."""
    bounds = {key: numbers.pop(key) for key in ("min", "max") if key in numbers}
    for (name, keys), each in FAMILIES.items():
        given: dict[str, Any] = {**(each.defaults or {}), **numbers, **{k: x for k, x in bounds.items() if k in keys}}
        if name == kind and keys and set(keys) == given.keys():
            return FromScipy(
                kind, {key: given[key] for key in keys}, **{k: x for k, x in bounds.items() if k not in keys}
            )
    return FromScipy(kind, dict(sorted(numbers.items(), key=lambda item: level_of(item[0]))), **bounds)
