"""Measure what conditioning on all reports takes, and how far its populations lie apart, beside what was asked.

From nothing; from what is kept on disk; from the posterior that is there, after one edit.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks import copied
from benchmarks.__main__ import peak_of, say
from model import condition, load, simulate
from model.inference.posterior import Posterior
from model.simulation.sampling.digital_net import REPLICATES

Made = TypeVar("Made")
EDIT = "ev.lines.yu7.orders.p50=18_500"  # a thousand up


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    started = time.perf_counter()
    made = work()
    return made, time.perf_counter() - started


def processor(work: Callable[[], object]) -> float:
    """Seconds of processor time of some work, that of its workers included."""
    before = os.times()
    work()
    return sum(os.times()[:4]) - sum(before[:4])


def simulation(place: Path) -> Callable[[], object]:
    """The year simulated 262,144 times."""
    year = load(place / "assumptions.toml")
    return lambda: simulate(year, draws=262_144)


def apart(found: Posterior) -> float:
    """Standard deviation over populations of the year's mean, a share of it."""
    mean = found.result.mean("ev.deliveries")
    return float(mean.error) * np.sqrt(REPLICATES) / float(mean.value)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = copied(Path(folder), "data", "updates")
        base = load(place / "assumptions.toml", as_of="latest")
        found, nothing = timed(lambda: condition(base, daily=False))
        detail = f"{found.result.draws:,} draws, {len(found.surprises)} reports, {found.method}"
        say("conditioning on all reports, from nothing, s", f"{nothing:.0f}", "at most 30", detail)
        spent, simulated = (
            processor(work) for work in (lambda: condition(base, daily=False, seed=1), simulation(place))
        )
        say("  processor time / that of 262,144 draws of the year", f"{spent / simulated:.0f}", "at most 40", "")
        _, path = timed(lambda: condition(base))
        say("what stood in between, for a run and the news, s", f"{path:.0f}", "", "once more, on top")
        _, kept = timed(lambda: condition(base))
        say("the same inputs again, s", f"{kept:.2f}", "at once", "")
        edited = load(place / "assumptions.toml", sets=[EDIT], as_of="latest")
        after, edit = timed(lambda: condition(edited, start=found))
        say(
            "after one edit, from the posterior that is there / nothing",
            f"{edit / nothing:.2f}",
            "at most 0.25",
            f"{edit:.0f} s",
        )
        say("populations apart in the mean of the year, %", f"{100 * apart(found):.2f}", "at most 1.2", "")
        say("  after the edit, %", f"{100 * apart(after):.2f}", "at most 1.2", EDIT)
        for guard in found.guards:
            print(f"  {guard}")
    program = "import model; model.condition(model.load(as_of='latest'), fresh=True, draws=16_384)"
    say(
        "memory of conditioning, workers included, GB",
        f"{peak_of([sys.executable, '-c', program]):.2f}",
        "at most 2",
        "",
    )


if __name__ == "__main__":
    main()
