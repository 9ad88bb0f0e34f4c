"""Scenarios side by side: one row each, with the chance of the target, or of a number in reach where the target is in no doubt."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from model.assumptions.assumption import Assumptions
from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import divided
from model.reporting.figures.style import GREY, NAVY, WINE, Picture, in_style
from model.reporting.report_spec import quantity_of, spec_of
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.comparison import beside, left_out
from model.studies.in_reach import chance_in_doubt

FROM_A_MONTH = re.compile(r", from \w+ \d{4}$")


@in_style
def draw(result: Result, size: str, others: Callable[[], list[Result]] | None = None) -> Picture:
    """P10 to P90 with P50 of the year's deliveries under each scenario of the folder, on the same draws.

    others : makes the scenarios beside the one of the result; by default those before any report
    """
    target, spec, what = result.assumptions.target, spec_of(result.business), chance_in_doubt(result)
    there = [result, *(beside(result) if others is None else others())]
    ordered = sorted(
        there,
        key=lambda r: float(r.quantile(target.outcome, 0.5, target.period).value),
    )
    rows = []
    for one in ordered:
        levels = np.asarray(one.quantile(target.outcome, (0.1, 0.5, 0.9), target.period).value)
        chance = one.measure(what)
        p10, p50, p90 = map(float, levels)
        rows.append((_label(one.assumptions), p10, p50, p90, chance.value, chance.error))
    best, worst = max(rows, key=lambda r: r[4]), min(rows, key=lambda r: r[4])
    goal, is_target = what.target, what.target == target.value
    title = f"The chance of {goal:,.10g} runs from {formatting.odds(worst[4])} ({worst[0]}) to {formatting.odds(best[4])} ({best[0]})"
    event = "the target" if is_target else f"at least {goal:,.10g}"
    given = f"{result.given}, " if result.reports else ""
    lacking = left_out(there)
    without = f" Left out because they change months that are past: {', '.join(lacking)}." if lacking else ""
    canvas = notes.page(
        result, size, title=title, subtitle=f"{quantity_of(result)} in {target.period}, {spec.unit or target.unit}: P10 to P90 with P50, and the chance of {event}; {given}all on the same draws",
        source=f"{notes.FORECAST} Scenarios: scenarios/*.toml.{without}",
    )  # fmt: skip
    ax = canvas.axes(left=1.75, right=0.85, head=0.22, foot=0.3)
    for n, (name, p10, p50, p90, reached, _) in enumerate(rows):
        own = name == _label(result.assumptions)
        ax.plot(
            [p10, p90], [n, n], color=NAVY, linewidth=6 if own else 4, alpha=1 if own else 0.5, solid_capstyle="butt"
        )
        ax.plot(p50, n, "o", color="white", markeredgecolor=NAVY, markeredgewidth=1.6, markersize=6)
        ax.text(
            1.02,
            n,
            formatting.odds(reached),
            transform=ax.get_yaxis_transform(),
            fontsize=canvas.body,
            va="center",
            ha="left",
            color=WINE,
            fontweight="bold" if own else "normal",
        )
    ax.axvline(goal, color=WINE, linewidth=1.3, zorder=1)
    ax.text(
        goal,
        1.02,
        f"{'Target ' if is_target else 'At least '}{goal / spec.divisor:,.10g}",
        transform=ax.get_xaxis_transform(),
        color=WINE,
        fontsize=canvas.body,
        ha="center",
        va="bottom",
    )
    ax.text(
        1.02,
        1.02,
        "P(target)" if is_target else "chance",
        transform=ax.transAxes,
        color=WINE,
        fontsize=canvas.body,
        ha="left",
        va="bottom",
    )
    ax.set_yticks(range(len(rows)), [row[0] for row in rows])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.margins(x=0.04)
    ax.xaxis.set_major_formatter(divided(spec.divisor))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.spines["bottom"].set_color(GREY)
    alt = (
        f"Ranges of {result.business.label(target.outcome)} in {target.period} under {len(rows)} scenarios, P10 to P90 with the median, and the chance of {goal:,.10g}: "
        + "; ".join(f"{row[0]} {formatting.odds(row[4])}" for row in reversed(rows))
        + "."
    )
    return Picture(
        canvas.figure,
        title,
        alt,
        Table(("scenario", "P10", "P50", "P90", "P(target)" if is_target else f"P({goal:,.10g})", "error"), rows),
    )


def _label(assumptions: Assumptions) -> str:
    return FROM_A_MONTH.sub("", assumptions.label) + (" with --set" if assumptions.scenario.endswith("+set") else "")
