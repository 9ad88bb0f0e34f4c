"""The page of a figure of the record, and the colours of its forecasts."""

from __future__ import annotations

from model._version import __version__
from model.reporting.figures.canvas import Canvas
from model.reporting.figures.style import GREY, LILAC, NAVY, ORANGE, TEAL
from model.reporting.record.record import Record

SOURCE = "Source: frozen forecasts in register/, each with the files that made it; what was reported: data/observations.csv, each figure with its source."
OURS, OLIVE = NAVY, "#7A6A00"
COLOURS = {
    "run_rate": ORANGE, "seasonal_naive": TEAL, "exponential_smoothing": LILAC, "like_makers": OLIVE, "published_estimates": GREY,
}  # fmt: skip


def page(record: Record, size: str, *, title: str, subtitle: str, taller: float = 1.0) -> Canvas:
    """The page with its title and notes; the hash says which state of the register is drawn."""
    footnote = f"{len(record.entries)} entries, list of hashes {record.hash}; model {__version__}. Not signed off."
    return Canvas(
        size, title=title, subtitle=subtitle, source=SOURCE, footnote=footnote, half_taller=taller, memo_taller=taller
    )


def named(name: str) -> str:
    """`run rate`."""
    return name.replace("_", " ")
