"""2026 deliveries: the distribution, cut at the target."""

from __future__ import annotations

from typing import Any

import numpy as np

from model import words
from model.figures import notes
from model.figures.canvas import GREY, LILAC, NAVY, Canvas, Picture, in_thousands
from model.result import Result
from model.tables import Table

BIN = 10_000


def draw(result: Result, size: str) -> Picture:
    """Histogram of the year's deliveries with P(target) on either side, P10, P50, P90 below."""
    target = result.assumptions.target
    values = result.values(target.outcome, target.period)
    chance = float(result.chance().value)
    p10, p50, p90 = np.asarray(result.quantile(target.outcome, (0.1, 0.5, 0.9), target.period).value)
    title = f"A {notes.target_chance(result)} chance that Xiaomi delivers {target.value:,.0f} cars in {target.period}"
    canvas = Canvas(
        size, title=title, subtitle=f"Deliveries in {target.period}, thousand vehicles: share of draws per {BIN // 1000} thousand, {notes.case(result)}",
        source=notes.FORECAST, footnote=notes.footnote(result),
    )  # fmt: skip
    ax = canvas.axes(left=0.25, head=0.42, foot=0.72)
    edges = np.arange(
        np.floor(min(values.min(), target.value) / BIN - 1) * BIN, max(values.max(), target.value) + 2 * BIN, BIN
    )
    shares = np.histogram(values, edges, weights=result.weights)[0]
    shares = shares / shares.sum()
    reached = edges[:-1] >= target.value
    for chosen, colour in ((reached, NAVY), (~reached, LILAC)):
        ax.bar(edges[:-1][chosen], shares[chosen], BIN, align="edge", color=colour, edgecolor="white", linewidth=0.4)
    ax.axvline(target.value, color=GREY, linewidth=1.2)
    ax.set_yticks([])
    ax.set_xlim(*(float(np.quantile(values, q)) + side * 2 * BIN for q, side in ((0.001, -1), (0.999, 1))))
    ax.xaxis.set_major_formatter(in_thousands)
    above: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "fontsize": canvas.body, "va": "bottom"}
    least = "" if canvas.small else " thousand"
    ax.text(
        target.value - 0.6 * BIN,
        1.03,
        f"{words.odds(1 - chance)} below\n{target.value / 1000:,.0f}{least}",
        ha="right",
        color=GREY,
        **above,
    )
    ax.text(
        target.value + 0.6 * BIN,
        1.03,
        f"{words.odds(chance)} at least\n{target.value / 1000:,.0f}{least}",
        ha="left",
        color=NAVY,
        fontweight="bold",
        **above,
    )
    for name, value in (("P10", p10), ("P50", p50), ("P90", p90)):
        ax.plot(
            [value, value], [0, -0.02], transform=ax.get_xaxis_transform(), clip_on=False, color=GREY, linewidth=1.5
        )
        ax.annotate(
            f"{name}\n{value / 1000:,.0f}", (value, 0), xytext=(0, -2.3 * canvas.body), textcoords="offset points",
            ha="center", va="top", fontsize=canvas.body, color=GREY,
        )  # fmt: skip
    alt = (
        f"Histogram of simulated {target.period} Xiaomi EV deliveries, {notes.case(result)}. Median {words.thousands(p50)}, "
        f"80% range {p10 / 1000:,.0f} to {words.thousands(p90)}. {words.odds(chance)} of draws reach the target of "
        f"{target.value:,.0f}."
    )
    return Picture(
        canvas.figure,
        title,
        alt,
        Table(
            ("from", "to", "share"),
            [(float(a), float(a + BIN), float(s)) for a, s in zip(edges[:-1], shares, strict=True)],
        ),
    )
