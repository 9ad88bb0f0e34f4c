"""Explanations: patterns of what limits, in groups between which few draws lie."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

import model
from benchmarks.posterior import FROZEN
from model.assumptions.load import load
from model.inference.as_of import reported
from model.inference.condition import condition
from model.simulation.business import Business
from model.simulation.observation import Observation
from model.studies.explanations import climbed, explanations
from model.studies.learned import learned
from model.studies.sources import FromPosterior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI
from tests.inference.test_posterior import HEAD, ONE

MONTHS = 12
LIMITS = {"x.bound": ("the plants", "orders")}


@pytest.fixture
def shop(tmp_path):
    """Ten a month from the plants and from orders, each one normal more or less: what is sold is the smaller."""
    path = tmp_path / "shop.toml"
    path.write_text(HEAD + "".join(ONE.format(n, 0.0) for n in (1, 2)))

    def sold(draws):
        one, other = 10 + draws["x.n1"], 10 + draws["x.n2"]
        months = np.minimum(one, other) * np.ones((MONTHS, 1))
        quarters = months.reshape(4, 3, -1).sum(axis=1)
        made = np.concatenate([months, quarters, quarters.sum(axis=0)[None]])
        return {
            "x.sum": made,
            "x.sum.first": one * np.ones((MONTHS, 1)),
            "x.bound": (one < other) * np.ones((MONTHS, 1)),
        }

    return load(path), Business(sold, limits=LIMITS)


def test_two_limits_explain_a_low_month_as_often_as_symmetry_says(shop):
    assumptions, business = shop
    report = Observation("x.sum", "2026-03", "exact", 8.0, 0.2, "1", "s", dt.date(2026, 4, 1), "-", absolute=True)
    found = condition(assumptions, business, [report], draws=32_768)
    both = explanations(found.result)
    assert [one.words for one in both.items] in (
        ["the plants throughout", "orders throughout"],
        ["orders throughout", "the plants throughout"],
    )
    for one in both.items:
        assert one.share.value == pytest.approx(0.5, abs=4 * one.share.error)
        assert 0 < one.share.error < 0.05
        assert one.middle.value == pytest.approx(12 * 8.0, abs=2.5)  # prior 10 +- 1, report 8 +- 0.2
    assert "to March" in both.lines()[0]
    # the plants' own 8 or more says which of the two was the smaller
    (told,) = [one for one in both.tells if one.period <= "2026-03"]
    assert told.label == found.result.business.label("x.sum.first")
    assert told.resolved > 0.7
    said = learned(Study(found.result.assumptions, FromPosterior(found)))
    assert all(apart.split()[0] in ("x.n1", "x.n2") for apart in said.apart)


def test_without_a_report_or_without_a_limit_nothing_is_explained(shop):
    assumptions, business = shop
    assert explanations(model.simulate(assumptions, business, draws=1024)).lines() == []
    report = Observation("x.sum", "2026-03", "exact", 8.0, 0.2, "1", "s", dt.date(2026, 4, 1), "-", absolute=True)
    found = condition(assumptions, business.function, [report], draws=8192)
    assert explanations(found.result).lines() == []


def test_a_pattern_belongs_to_the_peak_that_it_climbs_to_month_by_month():
    # 000 (5 draws), 001 (1), 011 (2), 111 (4): 001 climbs to 000, 011 to 111
    patterns = np.repeat([[0, 0, 0, 1], [0, 0, 1, 1], [0, 1, 1, 1]], [5, 1, 2, 4], axis=1)
    peaks = climbed(patterns, np.ones(12))
    assert peaks.tolist() == [0] * 6 + [8] * 6


@pytest.mark.slow
def test_registrations_by_model_decide_between_the_explanations_of_2026():
    """Reference: another sampler on the same reports, the review of November 2026 (104.8, 36.7 and 419 thousand at P50)."""
    base = load(FROZEN / "assumptions.toml", as_of=dt.date(2026, 8, 20))
    known = reported(base, XIAOMI, base.about.as_of)
    (january,) = (one for one in known if one.outcome == "ev.deliveries.yu7")
    both = [
        dataclasses.replace(january, period=period, value=value, reported_on=dt.date(2026, 7, 1))
        for period, value in (("2026-02", 20_196.0), ("2026-03", 13_558.0))
    ]
    without, found = (condition(base, XIAOMI, more, draws=16_384, path=False) for more in (known, [*known, *both]))
    for period, thousand in (("2026Q3", 104.8), ("2026-09", 36.7), ("2026", 419.0)):
        middle = found.result.quantile("ev.deliveries", 0.5, period)
        assert middle.value / 1000 == pytest.approx(thousand, abs=3 * middle.error / 1000 + 0.5)
    before, after = (
        next(one.share for one in explanations(each.result).items if one.words == "orders throughout")
        for each in (without, found)
    )
    assert after.value - before.value > 3 * np.hypot(after.error, before.error)
