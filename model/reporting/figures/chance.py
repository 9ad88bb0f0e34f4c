"""The chance of at least so much, with published estimates where there are any."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import Canvas, divided, in_percent, label
from model.reporting.figures.style import GREY, NAVY, ORANGE, WINE, Picture, in_style
from model.reporting.finding import verdict
from model.reporting.report_spec import Marker, ReportSpec, spec_of
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.in_reach import in_doubt, in_reach

STEPS = 100  # of the curve, where the spec sets no width of a bar
ESTIMATES = " Estimates: data/published_estimates.csv, the latest of each house."


@in_style
def draw(result: Result, size: str) -> Picture:
    """Exceedance curve; the target, P10, P50, P90 and each house's latest estimate marked on it."""
    target, spec = result.assumptions.target, spec_of(result.business)
    published, chance = spec.markers(result), float(result.chance().value)
    grid = _grid(result, spec, published)
    curve = np.array([_reached(result, x) for x in grid])
    title = f"A {notes.target_chance(result)} chance that {spec.event(target)}"
    if published:
        lowest = formatting.odds(_reached(result, published[0].value))
        goal = f"{target.value / spec.divisor:,.10g} {spec.unit.partition(' ')[0]}".strip()
        title = f"{goal} has a {notes.target_chance(result)} chance, the lowest published estimate {lowest}"
    near = [] if in_doubt(result) else in_reach(result)
    if near:
        each = [
            f"{x / spec.divisor:,.10g} ({formatting.odds(float(p.value))})" for x, p in near[:: max(1, len(near) // 3)]
        ]
        title = f"Chances of at least {', '.join(each)}; {verdict(result)}"
    unit, orange = spec.unit or target.unit, "; orange: published estimates" if published else ""
    canvas = notes.page(
        result, size, title=title, source=notes.FORECAST + (ESTIMATES if published else ""),
        subtitle=f"Chance that {result.business.label(target.outcome)} in {target.period} are at least so many {unit}, {notes.case(result)}{orange}",
    )  # fmt: skip
    ax = canvas.axes(left=0.5, head=0.2, foot=0.3)
    label(ax, "Chance of at least", canvas.body)
    ax.plot(grid, curve, color=NAVY, linewidth=2)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(in_percent)
    ax.xaxis.set_major_formatter(divided(spec.divisor))
    ticks = MaxNLocator(4 if canvas.small else 8, steps=[1, 2, 5, 10]).tick_values(grid[0], grid[-1])
    ax.xaxis.set_ticks([x for x in ticks if grid[0] <= x <= grid[-1]])  # beyond, there are names alone
    ax.plot([target.value] * 2, [0, chance], color=GREY, linewidth=1.2)
    ax.plot(target.value, chance, "o", color=WINE, markersize=6, zorder=5)
    low = chance < 0.15  # then there is no room to the left of the curve
    ax.annotate(
        f"Target {target.value / spec.divisor:,.10g}: {formatting.odds(chance)}", (target.value, chance), xytext=(6, 8) if low else (-7, -1),
        textcoords="offset points", ha="left" if low else "right", va="bottom" if low else "center",
        fontsize=canvas.body, color=WINE, fontweight="bold", zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8} if low else None,
    )  # fmt: skip
    _quantiles(ax, canvas, result, spec)
    rows: list[tuple[object, ...]] = [("forecast", float(x), float(c)) for x, c in zip(grid, curve, strict=True)]
    placed = _estimates(ax, canvas, result, spec, published)
    rows += [(marker.label, marker.value, _reached(result, marker.value)) for marker in published]
    margin = 6 * (grid[1] - grid[0])
    right = published[-1].value + margin if published else grid[-1]
    ax.set_xlim(*canvas.limits(ax, grid[0], right, placed, canvas.note + 0.5))
    alt = (
        f"Curve of the chance that {result.business.label(target.outcome)} in {target.period} are at least a number, {notes.case(result)}: "
        f"{formatting.odds(chance)} for the target of {target.value:,.10g}"
    )
    if published:
        alt += f"; published estimates of {published[0].value:,.0f} to {published[-1].value:,.0f} have chances of {lowest} and less"
    return Picture(canvas.figure, title, f"{alt}.", Table(("what", target.unit, "chance of at least"), rows))


def _reached(result: Result, value: float) -> float:
    target = result.assumptions.target
    return float(result.chance(target.outcome, value, target.period).value)


def _grid(result: Result, spec: ReportSpec, published: list[Marker]) -> np.ndarray:
    """Places of the curve: nearly all draws, the target and everything published."""
    values = result.values(result.assumptions.target.outcome, result.assumptions.target.period)
    low, high = (float(np.quantile(values, q)) for q in (0.002, 0.998))
    step = spec.bin / 2 or (high - low) / STEPS or 1.0
    top = max(high, *(marker.value for marker in published), result.assumptions.target.value) + 4 * step
    return np.arange(np.floor(low / step) * step, top, step)


def _quantiles(ax: Axes, canvas: Canvas, result: Result, spec: ReportSpec) -> None:
    target = result.assumptions.target
    for q, name in ((0.1, "P10"), (0.5, "P50"), (0.9, "P90")):
        x = float(result.quantile(target.outcome, q, target.period).value)
        ax.plot(x, 1 - q, "o", color=NAVY, markersize=4)
        right = q < 0.9
        if not canvas.small:
            said = f"{x / spec.divisor:,.0f}" if spec.divisor != 1 else formatting.short(x)
            ax.annotate(
                f"{name} {said}", (x, 1 - q), xytext=(6, 3) if right else (-4, -2), textcoords="offset points",
                ha="left" if right else "right", va="bottom" if right else "top", fontsize=canvas.note + 0.5, color=NAVY,
                zorder=6, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip


def _estimates(
    ax: Axes, canvas: Canvas, result: Result, spec: ReportSpec, published: list[Marker]
) -> list[tuple[float, str, bool]]:
    """Published numbers on the curve, named where there is room; (x, text, to its right) of what was written."""
    placed = []
    pitch = min(0.11, 0.8 / max(len(published) - 1, 1))
    for n, marker in enumerate(published):
        at, height = _reached(result, marker.value), 0.18 + pitch * (len(published) - 1 - n)
        ax.plot([marker.value] * 2, [at, 0.2 if canvas.small else height], color=ORANGE, linewidth=0.9)
        ax.plot(marker.value, at, "D", color=ORANGE, markersize=4, zorder=5)
        if not canvas.small:
            text = f"{marker.label}: {marker.value / spec.divisor:,.10g}, {formatting.odds(at)}"
            placed.append((marker.value, text, True))
            ax.annotate(
                text, (marker.value, height), xytext=(2, 0), textcoords="offset points", ha="left", va="center",
                fontsize=canvas.note + 0.5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
    if canvas.small and published:
        low, high = published[0].value, published[-1].value
        text = f"Published:\n{low / spec.divisor:,.0f} to {high / spec.divisor:,.0f}"
        ax.text((low + high) / 2, 0.22, text, ha="center", va="bottom", fontsize=canvas.body)
    return placed
