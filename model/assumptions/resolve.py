"""Make assumptions of a case: each layer is a pure function from assumptions to assumptions.

What a question needs of fewer layers, or of another day, is resolved from the same case: no assumptions carry earlier ones.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from model.assumptions.assumption import Assumptions
from model.assumptions.case import Case, Layer, Units, WhatIf
from model.assumptions.layers import base_case, later_years, scenario, update, what_if
from model.errors import InputError, Problem
from model.files import toml_reader


def opened(base: Path, to: str | None = None, units: Mapping[str, bool] | None = None) -> Case:
    """Return the case of a base file and what lies beside it, updates left out; `to` : the last month that is run, a December."""
    layer, root = Layer.open(base), base.resolve().parent
    first, years = base_case.span_of(layer)
    if to is not None and first is not None:
        years = last_year(to, first) - first + 1
    beyond = root / later_years.FILE
    later = Layer.open(beyond) if years > 1 and toml_reader.is_there(beyond) else None
    return Case(layer, later, years=years, units=tuple((units or {}).items()), root=root)


def with_updates(case: Case, day: dt.date, *, judged: bool | None = None) -> Case:
    """Return the case with what updates say was known by a day; judged : with what they re-judge too, by default as the case has it."""
    layers = case.updates or tuple(Layer.open(path) for path in update.update_files(case.root))
    return replace(case, day=day, judged=case.judged if judged is None else judged, updates=layers)


def resolve(case: Case) -> Assumptions:
    """Return the assumptions of all layers; InputError with every problem found."""
    return replace(applied(_known_of(case), case.scenarios, case.what_ifs), case=case)


def _known_of(case: Case) -> Assumptions:
    return _known(case.base, case.later, case.updates, case.day, case.judged, case.years, case.units, case.root)


@lru_cache(maxsize=16)
def _known(
    base: Layer,
    later: Layer | None,
    updates: tuple[Layer, ...],
    day: dt.date | None,
    judged: bool,
    years: int,
    units: Units,
    root: Path,
) -> Assumptions:
    if day is None:
        a = base_case.read(base, root, dict(units), years)
        return a if later is None else later_years.apply(a, later)
    a = _known(base, later, (), None, True, years, units, root)
    if day < a.about.as_of:
        what = f"{day} lies before the day of the base case, {a.about.as_of}"
        raise InputError(Problem(what, "It knows what was known then; a later day, or none", path="--as-of"))
    return update.apply(a, updates, day, judged=judged)


def applied(a: Assumptions, scenarios: Sequence[Layer], what_ifs: Sequence[WhatIf]) -> Assumptions:
    """Return assumptions under scenarios and what-ifs. Raises InputError with every problem found."""
    if not scenarios and not what_ifs:
        return a
    faults: list[Problem] = []
    read = [scenario.parsed(layer, a, faults) for layer in scenarios]
    if faults:
        raise InputError(faults)
    scenario.refuse_collisions(read)
    options = [one.path for one in what_ifs if one.value is not None]
    faults += [
        Problem("is set twice", "Keep one", what_if.OPTION, path=path)
        for path, count in sorted(Counter(options).items())
        if count > 1
    ]
    for each in read:
        a = scenario.apply(a, each)
    for one in what_ifs:
        a = what_if.apply(a, one, faults)
    if faults:
        raise InputError(faults)
    if any("correlation" in layer.content for layer in scenarios):
        base_case.refuse_impossible_correlations(a, ", ".join(layer.file for layer in scenarios))
    return a


def under(a: Assumptions, scenarios: Sequence[str | Path] = (), what_ifs: Sequence[str | WhatIf] = ()) -> Assumptions:
    """Return assumptions that are loaded already under scenarios (by name, or files) and what-ifs (PATH=VALUE, or parsed).

    Raises InputError with every problem found.
    """
    twice = sorted(str(name) for name, count in Counter(scenarios).items() if count > 1)
    if twice:
        raise InputError(
            [Problem(f"scenario '{name}' is given twice", "Once is enough", path="--scenario") for name in twice]
        )
    layers = tuple(scenario.named(a.root, name) for name in scenarios)
    changes = tuple(what_if.of(one) if isinstance(one, str) else one for one in what_ifs)
    made = applied(a, layers, changes)
    if a.case is None:
        return made
    return made.replace(
        case=replace(a.case, scenarios=(*a.case.scenarios, *layers), what_ifs=(*a.case.what_ifs, *changes))
    )


def before_scenarios(a: Assumptions) -> Assumptions:
    """Return assumptions without their scenarios and what-ifs; themselves where they have none."""
    if a.case is None or not (a.case.scenarios or a.case.what_ifs):
        return a
    return resolve(a.case.without_scenarios)


def before_updates(a: Assumptions) -> Assumptions:
    """Return the base case as it was on its own day, with its later years; itself where no update was let in."""
    return a if a.case is None or a.case.day is None else resolve(a.case.without_updates)


def base_day(a: Assumptions) -> dt.date:
    """Return the day of the base case that assumptions go back to."""
    return a.about.as_of if a.case is None else _known_of(a.case.without_updates).about.as_of


def as_of(a: Assumptions, day: dt.date) -> Assumptions:
    """Return a base case with what updates say was known by a day; InputError with all that is wrong with any update."""
    case = Case(Layer(), root=a.root) if a.case is None else a.case
    later = with_updates(case, day)
    if case.day is not None or case.scenarios or case.what_ifs:
        return resolve(later)
    return update.apply(a, later.updates, day, judged=later.judged).replace(case=None if a.case is None else later)


def first_year(a: Assumptions) -> Assumptions:
    """Return the same case in its first year alone, under the same scenarios: questions of that year are answered in less time.

    What only later years need is left out. A table that a scenario gives whole stays: it may be of the first year.
    """
    if a.case is None or a.case.later is None:
        return a
    case = a.case.of_first_year
    return later_years.left_out(a, resolve(case.without_scenarios)).replace(case=case)


def last_year(to: str, first: int) -> int:
    """Return the year of the last month that is asked for; InputError where it is no December, or too far."""
    if not re.fullmatch(r"\d{4}-12", to) or not first <= int(to[:4]) < first + base_case.MOST_YEARS:
        hint = f"A December from {first}-12 to {first + base_case.MOST_YEARS - 1}-12: the model runs whole years"
        raise InputError(Problem(f"'{to}' is no month that a run can end with", hint, path="--to"))
    return int(to[:4])
