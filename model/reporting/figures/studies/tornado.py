"""Tornado: the assumptions that move a measure most, with the input values at the ends of the bars."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from model.assumptions.calendar import DATE, date_of
from model.reporting.figures import notes
from model.reporting.figures.canvas import Canvas, in_percent
from model.reporting.figures.style import GREY, NAVY, ORANGE, Picture, in_style
from model.simulation.formatting import places_of
from model.simulation.measures import Measure
from model.simulation.result import Result
from model.studies.tornado import Bar, Tornado


@in_style
def draw(result: Result, found: Tornado, size: str = "word") -> Picture:
    """Bars from the measure at each assumption's P10 to that at its P90, longest on top."""
    what, moving = found.what, found.moving
    share = what.unit == "share"
    scale, unit = (100, "pp") if share else (1, what.unit)
    top = moving[0]
    places = 0 if share else max(places_of(what.unit, [Measure(top.size, top.swing.error)]) - 1, 0)
    between = "between its P50 and its P10 or P90" if top.turns else "from its P10 to its P90"
    size_said = f"{scale * top.size:,.{places}f} {unit}".removesuffix(" 1")
    title = f"{notes.in_title(top.label)} moves {notes.measure(what, result)} most: {size_said} {between}"
    when = f" {found.kind}" if found.kind else ""
    subtitle = (
        f"{what.in_words(result.business.label)}, {notes.case(result)}: each assumption held at its P10 and at its P90{when} while all others vary; "
        "input values at the ends. Orange: at P10, blue: at P90; dark: ±2 simulation errors; * correlated, moved alone"
    )
    diamonds = "; diamond: at P50, where the measure turns in between"

    def page(subtitle: str) -> tuple[Canvas, Any, list[Bar]]:
        canvas = notes.page(result, size, title=title, subtitle=subtitle, half_taller=1.25, memo_taller=1.25)
        ax = canvas.row_axes(right=0.3 if canvas.small else 0.2, head=0.02, foot=0.3)
        return canvas, ax, moving[: canvas.rows(ax, canvas.note + 0.5)]

    canvas, ax, shown = page(subtitle)
    if any(s.turns for s in shown):
        canvas, ax, shown = page(subtitle + diamonds)
    base: Measure = what.of(result.values(what.outcome, what.period), result.replicate)
    placed = []
    for n, s in enumerate(reversed(shown)):
        ends = ((s.low, s.low_input, ORANGE), (s.high, s.high_input, NAVY))
        one_side = (s.low.value - base.value) * (s.high.value - base.value) > 0
        nearest = min(abs(end.value - base.value) for end, *_ in ends)
        for end, given, colour in ends:
            ax.barh(n, end.value - base.value, 0.62, base.value, color=colour)
            ax.plot([end.value - 2 * end.error, end.value + 2 * end.error], [n, n], color=GREY, linewidth=1.2)
            right = end.value >= base.value
            at, said = end.value + (2 if right else -2) * end.error, _short(given, s.unit)
            closer = abs(end.value - base.value) == nearest
            if s.turns and one_side:  # both inputs stand at the farther end: the other side has the middle
                said = f"{_short(s.low_input, s.unit)} or {said}" if end is s.high else ""
            elif one_side and closer:  # both ends on one side: this one's label goes to the other
                right, at = not right, base.value
            ax.annotate(
                said, (at, n), xytext=(4 if right else -4, 0), textcoords="offset points",
                ha="left" if right else "right", va="center", fontsize=canvas.note,
            )  # fmt: skip
            placed.append((at, said, right))
    ax.axvline(base.value, color=GREY, linewidth=1)
    canvas.label_rows(ax, [s.label + (" *" if s.correlated else "") for s in shown])
    for n, s in enumerate(reversed(shown)):
        if s.turns:
            ax.plot([base.value, s.middle.value], [n, n], color=GREY, linewidth=2.5)
            ax.plot(s.middle.value, n, marker="D", color=GREY, markersize=6, clip_on=False, zorder=5)
            placed.append((s.middle.value, "", s.middle.value >= base.value))
    reached = [end.value for s in shown for end in (s.low, s.high, *([s.middle] if s.turns else []))]
    ax.set_xlim(*canvas.limits(ax, min(reached), max(reached), placed, canvas.note))
    ax.xaxis.set_major_locator(MaxNLocator(4 if canvas.small else 6))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.10g}")
    if share:
        ax.xaxis.set_major_formatter(in_percent)
    alt = (
        f"Tornado of {what.in_words(result.business.label)}: held at P10 and P90, "
        + "; ".join(
            f"{s.label} {scale * float(s.low.value):,.{places}f} to {scale * float(s.high.value):,.{places}f}"
            + (f", {scale * float(s.middle.value):,.{places}f} in the middle" if s.turns else "")
            for s in shown[:4]
        )
        + f". Base {scale * float(base.value):,.{places}f}{'%' if share else ' ' + unit}."
    )
    return Picture(canvas.figure, title, alt, found.table())


def _short(values: np.ndarray, unit: str) -> str:
    """An input value as briefly as it can be read; of an assumption by months, their mean."""
    value = float(np.mean(values))
    if unit == DATE:
        return date_of(value).isoformat()
    text = (
        f"{value / 1000:,.3g}k"
        if 10_000 <= abs(value) < 999_500
        else f"{value:,.0f}"
        if abs(value) >= 1000
        else f"{value:,.3g}"
    )
    return f"mean {text}" if len(values) > 1 else text
