"""A chance that no draw met is bounded, not nought; the memory of a container is heeded."""

import dataclasses

import numpy as np
import psutil
import pytest

from model import from_dict, simulate
from model.simulation import measures, memory
from model.simulation.measures import Bound, Measure, bounded


def test_without_a_hit_in_ten_thousand_draws_the_chance_lies_below_0_03_percent():
    """Clopper and Pearson for 0 of n at 95%, one-sided: 1 - 0.05^(1/n) = 1 - exp(-2.995732 / 10,000)."""
    found = measures.chance(np.zeros(10_000), 1.0, replicate=np.arange(10_000) % 8)
    assert isinstance(found, Bound)
    assert found.value == 0
    assert found.limit == pytest.approx(2.9952836e-4, rel=1e-6)


def test_with_hits_alone_it_lies_above_the_same_from_the_other_end():
    found = measures.chance(np.ones(10_000), 1.0, replicate=np.arange(10_000) % 8)
    assert found.value == 1
    assert found.limit == pytest.approx(1 - 2.9952836e-4, rel=1e-9)


def test_with_one_hit_it_is_a_plain_measure():
    values = np.zeros(8192)
    values[17] = 2.0
    found = measures.chance(values, 1.0, replicate=np.arange(8192) % 8)
    assert not isinstance(found, Bound)
    assert bounded(Measure(0.5, 0.1), 8) == Measure(0.5, 0.1)


def test_replicates_that_happen_to_count_the_same_have_the_error_of_one_draw_more():
    """A draw more in one of eight replicates: their means are 8 / n apart in one, so the standard error is 1 / n."""
    values = np.tile(np.r_[1.0, np.zeros(1023)], 8)
    replicate = np.repeat(np.arange(8), 1024)
    assert measures.chance(values, 1.0, replicate=replicate) == Measure(1 / 1024, 1 / 8192)
    one_more = np.r_[1.0, values[1:]]
    one_more[1] = 1.0
    assert measures.chance(one_more, 1.0, replicate=replicate).error == pytest.approx(1 / 8192)


def test_weighted_draws_count_as_many_as_they_are_worth():
    """Half of the weight on one draw of many: (sum w)^2 / sum w^2 is about 4."""
    weights = np.ones(8001)
    weights[0] = 8000
    assert measures.effective(weights, 8001) == pytest.approx(16_000**2 / (8000**2 + 8000))
    assert measures.effective(None, 8001) == 8001


def test_a_true_chance_of_3_in_ten_million_is_not_said_to_be_nought():
    made = simulate(from_dict({"x": {"mean": 0, "sd": 1}}), lambda d: {"x": d["x"]}, draws=65_536)
    found = made.chance("x", 5.0)  # 2.87e-7
    assert isinstance(found, Bound)
    assert 2.87e-7 < found.limit < 1e-4


def test_in_the_long_table_the_statistic_says_that_it_is_a_bound():
    never = simulate(from_dict({"x": {"value": 0}}), lambda d: {"y": d["x"] + 0 * d.shock("s", 1)[0]}, draws=2048)
    target = never.assumptions.target.model_copy(update={"outcome": "y", "period": "2026", "value": 1.0})
    result = dataclasses.replace(never, assumptions=never.assumptions.replace(target=target))
    (row,) = [each for each in result.rows() if "chance" in each[4]]
    assert row[3:5] == ("share", "chance below")
    assert row[5] == pytest.approx(1 - 0.05 ** (1 / 2048))
    assert np.isnan(row[6])


def test_a_container_that_allows_less_than_the_machine_has_is_heeded(monkeypatch, tmp_path):
    (tmp_path / "memory.max").write_text("3000000000\n")
    (tmp_path / "memory.current").write_text("1000000000\n")
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    assert memory.available() == 2e9
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available() == pytest.approx(psutil.virtual_memory().available, rel=0.2)
