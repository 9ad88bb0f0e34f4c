"""Measure what the posterior of the frozen reports to 20 August 2026 takes, beside what was asked: from nothing, a report more, an edit, the same again.

Times are ratios to work of the same run, since machines differ. What the errors are worth is `benchmarks.seeds`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import ROOT
from benchmarks.__main__ import judged, peak_of
from model import condition, load, simulate
from model.inference.posterior import Posterior

FROZEN = Path(__file__).parent / "reports_2026-08-20"
BEFORE, AFTER = "2026-07-01", "2026-08-01"  # one floor apart
EDIT = "ev.lines.yu7.orders.p50=18_500"  # a thousand up


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, that of workers included."""
    started, before = time.perf_counter(), os.times()
    work()
    return time.perf_counter() - started, sum(os.times()[:4]) - sum(before[:4])


def agreeing(one: Posterior, other: Posterior) -> str:
    """How far two posteriors of the same inputs lie apart in the year's P50, in their common error."""
    a, b = (p.result.quantile("ev.deliveries", 0.5, "2026") for p in (one, other))
    return f"P50 {abs(a.value - b.value) / np.hypot(a.error, b.error):.1f} errors from that from nothing"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        shutil.copytree(FROZEN, place)
        shutil.copytree(ROOT / "scenarios", place / "scenarios")
        file = place / "assumptions.toml"
        plain, base = load(file, as_of="base"), load(file, as_of="latest")
        _, simulated = timed(lambda: simulate(plain, draws=262_144))
        seconds, spent = timed(lambda: condition(base, daily=False))
        detail = f"processor time {spent:.0f} s / {simulated:.1f} s; {seconds:.0f} s by the clock"
        judged("all reports, from nothing / simulating 262,144 draws", spent / simulated, 40, detail, form=".0f")
        (again, _), (run, _) = (timed(work) for work in (lambda: condition(base, daily=False), lambda: simulate(plain)))
        judged("the same again / a base run", again / run, 3)
        edited = load(file, sets=[EDIT], as_of="latest")
        _, near = timed(lambda: condition(edited, daily=False))
        one, other = condition(edited, daily=False), condition(edited, daily=False, fresh=True, seed=1)
        judged("an edit, from what is kept / from nothing", near / spent, 0.25, f"{EDIT}; {agreeing(one, other)}")

        then = load(file, as_of=AFTER)
        _, nothing = timed(lambda: condition(then, AFTER, daily=False, fresh=True))
        other = condition(then, AFTER, daily=False)
        shutil.rmtree(place / ".cache")
        condition(load(file, as_of=BEFORE), BEFORE, daily=False)
        _, near = timed(lambda: condition(then, AFTER, daily=False))
        detail = f"the floor of July; {agreeing(condition(then, AFTER, daily=False), other)}"
        judged("one floor more, from what is kept / from nothing", near / nothing, 0.25, detail)

        shutil.rmtree(place / ".cache")
        options = ["--base", str(file), "--as-of", "latest", "--out", str(Path(folder) / "out")]
        command = [sys.executable, "-m", "model", "run", *options]
        whole, _ = timed(lambda: subprocess.run(command, check=True, capture_output=True))
        detail = f"{whole:.0f} s with days and figures"
        judged("model run --as-of latest less conditioning, s", whole - seconds, 10, detail, form=".0f")
    source = str(FROZEN / "assumptions.toml")
    program = f"import model; model.condition(model.load({source!r}, as_of='latest'), fresh=True)"
    judged("memory of conditioning, workers included, GB", peak_of([sys.executable, "-c", program]), 1)


if __name__ == "__main__":
    main()
