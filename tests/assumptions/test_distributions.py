"""Quantile functions against published values, theory and scipy."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from model import from_dict
from model.assumptions.distributions import shift
from model.assumptions.distributions.base import Discrete, Fixed, Uniform, say
from model.assumptions.distributions.families import family
from model.assumptions.distributions.metalog import Metalog

U = np.array([0.001, 0.01, 0.1, 0.3, 0.5, 0.77, 0.9, 0.99, 0.999])


@pytest.mark.parametrize(
    ("bounds", "quantiles", "mean"),
    [
        ({}, {0.01: 20.983, 0.05: 30.737, 0.95: 84.339, 0.99: 104.636}, 52.844),
        ({"min": 0}, {0.01: 23.989, 0.99: 118.092}, 53.381),
        ({"min": 0, "max": 100}, {0.01: 23.473, 0.99: 91.762}, 52.554),
    ],
)
def test_metalog_35_50_75_has_the_published_quantiles_and_mean(bounds, quantiles, mean):
    d = Metalog(35, 50, 75, **bounds)
    for u, x in quantiles.items():
        assert float(d.quantile(np.array(u))) == pytest.approx(x, abs=6e-4)
    assert float(d.mean()) == pytest.approx(mean, abs=6e-4)


def test_metalog_35_50_75_has_the_published_standard_deviation():
    assert float(Metalog(35, 50, 75).sd()) == pytest.approx(16.857, abs=6e-4)


@example(low=0.0, width=23797.653246467933, share=0.5, below=10.0, above=0.015625)  # passed its bound by one bit
@given(
    low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), share=st.floats(0.17, 0.83),
    below=st.none() | st.floats(1e-2, 10), above=st.none() | st.floats(1e-2, 10),
)  # fmt: skip
def test_three_quantiles_come_back_exactly_or_are_refused(low, width, share, below, above):
    p10, p50, p90 = low, low + share * width, low + width
    least = None if below is None else p10 - below * width
    most = None if above is None else p90 + above * width
    d = Metalog(p10, p50, p90, least, most)
    if list(d.faults()):
        return
    got = d.quantile(np.array([0.1, 0.5, 0.9]))
    assert got == pytest.approx([p10, p50, p90], abs=1e-7 * (abs(low) + width))
    tails = d.quantile(np.array([1e-9, 1e-4, 1 - 1e-4, 1 - 1e-9]))
    assert np.all(np.diff(d.quantile(np.linspace(1e-6, 1 - 1e-6, 999))) >= 0)
    assert least is None or tails[0] >= least
    assert most is None or tails[-1] <= most


def test_an_infeasible_triple_is_refused_with_the_range_that_would_do():
    ((what, hint),) = Metalog(0, 0.1, 10).faults()
    assert "too skewed" in what
    least = float(hint.split("between ")[1].split(" and ")[0])
    assert least == pytest.approx(10 * 0.5 * (1 - 1.66711 * 0.4), rel=1e-4)  # Keelin 2016, k of equation (23)
    assert not list(Metalog(0, least * 1.001, 10).faults())
    assert list(Metalog(0, least * 0.999, 10).faults())


@pytest.mark.parametrize(
    "d",
    [Metalog(3, 2, 1), Metalog(1, 1, 2), Metalog(1, 2, 3, min=1), Metalog(1, 2, 3, max=2.5), family("normal", mean=1, sd=0), family("normal", mean=1, sd=-1),
     family("lognormal", mean=-1, sd=1), Uniform(2, 2), family("pert", min=1, mode=5, max=3), family("pert", p10=1, mode=1, p90=3), family("pert", p10=1, mode=4, p90=3), family("triangular", min=3, mode=2, max=1), family("pert", min=1, mode=1, max=1), Discrete([1, 2], [0.5, -0.6]),
     Discrete([1, 2], [1.0]), Discrete([1, 1], [0.5, 0.5])],
)  # fmt: skip
def test_parameters_that_make_no_distribution_have_a_fault(d):
    assert list(d.faults())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (family("normal", mean=3, sd=2), stats.norm(3, 2)),
        (Uniform(2, 5), stats.uniform(2, 3)),
        (family("triangular", min=1, mode=2, max=5), stats.triang(0.25, 1, 4)),
        (family("pert", min=100, mode=150, max=200), stats.beta(3, 3, 100, 100)),
        (family("pert", min=0, mode=1, max=10), stats.beta(1.4, 4.6, 0, 10)),
        (family("pert", p10=100, mode=150, p90=200), stats.beta(3, 3, 51.3275575, 248.6724425 - 51.3275575)),
        (family("lognormal", mean=10, sd=3), stats.lognorm(np.sqrt(np.log1p(0.09)), scale=10 / np.sqrt(1.09))),
    ],
)
def test_quantiles_mean_and_sd_agree_with_scipy(ours, theirs):
    assert ours.quantile(U) == pytest.approx(theirs.ppf(U), rel=1e-9)
    assert float(ours.mean()) == pytest.approx(theirs.mean(), rel=1e-6)
    assert float(ours.sd()) == pytest.approx(theirs.std(), rel=1e-5)


def test_a_discrete_value_comes_as_often_as_its_weight_says():
    d = Discrete([5, 1], [0.25, 0.75])
    drawn = d.quantile((np.arange(1000) + 0.5) / 1000)
    assert (drawn == 1).sum() == 750
    assert float(d.mean()) == pytest.approx(2.0)
    assert float(d.sd()) == pytest.approx(np.sqrt(0.75 * 1 + 0.25 * 9))


def test_one_percentile_holds_across_the_months_of_an_array():
    column = np.array([[1.0], [10.0]])
    drawn = Metalog(column, 2 * column, 4 * column).quantile(U)
    assert drawn.shape == (2, len(U))
    assert drawn[1] == pytest.approx(10 * drawn[0])


def test_a_known_number_has_no_spread():
    assert float(Fixed(7.0).mean()) == 7.0
    assert float(Fixed(7.0).sd()) == 0.0


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), share=st.floats(0.01, 0.99))
def test_a_pert_given_by_quantiles_has_them_and_its_mode(low, width, share):
    p10, mode, p90 = low, low + share * width, low + width
    d = family("pert", p10=p10, mode=mode, p90=p90)
    assert d.quantile(np.array([0.1, 0.9])) == pytest.approx([p10, p90], abs=1e-7 * (abs(low) + width))
    least, most = d.scipy.support()
    assert least < p10 < p90 < most
    of_mode = (mode - least) / (most - least)
    assert d.scipy.mean() == pytest.approx(
        least + (most - least) * (1 + 4 * of_mode) / 6, abs=1e-7 * (abs(low) + width)
    )
    column = {key: np.array([[x], [2 * x]]) for key, x in (("p10", p10), ("mode", mode), ("p90", p90))}
    months = family("pert", **column)
    assert months.quantile(np.array([0.1])).ravel() == pytest.approx([p10, 2 * p10], abs=1e-7 * (abs(low) + width))


def test_a_pert_given_by_quantiles_stands_in_a_file_and_moves_with_its_p50():
    a = from_dict({"x": {"p10": 100, "mode": 150, "p90": 200}})
    d = a["x"].distribution
    moved = shift.at(d, "p50", 160.0)
    assert float(moved.quantile(np.array(0.5))) == pytest.approx(160)
    assert moved.numbers["mode"] == pytest.approx(160)


@pytest.mark.parametrize(
    ("distribution", "nouns"),
    [
        (Metalog(3, 2, 1), "p10, p50, p90 rise value"),
        (Metalog(1, 1, 2), "p10, p50, p90 rise value"),
        (Metalog(1, 2, 2), "p10, p50, p90 rise value"),
        (Metalog(1, 2, 3, min=1), "min 1 p10 Lower raise"),
        (Metalog(1, 2, 3, max=3), "max 3 p90 Raise lower"),
        (Metalog(0, 0.1, 10), "p10 0, p50 0.1, p90 10: skewed 1.66578 8.33422"),
        (family("normal", mean=1, sd=0), "sd 0 above value"),
        (family("lognormal", mean=0, sd=1), "mean 0 above 'normal'"),
        (family("lognormal", mean=-1.5, sd=1), "mean -1.5 above 'normal'"),
        (Uniform(3, 2), "low 3 high 2"),
        (Discrete([1, 2], [1.0]), "values weights length"),
        (Discrete([1, 2], [1.5, -0.5]), "weights [1.5, -0.5] 0"),
        (Discrete([4, 4], [0.5, 0.5]), "values [4, 4] differ"),
        (family("pert", min=3, mode=2, max=1), "min 3, mode 2, max 1 rise <="),
        (family("triangular", min=1, mode=1, max=1), "min 1, mode 1, max 1 rise <="),
        (family("pert", p10=1, mode=2, p90=2), "p10 1, mode 2, p90 2 rise <"),
    ],
)
def test_numbers_that_make_no_distribution_are_named_with_what_would_be_right(distribution, nouns):
    ((what, hint),) = distribution.faults()
    assert all(noun in f"{what} {hint}".split() for noun in nouns.split())


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
