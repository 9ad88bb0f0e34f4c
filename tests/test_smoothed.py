"""The smoothed chance: unbiased whatever the direction, right in the tail, with jumps, and with its stated error."""

import numpy as np
import pytest
from scipy import stats

from model import InputError, from_dict, simulate, smoothed
from model.along import Along, Random, direction
from model.correlation import rank_of_normals
from model.draws import Draws
from model.smoothed import Reading, chance
from model.variation import KeptDraws
from model.xiaomi import volume

WITHIN = 5.4  # standard errors; of Student's t with 7 degrees of freedom, 99.9% lie within
TWO = {"x": {"mean": 0, "sd": 3}, "y": {"mean": 0, "sd": 4}}


def at_least(target):
    return Reading("z", None, "chance", target)


def both(d):
    return {"z": d["x"] + d["y"]}


def ratio_of_variances(seeds, smooth, counted):
    return np.var([counted(s) for s in seeds], ddof=1) / np.var([smooth(s) for s in seeds], ddof=1)


@pytest.mark.parametrize("deviations", [-2, 0, 1, 3, 5, 7])
def test_the_chance_of_a_normal_sum_is_that_of_theory_far_into_the_tail(deviations):
    found = chance(from_dict(TWO), both, at_least(5.0 * deviations), draws=2048)
    truth = stats.norm.sf(deviations)
    assert abs(found.value - truth) <= WITHIN * found.error + 1e-3 * truth
    assert found.error < 0.05 * truth


def test_correlated_assumptions_move_together():
    a = from_dict({n: {"mean": 0, "sd": 1} for n in "xy"}, [("x", "y", rank_of_normals(0.6))])
    found = chance(a, both, at_least(4.0), draws=4096)
    truth = stats.norm.sf(4 / np.sqrt(3.2))
    assert abs(found.value - truth) <= WITHIN * found.error + 1e-3 * truth
    assert found.error < 0.05 * truth


def test_shocks_move_too():
    a = from_dict({"x": {"mean": 0, "sd": 1}})
    found = chance(a, lambda d: {"z": d["x"] + d.shock("noise", 3).sum(axis=0)}, at_least(6.0), draws=2048)
    truth = stats.norm.sf(3)
    assert abs(found.value - truth) <= WITHIN * found.error + 1e-3 * truth


def test_a_jump_in_what_is_one_of_two_values_is_counted_right():
    a = from_dict({**TWO, "event": {"values": [0, 1], "weights": [0.9, 0.1]}})
    truth = 0.9 * stats.norm.sf(2) + 0.1 * stats.norm.sf(-2)
    found = chance(a, lambda d: {"z": d["x"] + d["y"] + 20 * d["event"]}, at_least(10.0), draws=4096)
    assert abs(found.value - truth) <= WITHIN * found.error


@pytest.mark.parametrize(
    ("function", "truth"),
    [
        (lambda d: {"z": np.abs(d["x"] + d["y"])}, 2 * stats.norm.sf(1)),  # falls, then rises: two crossings
        (lambda d: {"z": np.where(d["x"] + d["y"] > 0, 10.0, 0.0) + 0 * d["x"]}, 0.5),  # a step
        (lambda d: {"z": 6 - np.abs(d["x"] + d["y"] - 1)}, stats.norm.cdf(0.4) - stats.norm.cdf(0.0)),  # a hill
    ],
    ids=["valley", "step", "hill"],
)
def test_a_wrong_crossing_is_mended_so_that_the_mean_over_seeds_is_the_truth(function, truth):
    found = [chance(from_dict(TWO), function, at_least(5.0), draws=2048, seed=s) for s in range(40)]
    values = np.array([f.value for f in found])
    spread = values.std(ddof=1)
    assert abs(values.mean() - truth) <= 4 * spread / np.sqrt(40) + 1e-9
    stated = np.sqrt(np.mean([f.error**2 for f in found]))
    assert 0.6 < (spread + 1e-9) / (stated + 1e-9) < 1.6


def test_the_chance_of_the_base_case_is_that_of_counting_with_less_error(base):
    counted = simulate(base, volume, draws=131_072).chance()
    found = chance(base)
    assert abs(found.value - counted.value) <= WITHIN * np.hypot(found.error, counted.error)
    far = Reading("ev.deliveries", "2026", "chance", 750_000.0)
    gain = ratio_of_variances(
        range(20), lambda s: chance(base, what=far, draws=4096, seed=s).value,
        lambda s: simulate(base, volume, draws=4096, seed=s).chance("ev.deliveries", 750_000.0).value,
    )  # fmt: skip
    assert gain > 4  # 14 over 40 seeds; a ratio of variances from 20 seeds scatters


def test_the_stated_error_of_the_base_case_is_its_spread_over_seeds(base):
    found = [chance(base, draws=2048, seed=s) for s in range(30)]
    spread, stated = np.std([f.value for f in found], ddof=1), np.sqrt(np.mean([f.error**2 for f in found]))
    assert 0.65 < spread / stated < 1.5


def test_the_same_seed_gives_the_same_bits_and_more_draws_less_error(base):
    assert chance(base, draws=2048, seed=3) == chance(base, draws=2048, seed=3)
    assert chance(base, draws=16_384).error < chance(base, draws=2048).error


def test_a_draw_moved_to_where_it_stands_is_itself(base):
    def outcome(d):
        return volume(d)["ev.deliveries"][-1]

    kept = KeptDraws(base, 1, 0, 2048)
    values = outcome(kept)
    along = Along(kept, direction(base, outcome, 1))
    assert outcome(along.at(along.place)) == pytest.approx(values, rel=1e-9)
    some = np.array([5, 9, 1999])
    assert outcome(along.at(along.place[some], some)) == pytest.approx(values[some], rel=1e-9)
    assert outcome(along.at(along.place + 0.5)).mean() > values.mean() + 20_000


def test_places_on_a_direction_are_standard_normal_and_it_is_a_unit_vector(base):
    to = direction(base, lambda d: volume(d)["ev.deliveries"][-1], 1)
    assert sum(w**2 for w in to.weights.values()) == pytest.approx(1)
    assert "ev.accident.happens" not in to.weights
    place = Along(KeptDraws(base, 1, 0, 16_384), to).place
    assert place.mean() == pytest.approx(0, abs=0.01)
    assert place.std() == pytest.approx(1, abs=0.02)


def test_random_draws_have_the_margins_and_the_correlations_of_the_file(base):
    draws = Random(base, 20_000, np.random.default_rng(1))
    kept = Draws(base, 1, 0, 32_768)
    for path in ("ev.lines.yu7.orders", "ev.lines.yu7.waiting", "ev.workdays"):
        ours, theirs = (np.quantile(np.atleast_2d(d[path])[0], [0.1, 0.5, 0.9]) for d in (draws, kept))
        assert ours == pytest.approx(theirs, rel=0.03)
    a, b, rank = max(base.pairs, key=lambda p: abs(p[2]))
    assert stats.spearmanr(np.atleast_2d(draws[a])[0], np.atleast_2d(draws[b])[0]).statistic == pytest.approx(
        rank, abs=0.03
    )


def test_what_does_not_vary_is_counted():
    a = from_dict({"x": {"value": 3.0}})
    assert chance(a, lambda d: {"z": d["x"] + 0}, at_least(3.0), draws=2048) == (1.0, 0.0)


def test_a_measure_that_is_no_chance_and_an_outcome_without_end_are_refused(base):
    with pytest.raises(InputError, match="is no chance"):
        chance(base, what=Reading("ev.deliveries"))
    with pytest.raises(InputError, match="not finite"), np.errstate(all="ignore"):
        chance(from_dict(TWO), lambda d: {"z": np.log(d["x"])}, at_least(0.0), draws=2048)


def test_it_is_part_of_the_public_interface(base):
    import model

    assert model.smoothed is smoothed


def test_a_chance_of_a_quarter_is_that_of_the_quarter(base):
    what = Reading("ev.deliveries", "2026Q1", "chance", 125_000.0)
    counted = simulate(base, volume, draws=32_768).chance("ev.deliveries", 125_000.0, "2026Q1")
    found = chance(base, what=what)
    assert 0.05 < counted.value < 0.95
    assert abs(found.value - counted.value) <= WITHIN * np.hypot(found.error, counted.error)
