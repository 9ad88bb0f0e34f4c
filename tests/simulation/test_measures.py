"""Measures against theory; errors against what repeated runs show."""

import numpy as np
import pytest

from model import from_dict, simulate
from model.simulation import measures
from model.simulation.metric import Metric

NORMAL = from_dict({"x": {"mean": 10, "sd": 2}, "y": {"mean": 0, "sd": 1}})


def linear(draws):
    return {"z": draws["x"] + 3 * draws["y"]}


def test_mean_sd_quantiles_and_chance_of_a_normal_sum_are_as_theory_says():
    r = simulate(NORMAL, linear)
    sd = np.sqrt(4 + 9)
    for measure, theory in (
        (r.mean("z"), 10), (r.sd("z"), sd), (r.quantile("z", 0.9), 10 + 1.2815516 * sd), (r.chance("z", 10 + sd), 0.1586553),
        (r.percentile_of("z", 10), 0.5),
    ):  # fmt: skip
        assert abs(measure.value - theory) < 4 * measure.error + 1e-9


def test_the_stated_error_is_the_spread_over_seeds():
    runs = [simulate(NORMAL, linear, draws=2048, seed=s).chance("z", 13) for s in range(40)]
    spread = np.std([m.value for m in runs], ddof=1)
    stated = np.sqrt(np.mean([m.error**2 for m in runs]))
    assert 0.7 < spread / stated < 1.4  # 39 degrees of freedom


def test_equal_weights_change_nothing(result):
    weighted = result.with_weights(np.full(result.draws, 3.0))
    assert weighted.chance().value == pytest.approx(result.chance().value)
    assert weighted.mean("ev.revenue").value == pytest.approx(result.mean("ev.revenue").value)
    assert weighted.quantile("ev.revenue", 0.9).value == pytest.approx(result.quantile("ev.revenue", 0.9).value)


def test_weights_of_0_and_1_are_a_choice_of_draws(result):
    chosen = result.values("ev.deliveries") > 500_000
    view = result.with_weights(chosen.astype(float))
    assert view.chance().value == pytest.approx((result.values("ev.deliveries") >= 550_000)[chosen].mean())
    assert view.quantile("ev.deliveries", 0.01).value > 500_000
    assert view.mean("ev.deliveries").value == pytest.approx(result.values("ev.deliveries")[chosen].mean())
    assert view.sd("ev.deliveries").value == pytest.approx(result.values("ev.deliveries")[chosen].std())


def test_views_multiply(result):
    half = np.where(np.arange(result.draws) % 2, 2.0, 1.0)
    assert (result.with_weights(half).with_weights(half).weights == half**2).all()


def test_a_quantile_is_the_least_draw_that_so_many_do_not_exceed():
    values = np.array([3.0, 1.0, 4.0, 2.0])
    replicate = np.array([0, 0, 1, 1])
    assert measures.quantile(values, 0.5, replicate=replicate).value == 2.0
    assert measures.quantile(values, (0.25, 0.51, 1.0), replicate=replicate).value.tolist() == [1.0, 3.0, 4.0]
    weights = np.array([1.0, 1.0, 1.0, 97.0])
    assert measures.quantile(values, 0.5, replicate=replicate, weights=weights).value == 2.0


def test_a_chance_counts_the_target_itself():
    assert measures.chance(np.array([1.0, 2.0, 3.0, 2.0]), 2.0, replicate=np.array([0, 0, 1, 1])).value == 0.75


NOBODY = 2.9952836e-4  # 1 - 0.05^(1/10,000), by hand: ln 0.05 = -2.9957323, x - x^2/2 + x^3/6 of x = 2.9957323e-4
EVERY_EIGHTH = np.arange(10_000) % 8


def test_ten_thousand_draws_without_a_hit_bound_the_chance_from_above():
    found = measures.chance(np.arange(10_000.0), 10_000.0, replicate=EVERY_EIGHTH)
    assert isinstance(found, measures.Bound)
    assert found.value == 0.0
    assert found.limit == found.error == pytest.approx(NOBODY, rel=1e-7)


def test_ten_thousand_hits_bound_the_chance_from_below():
    found = measures.chance(np.arange(10_000.0), 0.0, replicate=EVERY_EIGHTH)
    assert isinstance(found, measures.Bound)
    assert found.value == 1.0
    assert found.limit == pytest.approx(1 - NOBODY, rel=1e-10)


@pytest.mark.parametrize("target", [1.0, 9_999.0])
def test_a_single_hit_or_miss_is_a_measure_with_its_error(target):
    found = measures.chance(np.arange(10_000.0), target, replicate=EVERY_EIGHTH)
    assert type(found) is measures.Measure
    assert min(found.value, 1 - found.value) == pytest.approx(1e-4)
    assert found.error == pytest.approx(1e-4)  # one replicate in eight at 8e-4: s.d. 8e-4 / sqrt 8, over sqrt 8


def test_a_bound_counts_weighted_draws_for_what_they_are_worth():
    """Half of the draws without weight: 5,000 are left, and the limit is 1 - 0.05^(1/5,000)."""
    weights = np.repeat([2.0, 0.0], 5_000)
    found = measures.chance(np.arange(10_000.0), 5_000.0, replicate=EVERY_EIGHTH, weights=weights)
    assert found.value == 0.0
    assert found.limit == pytest.approx(1 - 0.05 ** (1 / 5_000))


def test_a_reading_of_a_chance_gives_the_same_bound_and_other_measures_none():
    values = np.zeros(10_000)
    assert Metric("z", None, "chance", 1.0).of(values, EVERY_EIGHTH).limit == pytest.approx(NOBODY, rel=1e-7)
    assert type(Metric("z", None, "mean").of(values, EVERY_EIGHTH)) is measures.Measure
    several = measures.chance(np.zeros((2, 10_000)), 1.0, replicate=EVERY_EIGHTH)
    assert type(several) is measures.Measure
    assert several.value.tolist() == [0.0, 0.0]


def all_pairs(values, observed):
    return np.abs(values - observed).mean() - np.abs(values[:, None] - values).mean() / 2


@pytest.mark.parametrize("weighted", [False, True])
def test_the_score_of_a_forecast_is_that_of_all_pairs_of_draws_less_the_bias_that_replicates_show(weighted):
    rng = np.random.default_rng(1)
    values, replicate = rng.normal(size=64), np.arange(64) % 8
    times = rng.integers(1, 4, size=64) if weighted else np.ones(64, int)  # a draw of weight 3 counts three times
    whole = all_pairs(np.repeat(values, times), 0.3)
    each = [all_pairs(np.repeat(values[replicate == r], times[replicate == r]), 0.3) for r in range(8)]
    score = measures.crps(values, 0.3, replicate=replicate, weights=times.astype(float) if weighted else None)
    assert score.value == pytest.approx(whole - (np.mean(each) - whole) / 7)
    assert score.error == pytest.approx(np.std(each, ddof=1) / np.sqrt(8))


def test_a_forecast_without_spread_scores_its_miss(result):
    assert measures.crps(np.full(16, 5.0), 7.0, replicate=np.arange(16) % 8).value == 2.0
    near, far = (result.crps(x).value for x in (527_000, 300_000))
    assert near < far


def test_measures_of_several_periods_are_those_of_each():
    rng = np.random.default_rng(1)
    values, replicate, weights = rng.normal(size=(3, 64)), np.arange(64) % 8, rng.uniform(1, 2, 64)
    for statistic in (measures.mean, measures.sd):
        for w in (None, weights):
            together = statistic(values, replicate=replicate, weights=w)
            for n in range(3):
                alone = statistic(values[n], replicate=replicate, weights=w)
                assert (together.value[n], together.error[n]) == pytest.approx(tuple(alone))
    together = measures.quantile(values, (0.1, 0.5), replicate=replicate)
    assert together.value.shape == (2, 3)
    for n in range(3):
        alone = measures.quantile(values[n], (0.1, 0.5), replicate=replicate)
        assert together.value[:, n] == pytest.approx(alone.value)
        assert together.error[:, n] == pytest.approx(alone.error)
    scored = measures.crps(values, 0.1, replicate=replicate)
    assert scored.value == pytest.approx([measures.crps(row, 0.1, replicate=replicate).value for row in values])
    assert measures.standard_error(values).tolist() == pytest.approx((values.std(axis=1, ddof=1) / 8).tolist())


def test_quantiles_at_the_ends_are_the_extremes_and_a_share_below_leaves_out_the_number_itself():
    values, replicate = np.array([3.0, 1.0, 4.0, 2.0]), np.array([0, 1, 0, 1])
    assert measures.quantile(values, 0.0, replicate=replicate).value == 1.0
    assert measures.quantile(values, 1.0, replicate=replicate).value == 4.0
    below = measures.percentile_of(values, 3.0, replicate=replicate)
    assert below.value == 0.5
    assert measures.percentile_of(values, 3.0, replicate=replicate, weights=np.array([1, 5, 1, 1.0])).value == 0.75
    assert measures.by_replicate(values, replicate).tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert type(measures.mean(values, replicate=replicate).value) is float
    assert measures.draws_needed(0.5, 0.5) == 1
    assert measures.draws_needed(0.5, 0.75) == 2
