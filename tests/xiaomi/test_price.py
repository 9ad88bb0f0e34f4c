"""Prices by hand: the mean over trims, an own cut, a price war, and what a cut of 20,000 RMB brings the YU7."""

import numpy as np
import pytest

import model
from model.simulation.sampling.latents import Net
from model.xiaomi.drivers import price
from model.xiaomi.drivers.calendar import left_over

THREE, HALVES = [np.array([x]) for x in (250.0, 280.0, 330.0)], [np.array([x]) for x in (0.5, 0.3, 0.2)]
OWN, CLASS = np.array([2.5]), np.array([1.2])


def test_the_mean_over_trims_is_weighted_by_shares_that_need_not_sum_to_1():
    assert price.mix(*THREE, *HALVES).item() == pytest.approx(125 + 84 + 66)
    assert price.mix(*THREE, *(2 * share for share in HALVES)).item() == pytest.approx(275)


def test_a_dearer_mix_is_no_dearer_car():
    """Both means are taken over the same shares, so that one alone moves nothing."""
    other = [np.array([x]) for x in (0.1, 0.2, 0.7)]
    same = price.own_price(price=price.mix(*THREE, *other), discount=np.zeros(1), reference=price.mix(*THREE, *other))
    assert same.item() == 1.0


def test_a_cut_of_a_tenth_at_elasticity_2_and_a_half_brings_three_tenths_more_orders():
    own = price.own_price(price=np.array([300.0]), discount=np.array([30.0]), reference=np.array([300.0]))
    assert own.item() == pytest.approx(0.9)
    assert price.response(own, OWN).item() == pytest.approx(0.9**-2.5)


def test_where_all_prices_fall_alike_the_class_s_elasticity_is_left():
    falls = left_over(np.array([0.12]))
    made = price.rivalry(path=falls, rivals=falls, own_elasticity=OWN, class_elasticity=CLASS)
    assert made[5, 0] == pytest.approx((1 - 0.12 * 5.5 / 12) ** -1.2)


def test_ignoring_a_cut_of_rivals_loses_orders_by_the_difference_of_elasticities():
    falls = left_over(np.array([0.12]))
    made = price.rivalry(path=np.ones((12, 1)), rivals=falls, own_elasticity=OWN, class_elasticity=CLASS)
    assert made[5, 0] == pytest.approx((1 - 0.12 * 5.5 / 12) ** 1.3)


def test_a_cut_counts_in_the_month_in_which_it_comes_by_the_orders_of_its_line():
    steady, cut = np.ones((1, 1)), np.array([[1.0], [1.0], [0.9], [0.9], [0.95]])
    orders = [np.full((5, 1), 30.0), np.full((5, 1), 10.0)]
    found = price.cut_of(own=(steady, cut), orders=orders)[:, 0]
    assert found == pytest.approx([0, 0, 0.1 * 10 / 40, 0, 0])  # a rise lets nobody cancel


@pytest.fixture(scope="module")
def both(root):
    cut = ["ev.lines.yu7.discount=20_000"]
    return [
        model.simulate(model.load(root / "assumptions.toml", sets=sets, as_of="base"), draws=16_384)
        for sets in ([], cut)
    ]


def test_a_cut_of_20_000_brings_the_yu7_11_to_36_percent_more_orders(both):
    """Elasticities of 1.4 to 4.1 (P10 to P90) on a mean list price of 278,200: (1 - 20,000 / 278,200)^-e."""
    draws = model.Draws(both[0].assumptions, Net(2026, 0, 16_384))
    more = (1 - 20_000 / 278_200) ** -draws["ev.price.elasticity"] - 1
    low, high = np.quantile(more, (0.1, 0.9))
    assert (low, high) == pytest.approx((0.11, 0.36), abs=0.005)


def test_a_cut_sells_fewer_more_cars_where_the_plants_bind(both):
    was, now = both
    more = now.values("ev.deliveries", "2026") / was.values("ev.deliveries", "2026") - 1
    bound = was.outcomes["ev.capacity_bound"].mean(axis=0)
    tight, loose = more[bound >= 0.75].mean(), more[bound <= 0.25].mean()
    assert 0 <= tight < 0.25 * loose
    assert loose > 0.05
