"""A case: the layers of one question, in order, as they were read; `resolve` makes assumptions of them.

base case  <  later years (where the horizon reaches them)  <  updates  <  scenarios (in any order: they may not touch the
same thing)  <  what-ifs
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from model.files import toml_reader

Units = tuple[tuple[str, bool], ...]  # that an assumption may have -> whether a number of it can be negative


@dataclass(frozen=True, eq=False)
class Layer:
    """Plain tables; `file` and `text` say where each stands.

    name : of a scenario or sweep that of its file; file : as a person would type it; path : None where it is no file
    """

    name: str = ""
    file: str = ""
    text: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a TOML file; InputError where that cannot be done."""
        content, text = toml_reader.read(path)
        return cls(path.stem, toml_reader.shown(path), text, content, path)

    def line_of(self, key: str) -> int | None:
        """The line of a path or key; None where there is no text or no such key."""
        return toml_reader.line_of(self.text, key) if self.text and key else None


@dataclass(frozen=True)
class WhatIf:
    """Some keys of a distribution changed, or `value` alone to fix it.

    path : of the assumption; of an option PATH=VALUE what is left of the sign, which a key may end; value : what is right of it
    file : that faults are said of
    """

    path: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    why: str = "what-if on the command line"
    value: str | None = None
    file: str = ""


@dataclass(frozen=True, eq=False)
class Case:
    """Layers, the day by which updates count (None: the base case's own, before any), whether judgements do too, and how many years are run."""

    base: Layer
    later: Layer | None = None
    updates: tuple[Layer, ...] = ()
    scenarios: tuple[Layer, ...] = ()
    what_ifs: tuple[WhatIf, ...] = ()
    day: dt.date | None = None
    judged: bool = True
    years: int = 1
    units: Units = ()
    root: Path = Path()

    @property
    def without_updates(self) -> Case:
        """The base case and its later years alone."""
        return replace(self, updates=(), scenarios=(), what_ifs=(), day=None)

    @property
    def without_scenarios(self) -> Case:
        """The case before scenarios and what-ifs."""
        return replace(self, scenarios=(), what_ifs=())

    @property
    def of_first_year(self) -> Case:
        """The case without later years."""
        return replace(self, later=None, years=1)
