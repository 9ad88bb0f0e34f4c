"""Scenarios side by side: one row each, with the chance of the target."""

from __future__ import annotations

import numpy as np

from model.assumptions.assumption import Assumptions
from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import divided
from model.reporting.figures.style import GREY, NAVY, WINE, Picture, in_style
from model.reporting.report_spec import quantity_of, spec_of
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.comparison import beside


@in_style
def draw(result: Result, size: str) -> Picture:
    """P10 to P90 with P50 of the year's deliveries under each scenario of the folder, on the same draws."""
    target, spec = result.assumptions.target, spec_of(result.business)
    ordered = sorted(
        [result, *beside(result)],
        key=lambda r: float(r.quantile(target.outcome, 0.5, target.period).value),
    )
    rows = []
    for one in ordered:
        levels = np.asarray(one.quantile(target.outcome, (0.1, 0.5, 0.9), target.period).value)
        chance = one.chance()
        p10, p50, p90 = map(float, levels)
        rows.append((_label(one.assumptions), p10, p50, p90, chance.value, chance.error))
    best, worst = max(rows, key=lambda r: r[4]), min(rows, key=lambda r: r[4])
    title = f"The chance of {target.value:,.10g} runs from {formatting.odds(worst[4])} ({worst[0]}) to {formatting.odds(best[4])} ({best[0]})"
    canvas = notes.page(
        result, size, title=title, subtitle=f"{quantity_of(result)} in {target.period}, {spec.unit or target.unit}: P10 to P90 with P50, and the chance of the target; all on the same draws",
        source=notes.FORECAST + " Scenarios: scenarios/*.toml.",
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
    ax.axvline(target.value, color=WINE, linewidth=1.3, zorder=0)
    ax.text(
        target.value,
        1.02,
        f"Target {target.value / spec.divisor:,.10g}",
        transform=ax.get_xaxis_transform(),
        color=WINE,
        fontsize=canvas.body,
        ha="center",
        va="bottom",
    )
    ax.text(1.02, 1.02, "P(target)", transform=ax.transAxes, color=WINE, fontsize=canvas.body, ha="left", va="bottom")
    ax.set_yticks(range(len(rows)), [row[0] for row in rows])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.margins(x=0.04)
    ax.xaxis.set_major_formatter(divided(spec.divisor))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.spines["bottom"].set_color(GREY)
    alt = (
        f"Ranges of {result.business.label(target.outcome)} in {target.period} under {len(rows)} scenarios, P10 to P90 with the median, and the chance of {target.value:,.10g}: "
        + "; ".join(f"{row[0]} {formatting.odds(row[4])}" for row in reversed(rows))
        + "."
    )
    return Picture(canvas.figure, title, alt, Table(("scenario", "P10", "P50", "P90", "P(target)", "error"), rows))


def _label(assumptions: Assumptions) -> str:
    return assumptions.label + (" with --set" if assumptions.scenario.endswith("+set") else "")
