"""Where a chance costs less by preintegration than by counting: time for the same error, in a run of its own and in a sweep.

    python -m benchmarks.chance

The variance of one draw is that of the estimates of 40 seeds times the draws. `counted` keeps the outcome alone; `in a run` says what it
costs to count where the draws are there anyway, which is nothing up to the run's own error; a point of a sweep counts on draws that are kept,
with one assumption moved, where preintegration would search anew.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np

from benchmarks import ROOT
from benchmarks.__main__ import seconds
from model import load, simulate
from model.assumptions.distributions.base import Fixed
from model.simulation.defaults import DRAWS
from model.simulation.metric import Metric, metric
from model.simulation.preintegration import chance
from model.studies.sources import Prior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI

SEEDS = 40
CHANCES = (
    "ev.deliveries>=450_000", "chance", "ev.deliveries>=650_000", "ev.deliveries>=750_000", "ev.operating_result>=0",
    "ev.gross_margin>=0.25", "group.revenue>=500",
)  # fmt: skip
MOVED = ("ev.lines.yu7.orders", "ev.plants.phase3.start")


def spread(made: Callable[[int], float], draws: int) -> float:
    """Variance of one draw: that of estimates by seed, times the draws."""
    return draws * float(np.var([made(seed) for seed in range(SEEDS)], ddof=1))


def time_a_draw(work: Callable[[int], object], sizes: tuple[int, int] = (DRAWS, 4 * DRAWS)) -> float:
    """Microseconds a draw, without what a call costs anyway."""
    few, many = (statistics.median(seconds(lambda n=size: work(n)) for _ in range(5)) for size in sizes)
    return 1e6 * (many - few) / (sizes[1] - sizes[0])


def main() -> None:
    base = load(ROOT / "assumptions.toml", as_of="base")
    study = Study(base, Prior(XIAOMI))
    print("                           chance   variance of a draw    us a draw        time for the same error")
    print("                                  counted  smoothed  counted smoothed  counted / smoothed")
    for name in CHANCES:
        what = metric(name, base, XIAOMI)

        def counted(seed: int, n: int = DRAWS, what: Metric = what) -> float:
            return float(simulate(base, XIAOMI, draws=n, seed=seed, outcomes=[what.outcome]).measure(what).value)

        def smoothed(seed: int, n: int = DRAWS // 2, what: Metric = what) -> float:
            return float(chance(base, XIAOMI, what, draws=n, seed=seed).value)

        variances = spread(counted, DRAWS), spread(smoothed, DRAWS // 2)
        times = time_a_draw(lambda n, f=counted: f(1, n)), time_a_draw(lambda n, f=smoothed: f(1, n))
        gain = variances[0] * times[0] / (variances[1] * times[1])
        print(
            f"{name:<25} {100 * smoothed(1):7.3f}% {variances[0]:8.5f} {variances[1]:9.5f} {times[0]:8.2f} {times[1]:8.2f} {gain:13.1f}"
        )
        study.rows([what])
        for path in MOVED:
            point = {path: Fixed(float(np.median(study.draws(path))))}
            taken = statistics.median(seconds(lambda w=what, p=point: study.estimates([w], p)) for _ in range(9))
            point_cost = variances[0] * 1e6 * taken / DRAWS
            print(
                f"    a point of a sweep of {path:<32} {1e6 * taken / DRAWS:8.2f} {point_cost / (variances[1] * times[1]):22.1f}"
            )


if __name__ == "__main__":
    main()
