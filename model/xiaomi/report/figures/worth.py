"""From deliveries to value: the parts of the company's worth, and the market's beside it."""

from __future__ import annotations

import numpy as np

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import label
from model.reporting.figures.style import GREY, NAVY, ORANGE, TEAL, WINE, Picture, in_style
from model.simulation.result import Result
from model.xiaomi.data import history
from model.xiaomi.report.figures.sources import LATER


@in_style
def draw(result: Result, size: str) -> Picture:
    """Bars from the value of cars over the rest and cash to the company, with P10 to P90; the market's value as a line."""
    a = result.assumptions
    sales, profit = (float(result.mean(f"value.{name}").value) for name in ("ev.sales", "core.profit"))
    parts = [
        (f"Cars: sales of\n{sales:,.0f} x multiple", "value.ev", ORANGE),
        (f"The rest: profit of\n{profit:,.0f} x multiple", "value.core", TEAL),
        ("Net cash", "value.net_cash", GREY),
    ]
    means = [float(result.mean(name).value) for _, name, _ in parts]
    low, high = np.asarray(result.quantile("value.company", (0.1, 0.9)).value)
    total = float(result.mean("value.company").value)
    day, price = history.share_price(a.root, a.about.as_of)
    scale = float(result.mean("value.share").value) / total  # HKD a share for an RMB bn
    market = price / scale
    sold = float(result.mean("value.ev.deliveries").value)
    place = 100 * float(result.percentile_of("value.share", price).value)
    title = f"The parts are worth {total * scale:.0f} HKD a share on average ({low * scale:.0f} to {high * scale:.0f}); the market's {price:.2f} lies at P{place:.0f}"
    canvas = notes.page(
        result, size, title=title,
        source=LATER, subtitle=f"Mean value of each part, RMB bn, {notes.case(result)}; whiskers: P10 to P90. Sales of the twelve months ahead from {sold / 1000:,.0f} thousand deliveries, profit after tax",
    )  # fmt: skip
    ax = canvas.axes(left=0.55, right=0.9, head=0.1, foot=0.45)
    base = 0.0
    rows: list[tuple[object, ...]] = []
    for n, ((words, name, colour), mean) in enumerate(zip(parts, means, strict=True)):
        bounds = np.asarray(result.quantile(name, (0.1, 0.5, 0.9)).value)
        ax.bar(n, mean, 0.6, base, color=colour)
        ax.plot([n, n], [base + bounds[0], base + bounds[2]], color="black", linewidth=1)
        inside = mean > 0.15 * total and not canvas.small
        ax.annotate(
            f"{mean:,.0f}", (n, base + (mean / 2 if inside else mean)), color="white" if inside else colour, ha="right", fontweight="bold",
            va="center" if inside else "bottom", xytext=(-4, 0 if inside else 2), textcoords="offset points", fontsize=canvas.body,
        )  # fmt: skip
        if n < len(parts):
            ax.plot([n + 0.3, n + 0.7], [base + mean] * 2, color=GREY, linewidth=0.8)
        rows += [
            (words.replace("\n", " "), what, float(v))
            for what, v in (("mean", mean), *zip(("P10", "P50", "P90"), bounds, strict=True))
        ]
        base += mean
    ax.bar(len(parts), total, 0.6, color=NAVY)
    ax.plot([len(parts)] * 2, [low, high], color="black", linewidth=1)
    ax.annotate(
        f"{total:,.0f}" if canvas.small else f"{total:,.0f}\n{total * scale:.0f} HKD\na share",
        (len(parts), total / 2),
        color="white",
        ha="center",
        va="center",
        fontsize=canvas.body,
        fontweight="bold",
    )
    ax.axhline(market, color=WINE, linewidth=1.4)
    ax.annotate(
        f"Market {market:,.0f}\n{price:.2f} HKD,\n{day:%-d %b %Y}", (len(parts) + 0.45, market), xytext=(3, 0), textcoords="offset points", color=WINE,
        fontsize=canvas.note if canvas.small else canvas.body, va="center", fontweight="bold", annotation_clip=False,
    )  # fmt: skip
    ax.set_xticks(
        range(len(parts) + 1),
        ["Cars", "Rest", "Cash", "Company"] if canvas.small else [*(words for words, *_ in parts), "Company"],
        fontsize=canvas.note if canvas.small else canvas.body,
    )
    ax.set_xlim(-0.5, len(parts) + 0.45)
    ax.set_ylim(min(0.0, *(row[2] for row in rows if isinstance(row[2], float))), None)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    label(ax, "RMB bn", canvas.body)
    rows += [("Company", what, float(v)) for what, v in (("mean", total), ("P10", low), ("P90", high))]
    rows.append((f"Market on {day}", "value", market))
    alt = f"Waterfall from the value of cars ({means[0]:,.0f} bn RMB on average) over the rest ({means[1]:,.0f}) and net cash ({means[2]:,.0f}) to the company ({total:,.0f}), beside the market's {market:,.0f}, {notes.case(result)}."
    return Picture(canvas.figure, title, alt, Table(("part", "what", "RMB bn"), rows))
