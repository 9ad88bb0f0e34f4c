"""What the page asks of a case: the form, and the answer to a set of edits. Every number comes from the public interface."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import datetime as dt
import io
import json
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import model
from model.assumptions.assumption import Assumption, Assumptions, said
from model.assumptions.calendar import DATE, date_of
from model.assumptions.case import WhatIf
from model.assumptions.distributions.time_varying import keys_of, newest
from model.assumptions.layers import scenario
from model.assumptions.layers.later_years import FILE as LATER
from model.assumptions.layers.later_years import last_month
from model.assumptions.resolve import before_updates, under
from model.assumptions.schema import FORM_KEYS
from model.errors import InputError, Problem
from model.files.toml_reader import is_there
from model.inference.as_of import days as known_days
from model.reporting.figures import drawing
from model.reporting.figures.letters import quiet
from model.reporting.figures.style import styled
from model.reporting.inputs_text import given_reports, public_numbers
from model.reporting.memo import html as memo_page
from model.reporting.report_spec import spec_of
from model.simulation import formatting
from model.simulation.business import Business, quarter_number
from model.simulation.consistency import audit
from model.simulation.measures import quantile
from model.simulation.result import Result
from model.studies.comparison import others_of
from model.studies.in_reach import chances_in_reach, in_doubt
from model.studies.study import Study

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
CURVE = np.linspace(0.02, 0.98, 33)
QUICK, TORNADO, MOST = 8192, 4096, 131_072  # draws of a first answer, of the tornado, at most
SCENARIOS, EDITS = 100, 1000  # at most in a question
ROWS = 400  # of the table of a figure
WHY = "edited on the page"


Check = Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Question:
    """A case as the page has it: scenarios that are on, a day, and edits that stand in no file yet: path -> key -> number."""

    scenarios: tuple[str, ...] = ()
    as_of: str | None = None
    edits: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    draws: int = QUICK
    to: str | None = None  # the last month, where it is beyond the first year

    @classmethod
    def of(cls, content: Any) -> Question:
        """From JSON; InputError where it has another shape."""
        try:
            edits = edits_of(content.get("edits", {}))
            names = tuple(str(name) for name in content.get("scenarios", ()))
            day, to = content.get("as_of"), content.get("to")
            draws = min(max(int(content.get("draws", QUICK)), 1), MOST)
        except (AttributeError, TypeError, ValueError, OverflowError):
            raise InputError(Problem("the page asked in a form that is not known", "Load it again")) from None
        problems = [
            Problem(f"unknown key '{key}'", "A number of the distribution", path=path)
            for path, keys in edits.items()
            for key in keys
            if key not in FORM_KEYS
        ]
        problems += [
            Problem(f"no scenario '{name}'", "By its name")
            for name in names
            if not re.fullmatch(r"[A-Za-z0-9_]+", name)
        ]
        if len(names) > SCENARIOS or len(edits) > EDITS:
            problems = [
                Problem("the page asked for more than it can have", f"At most {SCENARIOS} scenarios and {EDITS} edits")
            ]
        if problems:
            raise InputError(problems)
        return cls(names, None if day is None else str(day), edits, draws, None if to is None else str(to))


def edits_of(content: Any) -> dict[str, dict[str, Any]]:
    """Path -> key -> number, from JSON; raises where it has another shape."""
    return {str(path): {str(key): value for key, value in keys.items()} for path, keys in content.items() if keys}


class Files:
    """The base case and its scenarios as they are on disk, read again when a file has changed."""

    def __init__(self, base: Path, business: Business) -> None:
        self.base, self.business = base, business
        self.start: str | None = None  # the day on which a page opens; None: the base case's own
        self._given: tuple[tuple[str, str | None, tuple[int, ...]], Study] | None = None
        self._held: dict[tuple[str | None, str | None], tuple[tuple[int, ...], Assumptions]] = {}

    def loaded(self, as_of: str | None, to: str | None = None) -> Assumptions:
        """The base case as known on a day, checked; to : the last month, beyond the first year."""
        stamp = self.stamp()
        known = self._held.get((as_of, to))
        if known is None or known[0] != stamp:
            known = stamp, model.load(self.base, as_of=as_of or "base", to=to, business=self.business)
            self._held[as_of, to] = known
        return known[1]

    def given(self, as_of: str, to: str | None) -> Study:
        """The base case given what was known by a day: its posterior is read once, and again when a file has changed."""
        key = as_of, to, self.stamp()
        if self._given is None or self._given[0] != key:
            self._given = key, model.study(self.loaded(as_of, to), self.business)
        return self._given[1]

    @property
    def horizons(self) -> list[str]:
        """Decembers to which the case can run beyond its first year."""
        file = self.root / LATER
        first = self.loaded(None).about.year
        last = int(last_month(file, first)[:4]) if is_there(file) else first
        return [f"{year}-12" for year in range(first + 1, last + 1)]

    @property
    def root(self) -> Path:
        """The folder of the base case; of a link, of what it leads to."""
        return Path(os.path.realpath(self.base)).parent

    def stamp(self) -> tuple[int, ...]:
        """Times at which the files were changed."""
        root = self.root
        files = [
            self.base,
            *sorted(root.glob("scenarios/*.toml")),
            *sorted(root.glob("updates/*.toml")),
            *sorted(root.glob("data/*.csv")),
        ]
        found = []
        for file in files:
            with contextlib.suppress(OSError):  # one that has just gone
                now = file.stat()
                found += [now.st_mtime_ns, now.st_size]
        return tuple(found)

    @property
    def said(self) -> str:
        """The stamp as text: an answer with another one is of other files."""
        return "-".join(map(str, self.stamp()))

    def case(self, asked: Question) -> Assumptions:
        """The case that is asked for; InputError with every problem, each with its path."""
        base = self.loaded(asked.as_of, asked.to)
        on_screen = under(base, asked.scenarios) if asked.edits else base
        edits = [
            WhatIf(path, with_dates(_all_numbers(on_screen, path, keys)), WHY) for path, keys in asked.edits.items()
        ]
        case = under(base, asked.scenarios, edits)
        problems = audit(case, self.business) if asked.edits else []
        if problems:
            raise InputError(problems)
        return case


def _all_numbers(on_screen: Assumptions, path: str, keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys of an edit; of a P50 alone with the others that are on the screen beside it, which stay as they are."""
    entry = on_screen.entries.get(path)
    if list(keys) != ["p50"] or entry is None:
        return keys
    beside = {key: value for key, value in keys_of(newest(entry.distribution)).items() if key in ("p10", "p90")}
    return {**beside, **keys}


def with_dates(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Dates, which JSON has as text, as dates; other text stays and is refused where it is checked."""

    def one(value: Any) -> Any:
        try:
            return dt.date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return {key: [one(v) for v in value] if isinstance(value, list) else one(value) for key, value in keys.items()}


def form(files: Files, asked: Question) -> dict[str, Any]:
    """The assumptions by group in the order of the file, scenarios, and days on which something was reported."""
    case = files.case(dataclasses.replace(asked, edits={}))
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, entry in case.entries.items():
        groups.setdefault(path.rpartition(".")[0], []).append(_field(entry))
    root = files.root
    stories = []
    for name in scenario.scenario_names(root):
        head = scenario.parsed(scenario.named(root, name), case, []).head
        stories.append({"name": name, "label": head.label, "story": head.story})
    days = [day.isoformat() for day in known_days(before_updates(case), files.business)]
    return {
        "title": case.about.title, "question": case.about.question, "base_day": files.loaded(None).about.as_of.isoformat(),
        "groups": [{"name": name, "fields": fields} for name, fields in groups.items()], "scenarios": stories, "days": days,
        "target": case.target.value, "stamp": files.said, "start": files.start, "horizons": files.horizons, "reported": list(files.business.reported), "measures": _measures(case, files.business),
        "figures": {name: drawn.shows for name, drawn in drawing.figures_of(files.business).items() if not drawn.needs},
    }  # fmt: skip


def _measures(case: Assumptions, business: Business) -> list[list[str]]:
    """What a tornado can be of: a measure as a user writes it, and in words; the first is the default."""
    rows = [row for row in spec_of(business).rows if row.outcome]
    named = [[f"{row.outcome}:p{round(100 * row.quantile)}", row.label] for row in rows]
    return [
        ["", "what is in doubt"],
        [f"{case.target.outcome}>={case.target.value:.10g}", "chance of the target"],
        *named,
    ]


def _field(entry: Assumption) -> dict[str, Any]:
    """What the form shows of an assumption."""
    keys = {
        key: as_in_files(value, entry.unit)
        for key, value in keys_of(newest(entry.distribution)).items()
        if key != "dist"
    }
    curve = _curve(entry)
    return {
        "path": entry.path, "label": entry.label, "unit": entry.unit, "evidence": entry.evidence, "source": entry.source, "why": entry.why,
        "day": entry.as_of.isoformat(), "set_by": entry.set_by, "said": said(entry.distribution, entry.unit), "keys": keys,
        "curve": [curve] if curve else [], "fixed": entry.happened, "public": public_numbers(entry),
    }  # fmt: skip


def _curve(entry: Assumption) -> list[float]:
    """Quantiles of an assumption at `CURVE`, of its first month or quarter after the last change; none of a number that is known."""
    held = newest(entry.distribution)
    if not held.uncertain:
        return []
    with np.errstate(all="ignore"):
        return [float(x) for x in np.atleast_2d(held.quantile(CURVE))[0]]


def as_in_files(value: Any, unit: str) -> Any:
    """A number as a file has it: dates, which are numbers of months in the model, as 2027-04-15."""
    if isinstance(value, list):
        return [as_in_files(each, unit) for each in value]
    return date_of(value).isoformat() if unit == DATE and isinstance(value, float) and value > 12 * 1900 else value


def study_of(files: Files, asked: Question, draws: int | None = None) -> Study:
    """A study of the case; given reports, on as many draws as the command line takes, so that one posterior serves both."""
    case = files.case(asked)
    return (
        files.given(asked.as_of, asked.to).under(case)
        if asked.as_of
        else model.study(case, files.business, draws=draws or asked.draws)
    )


def answer(files: Files, asked: Question) -> dict[str, Any]:
    """The headline, the draws of the target's outcome, the months, the segments."""
    study = study_of(files, asked)
    result = study.shown
    a, target = result.assumptions, result.assumptions.target
    chance, spec = result.chance(), spec_of(result.business)
    spread = result.quantile(target.outcome, (0.1, 0.5, 0.9), target.period)
    first, needed = spec.ahead(result)
    monthly = np.asarray(result.outcomes[target.outcome])[:12]
    fan = np.asarray(quantile(monthly, LEVELS, replicate=result.replicate, weights=result.weights).value)
    segments = [
        [label, *(_cell(result.quantile(outcome, (0.1, 0.5, 0.9)).value, result.business.unit(outcome)))]
        for outcome, label in spec.summary
    ]
    return {
        "chance": float(chance.value), "error": float(chance.error), "chance_said": formatting.chance(chance),
        "in_doubt": in_doubt(result), "p50": float(spread.value[1]), "key": [*chances_in_reach(result), *spec.key(result)],
        "spread": [formatting.rounded(float(v), float(e)) for v, e in zip(spread.value, spread.error, strict=True)],
        "draws": result.draws, "hash": a.hash, "label": a.label, "given": result.given,
        "dial": json.loads(memo_page.draws(result)), "fan": fan.tolist(), "needed": needed, "open": first,
        "reported": {o.period: list(o.ends) for o in result.reports if o.outcome == target.outcome and "-" in o.period},
        "segments": segments, "years": _years(result), "curves": {path: _curve(a[path]) for path in asked.edits}, "stamp": files.said,
    }  # fmt: skip


def _years(result: Result) -> list[list[str]]:
    """Of a run beyond the first year: what is counted, and its P50 (P10 to P90) of each year; the head first."""
    calendar, business = result.assumptions.calendar, result.business
    if calendar.years == 1:
        return []
    years = [str(year) for year in range(calendar.first, calendar.last + 1)]
    rows = [["", *years]]
    for outcome, label in _middles(business):
        cells = []
        for year in years:
            low, middle, high = _cell(result.quantile(outcome, (0.1, 0.5, 0.9), year).value, business.unit(outcome))
            cells.append(f"{middle} ({low} to {high})")
        rows.append([label, *cells])
    return rows


def quarters(files: Files, asked: Question) -> dict[str, Any]:
    """What is counted by quarter: what was reported, since the year before, and P50 (P10 to P90) of the quarters still open."""
    result = study_of(files, asked).made
    a, business = result.assumptions, result.business
    told = business.history(a.root, a.about.year, a.about.as_of).quarters if business.history else {}
    known = {(one.outcome, one.period): one.value for one in result.reports if one.ends[0] == one.ends[1]}
    past, year = [f"{a.about.year - 1}Q{n}" for n in range(1, 5)], [f"{a.about.year}Q{n}" for n in range(1, 5)]
    rows = []
    for outcome, label in _middles(business):
        unit = business.unit(outcome)
        held = {quarter: told.get(outcome, {}).get(quarter_number(quarter)) for quarter in past}
        held |= {quarter: known.get((outcome, quarter)) for quarter in year}
        cells = []
        for quarter in (*past, *year):
            value = held[quarter]
            if value is not None:
                cells.append(_cell([value], unit)[0])
            elif quarter in past or quarter not in result.periods(outcome):
                cells.append("")
            else:
                low, middle, high = _cell(result.quantile(outcome, (0.1, 0.5, 0.9), quarter).value, unit)
                cells.append(f"{middle} ({low} to {high})")
        rows.append([label, *cells])
    return {"rows": [["", *past, *year], *rows]}


def _middles(business: Business) -> list[tuple[str, str]]:
    """(outcome, label) of the medians that a business sets side by side."""
    rows = [row for row in spec_of(business).rows if row.outcome and row.quantile == 0.5]
    return [(row.outcome, row.label.replace(" P50", "")) for row in rows]


def _cell(levels: Any, unit: str) -> list[str]:
    scale, places = (100.0, 1) if unit == "share" else (1e-3, 0) if unit == "vehicle" else (1.0, 1)
    sign = "%" if unit == "share" else "k" if unit == "vehicle" else ""
    return [f"{scale * float(v) + 0.0:,.{places}f}{sign}" for v in levels]


def tornado(files: Files, asked: Question, measure: str = "", check: Check = lambda: None) -> dict[str, Any]:
    """What moves a measure, by default the chance or where that is in no doubt the P50: each assumption held at its P10 and at its P90.

    check : called in between, and may end it
    """
    study = study_of(files, asked, TORNADO)
    found = model.tornado(study, measure, progress=lambda *_: check())
    say, unit = formatting.signed_in(found.what.unit, [m for bar in found.moving for m in (bar.low, bar.high)])
    base = study.measure(found.what)
    return {
        "what": found.what.in_words(study.business.label), "unit": unit, "of_chance": found.what.statistic == "chance", "now": float(base.value), "now_said": say(base.value),
        "bars": [
            {
                "path": b.path, "label": b.label, "low": float(b.low.value), "high": float(b.high.value), "size": float(b.size),
                "low_said": say(b.low.value), "high_said": say(b.high.value),
            }
            for b in found.moving
        ],
    }  # fmt: skip


def learned(files: Files, asked: Question) -> dict[str, Any]:
    """What the reports taught of the assumptions, in words and of each its quantiles now; nothing on a day before any."""
    study = study_of(files, dataclasses.replace(asked, edits={}))
    if study.posterior is None:
        return {"lines": [], "each": {}}
    found = model.learned(study)
    return {"lines": found.lines(), "each": {one.path: given_reports(one) for one in found.items}}


def picture(files: Files, asked: Question, name: str, size: str) -> dict[str, Any]:
    """A figure of the case on screen, as a PNG to copy, and its alt text."""
    study = study_of(files, asked)
    if name not in drawing.drawable(study.shown) or size not in drawing.SIZE_NAMES:
        raise InputError(Problem(f"no figure '{name}' of size '{size}'", "One of the list"))
    made = drawing.picture(name, study.shown, size, partial(others_of, study))
    held = io.BytesIO()
    with styled(), quiet():
        made.figure.savefig(held, format="png", dpi=150)
    rows = [list(map(_in_table, row)) for row in made.table.rows[:ROWS]]
    return {
        "png": base64.b64encode(held.getvalue()).decode(), "alt": made.alt, "title": made.title,
        "columns": list(made.table.columns), "rows": rows, "more": max(len(made.table.rows) - ROWS, 0),
    }  # fmt: skip


def _in_table(cell: Any) -> str:
    return formatting.short(cell) if isinstance(cell, float) and np.isfinite(cell) else str(cell)
