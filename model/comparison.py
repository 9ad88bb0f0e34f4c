"""Scenarios side by side, on the same draws: what they change, what that does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from model import measures, words
from model.draws import Draws
from model.ev_volume import volume
from model.loading import overlay
from model.overlays import scenario_names
from model.result import Result
from model.simulation import Function, simulate
from model.xiaomi import business

ROWS = (
    ("P(target)", None, "%"),
    ("deliveries P10", ("ev.deliveries", 0.1), "vehicle"),
    ("deliveries P50", ("ev.deliveries", 0.5), "vehicle"),
    ("deliveries P90", ("ev.deliveries", 0.9), "vehicle"),
    ("EV revenue P50, RMB bn", ("ev.revenue", 0.5), "RMB bn"),
    ("EV gross margin P50", ("ev.gross_margin", 0.5), "share"),
    ("EV result P50, RMB bn", ("ev.operating_result", 0.5), "RMB bn"),
    ("smartphone margin P50", ("smartphones.gross_margin", 0.5), "share"),
    ("group revenue P50, RMB bn", ("group.revenue", 0.5), "RMB bn"),
    ("group gross margin P50", ("group.gross_margin", 0.5), "share"),
    ("EV share of revenue P50", ("ev.mix", 0.5), "share"),
)


def of_year(draws: Draws) -> dict[str, np.ndarray]:
    """The outcomes that a comparison needs, of the year alone: a twentieth of what a whole result holds."""
    made = business(draws)
    names = {what[0] for _, what, _ in ROWS if what}
    return {name: np.atleast_2d(made[name])[-1:] for name in sorted(names)}


_last: dict[tuple[object, ...], list[Result]] = {}  # what `beside` made last with money


def beside(drawn: Result, *, money: bool) -> list[Result]:
    """The base case and every scenario of its folder, but for the one that is drawn already, of the year, on the same draws.

    Without `money` deliveries alone are computed, unless the rest is known already.
    """
    base = drawn.assumptions.base or drawn.assumptions
    key = (base.hash, base.root, drawn.assumptions.scenario, drawn.draws, drawn.seed)
    if key in _last:
        return _last[key]
    cases = [base, *(overlay(base, [name]) for name in scenario_names(base.root))]
    wanted = [case for case in cases if case.scenario != drawn.assumptions.scenario]
    function: Function = of_year if money else volume
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # numpy leaves the interpreter to the other thread
        made = list(threads.map(lambda case: simulate(case, function, draws=drawn.draws, seed=drawn.seed), wanted))
    if money:
        _last.clear()
        _last[key] = made
    return made


def lines(results: Sequence[Result]) -> list[str]:
    """Changes of each scenario, then a table with a column each; the first result is the base."""
    out = []
    for result in results[1:]:
        a = result.assumptions
        out += [
            f"{a.label} ({a.scenario})",
            *([f"  {a.story}"] if a.story else []),
            *(f"  {edit}" for edit in a.edits),
            "",
        ]
    columns, rows = table(results)
    width = max(16, *(len(name) + 2 for name in columns))
    out.append(f"{'':<26}" + "".join(f"{name:>{width}}" for name in columns[1:]))
    out += [f"{label:<26}" + "".join(f"{cell:>{width}}" for cell in cells) for label, *cells in rows]
    out.append("The last row: mean of the difference draw by draw, on the same luck.")
    return out


def table(results: Sequence[Result]) -> tuple[list[str], list[list[str]]]:
    """Column names (a scenario each after the first) and rows of text; the last row is against the first result."""
    base = results[0]
    rows = [[label, *(_cell(result, what, unit) for result in results)] for label, what, unit in ROWS]
    gains = [_signed(paired_difference(result, base, "ev.deliveries")) for result in results[1:]]
    columns = ["", *(result.assumptions.scenario for result in results)]
    return columns, [*rows, [f"deliveries against {base.assumptions.scenario}", "", *gains]]


def paired_difference(result: Result, base: Result, outcome: str) -> measures.Measure:
    """Mean over draws of result minus base, with its simulation error; both on the same seed and draws."""
    return measures.mean(result.values(outcome) - base.values(outcome), replicate=base.replicate, weights=base.weights)


def _cell(result: Result, what: tuple[str, float] | None, unit: str) -> str:
    if what is None:
        chance = result.chance()
        return words.percent(float(chance.value), float(chance.error))
    level = result.quantile(*what)
    value, error = float(np.asarray(level.value)), float(np.asarray(level.error))
    return words.percent(value, error) if unit == "share" else words.rounded(value, error, 1)


def _signed(gain: measures.Measure) -> str:
    value = words.rounded(float(gain.value), float(gain.error), 0)
    return value if value.startswith("-") else f"+{value}"
