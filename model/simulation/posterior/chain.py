"""Populations side by side, and the arithmetic of a step: what the others look like, the prior against the step, resampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumptions
from model.simulation.business import Function
from model.simulation.posterior.observation import Observation
from model.simulation.sampling import points
from model.simulation.sampling.points import REPLICATES
from model.simulation.sampling.scored_draws import ScoredDraws

SHRINK = 0.02  # of the covariance towards its diagonal


@dataclass(frozen=True)
class State:
    """Draws, what they say of each observation and how likely that makes it, (observation, draw) each."""

    draws: ScoredDraws
    predicted: np.ndarray
    log_likelihood: np.ndarray


@dataclass
class Chain:
    """Populations side by side: their scores and what the business makes of them."""

    assumptions: Assumptions
    function: Function
    observations: Sequence[Observation]
    start: InitVar[ScoredDraws]
    now: State = field(init=False)

    def __post_init__(self, start: ScoredDraws) -> None:
        self.now = self._state(start)

    def _state(self, draws: ScoredDraws) -> State:
        with np.errstate(all="ignore"):
            outcomes, year = self.function(draws), self.assumptions.about.year
        said = [np.broadcast_to(o.predicted(outcomes, year), (draws.size,)) for o in self.observations]
        likely = [o.log_likelihood(row) for o, row in zip(self.observations, said, strict=True)]
        return State(draws, np.stack(said), np.stack(likely))

    def moved(self, names: Sequence[str], rows: np.ndarray) -> State:
        """The draws with other scores of these coordinates; nothing is kept of it yet."""
        return self._state(self.now.draws.moved(dict(zip(names, rows, strict=True))))

    def accept(self, moved: State, accepted: np.ndarray) -> None:
        """Keep a move in the accepted draws."""
        draws = self.now.draws
        draws.merged(moved.draws, accepted)
        predicted = np.where(accepted, moved.predicted, self.now.predicted)
        self.now = State(draws, predicted, np.where(accepted, moved.log_likelihood, self.now.log_likelihood))

    def resample(self, chosen: np.ndarray, names: Sequence[str]) -> None:
        """The draws `chosen`, in that order."""
        rows = self.now.draws.scores(names)[:, chosen]
        self.now = self._state(scored(self.assumptions, names, rows))


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
    """Draws with these scores, (coordinate, draw) or (coordinate, population, draw)."""
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
