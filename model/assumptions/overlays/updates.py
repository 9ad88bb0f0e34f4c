"""Updates: what became known after the base case's date, laid over it for a forecast as of a later day.

updates/*.toml, in the form of scenarios; each change with the day on which it became known. Of two changes of one
assumption the later one holds. The base case itself stays as it was.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.assumptions.assumption import BY_UPDATE, Assumptions, Edit, said
from model.assumptions.overlays.scenario import changed, hint_for
from model.assumptions.reader import Reader
from model.assumptions.schema import Learned, UpdateHead
from model.errors import InputError
from model.files import toml

FORBIDDEN = ("about", "horizon", "target", "outside", "renamed", "scenario", "correlation")


def update_files(root: Path) -> list[Path]:
    """The updates beside a base case, by name."""
    return toml.files_in(root / "updates")


def as_known_on(base: Assumptions, day: dt.date) -> Assumptions:
    """The base case with what updates say was known on a day, dated on that day.

    Raises InputError with all that is wrong with any update, of whatever day.
    """
    readers = [Reader.open(path, base.units, base.calendar) for path in update_files(base.root)]
    news = [one for reader in readers for one in _news(base, reader)]
    entries, kept, edits = dict(base.entries), dict(base.entries), list[Edit]()
    given = dict[tuple[str, dt.date, str], str]()  # change -> file
    for known, path, table, reader in sorted(news, key=lambda one: one[0]):
        change = (path, known, str(table.get("from")))
        if change in given:
            reader.complain(f"is changed as of {known} in {given[change]} too", "Keep one of the two", path)
            continue
        given[change] = reader.file
        old = entries[path]
        new = changed(old, base, reader, table, Learned)
        if new is None:
            continue
        entries[path] = new = replace(new, set_by=f"{BY_UPDATE}{known}", as_of=known)
        if known <= day:
            kept[path] = new
            was, now = said(old.distribution, old.unit), said(new.distribution, new.unit)
            edits.append(Edit(path, new.label, new.unit, was, now, new.set_by, new.why, known))
    problems = [problem for reader in readers for problem in reader.problems]
    if problems:
        raise InputError(problems)
    about = base.about.model_copy(update={"as_of": day})
    return base.replace(about=about, entries=kept, updates=tuple(edits), plain=base)


News = tuple[dt.date, str, dict[str, Any], Reader]


def _news(base: Assumptions, reader: Reader) -> list[News]:
    """The changes of one update: day, path, table, reader; what is wrong with it is noted in the reader."""
    reader.head(UpdateHead, "update")
    for key in FORBIDDEN:
        if key in reader.content:
            reader.complain(f"an update cannot hold [{key}]", "It changes assumptions of the base case", key)
    found = []
    for path, table in reader.tables().items():
        if path not in base.entries:
            reader.complain("unknown assumption", hint_for(base, path), path)
            continue
        old = base.entries[path]
        learned, _ = reader.dated(Learned, table, path, old.unit, old.distribution)
        if learned is not None:
            found.append((learned.as_of, path, table, reader))
    return found
