"""Plants that are decided, by hand: when the book has been long, a lead time later, for so much money."""

import numpy as np
import pytest

from model.xiaomi.drivers.deliveries import work_off
from model.xiaomi.drivers.expansion import Terms, work_off_and_build

MONTHS = 48


def terms(**new):
    given = {"long": 2.0, "patience": 3.0, "lead": 14.0, "size": 1200.0, "ramp": 4.0, "capex": 7.0} | new
    return Terms(*(np.array([given[name]]) for name in Terms._fields))


def built(orders, capacity, given, workdays=1.0):
    return work_off_and_build(
        opening=np.zeros(1), orders=np.full((MONTHS, 1), orders), capacity=np.full((MONTHS, 1), capacity), ahead=np.full((MONTHS, 1), capacity),
        workdays=np.full((MONTHS, 1), workdays), ready=np.ones(1), cancellation=np.zeros(1), terms=given,
    )  # fmt: skip


def test_where_the_book_is_never_long_it_is_the_book_without_plants_to_the_last_bit():
    rng = np.random.default_rng(3)
    orders, capacity = rng.uniform(50, 150, (MONTHS, 500)), rng.uniform(80, 120, (MONTHS, 500))
    given = {
        "opening": rng.uniform(0, 300, 500), "orders": orders, "capacity": capacity, "ready": rng.uniform(0.4, 0.8, 500),
        "cancellation": rng.uniform(0, 0.05, 500),
    }  # fmt: skip
    plain = work_off(**given)
    more = work_off_and_build(**given, ahead=capacity, workdays=np.ones((MONTHS, 1)), terms=terms(long=1e9))
    for one, other in zip(plain, more.book, strict=True):
        assert (one == other).all()
    assert (more.capacity == capacity).all()
    assert not more.spent.any()


def test_a_phase_is_decided_after_so_many_long_months_and_builds_a_lead_time_later():
    made = built(200.0, 100.0, terms(size=12_000))
    # the book grows by 100 a month: above 2 x 100 from the third month's end on, long for three by the end of May (month 4)
    spent = made.spent[:, 0]
    assert np.flatnonzero(spent).tolist() == list(range(5, 19))
    assert spent.sum() == pytest.approx(7)
    assert made.capacity[18, 0] == 100
    assert made.capacity[19, 0] == pytest.approx(100 + 1000 * 0.5 / 4)  # mid-month of the first of four
    assert made.capacity[22, 0] == pytest.approx(100 + 1000 * 3.5 / 4)
    assert made.capacity[23, 0] == 1100
    assert made.running[18, 0] == 0
    assert made.running[19, 0] == 1


def test_no_second_phase_is_decided_while_one_is_under_way():
    made = built(500.0, 100.0, terms())
    # long from the first month on: decided at the end of the third, cars from 18.0; full at 22.0, and the next is decided that month
    assert np.flatnonzero(np.diff(np.r_[0, made.running[:, 0]])).tolist() == [17, 36]


def test_vehicles_are_neither_lost_nor_made():
    made = built(200.0, 100.0, terms())
    assert made.book.delivered.sum() + made.book.waiting[-1, 0] == pytest.approx(200 * MONTHS)


def test_a_lead_time_that_is_no_whole_number_of_months_costs_no_more():
    spent = built(200.0, 100.0, terms(size=12_000, lead=14.3)).spent
    assert spent.sum() == pytest.approx(7)


def test_a_phase_that_is_full_counts_once_in_what_is_to_come():
    """With room for one phase alone in the book, the month in which it is full begins no count anew."""
    made = built(500.0, 100.0, terms(long=4.0, size=1200))
    steady = built(500.0, 100.0, terms(long=4.0, size=1200, ramp=4.0 - 1e-9))
    assert (np.diff(made.running[:, 0]) == np.diff(steady.running[:, 0])).all()


def test_a_phase_builds_nothing_in_months_of_fewer_than_no_working_days():
    made = built(200.0, 100.0, terms(size=12_000), workdays=-0.1)
    assert made.running.any()
    assert (made.capacity == 100.0).all()
