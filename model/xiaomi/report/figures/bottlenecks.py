"""What caps deliveries in each month: the plants, or the orders."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import MONTHS
from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import in_percent
from model.reporting.figures.style import NAVY, ORANGE, Picture, in_style
from model.simulation.result import Result


@in_style
def draw(result: Result, size: str) -> Picture:
    """Share of draws in which the plants, and in which the order book, was the limit."""
    year = result.assumptions.about.year
    bound = np.array(
        [float(result.mean("ev.capacity_bound", p).value) for p in result.periods("ev.capacity_bound")[:12]]
    )
    title = _finding(bound)
    canvas = notes.page(
        result, size, title=title, subtitle=f"Share of draws in which the plants, or what the order book has ready to hand over, limit the month's deliveries in {year}, {notes.case(result)}",

    )  # fmt: skip
    ax = canvas.axes(left=0.48, right=0.1, head=0.25, foot=0.3)
    x = np.arange(12)
    ax.bar(x, bound, 0.8, color=NAVY, edgecolor="white", hatch="////")
    ax.bar(x, 1 - bound, 0.8, bound, color=ORANGE, edgecolor="white")
    for xi, b in enumerate(bound):
        if canvas.small:
            continue
        for share, at, colour in ((b, b / 2, NAVY), (1 - b, b + (1 - b) / 2, ORANGE)):
            if share >= 0.07:
                ink = "white" if colour == NAVY else "#1A1A1A"
                ax.text(
                    xi,
                    at,
                    f"{100 * share:.0f}",
                    ha="center",
                    va="center",
                    fontsize=canvas.body,
                    color=ink,
                    bbox={"facecolor": colour, "edgecolor": "none", "pad": 1.0},
                )
    step = 3 if canvas.small else 1
    ax.set_xticks(x[::step], [name[:3] for name in MONTHS[::step]])
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(in_percent)
    ax.text(
        0,
        1.02,
        "Plants (dark, hatched)",
        transform=ax.transAxes,
        color=NAVY,
        fontsize=canvas.body,
        fontweight="bold",
        va="bottom",
        ha="left",
    )
    ax.text(
        1,
        1.02,
        "Order book (orange)",
        transform=ax.transAxes,
        color="#B8410A",
        fontsize=canvas.body,
        fontweight="bold",
        va="bottom",
        ha="right",
    )
    alt = (
        f"Stacked bars by month of {year}: share of draws in which the plants limit deliveries, {100 * bound[0]:.0f}% in January, {100 * bound[5]:.0f}% in June, "
        f"{100 * bound[11]:.0f}% in December; in the others what the order book has ready does."
    )
    rows = [(p, float(b), float(1 - b)) for p, b in zip(result.periods("ev.capacity_bound")[:12], bound, strict=True)]
    return Picture(canvas.figure, title, alt, Table(("month", "plants", "order book"), rows))


def _finding(bound: np.ndarray) -> str:
    """Who is the likelier limit, and when that turns."""
    plants = bound >= 0.5
    if plants.all():
        return "In every month the plants, not the order book, are the likelier limit"
    if not plants.any():
        return "In every month the order book, not the plants, is the likelier limit"
    turns = np.flatnonzero(plants[1:] != plants[:-1])
    if len(turns) == 1:
        first, last = ("the plants", "the order book") if plants[0] else ("the order book", "the plants")
        return f"Until {MONTHS[turns[0]]} the likelier limit is {first}, from {MONTHS[turns[0] + 1]} on {last}"
    return f"The plants are the likelier limit in {plants.sum()} of 12 months, the order book in the others"
