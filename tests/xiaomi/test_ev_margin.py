"""EV money by hand."""

import numpy as np
import pytest

from model.xiaomi.drivers import ev_margin


def test_ten_thousand_cars_at_250_000_less_2_percent_and_10_percent_duty_bring_2_205_bn():
    revenue = ev_margin.car_revenue(
        delivered=np.full((1, 1, 1), 10_000.0), price=np.full((1, 1, 1), 250_000.0),
        discount=np.full((1, 1), 0.98), duty=np.full((1, 1, 1), 0.1),
    )  # fmt: skip
    assert revenue == pytest.approx(np.array([[2.205]]))


def test_a_car_20_000_dearer_costs_6_000_more_at_a_slope_of_0_3():
    cost = ev_margin.variable_cost(
        delivered=np.full((1, 1, 1), 1_000.0), price=np.full((1, 1, 1), 260_000.0), reference_price=np.array([240_000.0]),
        at_reference=np.array([180_000.0]), slope=np.array([0.3]), inflation=np.array([0.01]), saving=np.full((1, 1), 500.0),
    )  # fmt: skip
    assert cost == pytest.approx(np.array([[1_000 * (186_000 * 1.01 - 500) / 1e9]]))


def test_lines_add_up():
    delivered, price = np.array([[[1.0]], [[2.0]]]) * 1e9, np.array([[[3.0]], [[5.0]]])
    revenue = ev_margin.car_revenue(
        delivered=delivered, price=price, discount=np.ones((1, 1)), duty=np.zeros((2, 1, 1))
    )
    assert revenue == pytest.approx(np.array([[13.0]]))


def test_gross_profit_is_cars_less_cost_plus_the_margin_on_the_rest():
    profit = ev_margin.gross_profit(
        cars=np.array([[30.0]]), other_share=np.array([0.02]), other_margin=np.array([0.3]),
        variable=np.array([[22.0]]), fixed=np.array([[1.0]]),
    )  # fmt: skip
    assert profit == pytest.approx(np.array([[7.18]]))


def test_more_cars_at_the_same_price_lift_the_margin_because_fixed_cost_is_spread():
    def margin(cars):
        delivered, price = np.full((1, 1, 1), cars), np.full((1, 1, 1), 240_000.0)
        revenue = ev_margin.car_revenue(
            delivered=delivered, price=price, discount=np.ones((1, 1)), duty=np.zeros((1, 1, 1))
        )
        variable = ev_margin.variable_cost(
            delivered=delivered,
            price=price,
            reference_price=np.array([240_000.0]),
            at_reference=np.array([180_000.0]),
            slope=np.zeros(1),
        )
        profit = ev_margin.gross_profit(
            cars=revenue, other_share=np.zeros(1), other_margin=np.zeros(1), variable=variable, fixed=np.ones((1, 1))
        )
        return (profit / revenue).item()

    assert margin(100_000.0) == pytest.approx(0.25 - 1 / 24)
    assert margin(200_000.0) == pytest.approx(0.25 - 1 / 48)


def test_a_saving_is_made_on_the_cars_of_every_line():
    """100, 200 and 300 cars at 150,000 each, 2,000 saved on all 600: 600 x 148,000 = RMB 0.0888 bn."""
    cost = ev_margin.variable_cost(
        delivered=[np.full((1, 1), n) for n in (100.0, 200.0, 300.0)], price=np.full((3, 1, 1), 250_000.0),
        reference_price=np.array([250_000.0]), at_reference=np.array([150_000.0]), slope=np.array([0.5]), saving=np.array([[2000.0]]),
    )  # fmt: skip
    assert cost[0, 0] == pytest.approx(0.0888)
