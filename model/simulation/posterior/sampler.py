"""Tempered sequential Monte Carlo on the independent scores of all coordinates, in populations that know little of each other.

The likelihood is let in by degrees; between two, draws are resampled and moved. A move takes a few coordinates of one stage of
the business at a time, given all others: a preconditioned Crank-Nicolson step about the mean and with the covariance that
these coordinates have, given the others, in the other populations, accepted by Metropolis and Hastings. Few coordinates at a
time, because a report pins a thin and bent shell of many: one step of all of them would have to be small.

Populations take the place of the replicates: their spread is the error of every measure.
Chopin and Papaspiliopoulos 2020, chapter 17; Cotter, Roberts, Stuart, White 2013 for the step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from model.assumptions.assumption import Assumptions
from model.simulation.business import Function
from model.simulation.posterior.chain import (
    Chain,
    against_prior,
    correlation_of,
    first_scores,
    others,
    scored,
    systematic,
)
from model.simulation.posterior.observation import Observation
from model.simulation.sampling import points
from model.simulation.sampling.points import REPLICATES
from model.simulation.sampling.scored_draws import NotedDraws

KEPT = 0.5  # of the draws, that a degree leaves effective
TOGETHER = 4  # coordinates that move at a time
ACCEPTED = 0.3  # of the moves, to which steps are tuned
UNCORRELATED = 0.1  # mean correlation of scores with the start of a degree, at which it has moved enough
LEAST_SWEEPS, MOST_SWEEPS = 3, 20  # over all coordinates, at a degree; a sweep is about forty moves
ON_THE_WAY = 4  # sweeps at a degree at most, while later days of reports are still to come
KEPT_STATES = 4  # of the chain at the last degree, each a quarter of the draws (waste-free: Dau and Chopin 2022)
PROBE = 256  # draws by which it is found which coordinates a report hangs on
STEP = 1.5  # of a score, by which they are moved there


@dataclass(frozen=True)
class Degree:
    """What happened at one degree of the likelihood."""

    exponent: float
    effective: float  # share of the draws that was effective before they were resampled
    sweeps: int
    accepted: float
    correlation: float  # of scores with the start of the degree


class Sampler:
    """Populations from the prior to the posterior, batch by batch of reports."""

    def __init__(
        self,
        assumptions: Assumptions,
        function: Function,
        observations: Sequence[Observation],
        *,
        salts: points.Salts = points.NO_SALTS,
        draws: int,
        seed: int,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`draws` in all, in eight populations; they begin as the draws that a simulation of the prior makes."""
        self.observations, self.tell = list(observations), tell
        noted = NotedDraws(assumptions)
        function(noted)
        self.names = list(noted.used)
        self.size = max(64, draws // REPLICATES // KEPT_STATES)  # of a population while it moves
        self.rngs = [np.random.default_rng([seed, population]) for population in range(REPLICATES)]
        self.log_evidence = np.zeros(REPLICATES)
        self.degrees: list[Degree] = []
        self.inside: list[int] = []  # places of the observations that are let in whole
        self._threads = min(REPLICATES, os.cpu_count() or 1)
        starts = first_scores(self.names, salts, seed, self.size)
        parts = np.array_split(np.arange(REPLICATES), self._threads)
        self.populations = [list(map(int, part)) for part in parts]
        self.chains = [
            Chain(assumptions, function, self.observations, scored(assumptions, self.names, starts[:, part]))
            for part in parts
        ]
        self.hangs_on = self._dependence()
        self.steps: dict[tuple[str, ...], float] = {}

    def let_in(self, batch: Sequence[int]) -> None:
        """Condition on the observations at these places, beside those that are in already."""
        exponent = 0.0
        while exponent < 1.0:
            new = self._log_likelihood(batch)
            exponent, effective = self._next_degree(exponent, new, batch)
            self._move(batch, exponent, effective)
        self.inside += list(batch)

    def states(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(scores (coordinate, draw), population of each draw) at the posterior, `KEPT_STATES` times, moved in between."""
        for n in range(KEPT_STATES):
            if n:
                self._move([], 1.0, 1.0)
            yield self.scores(), np.repeat(np.arange(REPLICATES), self.size)

    def scores(self) -> np.ndarray:
        """Scores of all draws, population after population, (coordinate, draw)."""
        return np.concatenate([chain.now.draws.scores(self.names) for chain in self.chains], axis=1)

    def predicted(self) -> np.ndarray:
        """What all draws say of each observation, (observation, draw)."""
        return np.concatenate([chain.now.predicted for chain in self.chains], axis=1)

    def _log_likelihood(self, places: Sequence[int]) -> list[np.ndarray]:
        """By chain, (population, draw)."""
        return [chain.now.log_likelihood[list(places)].sum(axis=0).reshape(-1, self.size) for chain in self.chains]

    def _next_degree(self, before: float, new: list[np.ndarray], batch: Sequence[int]) -> tuple[float, float]:
        """Raise the exponent until half of the draws are effective; weigh and resample each population."""
        whole = np.concatenate(new)

        def effective(exponent: float) -> float:
            weights = np.exp((exponent - before) * (whole - whole.max(axis=1, keepdims=True)))
            return float(np.mean(weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)) / self.size)

        exponent = 1.0
        if effective(1.0) < KEPT:
            exponent = float(optimize.brentq(lambda x: effective(x) - KEPT, before, 1.0, xtol=1e-9))
        share = effective(exponent)
        constants = sum(self.observations[place].log_constant for place in batch)
        for chain, populations, values in zip(self.chains, self.populations, new, strict=True):
            chosen = []
            for n, population in enumerate(populations):
                top = values[n].max()
                weights = np.exp((exponent - before) * (values[n] - top))
                self.log_evidence[population] += np.log(weights.mean()) + (exponent - before) * (top + constants)
                chosen.append(n * self.size + systematic(weights, self.rngs[population]))
            chain.resample(np.concatenate(chosen), self.names)
        return exponent, share

    def _move(self, batch: Sequence[int], exponent: float, effective: float) -> None:
        """Move all draws until they have forgotten where they began."""
        active = self._active([*self.inside, *batch])
        place = {name: n for n, name in enumerate(self.names)}
        columns = [place[name] for name in active]
        start = self.scores()
        groups = self.chains[0].now.draws.grouped(active)
        accepted, sweeps, correlation = 0.0, 0, 1.0
        more_to_come = len(self.inside) + len(batch) < len(self.observations)
        most = ON_THE_WAY if more_to_come else MOST_SWEEPS
        while sweeps < LEAST_SWEEPS or (correlation > UNCORRELATED and sweeps < most):
            if sweeps % 4 == 0:  # what the others look like changes little in between
                precisions = others(start if sweeps == 0 else self.scores(), columns, self.size)
            rates = self._sweep(groups, active, precisions, batch, exponent)
            accepted, sweeps = accepted + rates, sweeps + 1
            correlation = correlation_of(start[columns], self.scores()[columns])
        self._refresh([name for name in self.names if name not in set(active)], [*self.inside, *batch])
        self.degrees.append(Degree(exponent, effective, sweeps, accepted / sweeps, correlation))
        self.tell(f"{len(self.inside)} of {len(self.observations)} reports; degree {exponent:.3g}, {sweeps} sweeps")

    def _sweep(
        self,
        groups: list[list[str]],
        active: Sequence[str],
        precisions: list[tuple[np.ndarray, np.ndarray]],
        batch: Sequence[int],
        exponent: float,
    ) -> float:
        """Every coordinate moved once, few at a time; the share of moves that was accepted."""
        shuffle = np.random.default_rng(self.rngs[0].integers(2**63))
        rates = []
        with ThreadPoolExecutor(self._threads) as threads:
            for group in groups:
                order = [group[n] for n in shuffle.permutation(len(group))]
                for names in (order[n : n + TOGETHER] for n in range(0, len(order), TOGETHER)):
                    key = (group[0], str(min(len(names), TOGETHER)))
                    step = self.steps.setdefault(key, 0.7)
                    together = [active.index(name) for name in names]

                    def moved(part: int, names: list[str] = names, at: list[int] = together, step: float = step) -> int:
                        return self._move_some(part, names, at, active, precisions, step, batch, exponent)

                    rate = sum(threads.map(moved, range(len(self.chains)))) / (REPLICATES * self.size)
                    self.steps[key] = float(np.clip(step * np.exp(0.5 * (rate - ACCEPTED)), 0.02, 1.0))
                    rates.append(rate)
        return float(np.mean(rates))

    def _move_some(
        self,
        part: int,
        names: Sequence[str],
        at: list[int],
        active: Sequence[str],
        precisions: list[tuple[np.ndarray, np.ndarray]],
        step: float,
        batch: Sequence[int],
        exponent: float,
    ) -> int:
        """One step of a few coordinates in the populations of a chain; the number of draws that took it."""
        chain = self.chains[part]
        now = chain.now.draws.scores(active)
        new = np.empty((len(at), now.shape[1]))
        ratio, dice = np.empty(now.shape[1]), np.empty(now.shape[1])
        for n, population in enumerate(self.populations[part]):
            mean, precision = precisions[population]
            rows = slice(n * self.size, (n + 1) * self.size)
            inner = precision[np.ix_(at, at)]
            away = now[:, rows] - mean[:, None]
            centre = now[at, rows] - np.linalg.solve(inner, precision[at] @ away)  # mean given all other coordinates
            lower = np.linalg.cholesky(np.linalg.inv(inner))
            rng = self.rngs[population]
            old = now[at, rows]
            fresh = centre + np.sqrt(1 - step**2) * (old - centre) + step * (lower @ rng.standard_normal(old.shape))
            new[:, rows] = fresh
            ratio[rows] = against_prior(fresh, centre, inner) - against_prior(old, centre, inner)
            dice[rows] = rng.random(self.size)
        moved = chain.moved(names, new)
        shares = np.zeros(len(self.observations))
        shares[self.inside], shares[list(batch)] = 1.0, exponent
        ratio += shares @ (moved.log_likelihood - chain.now.log_likelihood)
        accepted = np.log(dice) < ratio
        chain.accept(moved, accepted)
        return int(accepted.sum())

    def _refresh(self, idle: Sequence[str], places: Sequence[int]) -> None:
        """Draw coordinates anew that none of these reports hangs on: resampling has doubled them."""
        if not idle:
            return
        for chain, populations in zip(self.chains, self.populations, strict=True):
            rows = np.concatenate([self.rngs[p].standard_normal((len(idle), self.size)) for p in populations], axis=1)
            moved = chain.moved(idle, rows)
            same = (moved.predicted[list(places)] == chain.now.predicted[list(places)]).all(axis=0)
            chain.accept(moved, same)

    def _active(self, places: Sequence[int]) -> list[str]:
        """Coordinates that these observations hang on."""
        used = np.asarray(self.hangs_on[list(places)].any(axis=0))
        return [name for name, is_used in zip(self.names, used, strict=True) if is_used]

    def _dependence(self) -> np.ndarray:
        """Whether each observation changes in any of some draws as each coordinate is moved, (observation, coordinate)."""
        chain = self.chains[0]
        rows = np.random.default_rng(0).standard_normal((len(self.names), PROBE))
        start = scored(chain.assumptions, self.names, rows)
        probe = Chain(chain.assumptions, chain.function, self.observations, start)
        found = np.zeros((len(self.observations), len(self.names)), bool)
        for n, name in enumerate(self.names):
            for step in (-STEP, STEP):
                predicted = probe.moved([name], rows[n : n + 1] + step).predicted
                found[:, n] |= (predicted != probe.now.predicted).any(axis=1)
        return found
