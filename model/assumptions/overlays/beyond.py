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
from model.assumptions.overlays.dated import Dated
from model.assumptions.overlays.scenario import changed
from model.assumptions.reader import Reader
from model.assumptions.schema import Later, LaterChange, Target
from model.errors import InputError
from model.files import toml

MOST_YEARS = 30  # of a run
FORBIDDEN = ("about", "horizon", "target", "outside", "renamed", "scenario", "update")


def last_month(path: Path, first: int) -> str:
    """The last December of which the file says something, the next year's at least."""
    content, _ = toml.read(path)

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


def laid_over(base: Assumptions, path: Path) -> Assumptions:
    """The base case with the numbers of later years. Raises InputError with all that is wrong with them."""
    reader = Reader.open(path, base.units, base.calendar)
    head = reader.head(Later, "beyond")
    for key in FORBIDDEN:
        if key in reader.content:
            reader.complain(f"the file of later years cannot hold [{key}]", "It stands in the base case", key)
    targets = _targets(reader)
    entries = dict(base.entries)
    for name, table in reader.tables().items():
        old = base.entries.get(name)
        new = reader.entry(name, table, head.as_of) if old is None and head else None
        if old is not None:
            new = changed(old, base, reader, table, LaterChange)
            if new and not isinstance(new.distribution, Dated) and new.unit not in ("month", "date"):
                reader.complain(
                    "would change the first year", f"Numbers by year: {{ {base.about.year + 1} = .. }}", name
                )
        if new is not None and head:
            entries[name] = dataclasses.replace(new, set_by=LATER, as_of=table.get("as_of", head.as_of))
    pairs = reader.correlations()
    reader.pairs_known(pairs, entries)
    if reader.problems:
        raise InputError(reader.problems)
    return base.replace(entries=entries, correlations=(*base.correlations, *pairs), targets=targets, later=head)


def _targets(reader: Reader) -> tuple[Target, ...]:
    """The [[targets]] blocks that are sound."""
    raw = reader.content.get("targets", [])
    if not isinstance(raw, list):
        reader.complain("targets are written [[targets]], one block each", path="targets")
        return ()
    made = [reader.checked(Target, table, f"targets.{n}") for n, table in enumerate(raw)]
    return tuple(one for one in made if one is not None)
