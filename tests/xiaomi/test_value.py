"""Value: closed forms, sums of parts draw by draw, the checks that refuse, and what must be true for a price."""

import numpy as np
import pytest

import model
from model.errors import InputError
from model.xiaomi.drivers import valuation
from model.xiaomi.report.implied_value import implied

ONE = np.ones(1)


@pytest.fixture(scope="module")
def long(root):
    return model.simulate(model.load(root / "assumptions.toml", to="2028-12", as_of="base"), draws=2048)


@pytest.mark.parametrize("growth", [-0.05, 0.0, 0.04, 0.15])
def test_growth_adds_nothing_where_the_return_is_the_cost_of_capital(growth):
    found = valuation.fading(
        profit=10 * ONE, growth=growth * ONE, on_capital=0.09 * ONE, rate=0.09 * ONE, forever=0.02 * ONE, years=10
    )
    assert found == pytest.approx(10 / 0.09)


def test_growth_above_the_cost_of_capital_adds_and_below_takes():
    def worth(on_capital):
        return valuation.fading(
            profit=10 * ONE,
            growth=0.08 * ONE,
            on_capital=on_capital * ONE,
            rate=0.09 * ONE,
            forever=0.02 * ONE,
            years=10,
        ).item()

    assert worth(0.15) > 10 / 0.09 > worth(0.085)


def test_flows_are_discounted_from_the_middle_of_their_year_and_the_first_counts_for_the_rest():
    flows = np.array([[100.0], [100.0]])
    assert valuation.present(flows=flows, rate=0.1 * ONE, gone=0.0) == pytest.approx(100 / 1.1**0.5 + 100 / 1.1**1.5)
    assert valuation.present(flows=flows, rate=0.1 * ONE, gone=0.6) == pytest.approx(40 / 1.1**0.2 + 100 / 1.1**0.9)


@pytest.mark.parametrize("gone", [0.0, 0.6])
def test_a_level_flow_is_worth_the_same_however_long_the_run_is(gone):
    """1 a year for ever at 10%, in the middle of each year: the years of the run and what follows them, without a seam."""
    rate, found = 0.1 * ONE, []
    for years in (1, 3, 8):
        flows = valuation.present(flows=np.ones((years, 1)), rate=rate, gone=gone)
        tail = valuation.terminal(profit=ONE, growth=0 * ONE, on_capital=rate, rate=rate)
        found.append((flows + valuation.after(worth=tail, rate=rate, years=years, gone=gone)).item())
    assert found == pytest.approx([found[0]] * 3)
    if not gone:
        assert found[0] == pytest.approx(10 * 1.1**0.5)


def test_growth_within_the_run_is_paid_for_out_of_the_year_before():
    profit = np.array([[100.0], [110.0], [104.5]])
    taken = valuation.reinvested(profit=profit, growth=0.02 * ONE, on_capital=0.25 * ONE)
    assert taken[:, 0] == pytest.approx([10 / 0.25, 0.0, 2.09 / 0.25])


def test_a_margin_on_its_way_is_worth_less_than_the_one_it_goes_to():
    """Sales of 100 at 10%, margin from -2% to 4% over two years, 25% tax that losses do not lower: 1% missed of tax-free 1%, by hand."""
    how = {
        "sales": 100 * ONE,
        "growth": 0.05 * ONE,
        "forever": 0.0 * ONE,
        "tax": 0.25 * ONE,
        "rate": 0.1 * ONE,
        "years": 2,
    }
    missed = valuation.shortfall(margin=-0.02 * ONE, then=0.04 * ONE, **how)
    assert missed == pytest.approx(100 / 1.1 * (0.04 - 0.01) * 0.75)  # halfway at 1%, then there
    losing = valuation.shortfall(margin=-0.06 * ONE, then=0.04 * ONE, **how)
    assert losing == pytest.approx(100 / 1.1 * (0.04 * 0.75 + 0.01))
    assert valuation.shortfall(margin=0.04 * ONE, then=0.04 * ONE, **how) == pytest.approx(0)


def test_the_twelve_months_ahead_are_of_two_years():
    assert valuation.next_twelve(first=100 * ONE, second=200 * ONE, gone=0.25) == pytest.approx(125)


def test_the_parts_add_up_in_every_draw(long):
    held = {name: long.values(f"value.{name}") for name in ("ev", "core", "net_cash", "company", "share", "failed")}
    assert held["company"] == pytest.approx(held["ev"] + held["core"] + held["net_cash"])
    assert long.values("value.share_rmb") == pytest.approx(held["company"] / 25.74)
    rate = held["share"] / held["company"] * 25.74  # HKD for an RMB
    assert rate.min() >= 1.08
    assert rate.max() <= 1.10
    multiple = held["ev"] / long.values("value.ev.sales")
    assert multiple[held["failed"] == 0].min() > 0.3
    gone = held["failed"] == 1  # what is recovered is at most a year's sales
    most = np.max([long.values("ev.revenue", year) for year in long.periods("ev.revenue") if len(year) == 4], axis=0)
    assert (held["ev"] <= most)[gone].all()


def test_the_twelve_months_ahead_follow_the_day(root):
    a = model.load(root / "assumptions.toml", to="2027-12", as_of="base")
    later = a.replace(about=a.about.model_copy(update={"as_of": a.about.as_of.replace(month=7, day=2)}))
    one, other = (model.simulate(each, draws=2048, prior=True) for each in (a, later))
    cars = [one.values("ev.deliveries", year) for year in ("2026", "2027")]
    assert other.values("value.ev.deliveries") == pytest.approx(cars[0] * (183 / 365) + cars[1] * (182 / 365))
    assert one.values("value.ev.deliveries") == pytest.approx(cars[0] * (351 / 365) + cars[1] * (14 / 365))


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ("value.risk_free=0.01", "value.growth", "exceeds the risk-free rate"),
        (
            "value.core.growth.max=0.55 value.core.growth.p90=0.3 value.core.growth.p50=0.12",
            "value.core.growth",
            "more than all of profit",
        ),
        ("value.ev.return.min=0.04 value.ev.return.p10=0.12", "value.ev.return", "below the cost of capital"),
        ("value.risk_in_rate=0.02", "value.risk_in_rate", "counted twice"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_to_change(root, change, path, words):
    with pytest.raises(InputError) as refused:
        model.simulate(
            model.load(root / "assumptions.toml", sets=change.split(), to="2028-12", as_of="base"), draws=2048
        )
    problem = next(p for p in refused.value.problems if p.path == path)
    assert words in problem.what
    assert problem.hint


def test_what_a_price_needs_gives_the_price_back(root):
    """Each quantity needed, put into its draw in the place of the forecast's, makes the company worth what the market says."""
    study = model.study(model.load(root / "assumptions.toml", to="2027-12", as_of="base"), draws=2048)
    found = implied(study, solved=False)
    assert (found.day.isoformat(), found.price) == ("2026-01-02", 40.28)
    held = {
        name: study.made.values(f"value.{name}")
        for name in ("ev", "core", "net_cash", "share", "company", "ev.sales", "ev.deliveries")
    }
    market = found.price * held["company"] / held["share"]
    multiple = held["ev"] / held["ev.sales"]  # of failed cars what is recovered
    cars = (market - held["core"] - held["net_cash"]) / multiple / held["ev.sales"] * held["ev.deliveries"]
    assert found.items[0].needed[1] == pytest.approx(np.median(cars) / 1000, rel=0.01)
    back = cars / held["ev.deliveries"] * held["ev.sales"] * multiple + held["core"] + held["net_cash"]
    assert back * held["share"] / held["company"] == pytest.approx(found.price)
