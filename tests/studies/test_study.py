"""Variations, swings, solutions, explanations: known answers, and a law for each."""

import numpy as np
import pytest
from scipy import stats

import model
from model import InputError, from_dict, load, simulate
from model.assumptions.distributions.base import Fixed, Uniform
from model.assumptions.distributions.families import family
from model.assumptions.distributions.metalog import Metalog
from model.simulation.measures import QUANTILES
from model.simulation.metric import Metric, metric, target_metric
from model.simulation.sampling.common_random_numbers import KeptDraws
from model.simulation.sampling.latents import Net
from model.studies import explain, tornado
from model.studies.solve import equal_chance, solve
from model.studies.sources import Prior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI
from model.xiaomi.drivers import capacity, orders, price

LINEAR = from_dict({"x": {"mean": 5, "sd": 2}, "y": {"mean": 0, "sd": 1}, "z": {"mean": 0, "sd": 1}})
Z90 = stats.norm.ppf(0.9)
CHANCE = Metric("s", None, "chance", 6.0)


def total(d):
    return {"s": d["x"] + 3 * d["y"]}


@pytest.fixture(scope="module")
def linear():
    return Study(LINEAR, Prior(total, draws=8192))


@pytest.fixture(scope="module")
def study(base):
    return Study(base, Prior(XIAOMI, draws=8192))


@pytest.fixture(scope="module")
def target(base):
    return metric("chance", base, XIAOMI)


# --- variation ---------------------------------------------------------------------------------------------


def test_a_study_without_a_variation_is_the_simulation_to_the_last_bit(base, result, study, target):
    assert study.measure(target) == result.chance()
    for outcome in ("ev.deliveries", "ev.deliveries.yu7", "ev.gross_margin", "group.revenue"):
        assert np.array_equal(study.row(Metric(outcome, "2026")), result.values(outcome))


def test_todays_distribution_as_a_variation_changes_nothing_to_the_last_bit(base, result, study, target):
    path = "ev.lines.yu7.orders"
    assert study.measure(target, {path: base[path].distribution}) == result.chance()


@pytest.mark.parametrize("to", [None, "2027-12"])
def test_what_a_variation_does_not_touch_is_not_made_again(root, monkeypatch, to):
    """Orders of one line move: no launch, plant, market or price is computed again, whose arguments are what they were."""
    run = []

    def counted(driver):
        def again(*arguments, **named):
            run.append(driver.__name__)
            return driver(*arguments, **named)

        return again

    for module, name in (
        (orders, "launch"),
        (orders, "market"),
        (price, "rivalry"),
        (orders, "accident"),
        (capacity, "output"),
    ):
        monkeypatch.setattr(module, name, counted(getattr(module, name)))
    study = Study(load(root / "assumptions.toml", to=to, as_of="base"), Prior(XIAOMI, draws=2048))
    what = target_metric(study.assumptions)
    study.measure(what)
    assert {"launch", "market", "rivalry", "accident", "output"} <= set(run)
    run.clear()
    study.measure(what, {"ev.lines.yu7.orders": Fixed(20_000.0)})
    assert run == [] if to is None else "launch" not in run


def test_a_variation_is_the_edited_file_on_the_same_draws(root, result, study):
    edited = simulate(
        load(root / "assumptions.toml", sets=["ev.lines.yu7.orders=20_000"], as_of="base"), draws=result.draws
    )
    row = study.row(Metric("ev.gross_margin", "2026"), {"ev.lines.yu7.orders": Fixed(20_000.0)})
    assert np.array_equal(row, edited.values("ev.gross_margin"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ev.delivery", "no measure 'ev.delivery'. Did you mean ev.deliveries"),
        ("ev.deliveries@2026Q7", "no period '2026Q7'"),
        ("ev.deliveries:p101", "no statistic 'p101'"),
        ("ev.deliveries>=many", "'many' in 'ev.deliveries>=many' is not a number"),
        ("ev.deliveries>=inf", "'inf' in 'ev.deliveries>=inf' is not a number"),
        ("ev.deliveries:p10>=5", "asks for a statistic and for a chance"),
    ],
)
def test_a_bad_measure_is_refused_with_the_near_ones(base, text, said):
    with pytest.raises(InputError) as caught:
        metric(text, base, XIAOMI)
    assert said in str(caught.value)


def test_a_measure_reads_what_the_table_says(base, result):
    for text, value in (
        ("ev.deliveries", result.mean("ev.deliveries").value), ("ev.mix:p90", result.quantile("ev.mix", 0.9).value),
        ("ev.deliveries@2026Q1:sd", result.sd("ev.deliveries", "2026Q1").value),
        ("ev.deliveries>=600_000", result.chance("ev.deliveries", 600_000).value),
    ):  # fmt: skip
        what = metric(text, base, XIAOMI)
        assert what.of(result.values(what.outcome, what.period), result.replicate).value == pytest.approx(
            value, rel=1e-12
        )
    assert len(QUANTILES) == 9


# --- swings ------------------------------------------------------------------------------------------------


def test_the_swing_of_a_sum_is_the_width_of_its_part(linear):
    found = {s.path: s for s in tornado.tornado(linear, Metric("s"))}
    width = 2 * Z90
    assert found["x"].swing.value == pytest.approx(2 * width, rel=1e-9)
    assert found["y"].swing.value == pytest.approx(3 * width, rel=1e-9)
    assert found["x"].swing.error == pytest.approx(0, abs=1e-9)  # common random numbers on both sides
    assert found["x"].low_input[0] == pytest.approx(5 - width)


def test_the_swing_of_a_chance_is_that_of_theory(linear):
    found = {s.path: s for s in tornado.tornado(linear, CHANCE)}
    low, high = (1 - stats.norm.cdf(6 - 5, loc=sign * Z90 * 2, scale=3) for sign in (-1, 1))
    assert abs(found["x"].swing.value - (high - low)) < 4 * found["x"].swing.error


def test_an_assumption_that_nothing_uses_does_not_swing_at_all(linear, study, target):
    assert tornado.tornado(linear, Metric("s"))[-1].swing.value == 0
    found = {s.path: s for s in tornado.tornado(study, target)}
    for path in ("ev.cost.variable", "smartphones.share", "iot.margin"):
        assert found[path].swing == (0, 0)
    assert found["ev.lines.yu7.waiting"].size > 0.15


def test_the_first_look_sees_the_tenths_of_a_normal(linear):
    found = dict(tornado.first_look(linear, Metric("s")))
    mean_of_tenth = 10 * stats.norm.pdf(Z90)  # of the highest tenth of a standard normal
    assert found["y"].value == pytest.approx(2 * 3 * mean_of_tenth, rel=0.02)
    assert abs(found["z"].value) < 4 * found["z"].error


# --- solve -------------------------------------------------------------------------------------------------


def test_the_solution_of_a_sum_is_that_of_theory(linear):
    (answer,) = solve(linear, CHANCE, 0.7, ["x"])
    needed = 6 + stats.norm.ppf(0.7) * np.sqrt(4 + 9)
    assert answer.needed[0] == pytest.approx(needed, abs=0.05)
    assert answer.distance == pytest.approx((needed - 5) / 2, abs=0.03)
    assert answer.chance.value == pytest.approx(0.7, abs=2e-4)


def test_what_cannot_be_reached_is_said_and_what_does_nothing_left_out(linear):
    answers = solve(linear, CHANCE, 0.999)
    assert [a.path for a in answers if a.needed is None] == [a.path for a in answers]
    assert "z" not in [a.path for a in answers]


def test_the_answer_put_into_the_file_gives_the_asked_chance(base, study, target):
    (answer,) = solve(study, target, 0.3, ["ev.lines.yu7.waiting"])
    entry = base["ev.lines.yu7.waiting"]
    parameters = {k: round(float(v)) for k, v in answer.distribution.parameters.items()}
    edited = entry.__class__(**{**vars(entry), "distribution": Metalog(**parameters)})
    again = simulate(base.replace(entries={**base.entries, entry.path: edited}), draws=study.size)
    assert abs(again.chance().value - 0.3) < 3 * again.chance().error


def test_a_chance_that_is_met_only_between_the_ends_is_found():
    # P(x^2 >= y) with x around m: lowest at m = 0, high at both ends; 60% is met left and right of the middle
    a = from_dict({"x": {"mean": 0.2, "sd": 1}, "y": {"mean": 1, "sd": 0.1}})
    study = Study(a, Prior(lambda d: {"s": d["x"] ** 2 - d["y"]}, draws=8192))
    near, far = solve(study, Metric("s", None, "chance", 0.0), 0.6, ["x"])
    for m in (near.needed[0], far.needed[0]):
        assert stats.norm.sf(1 - m) + stats.norm.cdf(-1 - m) == pytest.approx(0.6, abs=0.02)
    assert 1.0 < near.needed[0] < 1.4  # the crossing nearest to today
    assert -1.4 < far.needed[0] < -1.0


@pytest.mark.parametrize(("asked", "needed"), [(0.38, (0.258, -0.258)), (0.3, (1.459, -1.459))])
def test_every_place_where_a_chance_is_met_is_named_on_both_sides_of_today(asked, needed):
    # P(-x^2 >= -1) with x normal(m, 2): Phi((1 - m) / 2) - Phi((-1 - m) / 2), largest at m = 0
    study = Study(from_dict({"x": {"mean": 0, "sd": 2}}), Prior(lambda d: {"y": -(d["x"] ** 2)}, draws=16_384))
    found = solve(study, Metric("y", None, "chance", -1.0), asked, ["x"])
    assert sorted(answer.needed[0] for answer in found) == pytest.approx(sorted(needed), abs=0.02)
    for m in (answer.needed[0] for answer in found):
        assert stats.norm.cdf((1 - m) / 2) - stats.norm.cdf((-1 - m) / 2) == pytest.approx(asked, abs=0.001)


def test_today_s_own_place_is_the_nearest_where_the_chance_is_largest_there():
    study = Study(from_dict({"x": {"mean": 0, "sd": 2}}), Prior(lambda d: {"y": -(d["x"] ** 2)}, draws=16_384))
    found = solve(study, Metric("y", None, "chance", -1.0), 0.45, ["x"])
    (answer,) = found
    assert answer.needed is None
    assert answer.chance.value == pytest.approx(0.3829, abs=0.0005)
    assert found.lines()[-1] == "  cannot reach it alone: x; nearest x, 38.3% (where it is today)"


def test_a_peak_between_today_and_an_end_is_found():
    # P(|x - 1.7| <= 0.5) of x normal(m, 0.5): 68.3% at m = 1.7, almost nothing today and at either end
    study = Study(from_dict({"x": {"mean": 0, "sd": 1}, "e": {"mean": 0, "sd": 0.001}}), Prior(lambda d: {"y": -abs(d["x"] - 1.0)}, draws=16_384))  # fmt: skip
    (answer,) = solve(study, Metric("y", None, "chance", -0.3), 0.9, ["x"])
    best = stats.norm.cdf(0.3) - stats.norm.cdf(-0.3)
    assert answer.chance.value == pytest.approx(best, abs=0.003)
    assert answer.there[0] == pytest.approx(1.0, abs=0.1)


def test_what_is_never_met_names_the_nearest_place_not_the_nearest_end():
    a = from_dict({"x": {"mean": 0.2, "sd": 1}, "y": {"mean": 1, "sd": 0.1}})
    study = Study(a, Prior(lambda d: {"s": d["x"] ** 2 - d["y"]}, draws=8192))
    (answer,) = solve(study, Metric("s", None, "chance", 0.0), 0.05, ["x"])
    assert answer.needed is None
    assert answer.chance.value < 0.45  # at the ends it is above 0.9


def test_the_line_of_equal_chance_of_a_sum_is_straight_and_where_theory_has_it(linear):
    found = equal_chance(linear, CHANCE, 0.7, "x", "y", points=5)
    needed = (6 + stats.norm.ppf(0.7) * np.sqrt(4 + 9) - found.first) / 3  # P50 of y, so that P(x + 3 y >= 6) = 70%
    reached = ~np.isnan(found.second)
    assert found.first[0] == pytest.approx(5 - 2 * stats.norm.ppf(0.995))
    assert (reached == (np.abs(needed) < stats.norm.ppf(0.995))).all()
    assert found.second[reached] == pytest.approx(needed[reached], abs=0.03)
    assert 5.0 in found.first  # today's own place is a point of the line


def test_the_line_goes_through_the_answers_for_each_assumption_alone(base, study, target):
    one, other = "ev.lines.yu7.orders", "ev.lines.su7_2026.orders"
    found = equal_chance(study, target, 0.3, one, other, points=5)
    alone = {a.path: a for a in solve(study, target, 0.3, [one, other])}
    (today,) = np.flatnonzero(found.first == 17_500)
    assert found.second[today] == pytest.approx(alone[other].needed[0], rel=1e-3)


def test_a_line_of_an_assumption_with_itself_or_by_months_is_refused(study, target):
    with pytest.raises(InputError, match="is named twice"):
        equal_chance(study, target, 0.5, "ev.book.ready", "ev.book.ready")
    with pytest.raises(InputError, match="stands for several periods"):
        equal_chance(study, target, 0.5, "ev.book.ready", "smartphones.memory.price_rise")


def test_moving_keeps_the_shape_and_the_bounds():
    d = Metalog(10.0, 20.0, 40.0, 0.0, 100.0)
    up = d.moved(1.5)
    u = np.linspace(0.001, 0.999, 99)
    step = np.log(up.quantile(u) / (100 - up.quantile(u))) - np.log(d.quantile(u) / (100 - d.quantile(u)))
    assert step == pytest.approx(np.full(99, step[0]))
    assert up.quantile(u).max() < 100
    assert Uniform(1.0, 3.0).moved(1.0).quantile(np.array(0.5)) == pytest.approx(2 + np.sqrt(4 / 12))
    assert family("pert", min=0.0, mode=1.0, max=4.0).moved(-1.0).quantile(u) == pytest.approx(
        family("pert", min=0, mode=1, max=4).quantile(u) - float(family("pert", min=0, mode=1, max=4).sd())
    )
    ratio = family("lognormal", mean=2.0, sd=1.0).moved(0.7).quantile(u) / family(
        "lognormal", mean=2.0, sd=1.0
    ).quantile(u)
    assert ratio == pytest.approx(np.full(99, ratio[0]))


def test_a_chance_that_is_none_and_a_known_number_are_refused(study, target):
    with pytest.raises(InputError, match="cannot be asked for"):
        solve(study, target, 1.5)
    with pytest.raises(InputError, match="no P50 to move"):
        solve(study, target, 0.5, ["ev.market.tax"])


# --- explain -----------------------------------------------------------------------------------------------


def test_misses_differ_from_hits_by_what_theory_says():
    a = from_dict({"x": {"mean": 0, "sd": 1}, "y": {"mean": 0, "sd": 1}})
    a = a.replace(target=a.target.model_copy(update={"outcome": "s", "value": 0.0, "period": "2026"}))
    result = simulate(a, lambda d: {"s": d["x"]}, draws=8192)
    found = {s.path: s.shift for s in explain.explain(Study(a, Prior(lambda d: {"s": d["x"]}, draws=8192)), result)}
    assert found["x"].value == pytest.approx(-2 * np.sqrt(2 / np.pi), rel=0.01)
    assert abs(found["y"].value) < 4 * found["y"].error


def test_the_explanation_names_what_binds_and_what_differs(study, result):
    text = "\n".join(model.explain(study).lines())
    assert "mostly a matter of orders" in text
    assert "less" in text
    assert "(ev.lines.yu7.orders)" in text


def test_what_a_driver_made_is_known_by_the_names_of_its_arguments_too():
    kept = KeptDraws(from_dict({"x": {"mean": 0, "sd": 1}, "y": {"mean": 5, "sd": 1}}), Net(1, 0, 2048))
    x, y = kept["x"], kept["y"]

    def less(a, b):
        return a - b

    first = kept.once(less, a=x, b=y)
    assert np.array_equal(kept.once(less, b=x, a=y), y - x)
    assert np.array_equal(kept.once(less, y, x), y - x)
    assert kept.once(less, b=y, a=x) is first
    assert kept.once(less, x + 0, y) is not kept.once(less, x + 0, y)  # not its own: not kept
