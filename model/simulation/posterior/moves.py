"""How populations move at one degree: all coordinates jointly, along directions that the other populations have learned, and few at a time.

**Joint.** A report pins few directions of the space of scores, and leaves the many others as they were. How stiff a direction is
says the expected curvature of the log likelihood, H = mean of J' W J over draws of the other populations, J the slopes of
what each report is compared with, in its errors. In the eigenvectors of H each score c moves by itself, c sqrt(1 - b^2) + b xi,
which leaves the prior as it is: Metropolis and Hastings have to weigh the likelihood alone. The step b is 1 where nothing is
learned and falls with the root of the eigenvalue. (Cotter, Roberts, Stuart, White 2013; Cui, Law, Marzouk 2016.)

**Few.** Coordinates that the joint step hardly moves are also moved four at a time, about the mean and with the covariance that these
have, given all others, in the other populations: what makes a kink (an accident that happens or not) has no slope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model.simulation.posterior.chain import Chain, Side, State
from model.simulation.posterior.observation import Observation

SLOPE = 0.05  # of a score, over which slopes are taken
OF_SPREAD = 0.25  # share of the mean square of slopes in the curvature, beside the square of their mean
ACCEPTED = 0.22  # of the moves, to which steps are tuned
TOGETHER = 4  # coordinates that move at a time, apart from the joint moves
SLOWEST = 24  # coordinates that are moved few at a time: those that the joint step moves least
JOINT = 12  # joint moves in a round, before the slowest are moved few at a time
SHRINK = 0.02  # of the covariance towards its diagonal


@dataclass(frozen=True)
class Plan:
    """What every population is told at one plan."""

    sides: Sequence[Side]
    shares: Sequence[np.ndarray]  # of each side's observations
    names: Sequence[str]
    active: np.ndarray  # places of the coordinates that the observations in use hang on
    start: np.ndarray  # (coordinate, population, draw)
    seed: Sequence[int]
    states: int  # kept of each draw
    least: int
    most: int  # joint moves
    uncorrelated: float
    steps: tuple[float, float] = (0.5, 0.7)  # joint, few
    curvature: np.ndarray | None = None  # (population, active, active), learned from all others
    moments: Sequence[tuple[np.ndarray, np.ndarray]] = ()  # mean and precision of active coordinates in all others


@dataclass(frozen=True)
class Moved:
    """States of some populations and how they came about."""

    scores: np.ndarray  # (state, coordinate, population, draw)
    moves: int
    accepted: float
    correlation: float  # of scores with the start
    steps: tuple[float, float]


def slopes(plan: Plan, populations: Sequence[int], draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each population: mean square of the slopes (active, active), and mean slopes (observation, active), in errors."""
    rows = plan.start[:, populations, :draws].reshape(len(plan.names), -1)
    chain = Chain(plan.sides, plan.shares, plan.names, rows)
    away = _away(chain.observations, chain.now)
    scale = np.sqrt(chain.shares[:, None] * _informs(chain.observations, away))
    slope = np.empty((len(plan.active), *away.shape))
    for n, place in enumerate(plan.active):
        moved = chain.moved([plan.names[place]], rows[place : place + 1] + SLOPE)
        slope[n] = scale * (_away(chain.observations, moved) - away) / SLOPE
    slope = np.nan_to_num(slope, posinf=0.0, neginf=0.0).reshape(*slope.shape[:2], len(populations), -1)
    squares = [_square(slope[:, :, n].reshape(len(slope), -1)) / slope.shape[3] for n in range(len(populations))]
    return np.stack(squares), slope.mean(axis=3).transpose(2, 1, 0)


def _square(a: np.ndarray) -> np.ndarray:
    return np.asarray(a @ a.T)


def _away(observations: Sequence[Observation], state: State) -> np.ndarray:
    rows = zip(observations, state.predicted, strict=True)
    return np.stack([one.away(predicted) for one, predicted in rows])


def _informs(observations: Sequence[Observation], away: np.ndarray) -> np.ndarray:
    """Curvature of each report's log likelihood in its errors: 1 of an exact figure, that of log Phi of a floor."""
    out = np.ones(away.shape)
    for n, one in enumerate(observations):
        if one.kind in ("at_least", "at_most"):
            a = np.clip(away[n] if one.kind == "at_least" else -away[n], -10.0, 30.0)
            hazard = np.exp(-0.5 * a * a - 0.5 * np.log(2 * np.pi) - special.log_ndtr(a))
            out[n] = np.maximum(hazard * (hazard + a), 0.0)
    return out


def curvatures(squares: np.ndarray, means: np.ndarray) -> np.ndarray:
    """For each population the curvature that all others have learned, (population, active, active).

    squares : (population, active, active) and means : (population, observation, active) as of `slopes`
    """
    count = len(squares)
    all_squares, all_means = squares.sum(axis=0), means.sum(axis=0)
    found = []
    for square, mean in zip(squares, means, strict=True):
        theirs = (all_means - mean) / (count - 1)
        found.append(OF_SPREAD * (all_squares - square) / (count - 1) + (1 - OF_SPREAD) * theirs.T @ theirs)
    return np.stack(found)


def others(scores: np.ndarray, weights: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each population the mean and the precision of scores in all others.

    scores : (coordinate, population, draw); weights : (population, draw), of mean 1 in each population
    """
    count = scores.shape[1]
    share = weights / weights.sum(axis=1, keepdims=True)
    means = np.einsum("cpd,pd->pc", scores, share)
    squares = [(scores[:, p] * share[p]) @ scores[:, p].T for p in range(count)]
    whole, total, found = sum(squares), means.sum(axis=0), []
    for population in range(count):
        mean = (total - means[population]) / (count - 1)
        covariance = (whole - squares[population]) / (count - 1) - np.outer(mean, mean)
        covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance))
        found.append((mean, np.linalg.inv(covariance)))
    return found


def correlation_of(before: np.ndarray, after: np.ndarray) -> float:
    """Mean over coordinates of the correlation of scores with what they were, (coordinate, draw) each."""
    a = before - before.mean(axis=1, keepdims=True)
    b = after - after.mean(axis=1, keepdims=True)
    return float(np.mean((a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))))


class Mover:
    """Some populations at one plan."""

    def __init__(self, plan: Plan, populations: Sequence[int]) -> None:
        self.plan, self.populations = plan, list(populations)
        self.size = plan.start.shape[2]
        self.rngs = [np.random.default_rng([*plan.seed, p]) for p in populations]
        self.rows = plan.start[:, self.populations].reshape(len(plan.names), -1).copy()
        self.chain = Chain(plan.sides, plan.shares, plan.names, self.rows)
        if plan.curvature is None:
            raise ValueError("nothing was learned of this degree")
        values, self.vectors = np.linalg.eigh(plan.curvature[self.populations])
        self.values = np.maximum(values, 0.0)  # (population, direction)
        self.joint, self.few = plan.steps
        self.slowest = self._slowest()
        self.idle = np.setdiff1d(np.arange(len(plan.names)), plan.active)

    def run(self) -> Moved:
        """Move until scores have forgotten where they began."""
        plan, active = self.plan, self.plan.active
        begin, kept, stride, moves, rates, correlation = self.rows[active], list[np.ndarray](), 1, 0, list[float](), 1.0
        while moves < plan.least or (correlation > plan.uncorrelated and moves < plan.most):
            for _ in range(JOINT):
                rates.append(self._move_jointly())
                moves += 1
                if moves % stride == 0:
                    kept.append(self._refreshed())
            if len(kept) >= 2 * plan.states:
                kept, stride = kept[1::2], 2 * stride
            self._move_slowest()
            correlation = correlation_of(begin, self.rows[active])
        places = np.linspace(0, len(kept) - 1, plan.states).round().astype(int)
        scores = np.stack([kept[place] for place in places])
        return Moved(scores, moves, float(np.mean(rates)), correlation, (self.joint, self.few))

    def _refreshed(self) -> np.ndarray:
        """Scores as they stand, coordinates that no report hangs on drawn anew, (coordinate, population, draw)."""
        shape = (len(self.rows), len(self.populations), self.size)
        out = self.rows.reshape(shape).copy()
        for n, rng in enumerate(self.rngs):
            out[self.idle, n] = rng.standard_normal((len(self.idle), self.size))
        return out

    def _move_jointly(self) -> float:
        """One step of all coordinates; the share of draws that took it."""
        active, shape = self.plan.active, (-1, len(self.populations), self.size)
        step = (self.joint / np.sqrt(self.joint**2 + self.values))[:, :, None]
        old = self.rows[active].reshape(shape).transpose(1, 0, 2)
        along = self.vectors.transpose(0, 2, 1) @ old
        noise = np.stack([rng.standard_normal((len(active), self.size)) for rng in self.rngs])
        along *= np.sqrt(1 - step**2)
        along += step * noise
        rows = self.rows.copy()
        rows[active] = (self.vectors @ along).transpose(1, 0, 2).reshape(len(active), -1)
        moved = self.chain.anew(rows)
        accepted = np.log(self._dice()) < self.chain.ratio(moved)
        np.copyto(self.rows, rows, where=accepted)
        np.copyto(self.chain.now.predicted, moved.predicted, where=accepted)
        np.copyto(self.chain.now.log_likelihood, moved.log_likelihood, where=accepted)
        rate = float(accepted.mean())
        self.joint = float(np.clip(self.joint * np.exp(0.5 * (rate - ACCEPTED)), 0.01, 10.0))
        return rate

    def _dice(self) -> np.ndarray:
        return np.concatenate([rng.random(self.size) for rng in self.rngs])

    def _slowest(self) -> np.ndarray:
        """Coordinates that the joint step moves least beside how far they lie apart, as places among the active ones."""
        square = self.joint**2 / (self.joint**2 + self.values)
        moved = np.einsum("pcd,pd->c", self.vectors**2, square)
        apart = np.diag(np.linalg.inv(self.plan.moments[self.populations[0]][1]))
        return np.argsort(moved / apart, kind="stable")[:SLOWEST]

    def _move_slowest(self) -> None:
        """Each of the slowest coordinates moved once, few at a time."""
        self.chain.now = self.chain.anew(self.rows)  # stages as they stand, of which a move makes again what it touches
        order = self.rngs[0].permutation(self.slowest)
        for n in range(0, len(order), TOGETHER):
            rate = self._move_few(order[n : n + TOGETHER])
            self.few = float(np.clip(self.few * np.exp(0.5 * (rate - ACCEPTED)), 0.02, 1.0))

    def _move_few(self, at: np.ndarray) -> float:
        """One step of the active coordinates at these places; the share of draws that took it."""
        active = self.plan.active
        now, new = self.rows[active], np.empty((len(at), self.rows.shape[1]))
        ratio = np.empty(self.rows.shape[1])
        for n, population in enumerate(self.populations):
            mean, precision = self.plan.moments[population]
            rows = slice(n * self.size, (n + 1) * self.size)
            inner = precision[np.ix_(at, at)]
            old = now[at, rows]
            centre = old - np.linalg.solve(inner, precision[at] @ (now[:, rows] - mean[:, None]))
            lower = np.linalg.cholesky(np.linalg.inv(inner))
            noise = self.rngs[n].standard_normal(old.shape)
            new[:, rows] = centre + np.sqrt(1 - self.few**2) * (old - centre) + self.few * (lower @ noise)
            ratio[rows] = _against_prior(new[:, rows], centre, inner) - _against_prior(old, centre, inner)
        names = [self.plan.names[active[place]] for place in at]
        moved = self.chain.moved(names, new)
        accepted = np.log(self._dice()) < ratio + self.chain.ratio(moved)
        self.chain.accept(moved, accepted)
        self.rows[active[at]] = np.where(accepted, new, now[at])
        return float(accepted.mean())


def _against_prior(rows: np.ndarray, centre: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Log density of scores under the prior less that under the step's own reference, but for a constant, (draw,)."""
    away = rows - centre
    return np.asarray(0.5 * ((away * (precision @ away)).sum(axis=0) - (rows**2).sum(axis=0)))
