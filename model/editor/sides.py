"""Cases side by side: the base case, scenarios and the case on screen as columns, on the same draws, each against the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from model.editor.question import CURVE, Check, Files, Question, study_of
from model.errors import InputError, Problem
from model.reporting.report_spec import spec_of
from model.studies.bridge import bridge as split
from model.studies.bridge import steps
from model.studies.comparison import Comparison, rows_in_doubt
from model.studies.in_reach import in_doubt
from model.studies.signposts import default_metric

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
    compared = Comparison(made, rows_in_doubt(made, spec_of(files.business).rows, one=True))
    lines = []
    for (label, *values), gains in zip(compared.said(), compared.gains(), strict=True):
        cells = [{"value": value, "against": gain} for value, gain in zip(values, gains, strict=True)]
        lines.append({"label": label, "cells": cells})
    target = base.assumptions.target
    return {
        "columns": [_label(each, files, is_now=each is asked) for each in questions],
        "rows": lines,
        "changes": [[step.label for step in steps(base.assumptions, one.assumptions)] for one in made],
        "curves": [
            np.asarray(one.quantile(target.outcome, tuple(CURVE), target.period).value).tolist() for one in made
        ],
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
    count = len(steps(old.assumptions, new.assumptions))
    if not count:
        return {"lines": ["The two are the same."]}
    if count > BRIDGED:
        return {"lines": [f"The bridge is drawn for up to {BRIDGED} changes; {count} are."]}
    what = default_metric(old.made if in_doubt(old.made) else new.made)
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
