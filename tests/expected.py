"""The expected table of the base case and of each scenario: `make expected` rewrites them, and the diff is read.

Rounded so that a reviewer can judge them: thousand vehicles, RMB bn with one decimal, per cent with one decimal.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from model import load, simulate
from model.assumptions.layers.scenario import scenario_names
from model.assumptions.resolve import under
from model.reporting.manifest import write_results

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "expected"
CHECKSUM = FOLDER / "base_results.sha256"
OUTCOMES = (
    ("ev.deliveries", 1e-3, "thousand vehicles"),
    ("ev.revenue", 1, "RMB bn"),
    ("ev.gross_margin", 100, "%"),
    ("ev.operating_result", 1, "RMB bn"),
    ("ev.mix", 100, "%"),
    ("smartphones.revenue", 1, "RMB bn"),
    ("smartphones.gross_margin", 100, "%"),
    ("iot.revenue", 1, "RMB bn"),
    ("internet.revenue", 1, "RMB bn"),
    ("group.revenue", 1, "RMB bn"),
    ("group.gross_margin", 100, "%"),
)


def names():
    """The base case and every scenario of the repository; a user's own, not committed, need no table."""
    listed = subprocess.run(["git", "ls-files", "scenarios"], cwd=ROOT, capture_output=True, text=True, check=False)
    kept = {Path(line).stem for line in listed.stdout.split()}
    return ["base", *(name for name in scenario_names(ROOT) if name in kept or not kept)]


def table(name, base=None):
    """The expected table of one scenario as text: outcome, unit, P10, P50, P90."""
    base = base or load(ROOT / "assumptions.toml", as_of="base")
    result = simulate(base if name == "base" else under(base, [name]))
    lines = ["outcome,unit,P10,P50,P90", f"P(target),%,,{100 * result.chance().value:.1f},"]
    for outcome, scale, unit in OUTCOMES:
        levels = scale * np.asarray(result.quantile(outcome, (0.1, 0.5, 0.9)).value)
        lines.append(",".join([outcome, unit, *(f"{v:.1f}" for v in levels)]))
    return "\n".join(lines) + "\n"


def checksum(result):
    """SHA-256 of results.csv as a run writes it: eight significant digits of every number of the long table."""
    with tempfile.TemporaryDirectory() as folder:
        write_results(result.rows(), Path(folder))
        return hashlib.sha256((Path(folder) / "results.csv").read_bytes()).hexdigest()


def main():
    """Rewrite all tables, and the checksum of the base case's long table."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.csv"):
        old.unlink()
    for name in names():
        (FOLDER / f"{name}.csv").write_text(table(name))
    CHECKSUM.write_text(checksum(simulate(load(ROOT / "assumptions.toml", as_of="base"))) + "\n")


if __name__ == "__main__":
    main()
