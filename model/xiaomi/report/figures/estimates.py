"""Published estimates by day, house by house, and the forecast of the day beside them."""

from __future__ import annotations

import datetime as dt
from functools import reduce

import numpy as np
from matplotlib.axes import Axes

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import Canvas
from model.reporting.figures.style import BAND, GREY, NAVY, ORANGE, TEAL, Picture, in_style
from model.reporting.headline import LEVELS, percentile
from model.simulation.result import Result
from model.xiaomi.data import history
from model.xiaomi.report.published import QUANTITIES, Quantity, consensus

PROFIT = "group.adjusted_net_profit"
SOURCE = (
    "Source: data/published_estimates.csv, where each row has its house, day and source; share price: data/market.csv."
)
SHORT = (("adjusted net profit", "adjusted profit"), ("group revenue", "revenue"), ("earnings a share", "EPS"))
LONG = 550  # days, beyond which the axis has years alone
ROOM = 45  # days of width that the forecast takes to the right of its day


@in_style
def draw(result: Result, size: str) -> Picture:
    """A panel a quantity: dots for what houses said, joined where one house changed its mind; the forecast's P10 to P90 at its day."""
    about = result.assumptions.about
    low, mid, high = (float(x) for x in result.quantile(PROFIT, LEVELS).value)
    title = f"Adjusted profit of {about.year}: {mid:.1f} bn RMB here ({low:.1f} to {high:.1f})"
    beside = consensus(result.assumptions.root, about, PROFIT)
    if beside is not None:
        title += f"; published {beside[0]:.1f}: {beside[1]}"
    canvas = notes.page(
        result, size, title=title,
        subtitle=f"What houses said of {about.year} by day; lines join what one house said, the latest is dark; an upright line is a change from what it had. Bar at the right: P10 to P90 and P50 of {notes.case(result)}; HKD: the price of the share",
        source=SOURCE, half_taller=1.7, memo_taller=1.35,
    )  # fmt: skip
    shape = (3, 2) if canvas.small else (2, 3)
    grid = canvas.grid(*shape, left=0.36, right=0.12, head=0.2, foot=0.25, gap_x=0.3, gap_y=0.6)
    rows: list[tuple[object, ...]] = []
    for ax, quantity in zip((ax for row in grid for ax in row), QUANTITIES, strict=True):
        rows += _panel(ax, canvas, result, quantity)
    names = ", ".join(quantity.name for quantity in QUANTITIES)
    alt = f"Six panels of published estimates by day, each house's joined by a line, and the forecast at its day: {names}. {title}."
    columns = ("quantity", "house", "day", "value", "before", "percentile in the forecast")
    return Picture(canvas.figure, title, alt, Table(columns, rows))


def _panel(ax: Axes, canvas: Canvas, result: Result, quantity: Quantity) -> list[tuple[object, ...]]:
    about, root = result.assumptions.about, result.assumptions.root
    rows: list[tuple[object, ...]] = []
    first = about.as_of - dt.timedelta(days=300)
    for who, said in sorted(history.by_house(root, about.year, about.as_of, quantity.names).items()):
        days, values = [e.published.toordinal() for e in said], [quantity.scale * e.value for e in said]
        first = min(first, said[0].published)
        ax.plot(days, values, color=TEAL, linewidth=0.7, marker="o", markersize=2, zorder=2)
        ax.plot(days[-1:], values[-1:], color=NAVY, marker="o", markersize=3, linestyle="none", zorder=3)
        for one, value in zip(said, values, strict=True):
            if one.before:
                ax.plot(
                    [one.published.toordinal()] * 2, [quantity.scale * one.before, value], color=TEAL, linewidth=0.7
                )
            place = percentile(result, one.value, quantity.outcome) if quantity.outcome else ""
            rows.append(
                (
                    quantity.name,
                    who,
                    one.published.isoformat(),
                    value,
                    quantity.scale * one.before if one.before else "",
                    place,
                )
            )
    day = about.as_of.toordinal()
    if quantity.outcome:
        low, mid, high = (
            quantity.scale * float(x) for x in np.asarray(result.quantile(quantity.outcome, LEVELS).value)
        )
        ax.bar(day + 0.5 * ROOM, high - low, 0.7 * ROOM, bottom=low, color=BAND[1], edgecolor=BAND[2], linewidth=0.5)
        ax.plot([day + 0.15 * ROOM, day + 0.85 * ROOM], [mid, mid], color=NAVY, linewidth=1.4)
        rows += [
            (quantity.name, "forecast", about.as_of.isoformat(), value, "", f"P{round(100 * q)}")
            for q, value in zip(LEVELS, (low, mid, high), strict=True)
        ]
    else:
        prices = [(d, p) for d, p in history.share_prices(root).items() if first <= d <= about.as_of]
        ax.plot([d.toordinal() for d, _ in prices], [p for _, p in prices], color=ORANGE, linewidth=1.0)
        rows += [(quantity.name, "price of the share", d.isoformat(), price, "", "") for d, price in prices]
    name = reduce(lambda text, pair: text.replace(*pair), SHORT, quantity.name)
    name = name.replace("RMB bn", "bn") if canvas.small else name
    ax.use_sticky_edges = False  # room below the bar too
    ax.set_title(name[:1].upper() + name[1:], fontsize=canvas.body, loc="left", color=GREY, fontweight="bold", pad=3)  # fmt: skip
    ax.axvline(day, color=GREY, linewidth=0.6, linestyle=":")
    ax.set_xlim(first.toordinal() - 15, day + ROOM)
    ax.margins(y=0.12)
    halves = [
        dt.date(y, m, 1)
        for y in range(first.year, about.year + 1)
        for m in ((1,) if (about.as_of - first).days > LONG else (1, 7))
    ]
    ticks = [d for d in halves if first <= d <= about.as_of]
    ax.set_xticks([d.toordinal() for d in ticks], [f"{d:%b %y}" for d in ticks])
    ax.tick_params(labelsize=canvas.body - 1)
    return rows
