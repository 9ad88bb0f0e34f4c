"""The long table: what stands in it of a chance."""

import math

import pytest

from model import simulate


@pytest.mark.parametrize(("target", "statistic", "limit"), [(1e7, "chance below", 0.0), (1.0, "chance above", 1.0)])
def test_a_chance_that_no_draw_meets_or_every_one_stands_in_the_table_as_its_bound(base, target, statistic, limit):
    certain = base.replace(target=base.target.model_copy(update={"value": target}))
    rows = [row for row in simulate(certain, draws=8192, outcomes=["ev.deliveries"]).rows() if "chance" in row[4]]
    ((*place, unit, found, value, error),) = rows
    assert place == ["base", "ev.deliveries", "2026"]
    assert (unit, found) == ("share", statistic)
    assert abs(value - limit) == pytest.approx(1 - 0.05 ** (1 / 8192))
    assert math.isnan(error)


def test_any_other_chance_stands_there_with_its_error(result):
    ((*_, value, error),) = [row for row in result.rows() if "chance" in row[4]]
    assert (value, error) == result.chance()
