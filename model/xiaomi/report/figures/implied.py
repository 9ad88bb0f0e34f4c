"""What must be true for today's price: each quantity needed, against what the forecast says."""

from __future__ import annotations

from model.reporting.figures import notes
from model.reporting.figures.canvas import in_percent
from model.reporting.figures.style import GREY, NAVY, WINE, Picture, in_style
from model.simulation.formatting import short
from model.simulation.result import Result
from model.xiaomi.report.figures.sources import LATER
from model.xiaomi.report.implied_value import Implied


@in_style
def draw(result: Result, found: Implied, size: str) -> Picture:
    """A pair of intervals a row, both against the forecast's P50: forecast grey, needed in colour."""
    first = found.items[0]
    more = first.needed[1] / first.forecast[1]
    title = (
        f"{found.price:.2f} HKD a share asks for {first.needed[1]:,.0f} thousand cars in twelve months in the middle draw, {more:.1f} times the "
        f"forecast's {first.forecast[1]:,.0f}"
    )
    canvas = notes.page(
        result, size, title=title,
        source=LATER, subtitle=f"What one quantity would have to be for the market's price of {found.day:%-d %b %Y}, all else as drawn (red), and what it is (grey): P10 to P90 with P50, "
        f"against the forecast's P50; {notes.case(result)}",
    )  # fmt: skip
    ax = canvas.row_axes(right=0.75, head=0.02, foot=0.35)
    rows = list(reversed(found.items))
    most = 2.6
    for n, each in enumerate(rows):
        for levels, colour, y in ((each.forecast, GREY, n + 0.17), (each.needed, WINE, n - 0.17)):
            low, mid, high = (float(v) / float(each.forecast[1]) for v in levels)
            ax.plot(
                [max(low, -0.6), min(high, most)], [y, y], color=colour, linewidth=5, alpha=0.55, solid_capstyle="butt"
            )
            ax.plot(min(max(mid, -0.6), most), y, "o", color=colour, markersize=6)
            said = f"{_three(levels[1])} ({_three(levels[0])} to {_three(levels[2])})"
            ax.annotate(
                said,
                (min(high, most), y),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=canvas.note,
                color=colour,
                annotation_clip=False,
            )
    ax.axvline(1, color=NAVY, linewidth=0.9, linestyle=(0, (4, 3)))
    ax.set_xlim(-0.65, most + 0.9)
    ax.xaxis.set_major_formatter(in_percent)
    canvas.label_rows(ax, [f"{x.what[0].upper()}{x.what[1:]}, {x.unit}" for x in found.items])
    ax.set_xticks((0, 0.5, 1, 1.5, 2, 2.5))
    alt = (
        f"{title}, {notes.case(result)}: "
        + "; ".join(
            f"{x.what} {short(float(x.needed[1]))} instead of {short(float(x.forecast[1]))} {x.unit}"
            for x in found.items
        )
        + "."
    )
    return Picture(canvas.figure, title, alt, found.table())


def _three(value: float) -> str:
    """Three digits, as briefly as they can be read."""
    return short(float(f"{float(value):.3g}"))
