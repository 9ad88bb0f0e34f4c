"""What would have to be true: the P50 of an assumption at which the chance of the target is the one asked for.

The whole distribution moves with its P50 (`perturbation`); the three quantiles of the answer, put into the file, give
the asked chance back within its simulation error. All searches go on side by side, each by Chandrupatla's method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import elementwise

from model.assumptions import perturbation
from model.assumptions.assumption import Assumption
from model.assumptions.distributions import Distribution
from model.errors import InputError, Problem
from model.files.tables import Table
from model.simulation.executor import Workers
from model.simulation.measures import Measure
from model.simulation.reading import Reading, target_reading
from model.simulation.sampling.common_draws import Variation
from model.studies.cache import MeasureCache
from model.studies.required import Answer, EqualChance, Solution
from model.studies.study import ALONE, Progress, Study, evaluate

REACH = (0.005, 0.995)  # how far the P50 may go: to today's P0.5 and P99.5
FINE = 1e-4  # of a step, a standard deviation of the scale on which the assumption moves
LINE_POINTS = 17
BETWEEN = 4  # places between the ends at which a chance that is met at neither is looked for

Search = Callable[[Sequence[Variation]], np.ndarray]  # variations -> estimates (variation, 1 + replicate)


def solve(
    study: Study,
    what: Reading,
    asked: float,
    paths: Sequence[str] | None = None,
    *,
    workers: Workers = ALONE,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Solution:
    """One answer an assumption, nearest first; those without any effect on the measure are left out.

    what : a chance; asked : between 0 and 1. Raises InputError for an asked chance that is none, and for a path that
    cannot be moved.
    """
    _refuse(study, asked, paths or ())
    entries = study.assumptions.entries
    chosen = [
        a
        for p, a in entries.items()
        if (paths is None or p in paths)
        and perturbation.movable(a.distribution)
        and (study.movable(a) or paths is not None)
    ]
    found = _roots(
        _search(study, what, workers, cache, progress),
        what,
        study.size,
        asked,
        [a.distribution for a in chosen],
        lambda n, there: {chosen[n].path: there},
        idle=paths is None,
    )
    answers = [_answer(study, a, *root) for a, root in zip(chosen, found, strict=True) if root is not None]
    nearest = sorted(
        answers,
        key=lambda a: (
            a.needed is None,
            0.0 if a.needed is None else abs(a.distance),
            abs(float(a.chance.value) - asked),
        ),
    )
    named = None if paths is None else tuple(paths)
    return Solution(what, asked, study.measure(what), tuple(nearest), named, study.kind, study.first)


def equal_chance(
    study: Study,
    what: Reading,
    asked: float,
    one: str,
    other: str,
    *,
    points: int = LINE_POINTS,
    workers: Workers = ALONE,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> EqualChance:
    """Along today's P0.5 to P99.5 of `one`, the P50 of `other` at which the chance is the one asked for.

    Raises InputError as `solve`, and for an assumption by months, which has no one P50.
    """
    _refuse(study, asked, (one, other))
    a, b = (study.assumptions[path] for path in (one, other))
    several = [
        Problem("stands for several periods", "A line needs one P50", path=x.path)
        for x in (a, b)
        if x.distribution.periods
    ]
    if one == other or several:
        raise InputError(several or [Problem("is named twice", "A line needs two assumptions", path=one)])
    low, high = (perturbation.first_p50(perturbation.moved(a.distribution, step)) for step in reach(a.distribution))
    first = np.unique([*np.linspace(low, high, points - 1), perturbation.first_p50(a.distribution)])
    there = [perturbation.at(a.distribution, "p50", float(x)) for x in first]
    found = _roots(
        _search(study, what, workers, cache, progress),
        what,
        study.size,
        asked,
        [b.distribution] * len(first),
        lambda n, moved: {one: there[n], other: moved},
        idle=False,
    )
    second = [np.nan if root is None or root[0] is None else perturbation.first_p50(root[0]) for root in found]
    return EqualChance(a, b, asked, first, np.array(second), [root[1] for root in found if root is not None])


def _refuse(study: Study, asked: float, paths: Sequence[str]) -> None:
    problems = []
    if not 0 < asked < 1:
        problems.append(Problem(f"a chance of {asked:g} cannot be asked for", "Between 0 and 100%", path="--chance"))
    problems += [
        Problem("is taken as known or one of a few values: it has no P50 to move", path=path)
        for path in paths
        if not perturbation.movable(study.assumptions[path].distribution)
    ]
    if problems:
        raise InputError(problems)


def _search(
    study: Study, what: Reading, workers: Workers, cache: MeasureCache | None, progress: Progress | None
) -> Search:
    def estimates(variations: Sequence[Variation]) -> np.ndarray:
        return evaluate(study, [what], variations, workers=workers, cache=cache, progress=progress)[:, 0]

    return estimates


def _roots(
    search: Search,
    what: Reading,
    draws: int,
    asked: float,
    old: Sequence[Distribution],
    variation: Callable[[int, Distribution], Variation],
    *,
    idle: bool,
) -> list[tuple[Distribution | None, Measure] | None]:
    """For each distribution the one moved to where the asked chance is met, and the chance there.

    Where it is met nowhere within reach: (None, the nearest chance); where it does not move at all and `idle`: None.
    """

    def gap(steps: np.ndarray, which: np.ndarray) -> np.ndarray:
        flat = zip(np.ravel(steps), np.ravel(which).astype(int), strict=True)
        found = search([variation(n, perturbation.moved(old[n], float(step))) for step, n in flat])
        return (found[:, 0] - asked).reshape(steps.shape)

    which = np.arange(len(old))
    ends = np.array([reach(d) for d in old]).T
    steps = ends  # (place, distribution): where the chance is known
    gaps = np.stack([gap(end, which) for end in ends])
    unmoved = gaps[0] == gaps[1]
    open_ = which[(gaps[0] * gaps[1] > 0) & ~(unmoved & idle)]  # met at neither end: it may still be met between them
    if len(open_):
        share = np.linspace(0, 1, BETWEEN + 2)[1:-1, None]
        between = np.repeat(ends[:1], BETWEEN, axis=0)  # of the others, the low end again
        inner = np.repeat(gaps[:1], BETWEEN, axis=0)
        between[:, open_] += share * (ends[1] - ends[0])[open_]
        inner[:, open_] = gap(between[:, open_], np.broadcast_to(open_, (BETWEEN, len(open_))))
        steps = np.concatenate([ends[:1], between, ends[1:]])
        gaps = np.concatenate([gaps[:1], inner, gaps[1:]])
    bracket = _nearest_crossing(steps, gaps)
    crossed = bracket >= 0
    nearest = np.abs(gaps).argmin(axis=0)[None]
    found = np.take_along_axis(steps, nearest, axis=0)[0]  # what stands where nothing is crossed
    if crossed.any():
        low, high = (np.take_along_axis(steps, (bracket + k)[None].clip(0), axis=0)[0][crossed] for k in (0, 1))
        root = elementwise.find_root(gap, (low, high), args=(which[crossed],), tolerances={"xatol": FINE, "xrtol": 0})
        found[crossed] = root.x
    steps = found
    there = [perturbation.moved(d, float(step)) for d, step in zip(old, steps, strict=True)]
    chances = [what.measured(e, draws) for e in search([variation(n, moved) for n, moved in enumerate(there)])]
    return [
        None if idle and unmoved[n] else (moved if crossed[n] and not unmoved[n] else None, chances[n])
        for n, moved in enumerate(there)
    ]


def _nearest_crossing(steps: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Of each column the place after which the gap changes its sign, that nearest to step 0; -1 where it never does."""
    crosses = gaps[:-1] * gaps[1:] <= 0
    away = np.where(crosses, np.abs(steps[:-1] + steps[1:]), np.inf)
    return np.where(crosses.any(axis=0), away.argmin(axis=0), -1)


def _answer(study: Study, a: Assumption, there: Distribution | None, chance: Measure) -> Answer:
    today = study.middle(a, a.distribution)
    if there is None:
        return Answer(a.path, a.label, a.unit, today, None, None, float("nan"), chance)
    needed = study.middle(a, there)
    distance = float(np.mean((needed - today) / np.ravel(a.distribution.sd())))
    return Answer(a.path, a.label, a.unit, today, needed, there, distance, chance)


def reach(distribution: Distribution) -> tuple[float, float]:
    """The steps that move P50 (of the first period) to today's P0.5 and P99.5."""
    low, high = (float(np.ravel(distribution.quantile(np.full(1, q)))[0]) for q in REACH)
    return perturbation.step_to(distribution, low), perturbation.step_to(distribution, high)


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    what, asked, paths = target_reading(study.assumptions), recipe["chance"], recipe["paths"]
    if "points" in recipe:
        return equal_chance(study, what, asked, *paths, points=recipe["points"]).table()
    return solve(study, what, asked, paths).table()
