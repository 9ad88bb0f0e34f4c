"""What would have to be true: the P50 of an assumption at which the chance of the target is the one asked for.

The whole distribution moves with its P50: a bounded metalog on the scale on which it is unbounded, so that no
bound is crossed; other kinds by a plain shift. The three quantiles of the answer, put into the file, give the
asked chance back within its simulation error.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import numpy as np
from scipy import optimize

from model.assumptions import Assumption
from model.distributions import Discrete, Distribution, Lognormal, Metalog
from model.errors import InputError, Problem
from model.measures import Measure
from model.readback import short
from model.variation import Reading, Study

REACH = (0.005, 0.995)  # how far the P50 may go: to today's P0.5 and P99.5


@dataclass(frozen=True)
class Answer:
    """What one assumption would have to be, all others as they are."""

    path: str
    label: str
    unit: str
    today: np.ndarray  # P50, (period,)
    needed: np.ndarray | None  # P50 at the asked chance; None where it cannot be reached
    distribution: Distribution | None  # the whole, as it would stand in the file
    distance: float  # from today's P50 in today's standard deviations; nan where it cannot be reached
    chance: Measure  # at the answer, or the nearest that can be reached


def solve(study: Study, what: Reading, asked: float, paths: list[str] | None = None) -> list[Answer]:
    """One answer an assumption, nearest first; those without any effect on the measure are left out.

    what : a chance; asked : between 0 and 1. Raises InputError for an asked chance that is none, and for a path that
    cannot be moved.
    """
    if not 0 < asked < 1:
        raise InputError(Problem(f"a chance of {asked:g} cannot be asked for", "Between 0 and 100%", path="--chance"))
    entries = study.assumptions.entries
    if paths is not None:
        problems = [
            Problem("is taken as known or one of a few values: it has no P50 to move", path=path)
            for path in paths
            if not movable(entries[path].distribution)
        ]
        if problems:
            raise InputError(problems)
    chosen = [a for p, a in entries.items() if (paths is None or p in paths) and movable(a.distribution)]
    study.measure(what)
    with ThreadPoolExecutor(cpu_count()) as threads:
        found = list(threads.map(lambda a: _answer(study, what, asked, a, paths is not None), chosen))
    answers = [answer for answer in found if answer is not None]
    return sorted(answers, key=lambda a: (a.needed is None, abs(a.distance), -float(a.chance.value)))


def movable(distribution: Distribution) -> bool:
    """Whether a distribution has a P50 that can be moved."""
    return distribution.uncertain and not isinstance(distribution, Discrete)


def moved(distribution: Distribution, step: float) -> Distribution:
    """The distribution with its P50 moved by `step` standard deviations of the scale on which it moves."""
    if isinstance(distribution, Metalog):
        quantiles = {key: getattr(distribution, key) for key in ("p10", "p50", "p90")}
        spread = (distribution.inward(distribution.p90) - distribution.inward(distribution.p10)) / 2
        new = {key: distribution.outward(distribution.inward(x) + step * spread) for key, x in quantiles.items()}
        return dataclasses.replace(distribution, **new)
    if isinstance(distribution, Lognormal):
        factor = np.exp(step * np.sqrt(np.log1p((distribution.sd_ / distribution.mean_) ** 2)))
        return Lognormal(distribution.mean_ * factor, distribution.sd_ * factor)
    shift = step * distribution.sd()
    places: dict[str, Any] = {
        key: getattr(distribution, key) + shift
        for key in ("low", "high", "min", "mode", "max", "mean_")
        if hasattr(distribution, key)
    }
    return dataclasses.replace(distribution, **places)


def _answer(study: Study, what: Reading, asked: float, a: Assumption, named: bool) -> Answer | None:
    ends = [_step_to(a.distribution, q) for q in REACH]

    def gap(step: float) -> float:
        row = study.row(what, {a.path: moved(a.distribution, step)})
        return float(what.estimate(row)) - asked

    low, high = (gap(step) for step in ends)
    if low == high and not named:
        return None
    today = np.ravel(_p50(a.distribution))
    if low * high > 0:
        step = ends[0] if abs(low) < abs(high) else ends[1]
        chance = study.measure(what, {a.path: moved(a.distribution, step)})
        return Answer(a.path, a.label, a.unit, today, None, None, float("nan"), chance)
    step = optimize.brentq(gap, *ends, xtol=1e-4) if low * high < 0 else ends[int(high == 0)]
    there = moved(a.distribution, step)
    needed = np.ravel(_p50(there))
    distance = float(np.mean((needed - today) / np.ravel(a.distribution.sd())))
    return Answer(a.path, a.label, a.unit, today, needed, there, distance, study.measure(what, {a.path: there}))


def _p50(distribution: Distribution) -> np.ndarray:
    return distribution.quantile(np.full(1, 0.5))


def _step_to(distribution: Distribution, q: float) -> float:
    """The step that moves P50 to today's quantile q (of the first period)."""
    goal = float(np.ravel(distribution.quantile(np.full(1, q)))[0])

    def miss(step: float) -> float:
        return float(np.ravel(_p50(moved(distribution, step)))[0]) - goal

    return float(optimize.brentq(miss, -12.0, 12.0))


COLUMNS = ("path", "label", "unit", "P50 today", "P50 needed", "distance in sd", "chance there", "error")


def table(answers: Sequence[Answer]) -> list[tuple[object, ...]]:
    """Rows for a CSV; "cannot reach" where no P50 within today's range does it."""
    return [
        (
            a.path,
            a.label,
            a.unit,
            value(a.today),
            value(a.needed),
            a.distance,
            float(a.chance.value),
            float(a.chance.error),
        )
        for a in answers
    ]


def value(values: np.ndarray | None) -> str:
    """A P50 in words; of an assumption by months, the mean."""
    if values is None:
        return "cannot reach"
    return short(float(values[0])) if len(values) == 1 else f"mean {short(float(np.mean(values)))}"
