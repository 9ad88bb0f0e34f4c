"""Known answers of conditioning, views and scores, computed through the public interface; `known_answers` has the table of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import special

from model.assumptions.load import from_dict
from model.evaluation.scorecard import jeffreys
from model.evaluation.scores import crps, wis
from model.inference.condition import condition
from model.inference.posterior import Posterior
from model.inference.views import pool, views_of
from model.simulation.measures import Measure
from model.simulation.observation import Observation
from model.simulation.sampling.draws import Draws
from model.simulation.simulate import simulate

NEEDS = {"views": "entropy_pooling", "scores": "scoringrules"}  # cases that need a package of an extra
DRAWS = 16_384
YEAR = "2026"
DAY = dt.date(2027, 1, 1)
Outcomes = Callable[[Draws], Mapping[str, np.ndarray]]


def _seen(outcome: str, kind: str, value: float, error: float) -> Observation:
    return Observation(outcome, YEAR, kind, value, error, "1", "s", DAY, "-", absolute=True)


def _given(
    entries: Mapping[str, Mapping[str, float]], outcomes: Outcomes, reports: Sequence[Observation], seed: int
) -> Posterior:
    """A function of independent assumptions conditioned on reports; the target is the outcome `y`."""
    a = from_dict(entries)
    a = a.replace(target=a.target.model_copy(update={"outcome": "y", "period": YEAR}))
    return condition(a, outcomes, reports, draws=DRAWS, seed=seed)


def _evidence(found: Posterior, more: float = 0.0) -> Measure:
    """Log evidence, and a constant on top; no number where its guard failed."""
    held = found.log_evidence
    return Measure(np.nan, np.nan) if held is None else Measure(float(held.value) + more, held.error)


def _moments(found: Posterior, outcome: str) -> tuple[Measure, Measure]:
    return found.result.mean(outcome, YEAR), found.result.sd(outcome, YEAR)


def _normals(count: int) -> dict[str, dict[str, float]]:
    return {f"x{n}": {"mean": 0.0, "sd": 1.0} for n in range(1, count + 1)}


def linear_gaussian(seed: int) -> dict[str, Measure]:
    """Six normals whose sum is reported as 4 with an error of 1."""

    def outcomes(d: Draws) -> dict[str, np.ndarray]:
        return {"y": np.sum([d[f"x{n}"] for n in range(1, 7)], axis=0)}

    found = _given(_normals(6), outcomes, [_seen("y", "exact", 4.0, 1.0)], seed)
    mean, sd = _moments(found, "y")
    return {"mean": mean, "sd": sd, "log evidence": _evidence(found)}


def tail_of_a_sum(seed: int) -> dict[str, Measure]:
    """Ten normals, the first three of which sum to -6; an error of 0.02 stands for none."""

    def outcomes(d: Draws) -> dict[str, np.ndarray]:
        x = [d[f"x{n}"] for n in range(1, 11)]
        return {"y": np.sum(x, axis=0), "three": np.sum(x[:3], axis=0), "one": x[0]}

    found = _given(_normals(10), outcomes, [_seen("three", "exact", -6.0, 0.02)], seed)
    (mean, sd), (one, apart) = _moments(found, "y"), _moments(found, "one")
    return {
        "mean of all": mean, "sd of all": sd, "mean of one of three": one, "sd of one of three": apart,
        "log density": _evidence(found),
    }  # fmt: skip


def floors_and_total(seed: int) -> dict[str, Measure]:
    """Three normals, each at least 1, that sum to 6; errors of 0.02 stand for none."""

    def outcomes(d: Draws) -> dict[str, np.ndarray]:
        x = {f"x{n}": d[f"x{n}"] for n in (1, 2, 3)}
        return {"y": np.sum(list(x.values()), axis=0), **x}

    floors = [_seen(f"x{n}", "at_least", 1.0, 0.02) for n in (1, 2, 3)]
    found = _given(_normals(3), outcomes, [*floors, _seen("y", "exact", 6.0, 0.02)], seed)
    mean, sd = _moments(found, "x1")
    return {"mean of one": mean, "sd of one": sd, "log density": _evidence(found)}


def _likely(log_likelihood: np.ndarray, most: float) -> np.ndarray:
    """An outcome whose report of 0 with an error of 1 has this likelihood: its square halved is what is missing to the most."""
    return np.sqrt(np.maximum(2.0 * (most - log_likelihood), 0.0))


def beta_bernoulli(seed: int) -> dict[str, Measure]:
    """Fifty successes of a hundred, under two priors of their chance."""
    most, said = 100 * np.log(0.5), {}
    for name, shape in (("Beta(1 1)", 1.0), ("Beta(20 20)", 20.0)):

        def outcomes(d: Draws) -> dict[str, np.ndarray]:
            p = d["p"]
            return {"y": _likely(special.xlogy(50.0, p) + special.xlog1py(50.0, -p), most)}

        report = _seen("y", "exact", 0.0, 1.0)
        found = _given({"p": {"alpha": shape, "beta": shape}}, outcomes, [report], seed)
        said[name] = _evidence(found, most - report.log_constant)
    first, second = said.values()
    both = Measure(float(second.value) - float(first.value), float(np.hypot(first.error, second.error)))
    return {
        **{f"log evidence of {name}": measure for name, measure in said.items()},
        "log Bayes factor": both,
    }


def two_modes(seed: int) -> dict[str, Measure]:
    """Nine tenths of a likelihood at -1/2 in four dimensions, one tenth at +1/2, each with a spread of 0.1; a flat prior on (-2, 2)."""
    most = np.log(0.9) - 4 * np.log(0.1 * np.sqrt(2 * np.pi))

    def outcomes(d: Draws) -> dict[str, np.ndarray]:
        x = np.stack([d[f"x{n}"] for n in (1, 2, 3, 4)])
        at = [-0.5 * (((x - centre) / 0.1) ** 2).sum(axis=0) for centre in (-0.5, 0.5)]
        mixed = np.logaddexp(np.log(0.9) + at[0], np.log(0.1) + at[1]) - 4 * np.log(0.1 * np.sqrt(2 * np.pi))
        return {"y": _likely(mixed, most), "small": (x[0] > 0).astype(float), "away": np.abs(x[0])}

    report = _seen("y", "exact", 0.0, 1.0)
    found = _given({f"x{n}": {"low": -2.0, "high": 2.0} for n in (1, 2, 3, 4)}, outcomes, [report], seed)
    return {
        "mass of the small mode": _moments(found, "small")[0],
        "mean distance": _moments(found, "away")[0],
        "log evidence": _evidence(found, most - report.log_constant),
    }


def views(seed: int) -> dict[str, Measure]:
    """A standard normal whose mean is to be 0.5, and an event of chance 0.4 whose chance is to be 0.3."""
    found: dict[str, Measure] = {}
    normal, flat = from_dict({"x": {"mean": 0.0, "sd": 1.0}}), from_dict({"x": {"low": 0.0, "high": 1.0}})
    for name, a, said in (("mean of 0.5", normal, "y:mean=0.5"), ("event at 0.3", flat, "y>=0.6=30%")):
        made = simulate(a, lambda d: {"y": d["x"]}, draws=1 << 18, seed=seed)
        viewed = pool(made, views_of([said], a, made.business))
        found |= {f"{name}: relative entropy": viewed.entropy, f"{name}: effective share": viewed.effective}
        if said.startswith("y:"):
            found[f"{name}: sd"] = viewed.result.sd("y")
    return found


def of_scores(_: int) -> dict[str, Measure]:
    """Scores of forecasts that others have scored too, and intervals of coverage."""
    five, fifth = (0.1, 0.25, 0.5, 0.75, 0.9), "WIS of five quantiles at"
    found = {
        f"{fifth} {y:g}": wis(np.array(levels, float), y, five).total
        for y, levels in ((1.0, (-1, 0, 1, 2, 3)), (-15.0, (-2, 1, 2, 2, 4)), (22.0, (-2, 0, 3, 3, 4)))
    }
    ten = (
        1.7812118,
        0.5863797,
        0.7038174,
        -0.7743998,
        -0.2751647,
        1.1863249,
        1.2990966,
        -0.3242982,
        -0.5968781,
        0.9064937,
    )
    found["CRPS of ten draws at -0.6042506"] = crps(np.array(ten), -0.6042506)
    for k, n in ((10, 13), (17, 24), (20, 24)):
        low, high = jeffreys(k, n)
        found |= {f"coverage {k} of {n}: from": low, f"coverage {k} of {n}: to": high}
    return {name: Measure(float(value), 0.0) for name, value in found.items()}
