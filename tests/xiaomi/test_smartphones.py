"""Phones by hand: two tiers, memory, the mix."""

import numpy as np
import pytest

import model
from model.xiaomi.drivers import smartphones
from model.xiaomi.drivers.smartphones import Tier
from tests.conftest import ROOT

ONE = np.ones(1)


def tier(**given):
    terms = {
        "share": 0.6, "price": 700.0, "margin": 0.05, "memory": 0.25, "pass_through": 0.8, "elasticity": 1.3, "rationing": 0.1, **given,
    }  # fmt: skip
    return Tier(*(np.full(1, terms[name]) for name in Tier._fields))


def sold(rise, mitigation=0.2, **given):
    return smartphones.sold(
        phones=np.full((1, 1), 20.0), tier=tier(**given), every_share=ONE, price_rise=np.full((1, 1), rise), mitigation=np.full(1, mitigation),
    )  # fmt: skip


def test_memory_at_twice_its_price_costs_a_cheap_phone_a_fifth_and_a_quarter_of_its_units():
    """0.25 x (1 - 0.2) = 20% of cost; 0.8 x 20% x 0.95 = 15.2% of price; 1.152^-1.3 x 2^-0.1 = 0.77626."""
    one = sold(1.0)
    assert one.units.item() == pytest.approx(20 * 0.6 * 0.776263, rel=1e-5)
    assert one.revenue.item() == pytest.approx(9.315156 * 700 * 1.152 / 1000, rel=1e-5)
    assert one.cost.item() == pytest.approx(9.315156 * 700 * 0.95 * 1.2 / 1000, rel=1e-5)


def test_without_a_rise_a_tier_has_its_share_its_price_and_its_margin():
    one = sold(0.0)
    assert one.units.item() == pytest.approx(12)
    assert one.revenue.item() == pytest.approx(8.4)
    assert 1 - one.cost.item() / one.revenue.item() == pytest.approx(0.05)


def test_memory_that_falls_makes_phones_cheaper_and_rations_nothing():
    one = sold(-0.4, elasticity=0.0)
    assert one.units.item() == pytest.approx(12)
    assert one.revenue.item() / one.units.item() < 0.7


def test_a_rise_that_is_all_kept_away_moves_prices_and_cost_nowhere():
    one, none = sold(2.0, mitigation=1.0, rationing=0.0), sold(0.0)
    assert [x.item() for x in one] == pytest.approx([x.item() for x in none])


def test_recovering_all_of_a_cost_rise_keeps_the_profit_per_phone_not_the_margin():
    one, none = sold(1.0, pass_through=1.0), sold(0.0)
    assert (one.revenue - one.cost) / one.units == pytest.approx((none.revenue - none.cost) / none.units)


def test_a_market_of_1_200_mn_that_shrinks_by_a_tenth_gives_a_share_of_an_eighth_135_mn():
    phones = smartphones.shipments(
        market=np.array([1200.0]), growth=np.array([-0.1]), share=np.array([0.125]), season=np.full((4, 1), 0.25)
    )
    assert phones.sum() == pytest.approx(135)


@pytest.fixture(scope="module")
def at():
    """Phones of 2026 at a rise of memory prices through the year: units, mn; average price, RMB; gross margin."""

    def year(rise):
        a = model.load(ROOT / "assumptions.toml", sets=[f"smartphones.memory.price_rise={rise}"], as_of="base")
        made = model.simulate(a, draws=8192)
        units, revenue = (made.values(f"smartphones.{name}", "2026") for name in ("shipments", "revenue"))
        return units, 1000 * revenue / units, made.values("smartphones.gross_margin", "2026")

    return year


def test_at_memory_150_percent_up_units_fall_by_a_fifth_and_the_average_price_rises_as_much(at):
    """What an analyst of the trade expects: units -20 to -28%, average price +18 to +28%, margin 7.5 to 9.5%."""
    (units, price, _), (fewer, dearer, margin) = at(0), at(1.5)
    assert -0.28 <= np.median(fewer / units) - 1 <= -0.20
    assert 0.18 <= np.median(dearer / price) - 1 <= 0.28
    assert 0.075 <= np.median(margin) <= 0.095


def test_at_the_memory_prices_of_2025_phones_are_those_of_the_four_quarters_to_september_2025(at):
    """170.2 mn phones at 1,136 RMB, 11.1 to 12.4% (data/): what January says of the market is left out."""
    units, price, margin = at(0)
    growth, share = 1.015, 0.1285 / (170.2 / 1309)
    assert np.median(units) / growth / share == pytest.approx(170.2, rel=0.01)
    assert np.median(price) == pytest.approx(1136, rel=0.01)
    assert 0.111 <= np.median(margin) <= 0.124


def test_tiers_add_up_to_all_phones_in_every_draw(result):
    parts = result.outcomes["smartphones.shipments.low"] + result.outcomes["smartphones.shipments.high"]
    assert parts == pytest.approx(result.outcomes["smartphones.shipments"])
