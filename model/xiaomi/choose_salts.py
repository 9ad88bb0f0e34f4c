"""Salts for new coordinates of the base case: `python -m model.xiaomi.choose_salts` adds rows to salts.csv, old ones stay."""

from __future__ import annotations

import csv
from pathlib import Path

from model.assumptions.load import load
from model.simulation.sampling.net_search import extended
from model.xiaomi.business import XIAOMI

OUTCOMES = (
    "ev.deliveries",
    "ev.gross_margin",
    "ev.operating_result",
    "group.revenue",
    "group.gross_margin",
    "smartphones.gross_margin",
    "group.adjusted_net_profit",
)


def main() -> None:
    """Add rows for the coordinates that have no salt yet."""
    found = extended(XIAOMI.salts, load(units=XIAOMI.units), XIAOMI.function, OUTCOMES)
    with Path(__file__).with_name("salts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["path", "salt"])
        writer.writerows(found.items())


if __name__ == "__main__":
    main()
