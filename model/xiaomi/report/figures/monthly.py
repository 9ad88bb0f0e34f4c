"""Monthly deliveries: what was reported, and the fan of what may come."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import MONTHS
from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import in_thousands
from model.reporting.figures.fan import LEVELS, band_text, fan, rows_of
from model.reporting.figures.style import GREY, NAVY, WINE, Picture, in_style
from model.simulation.result import Result
from model.xiaomi.data import history
from model.xiaomi.report.figures.sources import HISTORY
from model.xiaomi.report.headline import months_behind, needed_a_month


@in_style
def draw(result: Result, size: str) -> Picture:
    """History as a solid line, forecast as a fan, the pace that the target needs."""
    target, year = result.assumptions.target, result.assumptions.about.year
    past = history.monthly_deliveries(result.assumptions.root)
    periods = result.periods("ev.deliveries")[:12]
    levels = np.array([np.asarray(result.quantile("ev.deliveries", LEVELS, p).value) for p in periods]).T
    pace, behind = needed_a_month(result), months_behind(result)
    ahead = min(behind, 11)  # from here on the year is open
    low, high = (ahead + int(at(levels[3, ahead:])) for at in (np.argmin, np.argmax))
    title = (
        f"The middle of the forecast lies between {levels[3][low] / 1000:,.0f} ({MONTHS[low]}) and {levels[3][high] / 1000:,.0f} thousand a month "
        f"({MONTHS[high]}); the target needs {pace / 1000:,.1f}"
    )
    canvas = notes.page(
        result, size, title=title, subtitle=f"Deliveries a month, thousand vehicles: reported to {_until(year, behind)}, then {notes.case(result)}. {band_text(year)}",
        source=HISTORY,
    )  # fmt: skip
    ax = canvas.axes(left=0.42, right=0.5, foot=0.42)
    x = np.arange(-len(past), 12)
    ax.plot(x[: len(past)], list(past.values()), color=NAVY, marker="o", markersize=2.6)
    start = list(past.values())[-1]
    fan(ax, np.arange(-1, 12), np.concatenate([np.full((len(LEVELS), 1), start), levels], axis=1))
    if behind:
        ax.plot(np.arange(-1, behind), [start, *levels[3, :behind]], color=NAVY, linewidth=1.6)
    ax.axvline(behind - 0.5, color=GREY, linewidth=0.8, linestyle=":")
    for text, x_at, side in (("reported ", behind - 0.5, "right"), (" forecast", behind - 0.5, "left")):
        ax.text(
            x_at, 0.02, text, transform=ax.get_xaxis_transform(), ha=side, va="bottom", fontsize=canvas.body, color=GREY
        )
    ax.plot([behind - 0.5 if behind else x[0] - 0.5, 11.4], [pace, pace], color=WINE, linewidth=1.1)
    needed = "Needed" if canvas.small else f"Needed for {target.value / 1000:,.0f} thousand: {pace / 1000:,.1f} a month"
    needed += " from here" if behind else ""
    at, side = (behind - 0.8, "right") if behind else (x[0], "left")
    ax.text(at, pace, needed, color=WINE, fontsize=canvas.body, va="bottom", ha=side)
    ax.set_ylim(0, None)
    ax.set_xlim(x[0] - 0.5, 11.4)
    ax.yaxis.set_major_formatter(in_thousands)
    named = (0.05, 0.95) if canvas.small else (0.05, 0.1, 0.9, 0.95)
    for q, y in zip(named, canvas.spread(ax, [levels[LEVELS.index(q), -1] for q in named]), strict=True):
        ax.annotate(
            f"P{round(100 * q)}", (11, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=canvas.body,
            color=GREY,
        )  # fmt: skip
    names = [*past, *periods]
    ticks = [
        n for n, name in enumerate(names) if name[-2:] in (("01", "07") if canvas.small else ("01", "04", "07", "10"))
    ]
    ax.set_xticks([x[n] for n in ticks], [_month(names[n]) for n in ticks])
    alt = (
        f"Line of monthly Xiaomi EV deliveries from {names[0]} to {year - 1}-12, rising from {next(iter(past.values())):,.0f} to {start:,.0f}, then a fan for "
        f"{year}: medians from {levels[3].min() / 1000:,.0f} to {levels[3].max() / 1000:,.0f} thousand a month, 90% band in December "
        f"{levels[0][-1] / 1000:,.0f} to {levels[-1][-1] / 1000:,.0f} thousand. The target needs {pace / 1000:,.1f} thousand a month."
    )
    rows: list[tuple[object, ...]] = [(name, "reported", float(value)) for name, value in past.items()]
    rows += rows_of(periods, levels)
    return Picture(canvas.figure, title, alt, Table(("month", "what", "vehicles"), rows))


def _until(year: int, behind: int) -> str:
    """The last month behind us, and that a month of the year is known by what its draws have in common."""
    return f"{MONTHS[behind - 1]} {year} (line: P50 given floors and filings)" if behind else f"December {year - 1}"


def _month(name: str) -> str:
    """2026-01 as Jan 2026 on two lines, 2026-07 as Jul."""
    short = MONTHS[int(name[-2:]) - 1][:3]
    return f"{short}\n{name[:4]}" if short == "Jan" else short
