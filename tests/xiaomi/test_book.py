"""The order book by hand: each limit where it binds, cancellations, stock, plants that open, and its conservation laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.xiaomi.drivers.book import (
    WEEKS,
    Cancelling,
    Gate,
    Owners,
    Phases,
    Plant,
    Stock,
    delivered_of,
    work_off,
)


def one(x):
    return np.array([float(x)])


def column(values):
    return np.array(values, float)[:, None]


def book(
    opening,
    signed,
    capacity,
    *,
    ready=1.0,
    cancel=0.0,
    cut=None,
    gate=None,
    plants=(),
    owners=None,
    phases=None,
    elasticity=2.0,
    **given,
):
    stock = {"in_stock": 0.0, "most": 1.0, "flex": 1.0, "long": 9.0, "discount": 0.0}
    leaving = {"per_week": 0.0, "weeks": 8.0, "per_cut": 0.0}
    return work_off(
        opening=one(opening), signed=column(signed), capacity=column(capacity), ready=one(ready),
        cancelling=Cancelling(one(cancel), *(one(given.get(k, v)) for k, v in leaving.items()), cut),
        stock=Stock(*(one(given.get(k, v)) for k, v in stock.items())),
        elasticity=one(elasticity), owners=owners, plants=plants, gate=gate, phases=phases,
    )  # fmt: skip


def test_plants_that_can_build_60_of_100_and_200_share_them_by_backlog():
    whole = book(230, [70], [60])
    assert whole.delivered[0, 0] == pytest.approx(60)
    assert whole.waiting[0, 0] == pytest.approx(240)
    assert whole.capacity_bound[0, 0] == 1
    for opening, orders, mine in ((80, 20, 20), (150, 50, 40)):
        part = delivered_of(opening=one(opening), ordered=column([orders]), share=whole.share, rate=whole.rate)
        assert part[0, 0] == pytest.approx(mine)


def test_half_of_the_book_is_ready_when_plants_have_room():
    b = book(100, [20], [1000], ready=0.5)
    assert b.delivered[0, 0] == pytest.approx(60)
    assert b.share[0, 0] == 0.5
    assert b.capacity_bound[0, 0] == 0


def test_at_the_boundary_orders_are_the_limit():
    assert book(100, [0], [50], ready=0.5).capacity_bound[0, 0] == 0


def test_a_tenth_of_those_left_waiting_cancels_every_month():
    b = book(100, [0, 6], [40, 0], cancel=0.1)
    assert b.cancelled[:, 0] == pytest.approx([6, 6])
    assert b.waiting[:, 0] == pytest.approx([54, 54])


def test_each_week_of_wait_beyond_8_makes_more_cancel():
    """1,200 wait at 100 a month: 12 months or 52 weeks, 44 beyond what buyers accept."""
    b = book(1200, [0], [100], cancel=0.01, per_week=0.001)
    assert b.rate[0, 0] == pytest.approx(0.01 + 0.001 * (12 * WEEKS - 8))
    assert b.wait[0, 0] == pytest.approx(WEEKS * b.waiting[0, 0] / 100)
    assert book(100, [0], [100], ready=0.5, cancel=0.01, per_week=0.001).rate[0, 0] == pytest.approx(0.01)


def test_an_own_cut_of_price_makes_more_cancel_in_its_month():
    b = book(100, [0, 0], [10, 10], per_cut=0.5, cut=column([0, 0.08]))
    assert b.rate[:, 0] == pytest.approx([0, 0.04])


def test_no_more_than_all_who_are_left_cancel():
    b = book(100, [0], [0], cancel=0.9, per_week=1.0)
    assert b.cancelled[0, 0] == pytest.approx(100)


def test_an_empty_book_delivers_nothing_and_waits_for_nothing():
    b = book(0, [0, 0], [10, 10])
    assert b.delivered.sum() == 0
    assert b.wait.sum() == 0


def test_cars_in_stock_go_before_cars_are_built():
    b = book(0, [100, 100], [90, 90], in_stock=30)
    assert b.built[:, 0] == pytest.approx([70, 90])
    assert b.delivered[:, 0] == pytest.approx([100, 90])
    assert b.stock[:, 0] == pytest.approx([0, 0])


def test_output_that_can_fall_by_a_fifth_fills_the_stock_when_orders_halve():
    b = book(0, [100, 50, 50, 50], [100] * 4, flex=0.2)
    assert b.built[:, 0] == pytest.approx([100, 80, 64, 51.2])
    assert b.stock[:, 0] == pytest.approx([0, 30, 44, 45.2])


def test_no_more_is_built_for_stock_than_a_month_s_worth():
    b = book(0, [100, 50, 50, 50], [100] * 4, flex=0.05)
    assert b.built[:, 0] == pytest.approx([100, 95, 55, 50])
    assert b.stock[:, 0] == pytest.approx([0, 45, 50, 50])


def test_stock_beyond_its_limit_is_sold_at_a_discount_that_brings_orders():
    """A month of stock where 0.6 is long, at 5% a month: 2% off, and orders rise by (1 - 0.02)^-2 in the month after."""
    b = book(0, [100, 50, 50], [100] * 3, flex=0.0, long=0.6, discount=0.05)
    assert b.stock[1, 0] == pytest.approx(50)
    assert b.discount[2, 0] == pytest.approx(0.05 * (1.0 - 0.6))
    assert b.ordered[2, 0] == pytest.approx(50 * (1 - 0.02) ** -2)


def test_of_months_of_stock_beyond_its_limit_no_more_count_than_may_be_built():
    """500 cars before 100 are sold leave four months of stock, 3.4 beyond 0.6, of which one counts: 5% off, not 17%."""
    b = book(0, [100, 100], [0, 0], in_stock=500, long=0.6, discount=0.05)
    assert b.stock[0, 0] == pytest.approx(400)
    assert b.discount[1, 0] == pytest.approx(0.05)


def test_owners_bring_orders_by_their_number_when_a_quarter_begins():
    b = book(0, [100] * 6, [100] * 6, owners=Owners(one(1000), one(0.5)))
    assert b.ordered[:3, 0] == pytest.approx(100)
    assert b.ordered[3:, 0] == pytest.approx(100 * 1.3**0.5)


def gate(weeks=8.0, use=0.9, patience=2.0):
    return Gate(one(weeks), one(use), one(patience))


def plant(ready, months=12, output=120.0, ramp=4.0):
    return Plant(one(ready), np.full((months, 1), output), one(ramp))


def test_a_plant_opens_when_it_is_ready_where_the_others_are_used():
    b = book(5000, [100] * 12, [100] * 12, plants=[plant(3.5)], gate=gate())
    assert b.running[0, :, 0] == pytest.approx([0, 0, 0.5, *[1] * 9])
    assert b.capacity[2:7, 0] == pytest.approx([100, 100 + 120 / 4, 100 + 120 / 2, 100 + 90, 220])


def test_a_plant_stays_closed_beside_idle_ones():
    b = book(0, [50] * 12, [100] * 12, plants=[plant(3.5)], gate=gate())
    assert not b.running.any()
    assert b.capacity[:, 0] == pytest.approx(100)


def test_a_plant_opens_after_so_many_months_of_need_in_a_row():
    """From June on orders take all that is built: pressed in June and July, it opens on 1 August."""
    b = book(0, [50] * 5 + [100] * 7, [100] * 12, plants=[plant(3.5)], gate=gate())
    assert b.running[0, :, 0] == pytest.approx([0] * 7 + [1] * 5)


def test_a_plant_that_comes_earlier_never_lowers_what_is_left_where_plants_are_idle():
    rng = np.random.default_rng(5)
    signed = column(rng.uniform(20, 60, 12))
    late, early = (book(0, signed[:, 0], [100] * 12, plants=[plant(start)], gate=gate()) for start in (11.0, 2.0))
    assert not early.running.any()
    assert (late.delivered == early.delivered).all()


MONTHS = 48


def phases(**new):
    given = {"long": 2.0, "patience": 3.0, "lead": 14.0, "size": 1200.0, "ramp": 4.0, "capex": 7.0} | new
    ahead, workdays = given.pop("ahead", 100.0), given.pop("workdays", 1.0)
    return Phases(
        *(one(given[name]) for name in Phases._fields[:6]), np.full((MONTHS, 1), ahead), np.full((MONTHS, 1), workdays)
    )


def grown(orders, capacity, **given):
    return book(0, [orders] * MONTHS, [capacity] * MONTHS, phases=phases(ahead=capacity, **given))


def test_where_the_book_is_never_long_it_is_the_book_without_phases_to_the_last_bit():
    plain, more = book(0, [90] * MONTHS, [100] * MONTHS), grown(90, 100)
    assert all((a == b).all() for a, b in zip(plain, more, strict=True))


def test_a_phase_is_decided_after_so_many_long_months_and_builds_a_lead_time_later():
    made = grown(200.0, 100.0, size=12_000)
    # the book grows by 100 a month: above 2 x 100 from the third month's end on, long for three by the end of May (month 4)
    spent = made.spent[:, 0]
    assert np.flatnonzero(spent).tolist() == list(range(5, 19))
    assert spent.sum() == pytest.approx(7)
    assert made.capacity[18, 0] == 100
    assert made.capacity[19, 0] == pytest.approx(100 + 1000 * 0.5 / 4)  # mid-month of the first of four
    assert made.capacity[22, 0] == pytest.approx(100 + 1000 * 3.5 / 4)
    assert made.capacity[23, 0] == 1100
    assert made.phases[18, 0] == 0
    assert made.phases[19, 0] == 1


def test_no_second_phase_is_decided_while_one_is_under_way():
    made = grown(500.0, 100.0)
    # long from the first month on: decided at the end of the third, cars from 18.0; full at 22.0, and the next is decided that month
    assert np.flatnonzero(np.diff(np.r_[0, made.phases[:, 0]])).tolist() == [17, 36]


def test_a_lead_time_that_is_no_whole_number_of_months_costs_no_more():
    assert grown(200.0, 100.0, size=12_000, lead=14.3).spent.sum() == pytest.approx(7)


def test_a_phase_builds_nothing_in_months_of_fewer_than_no_working_days():
    made = grown(200.0, 100.0, size=12_000, workdays=-0.1)
    assert made.phases.any()
    assert (made.capacity == 100.0).all()


def random_book(seed, months=12, draws=7, lines=3):
    rng = np.random.default_rng(seed)
    opening, orders = rng.exponential(1e5, (lines, draws)), rng.exponential(2e4, (lines, months, draws))
    parts = {
        "opening": opening.sum(axis=0), "signed": orders.sum(axis=0), "capacity": rng.exponential(5e4, (months, draws)),
        "ready": rng.uniform(0.05, 1, draws), "elasticity": rng.uniform(0, 4, draws),
        "cancelling": Cancelling(*rng.uniform(0, 0.2, (2, draws)) * np.array([[1], [0.02]]), np.full(draws, 8.0), rng.uniform(0, 1, draws), rng.uniform(0, 0.1, (months, draws))),
        "stock": Stock(rng.exponential(5e3, draws), np.ones(draws), rng.uniform(0, 1, draws), np.full(draws, 0.6), rng.uniform(0, 0.1, draws)),
        "owners": Owners(np.full(draws, 5e5), rng.uniform(0, 0.2, draws)),
        "plants": [Plant(rng.uniform(2, 12, draws), rng.exponential(3e4, (months, draws)), rng.uniform(1, 9, draws))],
        "gate": Gate(np.full(draws, 6.0), np.full(draws, 0.9), np.full(draws, 2.0)),
    }  # fmt: skip
    return opening, orders, parts


@given(st.integers(0, 2**32 - 1))
def test_no_order_and_no_car_is_created_or_lost_and_the_parts_make_up_the_whole(seed):
    opening, orders, parts = random_book(seed)
    b = work_off(**parts)
    gone = b.delivered.sum(axis=0) + b.cancelled.sum(axis=0) + b.waiting[-1]
    assert gone == pytest.approx(parts["opening"] + b.ordered.sum(axis=0), rel=1e-9)
    cars = parts["stock"].opening + b.built.sum(axis=0) - b.delivered.sum(axis=0)
    assert b.stock[-1] == pytest.approx(cars, rel=1e-9, abs=1e-6)
    assert (b.built <= b.capacity * (1 + 1e-9)).all()
    assert min(each.min() for each in (b.delivered, b.cancelled, b.waiting, b.stock, b.built)) >= -1e-9
    more = b.ordered / parts["signed"]
    pairs = zip(opening, orders, strict=True)
    found = [delivered_of(opening=now, ordered=new * more, share=b.share, rate=b.rate) for now, new in pairs]
    assert sum(found) == pytest.approx(b.delivered, rel=1e-9)
    nothing = np.zeros((len(b.share), 1))
    early = delivered_of(opening=parts["opening"], ordered=nothing, share=b.share, rate=b.rate)
    assert (early.sum(axis=0) <= parts["opening"] * (1 + 1e-9)).all()


def test_more_capacity_never_delivers_less_by_any_month_where_nobody_tires_of_waiting():
    _, _, parts = random_book(3, draws=50)
    parts |= {
        "plants": (),
        "gate": None,
        "owners": None,
        "cancelling": Cancelling(np.full(50, 0.05), *np.zeros((3, 50)), None),
    }
    parts["stock"] = Stock(np.zeros(50), np.ones(50), np.ones(50), np.full(50, 9.0), np.zeros(50))
    less = work_off(**parts).delivered.cumsum(axis=0)
    more = work_off(**(parts | {"capacity": 1.1 * parts["capacity"]})).delivered.cumsum(axis=0)
    assert (more >= less - 1e-6).all()
