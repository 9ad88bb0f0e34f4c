"""Simulation-based calibration: a truth drawn from the prior lies anywhere among the draws given what it would have reported.

Truths are drawn from the base case (vehicles alone), the figures of its first half are reported with the errors of their series, the
posterior is made from them, and the truth's deliveries of the year are ranked among its draws: ranks are uniform (Talts and
others 2018). `make test` takes 5 truths, `make prove` 200.
"""

import dataclasses
import datetime as dt

import numpy as np
import pytest
from scipy import stats

from model import simulate
from model.inference.condition import condition
from model.simulation.business import Business
from model.simulation.observation import Observation
from model.xiaomi.ev_volume import volume

SEED = 20_260_115
DRAWS = 2048
REPORTS = (("2026Q1", "exact", 0.01), ("2026Q2", "exact", 0.01), ("2026-05", "at_least", 0.01))
COVERED = 0.99  # of all curves of ranks, that the band lets through
BUSINESS = Business(volume, name="")


def reports_of(truth, rng):
    """What a year would have reported: two quarters as filed, and a month as the round ten thousand below it."""
    told = []
    for period, kind, error in REPORTS:
        figure = truth.values("ev.deliveries", period)[0] * np.exp(error * rng.standard_normal())
        value = figure if kind == "exact" else 10_000 * max(np.floor(figure / 10_000), 1)
        told.append(
            Observation("ev.deliveries", period, kind, float(value), error, "vehicle", "s", dt.date(2026, 7, 1), "-")
        )
    return told


def band(cases, share):
    """How far the curve of so many uniform ranks strays from the diagonal in that share of cases (Kolmogorov and Smirnov)."""
    return float(stats.kstwo(cases).ppf(share))


@pytest.fixture(scope="module")
def ranks(base, request):
    cases = request.config.getoption("--calibrations")
    rng = np.random.default_rng(SEED)
    truths = simulate(base, BUSINESS, draws=2048, seed=SEED)
    found = []
    for n, place in enumerate(rng.choice(truths.draws, cases, replace=False)):
        one = {name: values[..., place : place + 1] for name, values in truths.outcomes.items()}
        truth = dataclasses.replace(truths, outcomes=one, replicate=np.zeros(1, int))
        given = condition(base, BUSINESS, reports_of(truth, rng), draws=DRAWS, seed=SEED + n)
        draws = given.result.values("ev.deliveries", "2026")
        weights = given.result.weights
        below = draws < truth.values("ev.deliveries", "2026")[0]
        found.append(float(np.average(below, weights=weights)))
    return np.sort(found)


def test_the_truth_lies_anywhere_among_the_draws(ranks):
    steps = np.arange(1, len(ranks) + 1) / len(ranks)
    strays = max(np.abs(steps - ranks).max(), np.abs(steps - 1 / len(ranks) - ranks).max())
    assert strays < band(len(ranks), COVERED), ranks


def test_neither_the_middle_nor_the_ends_hold_too_many_truths(ranks):
    """Too narrow a posterior puts truths at both ends, too wide a one in the middle: the spread of ranks says which."""
    spread = np.mean((ranks - 0.5) ** 2)
    error = np.sqrt(1 / 180 / len(ranks))  # of the mean of (u - 1/2)^2, u uniform
    assert spread == pytest.approx(1 / 12, abs=3 * error)
