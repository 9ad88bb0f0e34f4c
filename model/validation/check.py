"""The assumptions, every scenario, every sweep and the data, checked; reports held against a few draws."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from pathlib import Path

from model.assumptions.assumption import Assumptions
from model.assumptions.layers.later_years import FILE as LATER_FILE
from model.assumptions.layers.later_years import last_month
from model.assumptions.layers.scenario import scenario_names
from model.assumptions.layers.update import update_files
from model.assumptions.load import load
from model.assumptions.resolve import as_of
from model.errors import InputError, Problem, near
from model.evaluation import register
from model.evaluation.interval_width import widths
from model.evaluation.reproduce import OBSERVATIONS
from model.files.toml_reader import is_there
from model.inference.as_of import observed
from model.inference.condition import out_of_reach
from model.reporting.headline import spikes_of
from model.reporting.record import phrases
from model.reporting.report_spec import spec_of
from model.simulation.business import Business
from model.simulation.consistency import checked
from model.simulation.observation import Observation, outcomes_of
from model.simulation.probe import outcome_periods
from model.simulation.simulate import simulate
from model.studies import sweep_file
from model.validation import volumes

DRAWS = 4096  # that reports are held against

Reported = tuple[Assumptions, list[Observation]]


def check(base: Path, business: Business) -> list[str]:
    """What there is, in words; InputError with every problem found."""
    assumptions = checked(load(base, units=business.units), business, base)
    names, sweeps = scenario_names(assumptions.root), sweep_file.names(assumptions.root)
    problems: list[Problem] = spec_of(business).data_problems(assumptions.root)
    updates = update_files(assumptions.root)
    try:
        latest = checked(load(base, as_of=dt.date.max, units=business.units), business, base)
        problems += volumes.problems(latest, business)
        problems += [] if problems else _reports_of_nothing(assumptions, business)
        problems += [] if problems else _reports_out_of_reach(assumptions, business)
    except InputError as error:
        problems += error.problems
    to = None
    if is_there(assumptions.root / LATER_FILE):
        try:
            to = last_month(assumptions.root / LATER_FILE, assumptions.about.year)
            checked(load(base, as_of=dt.date.max, to=to, units=business.units), business, base)
        except InputError as error:
            problems += error.problems
            to = None
    spikes = [line.strip() for line in spikes_of(assumptions, assumptions.entries)]
    for name, end in itertools.product(names, dict.fromkeys((None, to))):
        try:
            case = checked(load(base, [name], to=end, units=business.units), business, base)
            spikes += [f"scenario {name}: {line.strip()}" for line in spikes_of(case, [e.path for e in case.edits])]
        except InputError as error:
            problems += error.problems
    for name in sweeps:
        try:
            file = sweep_file.read(assumptions.root, name)
            file.plan(checked(load(base, file.head.scenario, units=business.units), business, base), business, 0)
        except InputError as error:
            problems += error.problems
    problems += register.problems(assumptions.root)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    uncertain = sum(entry.distribution.uncertain for entry in assumptions.entries.values())
    counts = f"{len(assumptions.entries)} assumptions, {uncertain} of them uncertain"
    return [
        f"{base}: {counts}, {len(assumptions.correlations)} correlations",
        f"scenarios: {', '.join(names) or 'none'}",
        f"updates: {', '.join(path.stem for path in updates) or 'none'}",
        *([f"later years: {LATER_FILE}, to {to}"] if to else []),
        f"sweeps: {', '.join(sweeps) or 'none'}",
        *_register(assumptions, business),
        *dict.fromkeys(spikes),
        "All is well.",
    ]


def _cases_of(reports: Sequence[Observation], assumptions: Assumptions, business: Business) -> list[Reported]:
    """Reports with the case that they are of: the base case, or, where an update has added what they speak of, that of their day."""
    groups: dict[dt.date | None, list[Observation]] = {}
    outcomes = outcome_periods(assumptions, business)
    for one in reports:
        in_base = set(outcomes_of(one.outcome)) <= outcomes.keys()
        groups.setdefault(None if in_base else one.reported_on, []).append(one)
    return [(as_of(assumptions, day) if day else assumptions, group) for day, group in groups.items()]


def _reports_of_nothing(assumptions: Assumptions, business: Business) -> list[Problem]:
    """Reported figures of outcomes that the model does not have."""
    if business.observed is None:
        return []
    found: list[Problem] = []
    for case, reports in _cases_of(observed(assumptions, business), assumptions, business):
        outcomes = outcome_periods(case, business)
        found += [
            Problem(f"no outcome '{name}'", near(name, outcomes), OBSERVATIONS, one.line)
            for one in reports
            for name in outcomes_of(one.outcome)
            if name not in outcomes
        ]
    return found


def _reports_out_of_reach(assumptions: Assumptions, business: Business) -> list[Problem]:
    """Reported figures that no draw comes near, those included that follow from others."""
    found: list[Problem] = []
    every = business.checks(assumptions.root, assumptions.about.year) if business.checks else []
    for case, reports in _cases_of(every, assumptions, business):
        made = simulate(case, business, draws=DRAWS).outcomes
        for one in reports:
            try:
                fault = out_of_reach(one, one.predicted(made, case.calendar))
            except InputError as error:
                found += [Problem(p.what, p.hint, OBSERVATIONS, one.line, p.path) for p in error.problems]
                continue
            if fault is not None:
                found.append(Problem(*fault, OBSERVATIONS, one.line, one.name))
    return found


def _register(assumptions: Assumptions, business: Business) -> list[str]:
    """What is frozen, and whether the first of the forecasts was as wide as it had to be."""
    entries = register.entries(assumptions.root)
    first = register.first_of(entries)
    said = f"register: {len(entries)} entries, unchanged; head {register.head_of(assumptions.root)[:12]}"
    if first is None or business.history is None:
        return ["register: empty"] if not entries else [said]
    target, year = assumptions.target, assumptions.about.year
    known = business.history(assumptions.root, year, first.day)
    found = widths(first.forecasts(), known, (target.outcome, target.period), year, business)
    verdict = [f"  {first.label}: {phrases.verdict(found, business.label)}"] if found.items else []
    return [said, *verdict]
