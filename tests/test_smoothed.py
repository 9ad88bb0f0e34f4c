"""The smoothed chance: unbiased whatever the direction, right in the tail, with jumps, and with its stated error."""

import numpy as np
import pytest
from scipy import special, stats

from model import InputError, from_dict, simulate, smoothed
from model.along import Along, Random, direction
from model.correlation import rank_of_normals
from model.draws import Draws
from model.ev_volume import volume
from model.smoothed import Reading, _crossings, chance
from model.variation import KeptDraws

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
    assert gain > 12  # 40 over 24 seeds; a ratio of variances from 20 seeds scatters


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
    along = Along(kept, direction(base, outcome, 550_000.0, 1))
    assert outcome(along.at(along.place)) == pytest.approx(values, rel=1e-9)
    assert outcome(along.at(along.place + 0.5)).mean() > values.mean() + 20_000


def test_places_on_a_direction_are_standard_normal_and_it_is_a_unit_vector(base):
    to = direction(base, lambda d: volume(d)["ev.deliveries"][-1], 550_000.0, 1)
    assert sum(w**2 for w in to.weights.values()) == pytest.approx(1)
    assert "ev.accident.happens" not in to.weights
    place = Along(KeptDraws(base, 1, 0, 16_384), to).place
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
    kept = KeptDraws(TIED, 1, 0, 4096)
    moved = Along(kept, to).at(np.full(4096, 2.0))
    assert moved["x"] is kept["x"]
    assert moved["z"] is kept["z"]
    assert np.allclose(
        moved["y"], 0.6 * kept["x"] + 0.8 * 2.0
    )  # x comes first: y is 0.6 x and its own part, which is 2


def test_moving_what_comes_first_holds_what_is_tied_to_it():
    """x alone moves, y held: given y, x is 0.6 y with deviation 0.8."""
    to = direction(TIED, lambda d: 5 * d["x"] + 0 * d["z"], 0.0, 1)
    kept = KeptDraws(TIED, 1, 0, 4096)
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
    """x counts below 3 and y above it: for a target of 6 the way leads up y."""
    a = from_dict({n: {"mean": 0, "sd": 1} for n in "xy"})

    def bent(d):
        return np.minimum(d["x"], 1.0) + 0.3 * d["y"] + np.maximum(0.0, d["y"] + d["x"] - 2.0) * 3.0 * (d["y"] > 0)

    near, far = (direction(a, bent, target, 1) for target in (0.0, 6.0))
    assert near.moves["x"] > 0.9
    assert far.moves["y"] > far.moves["x"]


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

    kept = KeptDraws(a, 1, 0, 2048)
    along = Along(kept, direction(a, outcome, 0.0, 1))
    runs.clear()
    for t in (0.0, 1.0, 2.0):
        outcome(along.at(np.full(2048, t)))
    outcome(kept)
    assert runs == [2048]


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
    along = Along(KeptDraws(a, 1, 0, 2048), to)
    crossings = _crossings(along, function, target, to)
    for _ in range(runs):
        place = next(crossings)
    assert np.abs(function(along.at(place)) - target).max() < 1e-7


def test_a_draw_that_never_reaches_the_target_halves_its_chance_with_every_run():
    a = from_dict(TWO)

    def capped(d):
        return np.minimum(d["x"] + d["y"], 5.0)

    to = direction(a, capped, 6.0, 1)
    crossings = _crossings(Along(KeptDraws(a, 1, 0, 2048), to), capped, 6.0, to)
    chances = [float(special.ndtr(-next(crossings)).max()) for _ in range(8)]
    assert chances[7] < chances[3] / 8
    assert chances[7] < 0.01


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
