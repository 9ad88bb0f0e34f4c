"""What would have to be true: where each P50 would have to be for the asked chance, on the scale of its own spread."""

from __future__ import annotations

from collections.abc import Sequence

from model import words
from model.figures import notes
from model.figures.canvas import GREY, LILAC, NAVY, WINE, Canvas, Picture, styled, two_lines
from model.result import Result
from model.solve import Answer, table, value


def draw(result: Result, answers: Sequence[Answer], asked: float, size: str = "word") -> Picture:
    """A row an assumption: today's P10 to P90 as a band, the needed P50 as a point; below, those that cannot reach."""
    with styled():  # type: ignore[attr-defined]
        return _draw(result, answers, asked, size)


def _draw(result: Result, answers: Sequence[Answer], asked: float, size: str) -> Picture:
    can = [a for a in answers if a.needed is not None]
    cannot = [a for a in answers if a.needed is None]
    target = result.assumptions.target
    goal = f"P({target.value:,.0f}) = {words.odds(asked)}"
    if can:
        near = can[0]
        title = f"For {goal}, {near.label} would have to be {value(near.needed)} instead of {value(near.today)}"
    else:
        title = f"No single assumption can bring {goal}"
    rest = f"; {len(cannot)} {'others ' if can else ''}cannot reach it alone" if cannot else ""
    canvas = Canvas(
        size,
        title=title,
        subtitle=f"P50 at which {goal}, one assumption moved, all others as they are, {notes.case(result)}: distance from today's P50 in "
        f"its own standard deviations{rest}",
        source=notes.FORECAST,
        footnote=notes.footnote(result),
        half_taller=1.25,
    )
    ax = canvas.axes(
        left=2.55 if not canvas.small else 1.4, right=0.25 if not canvas.small else 0.6, head=0.24, foot=0.3
    )
    can = can[: canvas.rows(ax, canvas.note + 0.5)]
    rows = can or cannot[:1]
    for n, a in enumerate(reversed(can)):
        ax.plot([-1.28, 1.28], [n, n], color=LILAC, linewidth=7, solid_capstyle="butt")
        ax.plot(0, n, "|", color=GREY, markersize=9)
        ax.plot(a.distance, n, "D", color=WINE, markersize=6)
        right = a.distance >= 0
        ax.annotate(
            _said(a, canvas), (max(a.distance, 1.28) if right else min(a.distance, -1.28), n), xytext=(7 if right else -7, 0), textcoords="offset points",
            ha="left" if right else "right", va="center", fontsize=canvas.note + 0.5, color=NAVY,
        )  # fmt: skip
    ax.set_yticks(
        range(len(rows)),
        [two_lines(a.label, 20 if canvas.small else 38) for a in reversed(rows)],
        fontsize=canvas.note + 0.5,
    )
    ax.set_ylim(-0.6, len(rows) - 0.4)
    placed = [
        (max(a.distance, 1.28), _said(a, canvas), True)
        if a.distance >= 0
        else (min(a.distance, -1.28), _said(a, canvas), False)
        for a in can
    ]
    ax.set_xlim(*canvas.limits(ax, -1.5, 2.0, placed, canvas.note + 0.5))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.text(
        0,
        1.01,
        "today's P10 to P90",
        transform=ax.get_xaxis_transform(),
        fontsize=canvas.note + 0.5,
        color=GREY,
        ha="center",
        va="bottom",
    )
    alt = (
        f"Distances of the P50 that each assumption would need for {goal}: "
        + "; ".join(f"{a.label} {value(a.needed)} instead of {value(a.today)} ({a.distance:+.1f} sd)" for a in can[:4])
        + f"; {len(cannot)} cannot reach it alone. Data: solve.csv."
    )
    return Picture(canvas.figure, title, alt, table(answers))


def _said(a: Answer, canvas: Canvas) -> str:
    """From today's P50 to the needed one; at half width the needed one alone."""
    return value(a.needed) if canvas.small else f"{value(a.today)} to {value(a.needed)}"
