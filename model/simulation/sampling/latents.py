"""Latents: independent standard normal coordinates of draws, each found by its name; what draws are made of beside the assumptions.

>>> Given({"x": np.array([0.0, 1.0])}, 0, 2).normal(["x"])
array([[0., 1.]])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from model.assumptions.distributions.base import ALMOST_ONE
from model.simulation.sampling import digital_net

Rows = Mapping[str, np.ndarray]  # coordinate -> latents, (draw,)


class Latents:
    """Coordinates of the draws start..stop."""

    in_tails = False  # whether a value is taken at its normal score, so that far in a tail it keeps its digits

    def __init__(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop

    @property
    def size(self) -> int:
        """Number of draws."""
        return self.stop - self.start

    def normal(self, names: Sequence[str]) -> np.ndarray:
        """Return standard normal coordinates, (name, draw)."""
        raise NotImplementedError

    def uniform(self, name: str) -> np.ndarray:
        """Return the cumulative probability of a coordinate, in (0, 1), (draw,)."""
        return np.minimum(special.ndtr(self.normal([name])[0]), ALMOST_ONE)

    def prepare(self, names: Sequence[str]) -> None:
        """Get ready for many coordinates at once, where that is quicker."""


class Net(Latents):
    """Points of a low-discrepancy net; a coordinate depends on the seed and its own name alone."""

    def __init__(
        self, seed: int, start: int, stop: int, *, salts: digital_net.Salts = digital_net.NO_SALTS, stream: str = ""
    ) -> None:
        """`salts`: of the points of listed names; `stream` names a set of draws of its own, independent of any other."""
        super().__init__(start, stop)
        self.seed, self.salts, self.stream = seed, salts, stream

    def normal(self, names: Sequence[str]) -> np.ndarray:
        rows = np.empty((len(names), self.size))
        self.prepare(names)
        for name, row in zip(names, rows, strict=True):
            digital_net.normal(self.seed, self.stream + name, self.start, self.stop, row, self.salts)
        return rows

    def uniform(self, name: str) -> np.ndarray:
        return digital_net.uniform(self.seed, self.stream + name, self.start, self.stop, self.salts)

    def prepare(self, names: Sequence[str]) -> None:
        digital_net.prepare(self.seed, [self.stream + name for name in names], self.salts)


class Given(Latents):
    """Coordinates that are given, of all draws; those of a posterior, or of a sampler on its way."""

    in_tails = True

    def __init__(self, rows: Rows, start: int, stop: int) -> None:
        super().__init__(start, stop)
        self.rows = rows

    def normal(self, names: Sequence[str]) -> np.ndarray:
        return np.stack([self.rows[name][self.start : self.stop] for name in names])


class Random(Latents):
    """Plain random numbers from numpy's generator, kept by name; each with mean 0, or that of `shift`."""

    def __init__(self, size: int, rng: np.random.Generator, shift: Mapping[str, float] | None = None) -> None:
        super().__init__(0, size)
        self._rng, self._shift = rng, shift or {}
        self.rows: dict[str, np.ndarray] = {}

    def normal(self, names: Sequence[str]) -> np.ndarray:
        for name in names:
            if name not in self.rows:
                self.rows[name] = self._rng.standard_normal(self.size) + self._shift.get(name, 0.0)
        return np.stack([self.rows[name] for name in names])

    def uniform(self, name: str) -> np.ndarray:
        u: np.ndarray = special.ndtr(self.normal([name])[0])
        return u


class Recorded(Latents):
    """Coordinates that note their names, in the order in which they are asked for; zeros, or those of other latents."""

    in_tails = True

    def __init__(self, of: Latents | None = None) -> None:
        self.of = of
        super().__init__(*((0, 1) if of is None else (of.start, of.stop)))
        self.used: dict[str, None] = {}

    def normal(self, names: Sequence[str]) -> np.ndarray:
        self.used |= dict.fromkeys(names)
        return np.zeros((len(names), 1)) if self.of is None else self.of.normal(names)
