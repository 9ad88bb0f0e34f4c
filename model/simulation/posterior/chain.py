"""Populations side by side, and the arithmetic of a step: what the others look like, the prior against the step, resampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumptions
from model.simulation.business import Function
from model.simulation.posterior.observation import Observation
from model.simulation.sampling import points
from model.simulation.sampling.points import REPLICATES
from model.simulation.sampling.scored_draws import ScoredDraws

SHRINK = 0.02  # of the covariance towards its diagonal


@dataclass
class Chain:
    """Populations side by side: their scores and what the business makes of them."""

    assumptions: Assumptions
    function: Function
    observations: Sequence[Observation]
    draws: ScoredDraws
    predicted: np.ndarray = field(init=False)  # (observation, draw)

    def __post_init__(self) -> None:
        self.predicted = self._predict(self.draws)

    def _predict(self, draws: ScoredDraws) -> np.ndarray:
        with np.errstate(all="ignore"):
            outcomes, year = self.function(draws), self.assumptions.about.year
        return np.stack([np.broadcast_to(o.predicted(outcomes, year), (draws.size,)) for o in self.observations])

    def try_move(self, names: Sequence[str], rows: np.ndarray) -> tuple[ScoredDraws, np.ndarray]:
        """The draws with other scores, and what they predict."""
        moved = self.draws.moved(dict(zip(names, rows, strict=True)))
        return moved, self._predict(moved)

    def accept(self, moved: ScoredDraws, predicted: np.ndarray, accepted: np.ndarray) -> None:
        """Keep a move in the accepted draws."""
        self.draws.merged(moved, accepted)
        self.predicted = np.where(accepted, predicted, self.predicted)

    def resample(self, chosen: np.ndarray, names: Sequence[str]) -> None:
        """The draws `chosen`, in that order."""
        rows = self.draws.scores(names)[:, chosen]
        self.draws = ScoredDraws(self.assumptions, dict(zip(names, rows, strict=True)), self.draws.size)
        self.predicted = self._predict(self.draws)


def first_scores(names: Sequence[str], salts: points.Salts, seed: int, size: int) -> np.ndarray:
    """Scores that a simulation's draws begin with, (coordinate, population, draw)."""
    total = points.rounded_up(size * REPLICATES)
    order = np.argsort(points.replicate_of(total), kind="stable")
    made = np.empty((len(names), REPLICATES, size))
    for n, name in enumerate(names):
        u = points.uniform(seed, name, 0, total, salts)
        made[n] = special.ndtri(u)[order].reshape(REPLICATES, -1)[:, :size]
    return made


def scored(assumptions: Assumptions, names: Sequence[str], rows: np.ndarray) -> ScoredDraws:
    flat = rows.reshape(len(names), -1)
    return ScoredDraws(assumptions, dict(zip(names, flat, strict=True)), flat.shape[1])


def systematic(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Places of as many draws as there are, each as often as its weight asks for, to within one."""
    edges = np.cumsum(weights) / weights.sum()
    ticks = (rng.random() + np.arange(len(weights))) / len(weights)
    return np.minimum(np.searchsorted(edges, ticks), len(weights) - 1)


def others(scores: np.ndarray, columns: Sequence[int], size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each population the mean and the precision of scores in all others."""
    rows = scores[list(columns)].reshape(len(columns), REPLICATES, size)
    sums = rows.sum(axis=2)  # (coordinate, population)
    squares = [rows[:, p] @ rows[:, p].T for p in range(REPLICATES)]
    total, whole, count = sums.sum(axis=1), sum(squares), (REPLICATES - 1) * size
    found = []
    for population in range(REPLICATES):
        mean = (total - sums[:, population]) / count
        covariance = (whole - squares[population]) / count - np.outer(mean, mean)
        covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance))
        found.append((mean, np.linalg.inv(covariance)))
    return found


def against_prior(rows: np.ndarray, centre: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Log density of scores under the prior less that under the step's own reference, but for a constant, (draw,)."""
    away = rows - centre
    return np.asarray(0.5 * ((away * (precision @ away)).sum(axis=0) - (rows**2).sum(axis=0)))


def correlation_of(before: np.ndarray, after: np.ndarray) -> float:
    """Mean over coordinates of the correlation of scores with what they were."""
    a = before - before.mean(axis=1, keepdims=True)
    b = after - after.mean(axis=1, keepdims=True)
    return float(np.mean((a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))))
