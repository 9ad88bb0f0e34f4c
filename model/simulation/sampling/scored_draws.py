"""Draws whose independent scores are given, and which make again only what a change of some of them touches.

Every uncertain number of a draw has a standard normal score, and all are independent before correlated assumptions are
tied. `moved` changes the scores of some coordinates; stages of the business (`Draws.stage`) that read none of these, and
follow no stage that does, are taken as they are. `merged` keeps the change in some of the draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumptions
from model.assumptions.distributions import ALMOST_ONE, Distribution
from model.simulation.sampling.draws import Draws

Key = tuple[Any, ...]
Rows = Mapping[str, np.ndarray]  # coordinate -> scores, (draw,)


@dataclass
class Made:
    """What a stage gave, which coordinates it read, and whether it is a part of no other."""

    value: Any
    reads: set[str] = field(default_factory=set)
    outermost: bool = True


class ByScore(Draws):
    """Draws whose scores are given, so that a value far in a tail keeps its digits."""

    def score_of(self, name: str) -> np.ndarray:
        """Independent score of a coordinate, (draw,)."""
        raise NotImplementedError

    def independent(self, paths: Sequence[str]) -> np.ndarray:
        return np.stack([self.score_of(path) for path in paths])

    def normal_score(self, path: str) -> np.ndarray:
        """Standard normal score of an assumption, after correlation, (draw,)."""
        return self.score(path) if path in self._group_of else self.score_of(path)

    def percentile(self, path: str) -> np.ndarray:
        return np.minimum(special.ndtr(self.normal_score(path)), ALMOST_ONE)

    def value_of(self, path: str, distribution: Distribution) -> np.ndarray:
        if not distribution.uncertain:
            return super().value_of(path, distribution)
        return distribution.at_score(self.normal_score(path))


class GivenDraws(ByScore):
    """Draws of given scores, made once as a whole: nothing is noted."""

    def __init__(self, assumptions: Assumptions, scores: Rows, size: int) -> None:
        super().__init__(assumptions, 0, 0, size)
        self._scores = dict(scores)

    def score_of(self, name: str) -> np.ndarray:
        return self._scores[name]

    def score(self, path: str) -> np.ndarray:
        if path not in self._correlated:
            group = self._group_of[path]
            place = group.paths.index(path)
            row = group.factor[place]
            made = row[0] * self.score_of(group.paths[0])
            for n in range(1, place + 1):
                if row[n]:
                    made = made + row[n] * self.score_of(group.paths[n])
            self._correlated[path] = made
        return self._correlated[path]


class ScoredDraws(GivenDraws):
    """Draws of given scores; `reads` of each stage are noted as it runs."""

    def __init__(self, assumptions: Assumptions, scores: Rows, size: int, before: ScoredDraws | None = None) -> None:
        """`scores` : of every coordinate, or of those that differ from `before`."""
        super().__init__(assumptions, scores, size)
        self._before = before
        self._changed = set(scores) if before else set()
        self._stages: dict[Key, Made] = {}
        self._keys: dict[int, Key] = {}  # of stages' values, by identity
        self._held: list[Any] = []  # so that no identity is used twice
        self._open: list[Made] = []
        self._touched: set[Key] = set()

    def scores(self, coordinates: Sequence[str]) -> np.ndarray:
        """Independent scores, (coordinate, draw)."""
        return np.stack([self.score_of(name) for name in coordinates])

    def moved(self, scores: Rows) -> ScoredDraws:
        """These draws with other scores of some coordinates."""
        return ScoredDraws(self.assumptions, scores, self.size, before=self)

    def grouped(self, names: Sequence[str]) -> list[list[str]]:
        """Coordinates by the first outermost stage that reads them; those that none reads last."""
        left, found = list(names), []
        for made in self._stages.values():
            if made.outermost:
                mine = [name for name in left if name in made.reads]
                left = [name for name in left if name not in made.reads]
                found.append(mine)
        return [group for group in (*found, left) if group]

    def merged(self, moved: ScoredDraws, accepted: np.ndarray) -> None:
        """Take what moved over in the accepted draws, (draw,); the rest stays as it is."""
        for name, row in moved._scores.items():
            self._scores[name] = np.where(accepted, row, self.score_of(name))
        for path, values in moved._values.items():
            if path in self._values and values is not self._values[path]:
                self._values[path] = np.where(accepted, values, self._values[path])
        for path, values in moved._correlated.items():
            if path in self._correlated and values is not self._correlated[path]:
                self._correlated[path] = np.where(accepted, values, self._correlated[path])
        for key in moved._touched:
            made = moved._stages[key]
            if key in self._stages:
                made = Made(_chosen(accepted, made.value, self._stages[key].value), made.reads, made.outermost)
            self._stages[key] = made
        self._keys = {id(made.value): key for key, made in self._stages.items()}
        self._held = [made.value for made in self._stages.values()]

    def stage(self, make: Callable[..., Any], *earlier: Any) -> Any:
        key: Key = (make, *(self._keys.get(id(part), part) if not isinstance(part, str) else part for part in earlier))
        parents = tuple(self._keys[id(part)] for part in earlier if not isinstance(part, str))
        known = self._before.made(key) if self._before else None
        if known is not None and not (known.reads & self._changed) and not any(p in self._touched for p in parents):
            made = known
        else:
            made = Made(None, set(), not self._open)
            self._open.append(made)
            made.value = make(self, *earlier)
            self._open.pop()
            self._touched.add(key)
        for outer in self._open:
            outer.reads |= made.reads
        self._stages[key] = made
        self._keys[id(made.value)] = key
        self._held.append(made.value)
        return made.value

    def __getitem__(self, path: str) -> np.ndarray:
        used = self._coordinates(path)
        self._note(used)
        if self._before is not None and not self._changed.intersection(used):
            return self._before[path]
        return super().__getitem__(path)

    def independent(self, paths: Sequence[str]) -> np.ndarray:
        self._note(paths)
        return super().independent(paths)

    def made(self, key: Key) -> Made | None:
        """What a stage gave here, if it has run."""
        return self._stages.get(key)

    def score_of(self, name: str) -> np.ndarray:
        """Independent score of a coordinate, (draw,)."""
        found = self._scores.get(name)
        if found is not None:
            return found
        if self._before is None:
            raise KeyError(name)
        return self._before.score_of(name)

    def _coordinates(self, path: str) -> list[str]:
        """Coordinates that an assumption's values hang on: its own, and those of its group that come before it."""
        if path not in self.assumptions.entries or not self.assumptions[path].distribution.uncertain:
            return []
        group = self._group_of.get(path)
        if group is None:
            return [path]
        place = group.paths.index(path)
        return [name for n, name in enumerate(group.paths[: place + 1]) if group.factor[place][n]]

    def _note(self, names: Sequence[str]) -> None:
        for made in self._open:
            made.reads.update(names)


class NotedDraws(ScoredDraws):
    """Draws of zeros as scores, that note every coordinate which a business reads."""

    def __init__(self, assumptions: Assumptions) -> None:
        super().__init__(assumptions, {}, 1)
        self.used: dict[str, None] = {}

    def score_of(self, name: str) -> np.ndarray:
        self.used[name] = None
        return np.zeros(1)


def _chosen(accepted: np.ndarray, new: Any, old: Any) -> Any:
    """The new arrays in the accepted draws, the old ones elsewhere; of tuples, lists and tables of arrays each."""
    if new is old:
        return old
    if isinstance(new, np.ndarray):
        return np.where(accepted, new, old)
    if isinstance(new, dict):
        return {name: _chosen(accepted, part, old[name]) for name, part in new.items()}
    if isinstance(new, list):
        return [_chosen(accepted, *parts) for parts in zip(new, old, strict=True)]
    if isinstance(new, tuple):
        parts = [_chosen(accepted, *pair) for pair in zip(new, old, strict=True)]
        return type(new)(*parts) if hasattr(new, "_fields") else tuple(parts)
    return new
