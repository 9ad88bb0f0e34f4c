"""Europe's part: when the first cars come, how many in each year, and where."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.canvas import in_thousands, label
from model.reporting.figures.fan import LEVELS, fan
from model.reporting.figures.style import GREY, NAVY, ORANGE, TEAL, Picture, in_style
from model.simulation import formatting
from model.simulation.result import Result
from model.xiaomi.report.figures.sources import LATER

# A map of squares: country -> (column, row from the north), and the group that it sells with.
TILES = {
    "NO": (3, 0), "SE": (4, 0), "FI": (5, 0), "DK": (3, 1), "NL": (2, 2), "DE": (3, 2), "BE": (2, 3), "LU": (3, 3), "AT": (4, 3),
    "FR": (1, 3), "CH": (3, 4), "ES": (0, 4), "IT": (4, 4),
}  # fmt: skip
GROUPS = {
    "germany": (("DE",), NAVY, "Germany"),
    "west": (("FR", "IT", "ES", "NL", "BE", "LU"), ORANGE, "FR, IT, ES, Benelux"),
    "north": (("NO", "SE", "FI", "DK", "AT", "CH"), TEAL, "Nordics, AT, CH"),
}


@in_style
def draw(result: Result, size: str) -> Picture:
    """Left: fan by year. Right: a map of squares in the colours of country groups, with what each brings in the last year."""
    calendar = result.assumptions.calendar
    ahead = np.arange(calendar.first, calendar.last + 1)
    levels = np.stack([np.asarray(result.quantile("ev.abroad", LEVELS, str(y)).value) for y in ahead], axis=1)
    share = float(np.mean(result.values("ev.abroad", str(ahead[-1])))) / float(
        np.mean(result.values("ev.deliveries", str(ahead[-1])))
    )
    begun = [float(np.average(result.values("ev.abroad", str(y)) > 0, weights=result.weights)) for y in ahead]
    title = (
        f"Europe brings {levels[3, -1] / 1000:,.0f} thousand cars in {ahead[-1]} in the middle ({levels[1, -1] / 1000:,.0f} to "
        f"{levels[5, -1] / 1000:,.0f} thousand), {100 * share:.0f}% of all on average"
    )
    canvas = notes.page(
        result, size, title=title,
        source=LATER, subtitle=f"Deliveries in Europe, thousand vehicles, {notes.case(result)}; below the years: share of draws in which cars are delivered there by then. Bands: 90, 80, 50 of 100 draws",
        half_taller=1.5,
    )  # fmt: skip
    if canvas.small:
        (left,), (right,) = canvas.grid(2, 1, left=0.5, right=0.3, foot=0.3, head=0.05, gap_y=0.35)
    else:
        left, right = canvas.grid(1, 2, left=0.45, right=0.1, foot=0.45, head=0.18, gap_x=0.12, widths=(1.2, 1))[0]
    fan(left, ahead.astype(float), levels)
    left.set_xticks(ahead, [f"{y}\n{formatting.odds(b)}" for y, b in zip(ahead, begun, strict=True)])
    left.set_ylim(0, None)
    left.yaxis.set_major_formatter(in_thousands)
    rows: list[tuple[object, ...]] = [
        (int(y), "all", f"P{round(100 * q)}", float(levels[n, k]))
        for k, y in enumerate(ahead)
        for n, q in enumerate(LEVELS)
    ]
    rows += [(int(y), "all", "share of draws with deliveries", b) for y, b in zip(ahead, begun, strict=True)]
    label(right, f"{ahead[-1]}, P50 (P10 to P90) by country group", canvas.body)
    for n, (name, (countries, colour, words)) in enumerate(GROUPS.items()):
        for country in countries:
            column, row = TILES[country]
            right.add_patch(Rectangle((column, -row), 0.92, 0.92, color=colour))
            right.text(
                column + 0.46,
                -row + 0.46,
                country,
                color="white",
                ha="center",
                va="center",
                fontsize=canvas.note,
                fontweight="bold",
            )
        low, mid, high = np.asarray(result.quantile(f"ev.abroad.{name}", (0.1, 0.5, 0.9), str(ahead[-1])).value)
        said = f"{words}\n{mid / 1000:,.0f} ({low / 1000:,.0f} to {high / 1000:,.0f})"
        right.text(
            6.2,
            0.6 - 2.0 * n,
            said,
            color=colour,
            fontsize=canvas.note,
            va="top",
            fontweight="bold",
        )
        rows += [(int(ahead[-1]), name, f"P{p}", float(v)) for p, v in zip((10, 50, 90), (low, mid, high), strict=True)]
    right.set_xlim(-0.3, 11.6)
    right.set_ylim(-4.2, 1.2)
    right.set_aspect("equal")
    right.axis("off")
    left.tick_params(colors=GREY)
    alt = f"Fan of Xiaomi's deliveries in Europe by year and a map of squares by country group, {notes.case(result)}: {levels[3, -1] / 1000:,.0f} thousand in the middle in {ahead[-1]}."
    return Picture(canvas.figure, title, alt, Table(("year", "countries", "what", "vehicles or share"), rows))
