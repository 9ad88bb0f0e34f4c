"""Measure what freezing, scoring and the page of the record take, beside what was asked."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import copied
from benchmarks.__main__ import say

FREEZE = """
import time, model
base = model.load(as_of="base")
start = time.perf_counter(); model.simulate(base); run = time.perf_counter() - start
start = time.perf_counter(); model.freeze('2026-01-20'); print(run, time.perf_counter() - start)
"""


def command(*words: str, cwd: Path) -> float:
    """Seconds of a command, start of Python included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "model", *words], cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = copied(Path(folder), "data", "updates", "register")
        say("scoring every frozen forecast, s", f"{command('score', cwd=place):.1f}", "at most 5", "the whole command")
        say(
            "the page of the record, s",
            f"{command('record', cwd=place):.1f}",
            "at most 10",
            "with three figures in two formats",
        )
        done = subprocess.run([sys.executable, "-c", FREEZE], cwd=place, check=True, capture_output=True, text=True)
        run, frozen = map(float, done.stdout.split())
        say(
            "freezing beyond its run, s",
            f"{frozen - run:.1f}",
            "at most 2",
            "one forecast and five baselines, statsmodels loaded for the first time",
        )


if __name__ == "__main__":
    main()
