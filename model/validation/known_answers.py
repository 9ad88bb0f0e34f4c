"""Reference cases: known answers from theory and the literature, computed through the public interface.

`known_answers.csv` holds what is expected, how many of its digits are published, and who says so; here each case is
computed. A computed number agrees where it does to its published digits and, where it is simulated, to within
`WITHIN` of its own simulation errors. That error must itself be small (`LARGEST_ERROR` of the expected number), so
that no case passes by being vague.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from model.assumptions import copula
from model.assumptions.assumption import Assumptions
from model.assumptions.distributions.families import family
from model.assumptions.distributions.metalog import Metalog
from model.assumptions.load import from_dict
from model.files.table import aligned
from model.simulation import measures
from model.simulation.defaults import DRAWS, SEED
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.simulation.sampling.draws import Draws
from model.simulation.simulate import simulate
from model.studies.sources import Prior
from model.studies.study import Study
from model.studies.variance import variance
from model.validation import known_forecasts
from model.xiaomi import known_answers as business

WITHIN = float(stats.t(7).ppf(0.9995))  # 5.4 standard errors from eight replicates: one right case in a thousand fails
LARGEST_ERROR = 0.02  # simulation error over the expected number, or over 1 where that is smaller

Found = Mapping[str, Measure]


@dataclass(frozen=True)
class Check:
    """One expected number beside the one found."""

    case: str
    quantity: str
    expected: float
    digits: int
    source: str
    found: Measure

    @property
    def allowed(self) -> float:
        """Largest difference that still agrees: half a unit of the last published digit, and the simulation error."""
        return 0.5 * 10.0**-self.digits * 1.001 + WITHIN * float(self.found.error)

    @property
    def holds(self) -> bool:
        """Whether the number found agrees with the one expected, and is sharp enough to say so."""
        vague = self.found.error > LARGEST_ERROR * max(1.0, abs(self.expected))
        return not vague and abs(float(self.found.value) - self.expected) <= self.allowed


def checks(seed: int = SEED) -> Iterator[Check]:
    """Every line of the table with what is found, case by case."""
    known: dict[str, Found] = {}
    for row in table():
        case = row["case"]
        if find_spec(known_forecasts.NEEDS.get(case, "numpy")) is None:
            continue
        if case not in known:
            known[case] = CASES[case](seed)
        found = known[case][row["quantity"]]
        yield Check(case, row["quantity"], float(row["expected"]), int(row["digits"]), row["source"], found)


def table() -> list[dict[str, str]]:
    """The lines of `known_answers.csv`."""
    with Path(__file__).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lines(found: list[Check]) -> list[str]:
    """The table as text, a row a number."""
    rows = [("case", "quantity", "expected", "found", "± error", "")]
    for c in found:
        error = f"{c.found.error:.1e}" if c.found.error else "exact"
        numbers = (_said(c.expected, c.digits), _said(float(c.found.value), c.digits), error)
        rows.append((c.case, c.quantity, *numbers, "" if c.holds else f"DIFFERS: {c.source}"))
    failed = sum(not c.holds for c in found)
    return [*aligned(rows, "<<>>><", 0), f"{len(found) - failed} of {len(found)} numbers agree."]


def _said(value: float, digits: int) -> str:
    return f"{value:.{min(digits, 9)}f}"


def exact(value: float) -> Measure:
    """A number that no draw went into."""
    return Measure(float(value), 0.0)


def _indices(names: Mapping[str, Mapping[str, float]], function: Callable[[Draws], np.ndarray], seed: int) -> Found:
    study = Study(from_dict(names), Prior(lambda d: {"y": function(d)}, draws=DRAWS, seed=seed))
    found = {s.name: s for s in variance(study, Metric("y")) if s.first is not None and s.total is not None}
    out = {f"share of {name}": s.share for name, s in found.items()}
    out |= {f"first order of {name}": s.first for name, s in found.items() if s.first is not None}
    return out | {f"total of {name}": s.total for name, s in found.items() if s.total is not None}


def _ishigami(seed: int) -> Found:
    def function(d: Draws) -> np.ndarray:
        out: np.ndarray = np.sin(d["x1"]) + 7 * np.sin(d["x2"]) ** 2 + 0.1 * d["x3"] ** 4 * np.sin(d["x1"])
        return out

    names = {f"x{n}": {"low": -np.pi, "high": np.pi} for n in (1, 2, 3)}
    sd = simulate(from_dict(names), lambda d: {"y": function(d)}, seed=seed).sd("y")
    return {"variance": Measure(sd.value**2, 2 * sd.value * sd.error), **_indices(names, function, seed)}


def _sobol_g(seed: int) -> Found:
    def function(d: Draws) -> np.ndarray:
        out = np.ones(1)
        for n, a in enumerate((0, 1, 4.5, 9), start=1):
            out = out * (abs(4 * d[f"x{n}"] - 2) + a) / (1 + a)
        return out

    return _indices({f"x{n}": {"low": 0, "high": 1} for n in (1, 2, 3, 4)}, function, seed)


def _linear(seed: int) -> Found:
    return _indices({f"x{n}": {"mean": 0, "sd": 1} for n in (1, 2)}, lambda d: 2 * d["x1"] + d["x2"], seed)


def _beam(seed: int) -> Found:
    """A bar of 20 mm under a pull fails where the stress F / (pi d^2 / 4) exceeds the yield stress R."""
    a = from_dict({"yield": {"mean": 3e8, "sd": 3e7, "dist": "lognormal"}, "pull": {"mean": 75e3, "sd": 5e3}})
    made = simulate(a, lambda d: {"excess": d["pull"] / (np.pi * 0.02**2 / 4) - d["yield"]}, seed=seed)
    return {"probability of failure": made.chance("excess", 0.0)}


def _sums(seed: int) -> Found:
    normal: dict[str, float] = {"mean": 0, "sd": 1}
    flat = {"low": -(3**0.5), "high": 3**0.5}
    wide = {"low": -10 * 3**0.5, "high": 10 * 3**0.5}
    found = {}
    for name, four in (
        ("normals", [normal] * 4), ("rectangles", [flat] * 4), ("one ten times as wide", [flat, flat, flat, wide]),
    ):  # fmt: skip
        a = from_dict({f"x{n}": given for n, given in enumerate(four, start=1)})
        made = simulate(a, lambda d: {"y": d["x1"] + d["x2"] + d["x3"] + d["x4"]}, seed=seed)
        for q, said in ((0.025, "2.5%"), (0.975, "97.5%")):
            found[f"{name} {said}"] = made.quantile("y", q)
    return found


def _metalog(_: int) -> Found:
    found: dict[str, Measure] = {}
    kinds: tuple[tuple[str, dict[str, float]], ...] = (
        ("", {}), ("from 0 ", {"min": 0.0}), ("0 to 100 ", {"min": 0.0, "max": 100.0}),
    )  # fmt: skip
    for name, bounds in kinds:
        d = Metalog(35.0, 50.0, 75.0, **bounds)
        found |= {f"{name}P{round(100 * q)}": exact(float(d.quantile(np.array(q)))) for q in (0.01, 0.05, 0.95, 0.99)}
        found |= {f"{name}mean": exact(float(d.mean())), f"{name}sd": exact(float(d.sd()))}
    return found


def _metalog_draws(seed: int) -> Found:
    made = simulate(from_dict({"x": {"p10": 35, "p50": 50, "p90": 75}}), lambda d: {"x": d["x"]}, seed=seed)
    return {"P1": made.quantile("x", 0.01), "P99": made.quantile("x", 0.99), "mean": made.mean("x"), "sd": made.sd("x")}


def _pert(_: int) -> Found:
    low, high = family("pert", p10=100.0, mode=150.0, p90=200.0).scipy.support()
    return {"min": exact(low), "max": exact(high)}


def _copula(seed: int) -> Found:
    normal, rank = {"mean": 0, "sd": 1}, copula.rank_of_normals
    made = simulate(
        from_dict({"x": normal, "y": normal}, [("x", "y", rank(0.5))]), lambda d: {"x": d["x"], "y": d["y"]}, seed=seed
    )
    x, y = (measures.by_replicate(made.values(name), made.replicate) for name in ("x", "y"))
    out = {}
    for name, statistic in (("Spearman", stats.spearmanr), ("Kendall", stats.kendalltau)):
        each = np.array([statistic(a, b).statistic for a, b in zip(x, y, strict=True)])
        out[f"{name} of rho 0.5"] = Measure(float(each.mean()), float(measures.standard_error(each)))
    pairs = [("a", "b", rank(0.9)), ("b", "c", rank(0.8)), ("a", "c", 0.0)]
    ends = copula.feasible_range(("a", "b", "c"), pairs, "a", "c")
    if ends is not None:
        for name, end in zip(("least", "largest"), ends, strict=True):
            out[f"{name} third beside 0.9 and 0.8"] = exact(copula.pearson_of_normals(end))
    return out


def _crps(seed: int) -> Found:
    a: Assumptions = from_dict({"x": {"mean": 0, "sd": 1}})
    return {"N(0 1) at 0": simulate(a, lambda d: {"x": d["x"]}, seed=seed).crps(0.0, "x")}


def _order_statistics(_: int) -> Found:
    needed = {sides: measures.draws_needed(0.95, 0.95, sides=n) for n, sides in ((1, "one side"), (2, "two sides"))}
    return {f"95/95, {sides}": exact(n) for sides, n in needed.items()}


def _distribution(**keys: Any) -> Any:
    return from_dict({"x": keys})["x"].distribution


def _at(level: float, **keys: Any) -> Measure:
    return exact(float(_distribution(**keys).quantile(np.array(level))))


def _two_quantiles(_: int) -> Found:
    outer = _distribution(p5=2, p95=5, dist="lognormal")
    inner = _distribution(p25=2, p75=5, dist="lognormal")
    name = "lognormal P5 2 P95 5"
    return {
        f"{name}: mu": exact(np.log(outer.first_p50())),
        f"{name}: sigma": exact(outer.width),
        "lognormal P25 2 P75 5: sigma": exact(inner.width),
    }


def _triangular(_: int) -> Found:
    low, high = _distribution(p10=100, mode=150, p90=200, dist="triangular").scipy.support()
    return {"min of 100 150 200": exact(low), "max of 100 150 200": exact(high)}


def _student_t(seed: int) -> Found:
    made = simulate(from_dict({"x": {"mean": 0, "sd": 1, "df": 5}}), lambda d: {"x": d["x"]}, seed=seed)
    return {"P97.5 of mean 0 sd 1 df 5": _at(0.975, mean=0, sd=1, df=5), "sd of draws df 5": made.sd("x")}


def _beta(_: int) -> Found:
    return {"P50 of 2 3": _at(0.5, alpha=2, beta=3), "mean of 2 3": exact(_distribution(alpha=2, beta=3).mean())}


def _counts(_: int) -> Found:
    poisson = {f"P{100 * q:.0f} of mean 4": _at(q, mean=4, dist="poisson") for q in (0.1, 0.9)}
    return poisson | {f"P{100 * q:.0f} of 20 at 0.3": _at(q, n=20, p=0.3) for q in (0.1, 0.9)}


def _truncated(_: int) -> Found:
    half = _distribution(mean=0, sd=1, min=0)
    return {"mean of N(0 1) above 0": exact(half.mean()), "sd of N(0 1) above 0": exact(half.sd())}


def _metalog_terms(_: int) -> Found:
    logistic = {f"p{n}": float(np.log(n / (100 - n))) for n in (5, 25, 75, 95)}
    uniform = {f"p{n}": n / 100 for n in (10, 25, 50, 75, 90)}
    return {
        "P99 of the logistic by P5 P25 P75 P95": _at(0.99, **logistic),
        "P99 of the uniform by P10 P25 P50 P75 P90": _at(0.99, **uniform),
    }


def _weights(_: int) -> Found:
    return {"mean of 1 2 3 by 1 2 1": exact(_distribution(values=[1, 2, 3], weights=[1, 2, 1]).mean())}


def _bound(_: int) -> Found:
    found = measures.chance(np.zeros(1 << 20), 1.0, replicate=np.arange(1 << 20) % 8)
    return {"no hit in a million draws: limit": exact(found.error)}


CASES: Mapping[str, Callable[[int], Found]] = {
    "ishigami": _ishigami,
    "sobol_g": _sobol_g,
    "linear": _linear,
    "axial_stressed_beam": _beam,
    "sums_of_four": _sums,
    "metalog_35_50_75": _metalog,
    "metalog_draws": _metalog_draws,
    "pert_by_quantiles": _pert,
    "copula": _copula,
    "crps": _crps,
    "order_statistics": _order_statistics,
    "two_quantiles": _two_quantiles,
    "triangular_by_quantiles": _triangular,
    "student_t": _student_t,
    "beta": _beta,
    "exponential": lambda _: {"P50 of mean 2": _at(0.5, mean=2, dist="exponential")},
    "gumbel": lambda _: {"P50 of mean 0 sd 1": _at(0.5, mean=0, sd=1, dist="gumbel")},
    **dict.fromkeys(("poisson", "binomial"), _counts),
    "truncated": _truncated,
    "metalog_of_many_terms": _metalog_terms,
    "weights": _weights,
    "bound": _bound,
    "given_linear_gaussian": known_forecasts.linear_gaussian,
    "given_tail_of_a_sum": known_forecasts.tail_of_a_sum,
    "given_floors_and_total": known_forecasts.floors_and_total,
    "given_beta_bernoulli": known_forecasts.beta_bernoulli,
    "given_two_modes": known_forecasts.two_modes,
    "views": known_forecasts.views,
    "scores": known_forecasts.of_scores,
    **{name: getattr(business, name) for name in ("learning", "value")},
}
