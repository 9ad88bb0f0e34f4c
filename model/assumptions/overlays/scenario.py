"""Scenarios, laid over the base case.

A scenario gives an assumption whole new numbers and says why, or adds a whole new member of a group (a vehicle
line, a plant). Two that touch the same thing are refused, so there is no order to remember.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.assumptions.assumption import ABSENT, Assumption, Assumptions, Edit, said
from model.assumptions.distributions import Distribution
from model.assumptions.overlays.dated import Dated, changed_from, listed, until_own
from model.assumptions.reader import Reader
from model.assumptions.schema import Change, Correlation, LaterChange, Learned, ScenarioHead
from model.errors import InputError, Problem, near
from model.files import toml


@dataclass(frozen=True)
class Overlay:
    """A scenario file that could be read."""

    name: str
    reader: Reader
    head: ScenarioHead
    tables: dict[str, dict[str, Any]]
    correlations: tuple[Correlation, ...]


def scenario_names(root: Path) -> list[str]:
    """Names of the scenarios in `root`/scenarios, sorted."""
    return [path.stem for path in toml.files_in(root / "scenarios")]


def read(base: Assumptions, name: str | Path) -> Overlay:
    """A scenario by name (in scenarios/ beside the base case) or by file; InputError with all its problems."""
    is_file = str(name).endswith(".toml")
    path = Path(name) if is_file else base.root / "scenarios" / f"{name}.toml"
    if path.stem == "base" or "+" in path.stem:
        raise InputError(
            Problem(f"'{path.stem}' cannot be the name of a scenario", "`base` and + have a meaning of their own")
        )
    known = scenario_names(base.root)
    if not is_file and str(name) not in known:
        hint = near(str(name), known) or f"Scenarios there: {', '.join(known) or 'none'}"
        raise InputError(Problem(f"no scenario '{name}'", hint, file=toml.shown(path.parent) + "/"))
    reader = Reader.open(path, base.units, base.calendar)
    head = reader.head(ScenarioHead, "scenario")
    for key in ("about", "horizon", "target", "outside", "renamed"):
        if key in reader.content:
            reader.complain(f"a scenario cannot change [{key}]", "It stands in the base case", key)
    tables, pairs = reader.tables(), reader.correlations()
    if head and not tables and not pairs:
        reader.complain("changes nothing", "Give at least one assumption with its numbers and a why")
    if reader.problems:
        raise InputError(reader.problems)
    return Overlay(path.stem, reader, head, tables, pairs)


def refuse_collisions(overlays: Sequence[Overlay]) -> None:
    """InputError where two scenarios touch the same assumption or the same pair."""
    problems: list[Problem] = []
    seen: dict[str, Overlay] = {}
    for overlay in overlays:
        touched = {path: path for path in overlay.tables}
        touched |= {f"correlation.{n}": " and ".join(sorted(c.between)) for n, c in enumerate(overlay.correlations)}
        for place, what in touched.items():
            if what in seen:
                hint = (
                    f"{seen[what].reader.file} changes it too; scenarios that are combined may not touch the same thing"
                )
                line = toml.line_of(overlay.reader.text, place)
                problems.append(Problem("two scenarios collide here", hint, overlay.reader.file, line, what))
            seen[what] = overlay
    if problems:
        raise InputError(problems)


def apply(base: Assumptions, overlay: Overlay) -> Assumptions:
    """The base under one scenario; problems are noted in the overlay's reader."""
    entries, edits = dict(base.entries), []
    for path in overlay.tables.keys() & base.entries.keys():
        if base[path].happened:
            overlay.reader.complain(*has_happened(base[path]), path)
            continue
        new = changed(base[path], base, overlay.reader, overlay.tables[path])
        if new:
            entries[path] = dataclasses.replace(new, set_by=overlay.name)
    for made in _additions(base, overlay):
        entries[made.path] = made
    for path in overlay.tables:
        now, was = entries.get(path), base.entries.get(path)
        if now is not None and now is not was:
            old, new_words = said(was.distribution, was.unit) if was else ABSENT, said(now.distribution, now.unit)
            if old != new_words:
                edits.append(Edit(path, now.label, now.unit, old, new_words, overlay.name, now.why))
    first = base.scenario == "base"
    replaced = {frozenset(c.between) for c in overlay.correlations}
    kept = [c for c in base.correlations if frozenset(c.between) not in replaced]
    combined = base.replace(
        entries=entries,
        correlations=(*kept, *overlay.correlations),
        scenario=overlay.name if first else f"{base.scenario}+{overlay.name}",
        label=overlay.head.label if first else f"{base.label} + {overlay.head.label}",
        story=f"{base.story} {overlay.head.story}".strip(),
        edits=(*base.edits, *edits),
    )
    overlay.reader.pairs_known(overlay.correlations, entries)
    return combined


def changed(
    old: Assumption, base: Assumptions, reader: Reader, table: dict[str, Any], kind: type[Change] = Change
) -> Assumption | None:
    """An assumption as a table of a scenario or update has it; None where that is wrong, which is noted in the reader."""
    forbidden = [key for key in ("unit", "label") if table.get(key, getattr(old, key)) != getattr(old, key)]
    for key in forbidden:
        hint = f"It is '{getattr(old, key)}' in the base case; leave it out"
        what = "an update" if kind is Learned else "a scenario"
        reader.complain(f"{what} cannot change {key}", hint, old.path, f"{old.path}.{key}")
    if forbidden:
        return None
    plain = {key: value for key, value in table.items() if key not in ("unit", "label")}
    change, new = reader.dated(kind, plain, old.path, old.unit, old.distribution)
    if new is None or not same_periods(reader, old, new):
        return None
    if not reader.keeps_limits(old, new, later=kind is LaterChange):
        return None
    if change.from_:
        try:
            new = changed_from(old.distribution, new, change.from_, unit=old.unit, year=base.calendar)
        except InputError as error:
            problem = error.problems[0]
            reader.complain(problem.what, problem.hint, old.path, f"{old.path}.from")
            return None
    elif not isinstance(new, Dated):
        new = until_own(old.distribution, new)
    return dataclasses.replace(
        old,
        distribution=new,
        why=change.why,
        source=change.source or old.source,
        evidence=change.evidence or "judgement",
    )


def same_periods(reader: Reader, old: Assumption, new: Distribution) -> bool:
    if listed(new) in (None, listed(old.distribution)):
        return True
    reader.complain(f"has {listed(new)} numbers, the base case {listed(old.distribution) or 1}", path=old.path)
    return False


def _additions(base: Assumptions, overlay: Overlay) -> list[Assumption]:
    """Whole new members of a group of the base case (a vehicle line, a plant), complete or refused."""
    groups, reader = open_groups(base.entries), overlay.reader
    members: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for path, table in overlay.tables.items():
        if path in base.entries:
            continue
        group = next((g for g in groups if path.startswith(f"{g}.")), "")
        name, _, key = path[len(group) + 1 :].partition(".") if group else ("", "", "")
        if key and name not in base.children(group):
            members.setdefault((group, name), {})[key] = table
        else:
            reader.complain("unknown assumption", hint_for(base, path), path)
    made = []
    for (group, name), tables in members.items():
        keys, place = groups[group], f"{group}.{name}"
        missing, unknown = [k for k in keys if k not in tables], [k for k in tables if k not in keys]
        if missing or unknown:
            what = f"lacks {', '.join(missing)}" if missing else f"has unknown keys {', '.join(unknown)}"
            closest = near(place, [f"{group}.{other}" for other in base.children(group)])
            hint = closest or f"A whole new one has {', '.join(keys)}"
            reader.complain(f"the new '{name}' in {group} {what}", hint, place, f"{place}.{next(iter(tables))}")
            continue
        for key, table in tables.items():
            one = reader.entry(f"{place}.{key}", table, base.about.as_of)
            if one is not None:
                made.append(dataclasses.replace(one, set_by=overlay.name))
    return made


def has_happened(entry: Assumption) -> tuple[str, str]:
    """What is wrong with a scenario or what-if that changes what an update says has happened, and what would be right."""
    return f"is known: {entry.said}, {entry.set_by}", "What has happened stays"


def hint_for(base: Assumptions, path: str) -> str:
    if path in base.renamed:
        return f"It was renamed {base.renamed[path]}"
    whole = "A scenario changes assumptions of the base case, or adds a whole line or plant"
    return near(path, base.entries) or whole


def open_groups(entries: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Tables whose members all have the same keys (ev.lines, ev.plants): a scenario may add a member."""
    tree: dict[str, Any] = {}
    for path in entries:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    found: dict[str, tuple[str, ...]] = {}

    def walk(node: dict[str, Any], path: str) -> None:
        shapes = [tuple(sorted(child)) for child in node.values() if child]
        if path and len(shapes) == len(node) > 1 and len(set(shapes)) == 1:
            found[path] = shapes[0]
        for name, child in node.items():
            walk(child, f"{path}.{name}" if path else name)

    walk(tree, "")
    return found
