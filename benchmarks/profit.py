"""Adjusted net profit of nine reported quarters by the model's rules, each fitted without the quarter that it is held against.

`python -m benchmarks.profit`

Put in are the reported gross profit, revenue by segment and the EV segment's expenses. By a rule, fitted to the other quarters: selling and
administration of the rest over its revenue, with a fourth quarter of its own; research along a straight line; other items over the cash
resources last reported. Tax is the base case's P50. 2026Q1 is left out: its gross profit was not found.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from benchmarks import ROOT
from model.assumptions.load import load
from model.xiaomi.business import checks
from model.xiaomi.data import history as reported
from model.xiaomi.outcomes import UNITS

QUARTERS = [f"{year}Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)][:10]
SELLING, ADMINISTRATION = "selling and marketing expenses", "administrative expenses"
BOTH = "selling, marketing and administrative expenses (sum)"
RESEARCH, GROSS, ADJUSTED = "R&D expenses", "gross profit", "adjusted net profit"
CARS = "EV, AI and new initiatives: operating expenses"


class Case(NamedTuple):
    """A quarter, RMB bn."""

    quarter: str
    came: float
    by_rule: float
    with_lines: float | None  # the expense lines as reported, where they are
    as_before: float  # the quarter before


def lines() -> dict[str, dict[str, float]]:
    """Reported lines by period, RMB bn."""
    found: dict[str, dict[str, float]] = {}
    for row in reported.read(ROOT, "xiaomi_profit_and_loss_quarterly.csv"):
        found.setdefault(row["what"], {})[row["period"]] = float(row["value"])
    return found


def cash() -> dict[str, float]:
    """Cash resources at the end of each quarter, the last reported where a quarter's own is not."""
    with (ROOT / "data" / "xiaomi_balance_sheet.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["what"].startswith("cash resources")]
    told = {row["period"]: float(row["value"]) for row in rows}
    ends = {q: f"{q[:4]}-{3 * int(q[5]):02d}-{'31' if q[5] in '14' else '30'}" for q in QUARTERS}
    return {q: told[max(day for day in told if day <= end)] for q, end in ends.items()}


def cases() -> list[Case]:
    """The nine quarters."""
    told, held = lines(), cash()
    base = load(ROOT / "assumptions.toml", units=UNITS)
    tax = float(base["group.tax"].distribution.parameters["p50"])
    other, research, ai = (
        _first(base[f"ev.opex.{name}"].distribution.parameters["p50"]) for name in ("other", "research", "ai")
    )
    cars = {q: told[CARS].get(q, 0.0) * other / (other + research + ai) for q in QUARTERS}
    later = {o.period: o.value for y in (2025, 2026) for o in checks(ROOT, y) if o.outcome == "ev.revenue"}
    ev = {q: revenue for q, (revenue, _) in reported.segments(ROOT)["ev"].items()} | later
    rest = {q: told["revenue"][q] - ev.get(q, 0.0) for q in QUARTERS}
    selling = _selling(told)
    spent = {q: told[RESEARCH][q] for q in QUARTERS if q in told[RESEARCH]}
    items = {
        q: (told[ADJUSTED][q] / (1.0 - tax) - (told[GROSS][q] - selling[q] - spent[q])) / held[q]
        for q in QUARTERS
        if q in selling and q in spent and q in told[GROSS]
    }
    found = []
    for n, quarter in enumerate(QUARTERS):
        if quarter not in told[GROSS]:
            continue
        share = _by_season({q: (selling[q] - cars[q]) / rest[q] for q in selling if q != quarter}, quarter)
        line = _along({q: x for q, x in spent.items() if q != quarter}, quarter)
        item = float(np.mean([x for q, x in items.items() if q != quarter])) * held[quarter]
        cost = share * rest[quarter] + cars[quarter] + line
        whole = None
        if quarter in selling and quarter in spent:
            whole = (told[GROSS][quarter] - selling[quarter] - spent[quarter] + item) * (1.0 - tax)
        before = told[ADJUSTED][QUARTERS[n - 1] if n else "2023Q4"]
        found.append(
            Case(quarter, told[ADJUSTED][quarter], (told[GROSS][quarter] - cost + item) * (1.0 - tax), whole, before)
        )
    return found


def error(values: Mapping[str, float], came: Mapping[str, float]) -> tuple[float, float]:
    """Root mean square and bias of what a rule says."""
    off = np.array([values[q] - came[q] for q in values])
    return float(np.sqrt(np.mean(off**2))), float(off.mean())


def _selling(told: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Selling, marketing and administration by quarter; of two quarters of which only the sum is known each has its part by revenue."""
    found = {
        q: told[SELLING][q] + told[ADMINISTRATION][q]
        for q in QUARTERS
        if q in told[SELLING] and q in told[ADMINISTRATION]
    }
    found |= {q: x for q, x in told[BOTH].items() if q in QUARTERS}
    pair, total = ("2025Q2", "2025Q3"), told[BOTH]["2025Q2+Q3"]
    return found | {q: total * told["revenue"][q] / sum(told["revenue"][p] for p in pair) for q in pair}


def _by_season(shares: Mapping[str, float], quarter: str) -> float:
    """A level, and another of fourth quarters where one is known."""
    last = [x for q, x in shares.items() if q[5] == "4"]
    others = [x for q, x in shares.items() if q[5] != "4"]
    return float(np.mean(last if quarter[5] == "4" and last else others))


def _along(values: Mapping[str, float], quarter: str) -> float:
    """The straight line through values, at a quarter."""
    at = [QUARTERS.index(q) for q in values]
    slope, level = np.polyfit(at, list(values.values()), 1)
    return float(level + slope * QUARTERS.index(quarter))


def _first(values: object) -> float:
    return float(np.ravel(np.asarray(values, float))[0])


def main() -> None:
    """Print the table."""
    found = cases()
    came = {case.quarter: case.came for case in found}
    print("quarter  reported  by rule  lines as reported  a quarter ago")
    for case in found:
        whole = "" if case.with_lines is None else f"{case.with_lines:.2f}"
        print(f"{case.quarter}   {case.came:8.2f} {case.by_rule:8.2f} {whole:>18} {case.as_before:14.2f}")
    told = {
        "by rule": {case.quarter: case.by_rule for case in found},
        "lines as reported": {case.quarter: case.with_lines for case in found if case.with_lines is not None},
        "a quarter ago": {case.quarter: case.as_before for case in found},
    }
    for name, values in told.items():
        spread, bias = error(values, came)
        print(f"{name}: root mean square {spread:.2f}, bias {bias:+.2f} RMB bn, {len(values)} quarters")


if __name__ == "__main__":
    main()
