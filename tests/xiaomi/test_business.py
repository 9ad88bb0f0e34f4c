"""The company as a whole: identities in every draw, and what must move what."""

import dataclasses

import numpy as np
import pytest

from model import load, simulate
from model.simulation.sampling.latents import Net
from model.simulation.simulate import simulate as run
from model.xiaomi.business import XIAOMI
from model.xiaomi.ev_volume import volume
from model.xiaomi.segments import SEGMENTS


def yearly(result, name):
    return result.outcomes[name][-1]


def test_opening_book_plus_orders_is_delivered_cancelled_or_waiting_in_every_draw(base, result):
    from model import Draws

    draws = Draws(base, Net(result.seed, 0, result.draws, salts=XIAOMI.salts))
    opening = sum(draws[f"ev.lines.{line}.waiting"] for line in base.children("ev.lines")) * draws["ev.book.firm"]
    out = result.outcomes
    gone = out["ev.deliveries"][16] + out["ev.cancelled"].sum(axis=0) + out["ev.waiting"][11]
    assert gone == pytest.approx(opening + out["ev.orders"].sum(axis=0), rel=1e-9)


def test_cars_built_never_exceed_capacity_and_come_out_of_stock_or_are_delivered(base, result):
    from model import Draws

    out, draws = result.outcomes, Draws(base, Net(result.seed, 0, result.draws, salts=XIAOMI.salts))
    assert (out["ev.built"] <= out["ev.capacity"] * (1 + 1e-12)).all()
    left = draws["ev.stock.opening"] + out["ev.built"].sum(axis=0) - out["ev.deliveries"][16]
    assert left == pytest.approx(out["ev.stock"][11], abs=1e-6)


def test_lines_add_up_to_deliveries_months_to_quarters_and_quarters_to_the_year(base, result):
    out = result.outcomes
    lines = sum(out[f"ev.deliveries.{line}"] for line in base.children("ev.lines"))
    assert lines == pytest.approx(out["ev.deliveries"], rel=1e-9)
    for q in range(4):
        assert out["ev.deliveries"][3 * q : 3 * q + 3].sum(axis=0) == pytest.approx(
            out["ev.deliveries"][12 + q], rel=1e-12
        )
    assert out["ev.deliveries"][12:16].sum(axis=0) == pytest.approx(out["ev.deliveries"][16], rel=1e-12)


def test_segments_add_up_to_the_group_and_the_mix_to_one_in_every_draw(result):
    out = result.outcomes
    for what in ("revenue", "gross_profit"):
        assert sum(out[f"{s}.{what}"] for s in SEGMENTS) == pytest.approx(out[f"group.{what}"], rel=1e-12)
    assert sum(out[f"{s}.mix"] for s in SEGMENTS) == pytest.approx(np.ones_like(out["group.mix"]), rel=1e-12)


def test_margins_are_profit_over_revenue_and_the_year_is_the_sum_of_its_quarters(result):
    out = result.outcomes
    for name in (*SEGMENTS, "group"):
        assert out[f"{name}.gross_margin"] * out[f"{name}.revenue"] == pytest.approx(
            out[f"{name}.gross_profit"], rel=1e-9
        )
        assert out[f"{name}.revenue"][:4].sum(axis=0) == pytest.approx(out[f"{name}.revenue"][4], rel=1e-12)


def test_the_result_of_the_ev_segment_is_its_gross_profit_less_its_operating_cost(base, result):
    from model import Draws

    draws = Draws(base, Net(result.seed, 0, result.draws, salts=XIAOMI.salts))
    fixed = draws["ev.opex.research"] + draws["ev.opex.other"] + draws["ev.opex.ai"]
    sales = np.concatenate(
        [np.broadcast_to(draws["ev.before.revenue"] / 4, (4, result.draws)), result.outcomes["ev.revenue"][:4]]
    )
    above = np.stack([sales[q : q + 4].sum(axis=0) for q in range(4)]) - draws["ev.opex.level"]
    left = result.outcomes["ev.gross_profit"][:4] - fixed - draws["ev.opex.response"] / 4 * above
    assert left == pytest.approx(result.outcomes["ev.operating_result"][:4], rel=1e-9)


@pytest.mark.parametrize(
    ("change", "outcome", "sign"),
    [
        ("ev.lines.yu7.orders=30_000", "ev.deliveries", 1),
        ("ev.lines.yu7.waiting=400_000", "ev.deliveries", 1),
        ("ev.book.cancellation=0.2", "ev.deliveries", -1),
        ("ev.lines.su7_2026.start=9.0", "ev.deliveries.su7_2026", -1),
        ("ev.plants.phase1.shift_factor=1.2", "ev.deliveries", -1),
        ("ev.plants.phase3.start=30", "ev.deliveries", -1),
        ("ev.book.firm=0.95", "ev.deliveries", 1),
        ("ev.book.impatience=0.01", "ev.deliveries", -1),
        ("ev.lines.su7_2026.taken=0.8", "ev.deliveries.yu7", -1),
        ("ev.lines.yu7.discount=40_000", "ev.orders", 1),
        ("ev.trade_in.until=5", "ev.deliveries", -1),
        ("ev.market.level=1.2", "ev.deliveries", 1),
        ("ev.stores.added=40", "ev.deliveries", 1),
        ("ev.owners.elasticity=0.2", "ev.deliveries", 1),
        ("ev.opex.ai=4.0", "ev.operating_result", -1),
        ("ev.cost.inflation=0.2", "ev.gross_margin", -1),
        ("ev.tax_guarantee.per_car=15_000", "ev.revenue", -1),
        ("ev.accident.depth=0.8", "ev.deliveries", -1),
        ("ev.market.payback=0.8", "ev.deliveries", -1),
        ("ev.market.growth=0.5", "ev.deliveries", 1),
        ("ev.market.tax=0.2", "ev.deliveries", -1),
        ("ev.price_war.rival_cut=0.4", "ev.deliveries", -1),
        ("ev.plants.phase1.fixed_cost=1.4", "ev.gross_margin", -1),
        ("ev.cost.integration=15_000", "ev.gross_margin", 1),
        ("ev.lines.yu7.net=1.2", "ev.revenue", 1),
        ("ev.lines.yu7.duty=0.3", "ev.gross_margin", -1),
        ("smartphones.memory.price_rise=2.5", "smartphones.gross_margin", -1),
        ("smartphones.memory.mitigation=1.0", "smartphones.gross_margin", 1),
        ("ecosystem.devices_per_user=0.08", "iot.revenue", 1),
        ("ecosystem.users_per_phone=0.6", "internet.revenue", 1),
        ("other.gross_profit=-2.0", "group.gross_margin", -1),
        ("ev.opex.research=9.0", "ev.operating_result", -1),
    ],
)  # fmt: skip
def test_what_must_move_what(root, result, change, outcome, sign):
    moved = simulate(load(root / "assumptions.toml", sets=[change], as_of="base"), draws=result.draws)
    difference = yearly(moved, outcome) - yearly(result, outcome)
    assert sign * difference.mean() > 0


def test_money_does_not_move_cars(root, result):
    moved = simulate(
        load(root / "assumptions.toml", sets=["ev.cost.variable=150_000", "smartphones.share=0.2"], as_of="base"),
        draws=result.draws,
    )
    assert np.array_equal(moved.outcomes["ev.deliveries"], result.outcomes["ev.deliveries"])


def test_cars_bring_users_devices_and_services(root, result):
    moved = simulate(load(root / "assumptions.toml", ["bull"], as_of="base"), draws=result.draws)
    for outcome in ("ecosystem.users", "ecosystem.devices", "internet.revenue", "iot.revenue", "smartphones.shipments"):
        assert (yearly(moved, outcome) - yearly(result, outcome)).mean() > 0, outcome


def test_volume_alone_is_the_volume_of_the_whole(base, result):
    alone = simulate(base, dataclasses.replace(XIAOMI, function=volume), draws=result.draws)
    assert np.array_equal(alone.outcomes["ev.deliveries"], result.outcomes["ev.deliveries"])
    by_line = dataclasses.replace(XIAOMI, function=lambda draws: volume(draws, by_line=True))
    lines = simulate(base, by_line, draws=result.draws)
    for name, values in lines.outcomes.items():
        assert np.array_equal(values, result.outcomes[name]), name


@pytest.mark.parametrize("block", [2048, 4096, 6144, 8192])
def test_any_block_gives_the_same_numbers_to_the_last_bit(base, result, block):
    again = run(base, XIAOMI, draws=result.draws, block=block)
    for name, values in result.outcomes.items():
        assert np.array_equal(again.outcomes[name], values), name
