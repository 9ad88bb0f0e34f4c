"""Several assumptions moved together: the common step at which a chance is met that none of them reaches alone.

Each P50 moves by the same number of standard deviations of the scale on which it moves, to the side on which the chance comes nearer. Tried are
the pairs of those that bring it nearest, those of one kind (the orders of all lines), and all that move it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import elementwise

from model.assumptions.assumption import Assumption
from model.assumptions.distributions.base import Distribution
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.simulation.sampling.common_random_numbers import Variation
from model.studies.required_values import JointMove, RequiredValue

PAIRED = 4  # assumptions that bring the chance nearest, of which pairs are tried
LEAST_EFFECT = 2e-3  # of a chance, below which an assumption is left out
SHOWN = 6
FINE = 1e-3  # of a step


def sets_of(alone: Sequence[RequiredValue], now: Measure) -> list[tuple[str, ...]]:
    """Paths that are tried together: pairs of the nearest, those of one kind, all that move the chance."""
    effect = {a.path: abs(float(a.chance.value) - float(now.value)) for a in alone}
    movers = sorted((path for path, by in effect.items() if by > LEAST_EFFECT), key=lambda path: -effect[path])
    kinds: dict[str, list[str]] = {}
    for path in movers:
        kinds.setdefault(path.rpartition(".")[2], []).append(path)
    found = [*itertools.combinations(movers[:PAIRED], 2), *(tuple(each) for each in kinds.values() if len(each) > 1)]
    if len(movers) > 2:
        found.append(tuple(movers))
    return list(dict.fromkeys(tuple(sorted(each, key=movers.index)) for each in found))


def joint_moves(
    alone: Sequence[RequiredValue],
    entries: dict[str, Assumption],
    reach: dict[str, tuple[float, float]],
    search: Callable[[Sequence[Variation]], np.ndarray],
    what: Metric,
    asked: float,
    now: Measure,
    draws: int,
    middle: Callable[[Assumption, Distribution], np.ndarray],
) -> tuple[JointMove, ...]:
    """Moves that meet the asked chance, the smallest first; where none does, the one that comes nearest.

    alone : what each assumption does by itself; reach : the steps down and up that it can take; search : estimates of variations
    middle : the median that an assumption has under a distribution in the draws, (period,)
    """
    sets = sets_of(alone, now)
    if not sets:
        return ()
    side = {a.path: 1.0 if a.distance > 0 else -1.0 for a in alone}
    most = np.array([min(abs(reach[path][int(side[path] > 0)]) for path in paths) for paths in sets])

    def under(n: int, step: float) -> Variation:
        return {path: entries[path].distribution.moved(side[path] * step) for path in sets[n]}

    def gap(steps: np.ndarray, which: np.ndarray) -> np.ndarray:
        flat = zip(np.ravel(steps), np.ravel(which).astype(int), strict=True)
        return (search([under(n, float(step)) for step, n in flat])[:, 0] - asked).reshape(steps.shape)

    which = np.arange(len(sets))  # places in `sets`
    at, start = most.copy(), float(now.value) - asked
    ends = gap(most, which)
    crossing = np.flatnonzero(ends * start <= 0)
    if len(crossing):
        at[crossing] = elementwise.find_root(
            gap, (np.zeros(len(crossing)), most[crossing]), args=(crossing,), tolerances={"xatol": FINE, "xrtol": 0}
        ).x
    measured = search([under(n, float(at[n])) for n in range(len(sets))])
    made = []
    for n, paths in enumerate(sets):
        moved = under(n, float(at[n]))
        there = tuple(float(middle(entries[path], moved[path]).mean()) for path in paths)
        today = tuple(float(middle(entries[path], entries[path].distribution).mean()) for path in paths)
        made.append(
            JointMove(paths, float(at[n]), today, there, what.measured(measured[n], draws), bool(n in crossing))
        )
    met = sorted((one for one in made if one.met), key=lambda one: one.step)
    return tuple(met[:SHOWN]) or (min(made, key=lambda one: abs(float(one.chance.value) - asked)),)
