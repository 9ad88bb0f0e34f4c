"""Updates: what became known after the base case's date, laid over it for a forecast as of a later day.

updates/*.toml, in the form of scenarios; each change with the day on which it became known. An update changes assumptions, adds a
whole member of a group (a product, a version of one), or retires one. Of two changes of one assumption the later one holds. The base case
itself stays as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from model.assumptions.assumption import ABSENT, BY_UPDATE, Assumption, Assumptions, Edit, said
from model.assumptions.case import Layer
from model.assumptions.layers import members
from model.assumptions.layers.base_case import refuse_impossible_correlations
from model.assumptions.layers.scenario import changed, hint_for
from model.assumptions.parser import Parser
from model.assumptions.schema import Correlation, Retirement, UpdateChange, UpdateHead
from model.errors import InputError, Problem
from model.files import toml_reader

FORBIDDEN = ("about", "horizon", "target", "outside", "renamed", "scenario")
RETIRED = "(retired)"
JUDGEMENT = "judgement"


def update_files(root: Path) -> list[Path]:
    """The updates beside a base case, by name."""
    return toml_reader.files_in(root / "updates")


class _Read(NamedTuple):
    """An update, parsed."""

    parser: Parser
    tables: dict[str, dict[str, Any]]
    retired: list[Retirement]
    pairs: tuple[Correlation, ...]
    counts: bool  # whether it is one of those that are asked for


class _News(NamedTuple):
    """A change, an addition (`made`), or a retirement (no table), of one path on one day."""

    day: dt.date
    path: str
    table: dict[str, Any] | None
    update: _Read
    made: Assumption | None = None
    why: str = ""


def apply(base: Assumptions, layers: Sequence[Layer], day: dt.date, *, judged: bool = True) -> Assumptions:
    """Return the base case with what updates say was known on a day, dated on that day.

    judged : updates of the kind "judgement" too, and not those of facts alone

    Raises InputError with all that is wrong with any update, of whatever day.
    """
    faults: list[Problem] = []
    updates = [_read(Parser(layer, faults, base.units, base.calendar), judged) for layer in layers]
    whole, kept, edits = base, base, list[Edit]()
    given = dict[tuple[str, dt.date, str], str]()  # change -> file
    for one in sorted((news for update in updates for news in _news(base, update, updates)), key=lambda one: one.day):
        parser, table = one.update.parser, one.table
        change = (one.path, one.day, str(table.get("from")) if table else RETIRED)
        if change in given:
            what = f"is {'changed' if table else 'retired'} as of {one.day} in {given[change]} too"
            parser.complain(what, "Keep one of the two", one.path)
            continue
        given[change] = parser.layer.file
        counts = one.update.counts and one.day <= day
        if table is None:
            whole = members.without(whole, one.path)
            if counts:
                gone = Edit(one.path, one.path, "", "there", RETIRED, f"{BY_UPDATE}{one.day}", one.why, one.day)
                kept, edits = members.without(kept, one.path), [*edits, gone]
            continue
        old = whole.entries.get(one.path)
        if one.made is None and old is None:
            parser.complain(
                "was retired before", f"What took its place is changed instead of it, as of {one.day}", one.path
            )
            continue
        new = one.made if old is None else changed(old, base, parser, table, UpdateChange)
        if new is None:
            continue
        new = replace(new, set_by=f"{BY_UPDATE}{one.day}", as_of=one.day)
        whole = whole.replace(entries={**whole.entries, one.path: new})
        if counts:
            was = said(old.distribution, old.unit) if old else ABSENT
            edits.append(
                Edit(one.path, new.label, new.unit, was, said(new.distribution, new.unit), new.set_by, new.why, one.day)
            )
            kept = kept.replace(entries={**kept.entries, one.path: new})
    whole, kept = (_with_pairs(each, updates) for each in (whole, kept))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: [layer.file for layer in layers].index(fault.file)))
    about = base.about.model_copy(update={"as_of": day})
    made = kept.replace(about=about, updates=tuple(edits))
    if any(update.pairs for update in updates):
        refuse_impossible_correlations(made, ", ".join(layer.file for layer in layers))
    return made


def _read(parser: Parser, judged: bool) -> _Read:
    head = parser.head(UpdateHead, "update")
    parser.refuse(FORBIDDEN, "an update cannot hold [{}]", "It changes assumptions of the base case")
    raw = parser.layer.content.get("retire", [])
    if not isinstance(raw, list):
        parser.complain("what is retired is written [[retire]], one block each", path="retire")
        raw = []
    retired = [parser.checked(Retirement, table, f"retire.{n}") for n, table in enumerate(raw)]
    counts = judged or head is None or head.kind != JUDGEMENT
    return _Read(parser, parser.tables(), [one for one in retired if one], parser.correlations(), counts)


def _news(base: Assumptions, update: _Read, every: Sequence[_Read]) -> list[_News]:
    """What one update changes, adds and retires; what is wrong with it is noted in its parser."""
    parser, found = update.parser, list[_News]()
    units = {path: str(table["unit"]) for one in every for path, table in one.tables.items() if "unit" in table}
    earlier = {path for one in every[: every.index(update)] for path in one.tables} - base.entries.keys()
    fresh = {path: table for path, table in update.tables.items() if path not in base.entries and path not in earlier}
    plain = {path: {k: v for k, v in table.items() if k != "from"} for path, table in fresh.items()}
    known = {*base.entries, *earlier}
    for made in members.added(known, plain, parser, base.about.as_of, hint=lambda path: hint_for(base, path)):
        if "as_of" not in fresh[made.path]:
            parser.complain("has no as_of", "The day on which it became known", made.path)
            continue
        found.append(_News(made.as_of, made.path, fresh[made.path], update, made))
    for path, table in update.tables.items():
        if path in fresh:
            continue
        old = base.entries.get(path)
        unit = old.unit if old else units.get(path, "")
        change, _ = parser.dated(
            UpdateChange,
            {k: v for k, v in table.items() if old or k not in ("unit", "label")},
            path,
            unit,
            old.distribution if old else None,
        )
        if change is not None:
            found.append(_News(change.as_of, path, table, update))
    for number, one in enumerate(update.retired):
        there = {*base.entries, *(path for each in every for path in each.tables)}
        if not any(f"{path}.".startswith(f"{one.path}.") for path in there):
            parser.complain(f"'{one.path}' is not there", hint_for(base, one.path), at=f"retire.{number}")
            continue
        found.append(_News(one.as_of, one.path, None, update, why=one.why))
    return found


def _with_pairs(a: Assumptions, updates: Sequence[_Read]) -> Assumptions:
    """Correlations that updates add, of assumptions that are there."""
    pairs = tuple(pair for one in updates if one.counts for pair in one.pairs if set(pair.between) <= a.entries.keys())
    new = {frozenset(pair.between) for pair in pairs}
    return a.replace(correlations=(*(pair for pair in a.correlations if frozenset(pair.between) not in new), *pairs))
