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
    """600 rows x 8 bytes x 262,144 draws = 1.26 GB, and 0.2 GB to work with."""
    ran = []

    def noted(draws):
        ran.append(draws.size)
        return six_hundred_rows(draws)

    for name in ("keep_memory", "_room_for", "Draws"):
        monkeypatch.setattr(engine, name, lambda *_, **__: pytest.fail("is not refused first"))
    with pytest.raises(InputError) as refused:
        simulate(ONE, noted, draws=200_000)
    assert str(refused.value) == (
        "--draws: 262,144 draws of 600 outcomes and periods need about 1.5 GB of memory, 0.2 GB are free. "
        "Lower --draws, or keep fewer outcomes: --outcomes ev.deliveries"
    )
    assert ran == [1]  # the look at the names of the outcomes


def test_fewer_outcomes_fit_where_all_do_not(a_fifth_of_a_gigabyte):
    kept = simulate(ONE, six_hundred_rows, draws=200_000, outcomes=["little"])
    assert {name: values.shape for name, values in kept.outcomes.items()} == {"little": (262_144,)}
