"""A posterior taken on to later years, and the first year asked of the first year."""

import numpy as np
import pytest

import model
from model import InputError
from model.assumptions.resolve import before_scenarios, first_year
from tests.conftest import copied

DAY = "2026-02-05"
MOVED = "ev.lines.line4.start=2027-06-01"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """One report, as a floor without an upper end: weights suffice."""
    folder = copied(tmp_path_factory.mktemp("project"), "beyond.toml")
    table = folder / "data" / "observations.csv"
    table.write_text(table.read_text().replace("at_least,39000,40000,", "at_least,39000,,"))
    return folder


@pytest.fixture(scope="module")
def long(root):
    return model.study(model.load(root / "assumptions.toml", as_of=DAY, to="2028-12"), draws=4096)


def test_the_first_year_given_reports_is_that_of_the_shorter_run(root, long):
    short = model.study(model.load(root / "assumptions.toml", as_of=DAY), draws=4096)
    names = ("ev.deliveries", "ev.gross_margin", "group.revenue")
    for name in names:
        weights = short.posterior.result.weights
        mine = np.average(short.posterior.result.values(name, "2026"), weights=weights)
        assert long.made.values(name, "2026").mean() == pytest.approx(mine, rel=0.01)
    january = long.made.values("ev.deliveries", "2026-01")
    assert np.mean(january >= 39_000 * 0.99) > 0.95


def test_what_only_later_years_read_is_drawn_as_it_was(long):
    start = long.draws("ev.lines.line4.start")
    expected = long.assumptions["ev.lines.line4.start"].distribution.quantile(np.array([0.1, 0.5, 0.9]))
    assert np.quantile(start, (0.1, 0.5, 0.9)) == pytest.approx(expected, abs=0.3)
    assert long.made.periods("ev.deliveries")[-3:] == ["2026", "2027", "2028"]


def test_a_question_can_hold_from_a_later_month_on(root):
    a = model.load(root / "assumptions.toml", as_of=DAY, to="2028-12", sets=["ev.market.growth=0.2"])
    late = model.study(a, from_month="2027-06", draws=4096)
    plain = model.study(before_scenarios(a), draws=4096)
    for month in ("2026-08", "2027-05"):
        assert late.made.values("ev.deliveries", month) == pytest.approx(plain.made.values("ev.deliveries", month))
    assert late.made.values("ev.deliveries", "2028").mean() > plain.made.values("ev.deliveries", "2028").mean()
    with pytest.raises(InputError) as refused:
        model.study(a, from_month="2029-01", draws=4096)
    assert "no month of 2026 to 2028" in str(refused.value)


@pytest.mark.parametrize("scenarios", [(), ("bear",), ("europe_early",)])
@pytest.mark.parametrize("as_of", ["base", DAY])
def test_the_first_year_of_a_longer_case_is_the_shorter_case(root, scenarios, as_of):
    long = model.load(root / "assumptions.toml", scenarios, as_of=as_of, to="2030-12")
    short = model.load(root / "assumptions.toml", scenarios, as_of=as_of)
    assert first_year(long).hash == short.hash
    assert first_year(long).entries.keys() == short.entries.keys()
    for path, entry in first_year(long).entries.items():
        assert np.shape(entry.distribution.at_score(np.zeros(2))) == np.shape(
            short[path].distribution.at_score(np.zeros(2))
        ), path
    assert first_year(short) is short


def test_a_study_of_a_longer_run_answers_for_a_later_year(root):
    a = model.load(root / "assumptions.toml", to="2027-12", as_of="base")
    found = model.tornado(model.study(a, draws=2048), "ev.deliveries@2027:p50")
    moving = {bar.path for bar in found.moving}
    assert {"ev.market.growth", "ev.life.interval", "drift.ev_demand"} - moving == {
        "drift.ev_demand"
    }  # it is a number, its shocks are not moved
    assert "smartphones.tiers.high.margin" not in moving


def test_what_only_later_years_need_stays_out_of_the_first_year_also_where_it_is_set(root):
    plain, moved = (
        model.load(root / "assumptions.toml", to="2028-12", sets=sets, as_of="base") for sets in ([], [MOVED])
    )
    assert first_year(moved).entries.keys() == first_year(plain).entries.keys()
    assert (
        model.simulate(first_year(moved), draws=2048).chance() == model.simulate(first_year(plain), draws=2048).chance()
    )
