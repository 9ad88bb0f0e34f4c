"""Draws moved along one direction of their scores: the one along which an outcome changes most.

Every uncertain number of a draw has a normal score, and all of them together are a point w in a space of many
dimensions, with correlations R. Some members of it move, by x, and all others stay. With s = x' R^-1 w and x scaled so
that x' R^-1 x = 1, s is standard normal and independent of w - s x. A draw can therefore be moved to w - s x + t x,
for any t: what the model says of t, the rest held, is what preintegration integrates.

Of all x on the members, that along which an outcome of gradient g rises most is C g, C the covariance of the members
given all others. The gradient is taken where the target lies: a pilot of random draws shows the way there, a second one,
moved to it, has the regression that counts (far out, plants matter that bind in no ordinary year). Both are independent
of the draws that are moved. Those members stay that bring nearly all of the rise: what they leave out is spread evenly
over the draws, and what stands still need not be computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, special

from model.assumptions.assumption import Assumptions
from model.assumptions.copula import Group
from model.assumptions.distributions.base import Discrete
from model.simulation.sampling.common_random_numbers import KeptDraws
from model.simulation.sampling.draws import Draws, shock_path
from model.simulation.sampling.latents import Random

PILOT = 512  # random draws in each of the two regressions
CANDIDATES = 30  # scores in a regression: those that go with the outcome most
ENOUGH = 0.97  # of the square of the slope, which the members bring together
PILOT_FARTHEST = 3.0  # standard deviations that the second one is moved at most
PILOT_FAR = 1.5  # from so many on, a straight line meets the target on one side alone (on the other in 0.1%)
FARTHEST = 8.0  # standard deviations; beyond it lie 1e-15 of all draws

Outcome = Callable[[Draws], np.ndarray]  # draws -> one outcome, (draw,)


@dataclass(frozen=True)
class Direction:
    """A direction in the space of scores, and how the outcome runs along it, as far as a straight line can say."""

    moves: Mapping[str, float]  # score of an assumption, or month of a shock -> its step a unit along the direction
    weights: Mapping[str, float]  # the same step in independent scores, before they are tied: a unit vector
    middle: float  # outcome where all scores of the direction are 0
    slope: float  # rise of the outcome a unit along it


def direction(assumptions: Assumptions, outcome: Outcome, target: float, seed: int) -> Direction | None:
    """The direction along which the outcome rises most where it meets the target.

    None where it does not move with any continuous score, and where no one direction leads to the target, as of an outcome that is
    even in its inputs: moved to where the first direction has the target, it falls along that direction, or it meets the target as
    often on the other side. Assumptions that are one of a few values stay out of it: nothing is smooth along them.
    """
    rng = np.random.default_rng([seed, PILOT])
    first = _steepest(assumptions, Random(PILOT, rng), outcome)
    if first is None:
        return None
    away = float(np.clip((target - first.middle) / first.slope, -PILOT_FARTHEST, PILOT_FARTHEST))
    there, opposite = ({name: sign * away * weight for name, weight in first.weights.items()} for sign in (1, -1))
    second = _steepest(assumptions, Random(PILOT, rng, there), outcome)
    if second is None:
        return first
    if sum(weight * second.weights.get(name, 0.0) for name, weight in first.weights.items()) < 0:
        return None
    if abs(away) < PILOT_FAR:
        return second
    hits = [np.mean(outcome(Draws(assumptions, Random(PILOT, rng, side))) >= target) for side in (there, opposite)]
    few, many = sorted(share if away > 0 else 1.0 - share for share in hits)
    return None if few > many / 2 else second


def _steepest(assumptions: Assumptions, latents: Random, outcome: Outcome) -> Direction | None:
    """The direction from a regression of the outcome of some random draws on their scores."""
    draws = Draws(assumptions, latents)
    values = outcome(draws)
    sound = np.isfinite(values)
    entries, groups = assumptions.entries, assumptions.groups
    tied = {path for group in groups for path in group.paths}
    names = [n for n in latents.rows if n not in entries or not isinstance(entries[n].distribution, Discrete)]
    values = values[sound]
    if not names or len(values) <= 2 * CANDIDATES or np.ptp(values) == 0:
        return None
    scores = np.stack([(draws.score(name) if name in tied else latents.rows[name])[sound] for name in names])
    apart = scores - scores.mean(axis=1, keepdims=True)
    most = [names[n] for n in np.argsort(-np.abs(apart @ values))[:CANDIDATES]]
    rows = dict(zip(names, scores, strict=True))

    def fitted(members: Sequence[str]) -> tuple[dict[str, float], Direction]:
        columns = np.vstack([np.ones(len(values)), *(rows[name] for name in members)]).T
        (middle, *rises), *_ = np.linalg.lstsq(columns.T @ columns, columns.T @ values)  # far quicker than of all draws
        gradient = {name: float(rise) for name, rise in zip(members, rises, strict=True)}
        return gradient, _along(gradient, float(middle), groups)

    gradient, whole = fitted(most)
    parts = {name: gradient[name] * whole.moves[name] / whole.slope for name in most}  # they add up to 1
    order = sorted(most, key=lambda name: -parts[name])
    enough = int(np.searchsorted(np.cumsum([parts[name] for name in order]), ENOUGH)) + 1
    return fitted(order[:enough])[1]


def _along(gradient: Mapping[str, float], middle: float, groups: Sequence[Group]) -> Direction:
    """The steepest direction on the scores that have a gradient, all others held."""
    moves, weights = dict(gradient), dict(gradient)
    for group in groups:
        inside = [n for n, path in enumerate(group.paths) if path in gradient]
        if inside:
            precision = np.linalg.inv(group.factor @ group.factor.T)[np.ix_(inside, inside)]
            steps = np.zeros(len(group.paths))
            steps[inside] = np.linalg.solve(precision, [gradient[group.paths[n]] for n in inside])
            untied = linalg.solve_triangular(group.factor, steps, lower=True)
            moves |= {group.paths[n]: float(steps[n]) for n in inside}
            weights |= dict(zip(group.paths, map(float, untied), strict=True))
    length = float(np.linalg.norm(list(weights.values())))
    return Direction(
        {name: step / length for name, step in moves.items()},
        {name: weight / length for name, weight in weights.items() if weight},
        middle,
        sum(rise * moves[name] for name, rise in gradient.items()) / length,
    )


class Along:
    """A block of draws and their places s on a direction; `at` moves them along it."""

    def __init__(self, kept: KeptDraws, to: Direction) -> None:
        self.kept, self.to = kept, to
        entries = kept.assumptions.entries
        tied = {path for group in kept.assumptions.groups for path in group.paths}
        self.scores = {  # of the assumptions that move, as they stand
            name: kept.score(name) if name in tied else special.ndtri(kept.percentile(name))
            for name in to.moves
            if name in entries
        }
        self.place = np.zeros(kept.size)
        for name, weight in to.weights.items():
            untied = name in tied or name not in entries
            self.place += weight * (kept.independent([name])[0] if untied else self.scores[name])

    def at(self, t: np.ndarray) -> Draws:
        """The draws moved to their places t on the direction, (draw,)."""
        return _Moved(self, t - self.place)


class _Moved(Draws):
    """Draws at another place of the direction; what does not lie on it is what it was."""

    def __init__(self, along: Along, by: np.ndarray) -> None:
        kept = along.kept
        super().__init__(kept.assumptions, kept.latents)
        self._along, self._by = along, by

    def __getitem__(self, path: str) -> np.ndarray:
        return super().__getitem__(path) if path in self._along.scores else self._along.kept[path]

    def percentile(self, path: str) -> np.ndarray:
        if path not in self._along.scores:
            return self._along.kept.percentile(path)
        u: np.ndarray = special.ndtr(np.clip(self.score(path), -FARTHEST, FARTHEST))
        return u

    def score(self, path: str) -> np.ndarray:
        if path not in self._along.scores:
            return self._along.kept.score(path)
        return self._along.scores[path] + self._by * self._along.to.moves[path]

    def independent(self, paths: Sequence[str]) -> np.ndarray:
        rows = self._along.kept.independent(paths)
        return rows + np.multiply.outer([self._along.to.weights.get(path, 0.0) for path in paths], self._by)

    def shock(self, path: str, periods: int) -> np.ndarray:
        values = self._along.kept.shock(path, periods)
        steps = [self._along.to.moves.get(shock_path(path, period), 0.0) for period in range(periods)]
        return values + np.multiply.outer(steps, self._by) if any(steps) else values

    def once(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        return self._along.kept.lend(driver, *arguments, **named)
