"""Scenarios, laid over the base case.

A scenario gives an assumption whole new numbers and says why, or adds a whole new member of a group (a product
line, a plant). Two that touch the same thing are refused, so there is no order to remember.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from model.assumptions.assumption import ABSENT, Assumption, Assumptions, Edit, said
from model.assumptions.case import Layer
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import TimeVarying, changed_from, listed, until_own
from model.assumptions.layers import members, whole_move
from model.assumptions.parser import Parser
from model.assumptions.schema import Correlation, LaterChange, NumberChange, ScenarioHead, UpdateChange
from model.assumptions.yearly_numbers import moments
from model.errors import InputError, Problem, near
from model.files import toml_reader

FORBIDDEN = ("about", "horizon", "target", "outside", "renamed")


class Scenario(NamedTuple):
    """A layer, parsed; what is wrong with it is noted in its parser."""

    layer: Layer
    parser: Parser
    head: ScenarioHead
    tables: dict[str, dict[str, Any]]
    correlations: tuple[Correlation, ...]


def scenario_names(root: Path) -> list[str]:
    """Names of the scenarios in `root`/scenarios, sorted."""
    return [path.stem for path in toml_reader.files_in(root / "scenarios")]


def named(root: Path, name: str | Path) -> Layer:
    """Return a scenario by name (in scenarios/ beside the base case) or by file; InputError where it cannot be read."""
    is_file = str(name).endswith(".toml")
    path = Path(name) if is_file else root / "scenarios" / f"{name}.toml"
    if path.stem == "base" or "+" in path.stem:
        raise InputError(
            Problem(f"'{path.stem}' cannot be the name of a scenario", "`base` and + have a meaning of their own")
        )
    known = scenario_names(root)
    if not is_file and str(name) not in known:
        hint = near(str(name), known) or f"Scenarios there: {', '.join(known) or 'none'}"
        raise InputError(Problem(f"no scenario '{name}'", hint, file=toml_reader.shown(path.parent) + "/"))
    return Layer.open(path)


def parsed(layer: Layer, base: Assumptions, faults: list[Problem]) -> Scenario:
    """Return the head, tables and correlations of a scenario; what is wrong with them is added to the faults."""
    parser = Parser(layer, faults, base.units, base.calendar)
    head = parser.head(ScenarioHead, "scenario")
    parser.refuse(FORBIDDEN, "a scenario cannot change [{}]", "It stands in the base case")
    tables, pairs = parser.tables(), parser.correlations()
    if head and not tables and not pairs:
        parser.complain("changes nothing", "Give at least one assumption with its numbers and a why")
    return Scenario(layer, parser, head, tables, pairs)


def refuse_collisions(scenarios: Sequence[Scenario]) -> None:
    """Raise InputError where two scenarios touch the same assumption or the same pair."""
    problems: list[Problem] = []
    seen: dict[str, Scenario] = {}
    for one in scenarios:
        touched = {path: path for path in one.tables}
        touched |= {f"correlation.{n}": " and ".join(sorted(c.between)) for n, c in enumerate(one.correlations)}
        for place, what in touched.items():
            if what in seen:
                other = seen[what].layer.file
                hint = f"{other} changes it too; scenarios that are combined may not touch the same thing"
                line = one.layer.line_of(place)
                problems.append(Problem("two scenarios collide here", hint, one.layer.file, line, what))
            seen[what] = one
    if problems:
        raise InputError(problems)


def apply(base: Assumptions, scenario: Scenario) -> Assumptions:
    """Return the base under one scenario; what is wrong is noted in its parser."""
    entries, edits = dict(base.entries), []
    for path in scenario.tables.keys() & base.entries.keys():
        if base[path].happened:
            scenario.parser.complain(*has_happened(base[path]), path)
            continue
        new = changed(base[path], base, scenario.parser, scenario.tables[path])
        if new:
            entries[path] = dataclasses.replace(new, set_by=scenario.layer.name)
    for made in members.added(
        base.entries, scenario.tables, scenario.parser, base.about.as_of, hint=lambda path: hint_for(base, path)
    ):
        entries[made.path] = dataclasses.replace(made, set_by=scenario.layer.name)
    for path in scenario.tables:
        now, was = entries.get(path), base.entries.get(path)
        if now is not None and now is not was:
            old, new_words = said(was.distribution, was.unit) if was else ABSENT, said(now.distribution, now.unit)
            if old != new_words:
                edits.append(Edit(path, now.label, now.unit, old, new_words, scenario.layer.name, now.why))
    first = base.scenario == "base"
    replaced = {frozenset(c.between) for c in scenario.correlations}
    kept = [c for c in base.correlations if frozenset(c.between) not in replaced]
    combined = base.replace(
        entries=entries,
        correlations=(*kept, *scenario.correlations),
        scenario=scenario.layer.name if first else f"{base.scenario}+{scenario.layer.name}",
        label=scenario.head.label if first else f"{base.label} + {scenario.head.label}",
        story=f"{base.story} {scenario.head.story}".strip(),
        edits=(*base.edits, *edits),
    )
    scenario.parser.pairs_known(scenario.correlations, entries)
    return combined


def changed(
    old: Assumption, base: Assumptions, parser: Parser, table: dict[str, Any], kind: type[NumberChange] = NumberChange
) -> Assumption | None:
    """An assumption as a table of a scenario or update has it; None where that is wrong, which is noted in the parser."""
    forbidden = [key for key in ("unit", "label") if table.get(key, getattr(old, key)) != getattr(old, key)]
    for key in forbidden:
        hint = f"It is '{getattr(old, key)}' in the base case; leave it out"
        what = "an update" if kind is UpdateChange else "a scenario"
        parser.complain(f"{what} cannot change {key}", hint, old.path, f"{old.path}.{key}")
    if forbidden:
        return None
    plain = {key: value for key, value in table.items() if key not in ("unit", "label")}
    if whole_move.is_one(plain):
        change, new = _moved(old, base, parser, plain, kind)
    else:
        change, new = parser.dated(kind, plain, old.path, old.unit, old.distribution)
    if new is None or not same_periods(parser, old, new):
        return None
    if not parser.keeps_limits(old, new, later=kind is LaterChange):
        return None
    if change.from_:
        try:
            new = changed_from(old.distribution, new, change.from_, unit=old.unit, year=base.calendar)
        except InputError as error:
            problem = error.problems[0]
            parser.complain(problem.what, problem.hint, old.path, f"{old.path}.from")
            return None
    elif not isinstance(new, TimeVarying):
        new = until_own(old.distribution, new)
    return dataclasses.replace(
        old,
        distribution=new,
        why=change.why,
        source=change.source or old.source,
        evidence=change.evidence or "judgement",
    )


def _moved(
    old: Assumption, base: Assumptions, parser: Parser, table: dict[str, Any], kind: type[NumberChange]
) -> tuple[Any, Distribution | None]:
    """A table that scales, shifts, or moves the P50 of what is there; None where that is wrong, which is noted."""
    given = moments(table, old.path, old.unit, base.calendar, parser.complain)
    whole = given and whole_move.written_out(given, old, parser.complain)
    change = parser.checked(kind, whole, old.path) if whole else None
    return change, parser.distribution(change, old.path) if change else None


def same_periods(parser: Parser, old: Assumption, new: Distribution) -> bool:
    if listed(new) in (None, listed(old.distribution)):
        return True
    parser.complain(f"has {listed(new)} numbers, the base case {listed(old.distribution) or 1}", path=old.path)
    return False


def has_happened(entry: Assumption) -> tuple[str, str]:
    """What is wrong with a scenario or what-if that changes what an update says has happened, and what would be right."""
    return f"is known: {entry.said}, {entry.set_by}", "What has happened stays"


def hint_for(base: Assumptions, path: str) -> str:
    if path in base.renamed:
        return f"It was renamed {base.renamed[path]}"
    whole = "A scenario changes assumptions of the base case, or adds a whole line or plant"
    return near(path, base.entries) or whole
