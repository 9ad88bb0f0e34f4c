"""Scores against published reference numbers and closed forms."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from model.evaluation import scorecard, scores
from model.evaluation.hub_table import LEVELS, Forecast
from model.evaluation.register import Entry
from model.evaluation.scores import Came
from model.simulation.business import Business
from model.simulation.observation import Observation, of_record

DAY = dt.date(2026, 4, 1)
FAMILIES = {"cars": "cars", "phones": "phones"}


@pytest.mark.parametrize(
    ("y", "levels", "expected"),
    [  # scoringutils, tests/testthat/test-metrics-quantile.R
        (1, (-1, 0, 1, 2, 3), 0.36),
        (-15, (-2, 1, 2, 2, 4), 15.34),
        (22, (-2, 0, 3, 3, 4), 19.14),
    ],
)
def test_wis_is_that_of_scoringutils(y, levels, expected):
    found = scores.wis(np.array(levels, float), y, (0.1, 0.25, 0.5, 0.75, 0.9))
    assert found.total == pytest.approx(expected)


def test_wis_is_twice_the_mean_pinball_loss():
    rng = np.random.default_rng(1)
    levels, at = np.sort(rng.normal(size=23)), np.array(LEVELS)
    for y in (-3.0, 0.2, 4.0):
        pinball = np.where(y >= levels, at * (y - levels), (1 - at) * (levels - y))
        assert scores.wis(levels, y).total == pytest.approx(2 * pinball.mean())


def test_the_parts_of_wis_say_on_which_side_it_missed():
    levels = np.linspace(-1, 1, 23)
    below, above, inside = (scores.wis(levels, y) for y in (-5.0, 5.0, 0.0))
    assert below.over > 0 == below.under
    assert above.under > 0 == above.over
    assert inside.over == inside.under == 0 < inside.dispersion
    assert below.dispersion == above.dispersion == inside.dispersion


def test_wis_of_many_intervals_of_a_normal_is_near_its_crps():
    at = tuple(np.arange(1, 200) / 200)
    assert scores.wis(stats.norm.ppf(at), 0.0, at).total == pytest.approx(0.23369497725510913, abs=0.002)


def test_crps_of_an_ensemble_is_that_of_the_scoringrules_of_r():
    ensemble = np.array(
        [
            1.7812118,
            0.5863797,
            0.7038174,
            -0.7743998,
            -0.2751647,
            1.1863249,
            1.2990966,
            -0.3242982,
            -0.5968781,
            0.9064937,
        ]
    )
    assert scores.crps(ensemble, -0.6042506) == pytest.approx(0.6126602, abs=1e-7)


@pytest.mark.parametrize(
    ("law", "y", "expected"),
    [
        (stats.norm(5, 2), 4.5, 0.5169996258),
        (stats.lognorm(1), 1.0, 0.2674054670),
        (stats.norm(0, 1), 0.3, 0.2693329007),
    ],
)
def test_crps_of_samples_at_even_steps_is_near_that_of_their_distribution(law, y, expected):
    samples = law.ppf((np.arange(200) + 0.5) / 200)
    assert scores.crps(samples, y) == pytest.approx(expected, rel=0.01)


def test_a_floor_scores_as_an_interval_between_the_least_and_the_largest_crps_in_it():
    samples = stats.norm(50, 10).ppf((np.arange(200) + 0.5) / 200)
    low, high = scores.crps_bounds(samples, Came(40.0, 55.0))
    inside = [scores.crps(samples, y) for y in np.linspace(40, 55, 301)]
    assert low == pytest.approx(min(inside), abs=1e-3)
    assert high == pytest.approx(max(inside))
    assert scores.crps_bounds(samples, Came(60.0, math.inf)) == (scores.crps(samples, 60.0), math.inf)
    assert scores.crps_bounds(samples, Came(60.0, 60.0)) == (scores.crps(samples, 60.0),) * 2


def test_the_place_of_what_came_and_the_chance_of_an_interval_are_read_off_the_quantiles():
    levels = stats.norm(50, 10).ppf(LEVELS)
    for y in (30.0, 47.0, 61.0):
        assert scores.below(levels, y) == pytest.approx(stats.norm(50, 10).cdf(y), abs=0.003)
    assert scores.pit(levels, Came(40.0, math.inf)) == (pytest.approx(stats.norm.cdf(-1), abs=0.003), 1.0)
    assert scores.log_chance(levels, Came(40.0, 60.0)) == pytest.approx(math.log(0.6827), abs=0.01)
    assert (scores.below(levels, -1e9), scores.below(levels, 1e9)) == (
        0.005,
        0.995,
    )  # no more is known beyond P1 and P99
    assert scores.log_chance(levels, Came(500.0, 600.0)) == pytest.approx(math.log(0.005))  # never minus infinity
    assert scores.below(np.full(23, 5.0), 5.0) == pytest.approx(0.5)


def test_the_log_score_of_a_chance_is_the_logarithm_of_what_was_given_to_what_happened():
    assert scores.log_score(0.4, happened=True) == pytest.approx(math.log(0.4))
    assert scores.log_score(0.4, happened=False) == pytest.approx(math.log(0.6))
    assert scores.log_score(0.0, happened=True) == -math.inf


@pytest.mark.parametrize(
    ("k", "n", "expected"), [(10, 13, (0.547, 0.912)), (17, 24, (0.543, 0.838)), (20, 24, (0.683, 0.928))]
)
def test_coverage_has_jeffreys_interval(k, n, expected):
    assert scorecard.jeffreys(k, n) == pytest.approx(expected, abs=5e-4)
    assert (scorecard.jeffreys(0, 5)[0], scorecard.jeffreys(5, 5)[1]) == (0.0, 1.0)


def entry(name="reports_alone", day=DAY):
    return Entry(
        Path(f"register/{day}/{name}"),
        {"reference_date": f"{day}", "made": "2026-11-25", "kind": "reconstruction", "role": name},
    )


def case(outcome, period, values, y, *, name="reports_alone", day=DAY, kind="exact", upper=math.nan):
    values = np.asarray(values, float)
    forecast = Forecast(outcome, period, "1", np.quantile(values, LEVELS), float(values.mean()), values)
    report = Observation(outcome, period, kind, y, 0.01, "1", "s", dt.date(2026, 9, 1), "-", upper)
    return scorecard.case_of(entry(name, day), forecast, report, Business(lambda _: {}, families=FAMILIES))


def normal(mean, sd=1.0):
    return stats.norm(mean, sd).ppf((np.arange(200) + 0.5) / 200)


def test_a_miss_that_shows_again_in_the_same_family_and_quarter_is_one_case():
    missed = [case("cars.deliveries", "2026Q1", normal(10), 20.0), case("cars.revenue", "2026Q1", normal(5), 9.0)]
    hit = [case("phones.shipments", "2026Q1", normal(10), 10.1)]
    found = scorecard.coverage([*missed, *hit], 0.8)
    assert (found.inside, found.cases, found.hits, found.blocks) == (1, 3, 1.0, 2)
    assert found.interval == scorecard.jeffreys(1, 2)


def test_what_is_the_sum_of_others_counts_with_none():
    one = case("group.revenue", "2026Q1", normal(10), 10.0)
    assert one.block is None
    assert scorecard.coverage([one], 0.8).cases == 0


def test_a_floor_counts_in_no_coverage_though_it_can_be_seen_in_the_table():
    partly = case("cars.deliveries", "2026-04", normal(0), 0.5, kind="at_least", upper=5.0)
    within = case("cars.deliveries", "2026-05", normal(0), -0.1, kind="at_least", upper=0.1)
    beyond = case("cars.deliveries", "2026-06", normal(0), 4.0, kind="at_least", upper=5.0)
    assert [one.inside[0.8] for one in (partly, within, beyond)] == [None, True, False]
    assert scorecard.coverage([partly, within, beyond], 0.8).cases == 0
    assert partly.wis is None
    assert partly.log_chance == pytest.approx(math.log(stats.norm.sf(0.5)), abs=0.03)


def test_a_correction_is_scored_in_the_role_of_what_it_corrects():
    right, other = (
        case("cars.deliveries", "2026Q1", normal(0), 0.0),
        case("cars.deliveries", "2026Q1", normal(5), 0.0, name="foo"),
    )
    fixed = scorecard.ScoredForecast(
        **{**vars(right), "entry": Entry(Path("register/2026-04-01/reports_alone_2"), right.entry.said)}
    )
    assert scorecard.Scored([fixed, other], {}).own() == [fixed]


def test_a_one_sided_record_of_three_blocks_has_a_chance_of_one_in_four():
    """Three blocks, all of whose figures came in below the P50: two of the eight choices of signs are as one-sided."""
    below = [
        case(name, f"2026Q{q}", normal(10), 9.0) for q in (1, 2, 3) for name in ("cars.deliveries", "cars.revenue")
    ]
    found = scorecard.bias(below)
    assert (found.below, found.cases, found.hits, found.blocks, found.chance) == (6, 6, 3.0, 3, 0.25)


def test_a_block_that_lies_on_both_sides_counts_for_neither():
    both = [case("cars.deliveries", "2026Q1", normal(10), 9.0), case("cars.revenue", "2026Q1", normal(10), 11.0)]
    above = [case("phones.shipments", "2026Q1", normal(10), 12.0)]
    found = scorecard.bias([*both, *above])
    assert (found.below, found.cases, found.hits, found.blocks) == (1, 3, 0.5, 2)
    assert found.chance == 1.0  # the block of phones could as well lie below


def test_of_many_blocks_the_chance_is_that_of_the_normal_limit():
    """Sixteen of twenty blocks below: a sum of 6 with a variance of 20 / 4, so 2 (1 - Phi(6 / 5^0.5)) = 0.73%."""
    cases = [
        case("cars.deliveries", f"{2020 + n // 4}Q{n % 4 + 1}", normal(10), 9.0 if n < 16 else 11.0) for n in range(20)
    ]
    assert scorecard.bias(cases).chance == pytest.approx(0.00729, abs=1e-5)
    floor = case("cars.deliveries", "2026-04", normal(0), 0.5, kind="at_least", upper=5.0)
    assert scorecard.bias([floor]).cases == 0


def test_nothing_is_decided_on_few_blocks_and_a_forecast_without_error_is_left_out():
    own = [case("cars.deliveries", f"2026Q{q}", normal(0), 0.0) for q in (1, 2)]
    theirs = [case("cars.deliveries", f"2026Q{q}", normal(0, 5), 0.0, name="run_rate") for q in (1, 2)]
    found = scorecard.skill(own, theirs)
    assert found.interval[0] > 0  # the two agree, and lie on one side
    assert not found.decided
    sure = case("cars.deliveries", "2026Q1", np.zeros(200), 0.0)
    assert scorecard.skill([sure], theirs) is None


def test_skill_is_one_less_the_geometric_mean_over_blocks_of_the_ratios_of_crps():
    own = [
        case("cars.deliveries", "2026Q1", normal(0), 0.0), case("cars.revenue", "2026Q1", normal(0), 0.0),
        case("phones.shipments", "2026Q1", normal(0, 2), 0.0),
    ]  # fmt: skip
    theirs = [
        case("cars.deliveries", "2026Q1", normal(0, 2), 0.0, name="run_rate"), case("cars.revenue", "2026Q1", normal(0, 4), 0.0, name="run_rate"),
        case("phones.shipments", "2026Q1", normal(0), 0.0, name="run_rate"),
    ]  # fmt: skip
    found = scorecard.skill(own, theirs)
    blocks = np.array([np.log([1 / 2, 1 / 4]).mean(), math.log(2)])  # CRPS of a normal at its mean goes with its sd
    assert (found.cases, found.blocks) == (3, 2)
    assert found.skill == pytest.approx(1 - math.exp(blocks.mean()), abs=1e-6)
    reach = stats.t(1).ppf(0.95) * blocks.std(ddof=1) / math.sqrt(2)
    assert found.interval == pytest.approx((1 - math.exp(blocks.mean() + reach), 1 - math.exp(blocks.mean() - reach)))


def test_skill_rests_on_cases_that_both_have_and_says_nothing_without_any():
    own = [case("cars.deliveries", "2026Q1", normal(0), 0.0)]
    assert scorecard.skill(own, []) is None
    other_day = [case("cars.deliveries", "2026Q1", normal(0), 0.0, name="run_rate", day=dt.date(2026, 5, 1))]
    assert scorecard.skill(own, other_day) is None


def test_of_a_floor_and_a_figure_for_the_same_period_the_figure_is_scored():
    floor = Observation("x", "2026Q1", "at_least", 9.0, 0.01, "1", "s", DAY, "-")
    figure = Observation("x", "2026Q1", "exact", 10.0, 0.01, "1", "t", dt.date(2026, 5, 1), "-")
    assert of_record([floor, figure], {}) == [figure]


def test_a_forecast_is_scored_for_the_series_that_is_named_as_the_truth_and_for_its_newest_figure():
    registrations = Observation("x", "2026Q1", "exact", 10.3, 0.01, "1", "cpca", DAY, "-")
    filing = Observation("x", "2026Q1", "exact", 10.0, 0.01, "1", "filing", dt.date(2026, 5, 26), "-")
    restated = Observation("x", "2026Q1", "exact", 9.9, 0.01, "1", "filing", dt.date(2026, 8, 18), "-")
    floor = Observation("x", "2026-04", "at_least", 3.0, 0.01, "1", "company", dt.date(2026, 5, 1), "-")
    truth = {"x": ("filing", "company")}
    assert {one.value for one in of_record([registrations, filing, floor], truth)} == {10.0, 3.0}
    assert of_record([registrations, filing, restated], truth) == [restated]
    assert of_record([registrations], truth) == []


def test_the_horizon_counts_to_the_end_of_the_period():
    found = [case("cars.deliveries", period, normal(0), 0.0).ahead for period in ("2026Q1", "2026Q2", "2026Q4")]
    assert found == list(scorecard.HORIZONS)
    assert case("cars.deliveries", "2026Q2", normal(0), 0.0).months == pytest.approx(3, abs=0.1)
