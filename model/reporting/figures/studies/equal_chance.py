"""The line of equal chance: where two assumptions together give the chance asked for."""

from __future__ import annotations

import numpy as np

from model.reporting.figures import notes
from model.reporting.figures.canvas import plain_ticks
from model.reporting.figures.style import LILAC, NAVY, WINE, Picture, in_style
from model.simulation import formatting
from model.simulation.formatting import short
from model.simulation.result import Result
from model.studies.required_values import EqualChance


@in_style
def draw(result: Result, found: EqualChance, size: str = "word") -> Picture:
    """The line, today's P50s as a point, today's P10 to P90 of both as bands."""
    one, other, asked = found.one, found.other, found.asked
    x, y = (a.distribution.first_p50() for a in (one, other))
    goal = f"a {formatting.odds(asked)} chance of {result.assumptions.target.value:,.0f}"
    met = ~np.isnan(found.second)
    now, names = formatting.odds(float(result.chance().value)), [notes.in_title(a.label) for a in (one, other)]
    if met.any() and not np.isnan(np.interp(x, found.first, found.second)):
        needed = float(np.interp(x, found.first[met], found.second[met]))
        title = (
            f"{goal[0].upper()}{goal[1:]} takes {short(needed)} instead of {short(y)} for {names[1]}, or a mix of both"
        )
    else:
        title = f"No P50 of {names[1]} alone brings {goal}: it takes {names[0]} too"
    canvas = notes.page(
        result,
        size,
        title=title,
        subtitle=f"P50s of the two that together give {goal}, {notes.case(result)}, all else as it is; bands: today's P10 to P90 of each; "
        f"point: today, {now}",
        half_taller=1.2,
    )
    ax = canvas.labelled_axes(*(f"{a.label}, P50, {a.unit}" for a in (one, other)))
    for a, span in ((one, ax.axvspan), (other, ax.axhspan)):
        low, high = (float(np.ravel(a.distribution.quantile(np.full(1, q)))[0]) for q in (0.1, 0.9))
        span(low, high, color=LILAC, alpha=0.22, linewidth=0)
    ax.plot(found.first, found.second, color=NAVY, linewidth=2.2)
    ax.plot(x, y, "D", color=WINE, markersize=6, zorder=5)
    ax.annotate(
        f"today {now}", (x, y), xytext=(-7, -5), textcoords="offset points", ha="right", va="top", fontsize=canvas.body,
        color=WINE, fontweight="bold",
    )  # fmt: skip
    if met.any():
        ends = np.flatnonzero(met)[[len(np.flatnonzero(met)) // 6, -1 - len(np.flatnonzero(met)) // 6]]
        last = max(ends, key=lambda n: abs(found.first[n] - x))  # the end that is further from today
        falling = bool(found.second[met][-1] < found.second[met][0])
        right = found.first[last] > (found.first[0] + found.first[-1]) / 2
        ax.annotate(
            f"{formatting.odds(asked)} along the line", (found.first[last], found.second[last]), xytext=(-6 if right else 6, -4 if right == falling else 4),
            textcoords="offset points", ha="right" if right else "left", va="top" if right == falling else "bottom", fontsize=canvas.body, color=NAVY, fontweight="bold",
        )  # fmt: skip
    ax.set_xlim(float(found.first[0]), float(found.first[-1]))
    plain_ticks(ax, 4 if canvas.small else 7)
    ax.grid(visible=True, axis="both")
    alt = (
        f"Line of {goal} over the P50s of {one.label} and {other.label}, {notes.case(result)}. Today {short(x)} and {short(y)} "
        f"give {now}."
    )
    return Picture(canvas.figure, title, alt, found.table())
