"""Updates: what became known after the base case's date, laid over it for a forecast as of a later day.

updates/*.toml, in the form of scenarios; each change with the day on which it became known. Of two changes of one
assumption the later one holds. The base case itself stays as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.assumptions.assumption import BY_UPDATE, Assumptions, Edit, said
from model.assumptions.case import Layer
from model.assumptions.layers.scenario import changed, hint_for
from model.assumptions.parser import Parser
from model.assumptions.schema import UpdateChange, UpdateHead
from model.errors import InputError, Problem
from model.files import toml_reader

FORBIDDEN = ("about", "horizon", "target", "outside", "renamed", "scenario", "correlation")


def update_files(root: Path) -> list[Path]:
    """The updates beside a base case, by name."""
    return toml_reader.files_in(root / "updates")


def apply(base: Assumptions, layers: Sequence[Layer], day: dt.date) -> Assumptions:
    """Return the base case with what updates say was known on a day, dated on that day.

    Raises InputError with all that is wrong with any update, of whatever day.
    """
    faults: list[Problem] = []
    parsers = [Parser(layer, faults, base.units, base.calendar) for layer in layers]
    news = [one for parser in parsers for one in _news(base, parser)]
    entries, kept, edits = dict(base.entries), dict(base.entries), list[Edit]()
    given = dict[tuple[str, dt.date, str], str]()  # change -> file
    for known, path, table, parser in sorted(news, key=lambda one: one[0]):
        change = (path, known, str(table.get("from")))
        if change in given:
            parser.complain(f"is changed as of {known} in {given[change]} too", "Keep one of the two", path)
            continue
        given[change] = parser.layer.file
        old = entries[path]
        new = changed(old, base, parser, table, UpdateChange)
        if new is None:
            continue
        entries[path] = new = replace(new, set_by=f"{BY_UPDATE}{known}", as_of=known)
        if known <= day:
            kept[path] = new
            was, now = said(old.distribution, old.unit), said(new.distribution, new.unit)
            edits.append(Edit(path, new.label, new.unit, was, now, new.set_by, new.why, known))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: [layer.file for layer in layers].index(fault.file)))
    about = base.about.model_copy(update={"as_of": day})
    return base.replace(about=about, entries=kept, updates=tuple(edits))


News = tuple[dt.date, str, dict[str, Any], Parser]


def _news(base: Assumptions, parser: Parser) -> list[News]:
    """The changes of one update: day, path, table, parser; what is wrong with it is noted in the parser."""
    parser.head(UpdateHead, "update")
    parser.refuse(FORBIDDEN, "an update cannot hold [{}]", "It changes assumptions of the base case")
    found = []
    for path, table in parser.tables().items():
        if path not in base.entries:
            parser.complain("unknown assumption", hint_for(base, path), path)
            continue
        old = base.entries[path]
        change, _ = parser.dated(UpdateChange, table, path, old.unit, old.distribution)
        if change is not None:
            found.append((change.as_of, path, table, parser))
    return found
