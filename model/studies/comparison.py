"""Scenarios side by side, on common random numbers: what they change, what that does."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from model.assumptions.layers.scenario import scenario_names
from model.assumptions.resolve import before_scenarios, under
from model.errors import InputError
from model.files.table import Table, Tabled, aligned
from model.simulation import formatting, measures
from model.simulation.business import Business
from model.simulation.metric import Metric
from model.simulation.metric import measured as from_estimates
from model.simulation.outside_view import forecast
from model.simulation.result import Result
from model.simulation.sampling.draws import Draws
from model.studies.in_reach import chance_in_doubt, in_doubt, in_reach
from model.studies.study import Study


@dataclass(frozen=True)
class Row:
    """A row of the table: a quantile of an outcome in its last period, or P(target) where no outcome is named.

    at_least : the chance that the target's outcome is at least so much
    """

    label: str
    outcome: str = ""
    quantile: float = 0.5
    at_least: float | None = None

    def said(self, business: Business) -> str:
        """Return the label, with money in the currency of the results."""
        return self.label.replace("RMB", business.unit(self.outcome).partition(" ")[0]) if self.outcome else self.label


PLAIN = (Row("P(target)"),)


@dataclass(frozen=True)
class Comparison(Tabled):
    """Results of several cases on the same draws; the first is what the others are set against."""

    results: Sequence[Result]
    rows: Sequence[Row] = PLAIN

    def table(self) -> Table:
        """Row label, then a column of numbers for each case."""
        columns = ("", *(result.assumptions.scenario for result in self.results))
        business = self.results[0].business
        numbers = [[float(measured(result, row).value) for result in self.results] for row in self.rows]
        return Table(columns, [(row.said(business), *found) for row, found in zip(self.rows, numbers, strict=True)])

    def said(self) -> list[list[str]]:
        """Rows of text: a label, and a cell of each case."""
        business = self.results[0].business
        return [[row.said(business), *(_cell(result, row) for result in self.results)] for row in self.rows]

    def gains(self) -> list[list[str]]:
        """Rows of text as `said`: each number against the first case, with the error that it has on the same draws; "=" where it does not move."""
        first = self.results[0]
        return [["", *(_gain(result, first, row) for result in self.results[1:])] for row in self.rows]

    def cells(self) -> tuple[list[str], list[list[str]]]:
        """Column names (a case each after the first) and rows of text; the last row is against the first case."""
        base, target, rows = self.results[0], self.results[0].assumptions.target, self.said()
        gains = [_signed(paired_difference(result, base, target.outcome)) for result in self.results[1:]]
        columns = ["", *(result.assumptions.scenario for result in self.results)]
        label = f"{base.business.label(target.outcome)} against {base.assumptions.scenario}"
        return columns, [*rows, [label, "", *gains]]

    def lines(self) -> list[str]:
        """Changes of each case, then a table with a column each."""
        out = []
        for result in self.results[1:]:
            a = result.assumptions
            story = [f"  {a.story}"] if a.story else []
            out += [f"{a.label} ({a.scenario})", *story, *(f"  {edit}" for edit in a.edits), ""]
        columns, rows = self.cells()
        table = aligned([("", *columns[1:]), *rows], "<" + ">" * (len(columns) - 1), 0)
        return [*out, *table, "The last row: mean of the difference draw by draw, on common random numbers."]


_last: dict[tuple[object, ...], list[Result]] = {}  # what `beside` made last, of all rows


def beside(drawn: Result, rows: Sequence[Row] = ()) -> list[Result]:
    """The base case and every scenario of its folder, but for the one that is drawn already, on the same draws.

    Of the last period alone, and no outcomes but those of the rows and the target, unless the rest is known already.
    """
    base = before_scenarios(drawn.assumptions)
    key = (base.hash, base.root, drawn.business.name, drawn.assumptions.scenario, drawn.draws, drawn.seed)
    if key in _last:
        return _last[key]
    cases = [base, *(under(base, [name]) for name in scenario_names(base.root))]
    wanted = [case for case in cases if case.scenario != drawn.assumptions.scenario]
    names = sorted({base.target.outcome, *(row.outcome for row in rows if row.outcome)})
    business = dataclasses.replace(drawn.business, function=partial(_last_period, drawn.business, tuple(names)))
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # numpy leaves the interpreter to the other thread
        made = list(threads.map(lambda case: forecast(case, business, draws=drawn.draws, seed=drawn.seed), wanted))
    if rows:
        _last.clear()
        _last[key] = made
    return made


def others_of(study: Study, rows: Sequence[Row] = ()) -> list[Result]:
    """The base case and every scenario of its folder, but for the one that a study is of, on the same draws.

    Given reports they hold from here on, and those that change what lies behind are left out: their story is over.
    """
    if study.posterior is None:
        return beside(study.made, rows)
    if not study.from_month:
        return []
    plain, own = before_scenarios(study.asked), study.assumptions.scenario
    found = [] if own == plain.scenario else [study.under(plain).made]
    for name in scenario_names(plain.root):
        if name != own:
            with contextlib.suppress(InputError):
                found.append(study.under(under(plain, [name])).made)
    return found


def left_out(results: Sequence[Result]) -> list[str]:
    """Names of the scenarios of the folder that are not among results."""
    there = {result.assumptions.scenario for result in results}
    return [name for name in scenario_names(results[0].assumptions.root) if name not in there]


def _last_period(business: Business, names: Sequence[str], draws: Draws) -> dict[str, np.ndarray]:
    """Outcomes of the last period alone: a twentieth of what a whole result holds."""
    made = business.only(names)(draws)
    return {name: np.atleast_2d(made[name])[-1:] for name in names}


def paired_difference(result: Result, base: Result, outcome: str) -> measures.Measure:
    """Mean over draws of result minus base, with its simulation error; both on the same seed and draws."""
    return measures.mean(result.values(outcome) - base.values(outcome), replicate=base.replicate, weights=base.weights)


def rows_in_doubt(results: Sequence[Result], rows: Sequence[Row], *, one: bool = False) -> list[Row]:
    """The rows, and in the place of a chance of the target that is in no doubt in any case those of round numbers that are.

    one : of these numbers only the one whose chance is nearest to a half
    """
    if any(in_doubt(result) for result in results):
        return list(rows)
    numbers = [chance_in_doubt(results[0]).target] if one else [x for x, _ in in_reach(results[0])]
    chances = [Row(f"P(at least {x:,.10g})", at_least=x) for x in numbers]
    return [new for row in rows for new in (chances if not row.outcome and row.at_least is None else [row])]


def measured(result: Result, row: Row) -> measures.Measure:
    """Return a number of a case, with its simulation error."""
    return result.quantile(row.outcome, row.quantile) if row.outcome else _chance(result, row)


def _chance(result: Result, row: Row) -> measures.Measure:
    target = result.assumptions.target
    return result.chance() if row.at_least is None else result.chance(target.outcome, row.at_least, target.period)


def _cell(result: Result, row: Row) -> str:
    found = measured(result, row)
    if not row.outcome:
        return formatting.share_met(found)
    value, error = float(np.asarray(found.value)), float(np.asarray(found.error))
    share = result.business.unit(row.outcome) == "share"
    return formatting.percent(value, error) if share else formatting.rounded(value, error, 1)


def _gain(result: Result, first: Result, row: Row) -> str:
    """A number less that of the first case, replicate by replicate, with no more digits than a ten-thousandth of it."""
    target = first.assumptions.target
    if row.outcome:
        what = Metric(row.outcome, None, f"p{round(100 * row.quantile)}", outcome_unit=first.business.unit(row.outcome))
    else:
        least = target.value if row.at_least is None else row.at_least
        what = Metric(target.outcome, target.period, "chance", least, target.unit)
    mine, theirs = (what.estimates(one.values(what.outcome, what.period), one.replicate) for one in (result, first))
    gain, share = from_estimates(mine - theirs), what.unit == "share"
    scale, least = (100.0, 1e-4) if share else (1.0, 1e-4 * abs(float(theirs[0])))
    value, error = scale * float(gain.value), scale * max(float(gain.error), least)
    if abs(value) < scale * least / 2:
        return "="
    said, about = formatting.rounded(value, error), formatting.rounded(error, error)
    return f"{'' if said.startswith('-') else '+'}{said} ± {about}{' pp' if share else ''}"


def _signed(gain: measures.Measure) -> str:
    value = formatting.rounded(float(gain.value), float(gain.error), 0)
    return value if value.startswith("-") else f"+{value}"
