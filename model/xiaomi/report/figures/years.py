"""Deliveries by year to the end of the run: what was, the fan, and what is published."""

from __future__ import annotations

import numpy as np

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import in_thousands
from model.reporting.figures.fan import LEVELS, fan
from model.reporting.figures.style import GREY, NAVY, WINE, Picture, in_style
from model.simulation.result import Result
from model.xiaomi.data import history
from model.xiaomi.report.figures.sources import LATER_HISTORY

BANDS = "Bands: 90, 80 and 50 of 100 draws; dashed: P50"


@in_style
def draw(result: Result, size: str) -> Picture:
    """Bars of the years behind, the fan of those ahead, targets as marks."""
    a, calendar = result.assumptions, result.assumptions.calendar
    ahead = np.arange(calendar.first, calendar.last + 1)
    levels = np.stack([np.asarray(result.quantile("ev.deliveries", LEVELS, str(y)).value) for y in ahead], axis=1)
    past = {int(year): value for year, value in history.annual_deliveries(a.root).items() if int(year) < calendar.first}
    low, mid, high = levels[1, -1], levels[3, -1], levels[5, -1]
    title = (
        f"Deliveries in {calendar.last}: {mid / 1000:,.0f} thousand in the middle, {low / 1000:,.0f} to {high / 1000:,.0f} thousand in eight of "
        "ten draws"
    )
    canvas = notes.page(
        result, size, title=title, subtitle=f"Deliveries by year, thousand vehicles: reported (bars) and {notes.case(result)}. {BANDS}",
        source=LATER_HISTORY,
    )  # fmt: skip
    ax = canvas.axes(left=0.45, right=0.75, foot=0.3)
    ax.bar(list(past), list(past.values()), 0.6, color=GREY)
    fan(ax, ahead.astype(float), levels)
    marks = [(int(a.target.period), a.target.value, f"Target {a.target.value / 1000:,.0f}")]
    marks += [
        (int(g.period), g.value, f"Broker {g.value / 1000:,.0f}") for g in a.targets if g.outcome == "ev.deliveries"
    ]
    for year, value, words in marks:
        ax.plot(year, value, "D", color=WINE, markersize=5)
        ax.annotate(
            words,
            (year, value),
            xytext=(6, 3),
            textcoords="offset points",
            color=WINE,
            fontsize=canvas.body,
            fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    ends = [
        (f"P{round(100 * q)} {v / 1000:,.0f}", float(v))
        for q, v in zip(LEVELS, levels[:, -1], strict=True)
        if q in (0.05, 0.1, 0.5, 0.9, 0.95)
    ]
    for (words, _), y in zip(ends, canvas.spread(ax, [e[1] for e in ends]), strict=True):
        ax.annotate(
            words,
            (calendar.last, y),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=canvas.body,
            color=NAVY,
        )
    every = [*past, *ahead.tolist()]
    ax.set_xticks(every, [str(year) for year in every])
    ax.set_xlim(min(every) - 0.6, calendar.last + 0.05)
    ax.set_ylim(0, None)
    ax.yaxis.set_major_formatter(in_thousands)
    alt = f"Fan of Xiaomi's yearly EV deliveries to {calendar.last}, {notes.case(result)}: median {mid / 1000:,.0f} thousand, 80% range {low / 1000:,.0f} to {high / 1000:,.0f} thousand."
    rows: list[tuple[object, ...]] = [(year, "reported", value) for year, value in past.items()]
    rows += [
        (int(y), f"P{round(100 * q)}", float(levels[n, k])) for k, y in enumerate(ahead) for n, q in enumerate(LEVELS)
    ]
    rows += [(year, words, value) for year, value, words in marks]
    return Picture(canvas.figure, title, alt, Table(("year", "what", "vehicles"), rows))
