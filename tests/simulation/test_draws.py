"""The promise of the draws: a draw belongs to a name."""

import numpy as np
import pytest

from model import Draws, InputError, from_dict, load
from model.errors import Problem
from model.simulation.sampling import digital_net
from model.simulation.sampling.draws import faults
from model.simulation.sampling.latents import Net
from model.xiaomi.business import XIAOMI

X = {"p10": 1, "p50": 2, "p90": 4}


def draws_of(assumptions, seed=1):
    return Draws(assumptions, Net(seed, 0, 4096))


def test_an_added_assumption_leaves_the_others_bit_for_bit():
    alone = draws_of(from_dict({"x": X}))["x"]
    beside = draws_of(from_dict({"a": X, "x": X, "z": {"mean": 0, "sd": 1}}))["x"]
    assert (alone == beside).all()


def test_the_order_of_asking_does_not_matter():
    a = from_dict({"x": X, "y": X}, [("x", "y", 0.5)])
    first, second = draws_of(a), draws_of(a)
    x, y = first["x"], first["y"]
    assert (second["y"] == y).all()
    assert (second["x"] == x).all()


def test_editing_one_assumption_leaves_all_others_bit_for_bit(root, base):
    edited = load(root / "assumptions.toml", sets=["ev.lines.yu7.orders.p50=20_000", "ev.book.ready=0.5"], as_of="base")
    before, after = draws_of(base), draws_of(edited)
    for path in base.entries:
        same = np.array_equal(before[path], after[path])
        assert same == (path not in ("ev.lines.yu7.orders", "ev.book.ready")), path


def test_a_scenario_that_adds_a_line_leaves_all_other_draws_bit_for_bit(root, base):
    added = load(root / "assumptions.toml", ["europe_early"], as_of="base")
    assert len(added.entries) == len(base.entries) + 14
    before, after = draws_of(base), draws_of(added)
    changed = {path for path in base.entries if not np.array_equal(before[path], after[path])}
    assert changed == {"ev.opex.other"}
    assert (before.shock("orders.yu7", 12) == after.shock("orders.yu7", 12)).all()


def test_shocks_are_independent_from_month_to_month(base):
    """Twice as close to independent as plain random numbers, over all lines and four seeds; single pairs reach 0.07."""
    off = []
    for seed in range(1, 5):
        draws = Draws(base, Net(seed, 0, 32_768, salts=XIAOMI.salts))
        z = np.concatenate([draws.shock(f"orders.{line}", 12) for line in base.children("ev.lines")])
        off.append(np.corrcoef(z)[np.triu_indices(len(z), 1)])
    assert np.sqrt(np.mean(np.square(off))) < 0.5 / np.sqrt(32_768)
    assert np.abs(off).max() < 0.1


def test_a_driver_says_what_it_counts_on():
    entry = from_dict({"x": {"value": [1, 2, 3]}})["x"]
    for periods, wanted in ((1, "one number"), (2, "one number, or 2"), (12, "one number, or 12")):
        (fault,) = faults(entry, entry.unit, periods)
        assert str(fault) == f"x: has 3 numbers. The model counts on {wanted}"
    assert not list(faults(entry, entry.unit, 3))


def test_the_sequences_of_all_assumptions_are_made_at_once_and_those_of_a_shock_too(monkeypatch):
    asked = []
    monkeypatch.setattr(digital_net, "prepare", lambda seed, paths, _: asked.append((seed, tuple(paths))))
    for path in ("x", "y", "shock noise 1", "shock noise 2", "shock noise 3"):
        digital_net._known[9, (path, None)] = next(digital_net._sequences(9, [(path, None)]))
    draws = Draws(from_dict({"x": X, "y": X, "k": {"value": 1}}), Net(9, 0, 2048))
    assert draws["x"].shape == draws["y"].shape == (2048,)
    assert draws["k"].tolist() == [1.0]
    draws.shock("noise", 3)
    whole = [call for call in asked if len(call[1]) > 1]
    assert whole == [(9, ("x", "y")), (9, ("shock noise 1", "shock noise 2", "shock noise 3"))]


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
