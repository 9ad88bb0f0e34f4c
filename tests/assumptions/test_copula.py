"""The Gaussian copula against theory."""

import numpy as np
import pytest
from scipy import stats

from model import Draws, InputError, from_dict
from model.assumptions import copula
from model.simulation.sampling.latents import Net
from model.xiaomi.business import XIAOMI

NORMAL = {"mean": 0, "sd": 1}


def rank_of(pearson):
    return copula.rank_of_normals(pearson)


def test_pearson_one_half_is_spearman_0_482584_and_kendall_one_third():
    assert rank_of(0.5) == pytest.approx(0.482584, abs=1e-6)
    a = from_dict({"x": NORMAL, "y": NORMAL}, [("x", "y", rank_of(0.5))])
    draws = Draws(a, Net(1, 0, 32_768))
    assert stats.spearmanr(draws["x"], draws["y"]).statistic == pytest.approx(0.482584, abs=0.003)
    assert stats.kendalltau(draws["x"][:8192], draws["y"][:8192]).statistic == pytest.approx(1 / 3, abs=0.006)


def test_correlations_0_9_and_0_8_leave_the_third_in_its_known_range():
    pairs = [("a", "b", rank_of(0.9)), ("b", "c", rank_of(0.8)), ("a", "c", 0.0)]
    low, high = copula.feasible_range(("a", "b", "c"), pairs, "a", "c")
    pearson = [copula.pearson_of_normals(r) for r in (low, high)]
    assert pearson == pytest.approx([0.45847, 0.98153], abs=1e-5)


def test_a_matrix_that_cannot_exist_is_refused_with_the_range_of_each_pair():
    with pytest.raises(InputError) as caught:
        from_dict(dict.fromkeys("abc", NORMAL), [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)])
    text = str(caught.value)
    assert text.count("cannot stand with the others") == 3
    assert "it can be 0.6" in text


def test_the_base_case_has_the_rank_correlations_that_it_asks_for(base):
    draws = Draws(base, Net(7, 0, 16_384, salts=XIAOMI.salts))
    for a, b, rank in base.pairs:
        x, y = (np.atleast_2d(draws[p])[0] for p in (a, b))
        assert stats.spearmanr(x, y).statistic == pytest.approx(rank, abs=0.02), (a, b)


def test_correlation_leaves_the_margins_as_they_are():
    entries = {"x": {"p10": 1, "p50": 2, "p90": 4}, "y": {"low": 0, "high": 1}}
    tied = Draws(from_dict(entries, [("x", "y", 0.8)]), Net(1, 0, 16_384))
    for path, quantiles in {"x": [1, 2, 4], "y": [0.1, 0.5, 0.9]}.items():
        assert np.quantile(tied[path], [0.1, 0.5, 0.9]) == pytest.approx(quantiles, rel=0.01)


def test_the_same_pair_twice_and_a_pair_with_itself_are_refused():
    with pytest.raises(InputError, match="given twice"):
        from_dict({"x": NORMAL, "y": NORMAL}, [("x", "y", 0.1), ("y", "x", 0.2)])
    with pytest.raises(InputError, match="correlated with itself"):
        from_dict({"x": NORMAL}, [("x", "x", 0.1)])
