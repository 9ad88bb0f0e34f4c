"""What was reported, and the reference lines that come of it."""

import datetime as dt

import pytest

from model import InputError, simulate
from model.xiaomi.data import history
from model.xiaomi.report import published
from tests.conftest import ROOT


def test_filings_add_up_to_the_years():
    quarters = history.quarterly_deliveries(ROOT)
    assert sum(v for q, v in quarters.items() if q.startswith("2024")) == 136_854
    assert history.annual_deliveries(ROOT) == {"2024": 136_854, "2025": 411_837}


def test_months_add_up_to_the_filings_but_where_sources_are_known_to_disagree():
    months, quarters = history.monthly_deliveries(ROOT), history.quarterly_deliveries(ROOT)
    for quarter, filed in quarters.items():
        first = 3 * int(quarter[5]) - 2
        names = [f"{quarter[:4]}-{m:02d}" for m in range(first, first + 3)]
        if quarter not in ("2024Q1", "2025Q2"):  # hand-overs before the launch; May 2025 is "over 28,000" (facts)
            assert sum(months[name] for name in names) == pytest.approx(filed, abs=1), quarter


def test_the_base_rate_is_that_of_the_facts():
    """facts, Base rate: met in 10 of 32 firm-years (31%), median delivered/target 0.86."""
    rate = history.base_rate(ROOT)
    assert (rate.met, rate.number) == (10, 32)
    assert rate.own == (2, 2)
    assert rate.median == pytest.approx(0.86, abs=0.005)


def test_of_each_house_the_latest_estimate_that_was_known_by_the_day_counts():
    """UBS had 800,000 in March and 720,000 in August 2025; Goldman Sachs 655,000 in January 2025 and 670,000 on 26 January 2026."""

    def known(day):
        return {e.who: (e.value, e.month) for e in history.estimates(ROOT, 2026, dt.date.fromisoformat(day))}

    assert known("2025-07-31")["UBS"] == (800_000, "Mar 2025")
    assert known("2026-01-15")["UBS"] == (720_000, "Aug 2025")
    assert known("2026-01-15")["Goldman Sachs"] == (655_000, "Jan 2025")
    assert known("2026-01-26")["Goldman Sachs"] == (670_000, "Jan 2026")


def test_a_consensus_older_than_three_months_is_said_to_be_so(base, result):
    lines = "\n".join(published.lines(result))
    assert "adjusted net profit, RMB bn  49.0 to 68.1, median 60.8" in lines
    assert "months old" not in lines
    later = base.replace(about=base.about.model_copy(update={"as_of": dt.date(2026, 8, 20)}))
    told = "\n".join(published.lines(simulate(later, draws=2048, prior=True)))
    assert "none newer than 1 Feb 2026: 6 months old" in told


def test_a_house_that_changed_its_estimate_says_by_how_much():
    """Citi had 65 HKD on 27 October, 50 on 19 November; UBS cut 53.5 to 46 and its EPS by 13%; Citi its EPS by 14%."""

    def moved(what, day):
        return {r.who: r.change for r in history.revisions(ROOT, 2026, dt.date.fromisoformat(day), what)}

    prices = moved(("target price",), "2025-11-19")
    assert prices["Citi"] == pytest.approx(50 / 65 - 1)
    assert prices["UBS"] == pytest.approx(46 / 53.5 - 1)
    assert "Daiwa" not in moved(("target price",), "2025-08-19")
    assert moved(("eps", "adjusted eps"), "2026-01-03")["UBS"] == pytest.approx(-0.13)


def test_the_company_and_a_consensus_are_not_counted_as_houses(result):
    shown = dict(published.rows(result))
    assert shown["phones, mn"].endswith("Xiaomi, told to suppliers 180 (Nov 2025)")
    assert "consensus 2.02 (Jan 2026)" in shown["earnings a share, RMB"]


def test_segments_hold_what_was_reported():
    assert history.segments(ROOT)["ev"]["2025Q3"] == (29.0, 0.255)
    assert history.segments(ROOT)["group"]["2024Q4"] == pytest.approx((109.005, 0.206))


def test_a_day_that_is_none_is_refused_with_its_line(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "market.csv").write_text("day,price_hkd,source\n2026-02-31,9,x\n")
    with pytest.raises(InputError, match=r"data/market.csv, line 2: day is '2026-02-31'. A day: 2026-08-18"):
        history.read(tmp_path, "market.csv")


def test_the_profit_of_the_last_quarter_is_known_from_the_day_it_was_announced():
    before = history.earned(ROOT, dt.date(2026, 3, 23))
    after = history.earned(ROOT, dt.date(2026, 8, 20))
    assert max(before) == "2025Q3"
    assert list(after)[-3:] == ["2025Q4", "2026Q1", "2026Q2"]
    assert sum(list(after.values())[-4:]) == pytest.approx(11.311 + 6.4 + 6.07 + 6.22, abs=0.02)
