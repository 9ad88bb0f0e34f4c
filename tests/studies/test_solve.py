"""Solve: what each assumption would have to be, the line of two, and what is refused."""

import numpy as np
import pytest

from model import InputError, from_dict
from model.simulation.metric import Metric
from model.simulation.parallel import Workers
from model.studies.cache import MeasureCache
from model.studies.required_values import RequiredValue
from model.studies.solve import equal_chance as line
from model.studies.solve import solve
from model.studies.sources import Prior
from model.studies.study import Study
from model.studies.tornado import tornado
from model.studies.variance import variance

IDLE, HIT = Metric("s"), Metric("s", None, "chance", 1.0)


@pytest.mark.parametrize(
    ("ask", "path", "nouns"),
    [
        (lambda s: variance(s, IDLE), "s", "not vary:"),
        (lambda s: variance(s, Metric("s", None, "p10")), "", "p10 variance s>=NUMBER"),
        (lambda s: variance(s, IDLE, by="tables"), "", "grouping 'tables' table?"),
        (lambda s: variance(s, IDLE, by="zzz"), "", "grouping 'zzz' assumption, table, segment, evidence"),
        (lambda s: solve(s, HIT, 0.0), "--chance", "0 100%"),
        (lambda s: solve(s, HIT, 1.0), "--chance", "1 100%"),
        (lambda s: solve(s, HIT, -0.5), "--chance", "-0.5 100%"),
        (lambda s: solve(s, HIT, 0.5, ["k"]), "k", "known P50"),
        (lambda s: line(s, HIT, 0.5, "x", "m"), "m", "periods P50"),
        (lambda s: line(s, HIT, 0.5, "x", "x"), "x", "twice"),
    ],
)
def test_refusals_of_variance_and_solve_name_the_place_and_the_way_out(ask, path, nouns):
    entries = {"x": {"mean": 0, "sd": 1}, "k": {"value": 1}, "m": {"p10": [1, 2], "p50": [2, 3], "p90": [3, 4]}}
    with pytest.raises(InputError) as caught:
        ask(Study(from_dict(entries), Prior(lambda d: {"s": 0 * d["x"]}, draws=2048)))
    (problem,) = caught.value.problems
    assert (problem.path or "") == path
    assert all(noun in f"{problem.what} {problem.hint}".split() for noun in nouns.split())


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
