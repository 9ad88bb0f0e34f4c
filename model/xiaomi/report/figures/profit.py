"""Adjusted net profit by quarter: what was reported, and the fan of what may come; what it is made of, for the year."""

from __future__ import annotations

import numpy as np

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.fan import LEVELS, band_text, fan, rows_of
from model.reporting.figures.style import GREY, NAVY, Picture, in_style
from model.simulation.result import Result
from model.xiaomi.data import history
from model.xiaomi.report.figures.sources import HISTORY
from model.xiaomi.report.headline import PARTS

PROFIT = "group.adjusted_net_profit"


@in_style
def draw(result: Result, size: str) -> Picture:
    """History as a solid line, forecast as a fan, the year's parts beside it."""
    year = result.assumptions.about.year
    past = history.earned(result.assumptions.root, result.assumptions.about.as_of)
    ahead = [f"{year}Q{n}" for n in range(1, 5)]
    levels = np.array([np.asarray(result.quantile(PROFIT, LEVELS, q).value) for q in ahead]).T
    low, mid, high = (float(x) for x in result.quantile(PROFIT, (0.1, 0.5, 0.9)).value)
    share = float(result.quantile("group.eps", 0.5).value)
    last = sum(list(past.values())[-4:])
    title = f"Adjusted net profit of {year} {mid:.0f} bn RMB ({low:.0f} to {high:.0f}), {share:.2f} a share; {last:.0f} in the four quarters to {max(past)}"
    canvas = notes.page(
        result, size, title=title,
        subtitle=f"Adjusted net profit a quarter, RMB bn: reported to {max(past)}, then {notes.case(result)}. {band_text(year)}",
        source=HISTORY,
    )  # fmt: skip
    right = 0.5 if canvas.small else 1.95
    ax = canvas.axes(left=0.32, right=right, foot=0.42)
    quarters = [f"{y}Q{n}" for y in range(int(min(past)[:4]), year + 1) for n in range(1, 5)]
    x = np.arange(len(quarters))
    known = [n for n, quarter in enumerate(quarters) if quarter in past]
    ax.plot(known, [past[quarters[n]] for n in known], color=NAVY, marker="o", markersize=2.6)
    fan(ax, x[-4:], levels)
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.axvline(x[-4] - 0.5, color=GREY, linewidth=0.8, linestyle=":")
    ax.set_xlim(-0.5, x[-1] + 0.4)
    ax.set_xticks([n for n in x if n % 4 == 0], [quarters[n][:4] for n in x if n % 4 == 0])
    if not canvas.small:
        lines = [f"{year}, RMB bn: P50 (P10 to P90)"]
        for outcome, name in (*PARTS, (PROFIT, "Adjusted, after tax")):
            ends = [float(v) for v in result.quantile(outcome, (0.1, 0.5, 0.9)).value]
            lines.append(f"{name[:1].upper()}{name[1:]}\n  {ends[1]:.1f} ({ends[0]:.1f} to {ends[2]:.1f})")
        ax.text(
            1.03, 1.0, "\n".join(lines), transform=ax.transAxes, fontsize=canvas.note + 0.5, va="top", ha="left", color=GREY, linespacing=1.4
        )  # fmt: skip
    alt = (
        f"Line of Xiaomi's adjusted net profit by quarter from {min(past)} to {max(past)}, then a fan for {year}: medians "
        f"{', '.join(f'{v:.1f}' for v in levels[3])} bn RMB a quarter. {title}."
    )
    rows: list[tuple[object, ...]] = [(quarter, "reported", float(value)) for quarter, value in past.items()]
    rows += rows_of(ahead, levels)
    return Picture(canvas.figure, title, alt, Table(("quarter", "what", "adjusted net profit, RMB bn"), rows))
