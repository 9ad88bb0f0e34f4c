"""What-ifs of the command line, --set PATH=VALUE, and the keys of a distribution as they stand in a file."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions, Edit, said
from model.assumptions.calendar import no_such_day
from model.assumptions.distributions import Distribution
from model.assumptions.overlays.by_year import moments
from model.assumptions.overlays.dated import Dated, newest, until_own
from model.assumptions.overlays.scenario import has_happened, hint_for, same_periods
from model.assumptions.reader import Reader
from model.assumptions.schema import FORM_KEYS, Change


def apply_set(base: Assumptions, text: str, reader: Reader) -> Assumptions:
    """PATH=VALUE fixes an assumption, PATH.KEY=VALUE changes one key of its distribution; problems are noted."""
    path, equals, value_text = (part.strip() for part in text.partition("="))
    key = "value"
    if path not in base.entries and path.rpartition(".")[2] in FORM_KEYS:
        path, _, key = path.rpartition(".")
    if not equals:
        reader.complain("is not PATH=VALUE", "Write --set ev.lines.yu7.orders=25_000")
        return base
    if path not in base.entries:
        reader.complain("unknown assumption", hint_for(base, path), path)
        return base
    if base[path].happened:  # said before what is wrong with the number
        reader.complain(*has_happened(base[path]), path)
        return base
    try:
        parsed = tomllib.loads(f"value = {value_text}")
    except tomllib.TOMLDecodeError:
        parsed = {}
    if parsed.keys() != {"value"} and (what := no_such_day(value_text)):
        reader.complain(what, "A date: 2027-02-28", path)
        return base
    if parsed.keys() != {"value"}:
        reader.complain(f"'{value_text}' is not a number", "A number as in TOML: 22_000, 0.3, [1.0, 1.2]", path)
        return base
    return apply_keys(base, path, {key: parsed["value"]}, reader)


def apply_keys(
    base: Assumptions, path: str, keys: Mapping[str, Any], reader: Reader, why: str = "what-if on the command line"
) -> Assumptions:
    """Some keys of a distribution changed, or `value` alone to fix it; problems are noted and nothing is changed."""
    if path not in base.entries:
        reader.complain("unknown assumption", hint_for(base, path), path)
        return base
    old = base[path]
    if old.happened:
        reader.complain(*has_happened(old), path)
        return base
    given = moments(reader, keys, path, old.unit)
    if given is None:
        return base
    whole = given if "value" in given else {**keys_of(newest(old.distribution)), **given}
    change = reader.checked(Change, {**whole, "why": "--set"}, path)
    new = reader.distribution(change, path) if change else None
    if new is None or not same_periods(reader, old, new) or not reader.keeps_limits(old, new):
        return base
    new = until_own(old.distribution, new)
    entry = dataclasses.replace(
        old, distribution=new, set_by="--set", evidence="judgement", why=f"{why}; before: {old.why}"
    )
    edit = Edit(path, old.label, old.unit, said(old.distribution, old.unit), said(new, old.unit), "--set", why)
    return base.replace(
        entries={**base.entries, path: entry},
        edits=(*base.edits, edit),
        scenario=base.scenario if base.scenario.endswith("+set") else f"{base.scenario}+set",
    )


def keys_of(distribution: Distribution) -> dict[str, Any]:
    """The keys that make this distribution, as they would stand in a file."""
    if isinstance(distribution, Dated):
        return {
            "before": keys_of(distribution.before),
            "from": distribution.first,
            "after": keys_of(distribution.after),
            **({"own": True} if distribution.own else {}),
        }
    given = {k: v for k, v in distribution.parameters.items() if v is not None}
    plain: dict[str, Any] = {k: np.ravel(v).tolist() if np.ndim(v) else v for k, v in given.items()}
    return {**plain, "dist": distribution.kind}
