"""The year as it came: the forecast of the target's outcome after each day on which something was reported."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from matplotlib import dates as of_matplotlib

from model.inference.posterior import LEVELS
from model.reporting.figures import notes
from model.reporting.figures.canvas import divided
from model.reporting.figures.fan import fan
from model.reporting.figures.style import GREY, WINE, Picture, in_style
from model.reporting.report_spec import quantity_of, spec_of
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.revision import Revision

dates: Any = of_matplotlib  # it has no types
REPORTS = "Source: reports in data/observations.csv, updates in updates/, each with its source; forecast from assumptions.toml, where each number has its source."


@in_style
def draw(result: Result, found: Revision, size: str = "word") -> Picture:
    """Bands that hold from one day of reports to the next, and the target."""
    target, spec, moments = result.assumptions.target, spec_of(result.business), found.moments
    unit = spec.unit or target.unit
    first, last = moments[0], moments[-1]
    middle = LEVELS.index(0.5)
    then, now = (float(m.levels[middle]) / spec.divisor for m in (first, last))
    title = (
        f"What became known took the P50 of {target.period} from {then:,.0f} to {now:,.0f} {unit}, "
        f"the chance of {target.value / spec.divisor:,.10g} from {formatting.share_met(first.chance)} to {formatting.share_met(last.chance)}"
    )
    canvas = notes.page(
        result, size, title=title, source=REPORTS,
        subtitle=f"{quantity_of(result)} in {target.period}, {unit}: the forecast of each day, given what was known by then. Bands of 90, 80 and 50%; line: P50",
    )  # fmt: skip
    ax = canvas.axes(left=0.42, right=1.0, foot=0.3)
    days = [m.day for m in moments]
    end = max(result.assumptions.about.as_of, days[-1]) + dt.timedelta(days=7)
    x = np.repeat(dates.date2num([*days, end]), 2)[1:-1]
    fan(ax, x, np.repeat(np.stack([m.levels for m in moments], axis=1), 2, axis=1))
    ax.axhline(target.value, color=WINE, linewidth=1.2)
    ax.yaxis.set_major_formatter(divided(spec.divisor))
    ax.xaxis.set_major_locator(dates.MonthLocator(interval=2 if canvas.small else 1))
    ax.xaxis.set_major_formatter(dates.DateFormatter("%b"))
    ax.set_xlim(x[0], x[-1])
    named = [(f"P{round(100 * q)} {last.levels[LEVELS.index(q)] / spec.divisor:,.0f}", float(last.levels[LEVELS.index(q)]), GREY) for q in (0.1, 0.5, 0.9)]  # fmt: skip
    named.append((f"Target {target.value / spec.divisor:,.10g}", target.value, WINE))
    named.sort(key=lambda each: each[1])
    for (text, _, colour), y in zip(named, canvas.spread(ax, [each[1] for each in named]), strict=True):
        ax.annotate(
            text, (x[-1], y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=canvas.body, color=colour,
            fontweight="bold" if colour == WINE else "normal",
        )  # fmt: skip
    alt = f"Bands of the forecast of {target.period} from {days[0]:%-d %B %Y} to {days[-1]:%-d %B %Y}, after each of {len(days) - 1} days on which something became known. {title}."
    return Picture(canvas.figure, title, alt, found.year_as_it_came())
