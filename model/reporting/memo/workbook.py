"""The memo's numbers as a workbook: summary, results, assumptions with sources, what the figures draw."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from model.assumptions.assumption import said
from model.reporting.report_spec import spec_of
from model.simulation import formatting
from model.simulation.result import COLUMNS, Result

PERIODS = ("year", "period", "quarter", "month", "draw", "replicate", "point")  # columns of what is no amount
COUNTED, OTHER = "#,##0", "#,##0.0###"
FORMATS = {"share": "0.0%", "RMB bn": "#,##0.0"}


def write(result: Result, path: Path, *, origin: Mapping[str, Any], charts: Mapping[str, Path]) -> None:
    """A workbook of `result`; charts : sheet name -> CSV of what a figure draws."""
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    )
    created = dt.datetime.combine(result.assumptions.about.as_of, dt.time())  # a workbook knows no time zones
    book.set_properties({"title": result.assumptions.about.title, "created": created})
    sheet = _Sheets(book, result.business.accounts.whole)
    _summary(sheet, result, origin)
    rows = list(result.rows())
    sheet.add(
        "Results", COLUMNS, rows, units=[row[3] for row in rows], numbers=(5, 6), widths=(14, 28, 10, 12, 10, 14, 12)
    )
    entries = sorted(result.assumptions.entries.values(), key=lambda a: (not a.distribution.uncertain, a.path))
    sheet.add(
        "Assumptions",
        ("path", "label", "number", "unit", "evidence", "as of", "source", "why", "set by"),
        [
            (
                a.path,
                a.label,
                said(a.distribution, a.unit),
                a.unit,
                a.evidence,
                a.as_of.isoformat(),
                a.source,
                a.why,
                a.set_by,
            )
            for a in entries
        ],
        widths=(34, 44, 44, 18, 11, 11, 60, 60, 12),
    )
    for name, file in charts.items():
        with file.open(encoding="utf-8", newline="") as opened:
            head, *body = list(csv.reader(opened))
        cells = [[_number(cell) for cell in row] for row in body]
        sheet.add(name[:31], head, cells, widths=[max(14, min(44, 1.1 * len(h))) for h in head])
    book.close()


class _Sheets:
    """Sheets of one look: bold frozen head, a filter, widths, formats by unit."""

    def __init__(self, book: Any, counted: Sequence[str]) -> None:
        self.book = book
        self.counted = frozenset(counted)  # units of what is counted
        self.head = book.add_format(
            {"bold": True, "bg_color": "#12436D", "font_color": "white", "text_wrap": True, "valign": "top"}
        )
        self.bold = book.add_format({"bold": True, "font_size": 14})
        self._formats: dict[str, Any] = {}

    def format(self, unit: str) -> Any:
        """Number format of a unit."""
        return self.coded(COUNTED if unit in self.counted else FORMATS.get(unit, OTHER))

    def coded(self, code: str) -> Any:
        """A number format by its code, made once."""
        if code not in self._formats:
            self._formats[code] = self.book.add_format({"num_format": code})
        return self._formats[code]

    def plain(self, value: float) -> Any:
        """Number format where no unit is known: grouped from a thousand on, four digits of a fraction."""
        return self.coded(COUNTED if abs(value) >= 1000 else OTHER)

    def add(
        self,
        name: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        units: Sequence[str] | None = None,
        numbers: Sequence[int] = (),
        widths: Sequence[float] = (),
    ) -> None:
        """A sheet; cells of the columns `numbers` in the format of their row's unit."""
        sheet = self.book.add_worksheet(name)
        sheet.write_row(0, 0, columns, self.head)
        count = 0
        for count, row in enumerate(rows, start=1):
            for n, value in enumerate(row):
                if isinstance(value, float) and not math.isfinite(value):  # a bound has no error
                    sheet.write_blank(count, n, None)
                elif units and n in numbers:
                    sheet.write_number(count, n, float(value), self.format(units[count - 1]))
                elif isinstance(value, float):
                    at = columns[n].lower() in PERIODS and value.is_integer()
                    sheet.write_number(count, n, value, self.coded("0") if at else self.plain(value))
                else:
                    sheet.write_string(count, n, str(value))
        sheet.freeze_panes(1, 0)
        _printed(sheet, repeat=True)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
        for n, width in enumerate(widths):
            sheet.set_column(n, n, width)


def _summary(sheet: _Sheets, result: Result, origin: Mapping[str, Any]) -> None:
    page = sheet.book.add_worksheet("Summary")
    target, chance = result.assumptions.target, result.chance()
    page.write_string(0, 0, f"{result.assumptions.about.title}: {result.assumptions.label}", sheet.bold)
    page.set_column(0, 0, 44)
    page.set_column(1, 6, 13)
    page.write_row(2, 0, ("measure", "P10", "P50", "P90", "mean", "unit"), sheet.head)
    line = 3
    unit_of, own = result.business.unit, spec_of(result.business).summary
    for outcome, label in own or [(target.outcome, result.business.label(target.outcome))]:
        levels = [float(v) for v in result.quantile(outcome, (0.1, 0.5, 0.9)).value]
        page.write_string(line, 0, label)
        for n, value in enumerate([*levels, float(result.mean(outcome).value)]):
            page.write_number(line, 1 + n, value, sheet.format(unit_of(outcome)))
        page.write_string(line, 5, unit_of(outcome))
        line += 1
    line += 1
    page.write_string(
        line, 0, f"Chance of at least {target.value:,.10g} in {target.period}: {formatting.chance(chance)}"
    )
    page.write_number(line, 1, float(chance.value), sheet.format("share"))
    page.write_string(line + 1, 0, "its simulation error, percentage points")
    page.write_number(line + 1, 1, 100 * float(chance.error), sheet.book.add_format({"num_format": "0.00"}))
    for n, (key, value) in enumerate(origin.items()):
        page.write_string(line + 3 + n, 0, key)
        page.write_string(line + 3 + n, 1, str(value))
    page.freeze_panes(3, 1)
    _printed(page, repeat=False)


def _printed(sheet: Any, *, repeat: bool) -> None:
    """On paper: A4 across, as wide as the page, the head on each."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if repeat:
        sheet.repeat_rows(0)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
