"""What a business and its assumptions hold against each other, found without simulating."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from model.assumptions.assumption import BY_UPDATE, LATER, Assumptions
from model.assumptions.layers.later_years import FILE as LATER_FILE
from model.assumptions.layers.update import update_files
from model.assumptions.schema import Target
from model.errors import InputError, Problem, near
from model.files import toml_reader
from model.simulation.business import Business, Function, business_of
from model.simulation.outside_view import chosen, classes_of
from model.simulation.probe import Probe


def checked(assumptions: Assumptions, business: Business | Function, base: Path) -> Assumptions:
    """The assumptions; InputError with file and line of everything that they and the business hold against each other."""
    problems = audit(assumptions, business)
    if problems:
        texts: dict[Path, str] = {}  # each file is read once
        raise InputError([_placed(problem, assumptions, base, texts) for problem in problems])
    return assumptions


def _placed(problem: Problem, assumptions: Assumptions, base: Path, texts: dict[Path, str]) -> Problem:
    """The problem with the file and line where its path was written last; one of the data has its own."""
    if problem.file:
        return problem
    entry = assumptions.entries.get(problem.path)
    missing = LATER if assumptions.later is not None else "base case"  # in the base case alone nothing was
    by = entry.set_by if entry else "base case" if problem.path.startswith("target") else missing
    if by == "--set":
        return replace(problem, file="--set")
    if by.startswith(BY_UPDATE):
        files = update_files(assumptions.root)
    else:
        own = {"base case": base, LATER: assumptions.root / LATER_FILE}
        files = [own[by] if by in own else assumptions.root / "scenarios" / f"{by}.toml"]
    for file in reversed([each for each in files if each.is_file()]):
        if file not in texts:
            texts[file] = file.read_text(encoding="utf-8-sig")
        if not by.startswith(BY_UPDATE) or f"[{problem.path}]" in texts[file]:
            return replace(problem, file=toml_reader.shown(file), line=toml_reader.line_of(texts[file], problem.path))
    return replace(problem, file=by)


def audit(assumptions: Assumptions, business: Business | Function) -> list[Problem]:
    """What is wrong between a business and its assumptions.

    Runs the function once on the medians and notes what it asks for: an assumption that it does not read, one
    that it misses, a unit or a number of periods that it does not count on; a target that is no outcome; a
    quantity that cannot be negative and is, in more than one of a thousand draws; an outside view whose class the
    business does not have, or has with other cases.
    """
    business = business_of(business)
    probe = Probe(assumptions)
    with np.errstate(all="ignore"):
        outcomes = business.function(probe)
    unread = [
        Problem(
            "the model does not use this assumption",
            near(path, probe.missing) or "Remove it, or mend its name",
            path=path,
        )
        for path in assumptions.entries
        if path not in probe.read
    ]
    with np.errstate(all="ignore"):
        negative = [
            Problem(f"reaches below 0 {a.unit}", "Raise its numbers, or give it min = 0", path=a.path)
            for a in assumptions.entries.values()
            if not business.units.get(a.unit, True) and np.min(a.distribution.quantile(np.full(1, 0.001))) < 0
        ]
        negative += [
            Problem("is a standard deviation, and lies below 0", "0 or more", path=a.path)
            for a in assumptions.entries.values()
            if a.path.split(".")[0] in business.spreads and np.min(a.distribution.quantile(np.full(1, 0.001))) < 0
        ]
    target = _target_faults(assumptions.target, "target", assumptions, business, outcomes)
    later = [
        fault
        for n, each in enumerate(assumptions.targets)
        for fault in _target_faults(each, f"targets.{n}", assumptions, business, outcomes)
    ]
    if later:
        where = toml_reader.shown(assumptions.root / LATER_FILE)
        later = [replace(fault, file=where, line=_line(assumptions.root / LATER_FILE, fault.path)) for fault in later]
    outside = [] if target else _outside_faults(assumptions, business)
    return [*probe.problems, *unread, *negative, *target, *later, *outside]


def _line(file: Path, path: str) -> int | None:
    return toml_reader.line_of(file.read_text(encoding="utf-8-sig"), path)


def _outside_faults(assumptions: Assumptions, business: Business) -> list[Problem]:
    said = assumptions.outside
    try:
        classes = [] if said is None else classes_of(assumptions, business)
        if said is not None and (classes or said.weight):  # at weight 0 another target than the class's is no fault
            chosen(said, classes)
    except InputError as error:
        return list(error.problems)
    return []


def _target_faults(
    target: Target, path: str, assumptions: Assumptions, business: Business, outcomes: Mapping[str, np.ndarray]
) -> list[Problem]:
    """What is wrong with a target; one of a year after the last that is run is left to a longer run."""
    if target.outcome not in outcomes:
        hint = near(target.outcome, outcomes) or "An outcome of results.csv"
        return [Problem(f"no outcome '{target.outcome}'", hint, path=path)]
    periods = assumptions.calendar.names(np.atleast_2d(outcomes[target.outcome]).shape[0])
    to_come = target is not assumptions.target and target.period[:4] > str(assumptions.calendar.last)
    if target.period not in periods and not (to_come and re.match(r"2\d{3}(Q[1-4]|-\d\d)?$", target.period)):
        hint = near(target.period, periods) or f"Periods: {', '.join(periods)}"
        return [Problem(f"no period '{target.period}' of {target.outcome}", hint, path=path)]
    unit = business.unit(target.outcome)
    return [] if target.unit == unit else [Problem(f"unit '{target.unit}' should be '{unit}'", path=path)]
