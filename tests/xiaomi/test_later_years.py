"""Xiaomi to 2030: the first year stays, what is put in is found again, widths grow, dates and places by hand."""

import numpy as np
import pytest

import model
from model.assumptions.calendar import date_of, moment
from model.xiaomi import later_years
from model.xiaomi.data import history
from model.xiaomi.drivers.calendar import quarterly

PAST = 12 * 2031 + 1  # January 2031: what does not come by 2030


@pytest.fixture(scope="module")
def assumptions(root):
    return model.load(root / "assumptions.toml", to="2030-12", as_of="base")


@pytest.fixture(scope="module")
def long(assumptions):
    return model.simulate(assumptions, draws=4096)


def test_the_first_year_is_that_of_the_shorter_run_in_every_outcome(root, long):
    short = model.simulate(model.load(root / "assumptions.toml", as_of="base"), draws=4096)
    for outcome in short.outcomes:
        for period in short.periods(outcome):
            mine, other = short.values(outcome, period), long.values(outcome, period)
            assert np.allclose(mine, other, rtol=1e-9, atol=1e-9), (outcome, period)


def test_a_run_to_2027_and_one_to_2030_say_the_same_of_2027(root, long):
    shorter = model.simulate(model.load(root / "assumptions.toml", to="2027-12", as_of="base"), draws=4096)
    for outcome in (
        "ev.deliveries",
        "ev.gross_margin",
        "ev.cash_flow",
        "smartphones.shipments",
        "iot.revenue",
        "group.gross_margin",
    ):
        mine, other = (result.values(outcome, "2027") for result in (shorter, long))
        assert np.allclose(mine, other, rtol=1e-9, atol=1e-9), outcome


def test_vehicles_are_neither_lost_nor_made_over_five_years(long):
    held = {name: long.outcomes[f"ev.{name}"][:60] for name in ("orders", "waiting", "cancelled", "deliveries")}
    flow = held["orders"] - held["cancelled"] - held["deliveries"]
    assert np.allclose(held["waiting"][0] + np.cumsum(flow[1:], axis=0)[-1], held["waiting"][-1], rtol=1e-9, atol=1e-3)
    lines = sum(long.values(f"ev.deliveries.{line}", "2029") for line in long.assumptions.children("ev.lines"))
    assert lines == pytest.approx(long.values("ev.deliveries", "2029"))


def test_europe_is_a_part_of_all_and_the_sum_of_its_groups(long):
    groups = sum(long.values(f"ev.abroad.{name}", "2030") for name in ("germany", "west", "north"))
    assert groups == pytest.approx(long.values("ev.abroad", "2030"), abs=1e-3)
    assert long.values("ev.abroad", "2030") == pytest.approx(long.values("ev.deliveries.europe", "2030"))
    assert not long.values("ev.abroad", "2026").any()


def test_entry_in_europe_can_slip(long):
    assert 0.05 < np.mean(long.values("ev.abroad", "2028") == 0) < 0.3


def test_the_europe_of_the_scenario_is_a_date(root, assumptions):
    early = model.load(root / "assumptions.toml", ["europe_early"], to="2030-12", as_of="base")
    changed = [edit.path for edit in early.edits]
    assert changed == ["ev.lines.europe.start", "ev.opex.other"]
    assert early["ev.lines.europe.start"].said.startswith("p10 2026-09-01, p50 2026-10-10")
    assert (
        early["ev.opex.other"].distribution.first == assumptions["ev.opex.other"].distribution.first
    )  # later years as they were
    made = model.simulate(early, draws=2048)
    assert made.values("ev.abroad", "2026").mean() > 1000


def test_widths_grow_with_time(long):
    for outcome in (
        "ev.deliveries",
        "ev.gross_margin",
        "group.revenue",
        "iot.revenue",
        "smartphones.shipments",
        "group.gross_margin",
    ):
        spreads = [
            np.subtract(*np.quantile(long.values(outcome, str(y)), (0.9, 0.1))) for y in (2026, 2027, 2028, 2030)
        ]
        assert spreads == sorted(spreads), outcome


def test_deliveries_ahead_are_about_as_wide_as_what_makers_did(root, long):
    """Growth of makers over calendar years: standard deviation of its logarithm over one and over two years (docs/model.md)."""
    growth = {1: [], 2: []}
    for months in history.peer_deliveries(root).values():
        years = {
            m // 12: sum(months[k] for k in range(m - 11, m + 1))
            for m in months
            if m % 12 == 11 and all(k in months for k in range(m - 11, m + 1))
        }
        for ahead, found in growth.items():
            found += [np.log(years[y + ahead] / years[y]) for y in years if y + ahead in years and years[y] > 80_000]
    assert [len(each) for each in growth.values()] == [14, 10]
    for ahead, found in growth.items():
        ours = np.log(long.values("ev.deliveries", str(2026 + ahead)) / long.values("ev.deliveries", "2026")).std()
        assert 0.7 < ours / np.std(found, ddof=1) < 1.3, ahead


def test_cash_adds_up_and_begins_with_what_was_put_in(long):
    flow = long.outcomes["ev.cash_flow"][:20]
    invested = long.outcomes["ev.cash"][0] - flow[0]
    assert np.quantile(-invested, (0.1, 0.5, 0.9)) == pytest.approx([25, 36, 50], rel=0.02)
    assert np.allclose(invested + flow.sum(axis=0), long.outcomes["ev.cash"][-1])


def test_paid_back_is_the_quarter_from_which_on_cash_stays_above_nought():
    cash = np.array([[-1.0, -1, 1], [2, -1, 1], [-1, -1, 1], [3, -1, 1]])
    assert later_years._for_good(cash).tolist() == [12.0, 13.0, 3.0]


def test_dates_agree_with_the_flows_that_they_are_read_from(long):
    before = np.array([history.monthly_deliveries(long.assumptions.root)[f"2025-{m:02d}"] for m in range(1, 13)])
    flows = np.concatenate([np.broadcast_to(before[:, None], (12, long.draws)), long.outcomes["ev.deliveries"][:60]])
    twelve = np.stack([flows[n + 1 : n + 13].sum(axis=0) for n in range(60)])
    for draw in range(0, 200, 7):
        reached = np.flatnonzero(twelve[:, draw] >= 550_000)
        expected = 12 * 2026 + 1 + reached[0] if len(reached) else PAST
        assert long.values("ev.twelve_months_at_target")[draw] == expected
    assert date_of(12 * 2026 + 1).isoformat() == "2026-01-01"
    assert moment(date_of(PAST)) == PAST


def test_a_place_among_makers_counts_those_that_sell_more(long):
    cars, place = long.values("ev.deliveries", "2030"), long.values("ev.rank", "2030")
    makers = [
        long.assumptions[f"ev.makers.{m}"].distribution.quantile(np.full(1, 0.5)).item()
        for m in long.assumptions.children("ev.makers")
    ]
    assert len(makers) == 12
    for draw in range(0, 100, 9):
        assert place[draw] == 1 + 5 + sum(m > cars[draw] for m in makers)


def test_the_aim_needs_the_growth_that_reaches_it(long):
    growth = long.values("ev.growth_to_aim")
    years = model.study(long.assumptions, draws=4096).draws("ev.aim.year") - 2030
    assert long.values("ev.deliveries", "2030") * (1 + growth) ** years == pytest.approx(6e6)


def test_phases_and_their_money_are_counted_from_the_same_decisions(long):
    phases = long.outcomes["ev.phases"]
    assert not phases[:4].any()
    some = phases[-1] > 0
    assert some.any()
    assert (np.diff(phases, axis=0) >= -1e-9).all()
    drawn = model.study(long.assumptions, draws=len(some)).draws
    flow, result = (long.outcomes[f"ev.{name}"][:20] for name in ("cash_flow", "operating_result"))
    invested = drawn("ev.cash.investment").reshape(20, 3, -1).mean(axis=1)
    extra = (flow - result + invested).sum(axis=0)  # what phases cost, less depreciation that is no cash
    capex, life = drawn("ev.expansion.capex"), drawn("ev.expansion.life")
    assert (-extra <= capex * (phases[-1] + 1) + 1e-6).all()  # one more may be under way
    assert (-extra >= capex * (phases[-1] - (phases.sum(axis=0) + 20) / (4 * life)) - 1e-6)[some].all()
    assert (extra[~some] <= 1e-6).all()
    assert (extra[some] < -0.5 * capex[some]).all()
    book = quarterly(long.outcomes["ev.capacity"][:60])[-1]
    assert book[some].mean() > book[~some].mean()
