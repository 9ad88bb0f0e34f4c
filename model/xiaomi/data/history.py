"""Reported history and published figures: the files of data/, checked cell by cell.

Read by figures, reference lines and calibration checks; drivers never see it. Every table keeps the source of
each row.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from model.assumptions.calendar import MONTHS, today
from model.errors import InputError, Problem
from model.files.csv_reader import read as read_csv

SEGMENT_NAMES = {
    "Smartphones": "smartphones",
    "IoT & lifestyle products": "iot",
    "Internet services": "internet",
    "Other related": "other",
    "Smart EV, AI & other new initiatives": "ev",
    "Group total": "group",
}


@dataclass(frozen=True)
class Estimate:
    """A published estimate."""

    who: str
    published: dt.date
    value: float
    source: str
    before: float | None = None  # what the house had until that day, where it said so

    @property
    def month(self) -> str:
        """2026-01-03 as Jan 2026."""
        return f"{MONTHS[self.published.month - 1][:3]} {self.published.year}"


@dataclass(frozen=True)
class EstimateChange:
    """A house's change of its own estimate, as a share of what it was."""

    who: str
    published: dt.date
    change: float


@dataclass(frozen=True)
class BaseRate:
    """How often first-announced yearly targets were met."""

    met: int
    number: int
    ratios: tuple[float, ...]
    own: tuple[int, int]  # Xiaomi itself: met, of how many

    @property
    def median(self) -> float:
        """Median of delivered over target."""
        return float(np.median(self.ratios))


# What a cell must be: a number, a number or nothing, or what a pattern says. What would be right stands beside it.
NUMBER, OPTIONAL, TEXT = "number", "optional", r".*\S.*"
MONTH = r"\d{4}-(0[1-9]|1[0-2])"
YEAR, DAY, PERIOD, ANYTHING = r"\d{4}", rf"{MONTH}-\d{{2}}", r"\d{4}Q[1-4]|\d{4}H[12]|FY\d{4}", r".*"
KIND = "exact|estimate|at_least"
RIGHT = {
    TEXT: "It may not be empty",
    MONTH: "A month: 2025-12",
    YEAR: "A year: 2025",
    DAY: "A day: 2026-08-18",
    PERIOD: "A quarter, half-year or year: 2025Q3, 2025H1, FY2025",
    ANYTHING: "",
    KIND: "exact, estimate or at_least",
}
TABLES = {  # of each file the columns that are read
    "xiaomi_ev_deliveries_monthly.csv": {"month": MONTH, "line": TEXT, "vehicles": NUMBER, "kind": KIND},
    "xiaomi_ev_deliveries_quarterly.csv": {"quarter": PERIOD, "vehicles": NUMBER},
    "xiaomi_segments_quarterly.csv": {"quarter": PERIOD, "segment": TEXT, "revenue_rmb_bn": NUMBER, "gross_margin_pct": OPTIONAL},
    "xiaomi_operating_metrics.csv": {"period": TEXT, "metric": TEXT, "value": NUMBER},
    "xiaomi_profit_and_loss_quarterly.csv": {"what": TEXT, "period": TEXT, "value": OPTIONAL, "reported_on": DAY},
    "ev_targets.csv": {"firm": TEXT, "year": YEAR, "stage": TEXT, "ratio": OPTIONAL},
    "ev_peers_deliveries_monthly.csv": {"firm": TEXT, "month": MONTH, "vehicles": NUMBER},
    "exchange_rates.csv": {"day": DAY, "currency": TEXT, "rmb": NUMBER, "source": TEXT},
    "market.csv": {"day": DAY, "price_hkd": NUMBER, "source": TEXT},
    "published_estimates.csv": {"house": TEXT, "reported_on": DAY, "year": ANYTHING, "what": TEXT, "value": TEXT, "before": OPTIONAL, "unit": TEXT, "source": TEXT},
}  # fmt: skip


def problems(root: Path) -> list[Problem]:
    """What is wrong with the files of data/."""
    found: list[Problem] = []
    for name in TABLES:
        try:
            read(root, name)
        except InputError as error:
            found += error.problems
    return found


def read(root: Path, name: str) -> tuple[dict[str, str], ...]:
    """Rows of data/<name>; InputError where the file is not there or not as it must be. Read anew where it has changed."""
    path = (root / "data" / name).absolute()
    try:
        held = path.stat()
    except OSError:
        return _read(path, name, 0, 0)
    return _read(path, name, held.st_mtime_ns, held.st_size)


@lru_cache(maxsize=32)
def _read(path: Path, name: str, *_: int) -> tuple[dict[str, str], ...]:
    """The rows of a file as it was at a time, of a size: one run asks for them several times."""
    file, columns = f"data/{name}", TABLES[name]
    rows, faults = read_csv(path, file, list(columns))
    faults += [
        fault
        for line, row in rows
        for column, form in columns.items()
        for fault in _faults(column, row[column], form, file, line)
    ]
    if not rows and not faults:
        faults = [Problem("has no rows", f"Columns: {', '.join(columns)}", file)]
    if faults:
        raise InputError(faults)
    return tuple(row for _, row in rows)


def _faults(column: str, cell: str, form: str, file: str, line: int) -> list[Problem]:
    """What is wrong with a cell: nothing, or one problem."""
    if form in (NUMBER, OPTIONAL):
        sound, right = _is_number(cell) or (form == OPTIONAL and not cell), ""
        what = f"{column} is '{cell}', not a number"
    else:
        sound, right = bool(re.fullmatch(form, cell)) and (form != DAY or _is_day(cell)), RIGHT[form]
        what = f"{column} is '{cell}'"
        if sound and form in (MONTH, DAY) and cell[:10] > f"{today():%Y-%m-%d}"[: len(cell)]:
            sound, right = False, f"Today is {today()}: nothing of a later day is history"
    return [] if sound else [Problem(what, right, file, line)]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def monthly_deliveries(root: Path) -> dict[str, float]:
    """Vehicles delivered by month, 2024-04 to 2025-12.

    Registrations and derived months where there are any, else the company's "over 28,000" as it stands.
    """
    rank = {"exact": 0, "estimate": 1, "at_least": 2}
    chosen: dict[tuple[str, str], tuple[int, float]] = {}
    for row in read(root, "xiaomi_ev_deliveries_monthly.csv"):
        key, value = (row["month"], row["line"]), (rank[row["kind"]], float(row["vehicles"]))
        chosen[key] = min(chosen.get(key, value), value)
    months = sorted({month for month, _ in chosen})
    total = {}
    for month in months:
        lines = [chosen[key] for key in chosen if key[0] == month and key[1] != "all"]
        total[month] = chosen[(month, "all")][1] if (month, "all") in chosen else sum(value for _, value in lines)
    return total


def peer_deliveries(root: Path) -> dict[str, dict[int, float]]:
    """Vehicles that other makers delivered: firm -> months since January of year 0 -> vehicles."""
    found: dict[str, dict[int, float]] = {}
    for row in read(root, "ev_peers_deliveries_monthly.csv"):
        found.setdefault(row["firm"], {})[month_number(row["month"])] = float(row["vehicles"])
    return found


def month_number(month: str) -> int:
    """Months since January of year 0: `2026-01` as 24,312."""
    return 12 * int(month[:4]) + int(month[5:]) - 1


def month_name(number: int) -> str:
    """24,312 as `2026-01`."""
    return f"{number // 12}-{number % 12 + 1:02d}"


def annual_deliveries(root: Path) -> dict[str, float]:
    """Vehicles delivered by year as filed: FY2024, FY2025."""
    return {
        row["quarter"][2:]: float(row["vehicles"])
        for row in read(root, "xiaomi_ev_deliveries_quarterly.csv")
        if row["quarter"].startswith("FY")
    }


def quarterly_deliveries(root: Path) -> dict[str, float]:
    """Vehicles delivered by quarter as filed."""
    rows = read(root, "xiaomi_ev_deliveries_quarterly.csv")
    return {row["quarter"]: float(row["vehicles"]) for row in rows if "Q" in row["quarter"]}


def segments(root: Path) -> dict[str, dict[str, tuple[float, float]]]:
    """Reported quarters: segment -> quarter -> (revenue in RMB bn, gross margin as a share or nan)."""
    found: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in SEGMENT_NAMES.values()}
    for row in read(root, "xiaomi_segments_quarterly.csv"):
        name = SEGMENT_NAMES.get(row["segment"])
        if name and row["quarter"][:2] == "20":
            margin = float(row["gross_margin_pct"]) / 100 if row["gross_margin_pct"] else float("nan")
            found[name][row["quarter"]] = (float(row["revenue_rmb_bn"]), margin)
    return found


def metric(root: Path, name: str) -> dict[str, float]:
    """One of the operating metrics: period -> value."""
    return {
        row["period"]: float(row["value"])
        for row in read(root, "xiaomi_operating_metrics.csv")
        if row["metric"] == name
    }


def earned(root: Path, day: dt.date) -> dict[str, float]:
    """Adjusted net profit of each quarter that was reported by a day, RMB bn, in order."""
    return {
        row["period"]: float(row["value"])
        for row in sorted(read(root, "xiaomi_profit_and_loss_quarterly.csv"), key=lambda row: row["period"])
        if row["what"] == "adjusted net profit"
        and "Q" in row["period"]
        and dt.date.fromisoformat(row["reported_on"]) <= day
    }


def estimates(root: Path, year: int, day: dt.date, what: Sequence[str] = ("ev units",)) -> list[Estimate]:
    """Published estimates of a year that were known by a day, the latest of each house, by size; `what` : the names it goes by."""
    return sorted((said[-1] for said in by_house(root, year, day, what).values()), key=lambda e: e.value)


def by_house(root: Path, year: int, day: dt.date, what: Sequence[str]) -> dict[str, list[Estimate]]:
    """All that each house said of a year by a day, in order; what is of no year, as a target price, counts for any."""
    found: dict[str, list[Estimate]] = {}
    for row in _published(root, year, day, what):
        before = float(row["before"]) if row["before"] else None
        one = Estimate(
            row["house"], dt.date.fromisoformat(row["reported_on"]), float(row["value"]), row["source"], before
        )
        found.setdefault(one.who, []).append(one)
    return {who: sorted(said, key=lambda e: e.published) for who, said in found.items()}


def revisions(root: Path, year: int, day: dt.date, what: Sequence[str]) -> list[EstimateChange]:
    """Each house's last change of its own estimate by a day, by size.

    Against what it said before (a row of its own, or column `before`), or as it was published: a row "... revision" in percent.
    """
    last: dict[str, EstimateChange] = {}

    def add(who: str, published: dt.date, change: float) -> None:
        if who not in last or last[who].published <= published:
            last[who] = EstimateChange(who, published, change)

    for row in _published(root, year, day, [f"{name} revision" for name in what]):
        add(row["house"], dt.date.fromisoformat(row["reported_on"]), float(row["value"]) / 100)
    for said in by_house(root, year, day, what).values():
        for old, new in zip((None, *said), said, strict=False):
            before = new.before or (old.value if old else new.value)
            if new.value != before:
                add(new.who, new.published, new.value / before - 1)
    return sorted(last.values(), key=lambda r: r.change)


def _published(root: Path, year: int, day: dt.date, what: Sequence[str]) -> list[dict[str, str]]:
    return [
        row
        for row in read(root, "published_estimates.csv")
        if row["what"] in what and row["year"] in ("", str(year)) and row["reported_on"] <= day.isoformat()
    ]


def share_prices(root: Path) -> dict[dt.date, float]:
    """Prices of a share by day, HKD."""
    return {dt.date.fromisoformat(row["day"]): float(row["price_hkd"]) for row in read(root, "market.csv")}


def share_price(root: Path, day: dt.date) -> tuple[dt.date, float]:
    """The latest known price of a share by a day, and its own day; HKD. InputError where none is."""
    prices = share_prices(root)
    known = [each for each in prices if each <= day]
    if not known:
        raise InputError(Problem(f"no price of the share by {day}", file="data/market.csv"))
    return max(known), prices[max(known)]


def first_targets(root: Path) -> dict[tuple[str, str], float]:
    """Delivered over first-announced yearly target, by (firm, year): the targets that have an outcome.

    The rule: rows of data/ev_targets.csv with stage "initial" and a known outcome, one a firm and year (the lower target
    where two were reported).
    """
    first: dict[tuple[str, str], float] = {}
    for row in read(root, "ev_targets.csv"):
        if row["stage"] == "initial" and row["ratio"]:
            key = (row["firm"], row["year"])
            first[key] = max(first.get(key, 0.0), float(row["ratio"]))
    return first


def base_rate(root: Path) -> BaseRate:
    """First-announced yearly targets of EV makers that have an outcome.

    Of `first_targets` the firms that sell electric or plug-in cars only or mainly; wholesale makers of all kinds of cars
    (Geely Auto, Chery, Great Wall, Changan, Dongfeng) are left out.
    """
    first = {key: ratio for key, ratio in first_targets(root).items() if key[0] not in NOT_EV_MAKERS}
    own = [ratio for (firm, _), ratio in first.items() if firm == "Xiaomi"]
    met = sum(ratio >= 1 for ratio in first.values())
    return BaseRate(met, len(first), tuple(sorted(first.values())), (sum(r >= 1 for r in own), len(own)))


NOT_EV_MAKERS = frozenset({"Geely Auto", "Chery", "Great Wall", "Changan", "Dongfeng"})


def last_quarters(values: dict[str, float], number: int) -> Sequence[float]:
    """The latest values by period."""
    return [values[key] for key in sorted(values)[-number:]]
