"""Edits of the page into files: one number changes and every other byte stays, or a new scenario with its why.

A change is shown before it is made. It is made only where the file still says what the page was told; a file that was changed in
the meantime keeps what was changed, and where both changed the same number nothing is written.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import items

from model.assumptions.loading import overlay
from model.errors import InputError, Problem
from model.files.toml import shown, written
from model.page.asked import Asked, Files, _dates

Edits = Mapping[str, Mapping[str, Any]]


def changed_text(text: str, edits: Edits, was: Edits, file: str) -> str:
    """The text with the numbers changed.

    was : what the page was told of each number; InputError where the file says another one, or has no such number
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # some editors begin a file so
    text = text.removeprefix(mark)
    document, problems = tomlkit.parse(text), []
    expected = tomllib.loads(text)
    for path, keys in edits.items():
        for key, value in _dates(keys).items():
            table, plain = _at(document, path), _at(expected, path)
            if plain is None or key not in plain:
                problems.append(Problem(f"has no {key} to change", "Save it as a scenario", file, path=path))
            elif not _same(plain[key], _dates(was.get(path, {})).get(key, plain[key])) and not _same(plain[key], value):
                problems.append(
                    Problem(
                        f"{key} was changed outside to {plain[key]}",
                        "Load the page again, and edit it from there",
                        file,
                        path=path,
                    )
                )
            else:
                _put(table, plain, key, value)
    if problems:
        raise InputError(problems)
    made = tomlkit.dumps(document)
    if tomllib.loads(made) != expected:
        raise InputError(Problem("cannot be changed without touching other numbers", "Edit it by hand", file))
    return mark + made


def _at(table: Any, path: str) -> Any:
    for part in path.split("."):
        table = table.get(part) if hasattr(table, "get") else None
    return table


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (
        isinstance(one, int | float) and isinstance(other, int | float) and abs(one - other) <= 1e-12 * abs(one)
    )


def _put(table: Any, plain: Any, key: str, value: Any) -> None:
    """A number, date or list in the place of another, in the same style; of a list, the entries that differ."""
    if isinstance(value, list) and isinstance(plain[key], list) and len(value) == len(plain[key]):
        for n, (new, old) in enumerate(zip(value, plain[key], strict=True)):
            if not _same(new, old):
                table[key][n] = _item(new, table[key][n].trivia)
                plain[key][n] = _plain(new)
        return
    if not _same(plain[key], value):
        table[key] = _item(value, table[key].trivia)
        plain[key] = _plain(value)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _item(value: Any, trivia: Any) -> Any:
    """A number as it stands in these files: 21_000."""
    if isinstance(value, dt.date):
        return items.Date(value.year, value.month, value.day, trivia, value.isoformat())
    number = _plain(value)
    if isinstance(number, int):
        return items.Integer(number, trivia, written(number))
    return items.Float(number, trivia, written(number))


def scenario_text(files: Files, asked: Asked, label: str, why: str) -> str:
    """A scenario with all numbers of each assumption that was edited."""
    case = files.case(asked)
    quoted = [items.String.from_raw(text.strip()).as_string() for text in (label, why)]
    out = [f"[scenario]\nlabel = {quoted[0]}\nstory = {quoted[1]}\n"]
    from model.assumptions.overlays.dated import first_of
    from model.assumptions.overlays.whatif import keys_of

    for path in asked.edits:
        keys = keys_of(first_of(case[path].distribution))
        if keys["dist"] in ("metalog", "fixed", "uniform", "discrete"):
            del keys["dist"]
        out.append(
            "\n".join(
                [
                    f"\n[{path}]",
                    *(f"{key} = {_written(value, case[path].unit)}" for key, value in keys.items()),
                    f"why = {quoted[1]}\n",
                ]
            )
        )
    return "".join(out)


def _written(value: Any, unit: str) -> str:
    from model.page.asked import _shown

    shown_as = _shown(value, unit)
    return shown_as if isinstance(shown_as, str) and unit == "date" else written(value)


def difference(old: str, new: str, name: str) -> str:
    """The change as a unified diff."""
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), name, name, n=2)
    return "".join(lines)


class Change:
    """A change of one file: what it says now, what it would say."""

    def __init__(self, path: Path, old: str | None, new: str) -> None:
        self.path, self.old, self.new = path.resolve(), old, new  # of a link, what it leads to

    @property
    def shown(self) -> dict[str, str]:
        """For the page: the file and the difference."""
        return {"file": shown(self.path), "diff": difference(self.old or "", self.new, shown(self.path))}

    def write(self) -> None:
        """Whole or not at all; InputError where the file has changed since, or cannot be written."""
        try:
            now = self.path.read_bytes().decode("utf-8") if self.path.exists() else None
            if now != self.old:
                raise InputError(Problem("was changed while it was being saved", "Save again", file=shown(self.path)))
            half = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
            try:
                with half.open("wb") as file:
                    file.write(self.new.encode("utf-8"))
                    file.flush()
                    os.fsync(file.fileno())
                if self.path.exists():
                    half.chmod(self.path.stat().st_mode)
                half.replace(self.path)
            finally:
                half.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(Problem(f"cannot be written: {error.strerror}", file=shown(self.path))) from None


def into_base(files: Files, asked: Asked, was: Edits) -> Change:
    """The edits into the base case, checked as it will be."""
    if asked.scenarios or asked.as_of:
        raise InputError(
            Problem("edits of a scenario or of a later day do not belong into the base case", "Save them as a scenario")
        )
    files.case(asked)
    text = files.base.read_bytes().decode("utf-8")
    return Change(files.base, text, changed_text(text, asked.edits, was, shown(files.base)))


def as_scenario(files: Files, asked: Asked, name: str, label: str, why: str) -> Change:
    """The edits as a new scenario; InputError for a bad name, one that is there already, and where there is nothing to say."""
    path = files.base.resolve().parent / "scenarios" / f"{name}.toml"
    problems = []
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name == "base":
        problems.append(
            Problem(f"'{name}' is no name for a scenario", "Lower-case letters, digits and _, a letter first")
        )
    elif path.exists():
        problems.append(Problem("is there already", "Choose another name", file=shown(path)))
    if not label.strip() or not why.strip():
        problems.append(Problem("a scenario has a label and says why", "Say both in words"))
    if not asked.edits:
        problems.append(Problem("nothing was edited", "Change a number first"))
    if asked.scenarios:
        problems.append(Problem("other scenarios are on", "Switch them off: a scenario is laid over the base case"))
    if problems:
        raise InputError(problems)
    text = scenario_text(files, asked, label, why)
    with tempfile.TemporaryDirectory() as folder:  # read as it will be, before it is shown
        draft = Path(folder) / path.name
        draft.write_bytes(text.encode("utf-8"))
        try:
            overlay(files.loaded(None), [str(draft)])
        except InputError as error:
            raise InputError([dataclasses.replace(p, file=shown(path)) for p in error.problems]) from None
    return Change(path, None, text)
