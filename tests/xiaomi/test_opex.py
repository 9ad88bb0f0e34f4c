"""Operating cost by hand: fixed parts, sales above a level, a cut after four quarters of loss."""

import numpy as np
import pytest

from model.xiaomi.drivers.opex import Terms, operating_cost


def cost(revenue, profit, **given):
    terms = {"response": 0.04, "level": 100.0, "cut": 0.1, **given}
    return operating_cost(
        research=np.array([2.0]), other=np.array([3.0]), ai=np.array([2.0]), revenue=np.array(revenue, float)[:, None], gross_profit=np.array(profit, float)[:, None],
        terms=Terms(*(np.array([terms[name]]) for name in ("response", "level", "cut")), np.array([100.0])),
    ).total[:, 0]  # fmt: skip


def test_sales_at_the_level_cost_the_fixed_parts():
    assert cost([25, 25, 25, 25], [99] * 4) == pytest.approx([7, 7, 7, 7])


def test_4_percent_of_the_sales_above_the_level_come_on_top_in_the_quarter_after():
    # the four quarters before: 100, 115, 130, 145
    assert cost([40, 40, 40, 40], [99] * 4) == pytest.approx([7, 7.15, 7.3, 7.45])


def test_sales_below_the_level_cost_less():
    assert cost([5, 25, 25, 25], [99] * 4)[1] == pytest.approx(7 - 0.04 / 4 * 20)


def test_after_four_quarters_of_loss_the_cars_part_is_cut_and_ai_is_not():
    made = cost([25] * 12, [0] * 12)
    assert made[:4] == pytest.approx([7] * 4)
    assert made[4:8] == pytest.approx([5 * 0.9 + 2] * 4)
    assert made[8:] == pytest.approx([5 * 0.81 + 2] * 4)


def test_one_quarter_of_profit_begins_the_count_anew():
    made = cost([25] * 8, [0, 0, 0, 99, 0, 0, 0, 0])
    assert made == pytest.approx([7] * 8)


def test_at_equal_sales_operating_cost_does_not_hang_on_how_the_first_year_went():
    """Sales of the last four quarters alike, the first year strong or weak: the same cost, where both earn."""
    strong, weak = [40] * 4 + [27] * 5, [10] * 4 + [27] * 5
    assert cost(strong, [99] * 9)[-1] == pytest.approx(cost(weak, [99] * 9)[-1])
