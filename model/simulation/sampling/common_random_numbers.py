"""Common random numbers: draws that are kept, and lent to variations of the same model.

A variation puts another distribution in the place of an assumption's. Draws that it does not touch are not made
again, and drivers whose arguments are all kept are not run again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.distributions.base import Distribution
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Latents

Variation = Mapping[str, Distribution]


class KeptDraws(Draws):
    """Draws that keep their shocks and what drivers make of them, and lend all they have to a variation."""

    def __init__(self, assumptions: Assumptions, latents: Latents) -> None:
        super().__init__(assumptions, latents)
        self._shocks: dict[str, np.ndarray] = {}
        self._made: dict[Any, np.ndarray] = {}
        self._own: dict[int, np.ndarray] = {}  # what is kept here, by identity; it lives as long as these draws

    def __getitem__(self, path: str) -> np.ndarray:
        return self._kept(super().__getitem__(path))

    def shock(self, path: str, periods: int) -> np.ndarray:
        if path not in self._shocks:
            self._shocks[path] = self._kept(super().shock(path, periods))
        return self._shocks[path]

    def once(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        return self.lend(driver, *arguments, **named)

    def lend(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        """What a driver makes of arguments: kept, and known the next time, where all of them are kept here."""
        given: dict[Any, Any] = {**dict(enumerate(arguments)), **named}
        arrays = {name: id(values) for name, values in given.items() if isinstance(values, np.ndarray)}
        if not self._own.keys() >= set(arrays.values()):
            return driver(*arguments, **named)
        others = {
            name: values for name, values in given.items() if name not in arrays
        }  # a calendar: known by its value
        call = (driver, frozenset((arrays | others).items()))
        if call not in self._made:
            made = driver(*arguments, **named)
            made.flags.writeable = False  # every variation sees it
            self._made[call] = self._kept(made)
        return self._made[call]

    def under(self, variation: Variation) -> Draws:
        """These draws with other distributions for some assumptions; nothing else is drawn again."""
        if not variation:
            return self
        return VariedDraws(self, variation)

    def _kept(self, values: np.ndarray) -> np.ndarray:
        self._own[id(values)] = values
        return values


class VariedDraws(Draws):
    """A variation of kept draws."""

    def __init__(self, kept: KeptDraws, variation: Variation) -> None:
        super().__init__(kept.assumptions, kept.latents)
        self._kept, self._variation = kept, variation
        self._mine: dict[str, np.ndarray] = {}

    def __getitem__(self, path: str) -> np.ndarray:
        if path not in self._variation:
            return self._kept[path]
        if path not in self._mine:
            self._mine[path] = self._kept.value_of(path, self._variation[path])
        return self._mine[path]

    def once(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        return self._kept.lend(driver, *arguments, **named)

    def shock(self, path: str, periods: int) -> np.ndarray:
        return self._kept.shock(path, periods)
