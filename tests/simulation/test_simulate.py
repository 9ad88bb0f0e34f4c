"""Which outcomes are kept, and what is refused before any work is done."""

from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from model import InputError, from_dict, simulate
from model.simulation import simulate as engine

ONE = from_dict({"x": {"mean": 0, "sd": 1}})


@pytest.mark.parametrize(
    "asked", [["ev.deliveries"], ["ev.deliveries.yu7"], ["ev.gross_margin"], ["group.revenue", "ev.waiting"]]
)
def test_outcomes_asked_for_alone_are_kept_with_the_target_and_the_same_to_the_last_bit(base, result, asked):
    some = simulate(base, draws=result.draws, outcomes=asked)
    assert some.outcomes.keys() == {"ev.deliveries", *asked}
    for name, values in some.outcomes.items():
        assert np.array_equal(values, result.outcomes[name]), name
    assert some.chance() == result.chance()
    assert (some.partial, result.partial) == (True, False)


def test_an_outcome_that_is_not_there_is_refused_with_the_near_one(base):
    with pytest.raises(InputError) as refused:
        simulate(base, draws=2048, outcomes=["ev.gross_margin", "ev.delivries", "qqq"])
    assert [str(problem) for problem in refused.value.problems] == [
        "--outcomes: no outcome 'ev.delivries'. Did you mean ev.deliveries or ev.deliveries.yu7 or ev.deliveries.su7?",
        "--outcomes: no outcome 'qqq'. Outcomes are listed in results.csv",
    ]


def six_hundred_rows(draws):
    return {"much": np.zeros((599, 1)) + draws["x"], "little": draws["x"]}


@pytest.fixture
def a_fifth_of_a_gigabyte(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=200_000_000))


def test_more_draws_than_there_is_memory_are_refused_before_anything_is_allocated(a_fifth_of_a_gigabyte, monkeypatch):
    """600 rows x 4 bytes (in double precision they would take more than a gigabyte) and 70 rows x 8 bytes to sort, of 262,144 draws."""
    ran = []

    def noted(draws):
        ran.append(draws.size)
        return six_hundred_rows(draws)

    for name in ("keep_memory", "_room_for", "Draws"):
        monkeypatch.setattr(engine, name, lambda *_, **__: pytest.fail("is not refused first"))
    with pytest.raises(InputError) as refused:
        simulate(ONE, noted, draws=200_000)
    assert str(refused.value) == (
        "--draws: 262,144 draws of 600 outcomes and periods need about 0.8 GB of memory, 0.2 GB are free. "
        "Lower --draws, or keep fewer outcomes: --outcomes NAME,NAME"
    )
    assert ran == [1]  # the look at the names of the outcomes


def test_fewer_outcomes_fit_where_all_do_not(a_fifth_of_a_gigabyte):
    kept = simulate(ONE, six_hundred_rows, draws=200_000, outcomes=["little"])
    assert {name: values.shape for name, values in kept.outcomes.items()} == {"little": (262_144,)}


@pytest.fixture
def tight(monkeypatch):
    from model.simulation import memory

    monkeypatch.setattr(memory, "ROOM", 1)


def test_where_memory_is_tight_single_precision_gives_the_same_numbers(base, request):
    plain = simulate(base, draws=8192)
    request.getfixturevalue("tight")
    single = simulate(base, draws=8192)
    assert {values.dtype.name for values in plain.outcomes.values()} == {"float64"}
    assert {values.dtype.name for values in single.outcomes.values()} == {"float32"}
    assert single.chance() == plain.chance()
    assert single.chance("ev.operating_result", 0.0) == plain.chance("ev.operating_result", 0.0)
    for one, other in zip(plain.rows(), single.rows(), strict=True):
        assert one[:5] == other[:5]
        assert other[5] == pytest.approx(one[5], rel=1e-6, abs=1e-6), one
        assert other[6] == pytest.approx(one[6], rel=1e-3, abs=1e-6, nan_ok=True), one
    for name in ("ev.deliveries", "group.revenue"):
        assert single.crps(500_000.0, name).value == pytest.approx(plain.crps(500_000.0, name).value, rel=1e-6)


@pytest.mark.usefixtures("tight")
def test_what_single_precision_would_blur_is_kept_in_double(monkeypatch):
    a = from_dict({"x": {"mean": 0, "sd": 1}, "some": {"values": [0.1, 0.7], "weights": [0.4, 0.6]}})
    far = {
        "near": lambda d: d["x"],
        "far": lambda d: 1e9 + d["x"],
        "some": lambda d: d["some"],
        "one": lambda d: 0.7 + 0 * d["x"],
    }
    made = simulate(a, lambda d: {name: of(d) for name, of in far.items()}, draws=8192)
    assert {name: values.dtype.name for name, values in made.outcomes.items()} == {
        "near": "float32", "far": "float64", "some": "float32", "one": "float64",
    }  # fmt: skip
    assert made.sd("far").value == pytest.approx(1.0, abs=0.01)
    assert made.chance("some", 0.7).value == pytest.approx(
        0.6, abs=1e-3
    )  # its 0.7 is a little below, and so is the target's
    assert made.chance("one", 0.7).value == 1.0
    from model.simulation import memory

    monkeypatch.setattr(memory, "available", lambda: 5_000_000)
    with pytest.raises(InputError, match="8,192 draws of 4 outcomes and periods need"):
        simulate(a, lambda d: {name: of(d) for name, of in far.items()}, draws=8192)
