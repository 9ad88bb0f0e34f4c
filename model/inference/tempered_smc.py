"""Tempered sequential Monte Carlo on the independent scores of all coordinates, in populations that know little of each other.

The likelihood is let in by degrees. At each, draws are weighted; where too few stay effective, a fourth as many are drawn
from them by their weights and moved for long (`moves`), and four states on the way of each are the draws of the next degree:
few that move far forget their beginnings sooner than many that move little, and no move is wasted.

Populations take the place of the replicates: their spread is the error of every measure.
Chopin and Papaspiliopoulos 2020, chapter 17; Dau and Chopin 2022 for the states on the way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import optimize

from model.assumptions.assumption import Assumptions
from model.inference.likelihood import Side, first_scores, hangs_on, log_likelihoods, systematic
from model.inference.mcmc_kernels import Kernel, KernelResult, KernelSettings, of_others, others, slopes
from model.inference.posterior import Posterior, TemperingStep
from model.simulation.business import Business
from model.simulation.observation import Observation
from model.simulation.parallel import Workers
from model.simulation.sampling.digital_net import REPLICATES

KEPT = 0.3  # of the draws, that a degree leaves effective
UNMOVED = 0.8  # of the draws effective, above which they are only weighted while later reports are still to come
PART = 4  # one draw in so many moves
STATES = 4  # kept of each draw that moves
FEWEST = 64  # draws of a population that move
LEARN_FROM = 32  # draws of each population, by which it learns where the likelihood is stiff
ORDERED_BY = 8  # coordinates that moved least, by which draws are ordered before few are drawn from them
UNCORRELATED = 0.1  # mean correlation of scores with the start of a degree, at which it has moved enough
LEAST_SWEEPS, MOST_SWEEPS = 96, 240  # joint moves of all coordinates at a degree
PROBE, STEP = 128, 1.5  # draws, and by how much of a score they are moved, to find which coordinates a report hangs on
HALVES = [list(range(REPLICATES // 2)), list(range(REPLICATES // 2, REPLICATES))]  # populations that move together
EASY = 40  # coordinates up to which the work is over before processes would have begun


class Sampler:
    """Populations from the prior, or from a posterior that is there, to the posterior, batch by batch of reports."""

    def __init__(
        self,
        assumptions: Assumptions,
        business: Business,
        observations: Sequence[Observation],
        *,
        draws: int,
        seed: int,
        tell: Callable[[str, float], None] = lambda *_: None,
        start: Posterior | None = None,
        most: int = MOST_SWEEPS,
    ) -> None:
        """`draws` in all, in eight populations; they begin as the draws of a simulation of the prior, or as those of `start`.

        most : joint moves at a degree
        """
        self.seed, self.tell, self.most = seed, tell, most
        self.sides = [Side(assumptions, business, tuple(observations))]
        self.names = self.sides[0].coordinates()
        if start is not None:
            before = start.result
            self.sides.append(Side(before.assumptions, before.business, tuple(before.reports)))
            self.names = list(dict.fromkeys([*self.names, *self.sides[1].coordinates()]))
        size = max(FEWEST, -(-draws // REPLICATES))
        self.moving = max(FEWEST, size // PART)  # draws of a population that move
        self.states = max(STATES, -(-size // self.moving))
        self.size = self.moving * self.states
        self.scores = first_scores(self.names, business.salts, seed, self.size)  # (coordinate, population, draw)
        if start is not None:
            self._take(start)
        self.log_weights = np.zeros((REPLICATES, self.size))
        self.log_evidence = np.zeros(REPLICATES)
        self.degrees: list[TemperingStep] = []
        self.shares = [np.zeros(len(side.observations)) for side in self.sides]
        if start is not None:
            self.shares[1][:] = 1.0
        self.workers = Workers(_processors())
        self._hangs_on = [hangs_on(side, self.names, probe=PROBE, step=STEP) for side in self.sides]
        self._steps = {"wide": 0.5, "others": 0.5, "stiff": 0.3, "few": 0.7}  # what the first degree begins with
        self._slowest = np.zeros(0, int)  # places of the coordinates that moved least at the last degree
        self._rngs = [np.random.default_rng([seed, population]) for population in range(REPLICATES)]

    def _take(self, start: Posterior) -> None:
        """The scores of a posterior, as many draws of each population as are asked for; of coordinates that it lacks, the prior's."""
        which = start.result.replicate
        for population in range(REPLICATES):
            theirs = np.flatnonzero(which == population)
            chosen = theirs[np.linspace(0, len(theirs) - 1, self.size).round().astype(int)]
            for n, name in enumerate(self.names):
                if name in start.scores:
                    self.scores[n, population] = start.scores[name][chosen]

    def let_in(self, batch: Sequence[int]) -> None:
        """Condition on the observations at these places, beside those that are in already; on nothing else any more."""
        begin, goal = [share.copy() for share in self.shares], [np.zeros_like(share) for share in self.shares]
        goal[0][self.shares[0] > 0] = 1.0
        goal[0][list(batch)] = 1.0
        last, exponent = bool(goal[0].all()), 0.0
        while exponent < 1.0:
            change = self._change(begin, goal)
            before = exponent
            exponent, effective = self._next_degree(exponent, change)
            self._weigh((exponent - before) * change)
            self.shares = [a + exponent * (b - a) for a, b in zip(begin, goal, strict=True)]
            if exponent < 1.0 or last or effective < UNMOVED:
                self._move(exponent, effective, self.most if exponent == 1.0 or len(self.sides) == 1 else LEAST_SWEEPS)

    @property
    def weights(self) -> np.ndarray:
        """Of each draw, of mean 1 in its population, (population, draw)."""
        found = np.exp(self.log_weights - self.log_weights.max(axis=1, keepdims=True))
        return np.asarray(found / found.mean(axis=1, keepdims=True))

    def predicted(self, places: Sequence[int]) -> np.ndarray:
        """What all draws say of observations, population after population, (observation, draw)."""
        return log_likelihoods(self.sides[0], places, self.names, self.scores.reshape(len(self.names), -1))[0]

    def _change(self, begin: list[np.ndarray], goal: list[np.ndarray]) -> np.ndarray:
        """By how much the log likelihood of each draw grows from the one to the other, constants included, (population, draw)."""
        total = np.zeros(self.log_weights.size)
        for side, a, b in zip(self.sides, begin, goal, strict=True):
            places = list(map(int, np.flatnonzero(a != b)))
            if places:
                rows = self.scores.reshape(len(self.names), -1)
                _, likely = log_likelihoods(side, places, self.names, rows)
                constants = np.array([side.observations[place].log_constant for place in places])
                total += (b - a)[places] @ (likely + constants[:, None])
        return total.reshape(self.log_weights.shape)

    def _next_degree(self, before: float, change: np.ndarray) -> tuple[float, float]:
        """Raise the exponent until only `KEPT` of the draws are effective; the exponent, and the share that is."""

        def effective(exponent: float) -> float:
            logs = self.log_weights + (exponent - before) * change
            weights = np.exp(logs - logs.max(axis=1, keepdims=True))
            return float(np.mean(weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)) / self.size)

        exponent = 1.0
        if effective(1.0) < KEPT < effective(before):
            exponent = float(optimize.brentq(lambda x: effective(x) - KEPT, before, 1.0, xtol=1e-9))
        return exponent, effective(exponent)

    def _weigh(self, change: np.ndarray) -> None:
        """Weigh draws by a change of their log likelihood; its mean is what the evidence grows by."""
        weights, top = self.weights, change.max(axis=1, keepdims=True)
        self.log_evidence += np.log((weights * np.exp(change - top)).mean(axis=1)) + top[:, 0]
        self.log_weights = self.log_weights + change

    def _move(self, exponent: float, effective: float, most: int) -> None:
        """Draw few by their weights, move them until they have forgotten where they began, keep states on the way."""
        weights, active = self.weights, self._active()
        moments = others(self.scores[active], weights)
        chosen = []
        for population, rng in enumerate(self._rngs):
            order = _alike_side_by_side(self.scores[self._slowest, population])
            chosen.append(rng.permutation(order[systematic(weights[population][order], self.moving, rng)]))
        plan = KernelSettings(
            self.sides, self.shares, self.names, active,
            start=np.stack([self.scores[:, p, rows] for p, rows in enumerate(chosen)], axis=1),
            seed=(self.seed, len(self.degrees)), states=self.states, least=LEAST_SWEEPS, most=most,
            uncorrelated=UNCORRELATED, steps=self._steps, moments=moments,
        )  # fmt: skip
        learned = self._each(_learn, plan)
        squares, means = (np.concatenate(parts) for parts in zip(*learned, strict=True))
        plan = replace(plan, squares=of_others(squares), means=of_others(means))
        found: list[KernelResult] = self._each(_moved, plan)
        scores = np.concatenate([half.scores for half in found], axis=2)  # (state, coordinate, population, draw)
        self.scores = np.ascontiguousarray(scores.transpose(1, 2, 0, 3)).reshape(len(self.names), REPLICATES, self.size)
        self.log_weights = np.zeros((REPLICATES, self.size))
        self._steps = {kind: float(np.sqrt(np.prod([half.steps[kind] for half in found]))) for kind in self._steps}
        each = np.mean([half.correlations for half in found], axis=0)
        self._slowest = active[np.argsort(-each, kind="stable")[:ORDERED_BY]]
        accepted, correlation = float(np.mean([half.accepted for half in found])), float(each.mean())
        moves = min(half.moves for half in found)
        self.degrees.append(TemperingStep(exponent, effective, moves, accepted, correlation))
        inside = int(np.count_nonzero(self.shares[0] == 1.0))
        count = len(self.shares[0])
        # let in together, the exponent grows by about the same factor at each degree, from a thousandth on
        share = inside / count if inside else max(0.0, 1 + np.log10(exponent) / 3)
        self.tell(f"{inside} of {count} reports; degree {exponent:.3g}, {moves} moves", share)

    def _each(self, task: Callable[[Any, Any], Any], plan: KernelSettings) -> list[Any]:
        """What a task makes of each half of the populations, side by side."""
        found = dict(self.workers.each(plan, task, HALVES, small=len(self.names) <= EASY))
        return [found[n] for n in range(len(HALVES))]

    def _active(self) -> np.ndarray:
        """Places of the coordinates that the observations in use hang on."""
        used = [hangs[share != 0].any(axis=0) for hangs, share in zip(self._hangs_on, self.shares, strict=True)]
        return np.flatnonzero(np.any(used, axis=0))


def _learn(plan: KernelSettings, populations: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return slopes(plan, populations, LEARN_FROM)


def _moved(plan: KernelSettings, populations: list[int]) -> KernelResult:
    return Kernel(plan, populations).run()


def _processors() -> int:
    able = getattr(os, "sched_getaffinity", None)
    return len(able(0)) if able else os.cpu_count() or 1


def _alike_side_by_side(rows: np.ndarray) -> np.ndarray:
    """Draws in an order in which neighbours have like scores: halves by the first coordinate, their halves by the next.

    Drawn systematically in this order, draws of two modes between which nothing moves keep their shares (Gerber, Chopin and
    Whiteley 2019: the order of the draws decides how much noise resampling adds). rows : (coordinate, draw)
    """
    count = rows.shape[1]
    if len(rows) == 0 or count < 2:
        return np.arange(count)
    order = np.argsort(rows[0], kind="stable")
    low, high = order[: count // 2], order[count // 2 :]
    return np.concatenate([low[_alike_side_by_side(rows[1:, low])], high[_alike_side_by_side(rows[1:, high])[::-1]]])
