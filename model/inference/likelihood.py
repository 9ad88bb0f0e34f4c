"""What a business, or two of them, make of scores, and how likely that makes what was reported; a change of few scores made cheap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumptions
from model.simulation.business import Business, Function
from model.simulation.observation import Observation
from model.simulation.sampling import digital_net
from model.simulation.sampling.digital_net import REPLICATES
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given, Recorded
from model.simulation.sampling.staged_draws import StagedDraws

AT_ONCE = 2048  # draws of an evaluation: their arrays stay in a core's cache


@dataclass(frozen=True)
class Side:
    """A business on its assumptions, and what was reported of it."""

    assumptions: Assumptions
    business: Business
    observations: tuple[Observation, ...]

    def function(self, places: Sequence[int]) -> Function:
        """What makes the outcomes of these observations, and no more than it must."""
        names = [name for place in places for name in self.observations[place].outcomes]
        return self.business.only([*dict.fromkeys(names)])

    def coordinates(self) -> list[str]:
        """Coordinates that the business reads, in the order in which it reads them."""
        return coordinates_of(self.business, self.assumptions)


@dataclass(frozen=True)
class Evaluated:
    """Draws of each side in use, what they say of each observation in use and how likely that makes it, (observation, draw)."""

    draws: Sequence[Draws]
    predicted: np.ndarray
    log_likelihood: np.ndarray


class Likelihood:
    """Draws side by side, conditioned on observations each to a share between 0 and 1."""

    def __init__(
        self, sides: Sequence[Side], shares: Sequence[np.ndarray], names: Sequence[str], rows: np.ndarray
    ) -> None:
        """`shares` : (observation,) of each side, those of 0 are not looked at; `rows` : scores, (coordinate, draw)."""
        self.sides = [(side, list(map(int, np.flatnonzero(share)))) for side, share in zip(sides, shares, strict=True)]
        self.functions = [side.function(places) for side, places in self.sides]
        self.shares = np.concatenate([share[share != 0] for share in shares])
        self.names = list(names)
        self.draws: list[StagedDraws] = []
        self.restart(rows)

    def restart(self, rows: np.ndarray) -> None:
        """Begin at these scores, with all stages as they make them, of which `moved` makes again what it touches."""
        self.draws = [scored(side.assumptions, self.names, rows) for side, _ in self.sides]
        self.now = self._state(self.draws)

    def _state(self, draws: Sequence[Draws]) -> Evaluated:
        said, likely = [], []
        for (side, places), function, one in zip(self.sides, self.functions, draws, strict=True):
            if not places:
                continue
            with np.errstate(all="ignore"):
                outcomes, year = function(one), side.assumptions.calendar
            for place in places:
                observation = side.observations[place]
                row = np.broadcast_to(observation.predicted(outcomes, year), (one.size,))
                said.append(row)
                likely.append(observation.log_likelihood(row))
        return Evaluated(draws, np.stack(said), np.stack(likely))

    @property
    def observations(self) -> list[Observation]:
        """Those in use, as the rows of a state."""
        return [side.observations[place] for side, places in self.sides for place in places]

    def anew(self, rows: np.ndarray) -> Evaluated:
        """What other scores of all coordinates make, (coordinate, draw)."""
        scores = dict(zip(self.names, rows, strict=True))
        return self._state([Draws(side.assumptions, Given(scores, 0, rows.shape[1])) for side, _ in self.sides])

    def moved(self, names: Sequence[str], rows: np.ndarray) -> Evaluated:
        """The draws that `restart` began with other scores of these coordinates; nothing is kept of it yet."""
        scores = dict(zip(names, rows, strict=True))
        return self._state([one.moved(scores) for one in self.draws])

    def accept(self, moved: Evaluated, accepted: np.ndarray) -> None:
        """Keep a move in the accepted draws; of one of all coordinates the stages are not kept."""
        for mine, theirs in zip(self.draws, moved.draws, strict=True):
            if isinstance(theirs, StagedDraws):
                mine.merged(theirs, accepted)
        np.copyto(self.now.predicted, moved.predicted, where=accepted)
        np.copyto(self.now.log_likelihood, moved.log_likelihood, where=accepted)

    def ratio(self, moved: Evaluated) -> np.ndarray:
        """Log likelihood of a move less that of the draws as they stand, each report to its share, (draw,)."""
        return np.asarray(self.shares @ (moved.log_likelihood - self.now.log_likelihood))


def coordinates_of(business: Business, assumptions: Assumptions) -> list[str]:
    """Coordinates that a business reads, in the order in which it reads them."""
    noted = Recorded()
    business.function(Draws(assumptions, noted))
    return list(noted.used)


def scored(assumptions: Assumptions, names: Sequence[str], rows: np.ndarray) -> StagedDraws:
    """Draws with these scores, (coordinate, draw) or (coordinate, population, draw)."""
    flat = rows.reshape(len(names), -1)
    return StagedDraws(assumptions, dict(zip(names, flat, strict=True)), flat.shape[1])


def log_likelihoods(
    side: Side, places: Sequence[int], names: Sequence[str], rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What draws say of observations and how likely that makes each, (observation, draw); rows : (coordinate, draw)."""
    share = np.zeros(len(side.observations))
    share[list(places)] = 1.0
    parts = [
        Likelihood([side], [share], names, rows[:, n : n + AT_ONCE]).now for n in range(0, rows.shape[1], AT_ONCE)
    ]  # fmt: skip
    return tuple(
        np.concatenate([getattr(part, of) for part in parts], axis=1) for of in ("predicted", "log_likelihood")
    )  # type: ignore[return-value]


def first_scores(names: Sequence[str], salts: digital_net.Salts, seed: int, size: int) -> np.ndarray:
    """Scores that a simulation's draws begin with, (coordinate, population, draw)."""
    total = digital_net.rounded_up(size * REPLICATES)
    order = np.argsort(digital_net.replicate_of(total), kind="stable")
    made = np.empty((len(names), REPLICATES, size))
    for n, name in enumerate(names):
        u = digital_net.uniform(seed, name, 0, total, salts)
        made[n] = special.ndtri(u)[order].reshape(REPLICATES, -1)[:, :size]
    return made


def hangs_on(side: Side, names: Sequence[str], *, probe: int, step: float) -> np.ndarray:
    """Whether each observation changes in any of `probe` draws as each coordinate is moved by `step`, (observation, coordinate)."""
    rows = np.random.default_rng(0).standard_normal((len(names), probe))
    likelihood = Likelihood([side], [np.ones(len(side.observations))], names, rows)
    found = np.zeros((len(side.observations), len(names)), bool)
    for n, name in enumerate(names):
        for by in (-step, step):
            predicted = likelihood.moved([name], rows[n : n + 1] + by).predicted
            found[:, n] |= (predicted != likelihood.now.predicted).any(axis=1)
    return found


def systematic(weights: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Places of so many draws, each as often as its weight asks for, to within one."""
    edges = np.cumsum(weights) / weights.sum()
    ticks = (rng.random() + np.arange(number)) / number
    return np.minimum(np.searchsorted(edges, ticks), len(weights) - 1)
