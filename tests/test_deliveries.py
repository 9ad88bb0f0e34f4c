"""The order book by hand, and its conservation laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.drivers.deliveries import deliver


def book(opening, orders, capacity, ready=1.0, cancellation=0.0):
    return deliver(
        opening=np.array(opening, float)[:, None], orders=np.array(orders, float)[..., None],
        capacity=np.array(capacity, float)[:, None], ready=np.array([ready]), cancellation=np.array([cancellation]),
    )  # fmt: skip


def test_plants_that_can_build_60_of_100_and_200_share_them_by_backlog():
    b = book([80, 150], [[20], [50]], [60])
    assert b.delivered[:, 0, 0] == pytest.approx([20, 40])
    assert b.waiting[:, 0, 0] == pytest.approx([80, 160])
    assert b.capacity_bound[0, 0] == 1


def test_half_of_the_book_is_ready_when_plants_have_room():
    b = book([100], [[20]], [1000], ready=0.5)
    assert b.delivered[0, 0, 0] == pytest.approx(60)
    assert b.capacity_bound[0, 0] == 0


def test_at_the_boundary_orders_are_the_limit():
    assert book([100], [[0]], [50], ready=0.5).capacity_bound[0, 0] == 0


def test_a_tenth_of_those_left_waiting_cancels():
    b = book([100], [[0]], [40], cancellation=0.1)
    assert b.cancelled[0, 0, 0] == pytest.approx(6)
    assert b.waiting[0, 0, 0] == pytest.approx(54)


def test_an_empty_book_delivers_nothing():
    assert book([0], [[0, 0]], [10, 10]).delivered.sum() == 0


def test_those_who_waited_at_the_start_are_followed_to_their_cars():
    b = book([100], [[100, 0]], [100, 1000])
    assert b.from_opening[:, 0] == pytest.approx([50, 50])


@given(st.integers(0, 2**32 - 1))
def test_no_order_is_created_or_lost(seed):
    rng = np.random.default_rng(seed)
    lines, months, draws = 3, 12, 7
    opening, orders = rng.exponential(1e5, (lines, draws)), rng.exponential(2e4, (lines, months, draws))
    capacity = rng.exponential(5e4, (months, draws))
    ready, cancellation = rng.uniform(0.05, 1, draws), rng.uniform(0, 1, draws)
    b = deliver(opening=opening, orders=orders, capacity=capacity, ready=ready, cancellation=cancellation)
    gone = b.delivered.sum(axis=1) + b.cancelled.sum(axis=1) + b.waiting[:, -1]
    assert gone == pytest.approx(opening + orders.sum(axis=1), rel=1e-9)
    assert (b.delivered.sum(axis=0) <= capacity * (1 + 1e-9)).all()
    assert (b.from_opening.sum(axis=0) <= opening.sum(axis=0) * (1 + 1e-9)).all()
    assert min(b.delivered.min(), b.cancelled.min(), b.waiting.min()) >= 0


def test_more_capacity_never_delivers_less_by_any_month():
    rng = np.random.default_rng(3)
    args = {
        "opening": rng.exponential(1e5, (2, 50)), "orders": rng.exponential(2e4, (2, 12, 50)),
        "ready": rng.uniform(0.2, 1, 50), "cancellation": rng.uniform(0, 0.2, 50),
    }  # fmt: skip
    capacity = rng.exponential(4e4, (12, 50))
    less, more = (deliver(capacity=c, **args).delivered.sum(axis=0).cumsum(axis=0) for c in (capacity, 1.1 * capacity))
    assert (more >= less - 1e-6).all()
