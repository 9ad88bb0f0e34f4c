"""The tornado and the first look: what a bar holds, and in which order."""

import numpy as np
import pytest

from model import from_dict
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.studies.sources import Prior
from model.studies.study import Study
from model.studies.tornado import Bar, Tornado, first_look, tornado


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


def test_a_swing_carries_its_label_and_unit_and_the_first_look_sorts_by_size(sums):
    found = tornado(sums, Metric("s"))
    assert [(s.path, s.label, s.unit) for s in found][:2] == [("x", "X", "share"), ("y", "Y", "share")]
    assert float(found[0].low.value) == pytest.approx(-2 * 1.2815516, abs=0.01)
    assert float(found[0].high.value) == pytest.approx(2 * 1.2815516, abs=0.01)
    looked = first_look(sums, Metric("s"))
    assert [path for path, _ in looked][:2] == ["x", "y"]
    sizes = [abs(float(m.value)) for _, m in looked]
    assert sizes == sorted(sizes, reverse=True)
