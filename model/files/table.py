"""A table on its way out: columns and rows, to CSV, Parquet or pandas.

>>> Table(("path", "swing"), [("lemons.price", 0.25)]).frame()
           path  swing
0  lemons.price   0.25
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """Rows of text, numbers, truth values or None, one value a column."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def frame(self) -> pd.DataFrame:
        """The table for pandas."""
        import pandas as pd

        return pd.DataFrame([list(row) for row in self.rows], columns=list(self.columns))

    def _repr_html_(self) -> str:
        html: str = self.frame().to_html(index=False, max_rows=40, float_format=lambda v: f"{v:,.4g}")
        return html

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits of what the CSV holds."""
        text = "\n".join(",".join(map(str, map(cell, row))) for row in (self.columns, *self.rows))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def write(self, path: Path, *, parquet: bool = False) -> None:
        """`path`.csv, numbers with eight significant digits; with `parquet` also `path`.parquet, all digits."""
        with path.with_name(path.name + ".csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows([cell(value) for value in row] for row in self.rows)
        if parquet:
            self.frame().to_parquet(path.with_name(path.name + ".parquet"), index=False)


def cell(value: object) -> object:
    """A value as it stands in a CSV: eight significant digits, nothing for what is not there."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.8g}"  # noqa: PLR0124  nan is the one number that is not itself
    return "" if value is None else as_text(value) if isinstance(value, str) else value


FORMULA = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
)  # what a spreadsheet may take a cell that begins so for
NUMBER = re.compile(r"[+-]?[\d.,_]+([eE][+-]?\d+)?%?")


def aligned(rows: Sequence[Sequence[str]], sides: str, indent: int = 2) -> list[str]:
    """Rows as lines of text in columns, each as wide as its widest cell; sides : `<` or `>` for each column.

    >>> aligned([("day", "cups"), ("Monday", "7")], "<>")
    ['  day     cups', '  Monday     7']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        " " * indent
        + "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in rows
    ]


def as_text(text: str) -> str:
    """Text for a cell of a CSV: what a spreadsheet would compute begins with an apostrophe; numbers stay as they are.

    >>> as_text("=1+1"), as_text("-0.5"), as_text("A4 orders")
    ("'=1+1", '-0.5', 'A4 orders')
    """
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


class Tabled:
    """What has a table shows itself as one, in a notebook and to pandas."""

    def table(self) -> Table:
        """All of it, one row a finding."""
        raise NotImplementedError

    def frame(self) -> pd.DataFrame:
        """The table for pandas."""
        return self.table().frame()

    def __str__(self) -> str:
        lines = getattr(self, "lines", None)
        return repr(self) if lines is None else "\n".join(lines())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


Item = TypeVar("Item")


class Findings(Tabled, Generic[Item]):
    """Findings of one kind in an order that means something, `items`; read like a list, shown as a table."""

    items: tuple[Item, ...]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: int) -> Item:
        return self.items[place]


def file_name(command: str, *asked: str) -> str:
    """Stem of what a command writes: its name, and what was asked where that is not the default.

    >>> file_name("tornado"), file_name("tornado", "stand.sales>=600000"), file_name("solve", ">=600000")
    ('tornado', 'tornado_stand.sales_600000', 'solve_600000')
    """
    return "_".join([command, *(re.sub(r"[^\w.-]+", "_", text).strip("_") for text in asked if text)])
