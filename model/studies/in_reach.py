"""What is in reach: round numbers around the middle of the target's outcome, and the chance of each.

>>> round_numbers(1.0, 5.0)
[1.0, 2.0, 3.0, 4.0, 5.0]
>>> round_numbers(405_000, 462_000)
[410000.0, 420000.0, 430000.0, 440000.0, 450000.0, 460000.0]
"""

from __future__ import annotations

import numpy as np

from model.simulation import formatting
from model.simulation.measures import Measure
from model.simulation.metric import Metric, target_metric
from model.simulation.result import Result

ENDS = (0.03, 0.97)  # of the outcome, between which the numbers are
MOST = 6  # numbers
DOUBT = 0.005  # a chance nearer to 0 or 1 is in no doubt


def round_numbers(low: float, high: float) -> list[float]:
    """At most six round numbers from low to high: multiples of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return []
    power = 10.0 ** np.floor(np.log10((high - low) / MOST))
    step = next(
        s * power for s in (1, 2, 5, 10, 20, 50) if np.floor(high / (s * power)) - np.ceil(low / (s * power)) < MOST
    )
    return [float(n * step) for n in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def in_reach(result: Result) -> list[tuple[float, Measure]]:
    """(round number, chance of at least it) of the target's outcome in its period."""
    target = result.assumptions.target
    low, high = (float(x) for x in np.asarray(result.quantile(target.outcome, ENDS, target.period).value))
    return [(x, result.chance(target.outcome, x, target.period)) for x in round_numbers(low, high)]


def chances_in_reach(result: Result) -> list[str]:
    """A line with the chances of these numbers; none where the outcome does not vary."""
    near = [f"{x:,.10g} ({formatting.share_met(chance, 0)})" for x, chance in in_reach(result)]
    return [f"Chances of at least {', '.join(near)}"] if near else []


def in_doubt(result: Result) -> bool:
    """Whether the target may be met or missed."""
    return DOUBT < float(result.chance().value) < 1 - DOUBT


def chance_beyond(result: Result, asked: float) -> Metric | None:
    """The chance of the first round number that has less than half of the chance asked for; None where none in reach has."""
    what = target_metric(result.assumptions)
    beyond = [x for x, chance in in_reach(result) if float(chance.value) < asked / 2]
    return Metric(what.outcome, what.period, "chance", beyond[0], what.outcome_unit) if beyond else None


def chance_in_doubt(result: Result) -> Metric:
    """The chance of the target while it is in doubt; else of the round number whose chance is nearest to a half."""
    what, near = target_metric(result.assumptions), in_reach(result)
    if in_doubt(result) or not near:
        return what
    goal = min(near, key=lambda each: abs(float(each[1].value) - 0.5))[0]
    return Metric(what.outcome, what.period, "chance", goal, what.outcome_unit)
