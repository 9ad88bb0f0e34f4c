"""The chance of a target with one direction of the draws integrated out: sharper, above all for a target in the tail.

Counting hits wastes what a draw knows: one that just misses counts as one that misses by far. Each draw is moved
along the direction of steepest rise (`sampling.active_direction`) to the place t* at which the outcome meets the target; the chance
that the draw stood beyond it is 1 - Phi(t*), a smooth number, and their mean converges quicker than the share of hits
(pre-integration: Griewank, Kuo, Leoevey, Sloan 2018).

The search for t* costs a run of the model a step, so it ends early, at t1. What that leaves out is made up on
a quarter of the draws (2,048 at least), where it goes on to t2 and hits are counted too. With the place s at which a draw stood,
independent of t1 and t2,

    P = E[1 - Phi(t1)] + E[ Phi(t1) - Phi(t2) + 1{hit} - 1{s >= t2} ]

holds whatever they are, as long as they do not look at s: nothing hangs on a crossing that was missed, on a jump or on
a second crossing but the error. Where the pilot shows that no one direction leads to the target (an outcome that is even in its
inputs has none), hits are counted. Where the replicates agree far better than the last step moved (the search
ends alike in every draw, and short of the crossing, as in one input), they cannot say what was missed: the error is then that move.
The direction comes from draws of its own. So the estimate is unbiased (but for the 65,536
levels at which scores of correlated assumptions and noise stand), and its error is that over the eight replicates, as everywhere.
For a chance near 0 or 1 an unbiased number can fall a little outside them; it is not cut off.

>>> from model import from_dict
>>> a = from_dict({"x": {"mean": 0, "sd": 3}, "y": {"mean": 0, "sd": 4}})
>>> p = chance(a, lambda d: {"z": d["x"] + d["y"]}, Metric("z", None, "chance", 25.0))  # five standard deviations
>>> bool(abs(p.value - 2.8665157188e-07) < 1e-16)
True
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumptions
from model.assumptions.schema import LARGEST
from model.errors import InputError, Problem
from model.simulation import measures
from model.simulation.business import Business, Function, business_of
from model.simulation.defaults import SEED
from model.simulation.measures import Measure
from model.simulation.metric import Metric, outcomes_for, target_metric
from model.simulation.sampling import digital_net
from model.simulation.sampling.active_direction import FARTHEST, Along, Direction, Outcome, direction
from model.simulation.sampling.common_random_numbers import KeptDraws
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Net
from model.simulation.simulate import checked_draws, checked_seed, keep_memory

DRAWS = 16_384
BLOCK = 8192  # draws at a time
STEPS, MORE_STEPS = 4, 6  # runs of the model along the direction: for every draw, for those that make up for it
CLOSE = 1e-9  # standard deviations from the target, at which a draw has arrived
ALIKE = 1e-3  # of what the last step moved: replicates that are closer say nothing of the error
NEVER = 1e-14  # a chance that is met nowhere on the direction: beyond it lie 1e-15 of all draws
FLATTEST = 0.1  # of the direction's slope: a flatter secant is not followed


def chance(
    assumptions: Assumptions,
    business: Business | Function,
    what: Metric | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Measure:
    """P(outcome >= target); of the file's own target by default.

    business, draws, seed : as of `simulate`; what : a chance; without a period, that of the last

    Raises InputError as `simulate` (what is not finite is refused in the draws that are counted), and for a measure that is no
    chance or that the function does not have.
    """
    business, what = business_of(business), what or target_metric(assumptions)
    if what.statistic != "chance":
        raise InputError(Problem(f"'{what}' is no chance", "OUTCOME>=NUMBER"))
    size = checked_draws(draws)

    def outcome(some: Draws) -> np.ndarray:
        with np.errstate(all="ignore"):  # far out an outcome need not be finite: such a place says nothing
            made = outcomes_for(business, [what], some)[what.outcome]
        row = assumptions.calendar.in_period(made, what.period, what.outcome)
        return np.broadcast_to(row, (some.size,))

    def hits(some: Draws) -> np.ndarray:
        made = outcome(some)
        if not (np.abs(made) < LARGEST).all():
            raise InputError(Problem("is not finite in some draws", path=what.outcome))
        return made >= what.target

    to = direction(assumptions, outcome, what.target, checked_seed(seed))
    keep_memory()
    smooth, left = np.empty(size), np.empty(max(size // 4, digital_net.CHUNK))
    moved = 0.0  # by the last step, where that is made up for
    for start, stop in pairwise([*range(0, len(left), BLOCK), *range(len(left), size, BLOCK), size]):
        kept = KeptDraws(assumptions, Net(seed, start, stop, salts=business.salts))
        if to is None:
            smooth[start:stop] = hits(kept)
            left[start:stop] = 0.0
            continue
        along = Along(kept, to)
        crossings = _crossings(along, outcome, what.target, to)
        near = special.ndtr(-next(islice(crossings, STEPS - 1, None)))
        smooth[start:stop] = near
        if start < len(left):
            before, at = islice(crossings, MORE_STEPS - STEPS)
            left[start:stop] = special.ndtr(-at) - near + hits(kept) - (along.place >= at)
            moved += float((special.ndtr(-at) - special.ndtr(-before)).sum()) / len(left)
    each = sum(
        measures.by_replicate(part, digital_net.replicate_of(len(part))).mean(axis=-1) for part in (smooth, left)
    )
    found = Measure(float(np.mean(each)), float(measures.standard_error(np.asarray(each))))
    if to is None:
        return measures.bounded(found, size)
    certain = round(found.value)
    if (
        abs(found.value - certain) < NEVER
    ):  # a number a little outside 0 and 1 stays, for the mean over seeds to be right
        return measures.bounded(Measure(float(certain), 0.0), size)
    return Measure(found.value, abs(moved)) if found.error < ALIKE * abs(moved) else found


def _crossings(along: Along, outcome: Outcome, target: float, to: Direction) -> Iterator[np.ndarray]:
    """For each draw the place on the direction at which the outcome meets the target, nearer with every run of the model.

    The first run is at the same place for all, where a straight line would meet the target; from there a step along that line,
    then secant steps. Where one leaves the interval in which the crossing is known to lie, or the outcome is flat,
    that interval is halved by its probability, which halves the error of 1 - Phi.
    """
    now, rise = np.full(along.kept.size, (target - to.middle) / to.slope), np.full(along.kept.size, to.slope)
    before = gap_before = np.full(along.kept.size, np.nan)
    low, high = np.full(along.kept.size, -np.inf), np.full(along.kept.size, np.inf)
    while True:
        place = np.clip(now, -FARTHEST, FARTHEST)
        with np.errstate(all="ignore"):  # 0 / 0 where a draw has not moved, and whatever the outcome is far out
            gap = outcome(along.at(place)) - target
            rise = np.where(np.isnan(before), rise, (gap - gap_before) / (place - before))
            new = place - gap / rise
        low = np.where(gap < 0, np.maximum(low, place), low)
        high = np.where(gap >= 0, np.minimum(high, place), high)
        sound = (rise > FLATTEST * to.slope) & (rise < np.inf) & (new >= low) & (new <= high)  # false for nan
        middle = special.ndtri((special.ndtr(low) + special.ndtr(high)) / 2)
        arrived = np.abs(gap) <= CLOSE * to.slope
        before, gap_before, now = place, gap, np.where(arrived, place, np.where(sound, new, middle))
        yield now
