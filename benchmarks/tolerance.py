"""Stopping at a tolerance: how often what is stated holds, and the draws that it took over those that would have done.

    python -m benchmarks.tolerance

Of each case 500 seeds. What would have done, in hindsight: the least number of draws (8,192, doubled) at which the estimates of 95% of the
seeds lie within the tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats

from benchmarks import ROOT
from model import from_dict, load, simulate
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.simulation.preintegration import chance
from model.simulation.sampling import digital_net
from model.simulation.tolerance import FLOOR, Tolerance, within
from model.xiaomi.business import XIAOMI
from model.xiaomi.ev_volume import volume

SEEDS, LARGEST = 500, 131_072
STANDARD = {"mean": 0.0, "sd": 1.0}


class Case(NamedTuple):
    """A measure whose truth is known."""

    name: str
    assumptions: Any
    function: Any
    what: Metric
    truth: float
    tolerance: str
    smoothed: bool = False  # by preintegration


def keister(d: int) -> tuple[Any, Callable[[Any], dict[str, np.ndarray]]]:
    """Keister's integral (1996): pi^(d/2) E cos |x| of normals of variance 1/2."""
    names = [f"x{n}" for n in range(d)]
    a = from_dict({name: {"mean": 0.0, "sd": 0.5**0.5} for name in names})
    return a, lambda draws: {"z": np.pi ** (d / 2) * np.cos(np.sqrt(sum(draws[name] ** 2 for name in names)))}


def of_normals(d: int, of_sum: Callable[[Any], Any]) -> tuple[Any, Callable[[Any], dict[str, np.ndarray]]]:
    """A function of the sum of standard normals, over the root of their number."""
    names = [f"x{n}" for n in range(d)]
    return from_dict(dict.fromkeys(names, STANDARD)), lambda draws: {
        "z": of_sum(sum(draws[name] for name in names) / d**0.5)
    }


def chi(d: int) -> tuple[Any, Callable[[Any], dict[str, np.ndarray]]]:
    """The sum of squares of normals about 1: noncentral chi squared, of d degrees of freedom and noncentrality d."""
    names = [f"x{n}" for n in range(d)]
    return from_dict(dict.fromkeys(names, STANDARD)), lambda draws: {"z": sum((draws[name] + 1) ** 2 for name in names)}


def known() -> list[Case]:
    """Cases with a known answer."""
    mean = Metric("z")
    reaches, beyond = (Metric("z", None, "chance", n, "1") for n in (1.0, 14.0))
    return [
        Case("Keister, d = 1", *keister(1), mean, 1.3803884470, "0.0003"),
        Case("Keister, d = 2", *keister(2), mean, 1.8081864293, "0.002"),
        Case("chance, 2 inputs", *of_normals(2, lambda s: s), reaches, float(special.ndtr(-1.0)), "0.3pp"),
        Case("chance, 20 inputs", *of_normals(20, lambda s: s), reaches, float(special.ndtr(-1.0)), "0.5pp"),
        Case("noncentral chi sq., smoothed", *chi(5), beyond, float(stats.ncx2.sf(14.0, 5, 5)), "0.1pp", smoothed=True),
        Case("lognormal mean, 20 inputs", *of_normals(20, lambda s: np.exp(1.1 * s)), mean, float(np.exp(0.605)), "1%"),
    ]


def of_the_model() -> list[Case]:
    """P(target) and mean deliveries of the base case; their truth is the mean over all seeds at the most draws."""
    base, business = load(ROOT / "assumptions.toml", as_of="base"), replace(XIAOMI, function=volume)
    likely, far = (Metric(base.target.outcome, None, "chance", n, "vehicle") for n in (base.target.value, 750_000.0))
    mean = Metric(base.target.outcome, None, "mean", outcome_unit="vehicle")
    return [
        Case("P(550,000)", base, business, likely, np.nan, "0.3pp"),
        Case("mean deliveries", base, business, mean, np.nan, "0.03%"),
        Case("P(550,000), smoothed", base, business, likely, np.nan, "0.1pp", smoothed=True),
        Case("P(750,000), smoothed", base, business, far, np.nan, "0.02pp", smoothed=True),
    ]


def counted(case: Case, seed: int, sizes: Sequence[int]) -> dict[int, Measure]:
    """The measure of the first draws of one run."""
    values = simulate(case.assumptions, case.function, draws=sizes[-1], seed=seed).values(case.what.outcome)
    return {n: case.what.of(values[:n], digital_net.replicate_of(n)) for n in sizes}


def smoothed(case: Case, seed: int, sizes: Sequence[int]) -> dict[int, Measure]:
    """The chance by preintegration."""
    return {n: chance(case.assumptions, case.function, case.what, draws=n, seed=seed) for n in sizes}


def held(case: Case, seeds: int = SEEDS, largest: int = LARGEST) -> tuple[float, float, int]:
    """(share of seeds in which the tolerance holds, mean of the draws taken over those that would have done, these)."""
    sizes = [FLOOR << k for k in range((largest // FLOOR).bit_length())]
    tolerance, found, taken = Tolerance.named(case.tolerance), [], []
    for seed in range(1, seeds + 1):
        made = smoothed(case, seed, sizes) if case.smoothed else counted(case, seed, sizes)
        found.append([made[n].value for n in sizes])
        met = within(tolerance, lambda n: (None, [(made[n], case.what.unit)]), most=largest)  # noqa: B023
        taken.append(met.draws)
    estimates = np.array(found)
    truth = float(estimates[:, -1].mean()) if np.isnan(case.truth) else case.truth
    allowed = tolerance.size * (abs(truth) if tolerance.kind == "%" else 1.0)
    near = np.abs(estimates - truth) <= allowed
    would_do = next((n for n, share in zip(sizes, near.mean(axis=0), strict=True) if share >= 0.95), largest)
    at = [sizes.index(n) for n in taken]
    return float(near[np.arange(seeds), at].mean()), float(np.mean(taken) / would_do), would_do


def main() -> None:
    """A row a case."""
    print(
        f"{'':<28} {'tolerance':>10} {'holds':>7} {'asked':>6} {'draws / hindsight':>18} {'asked':>6} {'hindsight':>10}"
    )
    for case in [*known(), *of_the_model()]:
        holds, ratio, enough = held(case)
        print(f"{case.name:<28} {case.tolerance:>10} {holds:>7.1%} {'93%':>6} {ratio:>18.2f} {'1.5':>6} {enough:>10,}")


if __name__ == "__main__":
    main()
