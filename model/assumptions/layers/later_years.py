"""Later years: what is known of them, laid over the base case where the horizon reaches beyond its first year.

beyond.toml beside the base case gives assumptions that are there numbers by year, adds others that only later years need
(each complete), and lists further targets. The first year keeps the base case's numbers.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from model.assumptions.assumption import LATER, Assumptions
from model.assumptions.case import Layer
from model.assumptions.distributions.time_varying import TimeVarying
from model.assumptions.layers.base_case import MOST_YEARS, refuse_impossible_correlations, refuse_later_sources
from model.assumptions.layers.scenario import changed
from model.assumptions.parser import Parser
from model.assumptions.schema import Later, LaterChange, Target
from model.errors import InputError
from model.files import toml_reader

FILE = "beyond.toml"  # beside the base case
FORBIDDEN = ("about", "horizon", "target", "outside", "renamed", "scenario", "update")


def last_month(path: Path, first: int) -> str:
    """The last December of which the file says something, the next year's at least."""
    content, _ = toml_reader.read(path)

    def years(table: Any) -> Iterator[int]:
        if isinstance(table, Mapping):
            for value in table.values():
                if isinstance(value, Mapping):
                    yield from (int(year) for year in value if re.fullmatch(r"2\d{3}", year))
                yield from years(value)
        if isinstance(table, list):
            for each in table:
                yield from years(each)
        if isinstance(table, Mapping) and re.match(r"2\d{3}", str(table.get("period", ""))):
            yield int(str(table["period"])[:4])

    return f"{min(max([first + 1, *years(content)]), first + MOST_YEARS - 1)}-12"


def apply(base: Assumptions, layer: Layer) -> Assumptions:
    """Return the base case with the numbers of later years. Raises InputError with all that is wrong with them."""
    parser = Parser(layer, units=base.units, calendar=base.calendar)
    head = parser.head(Later, "beyond")
    parser.refuse(FORBIDDEN, "the file of later years cannot hold [{}]", "It stands in the base case")
    targets = _targets(parser)
    entries = dict(base.entries)
    for name, table in parser.tables().items():
        old = base.entries.get(name)
        new = parser.entry(name, table, head.as_of) if old is None and head else None
        if old is not None:
            new = changed(old, base, parser, table, LaterChange)
            if new and not isinstance(new.distribution, TimeVarying) and new.unit not in ("month", "date"):
                hint = f"Numbers by year: {{ {base.about.year + 1} = .. }}"
                parser.complain("would change the first year", hint, name)
        if new is not None and head:
            entries[name] = dataclasses.replace(new, set_by=LATER, as_of=table.get("as_of", head.as_of))
    if head:
        refuse_later_sources(parser, (one for one in entries.values() if one.set_by == LATER), head.as_of)
    pairs = parser.correlations()
    parser.pairs_known(pairs, entries)
    if parser.faults:
        raise InputError(parser.faults)
    made = base.replace(entries=entries, correlations=(*base.correlations, *pairs), targets=targets, later=head)
    refuse_impossible_correlations(made, layer.file)
    return made


def left_out(a: Assumptions, short: Assumptions) -> Assumptions:
    """Return assumptions without their later years; `short` are those of the first year alone, before scenarios."""
    partly = {
        path.rpartition(".")[0]
        for path, entry in a.entries.items()
        if entry.set_by == LATER and path not in short.entries
    }
    entries = {
        path: short.entries[path] if entry.set_by == LATER else entry.in_first_year
        for path, entry in a.entries.items()
        if path in short.entries or path.rpartition(".")[0] not in partly
    }
    pairs = tuple(c for c in a.correlations if set(c.between) <= entries.keys())
    return a.replace(entries=entries, correlations=pairs, years=1, targets=(), later=None)


def _targets(parser: Parser) -> tuple[Target, ...]:
    """The [[targets]] blocks that are sound."""
    raw = parser.layer.content.get("targets", [])
    if not isinstance(raw, list):
        parser.complain("targets are written [[targets]], one block each", path="targets")
        return ()
    made = [parser.checked(Target, table, f"targets.{n}") for n, table in enumerate(raw)]
    return tuple(one for one in made if one is not None)
