"""The assumptions, every scenario, every sweep and the data, checked; nothing is simulated."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from model.assumptions.loading import load
from model.assumptions.overlays.scenario import scenario_names
from model.assumptions.overlays.updates import update_files
from model.errors import InputError, Problem
from model.reporting.desk import desk_of
from model.simulation.audit import checked
from model.simulation.business import Business
from model.studies import sweep_files


def check(base: Path, business: Business) -> list[str]:
    """What there is, in words; InputError with every problem found."""
    assumptions = checked(load(base, units=business.units), business, base)
    names, sweeps = scenario_names(assumptions.root), sweep_files.names(assumptions.root)
    problems: list[Problem] = desk_of(business).data_problems(assumptions.root)
    updates = update_files(assumptions.root)
    try:
        checked(load(base, as_of=dt.date.max, units=business.units), business, base)
    except InputError as error:
        problems += error.problems
    for name in names:
        try:
            checked(load(base, [name], units=business.units), business, base)
        except InputError as error:
            problems += error.problems
    for name in sweeps:
        try:
            file = sweep_files.read(assumptions.root, name)
            file.plan(checked(load(base, file.head.scenario, units=business.units), business, base), business, 0)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    uncertain = sum(entry.distribution.uncertain for entry in assumptions.entries.values())
    counts = f"{len(assumptions.entries)} assumptions, {uncertain} of them uncertain"
    return [
        f"{base}: {counts}, {len(assumptions.correlations)} correlations",
        f"scenarios: {', '.join(names) or 'none'}",
        f"updates: {', '.join(path.stem for path in updates) or 'none'}",
        f"sweeps: {', '.join(sweeps) or 'none'}",
        "All is well.",
    ]
