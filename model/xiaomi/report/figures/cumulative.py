"""Deliveries since January against the path that ends at the target."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import MONTHS
from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import in_thousands
from model.reporting.figures.fan import LEVELS, band_text, fan
from model.reporting.figures.style import GREY, WINE, Picture, in_style
from model.simulation.measures import quantile
from model.simulation.result import Result


@in_style
def draw(result: Result, size: str) -> Picture:
    """Fan of the running total, the target's straight path, and the gap of the middle path."""
    target, year = result.assumptions.target, result.assumptions.about.year
    total = np.cumsum(result.outcomes["ev.deliveries"][:12], axis=0)
    levels = np.asarray(quantile(total, LEVELS, replicate=result.replicate, weights=result.weights).value)
    path = target.value / 12 * np.arange(1, 13)
    half, end = levels[3, 5] - path[5], levels[3, 11] - path[11]
    title = f"By June the middle path is {_gap(half)} the target's straight path, by December {_gap(end)}"
    canvas = notes.page(
        result, size, title=title, subtitle=f"Deliveries from 1 January {year}, thousand vehicles, {notes.case(result)}. {band_text(year)}",

    )  # fmt: skip
    ax = canvas.axes(left=0.42, right=0.85, foot=0.3)
    x = np.arange(13)
    fan(ax, x, np.concatenate([np.zeros((len(LEVELS), 1)), levels], axis=1))
    ax.plot(x, np.concatenate([[0], path]), color=WINE, linewidth=1.6)
    ax.set_xlim(0, 12.05)
    ax.set_ylim(0, None)
    ax.yaxis.set_major_formatter(in_thousands)
    shown = [n for n in range(12) if not canvas.small or n % 3 == 2]
    ax.set_xticks([n + 1 for n in shown], [MONTHS[n][:3] for n in shown])
    ends = [
        (f"P{round(100 * q)} {v / 1000:,.0f}", float(v), GREY)
        for q, v in zip(LEVELS, levels[:, -1], strict=True)
        if q in (0.05, 0.1, 0.5, 0.9, 0.95)
    ]
    ends.append((f"Target {target.value / 1000:,.0f}", target.value, WINE))
    ends.sort(key=lambda e: e[1])
    for (text, _, colour), y in zip(ends, canvas.spread(ax, [e[1] for e in ends]), strict=True):
        ax.annotate(
            text,
            (12, y),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=canvas.body,
            color=colour,
            fontweight="bold" if colour == WINE else "normal",
        )
    alt = (
        f"Fan of cumulated Xiaomi EV deliveries in {year}, {notes.case(result)}: December median {levels[3, -1] / 1000:,.0f} thousand, 90% band "
        f"{levels[0, -1] / 1000:,.0f} to {levels[-1, -1] / 1000:,.0f} thousand, against a straight path to {target.value / 1000:,.0f} thousand."
    )
    rows: list[tuple[object, ...]] = [(f"{year}-{m + 1:02d}", "target path", float(path[m])) for m in range(12)]
    rows += [
        (f"{year}-{m + 1:02d}", f"P{round(100 * q)}", float(levels[n, m]))
        for n, q in enumerate(LEVELS)
        for m in range(12)
    ]
    return Picture(canvas.figure, title, alt, Table(("month", "what", "vehicles since January"), rows))


def _gap(vehicles: float) -> str:
    return f"{abs(vehicles) / 1000:,.0f} thousand {'above' if vehicles >= 0 else 'below'}"
