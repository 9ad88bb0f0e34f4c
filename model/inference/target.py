"""The distribution to sample: what a business makes of coordinates, how likely that makes the reports, and what hangs together.

Nothing here knows a business but by its stages (`Draws.stage`), its cheaper parts (`Business.parts`) and its flows (`Draws.flow`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumptions
from model.inference.reports import Reports
from model.simulation.business import Business, Function
from model.simulation.observation import Observation
from model.simulation.sampling import digital_net
from model.simulation.sampling.digital_net import REPLICATES
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given, Recorded
from model.simulation.sampling.staged_draws import Flow, Key, Made, StagedDraws

AT_ONCE = 2048  # draws of an evaluation: their arrays stay in a core's cache
FEW = 10  # coordinates of a stage, below which they move with those of other such stages
PROBE, STEP = 128, 1.5  # draws, and by how much of a score they are moved, to find which coordinates a report hangs on


@dataclass(frozen=True)
class Phase:
    """Reports that are looked at together: their places among all, and the function that makes their outcomes."""

    places: np.ndarray
    function: Function
    reports: Reports


@dataclass(frozen=True)
class Block:
    """Coordinates that move together, by their places; phase : the first in which they count."""

    places: np.ndarray
    phase: int


@dataclass(frozen=True)
class Held:
    """Flows of one kind, and the coordinates of assumptions that nothing else asks for: these can move and leave the flows as they are.

    shocks : (flow, period) places of the shocks that make up for it, -1 where no report hangs on one; sd : their standard deviation
    """

    keys: tuple[Key, ...]
    places: np.ndarray
    shocks: np.ndarray
    sd: np.ndarray


class Target:
    """A business on its assumptions, and what was reported of it."""

    def __init__(self, assumptions: Assumptions, business: Business, observations: Sequence[Observation]) -> None:
        self.assumptions, self.business, self.observations = assumptions, business, tuple(observations)
        self.names = coordinates_of(business, assumptions)
        self.place = {name: n for n, name in enumerate(self.names)}
        self.phases = self._phases()
        probe = np.random.default_rng(0).standard_normal((len(self.names), PROBE))
        draws = StagedDraws(assumptions, self.named(probe), PROBE)
        before = [self.predicted(0, draws)]
        first = set().union(*(made.reads for made in draws.stages.values()))
        before += [self.predicted(n, draws) for n in range(1, len(self.phases))]
        hangs = self._hangs(draws, before)
        self.active, self.idle = np.flatnonzero(hangs), np.flatnonzero(~hangs)
        self.tied = self._tied()
        self.untied = np.linalg.inv(self.tied)
        self.blocks = self._blocks(draws, first)
        self.held = [held for kind in _kinds(draws) if (held := self._held(draws, kind)) is not None]
        self.structural = np.array([n for n in self.blocks[0].places if self.names[n] in assumptions.entries], int)

    def named(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Scores (coordinate, draw) by name."""
        return dict(zip(self.names, rows, strict=True))

    def predicted(self, phase: int, draws: Draws) -> np.ndarray:
        """What draws say of the reports of a phase, (report, draw)."""
        one = self.phases[phase]
        with np.errstate(all="ignore"):
            return one.reports.predicted(one.function(draws), self.assumptions.calendar, draws.size)

    def predicted_all(self, rows: np.ndarray) -> np.ndarray:
        """What scores (coordinate, draw) say of every report, (report, draw), a block of draws at a time."""
        out = np.empty((len(self.observations), rows.shape[1]))
        for start in range(0, rows.shape[1], AT_ONCE):
            stop = min(start + AT_ONCE, rows.shape[1])
            draws = Draws(self.assumptions, Given(self.named(rows[:, start:stop]), 0, stop - start))
            for n, phase in enumerate(self.phases):
                out[phase.places, start:stop] = self.predicted(n, draws)
        return out

    def log_likelihood(self, predicted: np.ndarray) -> np.ndarray:
        """Of every report, constants included, (report, draw)."""
        out = np.empty(predicted.shape)
        for phase in self.phases:
            out[phase.places] = phase.reports.log_likelihood(predicted[phase.places]) + phase.reports.constants[:, None]
        return out

    def _phases(self) -> list[Phase]:
        """Reports that a cheaper part of the business makes first, then the others."""
        function = self.business.function
        cheap = [self.business.only(one.outcomes) is not function for one in self.observations]
        found = []
        for kind in (True, False):
            places = [n for n, one in enumerate(cheap) if one == kind]
            chosen = [self.observations[n] for n in places]
            if chosen:
                names = dict.fromkeys(name for one in chosen for name in one.outcomes)
                found.append(Phase(np.array(places), self.business.only([*names]), Reports(chosen)))
        return found

    def _hangs(self, draws: StagedDraws, before: Sequence[np.ndarray]) -> np.ndarray:
        """Whether any report changes in any of the probed draws as each coordinate is moved."""
        found = np.zeros(len(self.names), bool)
        for n, name in enumerate(self.names):
            for by in (-STEP, STEP):
                moved = draws.moved({name: draws.rows[name] + by})
                for phase, old in enumerate(before):
                    found[n] = found[n] or bool((self.predicted(phase, moved) != old).any())
        return found

    def _tied(self) -> np.ndarray:
        """Scores as they are tied in their groups, of those before: tied = this @ scores."""
        tied = np.eye(len(self.names))
        for group in self.assumptions.groups:
            at = [self.place[path] for path in group.paths if path in self.place]
            kept = [n for n, path in enumerate(group.paths) if path in self.place]
            tied[np.ix_(at, at)] = group.factor[np.ix_(kept, kept)]
        return tied

    def _blocks(self, draws: StagedDraws, first: set[str]) -> list[Block]:
        """Coordinates of the first phase, then those of each further stage with the groups that its own are tied in; few go together."""
        active = {self.names[n] for n in self.active}
        names = [first & active or active]
        left = active - names[0]
        for made in draws.stages.values():
            mine = made.reads & left
            if made.within is None and mine:
                tied = {path for group in self.assumptions.groups if mine & set(group.paths) for path in group.paths}
                names.append(mine | (tied & active - names[0]))
                left -= mine
        few = [*filter(lambda each: len(each) < FEW, names[1:]), left]
        names = [names[0], *(each for each in names[1:] if len(each) >= FEW)]
        if set().union(*few):
            names.append(set().union(*few))
        return [
            Block(np.array(sorted(self.place[name] for name in each)), min(n, 1, len(self.phases) - 1))
            for n, each in enumerate(names)
        ]

    def _held(self, draws: StagedDraws, flows: Sequence[Flow]) -> Held | None:
        """The held move of flows of one kind; None where nothing can move, or their noise is not known."""
        inner, changed = {flow.key for flow in flows}, True
        while changed:
            more = {key for key in draws.stages.keys() - inner if _users(key, draws.stages) <= inner}
            changed, inner = bool(more), inner | more
        other = set(draws.asks).union(*(made.asks for key, made in draws.stages.items() if key not in inner))
        mine = set().union(*(draws.stages[key].asks for key in inner)) - other
        places = [n for n in self.active if self.names[n] in mine and self.names[n] in self.assumptions.entries]
        known = {self.names[n]: int(n) for n in self.active}
        shocks = np.array([[known.get(name, -1) for name in flow.shocks] for flow in flows])
        sd = np.array([float(flow.sd.ravel()[0]) for flow in flows])
        if not places or any(np.ptp(flow.sd) > 0 for flow in flows) or not (sd > 0).all() or not (shocks >= 0).any():
            return None
        return Held(tuple(flow.key for flow in flows), np.array(places), shocks, sd)


def _kinds(draws: StagedDraws) -> list[list[Flow]]:
    """Flows by the function that makes them."""
    found: dict[object, list[Flow]] = {}
    for flow in draws.flows.values():
        found.setdefault(flow.key[0], []).append(flow)
    return list(found.values())


def _users(key: Key, stages: dict[Key, Made]) -> set[Key | None]:
    """Stages that take a stage; where none does, the one in whose lines it was made."""
    takers: set[Key | None] = {other for other in stages if key in other[1:]}
    return takers or {stages[key].within}


def coordinates_of(business: Business, assumptions: Assumptions) -> list[str]:
    """Coordinates that a business reads, in the order in which it reads them."""
    noted = Recorded()
    business.function(Draws(assumptions, noted))
    return list(noted.used)


def first_scores(names: Sequence[str], salts: digital_net.Salts, seed: int, size: int) -> np.ndarray:
    """Scores that a simulation's draws begin with, (coordinate, population, draw)."""
    total = digital_net.rounded_up(size * REPLICATES)
    order = np.argsort(digital_net.replicate_of(total), kind="stable")
    made = np.empty((len(names), REPLICATES, size))
    for n, name in enumerate(names):
        u = digital_net.uniform(seed, name, 0, total, salts)
        made[n] = special.ndtri(u)[order].reshape(REPLICATES, -1)[:, :size]
    return made
