"""Report spec: what reporting says and draws of a business beyond what holds for any.

A business names its spec as "module:NAME" (`Business.report`); it is imported when something is said or drawn. One that
names none gets the plain spec: the target's outcome, its chance, and the studies.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from model.assumptions.schema import Target
from model.errors import InputError, Problem
from model.simulation.business import Business
from model.simulation.result import Result
from model.studies.comparison import PLAIN as PLAIN_ROWS
from model.studies.comparison import Row

if TYPE_CHECKING:
    from model.reporting.memo.material import Material


class Drawn(NamedTuple):
    """A figure of a run: the module that draws it, what it shows, and the outcome that it needs where not every run has it."""

    module: str
    shows: str
    needs: str = ""


class Move(NamedTuple):
    """A line of what moved between two runs: a headline number, how it is scaled, rounded and called."""

    label: str
    outcome: str
    statistic: str
    scale: float
    places: int
    sign: str
    unit: str


class Marker(NamedTuple):
    """A published number of the target's outcome: who, and when."""

    label: str
    value: float


CHANCE_MOVE = Move("P(target)", "chance", "", 100, 1, "%", "pp")


def _event(target: Target) -> str:
    return f"{target.outcome} reaches {target.value:,.10g} {target.unit} in {target.period}"


def _nothing(*_: Any) -> list[Any]:
    return []


def _no_currency(result: Result, code: str) -> Result:
    if code:
        raise InputError(Problem("this business has one currency", path="--currency"))
    return result


@dataclass(frozen=True)
class ReportSpec:
    """Words, figures and sections of a business; every callable of a `Result` may be left out.

    event    : the target met, in words: "the stand sells 40 cups in 2026"
    quantity : what the target's outcome is called, capitalised; "" for its label
    divisor, unit, bin : how it is written on an axis (in thousands) and how wide a bar of its histogram is; 0: chosen
    figures  : of a run, by name; none: those of any business
    outcomes : whose quantiles stand in the manifest; moves : lines of what moved between two runs
    rows     : of the table of scenarios
    pace     : what is needed from here for the target, and pace_to for another number of its outcome
    ahead    : the months that reports speak of, and what each month after them has to bring for the target; None where none is left
    key      : what belongs into the first lines beside the target; details : lines below them; markers : published numbers
    in_memo  : figures that a memo draws; none: all
    in_currency : the result with its money in another currency, for headline and memo
    context  : what the draws that miss and those that hit, (draw,), have in common, in the words of the business
    memo     : template of its memo, `package:file`; memo_values : what that needs beside what any memo is filled in with
    example  : the assumption that a new scenario changes
    data_problems : what is wrong with the data beside a base case
    summary  : (outcome, label) of the workbook's first sheet
    studies  : of the business alone, name -> module with `again(study, recipe)`; study_figures : name -> module that draws what it found
    """

    event: Callable[[Target], str] = _event
    quantity: str = ""
    divisor: float = 1.0
    unit: str = ""
    bin: float = 0.0
    figures: Mapping[str, Drawn] = field(default_factory=dict)
    in_memo: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    moves: Sequence[Move] = (CHANCE_MOVE,)
    rows: Sequence[Row] = PLAIN_ROWS
    pace: Callable[[Result], list[str]] = _nothing
    ahead: Callable[[Result], tuple[int, float | None]] = lambda result: (0, result.assumptions.target.value / 12)
    pace_to: Callable[[Result, float], list[str]] = _nothing
    key: Callable[[Result], list[str]] = _nothing
    details: Callable[[Result], list[str]] = _nothing
    in_currency: Callable[[Result, str], Result] = _no_currency
    markers: Callable[[Result], list[Marker]] = _nothing
    context: Callable[[Result, np.ndarray], list[str]] = _nothing
    memo: str = "model.reporting.memo:memo.md"
    memo_values: Callable[[Material], Mapping[str, Any]] = lambda _: {}
    data_problems: Callable[[Path], list[Problem]] = _nothing
    summary: Sequence[tuple[str, str]] = ()
    example: str = ""
    studies: Mapping[str, str] = field(default_factory=dict)
    study_figures: Mapping[str, str] = field(default_factory=dict)


PLAIN = ReportSpec()


def spec_of(business: Business) -> ReportSpec:
    """The report spec that a business names, or the plain one."""
    if not business.report:
        return PLAIN
    module, _, name = business.report.partition(":")
    found: ReportSpec = getattr(importlib.import_module(module), name)
    return found


def quantity_of(result: Result) -> str:
    """What the target's outcome is called, capitalised: `Deliveries`."""
    label = spec_of(result.business).quantity or result.business.label(result.assumptions.target.outcome)
    return label[:1].upper() + label[1:]
