"""Plain tables -> entries: a layer read by a `Parser`, which gathers what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from model.assumptions.assumption import Assumption
from model.assumptions.calendar import Calendar
from model.assumptions.case import Layer
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import changed_from
from model.assumptions.layers.limits import limits_of
from model.assumptions.schema import FORM_KEYS, QUANTILES, About, AssumptionTable, Correlation, NumberChange
from model.assumptions.yearly_numbers import by_year, moments
from model.errors import Problem, near

HEADS = (
    "about",
    "horizon",
    "target",
    "outside",
    "correlation",
    "renamed",
    "scenario",
    "update",
    "beyond",
    "targets",
    "retire",
)
NUMBERS = ("rank", "cases", "weight")  # that are no part of a distribution
EVERY_NUMBER = {
    "unit": "Every number has a unit",
    "source": "Every number has a source",
    "why": "Every number says why",
    "evidence": "reported, derived, estimate or judgement",
}


@dataclass
class Parser:
    """A layer being read: from its tables to entries, with what is wrong gathered in `faults`.

    units : that an assumption may have, any where there are none; calendar : that dates and years are held against
    """

    layer: Layer
    faults: list[Problem] = field(default_factory=list)
    units: Collection[str] = ()
    calendar: Calendar | None = None

    def complain(self, what: str, hint: str = "", path: str = "", at: str = "") -> None:
        """Note a fault of `path`, to be shown with the line of `at` (a path or key; `path` by default)."""
        self.faults.append(Problem(what, hint, self.layer.file, self.layer.line_of(at or path), path))

    def refuse(self, keys: Iterable[str], what: str, hint: str) -> None:
        """Note tables that this kind of layer cannot hold; `what` takes the key."""
        for key in keys:
            if key in self.layer.content:
                self.complain(what.format(key), hint, key)

    def checked(self, kind: Any, table: Any, path: str) -> Any:
        """The table as a model of `schema`, or None with the problems noted."""
        try:
            return kind.model_validate(table if kind is About else with_floats(table))
        except ValidationError as error:
            seen = set()
            for fault in error.errors():
                key = _key(fault["loc"])
                if key not in seen:
                    seen.add(key)
                    self.complain(*_in_words(kind, key, fault), path, f"{path}.{key}" if key else path)
            return None

    def head(self, kind: Any, name: str) -> Any:
        """One of the tables that every file of its kind has."""
        if name not in self.layer.content:
            self.complain(f"has no [{name}] table", f"It holds {', '.join(kind.model_fields)}")
            return None
        return self.checked(kind, self.layer.content[name], name)

    def tables(self) -> dict[str, dict[str, Any]]:
        """Each assumption's table by path: a table that holds anything else than tables."""
        found: dict[str, dict[str, Any]] = {}

        def walk(table: dict[str, Any], path: str) -> None:
            if path in found:
                self.complain("is given twice", "Keep one; a dotted name needs no quotes", path)
            if not table or any(not isinstance(value, dict) for value in table.values()):
                found[path] = table
                return
            for key, value in table.items():
                walk(value, f"{path}.{key}")

        for key, value in self.layer.content.items():
            if key in HEADS:
                continue
            if isinstance(value, dict):
                try:
                    walk(value, key)
                except RecursionError:
                    self.complain("is nested too deeply", path=key)
            else:
                self.complain(
                    f"unknown key '{key}'", near(key, HEADS) or "An assumption is a table: [lemons.price]", key
                )
        return found

    def entry(self, path: str, table: Mapping[str, Any], as_of: dt.date) -> Assumption | None:
        """A complete assumption, or None with the problems noted."""
        unit = table.get("unit", "") if isinstance(table, Mapping) else ""
        made, distribution = self.dated(AssumptionTable, table, path, unit)
        if made and made.from_:
            self.complain(
                "`from` has no place in a whole assumption", "It stands in scenarios and updates", path, f"{path}.from"
            )
            return None
        if made and self.units and made.unit not in self.units:
            hint = near(made.unit, self.units) or f"One of: {', '.join(self.units)}"
            self.complain(f"unit {made.unit!r} is not known", hint, path, f"{path}.unit")
            return None
        if made is None or distribution is None:
            return None
        negative = self.units if isinstance(self.units, Mapping) else {}
        return Assumption(
            path, made.label, made.unit, distribution, made.evidence, made.source, made.why, made.as_of or as_of,
            limits=limits_of(distribution, made.unit, negative), public=tuple(made.public),
        )  # fmt: skip

    def dated(
        self, kind: type[NumberChange], table: Any, path: str, unit: str, before: Distribution | None = None
    ) -> tuple[Any, Distribution | None]:
        """A table as a model of `schema` and as a distribution; None with the problems noted.

        before : what held before the first year of a table by year; by default nothing, and it begins with the first year
        """
        table = moments(table, path, unit, self.calendar, self.complain)
        years = by_year(table, path, self.calendar, self.complain) if table is not None else None
        if not years:
            made = self.checked(kind, table, path) if years is not None else None
            return made, self.distribution(made, path) if made else None
        calendar, made, found = self.calendar, None, before
        for year, each in years:
            made = self.checked(kind, each, path)
            new = self.distribution(made, path) if made else None
            if made is None or new is None or calendar is None:
                return None, None
            if made.from_:
                self.complain("`from` has no place beside numbers by year", "Give one or the other", path)
                return None, None
            if found is None and year > calendar.first:
                self.complain(f"says nothing of {calendar.first}", "A number for each year from the first on", path)
                return None, None
            if year > calendar.last:
                continue
            if found is None or year <= calendar.first:
                found = new
            else:
                found = changed_from(found, new, f"{year}-01", unit=unit, year=calendar, own=True)
        return made, found

    def distribution(self, change: NumberChange, path: str) -> Distribution | None:
        """The distribution that the keys say, or None with the problem noted."""
        try:
            return change.distribution()
        except ValueError as error:
            what, hint = error.args
            self.complain(what, hint, path)
            return None

    def keeps_limits(self, old: Assumption, new: Distribution, *, later: bool = False) -> bool:
        """Whether a distribution keeps to the limits of the assumption whose place it takes; what is wrong is noted.

        later : it is of later years, which have bounds of their own
        """
        limits = old.limits.of_later_years(old.unit) if later else old.limits
        wrong = list(limits.faults(new, old.unit))
        for what, hint in wrong:
            self.complain(what, hint, old.path)
        return not wrong

    def correlations(self) -> tuple[Correlation, ...]:
        """The [[correlation]] blocks that are sound."""
        raw = self.layer.content.get("correlation", [])
        if not isinstance(raw, list):
            self.complain("correlations are written [[correlation]], one block a pair", path="correlation")
            return ()
        made: list[Correlation] = []
        for number, table in enumerate(raw):
            place = f"correlation.{number}"
            one = self.checked(Correlation, table, place)
            if one is None:
                continue
            if one.between[0] == one.between[1]:
                self.complain(f"{one.between[0]} cannot be correlated with itself", at=place)
            elif any(set(one.between) == set(other.between) for other in made):
                self.complain(f"the pair {' and '.join(one.between)} is given twice", "Keep one", at=place)
            else:
                made.append(one)
        return tuple(made)

    def pairs_known(self, pairs: tuple[Correlation, ...], known: Mapping[str, Any]) -> None:
        """Note correlations with assumptions that are not there."""
        for number, pair in enumerate(pairs):
            for path in pair.between:
                if path not in known:
                    what = f"correlation with an unknown assumption '{path}'"
                    self.complain(what, near(path, known), at=f"correlation.{number}")


def with_floats(table: Any) -> Any:
    """Integers read as floats (TOML has both, an assumption does not care); booleans stay what they are."""
    if not isinstance(table, Mapping):
        return table

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(v) for v in value]
        if isinstance(value, Mapping):
            return {key: plain(v) for key, v in value.items()}
        whole = isinstance(value, int) and not isinstance(value, bool)
        return float(value) if whole and abs(value) < 10**300 else value

    return {key: plain(value) for key, value in table.items()}


def _key(place: Sequence[Any]) -> str:
    """The key that a fault is about; of quantiles, which are gathered, the one."""
    return str(place[1] if len(place) > 1 and place[0] == QUANTILES else place[0]) if place else ""


def _in_words(kind: Any, key: str, fault: Any) -> tuple[str, str]:
    """(what is wrong, what would be right) for one of pydantic's errors."""
    known = {field.alias or name: field for name, field in kind.model_fields.items()}
    given = repr(fault.get("input"))[:60]
    match fault["type"]:
        case "extra_forbidden":
            return f"unknown key '{key}'", near(key, known) or f"Known keys: {', '.join(known)}"
        case "missing":
            return f"has no {key}", EVERY_NUMBER.get(key, "")
        case "literal_error":
            choices = [c.strip("'") for c in fault["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            return f"{key} {given} is not known", near(str(fault["input"]), choices) or f"One of: {', '.join(choices)}"
        case "model_type" | "dict_type" if not key:
            return "is not a table of its own", f"It holds {', '.join(known)}"
        case "finite_number":
            return f"{key} is {fault['input']}, not a finite number", ""
        case "string_pattern_mismatch" | "value_error" | "string_type" | "string_too_short" as wrong:
            return _text_in_words(wrong, key, given, fault)
        case "greater_than" | "less_than" if key == "rank":
            return f"rank is {given}", "A rank correlation lies between -1 and 1, ends left out"
        case "greater_than_equal" | "less_than_equal" if key == "weight":
            return f"weight is {given}", "0 leaves the model as it is, 1 leaves the class alone"
        case "greater_than" if key == "cases":
            return f"cases is {given}", "How many cases the class holds"
        case "float_type" | "list_type" | "dict_type" | "model_type" if key in (*FORM_KEYS, *NUMBERS):
            wanted = "a number, or a list of numbers" if kind in (NumberChange, AssumptionTable) else "a number"
            return f"{key} is {given}, not {wanted}", "Write it without quotes: 22_000"
        case _:
            return f"{key or 'this'} is {given}: {fault['msg'][:1].lower()}{fault['msg'][1:]}", ""


def _text_in_words(wrong: str, key: str, given: str, fault: Any) -> tuple[str, str]:
    """The same for a text."""
    if wrong == "string_too_short":
        return f"{key} is empty", "Say it in words"
    if wrong == "string_type":
        return f"{key} is {given}, not text", ""
    if wrong == "value_error" and key == "as_of":
        return f"{key} {fault['ctx']['error']}", "The day on which it became known"
    if wrong == "value_error":
        return f"{key} {fault['ctx']['error']}", "Type it anew: it may have been pasted from elsewhere"
    if key == "from":
        return f"from is {given}, no month", 'Write from = "2026-09"'
    if key == "label":
        return f"label is {given}", "A spreadsheet would take it for a formula: begin with a letter or a digit"
    return f"{key} is {given}, not a name", "A scenario of scenarios/ by its name: letters, digits and _"
