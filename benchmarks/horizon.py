"""Five years against one: time and memory of a simulation, and the seconds of a whole run.

python -m benchmarks.horizon
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks import ROOT
from model import load, simulate

PAIRS, DRAWS, FEW = 7, 32_768, 131_072
PEAK = (
    "import resource, model\n"
    "a = model.load('assumptions.toml', to={to!r}, as_of='base')\n"
    "model.simulate(a.replace(years={years}), draws={draws})\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def seconds(years: int, to: str | None) -> float:
    """One simulation of the base case."""
    assumptions = load(ROOT / "assumptions.toml", to=to, as_of="base").replace(years=years)
    started = time.perf_counter()
    simulate(assumptions, draws=DRAWS)
    return time.perf_counter() - started


def peak(years: int, to: str | None, draws: int) -> float:
    """Memory of one in a process of its own, GB."""
    code = PEAK.format(to=to, years=years, draws=draws)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024**2


def main() -> None:
    """Print each ratio beside what was asked."""
    cases = {"the same assumptions": (5, None), "with those of later years": (5, "2030-12")}
    base = peak(1, None, 2048)  # memory first: a child of a large process counts as large
    short = peak(1, None, FEW) - base
    memory = {what: (peak(*case, FEW) - peak(*case, 2048)) / short for what, case in cases.items()}
    for what, case in cases.items():
        pairs = [(seconds(*case), seconds(1, None)) for _ in range(PAIRS + 1)][1:]
        times = statistics.median(long / short for long, short in pairs)
        print(f"60 months over 12, {what}: time {times:.1f} (asked: 4.5), memory {memory[what]:.1f} (asked: 5)")
    with tempfile.TemporaryDirectory() as folder:
        for figures in ((), ("--no-figures",)):
            command = [
                sys.executable,
                "-m",
                "model",
                "run",
                "--to",
                "2030-12",
                "--out",
                f"{folder}/{len(figures)}",
                *figures,
            ]
            started = time.perf_counter()
            subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
            print(f"model run --to 2030-12 {' '.join(figures)}: {time.perf_counter() - started:.1f} s (asked: 10)")


if __name__ == "__main__":
    main()
