"""From draws to a frozen forecast: quantiles, mean and two hundred joint samples of every outcome and period that is open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.evaluation.hub_table import LEVELS, SAMPLES, Forecast, Name
from model.simulation.business import Business
from model.simulation.observation import SHARE, Observation, outcomes_of, parts_of, total
from model.simulation.result import Result


def open_names(result: Result, business: Business, known: Sequence[Observation]) -> list[Name]:
    """Outcomes and periods that a forecast is of: what is reported of the business, by month, quarter, half and year; nothing of
    which a figure, or a floor, is known already.
    """
    closed, year = {(one.outcome, one.period) for one in known}, result.assumptions.about.year
    figures = {(one.outcome, one.period) for one in known if one.kind in ("exact", "derived")}
    found = list[Name]()
    for outcome in business.reported:
        parts = [result.periods(name) for name in outcomes_of(outcome) if name in result.outcomes]
        periods = [p for p in parts[0] if all(p in each for each in parts)] if parts else []
        flow = business.unit(outcomes_of(outcome)[0]) != SHARE and str(year) in periods
        halves = [
            half
            for half in (f"{year}H1", f"{year}H2")
            if flow and not {(outcome, p) for p in parts_of(half)} <= figures
        ]
        found += [(outcome, p) for p in (*periods, *halves) if (outcome, p) not in closed]
    return found


def of_result(result: Result, names: Sequence[Name], business: Business) -> list[Forecast]:
    """The forecasts of a result. Samples are draws at even steps along the target's outcome, so that they stand for all."""
    target, year = result.assumptions.target, result.assumptions.calendar
    along = result.values(target.outcome, target.period)
    weights = np.ones(result.draws) if result.weights is None else np.asarray(result.weights, float)
    chosen = at_even_steps(along, weights, result.seed)
    found = []
    for outcome, period in names:
        values = total(result.outcomes, outcome, period, year)
        thresholds = [target.value] if (outcome, period) == (target.outcome, target.period) else []
        found.append(
            forecast((outcome, period), business.unit(outcomes_of(outcome)[0]), values, weights, chosen, thresholds)
        )
    return found


def forecast(
    name: Name,
    unit: str,
    values: np.ndarray,
    weights: np.ndarray,
    chosen: np.ndarray,
    thresholds: Sequence[float] = (),
) -> Forecast:
    """One forecast of draws (draw,) with weights; chosen : (200,) places of the joint samples.

    At most a threshold is short of it: a target is met by what reaches it.
    """
    even = bool((weights == weights[0]).all())  # sorting with weights is slower, and gives the same
    levels = np.quantile(values, LEVELS, method="inverted_cdf", weights=None if even else weights)
    share = weights / weights.sum()
    at_most = {x: float(share @ (values < x)) for x in thresholds}
    return Forecast(*name, unit, levels, float(share @ values), values[chosen], at_most)


def of_samples(name: Name, unit: str, samples: np.ndarray) -> Forecast:
    """A forecast of what is made of others' joint samples, (200,)."""
    return forecast(name, unit, samples, np.ones(len(samples)), np.arange(len(samples)))


def at_even_steps(along: np.ndarray, weights: np.ndarray, seed: int) -> np.ndarray:
    """Places of 200 draws, drawn systematically by their weights in the order of `along`, then in an order of no meaning."""
    order = np.argsort(along, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    places = np.minimum(np.searchsorted(reached, (np.arange(SAMPLES) + 0.5) / SAMPLES), len(order) - 1)
    return np.asarray(np.random.default_rng(seed).permutation(order[places]))
