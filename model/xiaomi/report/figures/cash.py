"""Cumulative cash of the car business, and when it has paid back what was put into it."""

from __future__ import annotations

import numpy as np

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.fan import LEVELS, fan
from model.reporting.figures.style import NAVY, WINE, Picture, in_style
from model.simulation import formatting
from model.simulation.measures import chance, quantile
from model.simulation.result import Result
from model.xiaomi.report.figures.sources import LATER


@in_style
def draw(result: Result, size: str) -> Picture:
    """Fan of cash by quarter against nought; below each year the share of draws above it at its end."""
    calendar = result.assumptions.calendar
    held = result.outcomes["ev.cash"]
    levels = np.asarray(quantile(held, LEVELS, replicate=result.replicate, weights=result.weights).value)
    ends = [chance(row, 0.0, replicate=result.replicate, weights=result.weights) for row in held[3::4]]
    paid = formatting.odds(float(ends[-1].value))
    title = (
        f"The car business has paid back what was put into it by the end of {calendar.last} in {paid} of draws; in the middle one "
        f"{abs(levels[3, -1]):,.0f} bn RMB {'is still to come' if levels[3, -1] < 0 else 'is over'}"
    )
    canvas = notes.page(
        result, size, title=title, source=LATER, subtitle=f"Cash put in and earned back since the start, RMB bn, {notes.case(result)}. Bands: 90, 80 and 50 of 100 draws; below the years: share of draws that have paid back by their end",
    )  # fmt: skip
    ax = canvas.axes(left=0.5, right=0.85, head=0.05, foot=0.45)
    x = calendar.first + (np.arange(calendar.quarters) + 1) / 4
    fan(ax, x, levels)
    ax.axhline(0, color=WINE, linewidth=1.2)
    marks = [
        (f"P{round(100 * q)} {v:,.0f}", float(v))
        for q, v in zip(LEVELS, levels[:, -1], strict=True)
        if q in (0.05, 0.1, 0.5, 0.9, 0.95)
    ]
    for (words, _), y in zip(marks, canvas.spread(ax, [each[1] for each in marks]), strict=True):
        ax.annotate(
            words, (x[-1], y), xytext=(6, 0), textcoords="offset points", va="center", fontsize=canvas.body, color=NAVY
        )
    every = range(calendar.first, calendar.last + 1)
    ax.set_xticks(
        [year + 0.5 for year in every],
        [f"{year}\n{formatting.odds(float(found.value))}" for year, found in zip(every, ends, strict=True)],
    )
    ax.set_xlim(calendar.first + 0.2, calendar.last + 1.02)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    alt = f"Fan of the cumulative cash of Xiaomi's car business, {notes.case(result)}: {levels[3, -1]:,.0f} bn RMB in the middle at the end of {calendar.last}; paid back in {paid} of draws."
    quarters = [name for name in result.periods("ev.cash") if "Q" in name]
    rows: list[tuple[object, ...]] = [
        (q, f"P{round(100 * level)}", float(levels[n, k]))
        for k, q in enumerate(quarters)
        for n, level in enumerate(LEVELS)
    ]
    rows += [(f"{year}Q4", "share paid back", float(found.value)) for year, found in zip(every, ends, strict=True)]
    return Picture(canvas.figure, title, alt, Table(("quarter", "what", "RMB bn"), rows))
