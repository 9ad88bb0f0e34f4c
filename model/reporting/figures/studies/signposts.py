"""What to watch: how far each figure to come can be expected to move a measure, and where it then stands."""

from __future__ import annotations

from matplotlib.ticker import MaxNLocator

from model.reporting.figures import notes
from model.reporting.figures.canvas import in_percent
from model.reporting.figures.style import GREY, NAVY, ORANGE, Picture, in_style
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.signposts import Signposts, level


@in_style
def draw(result: Result, found: Signposts, size: str = "word") -> Picture:
    """Bars from the measure where a figure comes in low to where it comes in high, the most telling on top."""
    what, top = found.what, found.items[0]
    say, _ = formatting.signed_in(what.unit, found.said)
    sign = "%" if what.unit == "share" else ""
    title = f"{notes.in_title(result.business.label(top.outcome))} in {top.period} will tell most: {notes.measure(what, result)} is {say(top.if_low)}{sign} if it is low, {say(top.if_high)}{sign} if high"
    canvas = notes.page(
        result, size, title=title, half_taller=1.25, memo_taller=1.25,
        subtitle=f"{what.in_words(result.business.label)}, {notes.case(result)}: where it stands if a figure still to come lies below its P10 (orange) or above its P90 (blue); "
        "those levels at the ends. At the right: share of the variance that the figure resolves",
    )  # fmt: skip
    ax = canvas.row_axes(right=0.45, head=0.02, foot=0.3)
    shown = found.items[: canvas.rows(ax, canvas.note + 0.5)]
    now, placed = float(found.now.value), []
    for n, s in enumerate(reversed(shown)):
        ends = ((s.if_low, s.forecast[0], ORANGE), (s.if_high, s.forecast[2], NAVY))
        one_side, nearest = (s.if_low - now) * (s.if_high - now) > 0, min(abs(end - now) for end, *_ in ends)
        for end, given, colour in ends:
            right, at, text = end >= now, end, level(float(given), s.unit)
            if one_side and abs(end - now) == nearest:  # its label goes to the other side
                right, at = not right, now
            ax.barh(n, end - now, 0.62, now, color=colour)
            ax.annotate(
                text, (at, n), xytext=(4 if right else -4, 0), textcoords="offset points", ha="left" if right else "right",
                va="center", fontsize=canvas.note,
            )  # fmt: skip
            placed.append((at, text, right))
        ax.annotate(
            f"{100 * s.resolved:.0f}%", (1.0, n), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", va="center", fontsize=canvas.note,
        )  # fmt: skip
    ax.axvline(now, color=GREY, linewidth=1)
    canvas.label_rows(ax, [f"{result.business.label(s.outcome)}, {s.period}" for s in shown])
    reached = [end for s in shown for end in (s.if_low, s.if_high)]
    ax.set_xlim(*canvas.limits(ax, min(reached), max(reached), placed, canvas.note))
    ax.xaxis.set_major_locator(MaxNLocator(4 if canvas.small else 6))
    ax.xaxis.set_major_formatter(in_percent if what.unit == "share" else lambda v, _: f"{v:,.10g}")
    told = "; ".join(f"{s.outcome} in {s.period} {say(s.if_low)} to {say(s.if_high)}" for s in shown[:4])
    return Picture(
        canvas.figure,
        title,
        f"{what.in_words(result.business.label)}, by figures still to come: {told}. Now {say(now)}{sign}.",
        found.table(),
    )
