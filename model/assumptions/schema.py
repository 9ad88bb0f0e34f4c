"""What may stand in an assumption file: the grammar, checked by pydantic.

The keys of an entry say its distribution; `FORMS` is the whole list. A bare pair is not in it, on purpose:
tools disagree on what "5 to 10" means.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from model.assumptions import distributions as d
from model.assumptions import pert

LARGEST = 1e100  # numbers beyond this are no longer numbers about a company
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Numbers = Number | Annotated[list[Number], Field(min_length=2)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# A label stands in tables that a spreadsheet opens: there, text that begins so is a formula.
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^=+@]")]
ScenarioName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$")
]  # by name, so that nothing outside its folder is read

# Which keys together make which distribution: (required, optional, the `dist` that may be named, class).
FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...], str, type[d.Distribution]], ...] = (
    (("value",), (), "fixed", d.Fixed),
    (("p10", "p50", "p90"), ("min", "max"), "metalog", d.Metalog),
    (("min", "mode", "max"), (), "pert", pert.Pert),
    (("p10", "mode", "p90"), (), "pert", pert.PertQuantiles),
    (("min", "mode", "max"), (), "triangular", pert.Triangular),
    (("mean", "sd"), (), "normal", d.Normal),
    (("mean", "sd"), (), "lognormal", d.Lognormal),
    (("low", "high"), (), "uniform", d.Uniform),
    (("values", "weights"), (), "discrete", d.Discrete),
)
FORM_KEYS = tuple(dict.fromkeys(key for required, optional, _, _ in FORMS for key in required + optional))
MARKERS = frozenset({"value", "p10", "p50", "p90", "mode", "mean", "sd", "low", "high", "values", "weights"})
FORMS_IN_WORDS = "value; p10, p50, p90 with optional min, max; min, mode, max, or p10, mode, p90; mean, sd; low, high; or values, weights"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(Strict):
    """What a scenario may say of an assumption: a whole new distribution, and why."""

    value: Numbers | None = None
    p10: Numbers | None = None
    p50: Numbers | None = None
    p90: Numbers | None = None
    min: Numbers | None = None
    mode: Numbers | None = None
    max: Numbers | None = None
    mean: Numbers | None = None
    sd: Numbers | None = None
    low: Numbers | None = None
    high: Numbers | None = None
    values: list[Number] | None = None
    weights: list[Number] | None = None
    dist: Literal["fixed", "metalog", "pert", "triangular", "normal", "lognormal", "uniform", "discrete"] | None = None
    why: Text
    source: Text | None = None
    evidence: Literal["reported", "derived", "estimate", "judgement"] | None = None

    def distribution(self) -> d.Distribution:
        """The distribution that the keys say, or ValueError(what, hint)."""
        given = [key for key in FORM_KEYS if getattr(self, key) is not None]
        fitting = [
            (name, make)
            for required, optional, name, make in FORMS
            if set(required) <= set(given) <= set(required + optional) and self.dist in (None, name)
        ]
        if not fitting:
            named = f" with dist = '{self.dist}'" if self.dist else ""
            raise ValueError(f"the keys {', '.join(given) or '(none)'}{named} make no distribution", FORMS_IN_WORDS)
        name, make = fitting[0]
        raw = {key: getattr(self, key) for key in given}
        if make is not d.Discrete:
            lengths = {len(v) for v in raw.values() if isinstance(v, list)}
            if len(lengths) > 1:
                raise ValueError("the lists differ in length", "One entry for each month or quarter")
            raw = {key: _column(v) for key, v in raw.items()}
        if name in ("normal", "lognormal"):
            raw = {"mean_": raw["mean"], "sd_": raw["sd"]}
        made = make(**raw)
        with np.errstate(all="ignore"):  # absurd numbers are refused or shown as they are, without noise
            for what, hint in made.faults():
                raise ValueError(what, hint)
        return made


class Entry(Change):
    """An assumption of the base case, complete."""

    label: Label
    unit: Text
    evidence: Literal["reported", "derived", "estimate", "judgement"]
    source: Text
    as_of: Annotated[dt.date, Field(strict=True)] | None = None


class Correlation(Strict):
    """Rank (Spearman) correlation between two assumptions."""

    between: Annotated[list[Text], Field(min_length=2, max_length=2)]
    rank: Annotated[float, Field(gt=-1, lt=1, allow_inf_nan=False, strict=True)]
    why: Text


class About(Strict):
    """The head of the base file."""

    title: Text
    as_of: Annotated[dt.date, Field(strict=True)]
    year: Annotated[int, Field(strict=True, ge=2000, le=2200)]
    question: Text
    resolution: Text
    not_modelled: list[Text]


class Target(Strict):
    """The number that an outcome is held against."""

    label: Text
    outcome: Text
    period: Text
    value: Number
    unit: Text
    evidence: Literal["reported", "derived", "estimate", "judgement"]
    source: Text
    why: Text


class ScenarioHead(Strict):
    """The head of a scenario file."""

    label: Text
    story: Text


class SweepHead(Strict):
    """The head of a sweep file."""

    label: Text
    why: Text
    measures: Annotated[list[Text], Field(min_length=1)]
    scenario: list[ScenarioName] = []
    latin: Annotated[Number | None, Field(ge=1, multiple_of=1)] = None


class SweepAxis(Strict):
    """One axis of a sweep file: from, to and points, or a list of numbers."""

    path: Text
    key: Literal["value", "p50", "quantile", "shift", "scale"] = "value"
    from_: Annotated[Number | None, Field(alias="from")] = None
    to: Number | None = None
    points: Annotated[Number | None, Field(ge=2, le=100_000, multiple_of=1)] = None
    at: Annotated[list[Number] | None, Field(min_length=1)] = None

    def numbers(self, *, latin: bool) -> tuple[float, ...]:
        """The numbers of the axis (its two ends for a Latin hypercube), or ValueError(what, hint)."""
        if self.at is not None and latin:
            raise ValueError("a Latin hypercube chooses between two ends", "from and to instead of at")
        if self.at is not None:
            if (self.from_, self.to, self.points) != (None, None, None):
                raise ValueError("has `at` and also a range", "Keep one of them")
            return tuple(self.at)
        if self.from_ is None or self.to is None:
            raise ValueError("has no numbers", "from, to and points; or at = [..]")
        if latin:
            if self.points is not None:
                raise ValueError("a Latin hypercube has no points along an axis", "from and to are enough")
            return (self.from_, self.to)
        if self.points is None:
            raise ValueError("has no points", "points = 21")
        return spaced(self.from_, self.to, int(self.points))


def spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """Evenly spaced numbers, without the noise of the last binary digits.

    >>> spaced(-0.2, 0.4, 7)
    (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
    """
    largest = max(abs(low), abs(high), 1e-300)
    if not largest < LARGEST:
        raise ValueError("the numbers of an axis are finite", f"Smaller than {LARGEST:g}")
    places = 12 - int(np.floor(np.log10(largest)))
    return tuple(round(float(x), places) + 0.0 for x in np.linspace(low, high, count))


def _column(value: Any) -> Any:
    """A list becomes (period, 1), so that it stands against (draw,)."""
    return np.asarray(value, float)[:, None] if isinstance(value, list) else float(value)
