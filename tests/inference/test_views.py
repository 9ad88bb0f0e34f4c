"""Views of a measure, by entropy pooling."""

import math
import re

import numpy as np
import pytest

import model
from model.inference.views import pool, views_of
from tests.conftest import ROOT

PAIR = {"x": {"mean": 0.0, "sd": 1.0}, "z": {"mean": 0.0, "sd": 1.0}}


def made(draws=1 << 16):
    return model.simulate(model.from_dict(PAIR), lambda d: {"y": d["x"], "sum": d["x"] + d["z"]}, draws=draws)


def viewed(result, *said):
    return pool(result, views_of(said, result.assumptions, result.business))


def test_a_view_of_a_mean_tilts_a_normal_into_a_normal_with_that_mean():
    found = viewed(made(), "y:mean=0.5")
    assert found.entropy.value == pytest.approx(0.125, abs=5 * found.entropy.error + 1e-4)  # closed form: mean^2 / 2
    assert found.result.mean("y").value == pytest.approx(0.5, abs=1e-4)
    assert found.result.sd("y").value == pytest.approx(1.0, abs=0.01)
    assert found.result.mean("sum").value == pytest.approx(0.5, abs=0.01)  # what hangs on it follows


def test_a_view_of_a_chance_weights_both_sides_and_leaves_each_as_it_is():
    result = made()
    found = viewed(result, "y>=0=30%")
    weights, above = found.result.weights, result.values("y") >= 0
    assert np.ptp(weights[above]) < 1e-4
    assert np.ptp(weights[~above]) < 1e-4
    expected = 0.3 * math.log(0.3 / 0.5) + 0.7 * math.log(0.7 / 0.5)
    assert found.entropy.value == pytest.approx(expected, abs=1e-4)


def test_a_view_of_a_quantile_puts_that_share_below_it():
    found = viewed(made(), "y:p90=1.0")
    assert found.result.percentile_of("y", 1.0).value == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize(
    ("said", "mean"), [("y:mean>=0.25", 0.25), ("y:mean<=0.25", 0.0), ("y:mean>=-0.25", 0.0), ("y:mean<=-0.25", -0.25)]
)
def test_a_view_of_at_least_or_at_most_moves_only_what_does_not_meet_it(said, mean):
    assert viewed(made(), said).result.mean("y").value == pytest.approx(mean, abs=1e-3)


@pytest.mark.parametrize(("said", "moves"), [("y:p50>=0.3", True), ("y:p50<=0.3", False)])
def test_a_higher_median_is_a_smaller_share_below(said, moves):
    below = viewed(made(), said).result.percentile_of("y", 0.3).value
    assert below == pytest.approx(0.5 if moves else 0.6179, abs=2e-3)


def test_two_views_hold_at_once_and_come_on_top_of_weights_that_are_there():
    result = made()
    first = viewed(result, "y:mean=0.5").result
    both = viewed(first, "y:mean=0.5", "sum:mean=1.0")
    assert both.result.mean("y").value == pytest.approx(0.5, abs=1e-3)
    assert both.result.mean("sum").value == pytest.approx(1.0, abs=1e-3)
    assert both.entropy.value == pytest.approx(0.125, abs=2e-3)  # z alone has to move, by 0.5


def test_a_view_that_holds_already_changes_nothing():
    result = made()
    found = viewed(result, f"y:mean={float(result.mean('y').value)!r}")
    assert found.entropy.value == pytest.approx(0.0, abs=1e-8)
    assert found.result.weights == pytest.approx(np.ones(result.draws), abs=1e-4)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("y:mean=99", "no weights of the draws meet mean of y in 2026 = 99. y lies between -4"),
        ("y:mean=3.9", "would count"),
        ("y:sd=2", "no view can be had of the sd of y"),
        ("y>=0=130%", "is no chance"),
        ("y>=0", "is no view"),
        ("y", "is no view"),
        ("y:mean=nan", "'nan' in 'y:mean=nan' is not a number"),
        ("y:mean=much", "'much' in 'y:mean=much' is not a number"),
        ("w:mean=1", "no measure 'w:mean'"),
    ],
)
def test_what_is_no_view_is_refused_in_words(said, hint):
    with pytest.raises(model.InputError, match=re.escape(hint)):
        viewed(made(1 << 13), said)


def test_all_that_is_wrong_with_views_is_said_at_once():
    with pytest.raises(model.InputError) as error:
        views_of(["y", "w:mean=1"], made(8192).assumptions, made(8192).business)
    assert len(error.value.problems) == 2


def test_a_view_of_the_target_moves_the_margins_that_hang_on_it(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = model.view(model.load(as_of="base"), "chance=15%")
    assert found.result.chance().value == pytest.approx(0.15, abs=1e-4)
    assert found.result.mean("ev.gross_margin").value < found.before.mean("ev.gross_margin").value
