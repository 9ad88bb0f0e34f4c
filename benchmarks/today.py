"""Measure what today's answer takes in a fresh clone, where the posterior came with the repository: `python -m benchmarks.today`."""

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


def seconds(folder: Path, *options: str) -> float:
    """Seconds by the clock of a run in a folder."""
    command, found = [sys.executable, "-m", "model", "run", *options], []
    for _ in range(TIMES):
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        found.append(time.perf_counter() - started)
    return min(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
        today, base = seconds(folder), seconds(folder, "--as-of", "base", "--no-figures")
        detail = f"{today:.1f} s and {base:.1f} s"
        judged("today's headline with figures / a base run without", today / base, ASKED, detail)
        (shipped,) = (folder / "posteriors").glob("*.npz")
        judged("the posterior that comes with it, MB", shipped.stat().st_size / 1e6, 10)


if __name__ == "__main__":
    main()
