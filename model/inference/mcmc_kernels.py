"""How populations move at one degree: many coordinates jointly, along directions that the other populations have learned, and few at a time.

**Jointly.** A report pins few directions of the space of scores, and leaves the many others as they were. How stiff a direction
is says a curvature H of the log likelihood, made of J' W J in draws of the other populations, J the slopes of what each report
is compared with, in its errors. In the eigenvectors of H each score c moves by itself, c sqrt(1 - b^2) + b xi, which leaves the
prior as it is: Metropolis and Hastings have to weigh the likelihood alone. (Cotter, Roberts, Stuart, White 2013; Cui, Law, Marzouk
2016, whose H is the mean of J' W J.) Such moves take turns: a *wide* one of the coordinates that the largest stage of the business
reads, and one of all the others, which draw anew whatever no report pins; and a *stiff* one of the coordinates that these move
least, together with the shocks, which make room for them: its H is nearly that of the mean slopes, so that all reports stay where
they are to first order.

**Few at a time.** What makes a kink (an accident that happens or not) has no slope: the coordinates that the wide moves move least
are also moved four at a time, about the mean and with the covariance that they have, given all others, in the other populations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model.inference.likelihood import Evaluated, Likelihood, Side
from model.simulation.observation import Observation

SLOPE = 0.05  # of a score, over which slopes are taken
OF_SPREAD = {
    "wide": 0.1,
    "others": 0.05,
    "stiff": 0.01,
}  # of the mean square of slopes in H, beside the square of their mean
ACCEPTED = {"wide": 0.22, "others": 0.22, "stiff": 0.15, "few": 0.25}  # of the moves, to which steps are tuned
TURN = ("wide", "stiff", "others", "stiff")  # joint moves, one after the other
JOINT = 8  # of them before the slowest coordinates are moved few at a time
SLOWEST, TOGETHER = 24, 4  # coordinates that the wide moves move least, and how many of them move at a time
SLOW = 0.3  # by how much more the slowest tenth of the coordinates may be correlated with the start
SHRINK = 0.02  # of the covariance towards its diagonal


@dataclass(frozen=True)
class KernelSettings:
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
    steps: dict[str, float]  # by kind of move, to begin with
    squares: np.ndarray | None = None  # mean square of slopes in all other populations, (population, active, active)
    means: np.ndarray | None = None  # their mean, (population, observation, active)
    moments: Sequence[tuple[np.ndarray, np.ndarray]] = ()  # mean and precision of active coordinates in all others


@dataclass(frozen=True)
class KernelResult:
    """States of some populations and how they came about."""

    scores: np.ndarray  # (state, coordinate, population, draw)
    moves: int
    accepted: float
    correlations: np.ndarray  # of scores with the start, of each active coordinate
    steps: dict[str, float]


def slopes(plan: KernelSettings, populations: Sequence[int], draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each population: mean square of the slopes (active, active), and mean slopes (observation, active), in errors."""
    rows = plan.start[:, populations, :draws].reshape(len(plan.names), -1)
    likelihood = Likelihood(plan.sides, plan.shares, plan.names, rows)
    away = _away(likelihood.observations, likelihood.now)
    scale = np.sqrt(likelihood.shares[:, None] * _informs(likelihood.observations, away))
    slope = np.empty((len(plan.active), *away.shape))
    for n, place in enumerate(plan.active):
        moved = likelihood.moved([plan.names[place]], rows[place : place + 1] + SLOPE)
        slope[n] = scale * (_away(likelihood.observations, moved) - away) / SLOPE
    slope = np.nan_to_num(slope, posinf=0.0, neginf=0.0).reshape(*slope.shape[:2], len(populations), -1)
    squares = [_square(slope[:, :, n].reshape(len(slope), -1)) / slope.shape[3] for n in range(len(populations))]
    return np.stack(squares), slope.mean(axis=3).transpose(2, 1, 0)


def _square(a: np.ndarray) -> np.ndarray:
    return np.asarray(a @ a.T)


def _away(observations: Sequence[Observation], state: Evaluated) -> np.ndarray:
    rows = zip(observations, state.predicted, strict=True)
    return np.stack([one.away(predicted) for one, predicted in rows])


def _informs(observations: Sequence[Observation], away: np.ndarray) -> np.ndarray:
    """Curvature of each report's log likelihood in its errors: 1 of an exact figure, that of log Phi at each end of an interval."""
    out = np.ones(away.shape)
    for n, one in enumerate(observations):
        if one.kind not in ("exact", "derived"):
            low, high = one.ends
            width = float(one.away(np.array(high), low)) if np.isfinite([low, high]).all() else np.inf
            above = [away[n]] if np.isfinite(low) else []
            below = [width - away[n] if above else -away[n]] if np.isfinite(high) else []
            out[n] = sum(map(_edge, above + below))
    return out


def _edge(a: np.ndarray) -> np.ndarray:
    """Curvature of -log Phi, a errors inside of an end."""
    a = np.clip(a, -10.0, 30.0)
    hazard = np.exp(-0.5 * a * a - 0.5 * np.log(2 * np.pi) - special.log_ndtr(a))
    return np.asarray(np.maximum(hazard * (hazard + a), 0.0))


def of_others(of_each: np.ndarray) -> np.ndarray:
    """For each population the mean over all others of what each has learned, (population, ...)."""
    return np.asarray((of_each.sum(axis=0) - of_each) / (len(of_each) - 1))


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


def correlations(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Of each coordinate, the correlation of scores with what they were, (coordinate, draw) each."""
    a = before - before.mean(axis=1, keepdims=True)
    b = after - after.mean(axis=1, keepdims=True)
    return np.asarray((a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1)))


@dataclass(frozen=True)
class Directions:
    """Eigenvectors of H over some coordinates, and its eigenvalues, for each of some populations."""

    at: np.ndarray  # places of the coordinates among the active ones
    vectors: np.ndarray  # (population, coordinate, direction)
    values: np.ndarray  # (population, direction)

    def steps(self, kind: str, size: float) -> np.ndarray:
        """Standard deviation of the step along each direction, at most 1, (population, direction)."""
        if kind != "stiff":
            return np.asarray(
                size / np.sqrt(size**2 + self.values)
            )  # 1, a draw from the prior, where nothing is learned
        return np.asarray(min(size, 1.0) / np.sqrt(1.0 + self.values))


class Kernel:
    """Some populations at one degree."""

    def __init__(self, plan: KernelSettings, populations: Sequence[int]) -> None:
        self.plan, self.populations = plan, list(populations)
        self.size = plan.start.shape[2]
        self.rngs = [np.random.default_rng([*plan.seed, p]) for p in populations]
        self.rows = plan.start[:, self.populations].reshape(len(plan.names), -1).copy()
        self.likelihood = Likelihood(plan.sides, plan.shares, plan.names, self.rows)
        self.steps = dict(plan.steps)
        place = {plan.names[place]: n for n, place in enumerate(plan.active)}
        groups = sorted(self.likelihood.draws[0].grouped(list(place)), key=len, reverse=True)
        parts = {"wide": groups[0], "others": [name for group in groups[1:] for name in group]}
        self.along = {
            kind: self._directions(kind, np.array(sorted(place[name] for name in names)))
            for kind, names in parts.items()
            if names
        }
        self.turn = [kind for kind in TURN if kind in self.along or kind == "stiff"]
        self.slowest = self._slowest()
        entries = plan.sides[0].assumptions.entries
        shocks = [n for n, place in enumerate(plan.active) if plan.names[place] not in entries]
        self.along["stiff"] = self._directions("stiff", np.union1d(self.slowest, shocks).astype(int))
        self.idle = np.setdiff1d(np.arange(len(plan.names)), plan.active)

    def _directions(self, kind: str, at: np.ndarray) -> Directions:
        """Those of the coordinates at these places, as the other populations have learned them."""
        if self.plan.squares is None or self.plan.means is None:
            raise ValueError("nothing was learned of this degree")
        part, found = OF_SPREAD[kind], []
        for population in self.populations:
            mean = self.plan.means[population][:, at]
            found.append(part * self.plan.squares[population][np.ix_(at, at)] + (1 - part) * mean.T @ mean)
        values, vectors = np.linalg.eigh(np.stack(found))
        return Directions(at, vectors, np.maximum(values, 0.0))

    def _tuned(self, kind: str, accepted: np.ndarray) -> float:
        """The share of draws that took a move; its step is made larger or smaller by it."""
        rate = float(accepted.mean())
        self.steps[kind] = float(np.clip(self.steps[kind] * np.exp(0.5 * (rate - ACCEPTED[kind])), 0.01, 10.0))
        return rate

    def run(self) -> KernelResult:
        """Move until scores have forgotten where they began."""
        plan, active = self.plan, self.plan.active
        begin, kept, stride, moves, rates = self.rows[active], list[np.ndarray](), 1, 0, list[float]()
        correlation = slow = 1.0
        while moves < plan.least or (max(correlation, slow - SLOW) > plan.uncorrelated and moves < plan.most):
            for _ in range(JOINT):
                rates.append(self._move_jointly(self.turn[moves % len(self.turn)]))
                moves += 1
                if moves % stride == 0:
                    kept.append(self._refreshed())
            if len(kept) >= 2 * plan.states:
                kept, stride = kept[1::2], 2 * stride
            self._move_slowest()
            kept_of = correlations(begin, self.rows[active])
            correlation = float(kept_of.mean())
            slow = float(np.sort(kept_of)[-max(1, len(kept_of) // 10) :].mean())
        places = np.linspace(0, len(kept) - 1, plan.states).round().astype(int)
        scores = np.stack([kept[place] for place in places])
        return KernelResult(scores, moves, float(np.mean(rates)), kept_of, self.steps)

    def _refreshed(self) -> np.ndarray:
        """Scores as they stand, coordinates that no report hangs on drawn anew, (coordinate, population, draw)."""
        shape = (len(self.rows), len(self.populations), self.size)
        out = self.rows.reshape(shape).copy()
        for n, rng in enumerate(self.rngs):
            out[self.idle, n] = rng.standard_normal((len(self.idle), self.size))
        return out

    def _move_jointly(self, kind: str) -> float:
        """One wide or stiff step; the share of draws that took it."""
        along = self.along[kind]
        places, count = self.plan.active[along.at], len(self.populations)
        step = along.steps(kind, self.steps[kind])[:, :, None]
        old = self.rows[places].reshape(-1, count, self.size).transpose(1, 0, 2)
        new = np.sqrt(1 - step**2) * (along.vectors.transpose(0, 2, 1) @ old)
        new += step * np.stack([rng.standard_normal((len(places), self.size)) for rng in self.rngs])
        rows = self.rows.copy()
        rows[places] = (along.vectors @ new).transpose(1, 0, 2).reshape(len(places), -1)
        moved = self.likelihood.anew(rows)
        accepted = np.log(self._dice()) < self.likelihood.ratio(moved)
        np.copyto(self.rows, rows, where=accepted)
        self.likelihood.accept(moved, accepted)
        return self._tuned(kind, accepted)

    def _dice(self) -> np.ndarray:
        return np.concatenate([rng.random(self.size) for rng in self.rngs])

    def _slowest(self) -> np.ndarray:
        """Coordinates that the wide moves move least beside how far they lie apart, as places among the active ones."""
        moved = np.zeros(len(self.plan.active))
        for kind, along in self.along.items():
            moved[along.at] = np.einsum("pcd,pd->c", along.vectors**2, along.steps(kind, self.steps[kind]) ** 2)
        apart = np.diag(np.linalg.inv(self.plan.moments[self.populations[0]][1]))
        return np.argsort(moved / apart, kind="stable")[:SLOWEST]

    def _move_slowest(self) -> None:
        """Each of the slowest coordinates moved once, few at a time."""
        self.likelihood.restart(self.rows)
        order = self.rngs[0].permutation(self.slowest)
        for n in range(0, len(order), TOGETHER):
            self._move_few(order[n : n + TOGETHER])

    def _move_few(self, at: np.ndarray) -> None:
        """One step of the active coordinates at these places."""
        active, step = self.plan.active, min(self.steps["few"], 1.0)
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
            new[:, rows] = centre + np.sqrt(1 - step**2) * (old - centre) + step * (lower @ noise)
            ratio[rows] = _against_prior(new[:, rows], centre, inner) - _against_prior(old, centre, inner)
        names = [self.plan.names[active[place]] for place in at]
        moved = self.likelihood.moved(names, new)
        accepted = np.log(self._dice()) < ratio + self.likelihood.ratio(moved)
        self.likelihood.accept(moved, accepted)
        self.rows[active[at]] = np.where(accepted, new, now[at])
        self._tuned("few", accepted)


def _against_prior(rows: np.ndarray, centre: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Log density of scores under the prior less that under the step's own reference, but for a constant, (draw,)."""
    away = rows - centre
    return np.asarray(0.5 * ((away * (precision @ away)).sum(axis=0) - (rows**2).sum(axis=0)))
