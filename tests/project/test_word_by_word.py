"""What is said and shown, word by word: messages of refused numbers, and the tables and texts of the studies."""

import dataclasses
import datetime as dt
import hashlib
import re

import numpy as np
import pytest

from model import Draws, InputError, from_dict, simulate
from model.assumptions import copula
from model.assumptions.distributions.base import Discrete, Fixed, Uniform, say
from model.assumptions.distributions.families import family
from model.assumptions.distributions.metalog import Metalog
from model.assumptions.schema import Target
from model.errors import Problem
from model.simulation import measures
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.simulation.parallel import Workers
from model.simulation.sampling import digital_net
from model.simulation.sampling.draws import faults
from model.simulation.sampling.latents import Net
from model.studies import variance as shared
from model.studies.cache import MeasureCache
from model.studies.explain import explain
from model.studies.required_values import RequiredValue
from model.studies.solve import equal_chance as line
from model.studies.solve import solve
from model.studies.sources import Prior
from model.studies.study import Study
from model.studies.tornado import Bar, Tornado, first_look, tornado
from model.studies.variance import Share, Variance
from model.xiaomi.drivers import calendar, capacity, deliveries, ecosystem, orders
from model.xiaomi.report import memo_sections, spec

KNOWN = "For a number taken as known write value = ..."


@pytest.mark.parametrize(
    ("distribution", "what", "hint"),
    [
        (Metalog(3, 2, 1), "p10, p50, p90 must rise", KNOWN),
        (Metalog(1, 1, 2), "p10, p50, p90 must rise", KNOWN),
        (Metalog(1, 2, 2), "p10, p50, p90 must rise", KNOWN),
        (Metalog(1, 2, 3, min=1), "min 1 is not below p10 1", "Lower min, or raise p10"),
        (Metalog(1, 2, 3, max=3), "max 3 is not above p90 3", "Raise max, or lower p90"),
        (
            Metalog(0, 0.1, 10), "no smooth distribution has p10 0, p50 0.1, p90 10: too skewed",
            "With these p10 and p90, p50 must lie between 1.66578 and 8.33422",
        ),
        (family("normal", mean=1, sd=0), "sd 0 must be above 0", KNOWN),
        (family("lognormal", mean=0, sd=1), "mean 0 of a lognormal must be above 0", "Use dist = 'normal'"),
        (family("lognormal", mean=-1.5, sd=1), "mean -1.5 of a lognormal must be above 0", "Use dist = 'normal'"),
        (Uniform(3, 2), "low 3 is not below high 2", ""),
        (Discrete([1, 2], [1.0]), "values and weights must be lists of the same length", ""),
        (Discrete([1, 2], [1.5, -0.5]), "weights [1.5, -0.5] must be 0 or more, and not all 0", ""),
        (Discrete([4, 4], [0.5, 0.5]), "values [4, 4] must differ from each other", ""),
        (family("pert", min=3, mode=2, max=1), "min 3, mode 2, max 1 must rise", "min <= mode <= max"),
        (family("triangular", min=1, mode=1, max=1), "min 1, mode 1, max 1 must rise", "min <= mode <= max"),
        (family("pert", p10=1, mode=2, p90=2), "p10 1, mode 2, p90 2 must rise", "p10 < mode < p90"),
    ],
)  # fmt: skip
def test_a_distribution_that_is_none_says_what_is_wrong_and_what_would_be_right(distribution, what, hint):
    assert list(distribution.faults()) == [(what, hint)]


@pytest.mark.parametrize(
    "distribution",
    [
        family("lognormal", mean=0.5, sd=1),
        Discrete([1, 2], [0.0, 1.0]),
        Discrete([1, 2], [1.0 - 1e-10, 0.0]),
        family("pert", min=1, mode=1, max=2),
        family("pert", min=1, mode=2, max=2),
        Metalog(1, 2, 3, 0, 4),
    ],
)
def test_what_is_just_allowed_has_no_fault(distribution):
    assert list(distribution.faults()) == []


def test_numbers_are_said_as_a_person_writes_them():
    assert [say(x) for x in (22_000, 0.125, 1e14, 1e15, 2e16)] == ["22,000", "0.125", "1e+14", "1e+15", "2e+16"]
    assert say([1, 2_500]) == "[1, 2,500]"


def test_moments_by_months_are_one_a_month():
    column = np.array([[1.0], [10.0]])
    assert Fixed(column).mean().tolist() == [1.0, 10.0]
    assert Fixed(column).sd().tolist() == [0.0, 0.0]
    assert family("normal", mean=column, sd=column / 2).sd() == pytest.approx([0.5, 5.0])
    assert family("normal", mean=column, sd=column / 2).mean() == pytest.approx([1.0, 10.0])
    assert Fixed(7.0).quantile(np.array([0.1, 0.9])).tolist() == [7.0, 7.0]


def test_a_discrete_value_changes_where_its_weight_ends():
    assert Discrete([1, 2, 3], [0.25, 0.25, 0.5]).quantile(np.array([0.2, 0.25, 0.4, 0.5, 0.9])).tolist() == [
        1,
        2,
        2,
        3,
        3,
    ]


def test_a_triangle_that_only_falls_or_only_rises_has_its_quantiles():
    assert family("triangular", min=0, mode=0, max=1).quantile(np.array([0.19, 0.75])) == pytest.approx([0.1, 0.5])
    assert family("triangular", min=0, mode=1, max=1).quantile(np.array([0.01, 0.25])) == pytest.approx([0.1, 0.5])


# --- draws ----------------------------------------------------------------------------------------------------


def test_what_a_driver_does_not_count_on_is_said():
    a = from_dict({"x": {"p10": [1, 2], "p50": [2, 3], "p90": [3, 4], "unit": "share"}})
    assert list(faults(a["x"], "share", 2)) == []
    assert list(faults(a["x"], "factor", 2)) == [
        Problem("unit 'share' should be 'factor'", "The model counts on it", path="x")
    ]
    assert list(faults(a["x"], "share", 4)) == [
        Problem("has 2 numbers", "The model counts on one number, or 4", path="x")
    ]
    assert list(faults(a["x"], "share", 1)) == [Problem("has 2 numbers", "The model counts on one number", path="x")]
    draws = Draws(a, Net(1, 0, 2048))
    assert draws.get("x", "share", 2).shape == (2, 2048)
    with pytest.raises(InputError, match=r"x: has 2 numbers\. The model counts on one number"):
        draws.get("x", "share")
    with pytest.raises(InputError) as caught:
        draws["y"]
    assert list(caught.value.problems) == [Problem("the model asks for an assumption that is not there", "", path="y")]
    with pytest.raises(InputError, match=r"Did you mean ev\.orders"):
        Draws(from_dict({"ev.orders": {"value": 1}}), Net(1, 0, 2048))["ev.order"]
    assert Draws(from_dict({"x": {"value": 3}}), Net(1, 0, 2048))["x"].shape == (1,)


def test_a_generator_matrix_is_read_from_the_hash_of_its_key():
    # by hand: column k of SHAKE-128's words, zeros below the diagonal digit, a one on it
    read = hashlib.shake_128(b"some path#7").digest(80)
    columns = [int.from_bytes(read[4 * k : 4 * k + 4], "little") for k in range(20)]
    expected = [(c >> (32 - k) << (32 - k)) | (1 << (31 - k)) for k, c in enumerate(columns)]
    assert digital_net.matrix("some path#7").tolist() == expected


def test_draws_are_made_in_whole_chunks_of_at_least_one():
    for start, stop in ((0, 100), (5, 2048), (2048, 2048), (4096, 2048), (-2048, 0)):
        with pytest.raises(ValueError, match="whole chunks of 2,048"):
            digital_net.words(1, "x", start, stop)
    assert [digital_net.rounded_up(n) for n in (1, 2048, 2049, 4096, 5000, 32_768)] == [
        2048,
        2048,
        4096,
        4096,
        8192,
        32_768,
    ]
    u = digital_net.uniform(1, "x", 0, 4096)
    assert u.dtype == float
    assert 0 < u.min() < 0.001
    assert 0.999 < u.max() < 1


# --- measures -------------------------------------------------------------------------------------------------


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


# --- correlation ----------------------------------------------------------------------------------------------


def test_every_pair_of_every_impossible_group_is_named_with_its_range():
    bad = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)]
    found = copula.impossible([*bad, ("d", "e", 0.5)], "abcde")
    assert [(a, b, r) for a, b, r, _ in found] == bad
    assert copula.impossible([("d", "e", 0.5)], "de") == []
    low, high = copula.feasible_range("ab", [("a", "b", 0.5)], "a", "b")
    assert (low, high) == pytest.approx((-1.0, 1.0))
    stuck = [("a", "b", 0.95), ("b", "c", -0.95), ("a", "c", 0.95), ("a", "d", 0.9), ("d", "c", -0.9)]
    assert any(span is None for *_, span in copula.impossible(stuck, "abcd"))


def test_correlated_scores_are_the_rows_of_the_factor_times_the_scores():
    group = copula.Group(("a", "b", "c"), np.array([[1.0, 0, 0], [0.5, 0.8, 0], [-0.2, 0.3, 0.9]]))
    assert group.row("b") == [(0.5, "a"), (0.8, "b")]
    assert group.row("c") == [(-0.2, "a"), (0.3, "b"), (0.9, "c")]


# --- drivers --------------------------------------------------------------------------------------------------


def test_quarters_and_years_are_sums_of_their_own_months():
    monthly = 10.0 ** np.arange(-6, 6)[:, None] * np.ones((12, 2))
    assert calendar.quarterly(monthly)[:, 0] == pytest.approx([1.11e-4, 0.111, 111.0, 111e3])
    assert calendar.quarterly(np.stack([monthly, 2 * monthly])).shape == (2, 4, 2)
    assert calendar.with_year(10.0 ** np.arange(4)[:, None])[-1, 0] == 1111.0


def test_cars_count_in_millions_for_users_and_devices():
    cars = np.full((4, 1), 250_000.0)
    nothing = np.zeros((4, 1))
    users = ecosystem.users(
        opening=np.full((4, 1), 700.0), phones=nothing, per_phone=np.zeros(1), cars=cars, per_vehicle=np.full(1, 4.0)
    )
    assert users[:, 0].tolist() == [701.0, 702.0, 703.0, 704.0]
    added = ecosystem.devices_added(users=nothing, per_user=np.zeros(1), cars=cars, per_vehicle=np.full(1, 2.0))
    assert added[:, 0].tolist() == [0.5] * 4
    revenue = ecosystem.internet_revenue(
        users=np.full((4, 1), 700.0), per_user=np.full((4, 1), 10.0), density=1.0, elasticity=0.2
    )
    assert revenue[:, 0] == pytest.approx([7.0] * 4)


def test_a_month_is_at_most_a_month():
    out = capacity.outage(begin=np.array([2.0]), months=np.array([3.0]))
    assert out[:, 0].tolist() == [0, 1, 1, 1, *[0] * 8]
    sold = orders.launch(
        start=np.array([-5.0]),
        end=np.array([13.0]),
        surge=np.zeros(1),
        decay=np.ones(1),
        fade=np.zeros(1),
        season=np.ones((12, 1)),
    )
    assert sold[:, 0].tolist() == [1.0] * 12


def test_an_order_book_of_less_than_a_car_is_delivered_too():
    book = deliveries.work_off(
        opening=np.array([0.5]),
        orders=np.zeros((12, 1)),
        capacity=np.full((12, 1), 100.0),
        ready=np.ones(1),
        cancellation=np.zeros(1),
    )
    assert book.delivered[0, 0] == pytest.approx(0.5)


def test_noise_of_a_share_multiplies_by_its_exponential():
    shocks = np.array([[0.0, 1.0, -2.0]])
    noise = orders.lognormal_noise(np.array([0.1]), shocks.copy())
    assert noise == pytest.approx(np.exp(0.1 * shocks - 0.005))


# --- explain --------------------------------------------------------------------------------------------------


def halves(d, *, plants_bind_in_hits=True):
    """Deliveries are x; waiting rises by 1,000 cars a month, ten times as fast in a hit."""
    hit = d["x"] >= 0
    bound = np.broadcast_to(hit if plants_bind_in_hits else ~hit, (12, d.size)).astype(float)
    waiting = np.arange(1, 13)[:, None] * np.where(hit, 10_000.0, 1000.0)
    return {"ev.deliveries": d["x"], "ev.capacity_bound": bound, "ev.waiting": waiting}


def explained(function, target=0.0):
    goal = Target(
        label="-",
        outcome="ev.deliveries",
        period="2026",
        value=target,
        unit="1",
        evidence="judgement",
        source="-",
        why="-",
    )
    a = from_dict({"x": {"mean": 0, "sd": 1, "label": "The driver"}, "y": {"mean": 5, "sd": 2, "label": "Idle"}})
    a = a.replace(target=goal, about=a.about.model_copy(update={"as_of": dt.date(2026, 1, 15)}))
    study = Study(a, Prior(function, draws=8192))
    return study, simulate(a, function, draws=8192)


def test_misses_are_explained_word_by_word():
    study, result = explained(halves)
    found = explain(study, result, spec.context(result)).lines()
    assert found[1:6] == [
        "In a miss the plants are the limit in 0.0 of 12 months, the order book in 12.0; in a hit 12.0 and 0.0.",
        "Waiting at the year end: 12 thousand cars in a miss, 120 thousand in a hit.",
        "A miss is mostly a matter of orders: they bind more often when the target is missed.",
        "",
        "Against the draws that hit, those that miss have (in the assumption's own standard deviations)",
    ]
    assert found[0].startswith("P(ev.deliveries >= 0) 50")
    assert found[6] == "  less  1.60 ± 0.01  The driver  (x)"  # 2 sqrt(2 / pi)
    assert found[7].endswith("  Idle  (y)")
    assert [s.label for s in explain(study, result)] == ["The driver", "Idle"]
    assert memo_sections.binding(result) == (0.0, 12.0)
    assert memo_sections.binding(explained(lambda d: halves(d, plants_bind_in_hits=False))[1]) == (12.0, 0.0)
    assert [memo_sections.matter(1, 2), memo_sections.matter(2, 1), memo_sections.matter(1, 1)] == [
        "orders",
        "plants",
        "plants",
    ]


def test_more_in_a_miss_is_said_as_more():
    study, result = explained(lambda d: {**halves(d), "ev.deliveries": -d["x"]})
    assert explain(study, result, spec.context(result)).lines()[6].startswith("  more  1.60 ± 0.01  The driver")


@pytest.mark.parametrize(("target", "said"), [(-100.0, "Every draw reaches -100"), (100.0, "No draw reaches 100")])
def test_where_all_hit_or_none_there_is_nothing_to_explain(target, said):
    study, result = explained(halves, target)
    assert explain(study, result).lines() == [f"{said}: there is nothing to compare."]


# --- swings and variance --------------------------------------------------------------------------------------


def test_the_table_of_swings_has_every_number_in_its_column():
    one = Bar(
        "p",
        "Label",
        "share",
        np.array([1.0, 3.0]),
        np.array([5.0]),
        Measure(0.1, 0.0),
        Measure(0.4, 0.0),
        Measure(0.2, 0.0),
        Measure(0.3, 0.01),
        False,
        True,
    )
    made = Tornado(Metric("s"), (one,)).table()
    assert dict(zip(made.columns, made.rows[0], strict=True)) == {
        "path": "p", "label": "Label", "unit": "share", "input at P10": 2.0, "input at P90": 5.0, "measure at P10": 0.1,
        "measure at P50": 0.2, "measure at P90": 0.4, "swing": 0.3, "error": 0.01, "turns": False, "correlated": True,
    }  # fmt: skip


def test_swings_carry_the_names_units_inputs_and_ties_of_their_assumptions():
    a = from_dict(
        {
            "x": {"mean": 0, "sd": 1, "label": "X", "unit": "share"},
            "y": {"p10": [1, 2], "p50": [2, 3], "p90": [3, 4]},
            "z": {"mean": 0, "sd": 1},
        },
        [("x", "z", 0.5)],
    )
    told = []
    study = Study(a, Prior(lambda d: {"s": d["x"] + d["y"].sum(axis=0)}, draws=2048))
    found = tornado(study, Metric("s"), progress=lambda *done: told.append(done))
    assert told[-1] == (9, 9)
    assert [s.path for s in found] == ["y", "x", "z"]
    y, x, z = found
    assert (x.label, x.unit, x.correlated, y.correlated, z.correlated) == ("X", "share", True, False, True)
    assert (y.low_input.tolist(), y.high_input.tolist()) == (pytest.approx([1, 2]), pytest.approx([3, 4]))
    assert x.low_input.shape == (1,)
    assert x.swing.value == pytest.approx(2 * 1.2815516, rel=1e-6)
    assert y.swing.value == pytest.approx(4)
    assert z.size == 0


def test_the_first_look_sets_the_highest_tenth_against_the_lowest():
    study = Study(
        from_dict({"x": {"low": 0, "high": 1}, "y": {"low": 0, "high": 1}}),
        Prior(lambda d: {"s": 2 * d["x"] + 0 * d["y"]}, draws=8192),
    )
    (path, m), (other, idle) = first_look(study, Metric("s"))
    assert (path, other) == ("x", "y")
    assert m.value == pytest.approx(1.8, abs=0.005)  # means of the outer tenths: 0.95 and 0.05, twice
    assert abs(idle.value) < 0.2
    assert m.error < 0.01


SHARES = (
    Share("judgement", "Judged", ("a", "b"), Measure(0.6, 0.01), Measure(0.5, 0.02), Measure(0.7, 0.03)),
    Share("x", "X", ("x",), Measure(0.3, 0.0), None, None),
    Share("y", "Y", ("y",), Measure(0.1, 0.0), Measure(0.1, 0.0), Measure(0.1, 0.0)),
)


def test_shares_of_the_variance_are_said_word_by_word():
    found = Variance(Metric("s"), "evidence", SHARES).lines(2)
    assert found == [
        "Variance of s: share of each (Shapley; all add up to 100%), 95% interval; Sobol indices where they mean something",
        "   share    95% interval    alone in all",
        "   60.0%   57.6% to 62.4%   50.0%  70.0%  judgement (2 assumptions)",
        "   30.0%   30.0% to 30.0%   correlated    x",
        "This much of the variance rests on judgement: 60.0%",
        "   10.0%  the 1 others together",
    ]
    assert (
        Variance(Metric("s", None, "chance", 5.0), "evidence", SHARES[1:])
        .lines(9)[0]
        .startswith("Variance of hit or miss of P(s >= 5):")
    )
    assert len(Variance(Metric("s"), "evidence", SHARES[1:]).lines(9)) == 4
    assert shared.interval(Measure(0.6, 0.01)) == pytest.approx((0.6 - 0.0236462, 0.6 + 0.0236462))  # t with 7: 2.36462


def test_the_table_of_shares_has_every_number_in_its_column():
    made = Variance(Metric("s"), "evidence", SHARES).table()
    first, second = (dict(zip(made.columns, row, strict=True)) for row in made.rows[:2])
    assert list(first) == [
        "evidence", "label", "assumptions", "share", "error", "low", "high", "first order", "first error", "total", "total error", "correlated",
    ]  # fmt: skip
    assert [v for k, v in first.items() if k not in ("low", "high")] == [
        "judgement",
        "Judged",
        2,
        0.6,
        0.01,
        0.5,
        0.02,
        0.7,
        0.03,
        False,
    ]
    assert (first["low"], first["high"]) == pytest.approx((0.5763538, 0.6236462))
    assert [v for k, v in second.items() if k not in ("low", "high")] == [
        "x",
        "X",
        1,
        0.3,
        0.0,
        None,
        None,
        None,
        None,
        True,
    ]


def test_players_are_grouped_by_table_segment_and_evidence_and_the_noise_has_none():
    a = from_dict(
        {
            "ev.a.x": {"mean": 0, "sd": 1, "label": "X"}, "ev.a.y": {"mean": 0, "sd": 2}, "ev.b": {"mean": 0, "sd": 1, "evidence": "derived"},
            "z": {"mean": 0, "sd": 1}, "known": {"value": 1},
        }
    )  # fmt: skip
    told = []
    study = Study(a, Prior(lambda d: {"s": d["ev.a.x"] + d["ev.a.y"] + d["ev.b"] + d["z"]}, draws=2048))
    members = {by: {s.name: s.members for s in shared.variance(study, Metric("s"), by=by)} for by in shared.GROUPINGS}
    noise = {shared.NOISE: ()}
    assert members["table"] == {"ev.a": ("ev.a.x", "ev.a.y"), "ev": ("ev.b",), "z": ("z",), **noise}
    assert members["segment"] == {"ev": ("ev.a.x", "ev.a.y", "ev.b"), "z": ("z",), **noise}
    assert members["evidence"] == {"judgement": ("ev.a.x", "ev.a.y", "z"), "derived": ("ev.b",), **noise}
    found = shared.variance(study, Metric("s"), progress=lambda *done: told.append(done))
    assert found[0].name == "ev.a.y"
    assert [s.share.value for s in found] == sorted((s.share.value for s in found), reverse=True)
    assert {s.name: s.label for s in found}["ev.a.x"] == "X"
    assert {s.name: s.label for s in found}[shared.NOISE] == shared.NOISE
    assert told == [(n, len(told)) for n in range(1, len(told) + 1)]


def problems_of(call):
    with pytest.raises(InputError) as caught:
        call()
    return list(caught.value.problems)


def test_refusals_of_variance_and_solve_name_the_place_and_the_way_out(base):
    study = Study(
        from_dict({"x": {"mean": 0, "sd": 1}, "k": {"value": 1}, "m": {"p10": [1, 2], "p50": [2, 3], "p90": [3, 4]}}),
        Prior(lambda d: {"s": 0 * d["x"]}, draws=2048),
    )
    still, hit = Metric("s"), Metric("s", None, "chance", 1.0)
    assert problems_of(lambda: shared.variance(study, still)) == [
        Problem("does not vary: there is nothing to share out", path="s")
    ]
    assert problems_of(lambda: shared.variance(study, Metric("s", None, "p10"))) == [
        Problem("the p10 of an outcome has no variance to share out", "s, or a chance: s>=NUMBER")
    ]
    assert problems_of(lambda: shared.variance(study, still, by="tables")) == [
        Problem("no grouping 'tables'", "Did you mean table?")
    ]
    assert problems_of(lambda: shared.variance(study, still, by="zzz")) == [
        Problem("no grouping 'zzz'", "One of: assumption, table, segment, evidence")
    ]
    for asked in (0.0, 1.0, -0.5):
        assert problems_of(lambda asked=asked: solve(study, hit, asked)) == [
            Problem(f"a chance of {asked:g} cannot be asked for", "Between 0 and 100%", path="--chance")
        ]
    assert problems_of(lambda: solve(study, hit, 0.5, ["k"])) == [
        Problem("is taken as known or one of a few values: it has no P50 to move", path="k")
    ]
    assert problems_of(lambda: line(study, hit, 0.5, "x", "m")) == [
        Problem("stands for several periods", "A line needs one P50", path="m")
    ]
    assert problems_of(lambda: line(study, hit, 0.5, "x", "x")) == [
        Problem("is named twice", "A line needs two assumptions", path="x")
    ]


# --- solve ----------------------------------------------------------------------------------------------------


@pytest.fixture
def sums():
    names = ("tiny", "y", "x", "small", "idle")
    entries = {n: {"mean": 0, "sd": 1, "label": n.upper(), "unit": "share"} for n in names}
    weights = {"x": 2.0, "y": 1.0, "small": 0.01, "tiny": 0.001}
    return Study(from_dict(entries), Prior(lambda d: {"s": sum(w * d[n] for n, w in weights.items())}, draws=4096))


def test_answers_come_nearest_first_then_those_that_cannot_by_how_near_they_come(sums):
    told = []
    found = solve(sums, Metric("s", None, "chance", 0.0), 0.6, progress=lambda *done: told.append(done))
    assert told
    assert [a.path for a in found] == ["x", "y", "small", "tiny"]
    x, y, small, _ = found
    gap = 0.2533471 * np.sqrt(5.0001)  # the normal quantile of 60%, in standard deviations of the sum
    assert x.distance == pytest.approx(gap / 2, abs=0.02)
    assert y.distance == pytest.approx(gap, abs=0.03)
    assert (x.label, x.unit, x.today.tolist(), y.needed.tolist()) == (
        "X",
        "share",
        [0.0],
        [pytest.approx(gap, abs=0.03)],
    )
    assert (small.label, small.unit, small.needed, small.today.tolist()) == ("SMALL", "share", None, [0.0])
    assert small.distance == pytest.approx(2.576, abs=0.01)  # at its P99.5
    assert isinstance(small, RequiredValue)
    assert float(small.chance.value) > 0.5
    assert x.distribution.quantile(np.array(0.5)) == pytest.approx(x.needed[0])


def test_a_line_runs_over_the_reach_of_one_and_says_what_the_other_needs(sums):
    found = line(sums, Metric("s", None, "chance", 0.0), 0.6, "x", "y", points=5)
    assert (found.one.path, found.other.path, found.asked) == ("x", "y", 0.6)
    assert len(found.first) == len(found.second) == len(found.chance)
    assert found.first[0] == pytest.approx(-2.5758293)
    assert found.first[-1] == pytest.approx(2.5758293)
    assert 0.0 in found.first
    assert len(found.first) == 5
    at = list(found.first).index(0.0)
    assert found.second[at] == pytest.approx(0.2533471 * np.sqrt(5.0001), abs=0.03)
    assert np.isnan(found.second[0])  # x at its lowest is beyond what y can make up for
    assert found.chance[at].value == pytest.approx(0.6, abs=0.001)


def test_what_was_found_is_kept(sums):
    class Noted(MeasureCache):
        def __init__(self):
            self.known = {}

        def get(self, variation, what):
            return self.known.get((repr(sorted((p, repr(d.parameters)) for p, d in variation.items())), repr(what)))

        def put(self, finished):
            for variation, what, estimates in finished:
                self.known[repr(sorted((p, repr(d.parameters)) for p, d in variation.items())), repr(what)] = estimates

    for call in (
        lambda kept: solve(sums, Metric("s", None, "chance", 0.0), 0.6, ["x"], workers=Workers(), cache=kept),
        lambda kept: line(sums, Metric("s", None, "chance", 0.0), 0.6, "x", "y", points=3, cache=kept),
        lambda kept: tornado(sums, Metric("s"), cache=kept),
    ):
        kept = Noted()
        first = call(kept)
        assert kept.known
        count = len(kept.known)
        second = call(kept)
        assert len(kept.known) == count
        assert repr(first) == repr(second)


def test_a_line_along_which_the_other_does_nothing_says_so_at_every_point(sums):
    found = line(sums, Metric("s", None, "chance", 0.0), 0.6, "x", "idle", points=5)
    assert np.isnan(found.second).all()
    assert len(found.chance) == 5
    assert [float(c.value) for c in found.chance] == sorted(float(c.value) for c in found.chance)


# --- correlation, distributions, swings, explain ----------------------------------------------------------------


def test_the_range_of_a_pair_among_four_is_where_the_least_eigenvalue_is_zero():
    members = ("a", "b", "c", "d")
    given = {("a", "b"): 0.7, ("b", "c"): 0.6, ("c", "d"): -0.5, ("b", "d"): 0.1}
    pairs = [(*names, copula.rank_of_normals(r)) for names, r in given.items()]

    def least(r):
        matrix = np.eye(4)
        for (one, two), value in {**given, ("a", "d"): r}.items():
            i, j = members.index(one), members.index(two)
            matrix[i, j] = matrix[j, i] = value
        return np.linalg.eigvalsh(matrix)[0]

    possible = [r for r in np.linspace(-1, 1, 4001) if least(r) > 0]
    found = copula.feasible_range(members, [*pairs, ("a", "d", 0.0)], "a", "d")
    ends = [copula.pearson_of_normals(r) for r in found]
    assert ends == pytest.approx([min(possible), max(possible)], abs=1e-3)
    assert -1 < ends[0] < ends[1] < 1
    assert copula.feasible_range(("a", "b"), [("a", "b", 0.5)], "a", "b") == pytest.approx((-1, 1))


def test_a_pair_is_refused_without_a_range_where_the_others_alone_cannot_stand():
    pairs = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9), ("c", "d", 0.1)]
    found = {(a, b): span for a, b, _, span in copula.impossible(pairs, "abcd")}
    assert found["c", "d"] is None
    low, high = found["a", "c"]
    assert 0.5 < low < high <= 1


def test_impossible_groups_are_found_beside_possible_ones_and_come_in_the_order_of_the_file():
    bad = [("x", "y", 0.9), ("y", "z", 0.9), ("x", "z", -0.9)]
    found = copula.impossible([("a", "b", 0.5), *bad], ("a", "b", "x", "y", "z"))
    assert [pair[:2] for pair in found] == [("x", "y"), ("y", "z"), ("x", "z")]
    groups = copula.groups([("b", "c", 0.1), ("d", "a", 0.2)], ("d", "c", "b", "a"))
    assert [g.paths for g in groups] == [("d", "a"), ("c", "b")]


def test_a_metalog_with_an_upper_bound_is_the_mirror_of_one_with_a_lower():
    above, below = Metalog(2.0, 5.0, 7.0, max=10.0), Metalog(-7.0, -5.0, -2.0, min=-10.0)
    u = np.array([0.001, 0.1, 0.5, 0.9, 0.999])
    assert above.quantile(u) == pytest.approx(-below.quantile(1 - u))
    assert above.quantile(u)[1:4] == pytest.approx([2.0, 5.0, 7.0])


@pytest.mark.parametrize(
    ("low", "high", "bounds"), [(10.0, 30.0, {"min": 5.0}), (10.0, 30.0, {"min": 5.0, "max": 80.0})]
)
def test_the_range_of_the_middle_that_is_said_is_the_one_that_would_do(low, high, bounds):
    ((what, hint),) = Metalog(low, low + 0.01, high, **bounds).faults()
    assert "too skewed" in what
    least, most = (float(x.replace(",", "")) for x in re.findall(r"between ([\d.,]+) and ([\d.,]+)", hint)[0])
    assert low < least < most < high
    for middle, fits in ((least * 0.999, False), (least * 1.001, True), (most * 0.999, True), (most * 1.001, False)):
        assert (not list(Metalog(low, middle, high, **bounds).faults())) == fits


def test_a_shift_is_counted_in_the_assumptions_own_standard_deviations():
    """Half of the draws hit, those with x above its mean: the halves of a normal lie 2 x 0.79788 deviations apart."""
    a = from_dict({"x": {"mean": 100, "sd": 50}, "y": {"mean": 3, "sd": 1}})
    a = dataclasses.replace(a, target=a.target.model_copy(update={"outcome": "s", "period": "2026", "value": 100.0}))
    study = Study(a, Prior(lambda d: {"s": d["x"]}, draws=8192))
    found = {s.path: s for s in explain(study, simulate(a, study.business, draws=8192))}
    assert found["x"].shift.error < 0.02
    assert found["x"].shift.value == pytest.approx(-2 * 0.7978846, abs=0.01)
    assert found["y"].shift.value == pytest.approx(0, abs=0.02)


def test_a_swing_carries_its_label_and_unit_and_the_first_look_sorts_by_size(sums):
    found = tornado(sums, Metric("s"))
    assert [(s.path, s.label, s.unit) for s in found][:2] == [("x", "X", "share"), ("y", "Y", "share")]
    assert float(found[0].low.value) == pytest.approx(-2 * 1.2815516, abs=0.01)
    assert float(found[0].high.value) == pytest.approx(2 * 1.2815516, abs=0.01)
    looked = first_look(sums, Metric("s"))
    assert [path for path, _ in looked][:2] == ["x", "y"]
    sizes = [abs(float(m.value)) for _, m in looked]
    assert sizes == sorted(sizes, reverse=True)
