"""What would have to be true: the P50 of an assumption at which the chance of the target is the one asked for.

The whole distribution moves with its P50 (`perturbation`); the three quantiles of the answer, put into the file, give
the asked chance back within its simulation error. All searches go on side by side, each by Chandrupatla's method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import elementwise

from model.assumptions.assumption import Assumption
from model.assumptions.distributions import shift
from model.assumptions.distributions.base import Distribution
from model.errors import InputError, Problem
from model.files.table import Table
from model.simulation.measures import Measure
from model.simulation.metric import Metric, metric
from model.simulation.parallel import Workers
from model.simulation.sampling.common_random_numbers import Variation
from model.studies.cache import MeasureCache
from model.studies.evaluate import Progress, evaluate
from model.studies.joint_moves import joint_moves
from model.studies.required_values import EqualChance, JointMove, RequiredValue, Solution
from model.studies.study import Study

COARSE = (-1.0, -0.5, 0.0, 0.5, 1.0)  # shares of the way from today's place to either end
FINER = tuple(share / 8 for share in (-7, -6, -5, -3, -2, -1, 1, 2, 3, 5, 6, 7))
NOISE = 2e-3  # of a chance, by which it may turn by chance
REACH = (0.005, 0.995)  # how far the P50 may go: to today's P0.5 and P99.5
FINE = 1e-4  # of a step, a standard deviation of the scale on which the assumption moves
LINE_POINTS = 17


@dataclass(frozen=True)
class Place:
    """A distribution moved by a step, and the chance there."""

    step: float
    distribution: Distribution
    chance: Measure


@dataclass(frozen=True)
class Places:
    """Where an asked chance is met, nearest to today first, and where it is nearest to being met."""

    met: list[Place]
    nearest: Place


Gap = Callable[[np.ndarray, np.ndarray], np.ndarray]  # steps, which distributions -> chance less the asked one
Search = Callable[[Sequence[Variation]], np.ndarray]  # variations -> estimates (variation, 1 + replicate)


def solve(
    study: Study,
    what: Metric,
    asked: float,
    paths: Sequence[str] | None = None,
    *,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Answers, nearest first: of each assumption every P50 within reach at which the asked chance is met; those without any effect on
    the measure are left out. Where none reaches it alone, also what several would reach that move together.

    what : a chance; asked : between 0 and 1. Raises InputError for an asked chance that is none, and for a path that
    cannot be moved.
    """
    _refuse(study, asked, paths or ())
    entries = study.assumptions.entries
    chosen = [
        a
        for p, a in entries.items()
        if (paths is None or p in paths) and a.distribution.movable and (study.movable(a) or paths is not None)
    ]
    found = _places(
        _search(study, what, workers, cache, progress),
        what,
        study.size,
        asked,
        [a.distribution for a in chosen],
        lambda n, there: {chosen[n].path: there},
        idle=paths is None,
    )
    answers = [
        answer for a, one in zip(chosen, found, strict=True) if one is not None for answer in _answers(study, a, one)
    ]
    nearest = sorted(
        answers,
        key=lambda a: (
            a.needed is None,
            0.0 if a.needed is None else abs(a.distance),
            abs(float(a.chance.value) - asked),
        ),
    )
    named, now = None if paths is None else tuple(paths), study.measure(what)
    together: tuple[JointMove, ...] = ()
    if not any(a.needed is not None for a in nearest):
        known = {a.path: a for a in chosen}
        search = _search(study, what, workers, cache, progress)
        ends = {path: reach(a.distribution) for path, a in known.items()}
        together = joint_moves(nearest, known, ends, search, what, asked, now, study.size, study.middle)
    return Solution(what, asked, now, tuple(nearest), named, study.kind, study.from_month or "", together)


def equal_chance(
    study: Study,
    what: Metric,
    asked: float,
    one: str,
    other: str,
    *,
    points: int = LINE_POINTS,
    workers: Workers | None = None,
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
    low, high = (a.distribution.moved(step).first_p50() for step in reach(a.distribution))
    first = np.unique([*np.linspace(low, high, points - 1), a.distribution.first_p50()])
    there = [shift.at(a.distribution, "p50", float(x)) for x in first]
    found = _places(
        _search(study, what, workers, cache, progress),
        what,
        study.size,
        asked,
        [b.distribution] * len(first),
        lambda n, moved: {one: there[n], other: moved},
        idle=False,
    )
    places = [one for one in found if one is not None]
    second = [one.met[0].distribution.first_p50() if one.met else np.nan for one in places]
    chances = [(one.met[0] if one.met else one.nearest).chance for one in places]
    return EqualChance(a, b, asked, first, np.array(second), chances)


def _refuse(study: Study, asked: float, paths: Sequence[str]) -> None:
    problems = []
    if not 0 < asked < 1:
        problems.append(Problem(f"a chance of {asked:g} cannot be asked for", "Between 0 and 100%", path="--chance"))
    problems += [
        Problem("is taken as known or one of a few values: it has no P50 to move", path=path)
        for path in paths
        if not study.assumptions[path].distribution.movable
    ]
    if problems:
        raise InputError(problems)


def _search(
    study: Study, what: Metric, workers: Workers | None, cache: MeasureCache | None, progress: Progress | None
) -> Search:
    def estimates(variations: Sequence[Variation]) -> np.ndarray:
        return evaluate(study, [what], variations, workers=workers, cache=cache, progress=progress)[:, 0]

    return estimates


def _places(
    search: Search,
    what: Metric,
    draws: int,
    asked: float,
    old: Sequence[Distribution],
    variation: Callable[[int, Distribution], Variation],
    *,
    idle: bool,
) -> list[Places | None]:
    """For each distribution all places within reach at which the asked chance is met, and the one where it is nearest to it.

    The chance is taken at `COARSE` steps, today's place among them; where it turns between them at finer ones too. None for what
    does not move it at all, and `idle`.
    """

    def gap(steps: np.ndarray, which: np.ndarray) -> np.ndarray:
        flat = zip(np.ravel(steps), np.ravel(which).astype(int), strict=True)
        found = search([variation(n, old[n].moved(float(step))) for step, n in flat])
        return (found[:, 0] - asked).reshape(steps.shape)

    which = np.arange(len(old))
    steps, gaps = _tried(gap, np.array([reach(d) for d in old]).T.reshape(2, len(old)))
    unmoved = (gaps == gaps[0]).all(axis=0)
    crosses = gaps[:-1] * gaps[1:] <= 0
    crosses[1:] &= gaps[1:-1] != 0  # a place that meets it is one place, not the end of two
    row, column = np.nonzero(crosses & ~unmoved)
    met = (
        elementwise.find_root(
            gap, (steps[row, column], steps[row + 1, column]), args=(column,), tolerances={"xatol": FINE, "xrtol": 0}
        ).x
        if len(row)
        else np.zeros(0)
    )
    nearest = _nearest(gap, steps, gaps, ~np.isin(which, column))
    at = [*zip(column.tolist(), met.tolist(), strict=True), *enumerate(nearest.tolist())]
    moved = [old[n].moved(step) for n, step in at]
    chances = [what.measured(e, draws) for e in search([variation(n, d) for (n, _), d in zip(at, moved, strict=True)])]
    found = [Place(step, d, chance) for (_, step), d, chance in zip(at, moved, chances, strict=True)]
    roots = {
        n: [one for (m, _), one in zip(at[: len(row)], found[: len(row)], strict=True) if m == n]
        for n in which.tolist()
    }
    return [
        None if idle and unmoved[n] else Places(sorted(roots[n], key=lambda one: abs(one.step)), found[len(row) + n])
        for n in which.tolist()
    ]


def _tried(gap: Gap, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps between both ends and the gaps there, (place, distribution) each, in ascending order."""
    which = np.arange(ends.shape[1])
    steps = np.stack([_between(ends, share) for share in COARSE])
    gaps = gap(steps, np.broadcast_to(which, steps.shape))
    turning = which[_turns(gaps)]
    if not len(turning):
        return steps, gaps
    fine = np.repeat(steps[:1], len(FINER), axis=0)  # of those that do not turn the low end again
    inner = np.repeat(gaps[:1], len(FINER), axis=0)
    fine[:, turning] = np.stack([_between(ends, share) for share in FINER])[:, turning]
    inner[:, turning] = gap(fine[:, turning], np.broadcast_to(turning, (len(FINER), len(turning))))
    steps, gaps = np.concatenate([steps, fine]), np.concatenate([gaps, inner])
    order = np.argsort(steps, axis=0, kind="stable")
    return np.take_along_axis(steps, order, axis=0), np.take_along_axis(gaps, order, axis=0)


def _between(ends: np.ndarray, share: float) -> np.ndarray:
    """A share of the way from today's place to the low end (below 0) or to the high end."""
    return -share * ends[0] if share < 0 else share * ends[1]


def _turns(gaps: np.ndarray) -> np.ndarray:
    """Of each column whether it rises and falls, by more than `NOISE`."""
    moves = np.diff(gaps, axis=0)
    return np.asarray((moves > NOISE).any(axis=0) & (moves < -NOISE).any(axis=0))


def _nearest(gap: Gap, steps: np.ndarray, gaps: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Of each column the step at which the gap is smallest; of those wanted, which nowhere meet it, to within `FINE`."""
    best = np.abs(gaps).argmin(axis=0)
    at = np.take_along_axis(steps, best[None], axis=0)[0].copy()
    inside = np.flatnonzero(wanted & (best > 0) & (best < len(steps) - 1))
    if len(inside):
        three = [steps[best[inside] + k, inside] for k in (-1, 0, 1)]
        apart = (three[0] < three[1]) & (three[1] < three[2])
        inside, three = inside[apart], [each[apart] for each in three]
        if len(inside):
            found = elementwise.find_minimum(
                lambda x, n: np.abs(gap(x, n)), tuple(three), args=(inside,), tolerances={"xatol": 0.01}, maxiter=20
            )
            at[inside] = np.where(found.f_x < np.abs(gaps[best[inside], inside]), found.x, at[inside])
    return at


def _answers(study: Study, a: Assumption, places: Places) -> list[RequiredValue]:
    """An answer for each place where the asked chance is met; one without, for the nearest, where it is met nowhere."""
    today = study.middle(a, a.distribution)
    out = []
    for place in places.met or [places.nearest]:
        there = study.middle(a, place.distribution)
        spread = np.ravel(a.distribution.sd())[-len(today) :]  # of what is open, where that is a part of the year
        distance = float(np.mean((there - today) / spread))
        needed, distribution = (there, place.distribution) if places.met else (None, None)
        out.append(RequiredValue(a.path, a.label, a.unit, today, needed, distribution, distance, place.chance, there))
    return out


def reach(distribution: Distribution) -> tuple[float, float]:
    """The steps that move P50 (of the first period) to today's P0.5 and P99.5."""
    low, high = (float(np.ravel(distribution.quantile(np.full(1, q)))[0]) for q in REACH)
    return distribution.step_to(low), distribution.step_to(high)


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    asked, paths = recipe["chance"], recipe["paths"]
    what = metric(recipe.get("measure", "chance"), study.assumptions, study.business)
    if "points" in recipe:
        return equal_chance(study, what, asked, *paths, points=recipe["points"]).table()
    return solve(study, what, asked, paths).table()
