"""What Xiaomi has reported of the year that is forecast: data/observations.csv, with the error of each series from data/series.toml.

A row is one figure with the day it became known. `use` says whether it is conditioned on (`fit`), or follows from others
and is only looked at (`check`).
"""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

from model.assumptions.calendar import today
from model.errors import InputError, Problem, near
from model.files.csv_reader import read as read_csv
from model.files.toml_reader import is_there
from model.files.toml_reader import read as read_toml
from model.inference.contradictions import cannot_be_alone, contradictions
from model.simulation.observation import KINDS, SHARE, Observation, outcomes_of
from model.xiaomi.outcomes import ACCOUNTS, REPORTED, unit_of

FILE, SERIES, TRUTH = "observations.csv", "series.toml", "truth"
SPAN = ".."  # between the days within which a figure became known: it counts from the last
COLUMNS = ("outcome", "period", "kind", "value", "upper", "unit", "series", "reported_on", "use", "source", "note")
ERRORS = ("relative", "points", "amount")
STEP = "step"  # of a series whose floors are announced in round numbers
NEEDED = ("outcome", "period", "source")


def observations(root: Path, year: int, *, checks: bool = False) -> list[Observation]:
    """The reported figures of a year beside a base case, by day; with `checks` those too that follow from others.

    No file, no figures. Raises InputError with every problem, each with its line.
    """
    found, problems = _read(root, together=checks)
    if problems:
        raise InputError(problems)
    mine = [one for use, one in found if one.period.startswith(str(year)) and (checks or use == "fit")]
    return sorted(mine, key=lambda o: (o.reported_on, o.line))


def every(root: Path) -> list[Observation]:
    """Return all reported figures, of any year and use, as the rows stand; InputError with every problem."""
    found, faults = _read(root, together=False)
    if faults:
        raise InputError(faults)
    return [one for _, one in found]


def problems(root: Path) -> list[Problem]:
    """What is wrong with the reported figures, and with the errors of their series."""
    try:
        return _read(root, together=True)[1]
    except InputError as error:
        return list(error.problems)


def _read(root: Path, *, together: bool) -> tuple[list[tuple[str, Observation]], list[Problem]]:
    """(use, figure) of each sound row, and what is wrong with the others; with `together` also between rows.

    Between rows takes a tenth of a second, which a run that uses none of them is spared.
    """
    path, file = root / "data" / FILE, f"data/{FILE}"
    if not is_there(path):
        return [], []
    series = series_of(root)
    rows, faults = read_csv(path, file, COLUMNS)
    found: list[tuple[str, Observation]] = []
    for line, row in rows:
        try:
            found.append((row["use"], observation({**row, "outcome": named(row["outcome"])}, line, series)))
        except ValueError as error:
            faults += [Problem(what, hint, file, line) for what, hint in error.args]
    reports = [one for _, one in found]
    wrong = contradictions(reports, ACCOUNTS) if together else list(cannot_be_alone(reports, ACCOUNTS))
    faults += [Problem(what, hint, file, one.line) for one, what, hint in wrong]
    return found, faults


def named(outcome: str) -> str:
    """One name for one outcome, or one sum of outcomes, however it is spaced and in whatever order it is added up."""
    parts = sorted(outcomes_of(outcome))
    known = next((name for name in REPORTED if sorted(outcomes_of(name)) == parts), None)
    return known or " + ".join(parts)


def observation(row: dict[str, str], line: int, series: dict[str, dict[str, float]]) -> Observation:
    """One row; ValueError with (what is wrong, what would be right) for each fault."""
    missing = [column for column in NEEDED if not row[column].strip()]
    if missing:
        raise ValueError((f"lacks {', '.join(missing)}", "Every figure has an outcome, a period and a source"))
    faults: list[tuple[str, str]] = []
    value, upper = _number(row["value"]), _number(row["upper"] or "nan")
    if not math.isfinite(value):
        faults.append((f"value is '{row['value']}', not a number", "Write 39000 or 0.201"))
    if row["kind"] not in KINDS:
        faults.append((f"kind is '{row['kind']}'", near(row["kind"], KINDS) or f"One of: {', '.join(KINDS)}"))
    if (row["kind"] == "between" or row["upper"]) and not upper > value:
        faults.append(("a range needs an upper end above its value", "Fill the column upper"))
    if row["upper"] and row["kind"] in ("exact", "derived", "at_most"):
        faults.append((f"{row['kind']} has no upper end beside its value", "between, or leave the column upper empty"))
    if row["series"] not in series:
        faults.append(
            (f"series '{row['series']}' has no error", near(row["series"], series) or f"A table in data/{SERIES}")
        )
    if row["use"] not in ("fit", "check"):
        faults.append((f"use is '{row['use']}'", "fit, or check where it follows from others"))
    expected = unit_of(outcomes_of(row["outcome"])[0])
    faults += _unit_faults(row["outcome"], row["unit"], expected)
    faults += day_faults(row["reported_on"])
    if faults:
        raise ValueError(*faults)
    day = dt.date.fromisoformat(row["reported_on"].rpartition(SPAN)[2])
    kind = "points" if expected == SHARE else "amount" if ACCOUNTS.can_be_negative(row["outcome"]) else "relative"
    if kind not in series[row["series"]]:
        raise ValueError((f"series '{row['series']}' has no error in {kind}", f"A line `{kind} = ..` in data/{SERIES}"))
    return Observation(
        row["outcome"], row["period"], row["kind"], value, series[row["series"]][kind], row["unit"], row["series"], day,
        row["source"], upper, kind != "relative", row["note"], line,
    )  # fmt: skip


def day_faults(text: str) -> list[tuple[str, str]]:
    """What is wrong with the day of a report, or with the span in which it became known."""
    try:
        day = dt.date.fromisoformat(text.rpartition(SPAN)[2])
    except ValueError:
        return [(f"reported_on is '{text}'", "The day it became known, or a span: 2026-05-26, 2026-05-21..2026-07-01")]
    future = f"reported_on is {day}, which is in the future: today is {today()}"
    return [(future, "The day it became known")] if day > today() else []


def _unit_faults(outcome: str, given: str, expected: str) -> list[tuple[str, str]]:
    """A sum of what is counted in different units, or a unit that is not the outcome's."""
    units = {name: unit_of(name) for name in outcomes_of(outcome)}
    if len(set(units.values())) > 1:
        said = ", ".join(f"{name} in {unit}" for name, unit in units.items())
        return [(f"adds up what is counted in different units: {said}", "A row for each")]
    return [] if given == expected else [(f"unit '{given}' should be '{expected}'", "The unit of the outcome")]


def truth(root: Path) -> dict[str, tuple[str, ...]]:
    """Outcome -> the series that its forecasts are scored for, the first that has the period; nothing where none is named."""
    path = root / "data" / SERIES
    content = read_toml(path)[0] if is_there(path) else {}
    return {name: tuple(series) for name, series in content.get(TRUTH, {}).items() if name != "why"}


def _truth_faults(content: dict[str, Any]) -> list[Problem]:
    """What is wrong with [truth]: an outcome that is not reported, a series that is not there."""
    given, found = content.get(TRUTH, {}), list[Problem]()
    if not isinstance(given, dict):
        return [Problem(f"[{TRUTH}] is no table", '"ev.deliveries" = ["filing", "company"]', f"data/{SERIES}")]
    for name, series in given.items():
        if name == "why":
            continue
        if name not in REPORTED:
            found.append(
                Problem(f"no figures of '{name}' are reported", near(name, REPORTED), f"data/{SERIES}", path=TRUTH)
            )
        elif not isinstance(series, list) or not series or any(one not in content or one == TRUTH for one in series):
            known = ", ".join(key for key in content if key != TRUTH)
            found.append(
                Problem(f"{name} names no series of this file", f"A list of: {known}", f"data/{SERIES}", path=TRUTH)
            )
    return found


def series_of(root: Path) -> dict[str, dict[str, float]]:
    """The errors of each series; InputError where one is none, or has no reason."""
    path = root / "data" / SERIES
    content, _ = read_toml(path)
    problems = _truth_faults(content)
    content = {name: table for name, table in content.items() if name != TRUTH}
    for name, table in content.items():
        given: dict[str, Any] = table if isinstance(table, dict) else {}
        if not str(given.get("why", "")).strip():
            problems.append(Problem(f"the error of the series '{name}' has no reason", "why = ..", f"data/{SERIES}"))
        for key in given.keys() - {"why"}:
            sound = key in (*ERRORS, STEP) and isinstance(given[key], int | float) and given[key] > 0
            if not sound:
                hint = near(key, ERRORS) or f"{', '.join(ERRORS)}: a number above 0"
                problems.append(Problem(f"{name}.{key} is no error", hint, f"data/{SERIES}"))
    if problems:
        raise InputError(problems)
    return {name: {key: float(x) for key, x in table.items() if key != "why"} for name, table in content.items()}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
