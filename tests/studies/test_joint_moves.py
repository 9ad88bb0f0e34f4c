"""What several assumptions would have to do together, where none is enough."""

import numpy as np
import pytest
from scipy import stats

from model import from_dict
from model.simulation.metric import Metric
from model.studies.in_reach import round_numbers
from model.studies.solve import solve
from model.studies.sources import Prior
from model.studies.study import Study

WHAT = Metric("s", None, "chance", 6.0)


def study(*names, draws=8192):
    a = from_dict({name: {"mean": 0, "sd": 1} for name in names})
    return Study(a, Prior(lambda d: {"s": sum(d[name] for name in names)}, draws=draws))


def test_two_normals_meet_together_what_neither_reaches_alone():
    """x + y has mean 2k once both P50s are k: even odds of 4 at k = 2; alone each would need 4, beyond its P99.5 of 2.58."""
    found = solve(study("x", "y"), Metric("s", None, "chance", 4.0), 0.5)
    assert found.can == []
    (pair,) = found.together
    assert set(pair.paths) == {"x", "y"}
    assert pair.met
    assert pair.step == pytest.approx(2.0, abs=0.01)
    assert pair.there == pytest.approx((2.0, 2.0), abs=0.01)
    assert float(pair.chance.value) == pytest.approx(0.5, abs=0.005)


def test_four_move_less_than_two_and_stand_first():
    found = solve(study("a", "b", "c", "d"), Metric("s", None, "chance", 4.0), 0.5).together
    assert [one.step for one in found] == sorted(one.step for one in found)
    assert len(found[0].paths) == 4
    assert found[0].step == pytest.approx(1.0, abs=0.01)
    assert {len(one.paths) for one in found} == {2, 4}


def test_what_even_all_cannot_reach_says_the_chance_at_the_end_of_their_reach():
    """Both at their P99.5, 2.576, the sum has mean 5.15 and standard deviation 1.41: P(at least 6) = 27%."""
    (one,) = solve(study("x", "y"), WHAT, 0.5).together
    assert not one.met
    assert float(one.chance.value) == pytest.approx(stats.norm.sf((6 - 2 * 2.5758) / np.sqrt(2)), abs=0.005)
    assert "at the end of their reach" in one.line()


def test_an_assumption_that_is_enough_alone_needs_no_other():
    assert solve(study("x", "y"), Metric("s", None, "chance", 1.0), 0.5).together == ()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 0.5, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]), (-3.0, 3.0, [-2.0, 0.0, 2.0]), (1.0, 1.0, []), (9.99, 10.01, [9.99, 9.995, 10.0, 10.005, 10.01])],
)  # fmt: skip
def test_round_numbers_are_few_and_between_the_ends(low, high, expected):
    assert round_numbers(low, high) == pytest.approx(expected)
