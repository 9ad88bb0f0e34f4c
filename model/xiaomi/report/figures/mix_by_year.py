"""Revenue mix by year to the end of the run."""

from __future__ import annotations

import numpy as np

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import in_percent
from model.reporting.figures.style import GREY, Picture, in_style
from model.simulation.result import Result
from model.xiaomi.report.figures.mix import ORDER
from model.xiaomi.report.figures.sources import LATER, SEGMENT_COLOURS
from model.xiaomi.report.headline import NAMES, SHORT


@in_style
def draw(result: Result, size: str) -> Picture:
    """Mean shares stacked by year, named beside the last bar, with the range of the EV share above each."""
    calendar = result.assumptions.calendar
    years = [str(year) for year in range(calendar.first, calendar.last + 1)]
    shares = {name: np.array([float(result.mean(f"{name}.mix", y).value) for y in years]) for name in ORDER}
    ranges = np.stack([np.asarray(result.quantile("ev.mix", (0.1, 0.9), y).value) for y in years])
    first, last = shares["ev"][0], shares["ev"][-1]
    verb = "rises to" if last > first + 0.005 else "falls to" if last < first - 0.005 else "stays at"
    title = (
        f"Cars bring {100 * first:.0f}% of revenue in {years[0]}, and the mean {verb} {100 * last:.0f}% by {years[-1]}: anything from "
        f"{100 * ranges[-1, 0]:.0f} to {100 * ranges[-1, 1]:.0f}%"
    )
    canvas = notes.page(
        result, size, title=title, source=LATER, subtitle=f"Mean share of group revenue by year, {notes.case(result)}{'' if size == 'half' else '; second line: P10 to P90 of the EV share'}",
    )  # fmt: skip
    ax = canvas.axes(left=0.45, right=1.45 if not canvas.small else 0.8, foot=0.3)
    x, base = np.arange(len(years)), np.zeros(len(years))
    for name in ORDER:
        ax.bar(x, shares[name], 0.74, base, color=SEGMENT_COLOURS[name], edgecolor="white", linewidth=0.6)
        for at, (low, share) in enumerate(zip(base, shares[name], strict=True)):
            if share > 0.06:
                words = f"{100 * share:.0f}"
                if name == "ev" and not canvas.small:
                    words += f"\n{100 * ranges[at, 0]:.0f} to {100 * ranges[at, 1]:.0f}"
                ax.text(
                    at,
                    low + share / 2,
                    words,
                    color="white",
                    ha="center",
                    va="center",
                    fontsize=canvas.body,
                    fontweight="bold",
                )
        base += shares[name]
    middles = np.cumsum([shares[name][-1] for name in ORDER]) - np.array([shares[name][-1] for name in ORDER]) / 2
    ax.set_ylim(0, 1)
    for name, y in zip(ORDER, canvas.spread(ax, list(middles)), strict=True):
        ax.annotate(
            SHORT[name] if canvas.small else NAMES[name], (x[-1] + 0.4, y), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=canvas.body, color=SEGMENT_COLOURS[name], fontweight="bold",
        )  # fmt: skip
    ax.set_xlim(-0.5, x[-1] + 0.42)
    ax.set_xticks(x, years)
    ax.yaxis.set_major_formatter(in_percent)
    ax.tick_params(colors=GREY)
    ax.grid(visible=False)
    alt = f"Stacked bars of Xiaomi's revenue mix by year, {years[0]} to {years[-1]}, {notes.case(result)}: EV {100 * first:.0f}% to {100 * last:.0f}% on average."
    rows: list[tuple[object, ...]] = [
        (y, name, "mean", float(shares[name][n])) for n, y in enumerate(years) for name in ORDER
    ]
    rows += [(y, "ev", f"P{p}", float(ranges[n, k])) for n, y in enumerate(years) for k, p in enumerate((10, 90))]
    return Picture(canvas.figure, title, alt, Table(("year", "segment", "what", "share of revenue"), rows))
