"""Orders: one case by hand where each branch binds, the boundary, the law."""

import numpy as np
import pytest

from model.xiaomi.drivers import orders

NOW = {
    "end": np.array([13.0]),
    "surge": np.zeros(1),
    "decay": np.ones(1),
    "fade": np.zeros(1),
    "season": np.ones((12, 1)),
}


def launch(**given):
    return orders.launch(**{**NOW, **{k: np.atleast_1d(float(v)) for k, v in given.items()}})[:, 0]


def test_a_line_long_on_sale_brings_one_month_of_orders_a_month():
    assert launch(start=-20) == pytest.approx(np.ones(12))


def test_a_launch_in_mid_april_brings_half_of_april_and_nothing_before():
    months = launch(start=4.5)
    assert months[:3] == pytest.approx(0)
    assert months[3] == pytest.approx(0.5)
    assert months[4:] == pytest.approx(1)


def test_a_run_out_at_the_end_of_the_first_week_of_march_leaves_a_quarter_of_march():
    months = launch(start=-20, end=3.25)
    assert months[:3] == pytest.approx([1, 1, 0.25])
    assert months[3:] == pytest.approx(0)


def test_a_launch_after_the_year_brings_nothing():
    assert launch(start=13, surge=5) == pytest.approx(np.zeros(12))


def test_no_order_of_a_surge_is_created_or_lost():
    """Within the year it brings surge x (1 - exp(-months left / decay))."""
    for start, decay in ((1.0, 0.4), (4.3, 0.7), (11.5, 2.0)):
        extra = launch(start=start, surge=3, decay=decay) - launch(start=start, decay=decay)
        assert extra.sum() == pytest.approx(3 * (1 - np.exp(-(13 - start) / decay)))
        assert (extra >= 0).all()


def test_season_moves_normal_orders_and_not_the_surge():
    season = np.full((12, 1), 0.5)
    given = {"start": 4.0, "surge": 3.0}
    keys = {**NOW, **{k: np.array([v]) for k, v in given.items()}}
    half, full = orders.launch(**{**keys, "season": season})[:, 0], launch(**given)
    surge = full - launch(start=4.0)
    assert half == pytest.approx(0.5 * launch(start=4.0) + surge)


def test_fading_by_a_tenth_a_month_counts_from_january_or_the_launch():
    assert launch(start=-20, fade=0.1)[1] == pytest.approx(0.9**1.5)  # mid-February
    assert launch(start=4, fade=0.1)[4] == pytest.approx(0.9**1.5)  # mid-May


def test_a_later_start_never_brings_more_orders():
    totals = [launch(start=s, surge=3, fade=0.01).sum() for s in np.linspace(1, 13, 25)]
    assert (np.diff(totals) <= 1e-12).all()


def market(**given):
    keys = {"growth": 0, "outlay": 1, "class_elasticity": 1, "payback": 0, "payback_decay": 1, **given}
    return orders.market(**{k: np.atleast_1d(float(v)) for k, v in keys.items()})[:, 0]


def test_growth_of_a_tenth_a_year_is_half_done_by_midyear():
    assert market(growth=0.1)[[0, 11]] == pytest.approx([1.1 ** (0.5 / 12), 1.1 ** (11.5 / 12)])


def test_a_tax_of_5_percent_at_elasticity_2_takes_a_tenth_of_orders():
    assert market(outlay=1.05, class_elasticity=2) == pytest.approx(np.full(12, 1 / 1.05**2))


def test_the_payback_is_full_in_january_and_a_third_of_it_after_one_decay():
    months = market(payback=0.3, payback_decay=2)
    assert months[0] == pytest.approx(0.7)
    assert months[2] == pytest.approx(1 - 0.3 / np.e)


def accident(**given):
    keys = {"happens": 1, "month": 4, "depth": 0.5, "recovery": 2, **given}
    return orders.accident(**{k: np.atleast_1d(float(v)) for k, v in keys.items()})[:, 0]


def test_an_accident_costs_its_depth_times_its_recovery_in_all():
    lost = 1 - accident(month=2, recovery=0.5)
    assert lost[0] == 0
    assert lost.sum() == pytest.approx(0.5 * 0.5, rel=1e-6)
    assert lost[1] == pytest.approx(0.5 * 0.5 * (1 - np.exp(-2)))


def test_no_accident_costs_nothing():
    assert accident(happens=0) == pytest.approx(np.ones(12))


def test_noise_has_mean_1():
    z = np.random.default_rng(1).standard_normal(10**6)
    assert orders.lognormal_noise(np.array([0.3]), z).mean() == pytest.approx(1, abs=0.002)
