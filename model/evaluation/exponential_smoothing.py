"""Exponential smoothing with an automatic choice of its form, by statsmodels: what an analyst's software does with a series."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from model.errors import InputError, Problem, to_install

LEAST = 6  # numbers, of fewer no form is chosen


def paths(
    values: np.ndarray, a_year: int, steps: int, number: int, rng: np.random.Generator, *, positive: bool
) -> np.ndarray | None:
    """Simulated paths beyond a series, (step, number), by the form of least AICc; None where the series is too short.

    positive : smooth logarithms. Forms: additive errors; no trend, one, a damped one; no season, or one where two years and
    three numbers are there (Hyndman, Koehler, Ord and Snyder 2008, Forecasting with Exponential Smoothing, chapters 5 and 7)
    """
    try:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    except ImportError:
        hint = to_install("record")
        raise InputError(Problem("exponential smoothing needs statsmodels", hint)) from None
    if len(values) < LEAST:
        return None
    series, best = np.log(values) if positive else values, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a form that does not settle is not chosen
        for form in _forms(len(values), a_year):
            fitted = ETSModel(series, error="add", **form).fit(disp=False)
            if np.isfinite(fitted.aicc) and (best is None or fitted.aicc < best.aicc):
                best = fitted
        if best is None:
            return None
        free = max(1, len(series) - len(best.params))  # errors in the sample are smaller than those to come
        errors = rng.standard_normal((steps, number)) * np.sqrt(best.sse / free)
        drawn = best.simulate(steps, anchor="end", repetitions=number, random_errors=errors)
        drawn = np.asarray(drawn).reshape(steps, number)
    return np.exp(drawn) if positive else drawn


def _forms(count: int, a_year: int) -> Iterator[dict[str, object]]:
    for trend, damped in ((None, False), ("add", False), ("add", True)):
        for season in (False, True):
            if season and count < 2 * a_year + 3:
                continue
            parameters = 3 + 2 * (trend is not None) + damped + season * (a_year + 1)
            if count - parameters - 1 > 0:  # else AICc has no denominator
                yield {
                    "trend": trend, "damped_trend": damped, "seasonal": "add" if season else None,
                    "seasonal_periods": a_year if season else None,
                }  # fmt: skip
