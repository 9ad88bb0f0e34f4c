"""What may stand in an assumption file: the grammar, checked by pydantic.

The keys of an entry say its distribution; `FORMS` is the whole list. A bare pair is not in it, on purpose:
tools disagree on what "5 to 10" means.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from model.assumptions.calendar import today
from model.assumptions.distributions import base as d
from model.assumptions.distributions import metalog
from model.assumptions.distributions.families import family
from model.assumptions.distributions.time_varying import MONTH
from model.errors import unreadable, visible

LARGEST = 1e100  # numbers beyond this are no longer numbers about a company
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Numbers = Number | Annotated[list[Number], Field(min_length=2)]


def _readable(text: str) -> str:
    """Text without control characters, which no document takes; invisible ones and those that turn the direction are shown."""
    bad = unreadable(text)
    if bad:
        raise ValueError(f"holds {bad}, which is not text")
    return visible(text)


def _has_come(day: dt.date) -> dt.date:
    if day > today():
        raise ValueError(f"{day} is in the future: today is {today()}")
    return day


Day = Annotated[dt.date, Field(strict=True), AfterValidator(_has_come)]  # on which something was known
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_readable)]
# A label stands in tables that a spreadsheet opens: there, text that begins so is a formula.
Label = Annotated[Text, StringConstraints(pattern=r"^[^=+@]")]
ScenarioName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$")
]  # by name, so that nothing outside its folder is read

# Which keys together make which distribution: (required, optional, the `dist` that may be named, whether it must be).
FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...], str, bool], ...] = (
    (("value",), (), "fixed", False),
    (("min", "mode", "max"), (), "pert", False),
    (("p10", "mode", "p90"), (), "pert", False),
    (("min", "mode", "max"), (), "triangular", True),
    (("p10", "mode", "p90"), (), "triangular", True),
    (("mean", "sd"), ("min", "max"), "normal", False),
    (("mean", "sd"), ("min", "max"), "lognormal", True),
    (("mean", "sd"), ("min", "max"), "gumbel", True),
    (("mean", "sd", "df"), ("min", "max"), "student_t", False),
    (("alpha", "beta"), ("min", "max"), "beta", False),
    (("mean",), ("min", "max"), "exponential", True),
    (("mean",), ("min", "max"), "poisson", True),
    (("n", "p"), ("min", "max"), "binomial", False),
    (("low", "high"), (), "uniform", False),
    (("values", "weights"), (), "discrete", False),
)
OWN = {"fixed": d.Fixed, "uniform": d.Uniform, "discrete": d.Discrete}  # the others are families of scipy
DISTS = ("metalog", *dict.fromkeys(name for _, _, name, _ in FORMS))
QUANTILE = re.compile(r"p[1-9]\d?")
QUANTILES = "p1 to p99"  # what these keys are called together
NAMED_KEYS = tuple(
    dict.fromkeys(key for required, optional, *_ in FORMS for key in required + optional if not QUANTILE.fullmatch(key))
)
FORM_KEYS = (*NAMED_KEYS, *(f"p{n}" for n in range(1, 100)))
FORMS_IN_WORDS = (
    "value; three quantiles or more (p10, p50, p90, or any of p1 to p99), with optional min, max; two quantiles with dist = 'normal' or "
    "'lognormal'; min, mode, max, or p10, mode, p90; mean, sd (and df); mean with dist = 'exponential' or 'poisson'; alpha, beta; n, p; "
    "low, high; or values, weights"
)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberChange(Strict):
    """What a scenario may say of an assumption: a whole new distribution, and why."""

    quantiles: dict[str, Numbers] = Field(default={}, alias="p1 to p99")
    value: Numbers | None = None
    min: Numbers | None = None
    mode: Numbers | None = None
    max: Numbers | None = None
    mean: Numbers | None = None
    sd: Numbers | None = None
    df: Numbers | None = None
    alpha: Numbers | None = None
    beta: Numbers | None = None
    n: Numbers | None = None
    p: Numbers | None = None
    low: Numbers | None = None
    high: Numbers | None = None
    values: list[Number] | None = None
    weights: list[Number] | None = None
    dist: Literal[DISTS] | None = None  # type: ignore[valid-type]
    from_: Annotated[str, StringConstraints(pattern=MONTH.pattern)] | None = Field(default=None, alias="from")
    why: Text
    source: Text | None = None
    evidence: Literal["reported", "derived", "estimate", "judgement"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, table: Any) -> Any:
        """The keys p1 to p99, in one place."""
        if not isinstance(table, dict):
            return table
        found = {key: value for key, value in table.items() if QUANTILE.fullmatch(str(key))}
        return {**{key: value for key, value in table.items() if key not in found}, QUANTILES: found}

    def distribution(self) -> d.Distribution:
        """The distribution that the keys say, or ValueError(what, hint)."""
        given: dict[str, Any] = {key: x for key in NAMED_KEYS if (x := getattr(self, key)) is not None} | self.quantiles
        if "values" not in given:
            lengths = {len(x) for x in given.values() if isinstance(x, list)}
            if len(lengths) > 1:
                raise ValueError("the lists differ in length", "One entry for each month or quarter")
            given = {key: _column(x) for key, x in given.items()}
        made = self._made(given)
        if made is None:
            named = f" with dist = '{self.dist}'" if self.dist else ""
            raise ValueError(f"the keys {', '.join(given) or '(none)'}{named} make no distribution", FORMS_IN_WORDS)
        with np.errstate(all="ignore"):  # absurd numbers are refused or shown as they are, without noise
            for what, hint in made.faults():
                raise ValueError(what, hint)
        return made

    def _made(self, given: dict[str, Any]) -> d.Distribution | None:
        bounds: dict[str, Any] = {key: given[key] for key in ("min", "max") if key in given}
        rest = given.keys() - self.quantiles.keys() - bounds.keys()
        if self.quantiles and not rest:
            return self._by_quantiles({key: given[key] for key in self.quantiles}, bounds)
        for required, optional, name, must_be_named in FORMS:
            named = self.dist == name or (self.dist is None and not must_be_named)
            if named and set(required) <= given.keys() <= set(required + optional):
                return OWN[name](**given) if name in OWN else family(name, **given)
        return None

    def _by_quantiles(self, quantiles: dict[str, Any], bounds: dict[str, Any]) -> d.Distribution | None:
        if self.dist in ("normal", "lognormal") and len(quantiles) == 2:
            return family(self.dist, **quantiles, **bounds)
        if self.dist not in (None, "metalog") or len(quantiles) < 3:
            return None
        if quantiles.keys() == {"p10", "p50", "p90"}:
            return metalog.Metalog(**quantiles, **bounds)
        return metalog.QuantileMetalog(quantiles, **bounds)


class PublicNumber(Strict):
    """What somebody said in public of an assumption's P50, and when."""

    value: Number
    as_of: Day
    source: Text


class AssumptionTable(NumberChange):
    """An assumption of the base case, complete.

    as_of : the day on which its source was known, by default that of the case; public : numbers that its P50 may be held against
    """

    label: Label
    unit: Text
    evidence: Literal["reported", "derived", "estimate", "judgement"]
    source: Text
    as_of: Day | None = None
    public: list[PublicNumber] = []


class Correlation(Strict):
    """Rank (Spearman) correlation between two assumptions."""

    between: Annotated[list[Text], Field(min_length=2, max_length=2)]
    rank: Annotated[float, Field(gt=-1, lt=1, allow_inf_nan=False, strict=True)]
    why: Text


class About(Strict):
    """The head of the base file."""

    title: Text
    as_of: Day
    year: Annotated[int, Field(strict=True, ge=2000, le=2200)]
    question: Text
    resolution: Text
    not_modelled: list[Text]


class Horizon(Strict):
    """Which whole years are run: the first month, a January, and the last, a December."""

    first: Annotated[str, Field(pattern=r"^\d{4}-01$")]
    last: Annotated[str, Field(pattern=r"^\d{4}-12$")]


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


class Later(Strict):
    """The head of the file with the numbers of later years."""

    title: Text
    as_of: Day
    why: Text


class LaterChange(NumberChange):
    """What the file of later years says of an assumption that the base case has."""

    source: Text
    evidence: Literal["reported", "derived", "estimate", "judgement"]
    as_of: Day | None = None


class Outside(Strict):
    """What happened to others in the same position, and the weight that it has beside the model."""

    name: Text = Field(alias="class")
    rule: Text
    cases: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
    source: Text
    why: Text


class ScenarioHead(Strict):
    """The head of a scenario file."""

    label: Label
    story: Text


class UpdateChange(NumberChange):
    """What an update says of an assumption: as a scenario, with the day on which it became known, and its source.

    why_no_volume : of a price that changes while what is ordered at it does not
    """

    as_of: Day
    source: Text
    evidence: Literal["reported", "derived", "estimate", "judgement"]
    why_no_volume: Text | None = None


class UpdateHead(Strict):
    """The head of an update.

    kind : "fact", what became known; "judgement", what was re-judged and what taught it; announces : members of groups that it
    tells of, each of which has to be there; noted : what became known and no assumption takes, with why
    """

    label: Label
    story: Text
    kind: Literal["fact", "judgement"]
    announces: list[Text] = []
    noted: list[Text] = []


class Retirement(Strict):
    """What an update takes out of the case: an assumption or a table of them, from a day on, and why."""

    path: Text
    as_of: Day
    source: Text
    why: Text


def _column(value: Any) -> Any:
    """A list becomes (period, 1), so that it stands against (draw,)."""
    return np.asarray(value, float)[:, None] if isinstance(value, list) else float(value)
