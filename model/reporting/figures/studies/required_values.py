"""What would have to be true: where each P50 would have to be for the asked chance, on the scale of its own spread."""

from __future__ import annotations

from model.reporting.figures import notes
from model.reporting.figures.canvas import FOOT, LINE, Canvas
from model.reporting.figures.style import GREY, LILAC, NAVY, WINE, Picture, in_style
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.required_values import RequiredValue, Solution, value


@in_style
def draw(result: Result, found: Solution, size: str = "word") -> Picture:
    """A row an assumption: today's P10 to P90 as a band, the needed P50 as a point.

    Raises ValueError where no answer reaches the asked chance.
    """
    if not found.can:
        raise ValueError("there is nothing to draw: no assumption reaches the chance")
    can, cannot, asked = found.can, len(found.cannot), found.asked
    near, now = can[0], found.now
    goal = f"a {formatting.odds(asked)} chance of {found.what.target:,.10g}"
    title = f"For {goal}, {notes.in_title(near.label)} would have to be {value(near.needed)}, not {value(near.today)}"
    rest = f"; {cannot} others tried cannot bring it about alone" if cannot else ""
    canvas = notes.page(
        result,
        size,
        title=title,
        subtitle=f"Today {formatting.odds(float(now.value))}. The P50 that brings it to {formatting.odds(asked)}, one assumption moved, all others as they are, "
        f"{notes.case(result)}{rest}",
        half_taller=1.25,
    )
    below = canvas.fitted("Distance from today's P50, in own standard deviations")
    ax = canvas.row_axes(right=0.8 if canvas.small else 1.45, head=0.24, foot=FOOT + LINE * below.count("\n"))
    can = can[: canvas.rows(ax, canvas.note + 0.5)]
    for n, a in enumerate(reversed(can)):
        ax.plot([-1.28, 1.28], [n, n], color=LILAC, linewidth=7, solid_capstyle="butt")
        ax.plot(0, n, "|", color=GREY, markersize=9)
        ax.plot(a.distance, n, "D", color=WINE, markersize=6)
        ax.annotate(
            _said(a, canvas), (1, n), xycoords=ax.get_yaxis_transform(), xytext=(7, 0), textcoords="offset points",
            va="center", fontsize=canvas.note + 0.5, color=NAVY,
        )  # fmt: skip
    canvas.label_rows(ax, [a.label for a in can])
    distances = [a.distance for a in can]
    ax.set_xlim(min(-1.5, *distances) - 0.2, max(1.5, *distances) + 0.2)
    ax.set_xlabel(below, fontsize=canvas.body, color=GREY)
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
        f"Distances of the P50 that each assumption would need for {goal}, today {formatting.odds(float(now.value))}: "
        + "; ".join(f"{a.label} {value(a.needed)} instead of {value(a.today)} ({a.distance:+.1f} sd)" for a in can[:4])
        + f"; {cannot} cannot do it alone."
    )
    return Picture(canvas.figure, title, alt, found.table())


def _said(a: RequiredValue, canvas: Canvas) -> str:
    """The needed P50 beside today's; at half width alone."""
    return value(a.needed) if canvas.small else f"{value(a.needed)} {a.unit}\n(today {value(a.today)})"
