"""Assumption files in, `Assumptions` out.

    base case  <  later years (where the horizon reaches them)  <  updates  <  scenarios (in any order: they may not touch the
    same thing)  <  --set

Everything that is wrong is gathered and raised at once as `InputError`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from model.assumptions import correlation
from model.assumptions.assumption import Assumptions
from model.assumptions.calendar import Calendar
from model.assumptions.overlays import beyond, scenario, whatif
from model.assumptions.overlays.beyond import MOST_YEARS
from model.assumptions.overlays.updates import as_known_on
from model.assumptions.reader import Reader
from model.assumptions.schema import About, Correlation, Horizon, Outside, Target
from model.errors import InputError, Problem
from model.files import toml

LATER_FILE = "beyond.toml"
NO_UNITS: Mapping[str, bool] = MappingProxyType({})


def load(
    base: str | Path = "assumptions.toml",
    scenarios: Sequence[str | Path] = (),
    sets: Sequence[str] = (),
    *,
    as_of: dt.date | None = None,
    to: str | None = None,
    units: Mapping[str, bool] = NO_UNITS,
) -> Assumptions:
    """The base case, under `scenarios` (names in scenarios/ beside it, or files) and `sets` (PATH=VALUE).

    as_of : with what updates (in updates/ beside it) say was known by that day; by default the base case's own
    to : the last month, a December; by default that of `[horizon]`, or of the first year. Beyond the first year the numbers of
        beyond.toml beside the base case are laid over it, where there is one
    units : those that an assumption may have -> whether a number of it can be negative; none: any unit

    Raises InputError with every problem found.
    """
    plain = _base(Path(base), units, to)
    if as_of is not None and as_of < plain.about.as_of:
        what = f"{as_of} lies before the day of the base case, {plain.about.as_of}"
        raise InputError(Problem(what, "It knows what was known then; a later day, or none", path="--as-of"))
    known = as_known_on(plain, as_of or plain.about.as_of)
    if plain.short is not None:
        known = known.replace(short=as_known_on(plain.short, as_of or plain.about.as_of))
    return overlay(known, scenarios, sets)


def overlay(base: Assumptions, scenarios: Sequence[str | Path] = (), sets: Sequence[str] = ()) -> Assumptions:
    """A base case that is loaded already, under scenarios and sets. Raises InputError with every problem found."""
    assumptions = base.replace(base=base)
    twice = sorted(str(name) for name, count in Counter(scenarios).items() if count > 1)
    if twice:
        raise InputError(
            [Problem(f"scenario '{name}' is given twice", "Once is enough", path="--scenario") for name in twice]
        )
    read = [scenario.read(base, name) for name in scenarios]
    scenario.refuse_collisions(read)
    options = Reader("--set", calendar=base.calendar)
    targets = [text.partition("=")[0].strip() for text in sets]
    for path in sorted(path for path, count in Counter(targets).items() if count > 1):
        options.complain("is set twice", "Keep one", path)
    for one in read:
        assumptions = scenario.apply(assumptions, one)
    for text in sets:
        assumptions = whatif.apply_set(assumptions, text, options)
    problems = [problem for reader in (*(one.reader for one in read), options) for problem in reader.problems]
    if problems:
        raise InputError(problems)
    if any(one.correlations for one in read):
        _refuse_impossible_correlations(assumptions, ", ".join(one.reader.file for one in read))
    return assumptions


def from_dict(
    entries: Mapping[str, Mapping[str, Any]], correlations: Iterable[tuple[str, str, float]] = ()
) -> Assumptions:
    """Assumptions for a function of one's own, without files or sources.

    entries : path -> the keys of a distribution: {"x": {"p10": 1, "p50": 2, "p90": 4}, "y": {"mean": 0, "sd": 1}}
    correlations : (path, path, rank)
    """
    prose = {"label": "-", "unit": "1", "evidence": "judgement", "source": "-", "why": "-"}
    today = dt.date(2026, 1, 15)
    reader = Reader()
    made = {path: reader.entry(path, {**prose, **keys}, today) for path, keys in entries.items()}
    sound = {path: entry for path, entry in made.items() if entry is not None}
    reader.content = {"correlation": [{"between": [a, b], "rank": rank, "why": "-"} for a, b, rank in correlations]}
    pairs: tuple[Correlation, ...] = reader.correlations()
    reader.pairs_known(pairs, sound)
    if reader.problems:
        raise InputError(reader.problems)
    about = About(title="-", as_of=today, year=today.year, question="-", resolution="-", not_modelled=[])
    target = Target(label="-", outcome="-", period="-", value=0.0, unit="1", evidence="judgement", source="-", why="-")
    assumptions = Assumptions(about, target, sound, pairs)
    _refuse_impossible_correlations(assumptions, "")
    return assumptions


def _base(path: Path, units: Mapping[str, bool], to: str | None = None) -> Assumptions:
    reader = Reader.open(path, units)
    about, target = reader.head(About, "about"), reader.head(Target, "target")
    outside = reader.head(Outside, "outside") if "outside" in reader.content else None
    years = _years(reader, about) if to is None or about is None else last_year(to, about.year) - about.year + 1
    reader.calendar = Calendar(about.year, years) if about else None
    if "scenario" in reader.content:
        reader.complain("[scenario] belongs into a file in scenarios/", path="scenario")
    as_of = about.as_of if about else dt.date.min
    made = {path: reader.entry(path, table, as_of) for path, table in reader.tables().items()}
    entries = {path: entry for path, entry in made.items() if entry is not None}
    pairs = reader.correlations()
    reader.pairs_known(pairs, made)
    renamed = reader.content.get("renamed", {})
    if not isinstance(renamed, dict) or not all(isinstance(new, str) for new in renamed.values()):
        reader.complain('[renamed] holds lines like "old.path" = "new.path"', path="renamed")
        renamed = {}
    for old, new in renamed.items():
        if new not in made:
            reader.complain(f"'{old}' was renamed to '{new}', which is not there", path=f"renamed.{old}")
    if reader.problems:
        raise InputError(reader.problems)
    root = path.resolve().parent
    assumptions = Assumptions(
        about, target, entries, pairs, renamed=renamed, years=years, units=units, root=root, outside=outside
    )
    _refuse_impossible_correlations(assumptions, reader.file)
    later = root / LATER_FILE
    if years == 1 or not toml.is_there(later):
        return assumptions
    longer = beyond.laid_over(assumptions, later)
    _refuse_impossible_correlations(longer, toml.shown(later))
    return longer.replace(short=assumptions.replace(years=1))


def last_year(to: str, first: int) -> int:
    """The year of the last month that is asked for; InputError where it is no December, or too far."""
    if not re.fullmatch(r"\d{4}-12", to) or not first <= int(to[:4]) < first + MOST_YEARS:
        hint = f"A December from {first}-12 to {first + MOST_YEARS - 1}-12: the model runs whole years"
        raise InputError(Problem(f"'{to}' is no month that a run can end with", hint, path="--to"))
    return int(to[:4])


def _years(reader: Reader, about: About | None) -> int:
    """How many years `[horizon]` asks for; one where there is none."""
    horizon = reader.head(Horizon, "horizon") if "horizon" in reader.content and about else None
    if horizon is None or about is None:
        return 1
    years = int(horizon.last[:4]) - about.year + 1
    if horizon.first != f"{about.year}-01":
        reader.complain("begins with another year than [about] has", f'first = "{about.year}-01"', path="horizon.first")
    elif not 1 <= years <= MOST_YEARS:
        reader.complain(f"is {years} years long", f"Between one and {MOST_YEARS}", path="horizon.last")
    return max(1, min(years, MOST_YEARS))


def _refuse_impossible_correlations(assumptions: Assumptions, files: str) -> None:
    problems = []
    for a, b, rank, possible in correlation.impossible(assumptions.pairs, assumptions.order):
        hint = "No value of this pair alone would do: change others of its group too"
        if possible:
            hint = f"With the other pairs as they are, it can be {possible[0]:.3f} to {possible[1]:.3f}"
        what = f"rank correlation {rank:g} of {a} and {b} cannot stand with the others"
        problems.append(Problem(what, hint, files))
    if problems:
        raise InputError(problems)
