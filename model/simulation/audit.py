"""What a business and its assumptions hold against each other, found without simulating."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from model.assumptions.assumption import BY_UPDATE, LATER, Assumptions
from model.assumptions.calendar import MONTH
from model.assumptions.loading import LATER_FILE
from model.assumptions.overlays.updates import update_files
from model.assumptions.schema import Target
from model.errors import InputError, Problem, near
from model.files import toml
from model.simulation.business import Business, Function, business_of
from model.simulation.outside import chosen, classes_of
from model.simulation.periods import period_names
from model.simulation.sampling.draws import Draws, faults, spread_out


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
            return replace(problem, file=toml.shown(file), line=toml.line_of(texts[file], problem.path))
    return replace(problem, file=by)


def audit(assumptions: Assumptions, business: Business | Function) -> list[Problem]:
    """What is wrong between a business and its assumptions.

    Runs the function once on the medians and notes what it asks for: an assumption that it does not read, one
    that it misses, a unit or a number of periods that it does not count on; a target that is no outcome; a
    quantity that cannot be negative and is, in more than one of a thousand draws; an outside view whose class the
    business does not have, or has with other cases.
    """
    business = business_of(business)
    probe = _Probe(assumptions)
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
        where = toml.shown(assumptions.root / LATER_FILE)
        later = [replace(fault, file=where, line=_line(assumptions.root / LATER_FILE, fault.path)) for fault in later]
    outside = [] if target else _outside_faults(assumptions, business)
    return [*probe.problems, *unread, *negative, *target, *later, *outside]


def _line(file: Path, path: str) -> int | None:
    return toml.line_of(file.read_text(encoding="utf-8-sig"), path)


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
    periods = period_names(np.atleast_2d(outcomes[target.outcome]).shape[0], assumptions.calendar)
    to_come = target is not assumptions.target and target.period[:4] > str(assumptions.calendar.last)
    if target.period not in periods and not (to_come and re.match(r"2\d{3}(Q[1-4]|-\d\d)?$", target.period)):
        hint = near(target.period, periods) or f"Periods: {', '.join(periods)}"
        return [Problem(f"no period '{target.period}' of {target.outcome}", hint, path=path)]
    unit = business.unit(target.outcome)
    return [] if target.unit == unit else [Problem(f"unit '{target.unit}' should be '{unit}'", path=path)]


def outcome_periods(assumptions: Assumptions, business: Business | Function) -> dict[str, int]:
    """Outcomes of a business and how many periods each has, found without simulating."""
    with np.errstate(all="ignore"):
        made = business_of(business).function(_Probe(assumptions))
    return {name: np.atleast_2d(values).shape[0] for name, values in made.items()}


def taken_by_period(assumptions: Assumptions, business: Business | Function) -> frozenset[str]:
    """Assumptions that the business takes month by month or quarter by quarter, so that they can change within the year."""
    probe = _Probe(assumptions)
    with np.errstate(all="ignore"):
        business_of(business).function(probe)
    return frozenset(probe.by_period)


class _Probe(Draws):
    """Medians in place of draws; notes what was read and with which unit."""

    def __init__(self, assumptions: Assumptions) -> None:
        super().__init__(assumptions, 0, 0, 1)
        self.read: set[str] = set()
        self.missing: set[str] = set()
        self.by_period: set[str] = set()
        self.problems: list[Problem] = []

    def __getitem__(self, path: str) -> np.ndarray:
        if path not in self.assumptions.entries:
            if path not in self.missing:
                self.missing.add(path)
                self.problems.append(
                    Problem(
                        "the model needs this assumption and it is not there",
                        near(path, self.assumptions.entries),
                        path=path,
                    )
                )
            return np.ones(1)
        self.read.add(path)
        return self.assumptions[path].distribution.quantile(np.full(1, 0.5))

    def get(self, path: str, unit: str, periods: int = 1) -> np.ndarray:
        values, years = self[path], self.calendar.years
        if periods > 1:
            self.by_period.add(path)
        found = [] if path in self.missing else list(faults(self.assumptions[path], unit, periods, years))
        if not found and values.ndim == 2 and len(values) != periods:
            try:
                return spread_out(values, periods, years, path)
            except InputError as error:
                found = list(error.problems)
        self.problems += [fault for fault in found if fault not in self.problems]
        if found:
            return np.ones(1)
        return values - self.calendar.origin(self.assumptions[path].unit) if unit == MONTH else values

    def shock(self, path: str, periods: int) -> np.ndarray:  # noqa: ARG002
        return np.zeros((periods, 1))
