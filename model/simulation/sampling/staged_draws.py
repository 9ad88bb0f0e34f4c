"""Draws of given latents that keep what they made, so that a change of a few latents makes again only what it touches.

`moved` has other latents of some coordinates. Values of assumptions that hang on none of them, and stages of the business
(`Draws.stage`) that read none of them and follow no stage that does, are taken as they are. `part` goes on with some of the
draws alone; `put` keeps what moved in some of the draws. What a stage reads is noted once, as the first draws are made: it
must not depend on the values that are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions
from model.simulation.sampling.draws import Draws, shock_path
from model.simulation.sampling.latents import Given, Rows

Key = tuple[Any, ...]  # of a stage: its function, then keys of the stages or the names that it takes


@dataclass
class Made:
    """What a stage gave.

    reads : coordinates that it hangs on itself; asks : paths and shocks that it asks for in its own lines, not in stages within
    within : the stage in whose lines it was made; None of an outermost one
    """

    value: Any
    reads: set[str] = field(default_factory=set)
    asks: set[str] = field(default_factory=set)
    within: Key | None = None


@dataclass(frozen=True)
class Flow:
    """A flow with lognormal noise: the stage that makes it, its shocks by period, their standard deviation."""

    key: Key
    shocks: tuple[str, ...]
    sd: np.ndarray


class StagedDraws(Draws):
    """Draws of given latents, with the values, stages and flows that they made."""

    def __init__(self, assumptions: Assumptions, rows: Rows, size: int) -> None:
        super().__init__(assumptions, Given(rows, 0, size))
        self.stages: dict[Key, Made] = {}
        self.flows: dict[str, Flow] = {}
        self.asks: set[str] = set()  # paths and shocks that are asked for outside of any stage
        self._keys: dict[int, Key] = {}  # of stages' values, by identity
        self._held: list[Any] = []  # so that no identity is used twice
        self._open: list[tuple[Key, Made]] = []

    @property
    def rows(self) -> Rows:
        """Latents of every coordinate, (draw,)."""
        return self.latents.rows  # type: ignore[attr-defined]

    def key_of(self, make: Callable[..., Any], earlier: Sequence[Any]) -> Key:
        """Under which a stage is known."""
        return (make, *(part if isinstance(part, str) else self._keys[id(part)] for part in earlier))

    def stage(self, make: Callable[..., Any], *earlier: Any) -> Any:
        key = self.key_of(make, earlier)
        made = Made(None, within=self._open[-1][0] if self._open else None)
        self._open.append((key, made))
        value = make(self, *earlier)
        self._open.pop()
        if self._open:
            self._open[-1][1].reads.update(made.reads)
        made.value = self.keep(key, value)
        self.stages[key] = made
        return made.value

    def keep(self, key: Key, value: Any) -> Any:
        """A stage's value, found again by its identity."""
        self._keys[id(value)] = key
        self._held.append(value)
        return value

    def flow(self, series: str, made: np.ndarray, sd: np.ndarray) -> np.ndarray:
        names = tuple(shock_path(series, period) for period in range(len(made)))
        self.flows[series] = Flow(self._open[-1][0], names, sd)
        return made

    def __getitem__(self, path: str) -> np.ndarray:
        self._note([path], self.coordinates(path))
        return super().__getitem__(path)

    def independent(self, paths: Sequence[str]) -> np.ndarray:
        if (
            paths and paths[0] not in self.assumptions.entries
        ):  # shocks; an assumption's own are noted where it is asked for
            self._note(paths, paths)
        return super().independent(paths)

    def coordinates(self, path: str) -> list[str]:
        """Coordinates that an assumption's values hang on: its own, and those of its group that come before it."""
        if path not in self.assumptions.entries or not self.assumptions[path].distribution.uncertain:
            return []
        group = self._group_of.get(path)
        return [path] if group is None else [name for weight, name in group.row(path) if weight]

    def _note(self, asks: Sequence[str], reads: Sequence[str]) -> None:
        if not self._open:
            self.asks.update(asks)
        for _, made in self._open[-1:]:
            made.asks.update(asks)
            made.reads.update(reads)

    def owned(self) -> StagedDraws:
        """The same with arrays of its own, which `put` can write into."""
        self._values = {path: np.array(values) for path, values in self._values.items()}
        self._keys, self._held = {}, []
        for key, made in self.stages.items():
            made.value = self.keep(key, _mapped(np.array, made.value))
        return self

    def moved(self, rows: Rows) -> MovedDraws:
        """These draws with other latents of some coordinates."""
        return MovedDraws(self, rows, None, {}, {})

    def put(self, moved: MovedDraws, taken: np.ndarray) -> None:
        """Keep what moved in those of its draws that are `taken`, (draw,) of `moved`, as places."""
        at = taken if moved.at is None else moved.at[taken]
        for path in moved.made_values:
            self._values[path][..., at] = moved._values[path][..., taken]  # noqa: SLF001
        for key, value in moved.made_stages.items():
            _assign(self.stages[key].value, value, at, taken, self.size)
        for name, row in moved.changed.items():
            self.rows[name][at] = row[taken]
        self._correlated.clear()
        self._untied.clear()


class MovedDraws(StagedDraws):
    """Other draws with some latents changed, in all of them or in those at some places."""

    def __init__(
        self,
        of: StagedDraws,
        changed: Rows,
        at: np.ndarray | None,
        values: Mapping[str, np.ndarray],
        stages: Mapping[Key, Any],
    ) -> None:
        """`values` and `stages` : what is known already of what the change touches."""
        super().__init__(of.assumptions, _Rows(changed, of.rows, at), of.size if at is None else len(at))
        self.of, self.at, self.changed = of, at, changed
        self._values = dict(values)
        self.made_values, self.made_stages = set(values), dict(stages)
        self._known: dict[Key, Any] = {}
        for key, value in stages.items():
            self._known[key] = self.keep(key, value)

    def stage(self, make: Callable[..., Any], *earlier: Any) -> Any:
        key = self.key_of(make, earlier)
        if key not in self._known:
            before = self.of.stages.get(key)
            follows = any(part in self.made_stages for part in key[1:] if not isinstance(part, str))
            if before is not None and not follows and before.reads.isdisjoint(self.changed):
                value = before.value if self.at is None else _mapped(self._here, before.value)
            else:
                value = self.made_stages[key] = make(self, *earlier)
            self._known[key] = self.keep(key, value)
        return self._known[key]

    def again(self, key: Key) -> Any:
        """What a stage gives here, by its key."""
        return self.stage(key[0], *(part if isinstance(part, str) else self.again(part) for part in key[1:]))

    def flow(self, series: str, made: np.ndarray, sd: np.ndarray) -> np.ndarray:  # noqa: ARG002
        return made

    def __getitem__(self, path: str) -> np.ndarray:
        if path not in self._values:
            if self.changed.keys().isdisjoint(self.of.coordinates(path)):
                self._values[path] = self._here(Draws.__getitem__(self.of, path))  # what a change asks for is not noted
            else:
                self.made_values.add(path)
        return Draws.__getitem__(self, path)

    def independent(self, paths: Sequence[str]) -> np.ndarray:
        return Draws.independent(self, paths)

    def part(self, places: np.ndarray) -> MovedDraws:
        """Some of these draws, by their places, with what was made of them."""
        at = places if self.at is None else self.at[places]
        changed = {name: row[places] for name, row in self.changed.items()}

        def some(x: np.ndarray) -> np.ndarray:
            return x[..., places] if x.ndim and x.shape[-1] == self.size else x

        values = {path: some(self._values[path]) for path in self.made_values if path in self._values}
        return MovedDraws(self.of, changed, at, values, {key: _mapped(some, x) for key, x in self.made_stages.items()})

    def _here(self, x: np.ndarray) -> np.ndarray:
        """Values of the draws that these are of, at the places of these."""
        return x if self.at is None or not x.ndim or x.shape[-1] != self.of.size else x[..., self.at]


class _Rows(Mapping[str, np.ndarray]):
    """Latents with some coordinates changed; of the rest those that were there, at some places."""

    def __init__(self, changed: Rows, before: Rows, at: np.ndarray | None) -> None:
        self._changed, self._before, self._at = changed, before, at

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self._changed:
            return self._changed[name]
        row = self._before[name]
        return row if self._at is None else row[self._at]

    def __iter__(self) -> Iterator[str]:
        return iter(self._before)

    def __len__(self) -> int:
        return len(self._before)


def _mapped(change: Callable[[np.ndarray], np.ndarray], value: Any) -> Any:
    """A stage's value with every array changed, whatever tuples, lists and tables they lie in."""
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(change, part) for name, part in value.items()}
    if isinstance(value, list):
        return [_mapped(change, part) for part in value]
    if isinstance(value, tuple):
        parts = [_mapped(change, part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def _assign(old: Any, new: Any, at: np.ndarray, taken: np.ndarray, size: int) -> None:
    """Write draws `taken` of a new value into the places `at` of an old one, which has `size` of them."""
    if isinstance(old, np.ndarray):
        if old.ndim and old.shape[-1] == size:
            old[..., at] = new[..., taken]
    elif isinstance(old, dict):
        for name, part in old.items():
            _assign(part, new[name], at, taken, size)
    elif isinstance(old, list | tuple):
        for one, other in zip(old, new, strict=True):
            _assign(one, other, at, taken, size)
