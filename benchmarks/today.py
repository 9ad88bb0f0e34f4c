"""Measure what today's answer takes in a fresh clone, where the posterior came with the repository, and what one more report takes
against a posterior from nothing: `python -m benchmarks.today`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import ROOT
from benchmarks.__main__ import judged

TIMES = 3  # each is run so often, and the quickest counts
ASKED = 5.0
REPORT = ("ev.deliveries", "2026-10", ">=40_000", "--on", "2026-11-01", "--source", "an example of the benchmark")
OF_NOTHING = 0.25  # of the time of a posterior from nothing, that a report may take


def seconds(folder: Path, *options: str) -> float:
    """Seconds by the clock of a run in a folder."""
    return min(clocked(folder, "run", *options) for _ in range(TIMES))


def clocked(folder: Path, *command: str) -> float:
    """Seconds by the clock of one command in a folder."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "model", *command], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
        today, base = seconds(folder), seconds(folder, "--as-of", "base", "--no-figures")
        detail = f"{today:.1f} s and {base:.1f} s"
        judged("today's headline with figures / a base run without", today / base, ASKED, detail)
        (shipped,) = (folder / "posteriors").glob("*.npz")
        judged("the posterior that comes with it, MB", shipped.stat().st_size / 1e6, 10)
        one = clocked(folder, "report", *REPORT)
        whole = clocked(folder, "run", "--fresh", "--no-figures")
        judged(
            "a report, before and after / a posterior from nothing",
            one / whole,
            OF_NOTHING,
            f"{one:.1f} s and {whole:.0f} s",
        )


if __name__ == "__main__":
    main()
