"""The model page: each line of the forecast by quarter, what was reported and what may come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.fan import LEVELS, rows_of
from model.reporting.figures.style import GREY, NAVY, Picture, in_style
from model.simulation import measures
from model.simulation.business import quarter_number
from model.simulation.result import Result
from model.xiaomi.data import known_on
from model.xiaomi.report.figures.panel import panel
from model.xiaomi.report.figures.sources import HISTORY, SEGMENT_COLOURS


class Line(NamedTuple):
    """A line of the page: an outcome, or the ratio of two."""

    title: str
    outcome: str
    scale: float = 1.0
    over: str = ""

    @property
    def colour(self) -> str:
        """That of its segment."""
        return SEGMENT_COLOURS.get(self.outcome.partition(".")[0], NAVY)


PROFIT = Line("Profit, bn", "group.adjusted_net_profit")
LINES = (
    Line("Cars, thousand", "ev.deliveries", 1e-3),
    Line("EV revenue, bn", "ev.revenue"),
    Line("EV margin, %", "ev.gross_margin", 100),
    Line("EV result, bn", "ev.operating_result"),
    Line("Phones, mn", "smartphones.shipments"),
    Line("Phone price, RMB", "smartphones.revenue", 1000, over="smartphones.shipments"),
    Line("Phone margin, %", "smartphones.gross_margin", 100),
    Line("IoT, bn", "iot.revenue"),
    Line("Services, bn", "internet.revenue"),
    Line("Group, bn", "group.revenue"),
    PROFIT,
    Line("EPS, RMB", "group.eps"),
)
START = 2024


@in_style
def draw(result: Result, size: str) -> Picture:
    """A panel a line, history solid and the forecast a fan; the table has every line by quarter and year."""
    about = result.assumptions.about
    told = known_on.history(result.assumptions.root, about.year, about.as_of).quarters
    quarters = [f"{y}Q{n}" for y in range(START, about.year + 1) for n in range(1, 5)]
    ahead = quarters[-4:]
    first, last = (_levels(result, PROFIT, q)[3] for q in (ahead[0], ahead[-1]))
    low, mid, high = (float(x) for x in result.quantile("group.eps", (0.1, 0.5, 0.9)).value)
    title = f"{mid:.2f} RMB a share in {about.year} ({low:.2f} to {high:.2f}): profit {first:.1f} bn in the first quarter, {last:.1f} in the fourth"
    canvas = notes.page(
        result, size, title=title,
        subtitle=f"By quarter from {START}: reported (solid), {notes.case(result)} for {about.year} (dashed P50; bands of 50, 80, 90%). Units sold; revenue, result and adjusted profit in bn RMB; gross margins. Gaps: not reported",
        source=HISTORY, half_taller=2.3, memo_taller=1.6,
    )  # fmt: skip
    shape = (6, 2) if canvas.small else (3, 4)
    grid = canvas.grid(
        *shape, left=0.34, right=0.08, head=0.2, foot=0.25, gap_x=0.34, gap_y=0.8 if canvas.small else 1.0
    )
    rows: list[tuple[object, ...]] = []
    for ax, line in zip((ax for row in grid for ax in row), LINES, strict=True):
        past = _reported(told, line)
        values = [past.get(quarter_number(q), np.nan) for q in quarters]
        levels = np.array([_levels(result, line, period) for period in (*ahead, str(about.year))]).T
        panel(ax, canvas, line.title, line.colour, quarters, values, levels[:, :-1])
        if levels[0, :-1].min() < 0:
            ax.axhline(0, color=GREY, linewidth=0.6)
        ax.yaxis.set_major_locator(MaxNLocator(3))
        rows += [(line.title, q, "reported", v) for q, v in zip(quarters, values, strict=True) if np.isfinite(v)]
        rows += [(line.title, *row) for row in rows_of((*ahead, str(about.year)), levels)]
    names = ", ".join(line.title for line in LINES)
    alt = f"Twelve panels by quarter from {START}, reported and then a fan for {about.year}: {names}. {title}."
    return Picture(canvas.figure, title, alt, Table(("line", "period", "what", "value"), rows))


def _reported(told: Mapping[str, Mapping[int, float]], line: Line) -> dict[int, float]:
    """Quarter -> value, where it is known."""
    values = told.get(line.outcome, {})
    under = told.get(line.over, {}) if line.over else dict.fromkeys(values, 1.0)
    return {q: line.scale * x / under[q] for q, x in values.items() if q in under}


def _levels(result: Result, line: Line, period: str) -> np.ndarray:
    """Levels of a line in a period, (7,)."""
    values = result.values(line.outcome, period)
    if line.over:
        values = values / result.values(line.over, period)
    of = measures.quantile(values, LEVELS, replicate=result.replicate, weights=result.weights)
    return line.scale * np.asarray(of.value)
