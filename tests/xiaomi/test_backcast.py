"""The model is about Xiaomi: what was reported, through the drivers with the base case's parameters."""

import numpy as np
import pytest

from model.xiaomi.data import history
from model.xiaomi.drivers import capacity, ecosystem, ev_margin
from tests.conftest import ROOT, p50

QUARTERS = ("2024Q2", "2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3")
# Months in which Xiaomi was sold out (facts, Demand); the ramps were fitted to them. Left out: 2024-08 and 2024-09, when output stood still
# at 13,000 and the straight ramp says 16,000 and 18,300 (a miss of 22 and 35%, docs/model.md); 2025-01 and 2025-02, whose
# working days are not those of 2026; 2025-06, the change to the YU7, on which sources disagree.
CAPACITY_BOUND = (
    *(f"2024-{m:02d}" for m in (4, 5, 6, 7, 10, 11, 12)),
    *(f"2025-{m:02d}" for m in (3, 4, 5, 7, 8, 9, 10, 11)),
)


def month_number(name):
    """2026-01 is 1, 2025-12 is 0."""
    return 12 * (int(name[:4]) - 2026) + int(name[5:])


def ev_prices():
    """Revenue per car by quarter: reported, and car revenue over cars for 2024Q4."""
    asp = history.metric(ROOT, "ev_asp")
    cars = {
        r["quarter"]: float(r["revenue_rmb_bn"])
        for r in history.read(ROOT, "xiaomi_segments_quarterly.csv")
        if r["segment"] == "of which smart EV sales"
    }
    delivered = history.quarterly_deliveries(ROOT)
    return [asp.get(q, cars[q] * 1e9 / delivered[q]) for q in QUARTERS]


def ev_backcast(base):
    """(revenue, gross margin) of each quarter from reported deliveries and prices."""
    delivered = np.array([history.quarterly_deliveries(ROOT)[q] for q in QUARTERS]).reshape(1, -1, 1)
    price = np.array(ev_prices()).reshape(1, -1, 1)
    cars = ev_margin.car_revenue(delivered=delivered, price=price, discount=np.ones((1, 1)), duty=np.zeros((1, 1, 1)))
    variable = ev_margin.variable_cost(
        delivered=delivered, price=price, reference_price=p50(base, "ev.cost.reference_price"),
        at_reference=p50(base, "ev.cost.variable"), slope=p50(base, "ev.cost.slope"),
    )  # fmt: skip
    fixed = np.zeros((len(QUARTERS), 1))
    for plant in ("phase1", "phase2"):
        start = p50(base, f"ev.plants.{plant}.start")
        running = np.array([[start <= month_number(f"{q[:4]}-{3 * int(q[5]) - 2:02d}")] for q in QUARTERS])
        fixed += running * p50(base, f"ev.plants.{plant}.fixed_cost")
    share = p50(base, "ev.other.share")
    profit = ev_margin.gross_profit(
        cars=cars, other_share=share, other_margin=p50(base, "ev.other.margin"), variable=variable, fixed=fixed
    )
    revenue = cars * (1 + share)
    return revenue[:, 0], (profit / revenue)[:, 0]


def test_one_set_of_cost_parameters_gives_each_reported_ev_margin_within_2_points(base):
    told = np.array([history.segments(ROOT)["ev"][q][1] for q in QUARTERS])
    _, margin = ev_backcast(base)
    assert np.abs(margin - told).max() < 0.02


def test_reported_cars_and_prices_give_ev_revenue_within_2_percent(base):
    told = np.array([history.segments(ROOT)["ev"][q][0] for q in QUARTERS])
    revenue, _ = ev_backcast(base)
    assert revenue == pytest.approx(told, rel=0.02)


def built(base, month):
    total = 0.0
    for plant in base.children("ev.plants"):
        when = np.array([[month_number(month) + 0.5]])
        ramp = capacity.ramp(
            start=p50(base, f"ev.plants.{plant}.start"), months=p50(base, f"ev.plants.{plant}.ramp"), when=when
        )
        total += (
            capacity.output(
                nameplate=p50(base, f"ev.plants.{plant}.nameplate"),
                shift_factor=p50(base, f"ev.plants.{plant}.shift_factor"),
            )
            * ramp.item()
        )
    return total


@pytest.mark.parametrize("month", CAPACITY_BOUND)
def test_the_plants_as_described_give_the_deliveries_of_months_that_were_capacity_bound_within_a_tenth(base, month):
    assert built(base, month) == pytest.approx(history.monthly_deliveries(ROOT)[month], rel=0.10)


def test_the_ramp_misses_the_standstill_of_august_and_september_2024(base):
    """A known miss, kept in sight: if a better ramp mends it, say so in docs/model.md."""
    delivered = history.monthly_deliveries(ROOT)
    assert built(base, "2024-08") / delivered["2024-08"] == pytest.approx(1.22, abs=0.02)
    assert built(base, "2024-09") / delivered["2024-09"] == pytest.approx(1.35, abs=0.02)


def test_reported_shipments_and_prices_give_smartphone_revenue_within_2_percent():
    shipped, asp = history.metric(ROOT, "smartphone_shipments"), history.metric(ROOT, "smartphone_asp")
    for quarter, (told, _) in history.segments(ROOT)["smartphones"].items():
        assert shipped[quarter] * asp[quarter] / 1000 == pytest.approx(told, rel=0.02), quarter


def test_reported_users_and_the_base_cases_revenue_per_user_give_internet_revenue_within_2_percent(base):
    """The four quarters to 2025Q3. Before, revenue per user was lower: 1 to 4% too much in 2024Q1 to Q3."""
    users = history.metric(ROOT, "global_mau")
    per_user = p50(base, "internet.revenue_per_user")
    ends = {
        "2024Q4": ("2024-09", "2024-12"),
        "2025Q1": ("2024-12", "2025-03"),
        "2025Q2": ("2025-03", "2025-06"),
        "2025Q3": ("2025-06", "2025-09"),
    }
    for quarter, (begin, end) in ends.items():
        mean = np.array([0.5 * (users[begin] + users[end])])
        revenue = ecosystem.internet_revenue(
            users=mean, per_user=per_user[int(quarter[5]) - 1], density=1.0, elasticity=0.0
        )
        assert revenue.item() == pytest.approx(history.segments(ROOT)["internet"][quarter][0], rel=0.02), quarter


def test_reported_devices_give_iot_revenue_of_the_quarter_after_the_subsidies_within_6_percent(base):
    """No unit sales or prices of IoT are reported, so this is no backcast like the others: added devices stand in for sales."""
    devices = history.metric(ROOT, "connected_iot_devices")
    revenue = ecosystem.iot_revenue(
        devices_added=np.array([devices["2025-09"] - devices["2025-06"]]), per_device=p50(base, "iot.revenue_per_device"),
        season=p50(base, "iot.season")[2], subsidy=np.zeros(1),
    )  # fmt: skip
    assert revenue.item() == pytest.approx(history.segments(ROOT)["iot"]["2025Q3"][0], rel=0.06)


def test_segments_less_the_loss_of_other_give_the_reported_group_margin_within_a_quarter_point(base):
    """Left out, `other` would bias the group up by 0.3 to 0.5 points (facts, Checks and disagreements)."""
    past = history.segments(ROOT)
    for quarter in ("2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3"):
        profit = sum(past[s][quarter][0] * past[s][quarter][1] for s in ("smartphones", "iot", "internet", "ev"))
        revenue, told = past["group"][quarter]
        assert (profit + p50(base, "other.gross_profit")) / revenue == pytest.approx(told, abs=0.0025), quarter


def test_the_drivers_from_2024_on_hold_eight_of_nine_reported_quarters_in_their_80_percent_range():
    """Hindsight: told what is known today of lines and plants. The known miss is the standstill of 2024Q3."""
    from benchmarks.backcast import REPORTED_NOW, days_to, quarters, simulated

    result = simulated(draws=8192)
    *found, last = quarters(result)
    assert [each.name for each in found][0::8] == ["2024Q2", "2026Q2"]
    assert [each.name for each in found if not each.inside] == ["2024Q3"]
    assert [each.reported for each in found][-3:] == [145_115, 80_856, 104_199]
    assert last.name == "2026Q3"
    assert last.levels[0] < REPORTED_NOW[1]
    assert last.levels[-1] > REPORTED_NOW[0]
    # the ramp: 230 days from the launch to the 100,000th car (facts, Supply)
    low, middle, high = np.quantile(days_to(result), (0.1, 0.5, 0.9))
    assert low < 230 < high
    assert middle == pytest.approx(230, abs=15)
