"""Tempered sequential Monte Carlo on the independent scores of all coordinates, in populations that know little of each other.

The likelihood is let in by degrees. At each, draws are weighted; where too few stay effective, a fourth as many are drawn
from them by their weights and moved (`kernels`), and four states on the way of each are the draws of the next degree:
few that move far forget their beginnings sooner than many that move little, and no move is wasted.

Populations take the place of the replicates: their spread is the error of every measure. Half of them run in a process of their own.
Chopin and Papaspiliopoulos 2020, chapter 17; Dau and Chopin 2022 for the states on the way.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize

from model.inference import checkpoint
from model.inference.kernels import Kernels, alike_side_by_side, correlations, learn, systematic
from model.inference.posterior import TemperingStep
from model.inference.take_over import Origin, known_to, taken_over
from model.inference.target import Target, first_scores
from model.simulation.parallel import Workers
from model.simulation.sampling.digital_net import REPLICATES
from model.simulation.tell import Tell, silent

KEPT = 0.3  # of the draws, that a degree leaves effective
ON_TOP = 0.01  # of the draws of a posterior, that reports on top have to leave effective for the work to begin there
UNMOVED = 0.8  # of the draws effective, above which they are only weighted while later reports are still to come
PART = 4  # one draw in so many moves
STATES = 4  # kept of each draw that moves
FEWEST = 64  # draws of a population that move
SWEEPS = 8  # at a degree
ORDERED_BY = 8  # coordinates that moved least, by which draws are ordered before few are drawn from them
HALVES = [list(range(REPLICATES // 2)), list(range(REPLICATES // 2, REPLICATES))]  # populations that move together
EASY = 40  # coordinates up to which the work is over before processes would have begun
EVERY = 0.2  # seconds between looks at how far the halves are

KEPT_ALREADY = "stopped; the degrees that are done are kept, and the same command goes on from there"

Noted = Callable[["Populations", Sequence[int]], Any]


@dataclass(frozen=True)
class Task:
    """What each half of the populations does: reports let in batch by batch, and what is noted of the draws around each.

    start : scores to begin with (coordinate, population, draw); known : log weights that make them draws of the posterior
    before, after : called with the populations and the batch, before it is let in and after
    """

    target: Target
    start: np.ndarray
    batches: Sequence[Sequence[int]]
    seed: int
    sweeps: int
    moving: int
    states: int
    done: Any  # shared memory: how far each half is, 0 to 1; then whether to stop
    known: np.ndarray | None = None  # (population, draw)
    place: Path | None = None  # beside which each half keeps the degrees that are done, and goes on from there
    before: Noted | None = None
    after: Noted | None = None

    def halt(self) -> None:
        """Have both halves stop at the next move."""
        self.done[-1] = 1.0


@dataclass(frozen=True)
class Half:
    """What a half of the populations came to."""

    scores: np.ndarray  # (coordinate, population, draw)
    log_weights: np.ndarray  # (population, draw)
    log_evidence: np.ndarray  # (population,)
    degrees: list[TemperingStep]
    noted: list[tuple[Any, Any]]  # of each batch


class Populations:
    """Some populations, from where they start to the posterior."""

    def __init__(self, task: Task, number: int) -> None:
        self.task, self.target, self.number = task, task.target, number
        self.scores = task.start[:, HALVES[number]]
        self.count, self.size = self.scores.shape[1:]
        self.rng = np.random.default_rng([task.seed, number])
        self.log_weights, self.log_evidence = np.zeros((self.count, self.size)), np.zeros(self.count)
        self.share = np.zeros(len(self.target.observations))
        self.degrees: list[TemperingStep] = []
        self._steps: dict[str, float] = {}
        self._slowest = np.zeros(0, int)  # places of the coordinates that moved least at the last degree

    def run(self) -> Half:
        """Let in every batch."""
        noted = []
        for number, batch in enumerate(self.task.batches):
            before = self.task.before and self.task.before(self, batch)
            self._let_in(batch, number)
            noted.append((before, self.task.after and self.task.after(self, batch)))
        return Half(self.scores, self.log_weights, self.log_evidence, self.degrees, noted)

    @property
    def weights(self) -> np.ndarray:
        """Of each draw, of mean 1 in its population, (population, draw)."""
        return _weights(self.log_weights)

    def predicted(self) -> np.ndarray:
        """What all draws say of every report, population after population, (report, draw)."""
        return self.target.predicted_all(self.scores.reshape(len(self.scores), -1))

    def _likely(self, share: np.ndarray) -> np.ndarray:
        """Log likelihood with each report to its share, (population, draw)."""
        found: np.ndarray = share @ self.target.log_likelihood(self.predicted())
        return found.reshape(self.log_weights.shape)

    def _let_in(self, batch: Sequence[int], number: int) -> None:
        """Condition on the observations at these places, beside those that are in already."""
        begin, goal = self.share.copy(), self.share.copy()
        goal[list(batch)] = 1.0
        last, exponent = number + 1 == len(self.task.batches), self._resumed()
        if self.task.known is not None and number == 0:  # what the posterior knows at which this begins
            exponent, self.share = 1.0, goal
            self._weigh(self.task.known[HALVES[self.number]])
            if last or _effective(self.log_weights) < UNMOVED:
                self._move(1.0, _effective(self.log_weights), 1 / len(self.task.batches))
        while exponent < 1.0:
            change, before = self._likely(goal - begin), exponent
            exponent, effective = self._next_degree(exponent, change)
            self._weigh((exponent - before) * change)
            self.share = begin + exponent * (goal - begin)
            end = (number + max(0.0, 1 + np.log10(max(exponent, 1e-9)) / 4)) / len(self.task.batches)
            if exponent < 1.0 or last or effective < UNMOVED:
                self._move(exponent, effective, end)
                self._keep(exponent)
            self.task.done[self.number] = end

    def _keep(self, exponent: float) -> None:
        """Keep what this degree came to, from which all that follows is made."""
        if self.task.place is None:
            return
        checkpoint.put(
            checkpoint.of_half(self.task.place, self.number),
            {"scores": self.scores, "log_evidence": self.log_evidence, "share": self.share, "slowest": self._slowest},
            {
                "exponent": exponent,
                "steps": self._steps,
                "random": self.rng.bit_generator.state,
                "degrees": [dataclasses.astuple(degree) for degree in self.degrees],
            },
        )

    def _resumed(self) -> float:
        """Go on from the degrees that an earlier run has done; their exponent, 0 where there are none."""
        found = self.task.place and checkpoint.get(checkpoint.of_half(self.task.place, self.number))
        if not found:
            return 0.0
        arrays, said = found
        self.scores, self.log_evidence, self.share = arrays["scores"], arrays["log_evidence"], arrays["share"]
        self._slowest, self._steps = arrays["slowest"], said["steps"]
        self.rng.bit_generator.state = said["random"]
        self.degrees = [TemperingStep(*each) for each in said["degrees"]]
        return float(said["exponent"])

    def _next_degree(self, before: float, change: np.ndarray) -> tuple[float, float]:
        """Raise the exponent until only `KEPT` of the draws are effective; the exponent, and the share that is."""

        def effective(exponent: float) -> float:
            return _effective(self.log_weights + (exponent - before) * change)

        exponent = 1.0
        if effective(1.0) < KEPT < effective(before):
            found = float(optimize.brentq(lambda x: effective(x) - KEPT, before, 1.0, xtol=1e-12))
            exponent = float(f"{found:.6g}")  # the last digits are the processor's
        return exponent, effective(exponent)

    def _weigh(self, change: np.ndarray) -> None:
        """Weigh draws by a change of their log likelihood; its mean is what the evidence grows by."""
        weights, top = self.weights, change.max(axis=1, keepdims=True)
        self.log_evidence += np.log((weights * np.exp(change - top)).mean(axis=1)) + top[:, 0]
        self.log_weights = self.log_weights + change

    def _move(self, exponent: float, effective: float, end: float) -> None:
        """Draw few by their weights, move them, keep states on the way; end : how far the work is after it."""
        target, task, weights = self.target, self.task, self.weights
        chosen = []
        for p in range(self.count):
            order = alike_side_by_side(self.scores[self._slowest, p])
            chosen.append(self.rng.permutation(order[systematic(weights[p][order], task.moving, self.rng)]))
        start = np.stack([self.scores[:, p, rows] for p, rows in enumerate(chosen)], axis=1)
        learned = learn(target, self.scores, weights, start, self.share)
        rows = start.reshape(len(start), -1).copy()
        kernels = Kernels(target, rows, self.count, self.share, learned, self.rng, self._steps)
        kept, when = [], np.linspace(task.sweeps / task.states, task.sweeps, task.states).round().astype(int)
        begin = task.done[self.number]
        for sweep in range(1, task.sweeps + 1):
            for move in kernels.turn:
                if task.done[-1]:
                    raise RuntimeError("stopped")
                move()
            task.done[self.number] = begin + (end - begin) * sweep / task.sweeps
            for _ in range(int((when == sweep).sum())):
                state = rows.copy()
                state[target.idle] = self.rng.standard_normal((len(target.idle), rows.shape[1]))
                kept.append(state.reshape(start.shape))
        self.scores, self.log_weights = np.concatenate(kept, axis=2), np.zeros((self.count, self.size))
        each = correlations(start.reshape(len(start), -1)[target.active], rows[target.active])
        self._slowest = target.active[np.argsort(-each, kind="stable")[:ORDERED_BY]]
        accepted = float(np.mean([np.mean(rates) for rates in kernels.rates.values()]))
        self.degrees.append(TemperingStep(exponent, effective, task.sweeps, accepted, float(each.mean())))


def _weights(log_weights: np.ndarray) -> np.ndarray:
    """Weights of mean 1 in each population, (population, draw)."""
    found = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return np.asarray(found / found.mean(axis=1, keepdims=True))


def _effective(log_weights: np.ndarray) -> float:
    """Share of draws that is effective, mean over populations."""
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return float(np.mean(weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)) / log_weights.shape[1])


class Sampler:
    """Populations from the prior, or from a posterior that is there, to the posterior, batch by batch of reports."""

    def __init__(
        self,
        target: Target,
        *,
        draws: int,
        seed: int,
        tell: Tell = silent,
        sweeps: int = SWEEPS,
        place: Path | None = None,
    ) -> None:
        """`draws` in all, in eight populations; they begin as the draws of a simulation of the prior.

        place : where the posterior will be kept, and beside it what is done of a work that is stopped
        """
        self.target, self.seed, self.tell, self.sweeps, self.place = target, seed, tell, sweeps, place
        size = max(FEWEST, -(-draws // REPLICATES))
        self.moving = max(FEWEST, size // PART)  # draws of a population that move
        self.states = max(STATES, -(-size // self.moving))
        self.size = self.moving * self.states
        self.scores = first_scores(target.names, target.business.salts, seed, self.size)
        self.log_weights, self.log_evidence = np.zeros((REPLICATES, self.size)), np.zeros(REPLICATES)
        self.degrees: list[TemperingStep] = []
        self._known: np.ndarray | None = None
        self._words = f"conditioning on {len(target.observations)} reports"

    def let_in(
        self,
        batches: Sequence[Sequence[int]],
        *,
        before: Noted | None = None,
        after: Noted | None = None,
    ) -> list[list[tuple[Any, Any]]]:
        """Condition on the observations batch by batch; what `before` and `after` noted, by half and batch."""
        done = multiprocessing.RawArray("d", len(HALVES) + 1)
        task = Task(
            self.target, self.scores, batches, self.seed, self.sweeps, self.moving, self.states, done, self._known,
            None if self._known is not None else self.place, before, after,
        )  # fmt: skip
        small, over = len(self.target.names) <= EASY, threading.Event()
        watch = threading.Thread(target=self._watch, args=(done, over), daemon=True)
        self.tell(self._words, 0.0)
        watch.start()
        try:
            found = dict(Workers(_processors()).each(task, _ran, list(range(len(HALVES))), small=small))
        except KeyboardInterrupt:
            raise KeyboardInterrupt(KEPT_ALREADY if task.place else "stopped") from None
        finally:
            over.set()
            watch.join()
        self.tell(self._words, 1.0)
        halves: list[Half] = [found[n] for n in range(len(HALVES))]
        self.scores = np.concatenate([half.scores for half in halves], axis=1)
        self.log_weights = np.concatenate([half.log_weights for half in halves])
        self.log_evidence = np.concatenate([half.log_evidence for half in halves])
        self.degrees = [degree for half in halves for degree in half.degrees]
        if self.place is not None:
            checkpoint.drop(self.place)
        return [half.noted for half in halves]

    def begin_at(self, start: Origin) -> list[Sequence[int]] | None:
        """Begin at the draws of a posterior, if enough of them count: the batches to let in, what it knows and what came on top. Else all is as it was."""
        scores, log_weights, new = taken_over(self.target, start, self.scores)
        if _effective(log_weights) < KEPT or _effective(log_weights + new) < ON_TOP:
            return None
        self.scores, self._known = scores, log_weights
        known = known_to(start, self.target)
        on_top = np.flatnonzero(~known).tolist()
        return [np.flatnonzero(known).tolist(), *([on_top] if on_top else [])]

    @property
    def weights(self) -> np.ndarray:
        """Of each draw, of mean 1 in its population, (population, draw)."""
        return _weights(self.log_weights)

    def _watch(self, done: Any, over: threading.Event) -> None:
        """Say how far the slower half is."""
        while not over.wait(EVERY):
            self.tell(self._words, min(done[:-1]))


def _ran(task: Task, number: int) -> Half:
    return Populations(task, number).run()


def _processors() -> int:
    able = getattr(os, "sched_getaffinity", None)
    return len(able(0)) if able else os.cpu_count() or 1
