"""Cases side by side: the base case, scenarios and the case on screen as columns, on the same draws, each against the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions
from model.editor.question import CURVE, Check, Files, Question, study_of
from model.errors import InputError, Problem
from model.reporting.report_spec import spec_of
from model.simulation import formatting
from model.simulation.measures import Measure
from model.simulation.metric import Metric, measured, target_metric
from model.simulation.result import Result
from model.studies.bridge import bridge as split
from model.studies.comparison import Row, rows_in_doubt
from model.studies.in_reach import in_doubt

MOST = 8  # columns
BRIDGED = 20  # changes that are split
NOW = "the edits"


def sides(files: Files, asked: Question, content: Mapping[str, Any], check: Check) -> dict[str, Any]:
    """The columns that are asked for beside the base case and the case on screen; content : `beside`, lists of scenarios."""
    plain = dataclasses.replace(asked, scenarios=(), edits={})
    questions = [plain, *(dataclasses.replace(plain, scenarios=names) for names in _named(content))]
    if asked.edits or asked.scenarios not in [each.scenarios for each in questions]:
        questions.append(asked)
    base = study_of(files, plain)
    made = []
    for each in questions:
        check()
        made.append(base.made if each is plain else base.under(files.case(each)).made)
    rows = rows_in_doubt(made, spec_of(files.business).rows, one=True)
    labels = [_label(each, files, is_now=each is asked) for each in questions]
    lines = [
        {
            "label": row.said(files.business),
            "cells": [
                {"value": value, "against": against} for value, against in (_cell(row, one, made[0]) for one in made)
            ],
        }
        for row in rows
    ]
    target = base.assumptions.target
    return {
        "columns": labels,
        "rows": lines,
        "changes": [_changes(made[0].assumptions, one.assumptions) for one in made],
        "curves": [np.quantile(one.values(target.outcome, target.period), CURVE).tolist() for one in made],
        "stamp": files.said,
    }


def bridge(files: Files, asked: Question, content: Mapping[str, Any], check: Check) -> dict[str, Any]:
    """What each change does between two columns, by default from the base case to the case on screen; content : `from`, `into`, lists of scenarios or "now"."""
    ends = [
        asked
        if content.get(key, default) == "now"
        else dataclasses.replace(asked, scenarios=_scenarios(content.get(key, default)), edits={})
        for key, default in (("from", []), ("into", "now"))
    ]
    base = study_of(files, dataclasses.replace(asked, scenarios=(), edits={}))
    old, new = (base.under(files.case(each)) for each in ends)
    count = len(set(_changes(old.assumptions, new.assumptions)))
    if not count:
        return {"lines": ["The two are the same."]}
    if count > BRIDGED:
        return {"lines": [f"The bridge is drawn for up to {BRIDGED} changes; {count} are."]}
    what = target_metric(base.assumptions)
    if not (in_doubt(old.made) or in_doubt(new.made)):
        what = Metric(what.outcome, what.period, "p50", outcome_unit=what.outcome_unit)
    found = split(old.assumptions, new.assumptions, files.business, what, make=base.under, check=check)
    return {"lines": found.lines()}


def _named(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    beside = content.get("beside", [])
    if not isinstance(beside, list) or len(beside) > MOST:
        raise InputError(Problem(f"at most {MOST} scenarios stand beside each other", "Take one off"))
    return [_scenarios(names) for names in beside]


def _scenarios(names: Any) -> tuple[str, ...]:
    return Question.of({"scenarios": names if isinstance(names, list) else [names]}).scenarios


def _label(asked: Question, files: Files, *, is_now: bool) -> str:
    if not asked.scenarios and not asked.edits:
        return "Base case"
    name = files.case(dataclasses.replace(asked, edits={})).label if asked.scenarios else ""
    if asked.edits:
        return f"{name} and {NOW}" if name else NOW.capitalize()
    return f"{name} (on screen)" if is_now else name


def _changes(base: Assumptions, case: Assumptions) -> list[str]:
    """Paths at which a case differs from another."""
    mine, theirs = base.entries, case.entries
    paths = [p for p in theirs if p not in mine or mine[p].said != theirs[p].said]
    return [*paths, *(p for p in mine if p not in theirs)]


def _cell(row: Row, one: Result, first: Result) -> tuple[str, str]:
    """A number of a case in words, and its difference from the first, known by the draws that they share."""
    target = one.assumptions.target
    outcome, period = (row.outcome, None) if row.outcome else (target.outcome, target.period)
    if row.outcome:
        what = Metric(outcome, period, f"p{round(100 * row.quantile)}", outcome_unit=one.business.unit(outcome))
    else:
        what = Metric(outcome, period, "chance", target.value if row.at_least is None else row.at_least, target.unit)
    mine, theirs = (what.estimates(each.values(outcome, period), each.replicate) for each in (one, first))
    value, gain = measured(mine), measured(mine - theirs)
    if what.statistic == "chance":
        said = formatting.share_met(what.measured(mine, one.draws))
    else:
        said = _in_unit(value, what.unit)
    return said, "" if one is first else _difference(gain, what.unit, float(value.value))


def _in_unit(value: Measure, unit: str) -> str:
    number, error = float(value.value), float(value.error)
    return formatting.percent(number, error) if unit == "share" else formatting.rounded(number, error, 1)


def _difference(gain: Measure, unit: str, size: float) -> str:
    """A difference with its error, both with no more digits than a ten-thousandth of the number itself."""
    least = 1e-4 if unit == "share" else 1e-4 * abs(size)
    value, error = float(gain.value), max(float(gain.error), least)
    if abs(value) < least / 2:
        return "="
    scale, sign = (100, " pp") if unit == "share" else (1, "")
    said = formatting.rounded(scale * value, scale * error)
    return f"{'' if said.startswith('-') else '+'}{said} ± {formatting.rounded(scale * error, scale * error)}{sign}"
