"""Phones by hand."""

import numpy as np
import pytest

from model.xiaomi.drivers import smartphones


def test_a_rise_of_memory_by_half_at_a_share_of_a_fifth_half_kept_away_costs_5_percent():
    rise = smartphones.cost_rise(price_rise=np.array([[0.5]]), cost_share=np.array([0.2]), mitigation=np.array([0.5]))
    assert rise == pytest.approx(np.array([[0.05]]))


def test_recovering_all_of_a_cost_rise_keeps_the_profit_per_phone_not_the_margin():
    margin, rise = np.array([0.1]), np.array([[0.05]])
    factor = smartphones.price_factor(rise=rise, pass_through=np.array([1.0]), margin=margin)
    squeezed = smartphones.squeezed_margin(rise=rise, factor=factor, margin=margin)
    assert factor == pytest.approx(np.array([[1.045]]))
    assert squeezed * factor == pytest.approx(np.array([[0.1]]))  # profit in units of the old price


def test_recovering_nothing_takes_the_whole_rise_off_the_margin():
    margin, rise = np.array([0.1]), np.array([[0.05]])
    factor = smartphones.price_factor(rise=rise, pass_through=np.zeros(1), margin=margin)
    assert smartphones.squeezed_margin(rise=rise, factor=factor, margin=margin) == pytest.approx(np.array([[0.055]]))


def test_a_market_of_1_200_mn_that_shrinks_by_a_tenth_gives_a_share_of_an_eighth_135_mn():
    phones = smartphones.shipments(
        market=np.array([1200.0]), growth=np.array([-0.1]), share=np.array([0.125]), season=np.full((4, 1), 0.25)
    )
    assert phones.sum() == pytest.approx(135)


def test_40_mn_phones_at_1_100_rmb_are_44_bn():
    assert smartphones.revenue(shipments=np.array([40.0]), asp=np.array([1100.0])) == pytest.approx([44.0])
