"""Draws of given latents, which make again only what a change of some of them touches.

`moved` changes the latents of some coordinates; stages of the business (`Draws.stage`) that read none of these, and
follow no stage that does, are taken as they are. `merged` keeps the change in some of the draws.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given, Rows

Key = tuple[Any, ...]


@dataclass
class Made:
    """What a stage gave, which coordinates it read, and whether it is a part of no other."""

    value: Any
    reads: set[str] = field(default_factory=set)
    outermost: bool = True


class StagedDraws(Draws):
    """Draws of given latents; what each stage of the business reads is noted as it runs."""

    def __init__(self, assumptions: Assumptions, rows: Rows, size: int, before: StagedDraws | None = None) -> None:
        """`rows` : latents of every coordinate, or of those that differ from `before`."""
        super().__init__(
            assumptions, Given(dict(rows) if before is None else ChainMap(dict(rows), before.rows), 0, size)
        )
        self._before = before
        self._changed = set(rows) if before else set()
        self._stages: dict[Key, Made] = {}
        self._keys: dict[int, Key] = {}  # of stages' values, by identity
        self._held: list[Any] = []  # so that no identity is used twice
        self._open: list[Made] = []
        self._touched: set[Key] = set()

    @property
    def rows(self) -> MutableMapping[str, np.ndarray]:
        """Latents of every coordinate, (draw,)."""
        return self.latents.rows  # type: ignore[attr-defined]

    def moved(self, rows: Rows) -> StagedDraws:
        """These draws with other latents of some coordinates."""
        return StagedDraws(self.assumptions, rows, self.size, before=self)

    def grouped(self, names: Sequence[str]) -> list[list[str]]:
        """Coordinates by the first outermost stage that reads them; those that none reads last."""
        left, found = list(names), []
        for made in self._stages.values():
            if made.outermost:
                mine = [name for name in left if name in made.reads]
                left = [name for name in left if name not in made.reads]
                found.append(mine)
        return [group for group in (*found, left) if group]

    def merged(self, moved: StagedDraws, accepted: np.ndarray) -> None:
        """Take what moved over in the accepted draws, (draw,); the rest stays as it is."""
        for name in moved._changed:
            self.rows[name] = np.where(accepted, moved.rows[name], self.rows[name])
        self._untied.clear()
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

    def _coordinates(self, path: str) -> list[str]:
        """Coordinates that an assumption's values hang on: its own, and those of its group that come before it."""
        if path not in self.assumptions.entries or not self.assumptions[path].distribution.uncertain:
            return []
        group = self._group_of.get(path)
        return [path] if group is None else [name for weight, name in group.row(path) if weight]

    def _note(self, names: Sequence[str]) -> None:
        for made in self._open:
            made.reads.update(names)


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
