"""Shapley values, by every coalition of few players, and by the permutation estimator: from one set of draws to another, a part of the assumptions at a time.

Each part (a player) is taken from the first set or from a second, independent one. Correlated assumptions that are
taken from the second set are drawn as they are given those of the first that come before them in the order at hand
(by the Cholesky factor of that order), so that every mixture has the joint distribution of the draws themselves.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cached_property
from math import factorial
from typing import Any

import numpy as np
from scipy import special

from model.assumptions.copula import Group
from model.simulation.metric import Metric
from model.simulation.sampling.digital_net import PER_CHUNK, REPLICATES
from model.simulation.sampling.draws import Draws
from model.studies.study import Study


def exact(players: int, value: Callable[[frozenset[int]], np.ndarray]) -> list[np.ndarray]:
    """Shapley value of each player by every coalition, 2^players of them; they add up to value(all) - value(none).

    value : of a coalition, a number or an array of them; it is asked for each coalition more than once

    Shapley (1953).

    >>> [float(part) for part in exact(2, lambda c: np.array(10.0 * len(c) + 4.0 * (len(c) == 2)))]
    [12.0, 12.0]
    """
    found = []
    for player in range(players):
        others = [n for n in range(players) if n != player]
        part = np.zeros_like(value(frozenset()))
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for chosen in map(frozenset, itertools.combinations(others, size)):
                part = part + weight * (value(chosen | {player}) - value(chosen))
        found.append(part)
    return found


class PermutationEstimator:
    """From a second set of draws to the first, a player at a time, in a permutation of its own in each block of draws."""

    def __init__(self, study: Study, what: Metric, players: tuple[tuple[str, ...], ...]) -> None:
        self.study, self.what, self.players = study, what, players
        self.player_of = {path: n for n, members in enumerate(players) for path in members}
        self.nobody = len(
            players
        )  # a correlated assumption that is held at a number: always drawn anew, after all others
        self.noise = players.index(())

    def __reduce__(self) -> tuple[Any, ...]:
        return PermutationEstimator, (self.study, self.what, self.players)

    @cached_property
    def orders(self) -> np.ndarray:
        """Place of each player in the order of each block of `PER_CHUNK` draws, (player, block).

        In a replicate the order goes round, forwards and backwards by turns, so that each player comes early as often
        as late.
        """
        count, blocks = len(self.players), self.study.size // PER_CHUNK
        places = np.empty((count, blocks), int)
        for replicate in range(REPLICATES):
            rng = np.random.default_rng([self.study.seed, replicate])
            base, mine = rng.permutation(count), range(replicate, blocks, REPLICATES)
            for turn, block in enumerate(mine):
                order = np.roll(base, (turn // 2) * count * 2 // max(len(mine), 1))
                places[order if turn % 2 == 0 else order[::-1], block] = np.arange(count)
        return places

    def place(self, player: int) -> np.ndarray:
        """Place of a player in the order at each draw, (draw,)."""
        return np.repeat(self.orders[player], PER_CHUNK)

    def row(self, own: Sequence[np.ndarray | bool]) -> np.ndarray:
        """The outcome where each player is taken from the first draws (own) or from the second, (draw,)."""
        blocks = [
            _Mixed(self, one, two, [m if isinstance(m, bool) else m[one.start : one.stop] for m in own])
            for one, two in zip(self.study.blocks, self.study.second, strict=True)
        ]
        return counted(self.study.run([self.what], blocks)[0], self.what)

    def factors(self, group: Group, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """For each block of draws: members in the order of their players (block, member), and the Cholesky factor of that."""
        blocks = slice(start // PER_CHUNK, stop // PER_CHUNK)
        orders = np.vstack([self.orders[:, blocks], np.full((1, blocks.stop - blocks.start), self.nobody)])
        places = orders[[self.player_of.get(path, self.nobody) for path in group.paths]].T
        orders = np.argsort(places, axis=1, kind="stable")
        matrix = group.factor @ group.factor.T
        return orders, np.linalg.cholesky(matrix[orders[:, :, None], orders[:, None, :]])


class _Mixed(Draws):
    """Draws of which each player's part comes from one set or from another."""

    def __init__(
        self, estimator: PermutationEstimator, one: Draws, two: Draws, own: Sequence[np.ndarray | bool]
    ) -> None:
        super().__init__(one.assumptions, one.latents)
        self._estimator, self._one, self._two, self._own = estimator, one, two, own
        self._scores: dict[str, np.ndarray] = {}

    def __getitem__(self, path: str) -> np.ndarray:
        if path not in self._values:
            self._values[path] = self._made(path)
        return self._values[path]

    def _made(self, path: str) -> np.ndarray:
        if path not in self._estimator.player_of:
            return self._one[path]
        group = self._group_of.get(path)
        if group is None:
            return self._either(self._own[self._estimator.player_of[path]], self._one[path], self._two[path])
        if all(self._own[self._estimator.player_of[m]] is True for m in group.paths if m in self._estimator.player_of):
            return self._one[path]
        if path not in self._scores:
            self._scores.update(zip(group.paths, self._tied(group), strict=True))
        return self.assumptions[path].distribution.quantile(special.ndtr(self._scores[path]))

    def _tied(self, group: Group) -> np.ndarray:
        """Correlated scores (member, draw): what is taken from the second set is drawn given what comes before it."""
        orders, factors = self._estimator.factors(group, self.start, self.stop)
        inverse = np.argsort(orders, axis=1)

        def sorted_(rows: np.ndarray, by: np.ndarray) -> np.ndarray:
            apart = rows.reshape(len(rows), -1, PER_CHUNK).swapaxes(0, 1)  # (block, member, draw)
            return np.take_along_axis(apart, by[:, :, None], axis=1)

        members = [self._estimator.player_of.get(path, self._estimator.nobody) for path in group.paths]
        own = np.stack([np.broadcast_to((*self._own, False)[n], self.size) for n in members])
        one = np.linalg.solve(factors, sorted_(np.stack([self._one.score(path) for path in group.paths]), orders))
        two = sorted_(self._two.independent(group.paths), orders)
        scores = factors @ np.where(sorted_(own, orders), one, two)
        return np.take_along_axis(scores, inverse[:, :, None], axis=1).swapaxes(0, 1).reshape(len(members), -1)

    def shock(self, path: str, periods: int) -> np.ndarray:
        own = self._own[self._estimator.noise]
        return self._either(own, self._one.shock(path, periods), self._two.shock(path, periods))

    @staticmethod
    def _either(own: np.ndarray | bool, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        if isinstance(own, bool):
            return one if own else two
        return np.where(own, one, two)


def counted(row: np.ndarray, what: Metric) -> np.ndarray:
    """What the variance is of: the outcome, or 1 where it reaches the target."""
    return (row >= what.target).astype(float) if what.statistic == "chance" else row
