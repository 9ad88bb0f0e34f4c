"""Proper scores of a frozen forecast for what came: CRPS, WIS with its parts, PIT, coverage, log scores; floors as intervals.

CRPS is of the 200 joint samples (scoringrules); WIS, coverage and where something lay are of the 23 quantiles. WIS is twice the mean pinball loss, which is the sum over the
eleven central intervals (Bracher, Ray, Gneiting and Reich 2021, PLOS Computational Biology 17(2), equation 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from model.errors import InputError, Problem, to_install
from model.evaluation.hub_table import LEVELS, Forecast
from model.simulation.observation import Observation

CENTRAL = (0.5, 0.8, 0.9)  # shares of the intervals whose coverage is told


@dataclass(frozen=True)
class Wis:
    """The weighted interval score and its parts, in the outcome's unit: spread, and penalties for lying above or below what came."""

    dispersion: float
    over: float
    under: float

    @property
    def total(self) -> float:
        """The score."""
        return self.dispersion + self.over + self.under


@dataclass(frozen=True)
class Came:
    """What came: a figure, or the interval that a floor leaves (its upper end may be infinite)."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


def came(report: Observation) -> Came:
    """What a report says: a floor reaches up to what would have been announced instead, where that is known."""
    return Came(*report.ends)


def crps(samples: np.ndarray, y: float) -> float:
    """CRPS of samples (sample,) for a number, as the forecast that they are: E|X - y| - E|X - X'| / 2."""
    try:
        from scoringrules import crps_ensemble
    except ImportError:
        hint = to_install("record")
        raise InputError(Problem("scores need scoringrules", hint)) from None
    return float(crps_ensemble(y, samples, estimator="qd"))


def crps_bounds(samples: np.ndarray, what: Came) -> tuple[float, float]:
    """Least and largest CRPS over what may have come: it is convex in that, and least at the median of the samples."""
    nearest = float(np.clip(np.median(samples), what.low, what.high))
    ends = [crps(samples, y) if math.isfinite(y) else math.inf for y in (what.low, what.high)]
    return crps(samples, nearest), max(ends)


def wis(levels: np.ndarray, y: float, at: tuple[float, ...] = LEVELS) -> Wis:
    """WIS of quantiles (level,) that lie symmetrically about a median, for a number.

    at : their levels
    """
    if not np.isfinite(levels).all() or not math.isfinite(y):
        return Wis(math.nan, math.nan, math.nan)  # no score, rather than one that a missing number makes better
    middle, pairs = len(at) // 2, len(at) // 2
    median = float(levels[middle])
    spread, over, under = 0.0, 0.5 * max(0.0, median - y), 0.5 * max(0.0, y - median)
    for n in range(pairs):
        low, high, tail = float(levels[n]), float(levels[-1 - n]), at[n]
        spread += tail * (high - low)  # alpha / 2 times the width
        over += max(0.0, low - y)  # alpha / 2 times 2 / alpha
        under += max(0.0, y - high)
    weight = pairs + 0.5
    return Wis(spread / weight, over / weight, under / weight)


def below(levels: np.ndarray, y: float) -> float:
    """Share of a forecast that lies below a number, read off its quantiles with straight lines between them.

    Beyond the first and the last it is half of what lies there: nothing more is known of it.
    """
    if y < levels[0] or y > levels[-1]:
        return LEVELS[0] / 2 if y < levels[0] else 1 - LEVELS[0] / 2
    at, steps = np.array(LEVELS), np.flatnonzero(levels == y)
    return float(at[steps].mean() if len(steps) else np.interp(y, levels, at))


def pit(levels: np.ndarray, what: Came) -> tuple[float, float]:
    """Where what came lies in the forecast, from 0 to 1; of an interval both ends."""
    low, high = (below(levels, y) if math.isfinite(y) else float(y > 0) for y in (what.low, what.high))
    return low, high


def inside(forecast: Forecast, what: Came, share: float) -> bool | None:
    """Whether what came lies in the central interval of a share; None where an interval lies partly in it."""
    low, high = forecast.level(round(0.5 - share / 2, 3)), forecast.level(round(0.5 + share / 2, 3))
    if low <= what.low and what.high <= high:
        return True
    return False if what.high < low or what.low > high else None


def log_chance(levels: np.ndarray, what: Came) -> float:
    """Logarithm of the chance of an interval, read off the quantiles; no less than half of what lies beyond the last of them."""
    low, high = pit(levels, what)
    return math.log(max(high - low, LEVELS[0] / 2))


def log_score(chance: float, *, happened: bool) -> float:
    """Logarithm of the chance that was given to what happened; 0 is best."""
    with np.errstate(divide="ignore"):
        return float(np.log(chance if happened else 1.0 - chance))
