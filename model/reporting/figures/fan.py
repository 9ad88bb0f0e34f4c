"""A fan: bands of a forecast over periods, darkest in the middle, edges drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from model.reporting.figures.style import BAND, NAVY

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


def band_text(year: int) -> str:
    """What the bands mean."""
    return f"Bands: if {year} came 100 times, about 90, 80 and 50 of them would lie in the light, middle and dark band; line: P50"


def rows_of(periods: Sequence[str], levels: np.ndarray) -> list[tuple[str, str, float]]:
    """(period, P5 to P95, value), level by level, for a figure's table; levels : (7, period) as in `LEVELS`."""
    return [
        (period, f"P{round(100 * q)}", float(value))
        for q, level in zip(LEVELS, levels, strict=True)
        for period, value in zip(periods, level, strict=True)
    ]


def fan(ax: Axes, x: np.ndarray, levels: np.ndarray) -> None:
    """Draw bands P5-P95, P10-P90, P25-P75 and the median line; levels : (7, period) as in `LEVELS`."""
    for (low, high), colour in zip(((0, 6), (1, 5), (2, 4)), BAND, strict=True):
        ax.fill_between(x, levels[low], levels[high], color=colour, linewidth=0)
        for edge in (low, high):
            ax.plot(x, levels[edge], color=BAND[2], linewidth=0.4)
    ax.plot(x, levels[3], color="white", linewidth=2.4)
    ax.plot(x, levels[3], color=NAVY, linewidth=1.2, linestyle=(0, (3, 1.5)))
