"""What was learned: each assumption given the reports, on the scale of its own base case."""

from __future__ import annotations

from matplotlib.ticker import MaxNLocator

from model.reporting.figures import notes
from model.reporting.figures.style import BAND, GREY, NAVY, WINE, Picture, in_style
from model.simulation.result import Result
from model.studies.learned import Learned

BASE = 1.2816  # P90 of a standard normal


@in_style
def draw(result: Result, found: Learned, size: str = "word") -> Picture:
    """A bar from P10 to P90 given the reports over the base case's, most informative on top; far ones in another colour."""
    top = max(found.items[:8], key=lambda x: abs(float(x.moved.value)))
    title = f"{notes.in_title(top.label)} moved most: {abs(float(top.moved.value)):.1f} standard deviations {'up' if top.moved.value > 0 else 'down'}"
    canvas = notes.page(
        result, size, title=title, half_taller=1.25, memo_taller=1.25,
        subtitle=f"Assumptions {found.given}, on the scale of their own standard deviations before the reports: pale P10 to P90 before the reports, "
        "dark P10 to P90 now, dot P50. At the right: P50 before and now. Most is learned of the first",
    )  # fmt: skip
    ax = canvas.row_axes(right=0.85 if canvas.small else 1.75, head=0.02, foot=0.3)
    shown = found.items[: canvas.rows(ax, canvas.note + 0.5)]
    rows = list(enumerate(reversed(shown)))
    ax.barh([n for n, _ in rows], [2 * BASE] * len(rows), 0.72, -BASE, color=BAND[0])
    for n, x in rows:
        colour = WINE if abs(float(x.moved.value)) > BASE else NAVY
        low, middle, high = (float(v) for v in x.scores)
        ax.barh(n, high - low, 0.3, low, color=colour)
        ax.plot([middle], [n], "o", color=colour, markersize=4.5, markeredgecolor="white", markeredgewidth=0.8)
        unit = x.unit if not canvas.small else ""
        ax.annotate(
            f"{_brief(x.before[1])} → {_brief(x.after[1])} {unit}", (1.0, n), xycoords=("axes fraction", "data"),
            xytext=(5, 0), textcoords="offset points", va="center", fontsize=canvas.note,
        )  # fmt: skip
    ax.axvline(0, color=GREY, linewidth=1)
    canvas.label_rows(ax, [x.label for x in shown])
    reach = max(3.0, *(abs(float(v)) for x in shown for v in x.scores)) + 0.2
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_locator(MaxNLocator(5 if canvas.small else 7, integer=True))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:+.0f}" if v else "0")
    told = "; ".join(f"{x.label} {float(x.moved.value):+.1f} sd" for x in shown[:5])
    return Picture(canvas.figure, title, f"Assumptions {found.given}, against the base case: {told}.", found.table())


def _brief(value: float) -> str:
    """Three digits, thousands grouped."""
    return f"{float(f'{value:.3g}'):,.10g}"
