"""Edits of the page into files: one number changes and every other byte stays, or a new scenario with its why.

A change is shown before it is made. Of each number the page says what it was when the edit began. A number that the file has
changed since then is not written over: where the edit left it alone (another number, another month of a list) the file's
stays, and where both changed it nothing is written, which is said.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import items

from model.assumptions.assumption import Assumptions
from model.assumptions.calendar import DATE, today
from model.assumptions.distributions.time_varying import keys_of, newest
from model.assumptions.layers.later_years import FILE as LATER
from model.assumptions.resolve import under
from model.editor.question import Files, Question, as_in_files, with_dates
from model.errors import InputError, Problem
from model.files.pending import PendingSave, text_of
from model.files.toml_reader import is_there, shown, written

Edits = Mapping[str, Mapping[str, Any]]


def changed_text(text: str, edits: Edits, was: Edits, file: str, words: Mapping[str, str] | None = None) -> str:
    """The text with the numbers changed, and with them the words that are given: `source`, `why`.

    was : each number as it was when its edit began; InputError where the file says another one now, or has no such number
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # some editors begin a file so
    text = text.removeprefix(mark)
    document, problems = tomlkit.parse(text), []
    expected = tomllib.loads(text)
    for path, keys in edits.items():
        table, plain, before = _at(document, path), _at(expected, path), with_dates(was.get(path, {}))
        for key, value in with_dates(keys).items():
            if plain is None or key not in plain:
                problems.append(Problem(f"has no {key} to change", "Save it as a scenario", file, path=path))
            elif wrong := _conflict(plain[key], before.get(key), value):
                problems.append(Problem(f"{key} {wrong[0]}", wrong[1], file, path=path))
            else:
                _put(table, plain, key, before[key], value)
        for key, said in (words or {}).items() if plain is not None else ():
            text_item = tomlkit.string(said)
            if key in table:
                text_item.trivia.comment_ws, text_item.trivia.comment = (
                    table[key].trivia.comment_ws,
                    table[key].trivia.comment,
                )
            table[key], plain[key] = text_item, said
    if problems:
        raise InputError(problems)
    made = tomlkit.dumps(document)
    if tomllib.loads(made) != expected:
        raise InputError(Problem("cannot be changed without touching other numbers", "Edit it by hand", file))
    return mark + made


def _conflict(now: Any, was: Any, new: Any) -> tuple[str, str] | None:
    """What stands against a number or list in the place of the file's, and what to do; None where nothing does."""
    if was is None:
        return "comes without what it was when the edit began", "Load the page again"
    if isinstance(new, list) != isinstance(now, list) or (isinstance(new, list) and len(new) != len(now)):
        numbers = [f"{len(x)} numbers" if isinstance(x, list) else "one number" for x in (now, new)]
        return f"has {numbers[0]} in the file and {numbers[1]} here", "Edit it by hand, or save it as a scenario"
    if not isinstance(new, list):
        now, was, new = [now], [was], [new]
    elif not isinstance(was, list) or len(was) != len(now):
        return "has become a list of another length", "Load the page again"
    lost = [a for a, b, c in zip(now, was, new, strict=True) if not (_same(a, b) or _same(b, c) or _same(a, c))]
    if lost:
        return f"was changed outside to {', '.join(map(str, lost))}", "Reset it, and edit it from there"
    return None


def _at(table: Any, path: str) -> Any:
    for part in path.split("."):
        table = table.get(part) if hasattr(table, "get") else None
    return table


def _same(one: Any, other: Any) -> bool:
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return bool(one == other) or (numbers and math.isclose(one, other, rel_tol=1e-12))


def _put(table: Any, plain: Any, key: str, was: Any, value: Any) -> None:
    """A number or date in the place of another, in the same style; of a list, the entries that were edited."""
    if isinstance(value, list):
        for n, (old, new) in enumerate(zip(was, value, strict=True)):
            if not (_same(old, new) or _same(plain[key][n], new)):
                table[key][n] = _item(new, table[key][n].trivia)
                plain[key][n] = _plain(new)
    elif not (_same(was, value) or _same(plain[key], value)):
        table[key] = _item(value, table[key].trivia)
        plain[key] = _plain(value)


def _plain(value: Any) -> Any:
    """Whole numbers as such, where each can be told from the next."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _item(value: Any, trivia: Any) -> Any:
    """A number as it stands in these files: 21_000."""
    if isinstance(value, dt.date):
        return items.Date(value.year, value.month, value.day, trivia, value.isoformat())
    number = _plain(value)
    if isinstance(number, int):
        return items.Integer(number, trivia, written(number))
    return items.Float(number, trivia, written(number))


def scenario_text(files: Files, asked: Question, label: str, why: str) -> str:
    """A scenario with all numbers of each assumption that was edited."""
    head = f"[scenario]\nlabel = {_quoted(label)}\nstory = {_quoted(why)}\n"
    return head + "".join(_tables(files.case(asked), asked.edits, {"why": why}))


def _tables(case: Assumptions, paths: Iterable[str], words: Mapping[str, str], first: str = "") -> Iterator[str]:
    """A table for each path with all of its numbers, and words."""
    for path in paths:
        keys = keys_of(newest(case[path].distribution))
        if keys["dist"] in ("metalog", "fixed", "uniform", "discrete"):
            del keys["dist"]
        numbers = "".join(f"{key} = {_written(value, case[path].unit)}\n" for key, value in keys.items())
        said = "".join(f"{key} = {_quoted(text)}\n" for key, text in words.items())
        yield f"\n[{path}]\n{first}{numbers}{said}"


def _quoted(text: str) -> str:
    return items.String.from_raw(text.strip()).as_string()


def _written(value: Any, unit: str) -> str:
    text = as_in_files(value, unit)
    return text if isinstance(text, str) and unit == DATE else written(value)


def into_base(files: Files, asked: Question, was: Edits, words: Mapping[str, str] | None = None) -> PendingSave:
    """The edits into the base case, checked as it will be; words : the source and why of what was edited, where they are new."""
    if asked.scenarios or asked.as_of:
        raise InputError(
            Problem(
                "edits of a scenario or of a later day do not belong into the base case",
                "Save them as a scenario, or as an update of the day",
            )
        )
    files.case(asked)
    path, later = files.base, files.root / LATER
    if asked.to and is_there(later):  # numbers of later years stand in a file of their own
        there = tomllib.loads(text_of(later).removeprefix("\ufeff"))
        path = later if all(_at(there, each) is not None for each in asked.edits) else path
    text = text_of(path)
    return PendingSave(path, text, changed_text(text, asked.edits, was, shown(path), words))


def into_scenario(files: Files, asked: Question, was: Edits, why: str) -> PendingSave:
    """The edits into the one scenario that is on: numbers that it has are changed, others are added with their why."""
    if len(asked.scenarios) != 1:
        raise InputError(Problem("one scenario has to be on", "Switch the others off, or save a new one"))
    path = files.root / "scenarios" / f"{asked.scenarios[0]}.toml"
    text = text_of(path)
    there = tomllib.loads(text.removeprefix("\ufeff"))
    own = {
        p: keys
        for p, keys in asked.edits.items()
        if _at(there, p) is not None and all(k in _at(there, p) for k in keys)
    }
    new = {p: keys for p, keys in asked.edits.items() if p not in own}
    halves = [p for p in new if _at(there, p) is not None]
    problems = [Problem("has other numbers in the scenario", "Edit it by hand", shown(path), path=p) for p in halves]
    if new and not why.strip():
        problems.append(Problem("what is new in a scenario says why", "Say it in words"))
    if problems:
        raise InputError(problems)
    made = changed_text(text, own, was, shown(path)) if own else text
    end = "\r\n" if "\r\n" in text else "\n"
    added = "".join(_tables(files.case(asked), new, {"why": why})).replace("\n", end)
    made = made if not added else f"{made}{'' if made.endswith(end) else end}{added}"
    _refuse_broken(files, asked, path, made, [])
    return PendingSave(path, text, made)


def _refuse_broken(files: Files, asked: Question, path: Path, text: str, beside: Sequence[str]) -> None:
    """InputError where a scenario cannot be read as it will be, or combined with those that are on, before it is shown."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        draft.write_bytes(text.encode("utf-8"))
        try:
            under(files.loaded(None, asked.to), [*beside, str(draft)])
        except InputError as error:
            raise InputError([dataclasses.replace(p, file=shown(path)) for p in error.problems]) from None


def as_update(
    files: Files, asked: Question, *, name: str, label: str, why: str, source: str, day: str, kind: str
) -> PendingSave:
    """The edits as an update: what became known by a day, as a fact, or what was judged anew.

    InputError where a word is missing, the day is none or before the base case's, and for a name that is there.
    """
    problems = [
        Problem(f"an update has {what}", "Say it in words")
        for what, text in (("a label", label), ("a why", why), ("a source", source))
        if not text.strip()
    ]
    base_day = files.loaded(None).about.as_of
    try:
        known = dt.date.fromisoformat(day)
        if known <= base_day or known > today():
            problems.append(Problem(f"{known} is no day for an update", f"After {base_day}, and not in the future"))
    except ValueError:
        problems.append(Problem(f"'{day}' is not a date", "2026-11-01: the day on which it became known"))
    if kind not in ("fact", "judgement"):
        problems.append(Problem(f"'{kind}' is no kind of update", "fact, or judgement"))
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name):
        problems.append(
            Problem(f"'{name[:60]}' is no name", "Up to 60 lower-case letters, digits and _, a letter first")
        )
    path = files.root / "updates" / f"{day}-{name}.toml"
    if not problems and os.path.lexists(path):
        problems.append(Problem("is there already", "Choose another name", file=shown(path)))
    if asked.scenarios:
        problems.append(Problem("an update is of what is known, and not of a scenario", "Switch the scenarios off"))
    if not asked.edits:
        problems.append(Problem("nothing was edited", "Change a number first"))
    if problems:
        raise InputError(problems)
    quoted = [_quoted(text) for text in (label, why)]
    head = f'[update]\nlabel = {quoted[0]}\nkind = "{kind}"\nstory = {quoted[1]}\n'
    words = {"evidence": "judgement" if kind == "judgement" else "estimate", "source": source, "why": why}
    text = head + "".join(_tables(files.case(asked), asked.edits, words, f"as_of = {day}\n"))
    return PendingSave(path, None, text)


def as_scenario(files: Files, asked: Question, name: str, label: str, why: str) -> PendingSave:
    """The edits as a new scenario, to be combined with those that are on.

    InputError for a bad name, one that is there already, where there is nothing to say, and for an edit of what a scenario that is on
    changes too: such two cannot be combined.
    """
    path = files.root / "scenarios" / f"{name}.toml"
    problems = []
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name) or name == "base":
        said = name if len(name) <= 60 else f"{name[:60]}.."
        problems.append(
            Problem(f"'{said}' is no name for a scenario", "Up to 60 lower-case letters, digits and _, a letter first")
        )
    elif os.path.lexists(path):  # a broken link too
        problems.append(Problem("is there already", "Choose another name", file=shown(path)))
    if not label.strip() or not why.strip():
        problems.append(Problem("a scenario has a label and says why", "Say both in words"))
    if not asked.edits:
        problems.append(Problem("nothing was edited", "Change a number first"))
    if problems:
        raise InputError(problems)
    text = scenario_text(files, asked, label, why)
    _refuse_broken(files, asked, path, text, [*asked.scenarios])
    return PendingSave(path, None, text)
