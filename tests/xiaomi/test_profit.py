"""Profit below gross profit: by hand, what adds up, and what a car brings."""

import numpy as np
import pytest

import model
from model.xiaomi.drivers import profit
from model.xiaomi.report import headline
from tests.conftest import ROOT


def column(*values):
    return np.array(values, float)[:, None]


def test_two_quarters_by_hand_the_second_a_loss_on_which_no_tax_is_paid_back():
    """10 + 2% of 100 = 12, less a fifth = 9.6; cash 100 + 9.6 - 1 = 108.6; -4 + 1% of that = -2.914."""
    found = profit.adjusted(
        segments=column(10, -4),
        terms=profit.Terms(np.full(1, 100.0), column(0.02, 0.01), np.full(1, 0.2), column(-1, -1)),
    )
    assert found.items[:, 0] == pytest.approx([2, 1.086])
    assert found.adjusted[:, 0] == pytest.approx([9.6, -2.914])
    assert found.cash[:, 0] == pytest.approx([108.6, 104.686])


def test_shares_that_fall_by_a_tenth_a_year_are_five_percent_fewer_after_half_of_it():
    found = profit.shares(opening=np.full(1, 25.0), change=np.full(1, -0.1), phase=column(0, 0.5))
    assert found[:, 0] == pytest.approx([25, 25 * 0.9**0.5])


def test_the_lines_add_up_in_every_draw(result):
    out = result.outcomes
    rest = sum(out[f"{name}.gross_profit"] for name in ("smartphones", "iot", "internet", "other"))
    assert out["core.gross_profit"] == pytest.approx(rest)
    both = out["core.operating_result"] + out["ev.operating_result"]
    assert out["group.operating_result"] == pytest.approx(both, abs=1e-9)
    cost = out["group.gross_profit"] - out["group.selling"] - out["group.research"]
    assert out["group.operating_result"] == pytest.approx(cost, abs=1e-9)


def test_profit_of_the_year_is_that_of_its_quarters_and_shares_hardly_move(result):
    out = result.outcomes
    assert out["group.adjusted_net_profit"][4] == pytest.approx(out["group.adjusted_net_profit"][:4].sum(axis=0))
    shares = out["group.adjusted_net_profit"][:4] / out["group.eps"][:4]
    assert (abs(shares / 25.74 - 1) < 0.05).all()


@pytest.fixture(scope="module")
def per_car(base):
    """RMB of adjusted net profit for each car that fewer orders take away, and how many they are."""
    plain = model.simulate(base, draws=16_384)

    def fewer(level):
        made = model.simulate(
            model.load(ROOT / "assumptions.toml", sets=[f"ev.market.level={level}"], as_of="base"), draws=16_384
        )
        cars, money = (
            float((made.values(name, "2026") - plain.values(name, "2026")).mean())
            for name in ("ev.deliveries", "group.adjusted_net_profit")
        )
        return cars, 1e9 * money / cars

    return fewer


def test_a_car_more_brings_35_to_50_thousand_rmb(per_car):
    for level in (0.9, 1.1):
        assert 35_000 <= per_car(level)[1] <= 50_000


def test_nine_reported_quarters_come_out_within_a_billion_and_without_bias():
    from benchmarks.profit import cases, error

    found = cases()
    came = {case.quarter: case.came for case in found}
    assert list(came) == [f"{y}Q{q}" for y in (2024, 2025) for q in (1, 2, 3, 4)] + ["2026Q2"]
    assert list(came.values()) == pytest.approx([6.49, 6.18, 6.25, 8.32, 10.68, 10.83, 11.31, 6.4, 6.22], abs=0.005)
    spread, bias = error({case.quarter: case.by_rule for case in found}, came)
    assert spread < 1.0
    assert abs(bias) < 0.3
    assert spread < error({case.quarter: case.as_before for case in found}, came)[0] / 2


def test_shares_of_the_variance_of_profit_are_covariances_with_it_and_add_up_to_one(result):
    found = dict(headline.variance_by_part(result))
    assert sum(found.values()) == pytest.approx(1.0)
    cars, before = (
        result.values("ev.operating_result"),
        result.values("core.operating_result") + result.values("ev.operating_result"),
    )
    before = before + result.values("group.other_items")
    assert found["EV, AI and new"] == pytest.approx(np.mean(cars * (before - before.mean())) / before.var(), rel=1e-6)
