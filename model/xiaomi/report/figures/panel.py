"""A small panel of a page of several: a line of reported quarters, then the fan of the year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from model.reporting.figures.canvas import Canvas
from model.reporting.figures.fan import fan


def panel(
    ax: Axes,
    canvas: Canvas,
    title: str,
    colour: str,
    quarters: Sequence[str],
    past: Sequence[float],
    levels: np.ndarray,
) -> None:
    """Draw it, the years named below; past : a value a quarter, nan where none is reported; levels : (7, quarter) of the last of them."""
    x = np.arange(len(quarters))
    ax.plot(x, past, color=colour, marker="o", markersize=2)  # a gap where nothing is reported
    fan(ax, x[-levels.shape[1] :], levels)
    ax.set_title(title, fontsize=canvas.body, loc="left", color=colour, fontweight="bold", pad=3)
    firsts = range(0, len(quarters), 4)
    ax.set_xticks(firsts, [f"'{quarters[n][2:4]}" for n in firsts])
    ax.set_xlim(-0.5, len(x) - 0.5)
    ax.margins(y=0.12)
    ax.tick_params(labelsize=canvas.body - 0.5)
