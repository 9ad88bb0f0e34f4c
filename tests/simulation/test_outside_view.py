"""The outside view against closed forms: the log pool of normals, bins, weights that move nothing else."""

import dataclasses
import math
from statistics import NormalDist

import numpy as np
import pytest

import model
from model import InputError
from model.assumptions.schema import Outside
from model.simulation import outside_view as outside
from model.simulation import simulate as engine
from model.simulation.outside_view import LEVELS, classes_of, outside_view, pool, pooled
from model.simulation.reference_class import ReferenceClass, leave_one_out
from model.xiaomi.business import XIAOMI

SD = 0.2  # of the logarithm of the model's outcome, whose median is 500


def class_of(cases, labels=None, name="others"):
    cases = np.asarray(cases, float)
    return ReferenceClass(
        name, f"{len(cases)} others", "all", cases, labels or tuple(map(str, range(len(cases)))), "data"
    )


def lognormal_class(median, sd, number=2001):
    """A class whose logarithms have a mean and standard deviation as given."""
    logs = np.array([NormalDist().inv_cdf((n + 0.5) / number) for n in range(number)])
    logs *= sd / np.std(logs, ddof=1)
    return class_of(median * np.exp(logs))


@pytest.fixture(scope="module")
def made():
    """A lognormal outcome around 500, and a second one that follows it."""
    a = model.from_dict({"x": {"mean": 0, "sd": 1}, "y": {"mean": 0, "sd": 1}})
    a = a.replace(target=a.target.model_copy(update={"outcome": "cars", "period": "2026", "value": 550.0}))
    business = model.Business(lambda d: {"cars": 500 * np.exp(SD * d["x"]), "money": d["x"] + d["y"]})
    return model.simulate(a, business, draws=65_536)


def test_a_class_of_two_cases_has_the_mean_and_spread_of_their_logarithms():
    """Cases e and e^3: mean of the logarithms 2, variance with n - 1 in it 2; P(less than e^2) a half."""
    two = class_of([math.e, math.e**3])
    assert two.log_mean == pytest.approx(2)
    assert two.log_sd == pytest.approx(math.sqrt(2))
    assert two.below(np.array([math.e**2])) == pytest.approx(0.5)
    assert two.beyond(math.e**2, math.e**2) == pytest.approx(1)


def test_cases_that_share_a_label_share_its_weight():
    """Three cases of one maker at e, one of another at e^3: the same as one each."""
    four = class_of([math.e, math.e, math.e, math.e**3], ("a", "a", "a", "b"))
    assert four.shares == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
    assert four.log_mean == pytest.approx(2)
    assert four.log_sd == pytest.approx(math.sqrt(2))


def test_the_interval_of_a_class_holds_the_share_asked_for():
    low, high = lognormal_class(100, 0.3).interval(0.8)
    assert low == pytest.approx(100 * math.exp(-1.2815515655 * 0.3))
    assert high == pytest.approx(100 * math.exp(1.2815515655 * 0.3))


def test_left_out_by_label_each_case_is_held_against_the_others_alone():
    """Logs 0 and 2 alone: mean 1, sd sqrt 2, so P10 to P90 is 1 -+ 1.81 and holds 2.5 but not 9."""
    four = class_of(np.exp([0, 2, 2.5, 9]), ("a", "b", "c", "c"))
    assert leave_one_out(four)["c"] == (1, 2)


def test_many_bins_come_to_the_log_pool_of_two_normals(made, monkeypatch):
    """Log pool of N(a, s) and N(b, t) at w: precision (1 - w)/s^2 + w/t^2, the mean weighted by precision."""
    monkeypatch.setattr(outside, "LEVELS", tuple(n / 400 for n in range(1, 400)))
    median, spread, w = 460.0, 0.3, 0.5
    view = pooled(made, lognormal_class(median, spread), w)
    one, other = (1 - w) / SD**2, w / spread**2
    centre = (one * math.log(500) + other * math.log(median)) / (one + other)
    expected = 1 - NormalDist(centre, (one + other) ** -0.5).cdf(math.log(550))
    assert float(view.chance().value) == pytest.approx(expected, abs=0.002)


def test_the_log_pool_of_the_two_normals_of_the_reference():
    """N(527, 92) and N(472, 150) at a half: N(511.966, 110.909), P(at least 550) 0.36582 (closed form), by narrow bins."""
    ends = np.linspace(-500, 1500, 4001)
    inside, other = NormalDist(527, 92), NormalDist(472, 150)
    shares = [np.diff([0, *(each.cdf(x) for x in ends), 1]) for each in (inside, other)]
    found = outside.Pool(ends, *(np.maximum(share, 1e-300) for share in shares), 0.5)
    middle = np.concatenate([[-500], (ends[:-1] + ends[1:]) / 2, [1500]])
    mean = found.chances @ middle
    assert mean == pytest.approx(511.966, abs=1e-3)
    assert math.sqrt(found.chances @ (middle - mean) ** 2) == pytest.approx(110.909, abs=1e-3)
    assert found.chances[middle > 550].sum() == pytest.approx(0.36582, abs=1e-5)


def test_two_bins_pool_the_odds_geometrically():
    """Chances .4 and .3125 at a half: .3550392228, at a quarter .3772556115, the mean of the log odds (closed form)."""
    for w, expected in ((0.5, 0.3550392228), (0.25, 0.3772556115)):
        found = outside.Pool(np.array([550.0]), np.array([0.6, 0.4]), np.array([0.6875, 0.3125]), w)
        assert found.chances[1] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weight", [0.25, 0.5, 0.7])
def test_every_bin_has_its_pooled_chance(made, weight):
    """inside^(1 - w) outside^w over its sum, reckoned here from quantiles and the normal distribution."""
    reference = lognormal_class(480, 0.25)
    view = pooled(made, reference, weight)
    cars = made.values("cars")
    ends = np.quantile(cars, LEVELS, method="inverted_cdf")
    place = np.searchsorted(ends, cars, side="left")
    inside = np.bincount(place) / len(cars)
    law = NormalDist(math.log(480), 0.25)
    others = np.diff([0, *(law.cdf(math.log(x)) for x in ends), 1])
    expected = inside ** (1 - weight) * others**weight
    held = np.bincount(place, view.weights) / view.weights.sum()
    assert held == pytest.approx(expected / expected.sum(), abs=1e-12)


def test_weight_nought_is_the_same_result(made):
    assert pooled(made, lognormal_class(480, 0.25), 0) is made


def test_weight_nought_in_the_file_leaves_every_draw_and_its_weight_as_they_are(base):
    assert base.outside.weight == 0
    without = base.replace(outside=None)
    assert without.hash == base.hash
    with_it, plain = (model.simulate(a, draws=2048) for a in (base, without))
    assert with_it.weights is None
    assert all(np.array_equal(with_it.outcomes[name], plain.outcomes[name]) for name in plain.outcomes)


def test_within_a_bin_nothing_moves(made):
    view = pooled(made, lognormal_class(480, 0.25), 0.5)
    place = np.searchsorted(np.quantile(made.values("cars"), LEVELS, method="inverted_cdf"), made.values("cars"))
    for each in range(len(LEVELS) + 1):
        assert np.ptp(view.weights[place == each]) == 0
    assert view.values("money") is not None
    for name in ("cars", "money"):
        assert np.array_equal(view.outcomes[name], made.outcomes[name])


def test_other_outcomes_follow_by_the_draws_they_belong_to(made):
    """Money is x plus noise; a class lower than the model lowers it as it lowers x, and leaves the noise."""
    view = pooled(made, lognormal_class(450, 0.2), 0.5)
    x = np.log(made.values("cars") / 500) / SD
    moved = np.average(x, weights=view.weights) - x.mean()
    assert moved < -0.1
    assert view.mean("money").value - made.mean("money").value == pytest.approx(moved, abs=0.01)


def test_a_class_like_the_model_moves_next_to_nothing(made):
    assert np.abs(pool(made, lognormal_class(500, SD), 0.5).chances - pool(made, lognormal_class(500, SD), 0).chances).max() < 1e-3  # fmt: skip


def test_the_log_tilt_is_the_logarithm_of_the_weights_and_nought_at_weight_nought(made):
    reference, cars = lognormal_class(480, 0.25), made.values("cars")
    view = pooled(made, reference, 0.5)
    assert np.exp(pool(made, reference, 0.5).log_tilt(cars)) == pytest.approx(view.weights, rel=1e-12)
    assert not pool(made, reference, 0).log_tilt(cars).any()
    assert pool(made, reference, 0.5).log_tilt(np.array([[1.0, 1e9]])).shape == (1, 2)


def test_a_view_multiplies_weights_that_are_there(made):
    tilted = made.with_weights(np.where(made.values("cars") > 500, 2.0, 1.0))
    view = pooled(tilted, lognormal_class(480, 0.25), 0.5)
    found = pool(tilted, lognormal_class(480, 0.25), 0.5)
    held = np.bincount(found.bin_of(made.values("cars")), view.weights) / view.weights.sum()
    assert held == pytest.approx(found.chances, abs=1e-12)


def test_the_share_of_effective_draws_is_that_of_the_weights(made):
    found = pool(made, lognormal_class(450, 0.3), 0.5)
    weights = np.exp(found.log_tilt(made.values("cars")))
    assert found.effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum() / len(weights), rel=1e-9)


def test_an_outcome_of_few_values_leaves_no_bin_empty():
    a = model.from_dict({"x": {"low": 0, "high": 1}})
    a = a.replace(target=a.target.model_copy(update={"outcome": "n", "period": "2026", "value": 2.0}))
    r = model.simulate(a, lambda d: {"n": np.where(d["x"] < 0.3, 1.0, 2.0)}, draws=2048)
    found = pool(r, class_of([1.0, 2.0, 4.0]), 0.5)
    assert len(found.chances) == 2
    assert np.isfinite(pooled(r, class_of([1.0, 2.0, 4.0]), 0.25).weights).all()


def test_a_class_too_far_away_is_refused_in_words(made):
    with pytest.raises(InputError, match=r"outside view 'others' leaves 1% of the draws effective\. At least 30%"):
        pooled(made, lognormal_class(5, 0.1), 1)


@pytest.mark.parametrize("weight", [-0.1, 1.1, math.nan])
def test_a_weight_lies_between_nought_and_one(made, weight):
    with pytest.raises(InputError, match="Between 0 and 1"):
        pooled(made, lognormal_class(480, 0.25), weight)


@pytest.mark.parametrize("cases", [[1.0], [2.0, 2.0], [1.0, -1.0], [1.0, math.inf], []])
def test_cases_that_make_no_distribution_are_refused(cases):
    with pytest.raises(InputError, match="the reference class 'others' make no distribution"):
        class_of(cases)


def test_cases_of_one_label_are_refused():
    with pytest.raises(InputError, match="two labels or more"):
        class_of([1.0, 2.0], ("a", "a"))


def weighed(base, **what):
    keys = {"class": "first_targets", "rule": "-", "cases": 37.0, "weight": 0.5, "source": "-", "why": "-", **what}
    return base.replace(outside=Outside(**keys))


def test_above_weight_nought_the_hash_differs_and_each_weight_has_its_own(base):
    hashes = {base.hash, *(weighed(base, weight=w).hash for w in (0.25, 0.5))}
    assert len(hashes) == 3


def test_a_weight_in_the_file_pools_every_simulation(base, result):
    r = model.simulate(weighed(base), draws=8192)
    reference = classes_of(base, result.business)[0]
    assert np.array_equal(r.weights, pooled(result, reference, 0.5).weights)
    assert r.view == "outside view first_targets at weight 0.5"
    assert r.steps.unpooled.weights is None


def test_the_engine_pools_nothing(base, result):
    plain = engine.simulate(weighed(base), XIAOMI, draws=8192)
    assert plain.weights is None
    assert plain.steps.unpooled is None
    assert np.array_equal(plain.values("ev.deliveries"), result.values("ev.deliveries"))


def test_a_result_that_is_pooled_prints_the_same_table_as_before(base, result):
    r = model.simulate(weighed(base), draws=8192)
    assert outside_view(r).table().rows == outside_view(result).table().rows


def test_the_table_of_an_outside_view_is_read_off_pooled_results(result):
    reference = classes_of(result.assumptions, result.business)[0]
    view = model.outside(result)
    row = next(row for row in view.table().rows if row[:2] == ("first_targets", 0.5))
    pooled_result = pooled(result, reference, 0.5)
    assert row[2] == pytest.approx(float(pooled_result.chance().value), rel=1e-12)
    assert row[3] == pytest.approx(float(pooled_result.chance().error), rel=1e-9)
    assert row[4:7] == pytest.approx(tuple(pooled_result.quantile("ev.deliveries", (0.1, 0.5, 0.9), "2026").value))


def test_a_business_without_classes_has_an_outside_view_without_lines(made):
    assert model.outside(made).lines() == []


def test_the_wrong_number_of_cases_is_refused_wherever_the_class_is_used(base):
    with pytest.raises(InputError, match=r"outside\.cases: says 36 cases, the data has 37"):
        model.simulate(weighed(base, cases=36.0), draws=2048)


def test_two_pools_are_taken_out_together(made):
    once = pooled(made, lognormal_class(480, 0.25), 0.25)
    twice = pooled(once, lognormal_class(520, 0.25), 0.25)
    assert twice.steps.unpooled is made
    assert twice.after(unpooled=None).weights is not None


def test_any_business_may_have_classes(base):
    """A stand that takes x between 0 and 2; others took 1 and 3, so that 1.5 or more is likelier with them."""
    others = class_of([1.0, 3.0])
    stand = model.Business(lambda d: {"takings": d["x"]}, classes=lambda root, a: [others])  # noqa: ARG005
    a = model.from_dict({"x": {"low": 0, "high": 2}})
    a = a.replace(target=a.target.model_copy(update={"outcome": "takings", "period": "2026", "value": 1.5}))
    plain = model.simulate(a, stand, draws=2048)
    assert model.outside(plain).lines()[0].startswith("Outside view (2 others): at weight 0 / 0.25 / 0.5 / 1: 25 / ")
    keys = {"class": "others", "rule": "-", "cases": 2.0, "weight": 0.25, "source": "-", "why": "-"}
    weighed = model.simulate(a.replace(outside=Outside(**keys)), stand, draws=2048)
    assert weighed.chance().value > plain.chance().value == pytest.approx(0.25, abs=0.001)


def test_a_chance_that_no_draw_meets_is_not_printed_as_nought(made):
    """The target is a million: no draw reaches it."""
    a = made.assumptions
    far = dataclasses.replace(made, assumptions=a.replace(target=a.target.model_copy(update={"value": 1e6})))
    assert outside.OutsideView(far, [lognormal_class(480, 0.25)]).lines()[0].count("<1") == 4


def test_an_outcome_without_spread_is_left_as_it_is():
    a = model.from_dict({"x": {"value": 5}})
    a = a.replace(target=a.target.model_copy(update={"outcome": "x", "period": "2026", "value": 4.0}))
    r = model.simulate(a, lambda d: {"x": d["x"] * np.ones(d.size)}, draws=2048)
    assert set(pooled(r, class_of([1.0, 2.0]), 0.5).weights) == {1.0}
    assert outside.OutsideView(r, [class_of([1.0, 2.0])]).lines()
