"""A report into data/observations.csv and out again: one row at its end, and every other byte as it was."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from model.errors import InputError, Problem, near
from model.evaluation import register
from model.files.csv_reader import read as read_csv
from model.files.pending import PendingSave, text_of
from model.files.toml_reader import is_there, shown
from model.inference.contradictions import contradictions
from model.simulation.observation import Observation, end_of, outcomes_of
from model.simulation.report_entry import Draft, Said, figure_of, period_of
from model.xiaomi.data.observations import (
    COLUMNS,
    FILE,
    SPAN,
    STEP,
    day_faults,
    every,
    named,
    observation,
    series_of,
    truth,
)
from model.xiaomi.outcomes import ACCOUNTS, REPORTED, label_of, unit_of

ASKED = {  # what a report has, and what to write
    "outcome": "ev.deliveries",
    "period": "2026-10, 2026Q3",
    "figure": "'>=40_000' (quoted), 30_153, '<=50_000', 35_000..40_000",
    "on": "the day it became known: 2026-11-01",
    "source": "where it is said, in words",
}
ALIKE = 2  # reports like one, from which its series is taken for theirs
PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2])|Q[1-4]|H[12])?")
KEY = ("outcome", "period", "kind", "value", "upper", "series", "reported_on")


def draft(root: Path, said: Said, outcomes: Sequence[str]) -> Draft:
    """Make the row of a report, and hold it against what is there; outcomes : those that the model has.

    Raises InputError with all that is missing or wrong, each with what would be right.
    """
    given = {key: str(getattr(said, key)).strip() for key in ASKED}
    problems = [Problem("is missing", hint, path=key) for key, hint in ASKED.items() if not given[key]]
    days = [Problem(what, hint, path="on") for what, hint in day_faults(given["on"])] if given["on"] else []
    problems += days
    name, period = _outcome(said.outcome, outcomes, problems) if given["outcome"] else "", period_of(said.period)
    if given["period"] and not PERIOD.fullmatch(period):
        hint = "2026-10, October 2026, 2026Q3, 2026H1, 2026"
        problems.append(Problem(f"no period '{said.period}'", hint, path="period"))
    elif given["period"] and given["on"] and not days and end_of(period).isoformat() > given["on"].rpartition(SPAN)[2]:
        what = f"{period} had not ended on {given['on']}"
        problems.append(Problem(what, "The month or quarter that the figure is of", path="period"))
    unit = unit_of(outcomes_of(name)[0]) if name else ""
    kind, value, upper = "exact", math.nan, math.nan
    if given["figure"]:
        try:
            kind, value, upper = figure_of(said.figure, unit or None)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    series, there = series_of(root), every(root)
    chosen, notes = said.series.strip(), list[str]()
    if not chosen and name:
        chosen, why = _series_for(root, name, period, kind, there)
        notes += [why] if chosen else []
        problems += [] if chosen else [Problem(why, "Name it", path="series")]
    step = series.get(chosen, {}).get(STEP)
    if step and kind == "at_least" and unit in ACCOUNTS.whole and not said.open_end:
        upper = (math.floor(value / step) + 1) * step
        notes.append(
            f"taken as below {upper:,.0f}: {chosen} announces in steps of {step:,.0f} (--open-end sets no upper end)"
        )
    if problems:
        raise InputError(problems)
    row = {
        "outcome": name, "period": period, "kind": kind, "value": _written(value), "upper": "" if math.isnan(upper) else _written(upper),
        "unit": said.unit.strip() or unit, "series": chosen, "reported_on": said.on.strip(), "use": "check" if said.check else "fit",
        "source": said.source.strip(), "note": said.note.strip(),
    }  # fmt: skip
    return _appended(root, row, notes, series, there, correct=said.correct)


def _appended(
    root: Path,
    row: dict[str, str],
    notes: list[str],
    series: dict[str, dict[str, float]],
    there: Sequence[Observation],
    *,
    correct: bool,
) -> Draft:
    path = root / "data" / FILE
    broken = [key for key, text in row.items() if any(ord(letter) < 32 for letter in text)]
    if broken:
        raise InputError(Problem("has a line break or a tab in it", "One line of text", path=broken[0]))
    old = text_of(path) if is_there(path) else None
    end = "\r\n" if old and "\r\n" in old else "\n"
    line = _line(row)
    before = old or ",".join(COLUMNS) + end
    whole = before.endswith("\n")
    new = f"{before}{line}{end}" if whole else f"{before}{end}{line}"
    number = len(_lines(new))
    try:
        report = observation(row, number, series)
    except ValueError as error:
        raise InputError([Problem(what, hint, path=_option(what)) for what, hint in error.args]) from None
    same = [
        one for one in there if (one.outcome, one.period, one.series) == (report.outcome, report.period, report.series)
    ]
    newest = max(same, key=lambda one: one.reported_on, default=None)
    if newest is not None:
        _refuse_same(newest, report, correct=correct)
        notes.append(
            f"takes the place of {newest.figure} of {newest.reported_on:%-d %B %Y} from {report.reported_on:%-d %B} on"
        )
    known = {(one.line, what) for one, what, _ in contradictions(there, ACCOUNTS)}
    wrong = [
        (one, what, hint)
        for one, what, hint in contradictions([*there, report], ACCOUNTS)
        if (one.line, what) not in known
    ]
    if wrong:
        mine = f"line {number}, "
        places = [("figure" if one is report else f"line {one.line}", what, hint) for one, what, hint in wrong]
        raise InputError([Problem(what.replace(mine, "this one, "), hint, path=path) for path, what, hint in places])
    return Draft(line, shown(path), report, PendingSave(path, old, new), notes, newest, row["use"] == "fit")


def _refuse_same(there: Observation, report: Observation, *, correct: bool) -> None:
    """InputError for a figure that is there, and for another in its place that is not said to correct it, or is no later."""
    place = f"data/{FILE}"
    if (there.kind, there.ends) == (report.kind, report.ends):
        what = f"{report.name} of the series {report.series} is there already: {there.figure}, {there.reported_on}"
        raise InputError(Problem(what, "Nothing is to be written", place, there.line))
    what = f"{report.name} is {there.figure} by the same series since {there.reported_on}"
    undo = f"a slip is taken back by `model report --undo '{report.outcome}' {report.period}`"
    if not correct:
        raise InputError(Problem(what, f"Another period? --correct, if it was restated; {undo}", place, there.line))
    if there.reported_on >= report.reported_on:
        raise InputError(Problem(what, f"A correction has a later day; {undo}", place, there.line))


def taken_back(root: Path, outcome: str = "", period: str = "") -> Draft:
    """Make the change that takes a report back: the last row, or the newest of an outcome and period.

    Raises InputError where there is none, and for one that a frozen forecast knew.
    """
    path, faults = root / "data" / FILE, list[Problem]()
    rows, _ = read_csv(path, f"data/{FILE}", COLUMNS)
    name = _outcome(outcome, [row["outcome"] for _, row in rows], faults) if outcome else ""
    if faults:
        raise InputError(faults)
    wanted = name, period_of(period)
    fits = [
        (line, row)
        for line, row in rows
        if wanted[0] in ("", named(row["outcome"])) and wanted[1] in ("", row["period"])
    ]
    if not fits:
        what = f"no report of {name} in {period}" if outcome or period else "no report is there"
        raise InputError(Problem(what, "`model run` lists them", f"data/{FILE}"))
    if outcome or period:
        fits.sort(key=lambda each: each[1]["reported_on"].rpartition(SPAN)[2])  # of one day the last stays last
    line, row = fits[-1]
    knew = _frozen(root, row)
    if knew:
        what = f"{row['outcome']} in {row['period']} is known to the frozen forecast {knew}"
        hint = "What was frozen is history: a correction is a new row with its own day"
        raise InputError(Problem(what, hint, f"data/{FILE}", line))
    old = text_of(path)
    lines = _lines(old)
    begin = line - 1
    if any("\n" in text for text in row.values()):
        raise InputError(Problem("is written over several lines", "Take it out by hand", f"data/{FILE}", line))
    kept = lines[:begin] + lines[line:]
    new = "".join(kept)
    if begin == len(kept) and not old.endswith("\n"):
        new = new.removesuffix("\n").removesuffix("\r")
    report = observation({**row, "outcome": named(row["outcome"])}, line, series_of(root))
    return Draft(
        lines[begin].rstrip("\r\n"), shown(path), report, PendingSave(path, old, new), used=row["use"] == "fit"
    )


def _frozen(root: Path, row: dict[str, str]) -> str:
    """The first frozen forecast that knew a row; "" where none did."""
    for entry in register.entries(root, corrected=True):
        held = entry.folder / register.OBSERVATIONS
        if not is_there(held):
            continue
        rows, _ = read_csv(held, shown(held), COLUMNS)
        if any(all(other[key] == row[key] for key in KEY) for _, other in rows):
            return entry.label
    return ""


def _outcome(text: str, outcomes: Sequence[str], problems: list[Problem]) -> str:
    """The outcome that a text names, by its path or label; "" with a problem where there is none."""
    plain = " ".join(text.split()).lower()
    known = dict.fromkeys((*REPORTED, *outcomes))
    labels = {label_of(name).lower(): name for name in reversed(list(known)) if "+" not in name}
    found = named(text.strip())
    parts = outcomes_of(found)
    if found in known or all(part in known for part in parts):
        return found
    if plain in labels:
        return labels[plain]
    hint = near(plain, [*known, *labels]) or f"Reported are: {', '.join(REPORTED)}"
    problems.append(Problem(f"no outcome '{text}'", hint, path="outcome"))
    return ""


def _series_for(root: Path, outcome: str, period: str, kind: str, there: Sequence[Observation]) -> tuple[str, str]:
    """The series of a report that names none, and why; "" and what is wrong where it cannot be told."""

    def shape(one: str) -> str:
        return "".join(letter for letter in one[4:] if not letter.isdigit())

    like = Counter(
        one.series
        for one in there
        if one.outcome == outcome and shape(one.period) == shape(period) and one.kind == kind
    )
    if (
        like
        and like.most_common(1)[0][1] >= ALIKE
        and (len(like) == 1 or like.most_common(2)[0][1] > like.most_common(2)[1][1])
    ):
        chosen, count = like.most_common(1)[0]
        return chosen, f"series {chosen}, as {count} like it before"
    first = truth(root).get(outcome, ())
    if len(first) == 1:
        return first[0], f"series {first[0]}, for which its forecasts are scored"
    known = ", ".join(series_of(root))
    return "", f"the series is not clear: {', '.join(first) or known}"


def _lines(text: str) -> list[str]:
    """Its lines as a CSV file counts them, with their ends."""
    return io.StringIO(text, newline="").readlines()


def _line(row: dict[str, str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([row[column] for column in COLUMNS])
    return out.getvalue()


def _written(value: float) -> str:
    return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"


def _option(what: str) -> str:
    """What a fault of a row is of, by the name that a person gave."""
    first = what.partition(" ")[0]
    return {"value": "figure", "kind": "figure", "reported_on": "on", "unit": "unit", "series": "series"}.get(first, "")
