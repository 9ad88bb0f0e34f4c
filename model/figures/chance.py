"""The chance of at least so many deliveries, with published estimates."""

from __future__ import annotations

import numpy as np

from model import history, words
from model.figures import notes
from model.figures.canvas import GREY, NAVY, ORANGE, WINE, Canvas, Picture, in_percent, in_thousands, label
from model.result import Result
from model.tables import Table

STEP = 5_000


def draw(result: Result, size: str) -> Picture:
    """Exceedance curve; the target, P10, P50, P90 and each house's latest estimate marked on it."""
    target = result.assumptions.target
    values = result.values(target.outcome, target.period)
    published = history.estimates(result.assumptions.root)
    top = max(float(np.quantile(values, 0.998)), *(e.value for e in published)) + 4 * STEP
    grid = np.arange(np.floor(np.quantile(values, 0.002) / STEP) * STEP, top, STEP)
    curve = np.array([float(result.chance(target.outcome, x, target.period).value) for x in grid])
    lowest = float(result.chance(target.outcome, published[0].value, target.period).value)
    title = f"{target.value / 1000:,.0f} thousand has a {notes.target_chance(result)} chance, the lowest published estimate {words.odds(lowest)}"
    canvas = Canvas(
        size, title=title, subtitle=f"Chance that Xiaomi delivers at least so many thousand cars in {target.period}, {notes.case(result)}; orange: published estimates",
        source=notes.FORECAST + " Estimates: data/published_estimates.csv, the latest of each house.", footnote=notes.footnote(result),
    )  # fmt: skip
    ax = canvas.axes(left=0.5, head=0.2, foot=0.3)
    label(ax, "Chance of at least", canvas.body)
    ax.plot(grid, curve, color=NAVY, linewidth=2)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(in_percent)
    ax.xaxis.set_major_formatter(in_thousands)
    step = 200_000 if canvas.small else 100_000
    ax.xaxis.set_ticks(
        np.arange(np.ceil(grid[0] / step) * step, grid[-1] + STEP, step)
    )  # beyond, there are names alone
    chance = float(result.chance().value)
    ax.plot([target.value] * 2, [0, chance], color=GREY, linewidth=1.2)
    ax.plot(target.value, chance, "o", color=WINE, markersize=6, zorder=5)
    low = chance < 0.15  # then there is no room to the left of the curve
    ax.annotate(
        f"Target {target.value / 1000:,.0f}: {words.odds(chance)}", (target.value, chance), xytext=(6, 8) if low else (-6, -4),
        textcoords="offset points", ha="left" if low else "right", va="bottom" if low else "top",
        fontsize=canvas.body, color=WINE, fontweight="bold",
    )  # fmt: skip
    for q, name in ((0.1, "P10"), (0.5, "P50"), (0.9, "P90")):
        x = float(result.quantile(target.outcome, q, target.period).value)
        ax.plot(x, 1 - q, "o", color=NAVY, markersize=4)
        right = q < 0.9
        if not canvas.small:
            ax.annotate(
                f"{name} {x / 1000:,.0f}", (x, 1 - q), xytext=(6, 3) if right else (-4, -2), textcoords="offset points",
                ha="left" if right else "right", va="bottom" if right else "top", fontsize=canvas.note + 0.5, color=NAVY,
            )  # fmt: skip
    rows: list[tuple[object, ...]] = [("forecast", float(x), float(c)) for x, c in zip(grid, curve, strict=True)]
    placed = []
    for n, estimate in enumerate(published):
        at = float(result.chance(target.outcome, estimate.value, target.period).value)
        height = 0.16 + 0.085 * (len(published) - n)
        ax.plot([estimate.value] * 2, [at, 0.2 if canvas.small else height], color=ORANGE, linewidth=0.9)
        ax.plot(estimate.value, at, "D", color=ORANGE, markersize=4, zorder=5)
        if not canvas.small:
            text = f"{estimate.who}, {estimate.month}: {estimate.value / 1000:,.0f}, {words.odds(at)}"
            placed.append((estimate.value, text, True))
            ax.annotate(
                text, (estimate.value, height), xytext=(2, 0), textcoords="offset points", ha="left", va="center",
                fontsize=canvas.note + 0.5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
        rows.append((f"{estimate.who}, {estimate.month}", estimate.value, at))
    if canvas.small:
        middle = (published[0].value + published[-1].value) / 2
        ax.text(
            middle,
            0.22,
            f"Published:\n{published[0].value / 1000:,.0f} to {published[-1].value / 1000:,.0f}",
            ha="center",
            va="bottom",
            fontsize=canvas.body,
        )
    ax.set_xlim(*canvas.limits(ax, grid[0], published[-1].value + 30_000, placed, canvas.note + 0.5))
    alt = (
        f"Curve of the chance that Xiaomi delivers at least a number of cars in {target.period}, {notes.case(result)}: "
        f"{words.odds(chance)} for the target of {target.value:,.0f}; published estimates of "
        f"{published[0].value:,.0f} to {published[-1].value:,.0f} have chances of {words.odds(lowest)} and less."
    )
    return Picture(canvas.figure, title, alt, Table(("what", "vehicles", "chance of at least"), rows))
