"""Assumption files in, `Assumptions` out; everything that is wrong is gathered and raised at once as `InputError`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from model.assumptions.assumption import Assumptions
from model.assumptions.case import Layer
from model.assumptions.layers.base_case import refuse_impossible_correlations
from model.assumptions.parser import Parser
from model.assumptions.resolve import base_day, opened, resolve, under, with_updates
from model.assumptions.schema import About, Correlation, Target
from model.errors import InputError


def load(
    base: str | Path = "assumptions.toml",
    scenarios: Sequence[str | Path] = (),
    sets: Sequence[str] = (),
    *,
    as_of: dt.date | None = None,
    judged: bool = True,
    to: str | None = None,
    units: Mapping[str, bool] | None = None,
) -> Assumptions:
    """Return the base case under `scenarios` (names in scenarios/ beside it, or files) and `sets` (PATH=VALUE).

    as_of : with what updates (in updates/ beside it) say was known by that day; by default the base case's own
    judged : with what they re-judge too, and not facts alone
    to : the last month, a December; by default that of `[horizon]`, or of the first year. Beyond the first year the numbers of
        beyond.toml beside the base case are laid over it, where there is one
    units : those that an assumption may have -> whether a number of it can be negative; none: any unit

    Raises InputError with every problem found.
    """
    case = opened(Path(base), to, units)
    return under(resolve(with_updates(case, as_of or base_day(resolve(case)), judged=judged)), scenarios, sets)


def from_dict(
    entries: Mapping[str, Mapping[str, Any]], correlations: Iterable[tuple[str, str, float]] = ()
) -> Assumptions:
    """Return assumptions for a function of one's own, without files or sources.

    entries : path -> the keys of a distribution: {"x": {"p10": 1, "p50": 2, "p90": 4}, "y": {"mean": 0, "sd": 1}}
    correlations : (path, path, rank)
    """
    prose = {"label": "-", "unit": "1", "evidence": "judgement", "source": "-", "why": "-"}
    today = dt.date(2026, 1, 15)
    parser = Parser(
        Layer(content={"correlation": [{"between": [a, b], "rank": r, "why": "-"} for a, b, r in correlations]})
    )
    made = {path: parser.entry(path, {**prose, **keys}, today) for path, keys in entries.items()}
    sound = {path: entry for path, entry in made.items() if entry is not None}
    pairs: tuple[Correlation, ...] = parser.correlations()
    parser.pairs_known(pairs, sound)
    if parser.faults:
        raise InputError(parser.faults)
    about = About(title="-", as_of=today, year=today.year, question="-", resolution="-", not_modelled=[])
    target = Target(label="-", outcome="-", period="-", value=0.0, unit="1", evidence="judgement", source="-", why="-")
    assumptions = Assumptions(about, target, sound, pairs)
    refuse_impossible_correlations(assumptions, "")
    return assumptions
