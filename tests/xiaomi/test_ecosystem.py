"""The ecosystem by hand."""

import numpy as np
import pytest

from model.xiaomi.drivers import ecosystem


def column(*values):
    return np.array(values, float)[:, None]


def test_phones_and_cars_bring_users_quarter_by_quarter():
    users = ecosystem.users(
        opening=np.array([750.0]), phones=column(40, 40, 40, 40), cars=column(1e6, 0, 0, 1e6),
        per_phone=np.array([0.25]), per_vehicle=np.array([0.5]),
    )  # fmt: skip
    assert users[:, 0] == pytest.approx([760.5, 770.5, 780.5, 791.0])


def test_the_mean_of_a_quarter_lies_between_its_ends():
    assert ecosystem.mid_quarter(opening=np.array([100.0]), end=column(110, 130))[:, 0] == pytest.approx([105, 120])


def test_700_mn_users_add_42_mn_devices_at_0_06_and_a_million_cars_2_more():
    added = ecosystem.devices_added(
        users=column(700), cars=column(1e6), per_user=np.array([0.06]), per_vehicle=np.array([2.0])
    )
    assert added == pytest.approx(column(44))


def test_45_mn_devices_at_600_rmb_in_a_season_of_1_1_with_a_tenth_of_subsidy_are_32_67_bn():
    revenue = ecosystem.iot_revenue(
        devices_added=column(45), per_device=np.array([600.0]), season=column(1.1), subsidy=column(0.1)
    )
    assert revenue == pytest.approx(column(32.67))


def test_doubling_devices_per_user_at_elasticity_one_doubles_services():
    once = ecosystem.internet_revenue(
        users=column(750), per_user=column(12.0), density=column(1.0), elasticity=np.ones(1)
    )
    twice = ecosystem.internet_revenue(
        users=column(750), per_user=column(12.0), density=column(2.0), elasticity=np.ones(1)
    )
    assert once == pytest.approx(column(9.0))
    assert twice == pytest.approx(column(18.0))
