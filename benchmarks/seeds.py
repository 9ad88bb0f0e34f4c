"""Twenty seeds on the frozen reports to 20 August 2026: whether the errors that a posterior states are those between seeds.

`python -m benchmarks.seeds` says what `benchmarks/seeds.csv` holds; `--again` makes it anew (a quarter of an hour) with the version that made it.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.__main__ import judged
from model import __version__, condition, load
from model.files.source_hash import code_hash
from model.simulation.sampling.digital_net import REPLICATES

PLACE = Path(__file__).parent
INPUT, KEPT = PLACE / "reports_2026-08-20" / "assumptions.toml", PLACE / "seeds.csv"
SEEDS = range(1, 21)
LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)
JUDGED = (0.1, 0.5, 0.9)
OF = (
    ("ev.deliveries", "2026"),
    ("ev.deliveries", "2026Q3"),
    ("ev.deliveries", "2026Q4"),
    ("group.revenue", "2026"),
    ("ev.gross_margin", "2026"),
)
EVIDENCE, YEAR, QUARTER = ("log evidence", ""), OF[0], OF[1]
# posterior.md, section 5, of the review of November 2026: 64 populations of another sampler
REFERENCE = {YEAR: (360_900, 400_500, 446_600), QUARTER: (85_800, 96_900, 117_000), EVIDENCE: (-61.4,)}

Rows = dict[tuple[str, str, float], np.ndarray]  # (outcome, period, level) -> (seed, value and error)


def made(seed: int) -> list[tuple[str, str, float, float, float]]:
    """Outcome, period, level, value and stated error, from nothing."""
    found = condition(load(INPUT, as_of="latest"), seed=seed, daily=False, fresh=True)
    rows = []
    for outcome, period in OF:
        measure = found.result.quantile(outcome, LEVELS, period)
        rows += [(outcome, period, *row) for row in zip(LEVELS, measure.value, measure.error, strict=True)]
    if found.log_evidence is not None:
        rows.append((*EVIDENCE, 0.0, *map(float, found.log_evidence)))
    for guard in found.guards:
        print(f"seed {seed}: {guard}", file=sys.stderr)
    return rows


def make() -> None:
    with KEPT.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("version", "code", "seed", "outcome", "period", "level", "value", "error"))
        for seed in SEEDS:
            for outcome, period, level, value, error in made(seed):
                row = (outcome, period, level, f"{value:.8g}", f"{error:.4g}")
                writer.writerow((__version__, code_hash(), seed, *row))
            file.flush()
            print(f"seed {seed}", file=sys.stderr)


def kept() -> tuple[str, Rows]:
    """The version that made the file, and what it holds."""
    found: dict[tuple[str, str, float], list[tuple[float, float]]] = {}
    with KEPT.open(newline="") as file:
        for row in csv.DictReader(file):
            key = (row["outcome"], row["period"], float(row["level"]))
            found.setdefault(key, []).append((float(row["value"]), float(row["error"])))
            version = f"version {row['version']}, code {row['code']}"
    return version, {key: np.array(rows) for key, rows in found.items()}


def covered(rows: Rows) -> tuple[list[float], list[bool]]:
    """Of each measure judged, variance between seeds over mean stated variance; of each interval of 90%, whether the mean of all seeds lies in it."""
    ratios, inside = list[float](), list[bool]()
    reach = stats.t.ppf(0.95, REPLICATES - 1)
    for (outcome, _, level), each in rows.items():
        if level in JUDGED and outcome != EVIDENCE[0]:
            value, error = each.T
            ratios.append(float(value.var(ddof=1) / (error**2).mean()))
            inside += [bool(one) for one in np.abs(value - value.mean()) <= reach * error]
    return ratios, inside


def main() -> None:
    if "--again" in sys.argv:
        make()
    version, rows = kept()
    ratios, inside = covered(rows)
    count = len(next(iter(rows.values())))
    print(f"{count} seeds, made by {version}")
    judged("variance between seeds / stated, least", min(ratios), 2.0, f"of {len(ratios)} measures", least=0.4)
    judged("  greatest", max(ratios), 2.0, least=0.4)
    judged("  mean", float(np.mean(ratios)), 1.4, least=0.7)
    share, detail = 100 * float(np.mean(inside)), f"of {len(inside)}"
    judged("intervals of 90% that cover the mean of all seeds, %", share, 95, detail, least=84, form=".1f")
    value, error = rows[*YEAR, 0.5].T
    judged("error of the year's P50, %", 100 * error.mean() / value.mean(), 0.25, "mean of the seeds")
    for of, levels in ((YEAR, (0.05, 0.5, 0.95)), (QUARTER, (0.05, 0.5, 0.95)), (EVIDENCE, (0.0,))):
        for level, right in zip(levels, REFERENCE[of], strict=True):
            value, error = rows[*of, level].T
            name = f"{of[0]} {of[1]} P{100 * level:.0f}" if of[1] else of[0]
            allowed = 0.2 if of == EVIDENCE else 1500
            far = int((np.abs(value - right) > 3 * error).sum())
            detail = f"beside {right:,}; single runs more than three errors away: {far}"
            judged(name, value.mean(), right + allowed, detail, least=right - allowed, form=",.6g")


if __name__ == "__main__":
    main()
