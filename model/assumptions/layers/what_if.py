"""What-ifs of the command line, --set PATH=VALUE, and the keys of a distribution as they stand in a file."""

from __future__ import annotations

import dataclasses
import tomllib
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions, Edit, said
from model.assumptions.calendar import no_such_day
from model.assumptions.case import Layer, WhatIf
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import TimeVarying, newest, until_own
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
        if path not in base.entries and path.rpartition(".")[2] in FORM_KEYS:
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
        number = _number(parser, what.value, path)
        if number is None:
            return base
        keys = {key: number}
    given = moments(keys, path, old.unit, base.calendar, parser.complain)
    if given is None:
        return base
    whole = given if "value" in given else {**keys_of(newest(old.distribution)), **given}
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
    if what := no_such_day(text):
        parser.complain(what, "A date: 2027-02-28", path)
    else:
        parser.complain(f"'{text}' is not a number", "A number as in TOML: 22_000, 0.3, [1.0, 1.2]", path)
    return None


def keys_of(distribution: Distribution) -> dict[str, Any]:
    """The keys that make this distribution, as they would stand in a file."""
    if isinstance(distribution, TimeVarying):
        return {
            "before": keys_of(distribution.before),
            "from": distribution.first,
            "after": keys_of(distribution.after),
            **({"own": True} if distribution.own else {}),
        }
    given = {k: v for k, v in distribution.parameters.items() if v is not None}
    plain: dict[str, Any] = {k: np.ravel(v).tolist() if np.ndim(v) else v for k, v in given.items()}
    return {**plain, "dist": distribution.kind}
