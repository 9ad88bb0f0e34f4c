"""Stores and phone users by hand."""

import numpy as np
import pytest

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers import reach

YEAR = Calendar(2026)


def test_ten_stores_a_month_make_of_480_535_by_mid_june_and_at_elasticity_a_fifth_2_percent_more_orders():
    made = reach.by_stores(added=np.array([10.0]), before=np.array([480.0]), elasticity=np.array([0.2]), calendar=YEAR)
    assert made[5, 0] == pytest.approx((535 / 480) ** 0.2)


def test_no_new_store_moves_nothing():
    made = reach.by_stores(added=np.zeros(1), before=np.array([480.0]), elasticity=np.array([0.2]), calendar=YEAR)
    assert made == pytest.approx(1)


def test_a_tenth_more_phone_users_in_a_year_are_two_fifths_of_that_more_buyers():
    made = reach.by_users(share=np.array([0.4]), growth=np.array([0.1]), calendar=YEAR)
    assert made[11, 0] == pytest.approx(1 + 0.4 * (1.1 ** (11.5 / 12) - 1))
