"""More ways to say what one believes: any quantiles, two quantiles, more families, truncation. Numbers from tables and theory."""

import numpy as np
import pytest
from scipy import stats

from model import InputError, from_dict, simulate
from model.assumptions.distributions.shift import at, refusal
from model.assumptions.layers.limits import NO_LIMITS
from model.assumptions.layers.what_if import keys_of
from model.assumptions.schema import NumberChange

U = np.array([0.001, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999])


def made(**keys):
    return from_dict({"x": keys})["x"].distribution


@pytest.mark.parametrize("bounds", [{}, {"min": 0}, {"max": 400}, {"min": 0, "max": 400}])
@pytest.mark.parametrize(
    "quantiles",
    [
        {"p5": 20, "p50": 50, "p95": 110},
        {"p1": 12, "p25": 40, "p75": 70, "p99": 160},
        {"p5": 20, "p25": 38, "p50": 50, "p75": 66, "p95": 110},
        {"p1": 21.5, "p10": 32.7, "p30": 44.3, "p50": 54.6, "p70": 67.3, "p90": 91.2, "p99": 138.5},
    ],
)
def test_a_metalog_meets_all_its_quantiles_exactly_and_rises(quantiles, bounds):
    d = made(**quantiles, **bounds)
    for key, x in quantiles.items():
        assert float(d.quantile(np.array(int(key[1:]) / 100))) == pytest.approx(x, rel=1e-10)
    assert (np.diff(d.quantile(np.linspace(1e-6, 1 - 1e-6, 5001))) > 0).all()
    ends = d.quantile(np.array([1e-9, 1 - 1e-9]))
    assert bounds.get("min", -np.inf) <= ends[0]
    assert ends[1] <= bounds.get("max", np.inf)


def test_quantiles_that_no_smooth_distribution_has_are_refused_with_the_place():
    with pytest.raises(
        InputError, match=r"no smooth distribution goes through p10 0, p25 1, p50 1.01.*would have to fall"
    ):
        made(p10=0, p25=1, p50=1.01, p75=1.02, p90=9)
    with pytest.raises(InputError, match="p25, p50, p75 must rise"):
        made(p25=3, p50=2, p75=4)


def test_draws_of_a_metalog_do_not_depend_on_how_many_are_made_at_a_time():
    d, u = made(p5=20, p25=38, p50=50, p75=66, p95=110), np.linspace(0.01, 0.99, 1000)
    assert np.array_equal(d.quantile(u)[500:600], d.quantile(u[500:600]))


@pytest.mark.parametrize(
    ("keys", "peer"),
    [
        ({"p10": -1.0, "p80": 4.0, "dist": "normal"}, stats.norm(2.018010512562, 2.354966115842)),
        ({"mean": 3.0, "sd": 2.0, "df": 4}, stats.t(4, loc=3, scale=2 * np.sqrt(0.5))),
        ({"alpha": 2.5, "beta": 0.7}, stats.beta(2.5, 0.7)),
        ({"alpha": 2, "beta": 5, "min": -1, "max": 3}, stats.beta(2, 5, loc=-1, scale=4)),
        ({"mean": 7.0, "dist": "exponential"}, stats.expon(scale=7)),
        ({"mean": 5.0, "sd": 3.0, "dist": "gumbel"}, stats.gumbel_r(loc=5 - np.euler_gamma * 3 * np.sqrt(6) / np.pi, scale=3 * np.sqrt(6) / np.pi)),
        ({"mean": 0.4, "dist": "poisson"}, stats.poisson(0.4)),
        ({"mean": 300, "dist": "poisson"}, stats.poisson(300)),
        ({"n": 40, "p": 0.15}, stats.binom(40, 0.15)),
        ({"mean": 1.0, "sd": 2.0, "min": 0.0, "max": 2.5}, stats.truncnorm(-0.5, 0.75, loc=1, scale=2)),
        ({"mean": 4.0, "dist": "exponential", "max": 6.0}, stats.truncexpon(1.5, scale=4)),
    ],
)  # fmt: skip
def test_quantiles_are_those_of_scipy(keys, peer):
    assert made(**keys).quantile(U) == pytest.approx(peer.ppf(U), rel=1e-9, abs=1e-9)


def test_a_truncated_count_is_renormalised_between_its_bounds():
    """Poisson of mean 4 between 2 and 6: shares of 2..6 over their sum, by hand from the table."""
    table = np.array([0.146525, 0.195367, 0.195367, 0.156293, 0.104196])
    found = made(mean=4, dist="poisson", min=2, max=6).quantile(np.linspace(0, 1, 200_001)[1:-1])
    shares = np.array([(found == k).mean() for k in range(2, 7)])
    assert shares == pytest.approx(table / table.sum(), abs=2e-5)


def test_a_truncation_that_leaves_nothing_is_refused():
    with pytest.raises(InputError, match="min 50 leaves nothing of the normal distribution"):
        made(mean=0, sd=1, min=50)
    with pytest.raises(InputError, match="min 2 is not below max 1"):
        made(mean=0, sd=1, min=2, max=1)


def test_weights_are_taken_over_their_sum():
    assert made(values=[1, 2, 3], weights=[1, 2, 1]).quantile(np.array([0.2, 0.3, 0.7, 0.8])).tolist() == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"p10": 1, "p50": 2}, "the keys p10, p50 make no distribution"),
        ({"mean": 2}, "the keys mean make no distribution"),
        ({"p10": 1, "p50": 2, "p90": 3, "dist": "normal"}, "with dist = 'normal' make no distribution"),
        ({"n": 2.5, "p": 0.3}, "n 2.5 must be a whole number"),
        ({"n": 5, "p": 1.3}, "p 1.3 must lie between 0 and 1"),
        ({"mean": 1, "sd": 1, "df": 2}, "df 2 must be above 2"),
        ({"alpha": 0, "beta": 2}, "must be above 0"),
        ({"mean": -1, "dist": "poisson"}, "mean -1 must be above 0"),
        ({"p5": -1, "p95": 2, "dist": "lognormal"}, "p5 -1 of a lognormal must be above 0"),
        ({"values": [1, 2], "weights": [0, 0]}, "must be 0 or more, and not all 0"),
        ({"p100": 3, "p50": 1}, "unknown key 'p100'"),
    ],
)
def test_what_makes_no_distribution_is_said(keys, words):
    with pytest.raises(InputError, match=words):
        made(**keys)


WAYS = (
    {"p5": 2.0, "p95": 5.0, "dist": "lognormal"}, {"p25": 2.0, "p75": 5.0, "dist": "normal"},
    {"p10": 100, "mode": 150, "p90": 220, "dist": "triangular"}, {"mean": 3.0, "sd": 2.0, "df": 5}, {"alpha": 2, "beta": 3},
    {"mean": 7.0, "dist": "exponential"}, {"mean": 5.0, "sd": 3.0, "dist": "gumbel"}, {"mean": 1.0, "sd": 2.0, "min": 0.0},
    {"p5": 20, "p25": 38, "p50": 50, "p75": 66, "p95": 110, "min": 0},
)  # fmt: skip


@pytest.mark.parametrize("keys", [*WAYS, {"mean": 4, "dist": "poisson"}, {"n": 40, "p": 0.15}])
def test_the_keys_of_a_distribution_make_it_again(keys):
    d = made(**keys)
    again = NumberChange(**keys_of(d), why="-").distribution()
    assert np.array_equal(again.quantile(U), d.quantile(U))


@pytest.mark.parametrize("keys", WAYS)
def test_a_p50_can_be_moved_to_any_place_within_reach(keys):
    d = made(**keys)
    goal = float(d.quantile(np.array(0.8)))
    assert float(at(d, "p50", goal).quantile(np.array(0.5))) == pytest.approx(goal, rel=1e-6)
    assert at(d, "p50", d.first_p50()) is d
    assert not list(refusal(d, "1", "p50", [goal], limits=NO_LIMITS))


def test_an_assumption_by_months_takes_each_family():
    ways = {
        "t": {"mean": [1.0, 2.0], "sd": 1.0, "df": 5}, "b": {"alpha": [2, 3], "beta": 2}, "p": {"mean": [2.0, 5.0], "dist": "poisson"},
        "n": {"n": [10, 20], "p": 0.5}, "c": {"mean": [1.0, 2.0], "sd": 1.0, "min": [0.0, 1.0]},
        "q": {"p5": [1.0, 2.0], "p25": [2.0, 3.0], "p75": [4.0, 5.0], "p95": [5.0, 6.0]}, "l": {"p5": [1.0, 2.0], "p95": [3.0, 4.0], "dist": "lognormal"},
    }  # fmt: skip
    r = simulate(from_dict(ways), lambda d: {name: d[name] for name in ways}, draws=2048)
    assert all(values.shape == (2, 2048) for values in r.outcomes.values())
    assert r.outcomes["p"].mean(axis=1) == pytest.approx([2, 5], abs=0.05)
    assert r.outcomes["c"].min(axis=1) == pytest.approx([0, 1], abs=0.01)
    assert np.quantile(r.outcomes["q"], 0.25, axis=1) == pytest.approx([2, 3], abs=0.02)
