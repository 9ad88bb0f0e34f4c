"""The page of a figure: sizes, title and notes set in inches, so that nothing overlaps or is cut.

From the top: the finding (bold), what is plotted, the axes, source, footnote.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.gridspec import GridSpec
from matplotlib.textpath import TextPath
from matplotlib.ticker import MaxNLocator

from model.reporting.figures.style import GREY

DPI = 300
HEAD, FOOT, LINE = 0.22, 0.5, 0.14  # inches at word size: above labelled axes, below them, a line more of a label
LABEL_WIDTH, SMALL_LABEL_WIDTH = 38, 22  # characters in a line of a row's label


@dataclass(frozen=True)
class Size:
    """A place where figures go: inches and point sizes."""

    width: float
    height: float
    title: float
    body: float
    note: float


SIZES = {
    "word": Size(6.27, 4.1, 11, 8.5, 7),
    "half": Size(2.9, 3.4, 8.5, 7, 5.5),
    "slide": Size(12.3, 5.5, 20, 14, 10.5),
    "memo": Size(6.27, 3.15, 11, 8.5, 7),
}


class Canvas:
    """A figure of a given size; `axes` or `grid` once, then `finish`."""

    def __init__(
        self,
        size: str,
        *,
        title: str,
        subtitle: str,
        source: str,
        footnote: str,
        half_taller: float = 1.0,
        memo_taller: float = 1.0,
    ) -> None:
        """`half_taller` and `memo_taller` stretch the page at half width and in a memo, for figures of several panels."""
        self.name, self.size = size, SIZES[size]
        taller = {"half": half_taller, "memo": memo_taller}.get(size, 1.0)
        self.size = replace(self.size, height=self.size.height * taller)
        self.title = title
        s = self.size
        self.figure = Figure(figsize=(s.width, s.height), dpi=DPI)
        FigureCanvasAgg(self.figure)
        margin = 0.12
        top = s.height - margin
        top = self._text(title, margin, top, s.title, weight="bold") - 0.05
        top = self._text(subtitle, margin, top, s.body, color=GREY)
        bottom = margin
        bottom = self._text(footnote, margin, bottom, s.note, upward=True, color=GREY)
        bottom = self._text(source, margin, bottom + 0.02, s.note, upward=True, color=GREY)
        self._top, self._bottom = top - 0.12, bottom + 0.08

    def axes(self, *, left: float = 0.6, right: float = 0.2, head: float = 0.0, foot: float = 0.32) -> Axes:
        """One pair of axes; margins in inches at word size, `head` and `foot` for what stands above and below."""
        return self.grid(1, 1, left=left, right=right, head=head, foot=foot)[0][0]

    def grid(
        self, rows: int, columns: int, *, left: float = 0.6, right: float = 0.2, head: float = 0.0, foot: float = 0.32,
        gap_x: float = 0.35, gap_y: float = 0.6, widths: Sequence[float] | None = None,
    ) -> list[list[Axes]]:  # fmt: skip
        """Rows of axes."""
        s, scale = self.size, self.size.body / SIZES["word"].body
        left, right, head, foot = (scale * x for x in (left, right, head, foot))
        layout = GridSpec(
            rows, columns, figure=self.figure, width_ratios=widths,
            left=left / s.width, right=1 - right / s.width, top=(self._top - head) / s.height, bottom=(self._bottom + foot) / s.height,
            wspace=gap_x, hspace=gap_y,
        )  # fmt: skip
        made = [[self.figure.add_subplot(layout[r, c]) for c in range(columns)] for r in range(rows)]
        for row in made:
            for ax in row:
                ax.tick_params(labelsize=s.body)
                ax.tick_params(axis="x", pad=0.6 * s.body)
        return made

    def labelled_axes(self, below: str, beside: str) -> Axes:
        """One pair of axes with a label below and one above its upper end, each in at most two lines."""
        below, beside = self.fitted(below), self.fitted(beside)
        ax = self.axes(
            left=0.75, right=0.35, head=HEAD + LINE * beside.count("\n"), foot=FOOT + LINE * below.count("\n")
        )
        ax.set_xlabel(below, fontsize=self.body, color=GREY)
        label(ax, beside, self.body)
        return ax

    def row_axes(self, *, right: float, head: float, foot: float) -> Axes:
        """One pair of axes with room for the labels of rows on its left."""
        return self.axes(left=1.5 if self.small else 2.55, right=right, head=head, foot=foot)

    def label_rows(self, ax: Axes, labels: Sequence[str]) -> None:
        """Labels of rows, the first on top, each in at most two lines; a grid across them."""
        width = SMALL_LABEL_WIDTH if self.small else LABEL_WIDTH
        texts = [two_lines(text, width) for text in reversed(labels)]
        ax.set_yticks(range(len(texts)), texts, fontsize=self.note + (0 if self.small else 0.5))
        ax.set_ylim(-0.6, len(texts) - 0.4)
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")

    def fitted(self, text: str, taken: float = 1.1) -> str:
        """An axis label in at most two lines beside margins of so many inches at word size."""
        room = self.size.width - taken * self.size.body / SIZES["word"].body
        return two_lines(text, int(room / (0.58 * self.size.body / 72)))

    def spread(self, ax: Axes, values: Sequence[float]) -> list[float]:
        """Heights for labels of rising values: near them, and at least a line of body text apart."""
        low, high = ax.get_ylim()
        least = 1.3 * self.body / 72 / (ax.get_position().height * self.size.height) * (high - low)
        placed = [float(value) for value in values]
        for _ in range(50):
            for n in range(len(placed) - 1):
                missing = max(0.0, least - (placed[n + 1] - placed[n]))
                placed[n] -= missing / 2
                placed[n + 1] += missing / 2
        return placed

    def limits(
        self, ax: Axes, low: float, high: float, texts: Sequence[tuple[float, str, bool]], points: float
    ) -> tuple[float, float]:
        """Horizontal limits from `low` to `high`, wider where texts (x, words, to the right of it) need the room."""
        wide = ax.get_position().width * self.size.width
        for _ in range(20):
            least, most = low, high
            for x, text, right in texts:
                share = min(
                    0.42,
                    (
                        sum(_width(w, points, "normal") for w in text.split())
                        + 0.04 * points * len(text.split()) / 8.5
                        + 0.16
                    )
                    / wide,
                )
                if right:
                    most = max(most, least + (x - least) / (1 - share))
                else:
                    least = min(least, most - (most - x) / (1 - share))
            if (least, most) == (low, high):
                break
            low, high = least, most
        return low, high

    def rows(self, ax: Axes, points: float) -> int:
        """How many labels of two lines fit one above the other."""
        return int(ax.get_position().height * self.size.height / (2.6 * points / 72))

    @property
    def body(self) -> float:
        """Point size of labels."""
        return self.size.body

    @property
    def note(self) -> float:
        """Point size of notes."""
        return self.size.note

    @property
    def small(self) -> bool:
        """Half-width: fewer labels."""
        return self.name == "half"

    def _text(self, text: str, x: float, y: float, points: float, *, upward: bool = False, **style: Any) -> float:
        """Wrapped text with its top (or, upward, its bottom) at y inches; returns the y of the other end."""
        s = self.size
        lines = wrapped(text, s.width - 2 * x, points, str(style.get("weight", "normal")))
        placed = self.figure.text(
            x / s.width, y / s.height, "\n".join(lines), fontsize=points, va="bottom" if upward else "top", ha="left",
            linespacing=1.15, **style,
        )  # fmt: skip
        box = placed.get_window_extent(self.figure.canvas.get_renderer())  # type: ignore[attr-defined]
        return float((box.y1 if upward else box.y0) / DPI)


@lru_cache(maxsize=4096)
def _width(word: str, points: float, weight: str) -> float:
    """Width of a word in inches."""
    font = FontProperties(family="DejaVu Sans", size=points, weight=weight)
    ink = float(TextPath((0, 0), word, prop=font).get_extents().width) if word.strip() else 0.32 * points
    return (ink + 0.09 * points) / 72  # ink and the white on both its sides


def wrapped(text: str, width: float, points: float, weight: str = "normal") -> list[str]:
    """Lines of text no wider than so many inches."""
    lines: list[str] = []
    used = 0.0
    for word in text.split():
        more = _width(word, points, weight) + _width(" ", points, weight)
        if lines and used + more <= width:
            lines[-1] += f" {word}"
            used += more
        else:
            lines.append(word)
            used = more
    return lines


def label(ax: Axes, text: str, points: float) -> None:
    """The name of the vertical axis, horizontal, above its upper end."""
    ax.text(0, 1.02, text, transform=ax.transAxes, fontsize=points, color=GREY, ha="left", va="bottom")


def plain_ticks(ax: Axes, most: int) -> None:
    """At most so many ticks a side, thousands grouped, no offset and no powers of ten."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(most))
        axis.set_major_formatter(lambda v, _: f"{v:,.10g}")


def in_thousands(value: float, _: object = None) -> str:
    """Tick label: 550,000 as 550."""
    return f"{value / 1000:,.0f}"


def divided(by: float) -> Callable[[float, object], str]:
    """Tick labels of so many units each: 550,000 by thousands as 550."""

    def said(value: float, _: object = None) -> str:
        return f"{value / by:,.10g}"

    return said


def in_percent(value: float, _: object = None) -> str:
    """Tick label: 0.25 as 25%."""
    return f"{100 * value:.0f}%"


def two_lines(text: str, width: int) -> str:
    """A label in at most two lines of about `width` characters, shortened where it must be."""
    if len(text) <= width:
        return text
    words = textwrap.shorten(text, 2 * width - 4, placeholder=" …").split()
    cut = min(range(1, len(words)), key=lambda n: abs(len(" ".join(words[:n])) - len(" ".join(words[n:]))))
    return " ".join(words[:cut]) + "\n" + " ".join(words[cut:])
