"""The base case: the first layer, complete, and the schema of those above it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from model.assumptions import copula
from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.calendar import Calendar
from model.assumptions.case import Layer
from model.assumptions.parser import Parser
from model.assumptions.schema import About, Horizon, Outside, Target
from model.errors import InputError, Problem

MOST_YEARS = 30  # of a run


def read(layer: Layer, root: Path, units: Mapping[str, bool], years: int) -> Assumptions:
    """Return the assumptions of a base case over so many years; InputError with every problem found."""
    parser = Parser(layer, units=units)
    about, target = parser.head(About, "about"), parser.head(Target, "target")
    outside = parser.head(Outside, "outside") if "outside" in layer.content else None
    _horizon(parser, about)
    parser.calendar = Calendar(about.year, years) if about else None
    parser.refuse(("scenario",), "[{}] belongs into a file in scenarios/", "")
    as_of = about.as_of if about else dt.date.min
    made = {path: parser.entry(path, table, as_of) for path, table in parser.tables().items()}
    refuse_later_sources(parser, made.values(), as_of)
    entries = {path: entry for path, entry in made.items() if entry is not None}
    pairs = parser.correlations()
    parser.pairs_known(pairs, made)
    renamed = layer.content.get("renamed", {})
    if not isinstance(renamed, dict) or not all(isinstance(new, str) for new in renamed.values()):
        parser.complain('[renamed] holds lines like "old.path" = "new.path"', path="renamed")
        renamed = {}
    for old, new in renamed.items():
        if new not in made:
            parser.complain(f"'{old}' was renamed to '{new}', which is not there", path=f"renamed.{old}")
    if parser.faults:
        raise InputError(parser.faults)
    assumptions = Assumptions(
        about, target, entries, pairs, renamed=renamed, years=years, units=units, root=root, outside=outside
    )
    refuse_impossible_correlations(assumptions, layer.file)
    return assumptions


def refuse_later_sources(parser: Parser, made: Iterable[Assumption | None], day: dt.date) -> None:
    """Note assumptions that a layer of a day makes of what was known after it."""
    for one in made:
        for known, key in () if one is None else ((one.as_of, "as_of"), *((p.as_of, "public") for p in one.public)):
            if one is not None and known > day:
                parser.complain(
                    f"is of {known}, after the day of the case, {day}",
                    "A source of that day or before",
                    one.path,
                    f"{one.path}.{key}",
                )


def span_of(layer: Layer) -> tuple[int | None, int]:
    """Return the first year, None where the head cannot be read, and how many years `[horizon]` asks for, one where there is none."""
    parser = Parser(layer)
    about: About | None = parser.head(About, "about")
    return about.year if about else None, _horizon(parser, about)


def _horizon(parser: Parser, about: About | None) -> int:
    horizon = parser.head(Horizon, "horizon") if "horizon" in parser.layer.content and about else None
    if horizon is None or about is None:
        return 1
    years = int(horizon.last[:4]) - about.year + 1
    if horizon.first != f"{about.year}-01":
        parser.complain("begins with another year than [about] has", f'first = "{about.year}-01"', path="horizon.first")
    elif not 1 <= years <= MOST_YEARS:
        parser.complain(f"is {years} years long", f"Between one and {MOST_YEARS}", path="horizon.last")
    return max(1, min(years, MOST_YEARS))


def refuse_impossible_correlations(assumptions: Assumptions, files: str) -> None:
    """Raise InputError where rank correlations cannot hold together, with the range that each pair could take."""
    problems = []
    for a, b, rank, possible in copula.impossible(assumptions.pairs, assumptions.order):
        hint = "No value of this pair alone would do: change others of its group too"
        if possible:
            hint = f"With the other pairs as they are, it can be {possible[0]:.3f} to {possible[1]:.3f}"
        what = f"rank correlation {rank:g} of {a} and {b} cannot stand with the others"
        problems.append(Problem(what, hint, files))
    if problems:
        raise InputError(problems)
