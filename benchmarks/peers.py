"""The chance of the target and the mean of deliveries, to a given error: this model's sampler against what else there is.

    python -m benchmarks.peers

Everywhere the same model: the drivers of `model.xiaomi.ev_volume.volume`, the margins and the copula of the base case, as one
function of 95 independent standard normal scores. Each library draws those scores in its own way and calls the
function in its own way: on arrays where it can, draw by draw where it must.

Each way runs in a process of its own, so that none profits from what another left: memory that malloc keeps above all,
which the script's second row shows. The error is the spread over repeats with other seeds, at three sizes. From these, for plain random draws by
the square root of their number and otherwise along a line through the logarithms, comes the number of draws at which it
meets the bound, and from the seconds at these sizes the time for so many. Repeats drawn anew give each ratio its interval; where that
is wide, the row says that it cannot be read.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
from scipy import special

from benchmarks import ROOT
from model import load
from model.simulation.preintegration import chance
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given, Random
from model.simulation.simulate import keep_memory, simulate
from model.xiaomi.business import XIAOMI
from model.xiaomi.ev_volume import volume

BASE = load(ROOT / "assumptions.toml", as_of="base")
VOLUME = replace(XIAOMI, function=volume)
TARGET = BASE.target.value
CHANCE_ERROR, MEAN_ERROR = 0.001, 0.0005  # 0.1 percentage points; 0.05% of the mean
REPEATS = 48
BLOCK = 8192  # draws at a time, where a script chooses: about the quickest
SIZES = (4096, 8192, 16_384)
RESAMPLED = 400  # times that repeats are drawn anew
READABLE = 3.0  # highest over lowest end of an interval that says something


def _names() -> list[str]:
    latents = Random(1, np.random.default_rng(1))
    volume(Draws(BASE, latents))
    return list(latents.rows)


NAMES = _names()
Scores = np.ndarray  # (score, draw), independent standard normal


def deliveries(scores: Scores) -> np.ndarray:
    """The model as a function: scores (score, draw) -> vehicles of the year (draw,)."""
    return volume(Draws(BASE, Given(dict(zip(NAMES, scores, strict=True)), 0, scores.shape[1])))["ev.deliveries"][-1]


def in_blocks(scores: Scores) -> np.ndarray:
    """The same, a block at a time, which is quicker."""
    return np.concatenate([deliveries(scores[:, n : n + BLOCK]) for n in range(0, scores.shape[1], BLOCK)])


Estimate = Callable[[int, int], tuple[float, float]]  # draws, seed -> chance, mean (nan where it gives none)


def both(values: np.ndarray) -> tuple[float, float]:
    return float((values >= TARGET).mean()), float(values.mean())


def numpy_script(draws: int, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    blocks = [
        volume(Draws(BASE, Random(min(BLOCK, draws - n), rng)))["ev.deliveries"][-1] for n in range(0, draws, BLOCK)
    ]
    return both(np.concatenate(blocks))


def numpy_script_kept(draws: int, seed: int) -> tuple[float, float]:
    keep_memory()
    return numpy_script(draws, seed)


def openturns_random(draws: int, seed: int) -> tuple[float, float]:
    import openturns as ot

    ot.RandomGenerator.SetSeed(seed)
    joint = ot.JointDistribution([ot.Normal(0.0, 1.0)] * len(NAMES))
    return both(in_blocks(np.asarray(joint.getSample(draws)).T))


def openturns_sobol(draws: int, seed: int) -> tuple[float, float]:
    import openturns as ot

    ot.RandomGenerator.SetSeed(seed)
    joint = ot.JointDistribution([ot.Normal(0.0, 1.0)] * len(NAMES))
    plan = ot.LowDiscrepancyExperiment(ot.SobolSequence(), joint, draws, True)
    plan.setRandomize(True)
    return both(in_blocks(np.asarray(plan.generate()).T))


def chaospy_random(draws: int, seed: int) -> tuple[float, float]:
    import chaospy

    np.random.seed(seed)  # noqa: NPY002  the library draws from it
    joint = chaospy.J(*[chaospy.Normal(0, 1) for _ in NAMES])
    return both(in_blocks(joint.sample(draws, rule="random")))


def squigglepy_random(draws: int, seed: int) -> tuple[float, float]:
    import squigglepy as sq

    sq.set_seed(seed)
    return both(in_blocks(np.stack([sq.sample(sq.norm(mean=0, sd=1), draws) for _ in NAMES])))


def probabilit_by(method: str | None) -> Estimate:
    def estimate(draws: int, seed: int) -> tuple[float, float]:
        from probabilit.modeling import Distribution

        nodes = [Distribution("norm") for _ in NAMES]
        sum(nodes[1:], nodes[0]).sample(draws, random_state=seed, method=method)
        return both(in_blocks(np.stack([node.samples_ for node in nodes])))

    return estimate


def monaco_by_case(draws: int, seed: int) -> tuple[float, float]:
    import monaco
    from scipy import stats

    steps = {
        "preprocess": lambda case: tuple(case.invals[name].val for name in names),
        "run": lambda *scores: (float(deliveries(np.array(scores)[:, None])[0]),),
        "postprocess": lambda case, value: case.addOutVal("deliveries", value),
    }
    names = [f"x{n}" for n in range(len(NAMES))]
    sim = monaco.Sim("deliveries", ndraws=draws, fcns=steps, seed=seed, verbose=False)
    for name in names:
        sim.addInVar(name=name, dist=stats.norm, distkwargs={"loc": 0, "scale": 1})
    sim.runSim()
    return both(np.array(sim.outvars["deliveries"].nums))


def ema_by_experiment(draws: int, seed: int) -> tuple[float, float]:
    import ema_workbench as ema

    names = [f"x{n}" for n in range(len(NAMES))]

    def function(**shares: float) -> dict[str, float]:
        scores = special.ndtri(np.array([[shares[name]] for name in names]))
        return {"deliveries": float(deliveries(scores)[0])}

    np.random.seed(seed)  # noqa: NPY002  the library draws from it
    model = ema.Model("volume", function=function)
    model.uncertainties = [ema.RealParameter(name, 1e-9, 1 - 1e-9) for name in names]
    model.outcomes = [ema.ScalarOutcome("deliveries")]
    _, outcomes = ema.perform_experiments(model, draws)
    return both(outcomes["deliveries"])


def ours(draws: int, seed: int) -> tuple[float, float]:
    result = simulate(BASE, VOLUME, draws=draws, seed=seed)
    return float(result.chance().value), float(result.mean("ev.deliveries").value)


def ours_smoothed(draws: int, seed: int) -> tuple[float, float]:
    return float(chance(BASE, XIAOMI, draws=draws, seed=seed).value), float("nan")


@dataclass(frozen=True)
class Peer:
    """A way to the two numbers."""

    name: str
    estimate: Estimate
    random: bool  # error falls with the square root of the number of draws
    sizes: tuple[int, ...] = SIZES


PEERS = (
    Peer("numpy script, default_rng", numpy_script, random=True),
    Peer("the same, memory kept", numpy_script_kept, random=True),
    Peer("OpenTURNS, random", openturns_random, random=True),
    Peer("OpenTURNS, randomised Sobol'", openturns_sobol, random=False),
    Peer("chaospy, random", chaospy_random, random=True),
    Peer("squigglepy", squigglepy_random, random=True),
    Peer("probabilit, random", probabilit_by(None), random=True),
    Peer("probabilit, Latin hypercube", probabilit_by("lhs"), random=False),
    Peer("probabilit, Sobol'", probabilit_by("sobol"), random=False),
    Peer("monaco, draw by draw", monaco_by_case, random=True, sizes=(128,)),
    Peer("EMA Workbench, draw by draw", ema_by_experiment, random=True, sizes=(128,)),
    Peer("this model: simulate", ours, random=False, sizes=(8192, 16_384, 32_768)),
    Peer("this model: smoothed chance", ours_smoothed, random=False, sizes=(8192, 16_384, 32_768)),
)


@dataclass(frozen=True)
class Seconds:
    """Seconds to a bound, and what they are when the repeats are drawn anew (`RESAMPLED` times)."""

    value: float
    again: np.ndarray

    def against(self, other: Seconds) -> tuple[float, float, float]:
        """How many times as long the other takes, and the interval of 90% for that."""
        low, high = np.quantile(other.again / self.again, (0.05, 0.95))
        return other.value / self.value, float(low), float(high)


@dataclass(frozen=True)
class Measured:
    """What a peer needs."""

    microseconds: float  # a draw, at the largest size
    chance: Seconds
    mean: Seconds


def measure(name: str, spread: tuple[float, float], mean: float) -> Measured:
    """Repeats at each size, each with points of its own: no seed is used at two sizes.

    spread : standard deviation of one draw's hit and of its deliveries, for random draws; mean : of deliveries, vehicles
    """
    warnings.simplefilter("ignore")
    peer = next(peer for peer in PEERS if peer.name == name)
    peer.estimate(peer.sizes[0], 0)
    repeats = REPEATS if len(peer.sizes) > 1 else 3
    seconds, found = [], []
    for place, size in enumerate(peer.sizes):
        took, each = [], []
        for repeat in range(1, repeats + 1):
            started = time.perf_counter()
            each.append(peer.estimate(size, 1000 * (place + 1) + repeat))
            took.append(time.perf_counter() - started)
        seconds.append(float(np.median(took)))
        found.append(np.array(each))
    slope = np.polyfit(peer.sizes, seconds, 1) if len(seconds) > 1 else np.array([seconds[0] / peer.sizes[0], 0.0])
    rng = np.random.default_rng(0)
    needed = []
    for n, bound in enumerate((CHANCE_ERROR, MEAN_ERROR * mean)):

        def to_bound(chosen: Sequence[np.ndarray], n: int = n, bound: float = bound) -> float:
            if peer.random:
                draws = (spread[n] / bound) ** 2
            else:
                errors = [float(np.std(values[:, n], ddof=1)) for values in chosen]
                if not np.isfinite(errors).all():
                    return float("nan")
                rate, start = np.polyfit(np.log(peer.sizes), np.log(errors), 1)
                draws = float(np.exp((np.log(bound) - start) / min(rate, -0.5)))
            return max(float(np.polyval(slope, draws)), float(np.polyval(slope, 2048)))

        again = [to_bound([v[rng.integers(0, repeats, repeats)] for v in found]) for _ in range(RESAMPLED)]
        needed.append(Seconds(to_bound(found), np.array(again)))
    return Measured(1e6 * seconds[-1] / peer.sizes[-1], *needed)


def said(ratio: tuple[float, float, float]) -> str:
    """A ratio with its interval; that it cannot be read where that spans more than a factor of `READABLE`."""
    value, low, high = ratio
    if not np.isfinite(value):
        return ""
    return (
        f"{value:.2f} ({low:.2f} to {high:.2f})" if high <= READABLE * low else f"not readable: {low:.1f} to {high:.1f}"
    )


def main() -> None:
    """One table, the quickest last; then who is ahead of this model, and by how much."""
    values = np.concatenate(
        [deliveries(np.random.default_rng(s).standard_normal((len(NAMES), BLOCK))) for s in range(16)]
    )
    spread, mean = (float((values >= TARGET).std()), float(values.std())), float(values.mean())
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as alone:
        found = {peer.name: alone.submit(measure, peer.name, spread, mean).result() for peer in PEERS}
    base = found[PEERS[0].name]
    print(
        f"The same model of {len(NAMES)} random numbers; error 0.1 pp on P(target), 0.05% on mean deliveries; intervals of 90%"
    )
    print(f"{'':<30} {'us a draw':>10} {'s to P':>9} {'numpy / it':>24} {'s to mean':>10} {'numpy / it':>24}")
    for name, m in found.items():
        cells = (
            f"{m.chance.value:9.3f} {said(m.chance.against(base.chance)):>24}",
            f"{m.mean.value:10.3f} {said(m.mean.against(base.mean)):>24}",
        )
        print(f"{name:<30} {m.microseconds:10.2f} {cells[0]} {cells[1] if np.isfinite(m.mean.value) else ''}".rstrip())
    for what, own in (("chance", PEERS[-1].name), ("mean", PEERS[-2].name)):
        mine: Seconds = getattr(found[own], what)
        ahead = {name: getattr(m, what).against(mine) for name, m in found.items() if not name.startswith("this model")}
        known = [f"{name} {said(ratio)}" for name, ratio in ahead.items() if ratio[1] > 1]
        print(f"Ahead of {own} in the {what}: {'; '.join(known) or 'none beyond its interval'}")


if __name__ == "__main__":
    main()
