"""Views: what someone expects of a measure, pooled into the draws with the least change of their weights.

Of all weights under which the views hold, those of least relative entropy to the weights that are there (Meucci 2008,
Fully flexible views). That is a view, and no conditioning: a mean that is asked for leaves single draws where they were, and
what was reported is to be let in by its likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.assumptions.assumption import Assumptions
from model.errors import InputError, Problem, to_install
from model.simulation import measures
from model.simulation.business import Business, Function
from model.simulation.formatting import short
from model.simulation.measures import Measure
from model.simulation.metric import Metric, metric
from model.simulation.result import Result

LEAST_EFFECTIVE = 1_000  # draws
OFF = 1e-4  # of the spread of what a view is of, by which it may be missed


@dataclass(frozen=True)
class View:
    """One expectation: a measure is, is at least or is at most a value.

    metric : a mean, a quantile or a chance
    sign : "=", ">=" or "<="

    Raises InputError for a measure that is no mean of something over the draws, and for a chance that is none.
    """

    metric: Metric
    value: float
    sign: str = "="

    def __post_init__(self) -> None:
        if self.metric.statistic == "sd":
            raise InputError(Problem(f"no view can be had of the {self.metric}", "A mean, a quantile or a chance"))
        if self.metric.statistic == "chance" and not 0 < self.value < 1:
            raise InputError(Problem(f"{self} is no chance", "Between 0 and 1"))

    def held(self, values: np.ndarray) -> tuple[np.ndarray, float]:
        """What has a mean under the view, (draw,), and that mean."""
        if self.metric.statistic == "chance":
            return (values >= self.metric.target).astype(float), self.value
        if self.metric.statistic == "mean":
            return values, self.value
        return (values <= self.value).astype(float), int(self.metric.statistic[1:]) / 100

    def __str__(self) -> str:
        said = f"{self.value:,.10g}" if self.metric.unit != "share" else f"{100 * self.value:,.10g}%"
        return f"{self.metric} {self.sign} {said}"


@dataclass(frozen=True)
class Viewed:
    """Draws under views.

    result  : the draws with their new weights
    entropy : relative entropy to the weights before, in natural units, 0 where nothing had to change
    moved   : (path, how far its mean moves, in its own standard deviations), the farthest first
    """

    result: Result
    before: Result
    views: Sequence[View]
    entropy: Measure
    moved: Sequence[tuple[str, float]] = ()

    @property
    def effective(self) -> Measure:
        """Effective share of the draws, exp(-relative entropy) (Meucci 2012, Effective number of scenarios)."""
        share = math.exp(-float(self.entropy.value))
        return Measure(share, share * float(self.entropy.error))


def pool(result: Result, views: Sequence[View]) -> Viewed:
    """The draws under views that hold all at once.

    Raises InputError for views that no weights can meet, and where fewer than 1,000 draws would count.
    """
    try:
        from entropy_pooling import ep
    except ImportError:
        raise InputError(Problem("views need entropy-pooling", to_install("views"))) from None
    prior = np.ones(result.draws) if result.weights is None else np.asarray(result.weights, float)
    rows, levels = _constraints(result, views)
    signs = np.array([view.sign for view in views])

    def weighted(chosen: np.ndarray) -> np.ndarray:
        chosen = chosen[prior[chosen] > 0]
        p = prior[chosen] / prior[chosen].sum()
        equal, less = signs == "=", signs != "="
        ones = np.ones((1, len(p)))
        lhs, rhs = np.vstack([ones, rows[equal][:, chosen]]), np.concatenate([[1.0], levels[equal]])
        bounds = {"G": rows[less][:, chosen], "h": levels[less][:, None]} if less.any() else {}
        with np.errstate(over="ignore", invalid="ignore"):
            found = ep(p[:, None], lhs, rhs[:, None], **bounds)[:, 0]
        out = np.zeros(result.draws)
        out[chosen] = found
        return out

    whole = weighted(np.arange(result.draws))
    _check_met(result, views, rows, levels, whole)
    entropies = [_entropy(whole, prior)]
    for one in np.unique(result.replicate):
        chosen = np.flatnonzero(result.replicate == one)
        entropies.append(_entropy(weighted(chosen)[chosen], prior[chosen]))
    error = float(measures.standard_error(np.array(entropies[1:])))
    ratio = np.divide(whole * prior.sum(), prior, out=np.zeros(result.draws), where=prior > 0)
    found = Viewed(result.with_weights(ratio), result, tuple(views), Measure(entropies[0], error))
    left = measures.effective(found.result.weights, result.draws)
    if left < LEAST_EFFECTIVE:
        what = f"under {_listed(views)} only {left:,.0f} draws would count"
        raise InputError(Problem(what, f"{LEAST_EFFECTIVE:,} have to: views nearer to the forecast, or more --draws"))
    return found


def moved(found: Viewed, scores: Mapping[str, np.ndarray]) -> list[tuple[str, float]]:
    """How far the views move the mean of each row of scores (draw,), in its own standard deviations; the farthest first."""
    new, old = found.result.weights, found.before.weights
    each = [
        (path, float((np.average(z, weights=new) - np.average(z, weights=old)) / z.std()))
        for path, z in scores.items()
        if z.std() > 0
    ]
    return sorted(each, key=lambda one: -abs(one[1]))


def _constraints(result: Result, views: Sequence[View]) -> tuple[np.ndarray, np.ndarray]:
    """Rows (view, draw) and their means (view,), scaled to what the solver takes; a floor as a ceiling of its negative."""
    rows, levels = [], []
    for view in views:
        values, level = view.held(result.values(view.metric.outcome, view.metric.period))
        centre, spread = float(values.mean()), float(values.std()) or 1.0
        quantile = view.metric.statistic.startswith("p")
        turned = (view.sign == ">=") != (quantile and view.sign != "=")  # a higher quantile is a smaller share below
        sign = -1.0 if turned else 1.0
        rows.append(sign * (values - centre) / spread)
        levels.append(sign * (level - centre) / spread)
    return np.array(rows), np.array(levels)


def _check_met(
    result: Result, views: Sequence[View], rows: np.ndarray, levels: np.ndarray, weights: np.ndarray
) -> None:
    """Raises InputError for views that the weights found do not meet."""
    missed = rows @ weights - levels
    off = np.where([view.sign == "=" for view in views], np.abs(missed), missed)
    if not np.isfinite(weights).all() or abs(weights.sum() - 1) > OFF or (off > OFF).any():
        spans = []
        for view in views:
            values = result.values(view.metric.outcome, view.metric.period)
            spans.append(
                f"{view.metric.outcome} lies between {short(values.min())} and {short(values.max())} in the draws"
            )
        raise InputError(Problem(f"no weights of the draws meet {_listed(views)}", "; ".join(dict.fromkeys(spans))))


def _entropy(weights: np.ndarray, prior: np.ndarray) -> float:
    """Relative entropy of weights, whose sum is 1, to those before."""
    share = prior / prior.sum()
    some = (weights > 0) & (share > 0)
    return max(0.0, float((weights[some] * np.log(weights[some] / share[some])).sum()))


def views_of(texts: Sequence[str], assumptions: Assumptions, business: Business | Function) -> list[View]:
    """Views from what a user writes, with all that is wrong with them at once. Raises InputError."""
    found, problems = [], list[Problem]()
    for text in texts:
        try:
            found.append(view_of(text, assumptions, business))
        except InputError as error:
            problems += error.problems
    if problems or not found:
        raise InputError(problems or Problem("no view is given", "chance=30%, OUTCOME:p50=480_000"))
    return found


def view_of(text: str, assumptions: Assumptions, business: Business | Function) -> View:
    """A view from what a user writes: MEASURE=VALUE, and MEASURE>=VALUE or <= of a measure that names its statistic.

    `chance=30%`, `OUTCOME:p50=480_000`, `OUTCOME>=600_000=10%`, `OUTCOME:mean<=0.2`. Raises InputError.
    """
    body, equal, value = text.replace(" ", "").rpartition("=")
    sign = body[-1] + "=" if body.endswith(("<", ">")) else "="
    body = body.removesuffix(sign[0]) if sign != "=" else body
    if not equal or (sign != "=" and ":" not in body and body != "chance" and ">=" not in body):
        raise InputError(Problem(f"'{text}' is no view", "chance=30%, OUTCOME:p50=480_000, OUTCOME:mean<=0.2"))
    try:
        number = float(value.removesuffix("%").replace("_", "")) / (100 if value.endswith("%") else 1)
        if not math.isfinite(number):
            raise ValueError
    except ValueError:
        raise InputError(Problem(f"'{value}' in '{text}' is not a number", "30%, 0.3 or 480_000")) from None
    return View(metric(body, assumptions, business), number, sign)


def _listed(views: Sequence[View]) -> str:
    return " and ".join(map(str, views))
