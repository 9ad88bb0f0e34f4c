"""Gross margins by segment: reported quarters, then the forecast."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.fan import LEVELS, rows_of
from model.reporting.figures.style import GREY, Picture, in_style
from model.simulation.business import quarter_number
from model.simulation.result import Result
from model.xiaomi.report.figures.panel import panel
from model.xiaomi.report.figures.sources import HISTORY, SEGMENT_COLOURS
from model.xiaomi.report.headline import NAMES, SHORT, known_by, last_of

PANELS = ("smartphones", "iot", "internet", "ev", "group")
GAPS = {"half": 0.8, "memo": 0.74}  # between rows of panels, in their heights


@in_style
def draw(result: Result, size: str) -> Picture:
    """A panel a segment, each with its own scale in per cent."""
    year = result.assumptions.about.year
    told = known_by(result).quarters
    past = {name: told.get(f"{name}.gross_margin", {}) for name in PANELS}
    quarters = [f"{y}Q{q}" for y in range(2023, year + 1) for q in range(1, 5)]
    (ev_quarter, ev_last), (phone_quarter, phone_last) = (last_of(past[name], 1)[0] for name in ("ev", "smartphones"))
    ev, phones = (float(result.quantile(f"{name}.gross_margin", 0.5).value) for name in ("ev", "smartphones"))
    title = (
        f"EV margin {_moves(ev_last, ev)} {100 * ev:.1f}% in {year} after {100 * ev_last:.1f}% in {ev_quarter}, phone margin "
        f"{_moves(phone_last, phones)} {100 * phones:.1f}% after {100 * phone_last:.1f}%{'' if phone_quarter == ev_quarter else f' in {phone_quarter}'}"
    )
    canvas = notes.page(
        result, size, title=title,
        subtitle=f"Gross margin, %: reported to {max(ev_quarter, phone_quarter)} (solid), {notes.case(result)} for {year} (dashed P50; bands of 50, 80 and 90%). Scales differ; gaps: not reported",
        source=HISTORY, half_taller=1.45, memo_taller=1.16,
    )  # fmt: skip
    shape = (3, 2) if canvas.small else (2, 3)
    axes = [
        ax
        for row in canvas.grid(
            *shape, left=0.32, right=0.12, head=0.2, foot=0.25, gap_x=0.28, gap_y=GAPS.get(size, 0.62)
        )
        for ax in row
    ]
    rows: list[tuple[object, ...]] = []
    for ax, name in zip(axes, PANELS, strict=False):
        margins = [past[name].get(quarter_number(q), np.nan) for q in quarters]
        known = [(n, m) for n, m in enumerate(margins) if np.isfinite(m)]
        levels = np.array(
            [np.asarray(result.quantile(f"{name}.gross_margin", LEVELS, q).value) for q in quarters[-4:]]
        ).T
        panel(ax, canvas, NAMES[name], SEGMENT_COLOURS[name], quarters, [100 * m for m in margins], 100 * levels)
        ax.yaxis.set_major_locator(_few())
        rows += [(name, quarters[n], "reported", float(m)) for n, m in known]
        rows += [(name, *row) for row in rows_of(quarters[-4:], levels)]
    axes[-1].axis("off")
    lines = [f"{year}, P50 (P10 to P90)"]
    for name in PANELS:
        low, mid, high = 100 * np.asarray(result.quantile(f"{name}.gross_margin", (0.1, 0.5, 0.9)).value)
        lines.append(f"{SHORT[name]} {mid:.1f} ({low:.1f} to {high:.1f})")
    axes[-1].text(
        -0.05,
        1.0,
        "\n".join(lines),
        transform=axes[-1].transAxes,
        fontsize=canvas.note + 0.5,
        va="top",
        ha="left",
        color=GREY,
        linespacing=1.15 if size == "memo" else 1.5,
    )
    alt = (
        f"Five panels of quarterly gross margin from 2023 to {year}: " + "; ".join(lines[1:]) + f" per cent in {year}."
    )
    return Picture(canvas.figure, title, alt, Table(("segment", "quarter", "what", "gross margin"), rows))


def _moves(old: float, new: float) -> str:
    if abs(new - old) < 0.005:
        return "stays at"
    return "falls to" if new < old else "rises to"


def _few() -> MaxNLocator:
    return MaxNLocator(4, steps=[1, 2, 5, 10])
