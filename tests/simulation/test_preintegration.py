"""The smoothed chance: unbiased whatever the direction, right in the tail, with jumps, and with its stated error."""

import dataclasses

import numpy as np
import pytest
from scipy import special, stats

from model import InputError, from_dict, simulate
from model.assumptions.copula import rank_of_normals
from model.simulation.measures import Bound, Measure, bounded
from model.simulation.metric import Metric
from model.simulation.preintegration import _crossings, chance
from model.simulation.sampling.active_direction import PILOT, Along, Direction, direction
from model.simulation.sampling.common_random_numbers import KeptDraws
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Net, Random
from model.xiaomi.business import XIAOMI
from model.xiaomi.ev_volume import volume

WITHIN = 5.4  # standard errors; of Student's t with 7 degrees of freedom, 99.9% lie within
TWO = {"x": {"mean": 0, "sd": 3}, "y": {"mean": 0, "sd": 4}}

CARS = dataclasses.replace(XIAOMI, function=volume)


def at_least(target):
    return Metric("z", None, "chance", target)


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
    counted = simulate(base, CARS, draws=131_072).chance()
    found = chance(base, XIAOMI)
    assert abs(found.value - counted.value) <= WITHIN * np.hypot(found.error, counted.error)
    far = Metric("ev.deliveries", "2026", "chance", 700_000.0)
    gain = ratio_of_variances(
        range(20), lambda s: chance(base, XIAOMI, far, draws=4096, seed=s).value,
        lambda s: simulate(base, CARS, draws=4096, seed=s).chance("ev.deliveries", 700_000.0).value,
    )  # fmt: skip
    assert gain > 4  # 9.5 over 20 seeds; a ratio of variances from 20 seeds scatters


def test_the_stated_error_of_the_base_case_is_its_spread_over_seeds(base):
    found = [chance(base, XIAOMI, draws=2048, seed=s) for s in range(30)]
    spread, stated = np.std([f.value for f in found], ddof=1), np.sqrt(np.mean([f.error**2 for f in found]))
    assert 0.65 < spread / stated < 1.5


def test_the_same_seed_gives_the_same_bits_and_more_draws_less_error(base):
    assert chance(base, XIAOMI, draws=2048, seed=3) == chance(base, XIAOMI, draws=2048, seed=3)
    assert chance(base, XIAOMI, draws=16_384).error < chance(base, XIAOMI, draws=2048).error


def test_a_draw_moved_to_where_it_stands_is_itself(base):
    def outcome(d):
        return volume(d)["ev.deliveries"][-1]

    kept = KeptDraws(base, Net(1, 0, 2048, salts=XIAOMI.salts))
    values = outcome(kept)
    along = Along(kept, direction(base, outcome, 550_000.0, 1))
    assert outcome(along.at(along.place)) == pytest.approx(values, rel=1e-9)
    assert outcome(along.at(along.place + 0.5)).mean() > values.mean() + 20_000


def test_places_on_a_direction_are_standard_normal_and_it_is_a_unit_vector(base):
    to = direction(base, lambda d: volume(d)["ev.deliveries"][-1], 550_000.0, 1)
    assert sum(w**2 for w in to.weights.values()) == pytest.approx(1)
    assert "ev.accident.happens" not in to.weights
    place = Along(KeptDraws(base, Net(1, 0, 16_384, salts=XIAOMI.salts)), to).place
    assert place.mean() == pytest.approx(0, abs=0.01)
    assert place.std() == pytest.approx(1, abs=0.02)


def linear(d):
    return 3 * d["x"] + 2 * d["y"] + d["z"]


TIED = from_dict({n: {"mean": 0, "sd": 1} for n in "xyz"}, [("x", "y", rank_of_normals(0.6))])


def test_the_direction_of_a_sum_of_tied_normals_is_that_of_its_gradient_times_the_covariance():
    to = direction(TIED, linear, 0.0, 1)
    step = np.array([[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]]) @ [3, 2, 1]
    rise = np.sqrt(np.array([3, 2, 1]) @ step)  # the standard deviation of the sum
    assert to.slope == pytest.approx(rise)
    assert [to.moves[n] for n in "xyz"] == pytest.approx(step / rise)
    assert to.middle == pytest.approx(0, abs=1e-9)


def test_what_is_held_stays_where_it_is_and_what_is_tied_to_it_moves_alone():
    """Of x and y with correlation 0.6, y alone moves with what is left of it given x: sqrt(1 - 0.36)."""
    to = direction(TIED, lambda d: 5 * d["y"] + 0 * d["z"], 0.0, 1)
    assert list(to.moves) == ["y"]
    assert to.moves["y"] == pytest.approx(0.8)
    assert to.weights == pytest.approx({"y": 1.0})
    kept = KeptDraws(TIED, Net(1, 0, 4096))
    moved = Along(kept, to).at(np.full(4096, 2.0))
    assert moved["x"] is kept["x"]
    assert moved["z"] is kept["z"]
    assert np.allclose(
        moved["y"], 0.6 * kept["x"] + 0.8 * 2.0
    )  # x comes first: y is 0.6 x and its own part, which is 2


def test_moving_what_comes_first_holds_what_is_tied_to_it():
    """x alone moves, y held: given y, x is 0.6 y with deviation 0.8."""
    to = direction(TIED, lambda d: 5 * d["x"] + 0 * d["z"], 0.0, 1)
    kept = KeptDraws(TIED, Net(1, 0, 4096))
    along = Along(kept, to)
    moved = along.at(np.full(4096, -1.5))
    assert moved["y"] is kept["y"]
    assert np.allclose(moved["x"], 0.6 * kept["y"] - 1.5 * 0.8)
    assert np.corrcoef(along.place, kept["y"])[0, 1] == pytest.approx(0, abs=0.02)


def test_members_stay_until_they_bring_nearly_all_of_the_rise():
    a = from_dict({f"x{n}": {"mean": 0, "sd": 1} for n in range(6)})
    rises = [10.0, 8.0, 1.0, 4.0, 0.0, 0.5]  # squares: 100, 64, 1, 16, 0, 0.25 of 181.25; three of them make 99.3%
    to = direction(a, lambda d: sum(r * d[f"x{n}"] for n, r in enumerate(rises)), 0.0, 1)
    assert list(to.moves) == ["x0", "x1", "x3"]


def test_the_gradient_is_that_where_the_target_lies():
    """3 x + y, and 20 y more where y passes 2. The mean gradient along y is 1 + 20 P(y > 2), where the draws lie."""
    a = from_dict({n: {"mean": 0, "sd": 1} for n in "xy"})

    def bent(d):
        return 3 * d["x"] + d["y"] + 20 * np.maximum(0.0, d["y"] - 2.0)

    middle = np.mean([direction(a, bent, 0.0, seed).moves["y"] for seed in range(20)])
    slope = 1 + 20 * stats.norm.sf(2)
    assert middle == pytest.approx(slope / np.hypot(3, slope), abs=0.05)
    assert direction(a, bent, 60.0, 1).moves["y"] > 0.9  # three deviations out y is past 2 more often than not


def test_in_the_base_case_orders_move_the_middle_and_plants_the_tail(base):
    def outcome(d):
        return volume(d)["ev.deliveries"][-1]

    middle, tail = (direction(base, outcome, target, 1) for target in (550_000.0, 750_000.0))
    most = [max(to.moves, key=lambda n: abs(to.moves[n])) for to in (middle, tail)]
    assert most[0].endswith(".orders")
    assert most[1].startswith("ev.plants")


def test_drivers_that_the_move_does_not_touch_run_once():
    a = from_dict({n: {"mean": 0, "sd": 1} for n in "xy"})
    runs = []

    def square(values):
        runs.append(len(values))
        return values**2

    def outcome(d):
        return d["x"] * 10 + d.once(square, d["y"]) * 0.01

    kept = KeptDraws(a, Net(1, 0, 2048))
    along = Along(kept, direction(a, outcome, 0.0, 1))
    runs.clear()
    for t in (0.0, 1.0, 2.0):
        outcome(along.at(np.full(2048, t)))
    outcome(kept)
    assert runs == [2048]


def places(function, runs, *, target=1.0, slope=2.0):
    """Places of all draws after each run, on a direction along x that expects `slope` from 0."""
    a = from_dict({"x": {"mean": 0, "sd": 1}})
    to = Direction({"x": 1.0}, {"x": 1.0}, 0.0, slope)
    found = _crossings(Along(KeptDraws(a, Net(1, 0, 2048)), to), lambda d: function(d["x"]), target, to)
    made = [next(found) for _ in range(runs)]
    assert all(
        np.allclose(each, each[0], atol=1e-9) for each in made
    )  # x is all there is, so that all draws stand at one place
    return [float(each[0]) for each in made]


def test_steps_towards_a_crossing_by_hand():
    """x^3 = 1 from 1/2, where it is 7/8 short: 1/2 + (7/8)/2, then the secant through both, then through the last two."""
    one = 0.5 + 0.875 / 2
    two = one + (1 - one**3) * (one - 0.5) / (one**3 - 0.5**3)
    three = two + (1 - two**3) * (two - one) / (two**3 - one**3)
    assert places(lambda x: x**3, 3) == pytest.approx([one, two, three], abs=1e-9)
    assert three == pytest.approx(0.997, abs=0.001)


def test_where_it_is_flat_what_is_left_is_halved_by_its_probability():
    """1/2, and 0.8 short / 2 on: 0.9. There nothing has changed; Phi(0.9) = 0.81594, half of the rest is at 1.32836."""
    above = special.ndtri((special.ndtr(0.9) + 1) / 2)
    assert above == pytest.approx(1.32836, abs=1e-5)
    assert places(lambda x: np.minimum(x, 0.2), 2) == pytest.approx([0.9, above], abs=1e-9)
    # 1/2, and 1 too much / 2 back: 0, then the lower quartile, -0.67449, then the lower eighth
    assert places(lambda x: np.maximum(x, 2.0), 3) == pytest.approx([0.0, -0.67449, -1.15035], abs=1e-5)


def test_a_jump_is_closed_in_on():
    """10 above 0.3, else 0; the target is 5. At 2.5 it is 5 too much, a step of 5 / 2 back 5 short: secants to 1.25 and 0.625.

    From there the secant is flat: the middle of 0 and 0.625 by probability is where Phi is (0.5 + 0.73401) / 2, at 0.29763;
    short again, and the secant meets halfway, at 0.46131.
    """
    found = places(lambda x: np.where(x > 0.3, 10.0, 0.0), 5, target=5.0)
    assert found == pytest.approx([0.0, 1.25, 0.625, 0.29763, 0.46131], abs=1e-5)


def test_a_secant_out_of_the_interval_is_not_taken():
    """x + 5 (x > 0.6): at 0.5 it is 0.5 short; 0.25 on, at 0.75, it is 4.75 too much; then 0.523809...

    There it is short by 0.476190; the secant with 0.75 meets at 0.544331, where it is still short, and the secant of the last
    two, a line of slope 1, at 1: out of the interval, so that the middle of 0.544331 and 0.75 by probability is taken.
    """
    found = places(lambda x: x + 5.0 * (x > 0.6), 4)
    third = 0.75 - 4.75 * 0.25 / 5.25
    fourth = third + (1 - third) * (0.75 - third) / (4.75 + 1 - third)
    middle = special.ndtri((special.ndtr(fourth) + special.ndtr(0.75)) / 2)
    assert found == pytest.approx([0.75, third, fourth, middle], abs=1e-9)


def test_one_that_has_arrived_stays():
    assert places(lambda x: 2.0 * x, 4) == pytest.approx([0.5] * 4, abs=1e-12)


def test_a_place_far_out_is_looked_at_no_farther_than_eight_deviations_away():
    seen = []
    places(lambda x: seen.append(float(x.max())) or x, 3, target=50.0, slope=1.0)
    assert max(seen) == pytest.approx(8.0, abs=0.02)
    places(lambda x: seen.append(float(x.min())) or x, 3, target=-50.0, slope=1.0)
    assert min(seen) == pytest.approx(-8.0, abs=0.02)


def test_months_of_a_shock_are_moved_and_the_others_stay():
    a = from_dict({"x": {"mean": 0, "sd": 1}})

    def outcome(d):
        return d["x"] + 3 * d.shock("noise", 4)[1] + 2 * d.shock("noise", 4)[3]

    to = direction(a, outcome, 0.0, 1)
    root = np.sqrt(14)
    assert to.weights == pytest.approx({"x": 1 / root, "shock noise 2": 3 / root, "shock noise 4": 2 / root})
    kept = KeptDraws(a, Net(1, 0, 2048))
    along = Along(kept, to)
    there = along.at(np.full(2048, 2.5))
    assert np.allclose(outcome(there), 2.5 * root)
    assert np.array_equal(there.shock("noise", 4)[[0, 2]], kept.shock("noise", 4)[[0, 2]])
    assert np.allclose(there["x"], kept["x"] + (2.5 - along.place) / root)


def test_whatever_a_model_asks_of_moved_draws_has_moved():
    """Percentiles and scores too: a model may be written in them."""
    a = from_dict({n: {"mean": 0, "sd": 1} for n in "xyz"}, [("x", "y", rank_of_normals(0.6))])
    for path in "xz":
        found = chance(a, lambda d, p=path: {"z": special.ndtri(d.percentile(p)) + d[p]}, at_least(2.0), draws=4096)
        assert found.value == pytest.approx(stats.norm.sf(1), abs=1e-3)
    to = direction(a, lambda d: d["x"] + d["y"] + d["z"], 0.0, 1)
    kept = KeptDraws(a, Net(1, 0, 2048))
    moved = Along(kept, to).at(np.full(2048, 1.5))
    for path in "xyz":
        assert np.allclose(special.ndtri(moved.percentile(path)), moved[path])
    free = moved.independent(["x", "y", "z"])
    along = sum(to.weights[n] * row for n, row in zip("xyz", free, strict=True))
    assert np.median(np.abs(along - 1.5)) < 1e-4  # scores that are tied stand at 65,536 levels
    assert np.allclose(moved.score("x"), free[0])


def test_what_does_not_lie_on_the_direction_is_asked_of_the_kept_draws():
    a = from_dict({n: {"mean": 0, "sd": 1} for n in "xyz"}, [("x", "y", rank_of_normals(0.6))])
    kept = KeptDraws(a, Net(1, 0, 2048))
    moved = Along(kept, direction(a, lambda d: d["z"], 0.0, 1)).at(np.full(2048, 1.5))
    for path in "xy":
        assert np.array_equal(moved.percentile(path), kept.percentile(path))
        assert np.array_equal(moved.score(path), kept.score(path))
    assert np.array_equal(moved.independent(["x", "y", "w"]), kept.independent(["x", "y", "w"]))


def test_a_model_that_has_no_number_far_out_is_searched_as_far_as_it_has():
    """-log x of a normal with mean 10 and deviation 2 is at least -1 where x is below e, 3.64 deviations down."""
    a = from_dict({"x": {"mean": 10, "sd": 2}})
    found = chance(a, lambda d: {"z": -np.log(d["x"])}, at_least(-1.0), draws=4096)
    assert found.value == pytest.approx(stats.norm.cdf((np.e - 10) / 2), rel=1e-3)


def test_an_outcome_or_a_period_that_is_not_there_is_refused_with_the_near_one(base):
    for what, said in (
        (Metric("ev.deliverys", "2026", "chance", 1.0), "no outcome 'ev.deliverys'. Did you mean ev.deliveries"),
        (Metric("ev.deliveries", "2026Q9", "chance", 1.0), "ev.deliveries: no period '2026Q9'. Did you mean 2026Q4"),
    ):
        with pytest.raises(InputError) as refused:
            chance(base, XIAOMI, what, draws=2048)
        assert str(refused.value).startswith(said)


def test_a_chance_of_money_is_that_of_the_whole_business(base):
    what = Metric("ev.gross_margin", "2026", "chance", 0.25)
    counted = simulate(base, draws=16_384).chance("ev.gross_margin", 0.25, "2026")
    found = chance(base, XIAOMI, what, draws=4096)
    assert abs(found.value - counted.value) <= WITHIN * np.hypot(found.error, counted.error)


def test_a_target_out_of_reach_has_a_direction_too(base):
    for target in (-1e9, 1e9):
        to = direction(base, lambda d: volume(d)["ev.deliveries"][-1], target, 1)
        assert np.isfinite([to.slope, to.middle]).all()
        assert chance(
            base, XIAOMI, Metric("ev.deliveries", "2026", "chance", target), draws=2048
        ).value == pytest.approx(float(target < 0), abs=1e-12)


@pytest.mark.parametrize(
    ("function", "target", "runs"),
    [
        (lambda d: d["x"] + d["y"], 6.0, 2),
        (lambda d: np.exp((d["x"] + d["y"]) / 5), np.exp(1.2), 8),
        (lambda d: np.minimum(d["x"] + d["y"], 7.0), 6.0, 6),  # flat beyond the crossing
    ],
    ids=["line", "curve", "plateau"],
)
def test_a_crossing_is_found_in_so_many_runs(function, target, runs):
    a = from_dict(TWO)
    to = direction(a, function, target, 1)
    along = Along(KeptDraws(a, Net(1, 0, 2048)), to)
    crossings = _crossings(along, function, target, to)
    for _ in range(runs):
        place = next(crossings)
    assert np.abs(function(along.at(place)) - target).max() < 1e-7


def test_a_draw_that_never_reaches_the_target_halves_its_chance_with_every_run():
    a = from_dict(TWO)

    def capped(d):
        return np.minimum(d["x"] + d["y"], 5.0)

    to = direction(a, capped, 6.0, 1)
    crossings = _crossings(Along(KeptDraws(a, Net(1, 0, 2048)), to), capped, 6.0, to)
    chances = [float(special.ndtr(-next(crossings)).max()) for _ in range(8)]
    assert chances[7] < chances[3] / 8
    assert chances[7] < 0.01


def test_random_draws_have_the_margins_and_the_correlations_of_the_file(base):
    draws = Draws(base, Random(20_000, np.random.default_rng(1)))
    kept = Draws(base, Net(1, 0, 32_768, salts=XIAOMI.salts))
    for path in ("ev.lines.yu7.orders", "ev.lines.yu7.waiting", "ev.workdays"):
        ours, theirs = (np.quantile(np.atleast_2d(d[path])[0], [0.1, 0.5, 0.9]) for d in (draws, kept))
        assert ours == pytest.approx(theirs, rel=0.03)
    a, b, rank = max(base.pairs, key=lambda p: abs(p[2]))
    assert stats.spearmanr(np.atleast_2d(draws[a])[0], np.atleast_2d(draws[b])[0]).statistic == pytest.approx(
        rank, abs=0.03
    )


def test_what_does_not_vary_is_counted():
    a = from_dict({"x": {"value": 3.0}})
    for draws in (2048, 32_768):  # one block, and several
        assert chance(a, lambda d: {"z": d["x"] + 0}, at_least(3.0), draws=draws) == bounded(Measure(1.0, 0.0), draws)
        assert chance(a, lambda d: {"z": d["x"] + 0}, at_least(3.5), draws=draws) == bounded(Measure(0.0, 0.0), draws)


def test_where_nothing_is_smooth_hits_are_counted():
    event = from_dict({"event": {"values": [0, 1], "weights": [0.75, 0.25]}})
    found = chance(event, lambda d: {"z": d["event"] * 2.0}, at_least(1.0), draws=4096)
    assert found.value == simulate(event, lambda d: {"z": d["event"]}, draws=4096).chance("z", 1.0).value
    assert found.value == pytest.approx(0.25, abs=0.01)
    assert chance(from_dict(TWO), lambda d: {"z": 0 * d["x"] + 3.0}, at_least(3.0), draws=2048) == bounded(
        Measure(1.0, 0.0), 2048
    )


def test_the_target_of_the_file_may_be_that_of_a_quarter(base):
    target = base.target.model_copy(update={"period": "2026Q1", "value": 125_000.0})
    of_file = chance(dataclasses.replace(base, target=target), XIAOMI, draws=4096)
    assert of_file == chance(base, XIAOMI, Metric("ev.deliveries", "2026Q1", "chance", 125_000.0), draws=4096)


def test_a_quarter_of_the_draws_takes_six_runs_and_is_counted_and_the_others_take_four():
    runs = []

    def counting(d):
        runs.append(d.size)
        return both(d)

    chance(from_dict(TWO), counting, at_least(5.0), draws=16_384)
    assert runs == [PILOT] * 2 + [4096] * 6 + [4096] + [8192] * 4 + [4096] * 4


def test_a_measure_that_is_no_chance_and_an_outcome_without_end_are_refused(base):
    with pytest.raises(InputError) as refused:
        chance(base, XIAOMI, Metric("ev.deliveries"))
    assert str(refused.value) == "'mean of ev.deliveries' is no chance. OUTCOME>=NUMBER"
    with pytest.raises(InputError) as refused:
        chance(from_dict(TWO), lambda d: {"z": np.log(d["x"])}, at_least(0.0), draws=2048)
    assert str(refused.value) == "z: is not finite in some draws"


def test_it_is_part_of_the_public_interface(base):
    import model

    assert model.chance is not None


def test_a_chance_of_a_quarter_is_that_of_the_quarter(base):
    what = Metric("ev.deliveries", "2026Q1", "chance", 125_000.0)
    counted = simulate(base, CARS, draws=32_768).chance("ev.deliveries", 125_000.0, "2026Q1")
    found = chance(base, XIAOMI, what)
    assert 0.05 < counted.value < 0.95
    assert abs(found.value - counted.value) <= WITHIN * np.hypot(found.error, counted.error)


EVEN = {  # outcome, target, chance: even in an input, or met on several sides
    "quartic": (lambda d: {"z": d["y"] - 256 * d["x"] ** 4}, 2.0, 0.0032266812),
    "corner": (
        lambda d: {"z": -np.maximum(d["x"] ** 2 - 8 * d["y"] + 16, d["y"] - 16 * d["x"] + 32)},
        0.0,
        4.148566294e-5,
    ),
    "both tails": (lambda d: {"z": d["x"] ** 4 + 0 * d["y"]}, 100.0, 2 * stats.norm.sf(100**0.25)),
    "outside a circle": (lambda d: {"z": d["x"] ** 2 + d["y"] ** 2}, 4.0, np.exp(-2.0)),
    "inside a circle": (lambda d: {"z": -(d["x"] ** 2) - d["y"] ** 2}, -0.1, 1 - np.exp(-0.05)),
}


@pytest.mark.parametrize("name", EVEN)
def test_an_outcome_that_no_one_direction_leads_to_is_counted(name):
    function, target, truth = EVEN[name]
    a = from_dict({n: {"mean": 0, "sd": 1} for n in "xy"})
    found = [chance(a, function, at_least(target), draws=16_384, seed=s) for s in range(20)]
    counted = [simulate(a, function, draws=16_384, seed=s).chance("z", target) for s in range(20)]
    assert np.mean([f == c for f, c in zip(found, counted, strict=True)]) >= 0.9
    errors = [m.value - truth for m in found]
    assert abs(np.mean(errors)) <= 4 * np.std(errors, ddof=1) / np.sqrt(20)


@pytest.mark.parametrize("target", [250_000, 550_000, 650_000, 700_000])
def test_deliveries_have_a_direction_at_every_seed(base, target):
    def outcome(draws):
        return volume(draws)["ev.deliveries"][-1]

    assert all(direction(base, outcome, target, seed) is not None for seed in range(10))


@pytest.mark.parametrize("draws", [8192, 32_768])
def test_where_all_replicates_stop_short_of_a_crossing_alike_the_error_says_so(draws):
    """P(1 / u >= 1000) = 0.001: one input alone, and so curved that the search ends before it is there."""
    a = from_dict({"u": {"low": 0, "high": 1}})
    found = [chance(a, lambda d: {"z": 1 / d["u"]}, at_least(1000.0), draws=draws, seed=seed) for seed in range(20)]
    assert all(abs(one.value - 0.001) <= 2 * one.error < 0.001 for one in found)


@pytest.mark.parametrize(("target", "value"), [(9e9, 0.0), (-9e9, 1.0)])
def test_a_target_that_is_met_nowhere_or_everywhere_is_a_bound(target, value):
    a = from_dict({"x": {"mean": 0, "sd": 1}})
    found = chance(a, lambda d: {"z": d["x"]}, at_least(target), draws=8192)
    assert found == Bound(value, pytest.approx(1 - 0.05 ** (1 / 8192)))
