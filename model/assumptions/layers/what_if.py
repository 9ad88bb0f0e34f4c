"""What-ifs of the command line, --set PATH=VALUE, and the keys of a distribution as they stand in a file."""

from __future__ import annotations

import dataclasses
import tomllib
from typing import Any

from model.assumptions.assumption import Assumptions, Edit, said
from model.assumptions.calendar import no_such_day
from model.assumptions.case import Layer, WhatIf
from model.assumptions.distributions.time_varying import keys_of, newest, until_own
from model.assumptions.layers import whole_move
from model.assumptions.layers.scenario import has_happened, hint_for, same_periods
from model.assumptions.parser import Parser
from model.assumptions.schema import FORM_KEYS, NumberChange
from model.assumptions.yearly_numbers import moments
from model.errors import Problem

OPTION = "--set"


def of(text: str) -> WhatIf:
    """Return the what-if of an option, PATH=VALUE or PATH.KEY=VALUE."""
    path, equals, value = (part.strip() for part in text.partition("="))
    return WhatIf(path, value=value if equals else None, file=OPTION)


def apply(base: Assumptions, what: WhatIf, faults: list[Problem]) -> Assumptions:
    """Return assumptions under a what-if; what is wrong is added to the faults, and nothing is changed."""
    parser = Parser(Layer(file=what.file), faults, calendar=base.calendar)
    path, keys = what.path, what.keys
    if not keys:
        key = "value"
        if path not in base.entries and path.rpartition(".")[2] in (*FORM_KEYS, *whole_move.KEYS):
            path, _, key = path.rpartition(".")
        if what.value is None:
            parser.complain("is not PATH=VALUE", "Write --set PATH=25_000")
            return base
    if path not in base.entries:
        parser.complain("unknown assumption", hint_for(base, path), path)
        return base
    old = base[path]
    if old.happened:  # said before what is wrong with the number
        parser.complain(*has_happened(old), path)
        return base
    if what.value is not None:
        number = (
            what.value
            if key == "shift" and whole_move.DURATION.fullmatch(what.value)
            else _number(parser, what.value, path)
        )
        if number is None:
            return base
        keys = {key: number}
    given = moments(keys, path, old.unit, base.calendar, parser.complain)
    written = given and whole_move.written_out(given, old, parser.complain)
    if written is None:
        return base
    whole = written if "value" in written else {**keys_of(newest(old.distribution)), **written}
    change = parser.checked(NumberChange, {**whole, "why": OPTION}, path)
    new = parser.distribution(change, path) if change else None
    if new is None or not same_periods(parser, old, new) or not parser.keeps_limits(old, new):
        return base
    new, why = until_own(old.distribution, new), what.why
    entry = dataclasses.replace(
        old, distribution=new, set_by=OPTION, evidence="judgement", why=f"{why}; before: {old.why}"
    )
    edit = Edit(path, old.label, old.unit, said(old.distribution, old.unit), said(new, old.unit), OPTION, why)
    return base.replace(
        entries={**base.entries, path: entry},
        edits=(*base.edits, edit),
        scenario=base.scenario if base.scenario.endswith("+set") else f"{base.scenario}+set",
    )


def _number(parser: Parser, text: str, path: str) -> Any:
    """A value as TOML has it; None with the fault noted."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        parsed = {}
    if parsed.keys() == {"value"}:
        return parsed["value"]
    if text.endswith("%"):
        parser.complain(f"'{text}' is not a number", "80% is 0.8", path)
    elif what := no_such_day(text):
        parser.complain(what, "A date: 2027-02-28", path)
    else:
        parser.complain(f"'{text}' is not a number", "A number as in TOML: 22_000, 0.3, [1.0, 1.2]", path)
    return None
