"""Measure what the design promises and print it beside the bound.

Each ratio is taken in one run, on the same machine, its two sides in turn; the median of the pairs counts.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import psutil

from benchmarks import ROOT, copied
from model import load, simulate
from model.assumptions.distributions.base import Fixed
from model.simulation.defaults import DRAWS
from model.simulation.metric import metric
from model.simulation.parallel import Workers
from model.simulation.sampling import digital_net as points
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Net
from model.studies.evaluate import evaluate
from model.studies.sources import Prior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI

BARE = [sys.executable, "-c", "import numpy, scipy.special, pandas"]
PAIRS = 9
POINTS = {"chance": 1000, "ev.gross_margin": 200}  # enough that starting a worker does not count


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ratio(ours: Callable[[], object], theirs: Callable[[], object], pairs: int = PAIRS) -> tuple[float, float, float]:
    """(median ratio, median seconds of ours, of theirs), the two in turn; the first pair warms up."""
    both = [(seconds(ours), seconds(theirs)) for _ in range(pairs + 1)][1:]
    return (
        statistics.median(a / b for a, b in both),
        statistics.median(a for a, _ in both),
        statistics.median(b for _, b in both),
    )


def numbers_per_draw() -> int:
    """Random numbers of one draw: uncertain assumptions and shocks."""
    base = load(ROOT / "assumptions.toml", as_of="base")
    uncertain = sum(entry.distribution.uncertain for entry in base.entries.values())
    counted: list[int] = []

    class Counting(Draws):
        def shock(self, path: str, periods: int) -> np.ndarray:
            counted.append(periods)
            return super().shock(path, periods)

    XIAOMI.function(Counting(base, Net(0, 0, points.CHUNK)))
    return uncertain + sum(counted)


def say(what: str, value: str, bound: str, detail: str) -> None:
    print(f"{what:<58} {value:>9}   {bound:<14} {detail}")


def judged(
    what: str, value: float, most: float, detail: str = "", *, least: float | None = None, form: str = ".2f"
) -> None:
    """A figure beside its bounds, and whether it keeps them."""
    bound = f"at most {most:g}" if least is None else f"{least:g} to {most:g}"
    kept = value <= most and (least is None or value >= least)
    say(what, f"{value:{form}}", bound, "; ".join(filter(None, ["pass" if kept else "falls short", detail])))


def speed_of_simulate() -> None:
    base, size = load(ROOT / "assumptions.toml", as_of="base"), numbers_per_draw()
    rng = np.random.default_rng(1)
    for draws in (DRAWS, 8 * DRAWS):
        got, ours, theirs = ratio(
            lambda n=draws: simulate(base, draws=n), lambda n=draws: rng.standard_normal((size, n))
        )
        say(
            f"simulate / standard_normal, {draws:,} draws",
            f"{got:.2f}",
            "at most 1.6",
            f"{size} numbers a draw; {ours:.3f} s, {theirs:.3f} s",
        )


def speed_of_run() -> None:
    with tempfile.TemporaryDirectory() as out:
        for figures, bound in ((["--no-figures"], 1.8), ([], 6)):
            command = [sys.executable, "-m", "model", "run", *figures, "--out", out]
            got, ours, theirs = ratio(lambda c=command: call(c), lambda: call(BARE), 5)
            what = "model run " + " ".join(figures) + " / bare import of numpy, scipy.special, pandas"
            say(what, f"{got:.2f}", f"at most {bound}", f"{ours:.2f} s, {theirs:.2f} s")


def call(command: list[str], folder: Path = ROOT) -> None:
    """A command as a user has it: with its bytecode kept, as that of the libraries is."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=env)


def memory() -> None:
    """Peak of a process that simulates a million draws and makes the long table."""
    code = "import model, resource; r = model.simulate(model.load(as_of='base'), draws=10**6); list(r.rows()); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    peak = int(done.stdout) / 1024**2
    say("memory of a million draws, table included, GB", f"{peak:.2f}", "under 2", "1,048,576 draws")


def sweeps() -> None:
    """A point of a sweep against a fresh run, two workers against one, and the memory of a large grid."""
    base = load(ROOT / "assumptions.toml", as_of="base")
    for measure, size in POINTS.items():
        what = metric(measure, base, XIAOMI)
        points = [{"ev.lines.yu7.orders": Fixed(12_000.0 + 10 * n)} for n in range(size)]
        study = Study(base, Prior(XIAOMI))
        study.rows([what])
        got, ours, theirs = ratio(lambda w=what, s=study, p=points: s.estimates([w], p[0]), lambda: simulate(base))
        detail = f"{1000 * ours:.0f} ms, {1000 * theirs:.0f} ms"
        say(f"point of a sweep / simulate, {measure}", f"{got:.2f}", "at most 0.5", detail)
        got, ours, theirs = ratio(
            lambda w=what, s=study, p=points: evaluate(s, [w], p, workers=Workers(1)),
            lambda w=what, s=study, p=points: evaluate(s, [w], p, workers=Workers(2)),
            3,
        )
        say(
            f"1 worker / 2 workers, {size:,} points, {measure}",
            f"{got:.2f}",
            "at least 1.8",
            f"{ours:.1f} s, {theirs:.1f} s",
        )
    grid = ["ev.lines.yu7.orders.p50=10_000:30_000:41", "ev.lines.su7_2026.orders.p50=7_500:27_500:41"]
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "model", "sweep", *grid, "--fresh", "--out", out]
        started = time.perf_counter()
        peak = peak_of(command)
        took = time.perf_counter() - started
    say("memory of a 41 x 41 grid, all its processes, GB", f"{peak:.2f}", "under 1", f"{took:.0f} s, figure included")


def peak_of(command: list[str]) -> float:
    """Largest memory of a command and its children together, GB: pages that are shared count once (PSS)."""
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    most = 0.0
    while running.poll() is None:
        try:
            family = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
            most = max(most, sum(p.memory_full_info().pss for p in family))
        except (psutil.Error, OSError):
            pass  # one of them ended meanwhile
        time.sleep(0.2)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)
    return most / 1024**3


def memo() -> None:
    """From a save to the headline against a cold run, the whole memo against a run with figures, the size of the page."""
    with tempfile.TemporaryDirectory() as folder:
        place = copied(Path(folder), "scenarios", "data")
        cold = [seconds(lambda: call([sys.executable, "-m", "model", "run", "--no-figures"], place)) for _ in range(5)]
        warm = saves(place)
        got = statistics.median(warm) / statistics.median(cold)
        detail = f"{statistics.median(warm):.2f} s, {statistics.median(cold):.2f} s"
        say("save to headline in `watch` / model run --no-figures", f"{got:.2f}", "at most 0.5", detail)
        command = [sys.executable, "-m", "model"]
        got, ours, theirs = ratio(
            lambda: call([*command, "memo", "--fresh"], place), lambda: call([*command, "run"], place), 3
        )
        say(
            "memo in four formats / model run with figures",
            f"{got:.2f}",
            "at most 2.5",
            f"{ours:.1f} s, {theirs:.1f} s",
        )
        size = (place / "figures" / "memo" / "memo.html").stat().st_size / 1e6
        say("page of the memo, MB", f"{size:.2f}", "under 1.5", "figures and 32,768 draws in it")


def saves(place: Path, times: int = 7) -> list[float]:
    """Seconds from each of so many saves to the headline."""
    command = [sys.executable, "-u", "-m", "model", "watch", "--figures", "none"]
    watching = subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    found = []
    try:
        for n in range(times):
            wait_for(watching.stdout, "Waiting for the next save")
            time.sleep(0.5)
            text = (ROOT / "assumptions.toml").read_text().replace("= 17_500", f"= {17_600 + 100 * n}", 1)
            started = time.perf_counter()
            (place / "assumptions.toml").write_text(text)
            wait_for(watching.stdout, "Needed from here")
            found.append(time.perf_counter() - started)
    finally:
        watching.kill()
        watching.wait()
    return found


def wait_for(lines: IO[str], words: str) -> None:
    for line in lines:
        if words in line:
            return


def precision() -> None:
    """Variance of plain Monte Carlo over ours at the same number of draws, from the stated errors of 24 seeds."""
    base = load(ROOT / "assumptions.toml", as_of="base")
    gains: dict[str, list[float]] = {}
    for seed in range(1001, 1025):
        r = simulate(base, seed=seed)
        p = r.chance()
        gains.setdefault("chance of the target", []).append(p.error**2 / (p.value * (1 - p.value) / r.draws))
        for name in ("ev.deliveries", "ev.gross_margin", "group.revenue"):
            gains.setdefault(f"mean {name}", []).append(r.mean(name).error ** 2 / (r.values(name).var() / r.draws))
    for name, each in gains.items():
        bound = 3 if "chance" in name else 30
        say(
            f"variance of plain Monte Carlo / ours, {name}",
            f"{1 / np.mean(each):.1f}",
            f"at least {bound}",
            f"{DRAWS:,} draws, 24 seeds",
        )


def main() -> None:
    print(f"Python {sys.version.split()[0]}, numpy {np.__version__}\n")
    speed_of_simulate()
    speed_of_run()
    memory()
    sweeps()
    memo()
    precision()
    print(f"\npeak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GB")


if __name__ == "__main__":
    main()
