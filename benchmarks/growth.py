"""How the cost grows with draws, assumptions, months and sweep points: a table, and docs/growth.png.

python -m benchmarks.growth
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks import ROOT
from model import from_dict, load, simulate
from model.assumptions.assumption import Assumptions
from model.assumptions.distributions.base import Fixed
from model.simulation.defaults import DRAWS
from model.simulation.metric import metric
from model.simulation.sampling.draws import Draws
from model.studies.evaluate import evaluate
from model.studies.sources import Prior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI

REPEATS = 5
NAVY, GREY = "#12436d", "#3d3d3d"


def seconds(work: Callable[[], object]) -> float:
    """Median of some repeats; the first warms up."""
    took = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return float(np.median(took[1:]))


def sum_of(assumptions: int, months: int) -> tuple[Assumptions, Callable[[Draws], dict[str, np.ndarray]]]:
    """A model of so many assumptions and months: each month the sum of all, with noise."""
    names = [f"x{n}" for n in range(assumptions)]
    a = from_dict({name: {"p10": 1, "p50": 2, "p90": 4} for name in names})

    def function(draws: Draws) -> dict[str, np.ndarray]:
        total = np.zeros(draws.size)
        for name in names:
            total = total + draws[name]
        return {"y": total * (1 + 0.01 * draws.shock("noise", months))}

    return a, function


def measured() -> dict[str, tuple[Sequence[int], list[float]]]:
    """Seconds at each size, by what grows."""
    base = load(ROOT / "assumptions.toml", as_of="base")
    what = metric("chance", base, XIAOMI)
    study = Study(base, Prior(XIAOMI))
    study.rows([what])

    def points(count: int) -> object:
        return evaluate(study, [what], [{"ev.lines.yu7.orders": Fixed(12_000.0 + 10 * n)} for n in range(count)])

    draws = (8192, 16_384, 32_768, 65_536, 131_072, 262_144)
    return {
        "draws (base case)": (draws, [seconds(lambda n=n: simulate(base, draws=n)) for n in draws]),
        "assumptions (sum, 12 months)": (
            (25, 50, 100, 200, 400), [seconds(lambda n=n: simulate(*sum_of(n, 12), draws=DRAWS)) for n in (25, 50, 100, 200, 400)],
        ),
        "months (sum of 50)": (
            (12, 24, 48, 96, 192), [seconds(lambda n=n: simulate(*sum_of(50, n), draws=DRAWS)) for n in (12, 24, 48, 96, 192)],
        ),
        "sweep points (chance)": ((4, 8, 16, 32, 64), [seconds(lambda n=n: points(n)) for n in (4, 8, 16, 32, 64)]),
    }  # fmt: skip


def draw(found: dict[str, tuple[Sequence[int], list[float]]], path: Path) -> None:
    """A panel each, both scales logarithmic; the dotted line grows in proportion."""
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(6.27, 2.3), dpi=200)
        for n, (name, (sizes, took)) in enumerate(found.items()):
            ax = figure.add_axes((0.07 + 0.242 * n, 0.25, 0.15, 0.49))
            ax.loglog(sizes, took, "o-", color=NAVY, markersize=3)
            ax.loglog(sizes, [took[-1] * size / sizes[-1] for size in sizes], ":", color=GREY)
            ax.set_xlabel(name.replace(" (", "\n("), color=GREY)
            ax.set_xticks([sizes[0], sizes[-1]], [f"{sizes[0]:,}", f"{sizes[-1]:,}"])
            ax.minorticks_off()
            low, high = min(took), max(took)
            ax.set_yticks([low, high], [f"{low:.1g}", f"{high:.1g}"])
        figure.text(
            0.012,
            0.93,
            "Seconds grow in proportion to the work, and less while it is small",
            fontweight="bold",
            fontsize=9.5,
        )
        figure.text(0.012, 0.84, "Seconds on one set of draws; dotted: in proportion to the largest", color=GREY)
        figure.savefig(path, metadata={"Software": None})


def main() -> None:
    found = measured()
    print(f"{'what grows':<32} " + "size: seconds")
    for name, (sizes, took) in found.items():
        rate = np.polyfit(np.log(sizes), np.log(took), 1)[0]
        print(
            f"{name:<32} "
            + "  ".join(f"{s:,}: {t:.3f}" for s, t in zip(sizes, took, strict=True))
            + f"   power {rate:.2f}"
        )
    draw(found, ROOT / "docs" / "growth.png")


if __name__ == "__main__":
    main()
