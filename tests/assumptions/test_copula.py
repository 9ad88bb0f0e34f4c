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
