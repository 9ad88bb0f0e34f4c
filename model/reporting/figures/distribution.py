"""The target's outcome: its distribution, cut at the target."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import divided
from model.reporting.figures.style import GREY, LILAC, NAVY, Picture, in_style
from model.reporting.finding import out_of_reach
from model.reporting.report_spec import ReportSpec, quantity_of, spec_of
from model.simulation import formatting
from model.simulation.result import Result

BARS = 40  # about so many, where the spec sets no width


@in_style
def draw(result: Result, size: str) -> Picture:
    """Histogram of the outcome with P(target) on either side, P10, P50, P90 below."""
    target, spec = result.assumptions.target, spec_of(result.business)
    values = result.values(target.outcome, target.period)
    chance = float(result.chance().value)
    p10, p50, p90 = np.asarray(result.quantile(target.outcome, (0.1, 0.5, 0.9), target.period).value)
    width = spec.bin or _width(values)
    title = out_of_reach(result) or f"A {notes.target_chance(result)} chance that {spec.event(target)}"
    unit = spec.unit or target.unit
    bars = f"{width / spec.divisor:,.10g} {unit.partition(' ')[0] if spec.unit else unit}"
    canvas = notes.page(
        result, size, title=title,
        subtitle=f"{quantity_of(result)} in {target.period}, {unit}: share of draws per {bars}, {notes.case(result)}",
    )  # fmt: skip
    ax = canvas.axes(left=0.25, head=0.42, foot=0.72)
    edges = np.arange(
        np.floor(min(values.min(), target.value) / width - 1) * width,
        max(values.max(), target.value) + 2 * width,
        width,
    )
    shares = np.histogram(values, edges, weights=result.weights)[0]
    shares = shares / shares.sum()
    reached = edges[:-1] >= target.value
    for chosen, colour in ((reached, NAVY), (~reached, LILAC)):
        ax.bar(edges[:-1][chosen], shares[chosen], width, align="edge", color=colour, edgecolor="white", linewidth=0.4)
    ax.axvline(target.value, color=GREY, linewidth=1.2)
    ax.set_yticks([])
    ends = [(0.001, -1), (0.999, 1)]
    least, most = (float(np.quantile(values, q)) + side * 2 * width for q, side in ends)
    ax.xaxis.set_major_formatter(divided(spec.divisor))
    above: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "fontsize": canvas.body, "va": "bottom"}
    at = _target_in_words(target.value, spec, small=canvas.small)
    sides: tuple[tuple[float, str, dict[str, Any]], ...] = (
        (-0.6, f"{formatting.odds(1 - chance)} below\n{at}", {"ha": "right", "color": GREY}),
        (0.6, f"{formatting.odds(chance)} at least\n{at}", {"ha": "left", "color": NAVY, "fontweight": "bold"}),
    )
    placed = [(target.value + away * width, max(text.split("\n"), key=len), away > 0) for away, text, _ in sides]
    ax.set_xlim(*canvas.limits(ax, min(least, target.value), max(most, target.value), placed, canvas.body))
    for away, text, look in sides:
        ax.text(target.value + away * width, 1.03, text, **look, **above)
    for name, value in (("P10", p10), ("P50", p50), ("P90", p90)):
        ax.plot(
            [value, value], [0, -0.02], transform=ax.get_xaxis_transform(), clip_on=False, color=GREY, linewidth=1.5
        )
        ax.annotate(
            f"{name}\n{_number(value, spec)}", (value, 0), xytext=(0, -2.3 * canvas.body), textcoords="offset points",
            ha="center", va="top", fontsize=canvas.body, color=GREY,
        )  # fmt: skip
    low, mid, high = (_number(value, spec) for value in (p10, p50, p90))
    alt = (
        f"Histogram of the simulated {result.business.label(target.outcome)} in {target.period}, {unit}, {notes.case(result)}. "
        f"Median {mid}, 80% range {low} to {high}. {formatting.odds(chance)} of draws reach the target of {target.value:,.10g}."
    )
    rows = [(float(a), float(a + width), float(s)) for a, s in zip(edges[:-1], shares, strict=True)]
    return Picture(canvas.figure, title, alt, Table(("from", "to", "share"), rows))


def _width(values: np.ndarray) -> float:
    """A round width that makes about `BARS` bars of nearly all draws."""
    ticks = MaxNLocator(BARS, steps=[1, 2, 5, 10]).tick_values(*(float(np.quantile(values, q)) for q in (0.001, 0.999)))
    return float(ticks[1] - ticks[0])


def _number(value: float, spec: ReportSpec) -> str:
    """A number of the outcome as its axis has it."""
    return f"{value / spec.divisor:,.0f}" if spec.divisor != 1 else formatting.short(float(value))


def _target_in_words(value: float, spec: ReportSpec, *, small: bool) -> str:
    """The target: `550 thousand`, at half width without its multiple."""
    multiple = spec.unit.partition(" ")[0] if spec.divisor != 1 and not small else ""
    return f"{value / spec.divisor:,.10g} {multiple}".strip()
