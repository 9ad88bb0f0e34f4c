"""Draws moved along one direction of their scores: the one along which an outcome changes most.

Every uncertain number of a draw has a normal score w; all of them together are a point in a space of many
dimensions. For a unit vector a of that space, w = (w - s a) + s a with s = a.w, and s is standard normal and
independent of the rest. A draw can therefore be moved along a, to w - s a + t a, for any t: what the model says of t,
the rest held, is what `model.smoothed` integrates.

The direction is found by regression on a small pilot of random draws, independent of those that are moved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from model.assumptions import Assumptions
from model.distributions import Discrete
from model.draws import Draws, shock_path
from model.variation import KeptDraws, call_of

PILOT = 1024  # random draws from which a direction is found
MEMBERS = 14  # scores that it is made of: those that matter most
FARTHEST = 8.0  # standard deviations; beyond it lie 1e-15 of all draws

Outcome = Callable[[Draws], np.ndarray]  # draws -> one outcome, (draw,)


@dataclass(frozen=True)
class Direction:
    """A unit vector in the space of scores, and how the outcome runs along it, as far as a straight line can say."""

    weights: Mapping[str, float]  # assumption, or month of a shock -> component
    middle: float  # outcome where all scores are 0
    slope: float  # rise of the outcome a unit along it


class Random(Draws):
    """Plain random draws from numpy's generator, their scores kept by name."""

    def __init__(self, assumptions: Assumptions, size: int, rng: np.random.Generator) -> None:
        super().__init__(assumptions, 0, 0, size)
        self._rng = rng
        self.scores: dict[str, np.ndarray] = {}

    def independent(self, paths: Sequence[str]) -> np.ndarray:
        for path in paths:
            if path not in self.scores:
                self.scores[path] = self._rng.standard_normal(self.size)
        return np.stack([self.scores[path] for path in paths])

    def _uniform(self, path: str) -> np.ndarray:
        u: np.ndarray = special.ndtr(self.independent([path])[0])
        return u


def direction(assumptions: Assumptions, outcome: Outcome, seed: int) -> Direction | None:
    """The direction of steepest rise; None where the outcome does not move with any continuous score.

    Assumptions that are one of a few values stay out of it: nothing is smooth along them.
    """
    draws = Random(assumptions, PILOT, np.random.default_rng([seed, PILOT]))
    values = outcome(draws)
    entries = assumptions.entries
    names = [n for n in draws.scores if n not in entries or not isinstance(entries[n].distribution, Discrete)]
    if not names or np.ptp(values) == 0:
        return None
    scores = np.stack([draws.scores[name] for name in names])
    most = np.argsort(-np.abs(scores @ (values - values.mean())), kind="stable")[:MEMBERS]
    fitted, *_ = np.linalg.lstsq(np.vstack([np.ones(PILOT), scores[most]]).T, values, rcond=None)
    slope = float(np.linalg.norm(fitted[1:]))
    weights = {names[n]: float(x) / slope for n, x in zip(most, fitted[1:], strict=True)}
    return Direction(weights, float(fitted[0]), slope)


class Along:
    """A block of draws and their places s on a direction; `at` moves them along it."""

    def __init__(self, kept: KeptDraws, to: Direction) -> None:
        self.kept, self.place = kept, np.zeros(kept.size)
        self.scores: dict[str, np.ndarray] = {}  # of the assumptions that move, as they stand
        self.weights: dict[str, float] = {}  # what each of them moves by
        self.shocks: dict[str, float] = {}
        groups = {path: group for group in kept.assumptions.groups for path in group.paths}
        for name, weight in to.weights.items():
            if name in groups:
                self.place += weight * kept.independent([name])[0]
                group = groups[name]
                inside = group.factor @ np.array([to.weights.get(path, 0.0) for path in group.paths])
                for path, share in zip(group.paths, inside, strict=True):  # one moves those that are tied to it
                    if share:
                        self.scores[path], self.weights[path] = kept.score(path), float(share)
            elif name in kept.assumptions.entries:
                self.scores[name], self.weights[name] = special.ndtri(kept.percentile(name)), weight
                self.place += weight * self.scores[name]
            else:
                self.shocks[name] = weight
                self.place += weight * kept.independent([name])[0]

    def at(self, t: np.ndarray, chosen: np.ndarray | slice = slice(None)) -> Draws:
        """Some of the draws (or all), each moved to its place t on the direction; t has one number for each of them."""
        return _Moved(self, np.asarray(t) - self.place[chosen], chosen)


class _Moved(Draws):
    """Draws at another place of the direction; what does not lie on it is what it was."""

    def __init__(self, along: Along, by: np.ndarray, chosen: np.ndarray | slice) -> None:
        kept = along.kept
        super().__init__(kept.assumptions, kept.seed, 0, len(by), luck=kept.luck)
        self._along, self._by, self._chosen = along, by, chosen
        self._whole = isinstance(chosen, slice)

    def __getitem__(self, path: str) -> np.ndarray:
        along = self._along
        if path not in along.weights:
            values = along.kept[path]
            return values if self._whole or values.shape[-1] == 1 else values[..., self._chosen]
        if path not in self._values:
            score = along.scores[path][self._chosen] + self._by * along.weights[path]
            u = special.ndtr(np.clip(score, -FARTHEST, FARTHEST))
            self._values[path] = self.assumptions[path].distribution.quantile(u)
        return self._values[path]

    def shock(self, path: str, periods: int) -> np.ndarray:
        values = self._along.kept.shock(path, periods)
        weights = [self._along.shocks.get(shock_path(path, period), 0.0) for period in range(periods)]
        if not any(weights):
            return values if self._whole else values[:, self._chosen]
        return values[:, self._chosen] + np.multiply.outer(weights, self._by)

    def once(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        known = self._along.kept.known(call_of(driver, arguments, named))
        return driver(*arguments, **named) if known is None else known
