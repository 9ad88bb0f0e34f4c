"""A frozen forecast as a table in the columns of the forecast hubs, and read back.

One row a number: reference_date, target, target_end_date, output_type, output_type_id, value, unit. A target is an
outcome by month, quarter, half or year; samples that share an id are one joint draw of all of them; a row of output_type cdf is the
chance of at most output_type_id.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from model.errors import InputError, Problem
from model.files.toml_reader import LARGEST_FILE, bytes_of, shown
from model.simulation.observation import end_of

COLUMNS = ("reference_date", "target", "target_end_date", "output_type", "output_type_id", "value", "unit")
LEVELS = (0.01, 0.025, *(round(0.05 * n, 2) for n in range(1, 20)), 0.975, 0.99)  # the 23 of the hubs
SAMPLES = 200
KINDS = {"-": "month", "Q": "quarter", "H": "half", "": "year"}
Name = tuple[str, str]  # outcome, period
Parts = dict[str, list[tuple[str, float]]]  # kind of number -> (its label, number)


@dataclass(frozen=True)
class Forecast:
    """A frozen forecast of one outcome in one period.

    levels : (23,) quantiles at `LEVELS`; samples : (200,), in the order of the entry's joint draws
    at_most : number -> chance that the outcome is at most that
    """

    outcome: str
    period: str
    unit: str
    levels: np.ndarray
    mean: float
    samples: np.ndarray
    at_most: Mapping[float, float] = field(default_factory=dict)

    def level(self, q: float) -> float:
        """The quantile at one of `LEVELS`."""
        return float(self.levels[LEVELS.index(q)])


def target_of(outcome: str, period: str) -> str:
    """`quarter stand.sales`: an outcome by the kind of its period, as a hub names a target.

    >>> target_of("stand.sales", "2026Q1"), target_of("cakes.revenue", "2026H1"), target_of("stand.sales", "2026")
    ('quarter stand.sales', 'half cakes.revenue', 'year stand.sales')
    """
    return f"{KINDS[period[4:5]]} {outcome}"


def period_of(target: str, end: dt.date) -> str:
    """The period of a target that ends on a day.

    >>> period_of("quarter stand.sales", dt.date(2026, 3, 31)), period_of("month stand.sales", dt.date(2026, 3, 31))
    ('2026Q1', '2026-03')
    """
    names = {
        "month": f"{end:%Y-%m}", "quarter": f"{end.year}Q{(end.month + 2) // 3}", "half": f"{end.year}H{(end.month + 5) // 6}",
        "year": str(end.year),
    }  # fmt: skip
    return names[target.split(" ", 1)[0]]


def horizon(day: dt.date, period: str) -> float:
    """Months from a day to the end of a period; below 0 where it had ended and was not reported yet.

    >>> round(horizon(dt.date(2026, 4, 1), "2026Q2"), 1), round(horizon(dt.date(2026, 5, 1), "2026Q1"), 1)
    (3.0, -1.0)
    """
    return (end_of(period) - day).days / 30.44


def write(day: dt.date, forecasts: Iterable[Forecast], path: Path) -> None:
    """The table, packed; the same forecasts give the same bytes. Samples have six significant digits, the rest eight."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in forecasts:
        head = (day.isoformat(), target_of(one.outcome, one.period), end_of(one.period).isoformat())
        writer.writerows((*head, kind, name, value, one.unit) for kind, name, value in _numbers(one))
    with path.open("wb") as file, gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed:
        packed.write(text.getvalue().encode())


def _numbers(one: Forecast) -> Iterator[tuple[str, str, str]]:
    yield from (("quantile", f"{q:g}", f"{x:.8g}") for q, x in zip(LEVELS, one.levels, strict=True))
    yield "mean", "", f"{one.mean:.8g}"
    yield from (("cdf", f"{x:.10g}", f"{p:.8g}") for x, p in one.at_most.items())
    yield from (("sample", str(n), f"{x:.6g}") for n, x in enumerate(one.samples, start=1))


def read(path: Path, wanted: Callable[[Name], bool] = lambda _: True) -> dict[Name, Forecast]:
    """The forecasts of a table by outcome and period, those that are wanted.

    Raises InputError for what is no such table, with the line.
    """
    file = shown(path)
    lines = text_of(path).splitlines()
    if not lines or tuple(lines[0].split(",")) != COLUMNS:
        raise InputError(Problem("has other columns", ", ".join(COLUMNS), file, 1))
    held: dict[str, tuple[Name, str, Parts]] = {}
    number, start = 1, "\n"
    parts: Parts | None = None  # of what is not wanted
    try:
        for number, line in enumerate(lines[1:], start=2):  # noqa: B007  a fault says its line
            if not line.startswith(start):
                day, target, end, rest = line.split(",", 3)  # rows of a target stand together, no cell holds a comma
                start, name = f"{day},{target},{end},", _name((target, end))
                parts = held.setdefault(start, (name, rest.rsplit(",", 1)[1], {}))[2] if wanted(name) else None
            if parts is not None:
                kind, label, value, _ = line[len(start) :].split(",")
                parts.setdefault(kind, []).append((label, float(value)))
        return {name: _forecast(name, unit, parts) for name, unit, parts in held.values()}
    except (ValueError, KeyError) as error:
        raise InputError(Problem(f"is no frozen forecast: {error}", ", ".join(COLUMNS), file, number)) from None


def text_of(path: Path) -> str:
    """The table as text; InputError where it cannot be read."""
    try:
        with gzip.open(io.BytesIO(bytes_of(path))) as unpacked:
            content = unpacked.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise OSError(f"it unpacks to more than {LARGEST_FILE // 1_000_000} MB")
        return content.decode()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(
            Problem(f"cannot be read: {error}", "A frozen forecast is never changed", shown(path))
        ) from None


def _name(key: tuple[str, str]) -> Name:
    target, end = key
    kind, space, outcome = target.partition(" ")
    if not space or not outcome or kind not in KINDS.values():
        raise ValueError(f"'{target}' is no target: a kind of period and an outcome")
    return outcome, period_of(target, dt.date.fromisoformat(end))


def _forecast(name: Name, unit: str, parts: Parts) -> Forecast:
    unknown = parts.keys() - {"quantile", "mean", "cdf", "sample"}
    if unknown:
        raise ValueError(f"{name[0]} in {name[1]} has numbers of the kind '{min(unknown)}'")
    if not all(np.isfinite(x) for kind in parts.values() for _, x in kind):
        raise ValueError(f"a number of {name[0]} in {name[1]} is not finite")
    levels = np.array([x for _, x in parts.get("quantile", ())])
    if [float(q) for q, _ in parts.get("quantile", ())] != list(LEVELS) or (np.diff(levels) < 0).any():
        raise ValueError(f"the quantiles of {name[0]} in {name[1]} are not the 23 in ascending order")
    if [label for label, _ in parts.get("sample", ())] != [str(n) for n in range(1, SAMPLES + 1)]:
        raise ValueError(f"{name[0]} in {name[1]} has not the {SAMPLES} samples in their order")
    if len(parts.get("mean", ())) != 1:
        raise ValueError(f"{name[0]} in {name[1]} has not one mean")
    at_most = {float(x): p for x, p in parts.get("cdf", ())}
    if len(at_most) < len(parts.get("cdf", ())) or not all(0 <= p <= 1 for p in at_most.values()):
        raise ValueError(f"the chances of {name[0]} in {name[1]} are given twice, or lie outside 0 to 1")
    return Forecast(*name, unit, levels, parts["mean"][0][1], np.array([x for _, x in parts["sample"]]), at_most)
