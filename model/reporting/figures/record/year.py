"""The forecast of the year by the day it was made on: ours as bands, what anyone could have said as lines, what was reported."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from matplotlib import dates as of_matplotlib

from model.evaluation import register
from model.files.table import Table
from model.inference.posterior import LEVELS
from model.reporting.figures.canvas import divided
from model.reporting.figures.fan import fan
from model.reporting.figures.record.frame import COLOURS, OURS, named, page
from model.reporting.figures.style import GREY, WINE, Picture, in_style
from model.reporting.record.record import Record

dates: Any = of_matplotlib  # it has no types
THOUSAND, BLACK = 1000.0, "#000000"


@in_style
def draw(record: Record, size: str = "word") -> Picture:
    """Bands from one entry to the next; what lies above the axis is said at its edge."""
    days = sorted(record.year)
    every = [
        (day, next((record.year[day][name] for name in register.OWN if name in record.year[day]), None)) for day in days
    ]
    said, own = zip(*((day, f) for day, f in every if f is not None), strict=True)
    first, last = own[0].level(0.5) / THOUSAND, own[-1].level(0.5) / THOUSAND
    rate = [
        each["run_rate"].level(0.5) / THOUSAND
        for each in (record.year[days[0]], record.year[days[-1]])
        if "run_rate" in each
    ]
    beside = f", the run rate from {rate[0]:,.0f} to {rate[1]:,.0f}" if len(rate) == 2 else ""
    title = f"Ours went from {first:,.0f} to {last:,.0f} thousand{beside}"
    dotted = f", dotted that of {named(record.edition)}, which knew what came" if record.edition else ""
    canvas = page(
        record, size, title=title, taller=1.15,
        subtitle=f"{record.business.label(record.target[0])} in {record.target[1]}, thousand, by the day of the forecast. Bands: ours, 90, 80 and 50%, dashed P50{dotted}; lines: P50s "
        "of what anyone could have said. Below: at least so many thousand were reported by then. Made afterwards, from what was known on each day",
    )  # fmt: skip
    ax = canvas.axes(left=0.42, right=1.55, foot=0.3, head=0.0)
    end = days[-1] + dt.timedelta(days=12)
    x = np.repeat(dates.date2num([*said, end]), 2)[1:-1]
    fan(ax, x, np.repeat(np.stack([[f.level(q) for q in LEVELS] for f in own], axis=1), 2, axis=1))
    top = 1.08 * max(
        own[0].level(0.95),
        *(each["published_estimates"].level(0.5) for each in record.year.values() if "published_estimates" in each),
    )
    labels = [
        (f"ours {last:,.0f}", own[-1].level(0.5), OURS),
        (f"target {record.goal / THOUSAND:,.10g}", record.goal, WINE),
    ]
    for name, colour in COLOURS.items():
        held = [(day, record.year[day][name].level(0.5)) for day in days if name in record.year[day]]
        if held:
            steps = np.repeat(dates.date2num([*(day for day, _ in held), end]), 2)[1:-1]
            values = np.repeat([value for _, value in held], 2)
            ax.plot(steps, np.where(values > top, np.nan, values), color=colour, linewidth=1.3)
            labels.append((f"{named(name)} {held[-1][1] / THOUSAND:,.0f}", held[-1][1], colour))
            if held[0][1] > top:
                ax.annotate(
                    f"{named(name)}: {held[0][1] / THOUSAND:,.0f} on {held[0][0]:%-d %b}", (0.02, 0.985), xycoords="axes fraction", va="top",
                    fontsize=canvas.note, color=colour,
                )  # fmt: skip
    again = [(day, record.year[day][record.edition].level(0.5)) for day in days if record.edition in record.year[day]]
    if again:
        until = next((day for day in days if day > again[-1][0]), end)
        steps = np.repeat(dates.date2num([*(day for day, _ in again), until]), 2)[1:-1]
        values = np.repeat([value for _, value in again], 2)
        ax.plot(steps, values, color="white", linewidth=2.6)
        ax.plot(steps, values, color=BLACK, linewidth=1.5, linestyle=(0, (1, 1.2)))
        labels.append(
            (f"{named(record.edition)} {again[-1][1] / THOUSAND:,.0f}, {again[-1][0]:%-d %b}", again[-1][1], BLACK)
        )
    ax.axhline(record.goal, color=WINE, linewidth=1.2, linestyle=(0, (4, 2)))
    low = 0.86 * min(*(f.level(0.05) for f in own), *(value for _, value, _ in labels))
    ax.set_ylim(low, top)
    ax.set_xlim(x[0], x[-1])
    for day, until in zip(days, [*days[1:], end], strict=True):
        if day in record.reported:
            middle = dates.date2num(day) + (until - day).days / 2
            text = f"{record.reported[day] / THOUSAND:,.0f}"
            ax.annotate(
                text, (middle, 0.012), xycoords=("data", "axes fraction"), ha="center", fontsize=canvas.note, color=GREY
            )
    ax.yaxis.set_major_formatter(divided(THOUSAND))
    ax.xaxis.set_major_locator(dates.MonthLocator(interval=2 if canvas.small else 1))
    ax.xaxis.set_major_formatter(dates.DateFormatter("%b"))
    labels.sort(key=lambda each: each[1])
    for (text, _, colour), y in zip(labels, canvas.spread(ax, [each[1] for each in labels]), strict=True):
        ax.annotate(
            text, (x[-1], y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=canvas.note, color=colour,
            fontweight="bold" if colour in (OURS, WINE) and text.startswith(("ours", "target")) else "normal",
        )  # fmt: skip
    return Picture(
        canvas.figure,
        title,
        f"The forecast of {record.target[1]} on {len(days)} days, with five baselines. {title}.",
        _table(record),
    )


def _table(record: Record) -> Table:
    rows = [
        (day.isoformat(), name, *(f.level(q) for q in LEVELS)) for day, each in sorted(record.year.items()) for name, f in sorted(each.items())
    ]  # fmt: skip
    return Table(("day", "entry", *(f"p{round(100 * q)}" for q in LEVELS)), rows)
