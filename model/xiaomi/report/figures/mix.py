"""Revenue mix: reported years, the forecast's mean, and how uncertain each share is."""

from __future__ import annotations

import numpy as np

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import in_percent
from model.reporting.figures.style import GREY, Picture, in_style
from model.simulation.result import Result
from model.xiaomi.data import history
from model.xiaomi.report.figures.sources import HISTORY, SEGMENT_COLOURS
from model.xiaomi.report.headline import NAMES, SHORT

LABELLED = {"memo": 0.1}  # least share with its number in the bar
ORDER = ("smartphones", "iot", "internet", "ev", "other")


@in_style
def draw(result: Result, size: str) -> Picture:
    """Left: shares by year, reported solid, forecast mean hatched. Right: P10, P50, P90 of each share."""
    year = result.assumptions.about.year
    past = history.segments(result.assumptions.root)
    bars = {str(y): _shares(past, [f"{y}Q{q}" for q in range(1, 5)]) for y in (2023, 2024)}
    bars["2025\nQ1-Q3"] = _shares(past, ["2025Q1", "2025Q2", "2025Q3"])
    bars["2025\nQ3"] = _shares(past, ["2025Q3"])
    forecast = f"{year}\nmean"
    bars[forecast] = {name: float(result.mean(f"{name}.mix").value) for name in ORDER}
    before, after = bars["2025\nQ3"]["ev"], bars[forecast]["ev"]
    low, high = np.asarray(result.quantile("ev.mix", (0.1, 0.9)).value)
    verb = "rises to" if after > before + 0.005 else "falls to" if after < before - 0.005 else "stays at"
    title = f"The EV share of revenue {verb} {100 * after:.0f}% in {year}, from {100 * before:.0f}% in 2025Q3; 80% range {100 * low:.1f} to {100 * high:.1f}%"
    canvas = notes.page(
        result, size, title=title, subtitle=f"Share of group revenue: reported (solid) and {notes.case(result)} (hatched: mean; right: P10 to P90 with P50 in {year})",
        source=HISTORY, half_taller=1.45,
    )  # fmt: skip
    if canvas.small:
        (left,), (right,) = canvas.grid(2, 1, left=0.65, right=0.1, foot=0.3, head=0.05, gap_y=0.45)
    else:
        left, right = canvas.grid(1, 2, left=0.42, right=0.34, foot=0.42, head=0.05, gap_x=0.62, widths=(1.28, 1))[0]
    x = np.arange(len(bars))
    base = np.zeros(len(bars))
    for name in ORDER:
        heights = np.array([bar[name] for bar in bars.values()])
        for part, hatch in [(slice(0, -1), ""), (slice(-1, None), "////")]:
            left.bar(
                x[part],
                heights[part],
                0.68,
                base[part],
                color=SEGMENT_COLOURS[name],
                edgecolor="white",
                linewidth=0.6,
                hatch=hatch,
            )
        for xi, (b, h) in enumerate(zip(base, heights, strict=True)):
            if h > LABELLED.get(size, 0.06) and not canvas.small:
                box = {"facecolor": SEGMENT_COLOURS[name], "edgecolor": "none", "pad": 1.0}
                left.text(
                    xi,
                    b + h / 2,
                    f"{100 * h:.0f}",
                    color="white",
                    fontsize=canvas.body,
                    ha="center",
                    va="center",
                    fontweight="bold",
                    bbox=box,
                )
        base += heights
    left.set_xticks(x, list(bars))
    left.set_ylim(0, 1)
    left.yaxis.set_major_formatter(in_percent)
    left.grid(visible=False)
    rows: list[tuple[object, ...]] = [
        (name, period.replace("\n", " "), "share", value) for period, bar in bars.items() for name, value in bar.items()
    ]
    for n, name in enumerate(ORDER):
        levels = np.asarray(result.quantile(f"{name}.mix", (0.1, 0.5, 0.9)).value)
        right.plot(
            [levels[0], levels[2]], [n, n], color=SEGMENT_COLOURS[name], linewidth=4, alpha=0.55, solid_capstyle="butt"
        )
        right.plot(levels[1], n, "o", color=SEGMENT_COLOURS[name], markersize=6)
        right.annotate(
            f"{100 * levels[0]:.1f} to {100 * levels[2]:.1f}%",
            (levels[2], n),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=canvas.body,
            color=GREY,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )
        rows += [(name, str(year), f"P{p}", float(v)) for p, v in zip((10, 50, 90), levels, strict=True)]
    right.set_yticks(range(len(ORDER)), [SHORT[n] if canvas.small else NAMES[n] for n in ORDER])
    for tick, name in zip(right.get_yticklabels(), ORDER, strict=True):  # the names are the bars' legend too
        tick.set_color(SEGMENT_COLOURS[name])
        tick.set_fontweight("bold")
    right.set_ylim(-0.6, len(ORDER) - 0.4)
    right.set_xlim(0, 0.72)
    right.xaxis.set_major_formatter(in_percent)
    right.xaxis.set_ticks((0, 0.2, 0.4))
    right.grid(axis="x")
    alt = (
        f"Stacked bars of Xiaomi's revenue mix, 2023 to {year}, and intervals for {year}: EV {100 * after:.0f}% on average, {100 * low:.1f} to "
        f"{100 * high:.1f}% in 80 of 100 cases, after {100 * before:.0f}% in the third quarter of 2025."
    )
    return Picture(canvas.figure, title, alt, Table(("segment", "period", "what", "share of revenue"), rows))


def _shares(past: dict[str, dict[str, tuple[float, float]]], quarters: list[str]) -> dict[str, float]:
    """Reported shares of the sum of segments; a segment without a figure (EV before 2024) counts as 0."""
    revenue = {name: sum(past[name].get(q, (0.0, 0.0))[0] for q in quarters) for name in ORDER}
    total = sum(revenue.values())
    return {name: value / total for name, value in revenue.items()}
