"""The chance of a target with one direction of the draws integrated out: sharper, above all for a target in the tail.

Counting hits wastes what a draw knows: one that just misses counts as one that misses by far. Each draw is moved
along the direction of steepest rise (`model.along`) to the place t* at which the outcome meets the target; the chance
that the draw stood beyond it is 1 - Phi(t*), a smooth number, and their mean converges quicker than the share of hits
(pre-integration: Griewank, Kuo, Leoevey, Sloan 2018).

Nothing hangs on t* being right. With the place s at which the draw stood, independent of t*,

    P = E[1 - Phi(t*)] + E[ 1{hit} - 1{s >= t*} ]

holds for any t* that does not look at s. The second term is 0 for every draw whose outcome crosses the target once,
at t*; it is averaged over the first quarter of the draws, and mends what a missed crossing, a jump or a second crossing
would spoil. The direction comes from draws of its own. So the estimate is unbiased, and its error is that over the eight
replicates, as everywhere.

>>> from model import from_dict
>>> a = from_dict({"x": {"mean": 0, "sd": 3}, "y": {"mean": 0, "sd": 4}})
>>> p = chance(a, lambda d: {"z": d["x"] + d["y"]}, Reading("z", None, "chance", 25.0))  # five standard deviations
>>> bool(abs(p.value - 2.8665157188e-07) < 1e-16)
True
"""

from __future__ import annotations

import numpy as np
from scipy import special

from model import measures, points
from model.along import FARTHEST, Along, Direction, Outcome, direction
from model.assumptions import Assumptions
from model.draws import Draws
from model.errors import InputError, Problem
from model.measures import Measure
from model.result import period_names
from model.schema import LARGEST
from model.simulation import SEED, Function, checked_draws, checked_seed
from model.variation import KeptDraws, Reading
from model.xiaomi import volume

DRAWS = 16_384
BLOCK = 8192  # draws at a time
NEAR = 0.004  # standard deviations: after a shorter step along the direction t* is near enough
STEPS = 6
FLATTEST = 0.02  # of the direction's slope: a flatter secant is not followed


def chance(
    assumptions: Assumptions,
    function: Function = volume,
    what: Reading | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Measure:
    """P(outcome >= target); of the file's own target by default.

    function, draws, seed : as of `simulate`; what : a chance; without a period, that of the last

    Raises InputError as `simulate`, and for a measure that is no chance.
    """
    target = assumptions.target
    what = what or Reading(target.outcome, target.period, "chance", target.value)
    if what.statistic != "chance":
        raise InputError(Problem(f"'{what}' is no chance", "OUTCOME>=NUMBER"))
    size = checked_draws(draws)

    def outcome(some: Draws) -> np.ndarray:
        with np.errstate(all="ignore"):  # what is not finite is refused below
            rows = np.atleast_2d(function(some)[what.outcome])
        periods = period_names(len(rows), assumptions.about.year)
        made = np.broadcast_to(rows[periods.index(what.period) if what.period in periods else -1], (some.size,))
        if not (np.abs(made) < LARGEST).all():
            raise InputError(Problem("is not finite in some draws", path=what.outcome))
        return made

    to = direction(assumptions, outcome, checked_seed(seed))
    smooth, left = np.empty(size), np.empty(max(size // 4, points.CHUNK))
    for start in range(0, size, BLOCK):
        kept = KeptDraws(assumptions, seed, start, min(start + BLOCK, size))
        here = slice(start, kept.stop)
        checked = max(0, min(kept.stop, len(left)) - start)  # draws of this block that are also counted
        if to is None:
            smooth[here] = outcome(kept) >= what.target
            left[start : start + checked] = 0.0
            continue
        along = Along(kept, to)
        crossing = _crossings(along, outcome, what.target, to)
        smooth[here] = special.ndtr(-crossing)
        if checked:
            hit, beyond = outcome(kept) >= what.target, along.place >= crossing
            left[start : start + checked] = (hit.astype(float) - beyond)[:checked]
    each = sum(measures.by_replicate(part, points.replicate_of(len(part))).mean(axis=-1) for part in (smooth, left))
    return Measure(float(np.mean(each)), float(measures.standard_error(np.asarray(each))))


def _crossings(along: Along, outcome: Outcome, target: float, to: Direction) -> np.ndarray:
    """For each draw the place on the direction at which the outcome meets the target, as far as it is found.

    Two steps for all draws, the first to where a straight line would meet it; then secant steps for those that still
    move, halving where one leaves the interval in which the crossing is known to lie.
    """
    size = along.kept.size
    before = np.full(size, float(np.clip((target - to.middle) / to.slope, -FARTHEST, FARTHEST)))
    gap_before = outcome(along.at(before)) - target
    now = np.clip(before - gap_before / to.slope, -FARTHEST, FARTHEST)
    low = np.where(gap_before < 0, before, -np.inf)
    high = np.where(gap_before < 0, np.inf, before)
    found = now.copy()
    active: np.ndarray = np.arange(size)
    for step in range(STEPS):
        gap = outcome(along.at(now, active if step else slice(None))) - target
        low, high = np.where(gap < 0, np.maximum(low, now), low), np.where(gap < 0, high, np.minimum(high, now))
        with np.errstate(all="ignore"):
            rise = (gap - gap_before) / (now - before)
        rise = np.where(rise > FLATTEST * to.slope, rise, FLATTEST * to.slope)  # false for nan too
        new = now - gap / rise
        known = np.isfinite(low) & np.isfinite(high)
        new = np.where(known & ~((new > low) & (new < high)), (low + high) / 2, new)
        new = np.clip(new, -FARTHEST, FARTHEST)
        found[active] = new
        moving = np.abs(new - now) > NEAR
        if not moving.any():
            break
        active, before, gap_before, now = active[moving], now[moving], gap[moving], new[moving]
        low, high = low[moving], high[moving]
    return found
