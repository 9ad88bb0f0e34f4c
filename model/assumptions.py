"""Assumption files -> `Assumptions`: load, overlay, check.

    base case  <  scenarios (in any order: they may not touch the same thing)  <  --set

Everything that is wrong is gathered and raised at once as `InputError`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from model import correlation, toml_files
from model.distributions import Distribution
from model.errors import InputError, Problem, near
from model.schema import FORM_KEYS, MARKERS, About, Change, Correlation, Entry, ScenarioHead, Target

HEADS = ("about", "target", "correlation", "renamed", "scenario")


@dataclass(frozen=True)
class Assumption:
    """One named uncertain number, and where it came from."""

    path: str
    label: str
    unit: str
    distribution: Distribution
    evidence: str
    source: str
    why: str
    as_of: dt.date
    set_by: str = "base case"


@dataclass(frozen=True)
class Edit:
    """One assumption that an overlay changed: what it said, what it says now, and who changed it."""

    path: str
    label: str
    unit: str
    old: str
    new: str
    by: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.old} -> {self.new} {self.unit}  ({self.by})"


@dataclass(frozen=True)
class Assumptions:
    """The base case, or the base case under scenarios: everything a run needs to know."""

    about: About
    target: Target
    entries: Mapping[str, Assumption]
    correlations: tuple[Correlation, ...] = ()
    scenario: str = "base"
    label: str = "Base case"
    story: str = ""
    edits: tuple[Edit, ...] = ()
    root: Path = field(default=Path("."), compare=False)

    def __getitem__(self, path: str) -> Assumption:
        return self.entries[path]

    def children(self, table: str) -> tuple[str, ...]:
        """Names right below a table, sorted: ev.lines -> su7, yu7."""
        prefix = table + "."
        return tuple(sorted({p[len(prefix) :].split(".")[0] for p in self.entries if p.startswith(prefix)}))

    @property
    def groups(self) -> list[correlation.Group]:
        """Correlated groups; members that the base case has come first, so that additions move nothing."""
        return correlation.groups(self.pairs, self.order)

    @property
    def pairs(self) -> list[tuple[str, str, float]]:
        """Rank correlations as (path, path, rank)."""
        return [(*sorted(c.between), c.rank) for c in self.correlations]  # type: ignore[misc]

    @property
    def order(self) -> list[str]:
        """Paths in an order that does not depend on the order of lines in a file."""
        added = {edit.path for edit in self.edits if edit.old == ABSENT}
        return sorted(self.entries, key=lambda path: (path in added, path))

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits of everything here that moves a number."""
        content = {
            "entries": {p: [a.unit, said(a.distribution)] for p, a in sorted(self.entries.items())},
            "correlations": sorted(self.pairs),
            "target": [self.target.outcome, self.target.period, self.target.value],
            "year": self.about.year,
        }
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]

    def replace(self, **new: Any) -> Assumptions:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **new)


ABSENT = "(not there)"


def load(
    base: str | Path = "assumptions.toml", scenarios: Sequence[str | Path] = (), sets: Sequence[str] = ()
) -> Assumptions:
    """The base case, under `scenarios` (names in scenarios/ beside it, or files) and `sets` (PATH=VALUE).

    Raises InputError with every problem found.
    """
    return overlay(_load_base(Path(base)), scenarios, sets)


def overlay(base: Assumptions, scenarios: Sequence[str | Path] = (), sets: Sequence[str] = ()) -> Assumptions:
    """A base case that is loaded already, under scenarios and sets. Raises InputError with every problem found."""
    assumptions = base
    overlays = [_read_scenario(assumptions, name) for name in dict.fromkeys(scenarios)]
    _refuse_collisions(overlays)
    problems: list[Problem] = []
    for one in overlays:
        assumptions = _apply(assumptions, one, problems)
    for text in sets:
        assumptions = _apply_set(assumptions, text, problems)
    if problems:
        raise InputError(problems)
    _refuse_impossible_correlations(assumptions, [o.file for o in overlays] or ["--set"])
    return assumptions


def scenario_names(root: Path) -> list[str]:
    """Names of the scenarios in `root`/scenarios, sorted."""
    return sorted(path.stem for path in (root / "scenarios").glob("*.toml"))


def from_dict(entries: Mapping[str, Mapping[str, Any]], correlations: Iterable[tuple[str, str, float]] = ()) -> Assumptions:
    """Assumptions for a function of one's own, without files or sources.

    entries : path -> the keys of a distribution, e.g. {"x": {"p10": 1, "p50": 2, "p90": 4}, "y": {"mean": 0, "sd": 1}}
    correlations : (path, path, rank)
    """
    prose = {"label": "-", "unit": "1", "evidence": "judgement", "source": "-", "why": "-"}
    pairs = tuple(Correlation(between=[a, b], rank=rank, why="-") for a, b, rank in correlations)
    today = dt.date(2026, 1, 15)
    problems: list[Problem] = []
    made = {
        path: a for path, keys in entries.items()
        if (a := _entry(path, {**prose, **_floats(keys)}, today, "", "", problems))
    }
    about = About(title="-", as_of=today, year=today.year, question="-", resolution="-", not_modelled=[])
    target = Target(label="-", outcome="-", period=str(today.year), value=0.0, unit="1", evidence="judgement", source="-", why="-")
    if problems:
        raise InputError(problems)
    assumptions = Assumptions(about, target, made, pairs)
    problems = _unknown_pairs(assumptions, "", "")
    if problems:
        raise InputError(problems)
    _refuse_impossible_correlations(assumptions, [""])
    return assumptions


def said(distribution: Distribution) -> str:
    """A distribution in one line: `p10 15,000, p50 22,000, p90 31,000` or `22,000` where it is fixed."""
    words = []
    for key, value in distribution.parameters.items():
        if value is None:
            continue
        numbers = [_number(v) for v in np.ravel(np.asarray(value, float))]
        words.append((key, numbers[0] if np.ndim(value) == 0 else "[" + ", ".join(numbers) + "]"))
    if not distribution.uncertain:
        return words[0][1]
    named = "" if distribution.kind in ("metalog", "uniform", "normal", "discrete") else f"{distribution.kind} "
    return named + ", ".join(f"{key} {value}" for key, value in words)


def _number(value: float) -> str:
    """All digits that were given, with thousands grouped."""
    if not float(value).is_integer():
        return repr(float(value)) if abs(value) < 1e4 else f"{value:,}"
    return f"{value:,.0f}" if abs(value) < 1e15 else repr(float(value))


# --- the base case ---------------------------------------------------------------------------------------


def _load_base(path: Path) -> Assumptions:
    content, text = toml_files.read(path)
    file = toml_files.shown(path)
    problems: list[Problem] = []
    for head in ("about", "target"):
        if head not in content:
            problems.append(Problem(f"has no [{head}] table", file=file))
    if "scenario" in content:
        problems.append(Problem("[scenario] belongs into a file in scenarios/", file=file, line=toml_files.line_of(text, "scenario")))
    about = _model(About, content.get("about", {}), "about", file, text, problems) if "about" in content else None
    target = _model(Target, content.get("target", {}), "target", file, text, problems) if "target" in content else None
    as_of = about.as_of if about else dt.date.min
    entries = {}
    for entry_path, table in _entry_tables(content, file, text, problems):
        made = _entry(entry_path, table, as_of, file, text, problems)
        if made:
            entries[entry_path] = made
    pairs = _correlations(content, file, text, problems)
    if problems or about is None or target is None:
        raise InputError(problems)
    assumptions = Assumptions(about, target, entries, pairs, root=path.resolve().parent)
    problems = _unknown_pairs(assumptions, file, text)
    if problems:
        raise InputError(problems)
    _refuse_impossible_correlations(assumptions, [file])
    return assumptions


def _entry_tables(content: dict[str, Any], file: str, text: str, problems: list[Problem]) -> list[tuple[str, dict[str, Any]]]:
    """(path, table) of each assumption: a table that holds anything else than tables."""
    found = []

    def walk(table: dict[str, Any], path: str) -> None:
        leaves = [key for key, value in table.items() if not isinstance(value, dict)]
        if leaves or not table:
            found.append((path, table))
            return
        for key, value in table.items():
            walk(value, f"{path}.{key}")

    for key, value in content.items():
        if key in HEADS:
            continue
        if not isinstance(value, dict):
            hint = near(key, HEADS) or "An assumption is a table: [ev.lines.yu7.orders]"
            problems.append(Problem(f"unknown key '{key}'", hint, file, toml_files.line_of(text, key), key))
            continue
        walk(value, key)
    return found


def _entry(path: str, table: Mapping[str, Any], as_of: dt.date, file: str, text: str, problems: list[Problem]) -> Assumption | None:
    entry = _model(Entry, _floats(table), path, file, text, problems)
    distribution = _distribution(entry, path, file, text, problems) if entry else None
    if entry is None or distribution is None:
        return None
    return Assumption(path, entry.label, entry.unit, distribution, entry.evidence, entry.source, entry.why, entry.as_of or as_of)


def _distribution(change: Change, path: str, file: str, text: str, problems: list[Problem]) -> Distribution | None:
    try:
        return change.distribution()
    except ValueError as error:
        what, hint = (*error.args, "")[:2]
        problems.append(Problem(what, hint, file, toml_files.line_of(text, path) if text else None, path))
        return None


def _correlations(content: dict[str, Any], file: str, text: str, problems: list[Problem]) -> tuple[Correlation, ...]:
    raw = content.get("correlation", [])
    if not isinstance(raw, list):
        line = toml_files.line_of(text, "correlation")
        problems.append(Problem("correlations are written [[correlation]], one block a pair", "", file, line, "correlation"))
        return ()
    made = []
    for number, table in enumerate(raw):
        one = _model(Correlation, _floats(table), f"correlation.{number}", file, text, problems)
        if one is None:
            continue
        line = toml_files.line_of(text, f"correlation.{number}")
        if one.between[0] == one.between[1]:
            problems.append(Problem(f"{one.between[0]} cannot be correlated with itself", "", file, line))
        elif any(set(one.between) == set(other.between) for other in made):
            problems.append(Problem(f"the pair {' and '.join(one.between)} is given twice", "Keep one", file, line))
        else:
            made.append(one)
    return tuple(made)


def _unknown_pairs(assumptions: Assumptions, file: str, text: str) -> list[Problem]:
    return [
        Problem(
            f"correlation with an unknown assumption '{path}'", near(path, assumptions.entries), file,
            toml_files.line_of(text, f"correlation.{number}") if text else None,
        )
        for number, pair in enumerate(assumptions.correlations)
        for path in pair.between
        if path not in assumptions.entries
    ]


def _refuse_impossible_correlations(assumptions: Assumptions, files: Sequence[str]) -> None:
    problems = []
    for a, b, rank, possible in correlation.impossible(assumptions.pairs, assumptions.order):
        hint = (
            f"With the other pairs as they are, it can be {possible[0]:.3f} to {possible[1]:.3f}"
            if possible else "No value of this pair alone would do: change others of its group too"
        )
        problems.append(Problem(f"rank correlation {rank:g} of {a} and {b} cannot stand with the others", hint, ", ".join(files)))
    if problems:
        raise InputError(problems)


# --- scenarios -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Overlay:
    name: str
    file: str
    text: str
    head: ScenarioHead
    tables: list[tuple[str, dict[str, Any]]]
    correlations: tuple[Correlation, ...]


def _read_scenario(base: Assumptions, name: str | Path) -> _Overlay:
    path = Path(name) if str(name).endswith(".toml") else base.root / "scenarios" / f"{name}.toml"
    known = scenario_names(base.root)
    if not path.is_file() and not str(name).endswith(".toml"):
        hint = near(str(name), known) or f"Scenarios there: {', '.join(known) or 'none'}"
        raise InputError(Problem(f"no scenario '{name}'", hint, file=toml_files.shown(path.parent) + "/"))
    content, text = toml_files.read(path)
    file = toml_files.shown(path)
    problems: list[Problem] = []
    if "scenario" not in content:
        problems.append(Problem("has no [scenario] table", "It holds label and story", file))
    head = _model(ScenarioHead, content.get("scenario", {}), "scenario", file, text, problems) if "scenario" in content else None
    for key in ("about", "target", "renamed"):
        if key in content:
            line = toml_files.line_of(text, key)
            problems.append(Problem(f"a scenario cannot change [{key}]", "It stands in the base case", file, line, key))
    tables = _entry_tables(content, file, text, problems)
    pairs = _correlations(content, file, text, problems)
    if head and not tables and not pairs:
        problems.append(Problem("changes nothing", "Give at least one assumption with its numbers and a why", file))
    if problems or head is None:
        raise InputError(problems)
    return _Overlay(path.stem, file, text, head, tables, pairs)


def _refuse_collisions(overlays: Sequence[_Overlay]) -> None:
    """No two scenarios may touch the same assumption or the same pair: there is no order to remember."""
    problems: list[Problem] = []
    seen: dict[str, _Overlay] = {}
    for overlay in overlays:
        touched = {path: path for path, _ in overlay.tables}
        touched |= {f"correlation.{n}": " and ".join(sorted(c.between)) for n, c in enumerate(overlay.correlations)}
        for path, key in touched.items():
            if key in seen:
                hint = f"{seen[key].file} changes it too; combined scenarios may not touch the same thing"
                line = toml_files.line_of(overlay.text, path)
                problems.append(Problem("two scenarios collide here", hint, overlay.file, line, key))
            seen[key] = overlay
    if problems:
        raise InputError(problems)


def _apply(base: Assumptions, overlay: _Overlay, problems: list[Problem]) -> Assumptions:
    entries, edits = dict(base.entries), []
    added: dict[str, dict[str, Any]] = {}
    for path, table in overlay.tables:
        if path not in entries:
            added[path] = table
            continue
        old = entries[path]
        fixed_keys = [key for key in ("unit", "label") if key in table]
        for key in fixed_keys:
            line = toml_files.line_of(overlay.text, f"{path}.{key}")
            problems.append(Problem(f"a scenario cannot change {key}", f"It is '{getattr(old, key)}' in the base case; leave it out", overlay.file, line, path))
        if fixed_keys:
            continue
        change = _model(Change, _floats(table), path, overlay.file, overlay.text, problems)
        new = _distribution(change, path, overlay.file, overlay.text, problems) if change else None
        if change is None or new is None:
            continue
        if new.periods not in (None, old.distribution.periods):
            line = toml_files.line_of(overlay.text, path)
            problems.append(Problem(f"has {new.periods} periods, the base case {old.distribution.periods or 1}", "", overlay.file, line, path))
            continue
        entries[path] = dataclasses.replace(
            old, distribution=new, why=change.why, set_by=overlay.name,
            source=change.source or old.source, evidence=change.evidence or "judgement",
        )
        edits.append(Edit(path, old.label, old.unit, said(old.distribution), said(new), overlay.name, change.why))
    for made in _additions(base, overlay, added, problems):
        entries[made.path] = made
        edits.append(Edit(made.path, made.label, made.unit, ABSENT, said(made.distribution), overlay.name, made.why))
    kept = [c for c in base.correlations if not any(set(c.between) == set(new.between) for new in overlay.correlations)]
    combined = base.replace(
        entries=entries,
        correlations=(*kept, *overlay.correlations),
        scenario=overlay.name if base.scenario == "base" else f"{base.scenario}+{overlay.name}",
        label=overlay.head.label if base.scenario == "base" else f"{base.label} + {overlay.head.label}",
        story=f"{base.story} {overlay.head.story}".strip(),
        edits=(*base.edits, *edits),
    )
    if not any(p.file == overlay.file for p in problems):
        problems += _unknown_pairs(combined.replace(correlations=overlay.correlations), overlay.file, overlay.text)
    return combined


def _additions(base: Assumptions, overlay: _Overlay, added: dict[str, dict[str, Any]], problems: list[Problem]) -> list[Assumption]:
    """Whole new members of a group of the base case (a vehicle line, a plant), complete or refused."""
    groups = _open_groups(base.entries)
    members: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for path, table in added.items():
        group = next((g for g in groups if path.startswith(f"{g}.")), "")
        name, _, key = path[len(group) + 1 :].partition(".") if group else ("", "", "")
        line = toml_files.line_of(overlay.text, path)
        if not group or not key:
            hint = near(path, base.entries) or "A scenario changes assumptions of the base case, or adds a whole line or plant"
            problems.append(Problem("unknown assumption", hint, overlay.file, line, path))
        elif name in base.children(group):
            problems.append(Problem("unknown assumption", near(path, base.entries) or f"Keys there: {', '.join(groups[group])}", overlay.file, line, path))
        else:
            members.setdefault((group, name), {})[key] = table
    made = []
    for (group, name), tables in members.items():
        line = toml_files.line_of(overlay.text, f"{group}.{name}.{next(iter(tables))}")
        missing = [key for key in groups[group] if key not in tables]
        unknown = [key for key in tables if key not in groups[group]]
        if missing or unknown:
            closest = near(f"{group}.{name}", [f"{group}.{n}" for n in base.children(group)])
            what = f"the new '{name}' in {group} lacks {', '.join(missing)}" if missing else f"the new '{name}' in {group} has unknown keys {', '.join(unknown)}"
            problems.append(Problem(what, closest or f"A whole new one has {', '.join(groups[group])}", overlay.file, line, f"{group}.{name}"))
            continue
        for key, table in tables.items():
            one = _entry(f"{group}.{name}.{key}", table, base.about.as_of, overlay.file, overlay.text, problems)
            if one is None:
                continue
            unit = base[f"{group}.{base.children(group)[0]}.{key}"].unit
            if one.unit != unit:
                problems.append(Problem(f"unit '{one.unit}' should be '{unit}'", "", overlay.file, toml_files.line_of(overlay.text, f"{one.path}.unit"), one.path))
                continue
            made.append(dataclasses.replace(one, set_by=overlay.name))
    return made


def _open_groups(entries: Iterable[str]) -> dict[str, tuple[str, ...]]:
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


# --- --set -----------------------------------------------------------------------------------------------


def _apply_set(base: Assumptions, text: str, problems: list[Problem]) -> Assumptions:
    """PATH=VALUE fixes an assumption; PATH.KEY=VALUE changes one key of its distribution."""
    by = f"--set {text}"
    path, equals, value_text = (part.strip() for part in text.partition("="))
    key = "value"
    if path not in base.entries and path.rpartition(".")[2] in FORM_KEYS:
        path, _, key = path.rpartition(".")
    if not equals or path not in base.entries:
        hint = near(path, base.entries) if equals else "Write PATH=VALUE"
        problems.append(Problem("unknown assumption" if equals else "is not PATH=VALUE", hint, by, path=path if equals else ""))
        return base
    try:
        value = tomllib.loads(f"value = {value_text}")["value"]
    except tomllib.TOMLDecodeError:
        problems.append(Problem(f"'{value_text}' is not a number", "A number as in TOML: 22_000, 0.3, [1.0, 1.2]", by, path=path))
        return base
    old = base[path]
    keys = {"value": value} if key == "value" else {**_file_keys(old.distribution), key: value}
    change = _model(Change, {**_floats(keys), "why": "--set"}, path, by, "", problems)
    new = _distribution(change, path, by, "", problems) if change else None
    if change is None or new is None:
        return base
    if new.periods not in (None, old.distribution.periods):
        problems.append(Problem(f"has {new.periods} periods, the base case {old.distribution.periods or 1}", "", by, path=path))
        return base
    entry = dataclasses.replace(old, distribution=new, set_by="--set", why=f"--set on the command line; before: {old.why}")
    edit = Edit(path, old.label, old.unit, said(old.distribution), said(new), "--set", "what-if on the command line")
    return base.replace(
        entries={**base.entries, path: entry},
        edits=(*base.edits, edit),
        scenario=base.scenario if base.scenario.endswith("+set") else f"{base.scenario}+set",
    )


def _file_keys(distribution: Distribution) -> dict[str, Any]:
    """The keys that make this distribution, as they would stand in a file."""
    plain = {
        key: (np.ravel(value).tolist() if np.ndim(value) else value)
        for key, value in distribution.parameters.items() if value is not None
    }
    return plain if distribution.kind in ("fixed", "metalog", "uniform", "discrete") else {**plain, "dist": distribution.kind}


# --- pydantic's findings in our words --------------------------------------------------------------------


def _floats(table: Any) -> Any:
    """Integers read as floats (TOML has both, an assumption does not care); booleans stay what they are."""
    if not isinstance(table, Mapping):
        return table

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(v) for v in value]
        return float(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300 else value

    return {key: plain(value) for key, value in table.items()}


def _model(kind: Any, table: Any, path: str, file: str, text: str, problems: list[Problem]) -> Any:
    if kind is Target and isinstance(table, dict):
        table = {**table, **{k: v for k, v in _floats(table).items() if k == "value"}}
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        seen = set()
        for fault in error.errors():
            key = str(fault["loc"][0]) if fault["loc"] else ""
            if (key, fault["type"]) in seen or (key in seen):
                continue
            seen |= {key, (key, fault["type"])}
            what, hint = _in_words(kind, key, fault)
            line = toml_files.line_of(text, f"{path}.{key}" if key else path) if text else None
            problems.append(Problem(what, hint, file, line, path))
        return None


def _in_words(kind: Any, key: str, fault: Any) -> tuple[str, str]:
    """(what is wrong, what would be right) for one of pydantic's errors."""
    known = kind.model_fields
    shown_input = repr(fault.get("input"))[:60]
    match fault["type"]:
        case "extra_forbidden":
            return f"unknown key '{key}'", near(key, known) or f"Known keys: {', '.join(known)}"
        case "missing":
            why = {"unit": "Every number has a unit", "source": "Every number has a source", "why": "Every number says why"}
            return f"has no {key}", why.get(key, "")
        case "literal_error":
            choices = [c.strip("'") for c in fault["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            given = str(fault.get("input"))
            return f"{key} {shown_input} is not known", near(given, choices) or f"One of: {', '.join(choices)}"
        case "finite_number":
            return f"{key} is {fault['input']}, not a finite number", ""
        case "string_too_short":
            return f"{key} is empty", "Say it in words"
        case "string_type":
            return f"{key} is {shown_input}, not text", ""
        case "float_type" | "list_type" | "dict_type" | "model_type":
            wanted = "a number, or a list of numbers" if kind in (Change, Entry) else "a number"
            if key in MARKERS | {"min", "max", "rank"}:
                return f"{key} is {shown_input}, not {wanted}", "Write it without quotes: 22_000"
            return f"{key or 'this'} is {shown_input}, of the wrong type", ""
        case _:
            return f"{key} is {shown_input}: {fault['msg'][:1].lower()}{fault['msg'][1:]}", ""
