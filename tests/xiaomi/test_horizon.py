"""Xiaomi over more than one year: the first stays as it is, and what is left over crosses 31 December."""

import numpy as np
import pytest

import model
from model.assumptions.calendar import Calendar
from model.xiaomi.drivers import calendar


@pytest.fixture(scope="module")
def two(root):
    return model.simulate(model.load(root / "assumptions.toml", as_of="base").replace(years=2), draws=4096)


@pytest.fixture(scope="module")
def one(root):
    return model.simulate(model.load(root / "assumptions.toml", as_of="base"), draws=4096)


def test_the_first_year_of_two_is_that_of_one(one, two):
    for outcome in one.outcomes:
        for period in one.periods(outcome):
            mine, other = one.values(outcome, period), two.values(outcome, period)
            assert np.allclose(mine, other, rtol=1e-9, atol=1e-9), (
                outcome,
                period,
            )  # sums of longer arrays round otherwise


def test_the_order_book_crosses_the_year_end(two):
    held = {name: two.outcomes[f"ev.{name}"][:24] for name in ("orders", "waiting", "cancelled")}
    delivered = two.outcomes["ev.deliveries"][:24]
    for month in range(1, 24):
        left = held["waiting"][month - 1] + held["orders"][month] - delivered[month] - held["cancelled"][month]
        assert left == pytest.approx(held["waiting"][month], rel=1e-9, abs=1e-6)
    assert held["waiting"][11].mean() > 0


def test_users_and_quarters_and_years_go_on(two):
    assert two.periods("ev.deliveries")[-2:] == ["2026", "2027"]
    users = two.outcomes["ecosystem.users"]
    assert users.shape[0] == 8
    assert (np.diff(users.mean(axis=1)) > 0).all()
    quarters = sum(two.values("group.revenue", f"2027Q{q}") for q in range(1, 5))
    assert quarters == pytest.approx(two.values("group.revenue", "2027"))


def test_a_cut_of_so_much_a_year_compounds_over_years_and_is_the_old_one_in_the_first():
    cut = np.array([0.1, 0.5])
    left = calendar.left_over(cut, Calendar(2026, 3))
    assert left[:12] == pytest.approx(calendar.left_over(cut))
    assert left[12] == pytest.approx((1 - cut) * (1 - cut / 24))
    assert left[-1] == pytest.approx((1 - cut) ** 2 * (1 - cut * 23 / 24))
    assert (left > 0).all()
