"""The order book by hand, and its conservation laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.xiaomi.drivers.deliveries import delivered_of, work_off


def book(opening, orders, capacity, ready=1.0, cancellation=0.0):
    return work_off(
        opening=np.array([opening], float), orders=np.array(orders, float)[:, None],
        capacity=np.array(capacity, float)[:, None], ready=np.array([ready]), cancellation=np.array([cancellation]),
    )  # fmt: skip


def test_plants_that_can_build_60_of_100_and_200_share_them_by_backlog():
    whole = book(230, [70], [60])
    assert whole.delivered[0, 0] == pytest.approx(60)
    assert whole.waiting[0, 0] == pytest.approx(240)
    assert whole.capacity_bound[0, 0] == 1
    for opening, orders, mine in ((80, 20, 20), (150, 50, 40)):
        part = delivered_of(
            opening=np.array([opening]), orders=np.array([[orders]]), share=whole.share, cancellation=np.zeros(1)
        )
        assert part[0, 0] == pytest.approx(mine)


def test_half_of_the_book_is_ready_when_plants_have_room():
    b = book(100, [20], [1000], ready=0.5)
    assert b.delivered[0, 0] == pytest.approx(60)
    assert b.share[0, 0] == 0.5
    assert b.capacity_bound[0, 0] == 0


def test_at_the_boundary_orders_are_the_limit():
    assert book(100, [0], [50], ready=0.5).capacity_bound[0, 0] == 0


def test_a_tenth_of_those_left_waiting_cancels_every_month():
    b = book(100, [0, 6], [40, 0], cancellation=0.1)
    assert b.cancelled[:, 0] == pytest.approx([6, 6])
    assert b.waiting[:, 0] == pytest.approx([54, 54])


def test_an_empty_book_delivers_nothing():
    assert book(0, [0, 0], [10, 10]).delivered.sum() == 0


def test_those_who_waited_at_the_start_are_followed_to_their_cars():
    b = book(100, [100, 0], [100, 1000])
    early = delivered_of(opening=np.array([100.0]), orders=np.zeros((2, 1)), share=b.share, cancellation=np.zeros(1))
    assert early[:, 0] == pytest.approx([50, 50])


def test_a_tenth_of_a_part_left_waiting_cancels_too():
    share = np.array([[0.5], [0.5]])
    part = delivered_of(
        opening=np.array([100.0]), orders=np.array([[0.0], [5.0]]), share=share, cancellation=np.array([0.1])
    )
    assert part[:, 0] == pytest.approx([50, 25])  # 50 left, 45 after cancellations, 50 with what is new


@given(st.integers(0, 2**32 - 1))
def test_no_order_is_created_or_lost_and_the_parts_make_up_the_whole(seed):
    rng = np.random.default_rng(seed)
    lines, months, draws = 3, 12, 7
    opening, orders = rng.exponential(1e5, (lines, draws)), rng.exponential(2e4, (lines, months, draws))
    capacity = rng.exponential(5e4, (months, draws))
    ready, cancellation = rng.uniform(0.05, 1, draws), rng.uniform(0, 1, draws)
    b = work_off(
        opening=opening.sum(axis=0),
        orders=orders.sum(axis=0),
        capacity=capacity,
        ready=ready,
        cancellation=cancellation,
    )
    gone = b.delivered.sum(axis=0) + b.cancelled.sum(axis=0) + b.waiting[-1]
    assert gone == pytest.approx(opening.sum(axis=0) + orders.sum(axis=(0, 1)), rel=1e-9)
    assert (b.delivered <= capacity * (1 + 1e-9)).all()
    assert min(b.delivered.min(), b.cancelled.min(), b.waiting.min()) >= 0
    kept = {"share": b.share, "cancellation": cancellation}
    parts = [delivered_of(opening=now, orders=new, **kept) for now, new in zip(opening, orders, strict=True)]
    assert sum(parts) == pytest.approx(b.delivered, rel=1e-9)
    early = delivered_of(opening=opening.sum(axis=0), orders=np.zeros((months, 1)), **kept)
    assert (early.sum(axis=0) <= opening.sum(axis=0) * (1 + 1e-9)).all()
    assert (early <= b.delivered * (1 + 1e-9)).all()


def test_more_capacity_never_delivers_less_by_any_month():
    rng = np.random.default_rng(3)
    args = {
        "opening": rng.exponential(2e5, 50), "orders": rng.exponential(4e4, (12, 50)),
        "ready": rng.uniform(0.2, 1, 50), "cancellation": rng.uniform(0, 0.2, 50),
    }  # fmt: skip
    capacity = rng.exponential(4e4, (12, 50))
    less, more = (work_off(capacity=c, **args).delivered.cumsum(axis=0) for c in (capacity, 1.1 * capacity))
    assert (more >= less - 1e-6).all()
