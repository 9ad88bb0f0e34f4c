"""Edits as people say them: a distribution scaled, shifted, or moved to another P50, as a whole.

`scale = 0.8` makes every value a fifth smaller, `shift = 2_000` or `shift = "3 months"` adds to every value, and `p50` alone moves the other
percentiles along, on the scale on which the distribution moves (`distributions.shift`). Given with p10 and p90 a P50 is one of three, and
the shape is what they say. Bounds that the unit sets stay; those that are beliefs about the number move along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumption
from model.assumptions.calendar import MOMENTS
from model.assumptions.distributions.base import Distribution
from model.assumptions.distributions.time_varying import keys_of, newest
from model.assumptions.layers.limits import Limits
from model.assumptions.schema import FORM_KEYS

KEYS = ("scale", "shift")
MONTHS = {"day": 12 / 365.25, "week": 84 / 365.25, "month": 1.0, "quarter": 3.0, "year": 12.0}
DURATION = re.compile(r"([+-]?\d+(?:\.\d+)?) (day|week|month|quarter|year)s?")
LEVELS = frozenset({"min", "max", "mode", "mean", "low", "high", "value", "values"})
CANNOT_SHIFT = ("lognormal", "exponential")  # a shifted one is of no family that a file has
CANNOT_MOVE = ("poisson", "binomial")

Complain = Callable[..., None]


def is_one(table: Mapping[str, Any]) -> bool:
    """Whether a table moves what is there in the place of giving all numbers anew."""
    numbers = [key for key in table if key in FORM_KEYS]
    return numbers == ["p50"] or any(key in table for key in KEYS)


def written_out(table: Mapping[str, Any], old: Assumption, complain: Complain) -> dict[str, Any] | None:
    """A table with the numbers that its `scale`, `shift` or lone `p50` make of the old ones; any other table as it is.

    None where that is wrong, which is said of the path.
    """
    numbers = [key for key in table if key in FORM_KEYS]
    moves = [key for key in KEYS if key in table]
    rest = {key: value for key, value in table.items() if key not in (*FORM_KEYS, *KEYS)}
    distribution = newest(old.distribution)
    if not moves:
        alone = numbers == ["p50"] and isinstance(table["p50"], int | float) and not isinstance(table["p50"], bool)
        if not alone or not distribution.movable or distribution.periods:
            return dict(table)
        return _to_p50(float(table["p50"]), distribution, rest, old, complain)
    if numbers or len(moves) == 2:
        what = f"gives {' and '.join([*moves, *numbers])}"
        complain(what, f"{moves[0]} makes a distribution of the one there is: give it alone", old.path)
        return None
    key = moves[0]
    by = table[key] if key == "scale" else _duration(table[key], old, complain)
    if by is None:
        return None
    if not isinstance(by, int | float) or isinstance(by, bool) or not np.isfinite(by) or (key == "scale" and by <= 0):
        hint = "A number above 0: 0.8 is a fifth less" if key == "scale" else f"A number of {old.unit}"
        complain(f"{key} is {by!r}", hint, old.path, f"{old.path}.{key}")
        return None
    kind = distribution.kind
    if kind in CANNOT_MOVE or (key == "shift" and kind in CANNOT_SHIFT):
        complain(f"a {kind} cannot be moved by {key}", "Give its numbers, or scale" if key == "shift" else "Give its numbers", old.path)  # fmt: skip
        return None
    factor, away = (float(by), 0.0) if key == "scale" else (1.0, float(by))
    return {**rest, **_moved(distribution, old.limits, factor, away)}


def _duration(by: Any, old: Assumption, complain: Complain) -> Any:
    """A shift in the unit of an assumption; of a moment or a number of months, "3 months" and the like in months."""
    if not isinstance(by, str):
        return by
    found = DURATION.fullmatch(by.strip())
    in_months = old.unit in MOMENTS or old.unit == "months"
    if found is None or not in_months:
        hint = '"3 months", "-2 weeks"' if in_months else f"A number of {old.unit}"
        complain(f"shift is {by!r}", hint, old.path, f"{old.path}.shift")
        return None
    return float(found[1]) * MONTHS[found[2]]


def _to_p50(
    p50: float, distribution: Distribution, rest: dict[str, Any], old: Assumption, complain: Complain
) -> dict[str, Any] | None:
    """The numbers of a distribution moved to another P50 as a whole."""
    with np.errstate(all="ignore"):
        step = distribution.step_to(p50)
        moved = distribution.moved(step) if np.isfinite(step) else None
    if moved is None or not np.isclose(moved.first_p50(), p50, rtol=1e-6):
        least, most = distribution.bounds
        ends = [
            f"{side} {float(np.min(end)):,.10g}" for side, end in (("above", least), ("below", most)) if end is not None
        ]
        complain(f"p50 is {p50:,.10g}", f"It is {' and '.join(ends) or 'elsewhere'}", old.path, f"{old.path}.p50")
        return None
    return {**rest, **{key: _clean(value) for key, value in keys_of(moved).items()}, "p50": p50}


def _clean(value: Any) -> Any:
    """Numbers without the noise of the last binary digits."""
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return float(f"{value:.10g}") if isinstance(value, float) else value


def _moved(distribution: Distribution, limits: Limits, factor: float, away: float) -> dict[str, Any]:
    """The keys of a distribution times a factor, plus a shift."""

    def one(key: str, value: Any) -> Any:
        if key in ("min", "max") and np.all(np.isin(value, (limits.never_below, limits.never_above))):
            return value
        if key == "sd":
            return _clean((factor * np.asarray(value)).tolist())
        if key in LEVELS or re.fullmatch(r"p[1-9]\d?", key):
            return _clean((factor * np.asarray(value) + away).tolist())
        return value

    return {key: one(key, value) for key, value in keys_of(distribution).items() if (key, value) != ("dist", "fixed")}
