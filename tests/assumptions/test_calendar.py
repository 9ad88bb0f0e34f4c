"""The calendar of a run: whole years, read from [horizon]."""

import re

import numpy as np
import pytest

import model
from model.assumptions.calendar import Calendar
from model.assumptions.distributions.base import Fixed
from model.assumptions.distributions.time_varying import TimeVarying, changed_from

TWO = Calendar(2026, 2)


def test_periods_of_several_years_are_named_one_after_the_other():
    assert (TWO.months, TWO.quarters, TWO.last) == (24, 8, 2027)
    assert TWO.names(34)[:2] + TWO.names(34)[12:13] + TWO.names(34)[24:25] + TWO.names(34)[-2:] == [
        "2026-01", "2026-02", "2027-01", "2026Q1", "2026", "2027",
    ]  # fmt: skip
    assert TWO.names(10) == [*(f"{y}Q{q}" for y in (2026, 2027) for q in range(1, 5)), "2026", "2027"]
    assert Calendar(2026).names(12)[-1] == "2026-12"
    assert Calendar(2026, 3).names(12)[0] == "2026Q1"  # quarters of three years, not months of one


def test_a_moment_is_counted_from_the_first_january():
    assert [TWO.number(month) for month in ("2026-01", "2026-12", "2027-03")] == [1, 12, 15]
    assert TWO.middle[-1, 0] == 24.5
    assert TWO.phase[12, 0] == pytest.approx(12.5 / 12)


def test_the_period_that_is_meant_where_none_is_named_is_the_first_year():
    values = np.arange(34.0)[:, None]
    assert TWO.in_period(values, None, "x")[0] == TWO.names(34).index("2026")
    assert TWO.in_period(values, "2027", "x")[0] == 33
    assert TWO.in_period(np.arange(8.0)[:, None], None, "x")[0] == 3  # the quarter that ends it
    assert Calendar(2026).in_period(np.arange(17.0)[:, None], None, "x")[0] == 16


def with_horizon(project, lines):
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("[target]", f"[horizon]\n{lines}\n\n[target]", 1))
    return path


def test_a_file_without_a_horizon_is_of_one_year_and_has_the_hash_it_had(project):
    plain = model.load("assumptions.toml", as_of="base")
    assert plain.calendar == Calendar(2026)
    one = model.load(with_horizon(project, 'first = "2026-01"\nlast = "2026-12"'), as_of="base")
    assert (one.calendar, one.hash) == (plain.calendar, plain.hash)


def test_a_horizon_of_two_years_moves_the_hash(project):
    plain = model.load("assumptions.toml", as_of="base")
    two = model.load(with_horizon(project, 'first = "2026-01"\nlast = "2027-12"'), as_of="base")
    assert two.calendar == TWO
    assert two.hash != plain.hash


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('first = "2025-01"\nlast = "2026-12"', "horizon.first: begins with another year than [about] has"),
        ('first = "2026-04"\nlast = "2026-12"', "horizon"),
        ('first = "2026-01"\nlast = "2027-06"', "horizon"),
        ('first = "2026-01"\nlast = "2025-12"', "horizon.last: is 0 years long"),
        ('first = "2026-01"\nlast = "2126-12"', "horizon.last: is 101 years long"),
        ('first = "2026-01"', "horizon"),
    ],
)
def test_a_horizon_that_is_none_is_refused_with_its_line(project, lines, said):
    with pytest.raises(model.InputError, match=re.escape(said)):
        model.load(with_horizon(project, lines), as_of="base")


def test_a_scenario_cannot_change_the_horizon(project):
    path = project / "scenarios" / "bear.toml"
    path.write_text(path.read_text() + '\n[horizon]\nfirst = "2026-01"\nlast = "2027-12"\n')
    with pytest.raises(model.InputError, match="horizon"):
        model.load("assumptions.toml", ["bear"], as_of="base")


def test_a_change_can_begin_in_a_later_year():
    changed = changed_from(Fixed(1.0), Fixed(3.0), "2027-03", unit="share", year=TWO)
    rows = changed.quantile(np.full(1, 0.5))[:, 0]
    assert rows.tolist() == [1.0] * 14 + [3.0] * 10
    with pytest.raises(model.InputError, match="from 2028-01 is no month of 2026 to 2027"):
        changed_from(Fixed(1.0), Fixed(3.0), "2028-01", unit="share", year=TWO)


def test_a_change_of_a_years_quarters_repeats_them_in_each_year():
    seasons = TimeVarying(Fixed(np.array([[1.0], [2], [3], [4]])), Fixed(0.0), "2027-10", calendar=TWO)
    rows = seasons.quantile(np.full(1, 0.5))[:, 0]
    assert (
        rows.tolist() == [1.0] * 3 + [2.0] * 3 + [3.0] * 3 + [4.0] * 3 + [1.0] * 3 + [2.0] * 3 + [3.0] * 3 + [0.0] * 3
    )


def stand(draws):
    """A lemonade stand by month: a season that repeats, noise of its own in each month."""
    months = draws.calendar.months
    sold = draws.get("sold", "1", months) * np.exp(0.1 * draws.shock("weather", months)) * draws["market"]
    years = sold.reshape(draws.calendar.years, 12, -1).sum(axis=1)
    quarters = sold.reshape(draws.calendar.quarters, 3, -1).sum(axis=1)
    return {"sold": np.concatenate([sold, quarters, years])}


def test_a_longer_horizon_leaves_the_first_year_as_it_was_and_repeats_its_seasons():
    season = [1.0, 1, 2, 2, 5, 9, 9, 8, 4, 2, 1, 1]
    a = model.from_dict({"sold": {"value": season}, "market": {"p10": 80, "p50": 100, "p90": 130}})
    one = model.simulate(a, stand, draws=2048)
    three = model.simulate(a.replace(years=3), stand, draws=2048)
    for period in one.periods("sold"):
        assert (one.values("sold", period) == three.values("sold", period)).all()
    assert three.periods("sold")[-3:] == ["2026", "2027", "2028"]
    assert three.mean("sold").value == one.mean("sold").value  # the first year, where none is named
    june = [three.mean("sold", f"{year}-06").value for year in (2026, 2027, 2028)]
    assert june == pytest.approx([june[0]] * 3, rel=0.01)
    assert not (three.values("sold", "2026-06") == three.values("sold", "2027-06")).any()


def test_a_measure_can_name_a_later_year():
    a = model.from_dict({"sold": {"value": [1.0] * 12}, "market": {"p10": 80, "p50": 100, "p90": 130}}).replace(years=2)
    a = a.replace(target=a.target.model_copy(update={"outcome": "sold", "period": "2027", "value": 1200.0}))
    made = model.simulate(a, stand, draws=2048)
    assert made.chance().value == pytest.approx(0.5, abs=0.05)
    found = model.tornado(model.study(a, stand, draws=2048), "sold@2027:p50")
    assert found[0].path == "market"
