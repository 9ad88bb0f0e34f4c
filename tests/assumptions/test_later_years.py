"""Dates, numbers by year and the file of later years: what they mean, and what is said of wrong ones."""

import datetime as dt
import re

import numpy as np
import pytest

import model
from model.assumptions.calendar import Calendar, date_of, moment
from model.assumptions.distributions.base import Fixed, Uniform
from model.assumptions.distributions.time_varying import TimeVarying, changed_from, first_of, listed, until_own
from model.assumptions.load import load
from model.assumptions.resolve import first_year
from model.errors import InputError

THREE = Calendar(2026, 3)
HALF = np.full(1, 0.5)


def problems(call):
    with pytest.raises(InputError) as refused:
        call()
    return [str(p) for p in refused.value.problems]


@pytest.mark.parametrize(
    "day", [dt.date(2026, 1, 1), dt.date(2028, 2, 29), dt.date(2027, 12, 31), dt.date(2030, 7, 16)]
)
def test_a_date_is_a_number_of_months_and_back(day):
    assert date_of(moment(day)) == day


def test_half_of_april_is_half_a_month():
    assert moment(dt.date(2027, 4, 16)) == 12 * 2027 + 4.5


def test_numbers_by_year_hold_from_their_january_on_and_the_last_goes_on(project):
    a = load(project / "assumptions.toml", to="2028-12") if (project / "beyond.toml").exists() else None
    assert a is None
    (project / "beyond.toml").write_text(
        '[beyond]\ntitle = "t"\nas_of = 2026-08-20\nwhy = "w"\n[ev.market.tax]\nvalue = { 2027 = 0.07, 2028 = 0.10 }\n'
        'evidence = "reported"\nsource = "s"\nwhy = "w"\n'
    )
    found = load(project / "assumptions.toml", to="2029-12")
    tax = found["ev.market.tax"].distribution.quantile(HALF)[:, 0]
    assert tax.tolist() == [0.05] * 12 + [0.07] * 12 + [0.10] * 24
    assert found["ev.market.tax"].said == "0.05; from 2027-01 0.07; from 2028-01 0.1 share"
    assert found["ev.market.tax"].set_by == "beyond"
    assert first_year(found)["ev.market.tax"].said == "0.05 share"
    assert load(project / "assumptions.toml").hash == first_year(found).hash


def test_a_list_of_quarters_stands_in_a_year_of_its_own():
    held = changed_from(
        Fixed(np.array([[1.0], [2], [3], [4]])),
        Fixed(np.array([[5.0], [6], [7], [8]])),
        "2027-01",
        unit="share",
        year=THREE,
        own=True,
    )
    values = held.quantile(HALF)[::3, 0]
    assert values.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8]
    assert listed(held) == 4


def test_a_change_of_a_scenario_holds_until_the_case_has_numbers_of_its_own():
    own = TimeVarying(Fixed(1.0), Fixed(2.0), "2027-01", calendar=THREE, own=True)
    assert until_own(own, Fixed(9.0)).quantile(HALF)[[0, 11, 12], 0].tolist() == [9, 9, 2]
    inside = changed_from(own, Fixed(9.0), "2026-07", unit="share", year=THREE)
    assert inside.quantile(HALF)[[5, 6, 11, 12], 0].tolist() == [1, 9, 9, 2]
    after = changed_from(own, Fixed(9.0), "2027-07", unit="share", year=THREE)
    assert after.quantile(HALF)[[11, 12, 17, 18, 35], 0].tolist() == [1, 2, 2, 9, 9]
    assert first_of(own) == own.before
    whole = TimeVarying(
        own, Fixed(5.0), "2026-04", calendar=THREE
    )  # a study holds an assumption from here on, for good
    assert whole.quantile(HALF)[[2, 3, 12, 35], 0].tolist() == [1, 5, 5, 5]


def test_one_percentile_holds_over_the_years():
    held = TimeVarying(Uniform(0.0, 1.0), Uniform(10.0, 20.0), "2027-01", calendar=THREE, own=True)
    assert held.quantile(np.array([0.1, 0.9]))[[0, 12]].tolist() == [[0.1, 0.9], [11.0, 19.0]]


def test_a_date_moves_the_drivers_as_its_number_of_months_does(root):
    for path, day, number in (
        ("ev.lines.su7_2026.start", "2026-04-16", 4.5),
        ("ev.plants.phase3.start", "2027-01-01", 13.0),
    ):
        one, other = (
            model.simulate(
                model.load(root / "assumptions.toml", sets=[f"{path}={text}"], as_of="base"),
                draws=2048,
                outcomes=["ev.deliveries"],
            )
            for text in (day, number)
        )
        assert (one.values("ev.deliveries") == other.values("ev.deliveries")).all()


def test_dates_are_shown_as_dates(root):
    a = model.load(root / "assumptions.toml", to="2028-12", as_of="base")
    shown = "\n".join(model.show(a, "ev.lines.line4.start"))
    assert "p50 2028-01-15" in shown
    assert re.search(r"P50 2028-01-15 +P90 2029-06-01", shown)
    study = model.study(a, draws=2048)
    swept = model.sweep(study, "ev.lines.line4.start=2027-06-01,2029-06-01", measures=["ev.deliveries@2028:mean"])
    assert [row[2] for row in swept.table().rows] == ["2027-06-01", "2029-06-01"]
    assert "2027-06-01" in swept.lines()[1]
    early, late = swept.values()
    assert early > late
    solved = model.solve(study, "ev.lines.line4.start", measure="ev.deliveries@2028>=420000", chance=0.60)
    assert "instead of   2028-01-15 date" in "\n".join(solved.lines())


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("2030-11", "no month that a run can end with"),
        ("2025-12", "no month"),
        ("2070-12", "no month"),
        ("soon", "no month"),
    ],
)
def test_a_horizon_that_cannot_be_is_refused(root, to, words):
    (said,) = problems(lambda: load(root / "assumptions.toml", to=to))
    assert words in said
    assert "2026-12 to 2055-12" in said


HEAD = '[beyond]\ntitle = "t"\nas_of = 2026-08-20\nwhy = "w"\n'
REST = 'evidence = "judgement"\nsource = "s"\nwhy = "w"\n'
WHOLE = f'label = "l"\n{REST}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[x]\n", "has no [beyond] table"),
        (f"{HEAD}[target]\nvalue = 1\n", "cannot hold [target]"),
        (f"{HEAD}[ev.market.tax]\nvalue = 0.1\n{REST}", "would change the first year"),
        (f"{HEAD}[ev.market.tax]\nvalue = {{ 2027 = 0.1, later = 0.2 }}\n{REST}", "is a table, but not by year"),
        (f"{HEAD}[ev.market.growth]\np10 = {{ 2027 = 0.1 }}\np50 = {{ 2028 = 0.2 }}\np90 = 0.4\n{REST}", "p50 says nothing of 2027"),
        (f"{HEAD}[ev.market.tax]\nvalue = {{ 2027 = 2027-01-01 }}\n{REST}", "value is a date, and the unit 'share'"),
        (f'{HEAD}[ev.x.start]\nunit = "date"\nvalue = 13\n{WHOLE}', "value is 13, not a date"),
        (f'{HEAD}[ev.x.y]\nunit = "share"\nvalue = {{ 2027 = 1 }}\n{WHOLE}', "says nothing of 2026"),
        (f'{HEAD}[ev.market.tax]\nvalue = {{ 2027 = 0.1 }}\nwhy = "w"\n', "has no source"),
        (f'{HEAD}[[targets]]\nlabel = "l"\n', "has no outcome"),
        (f"{HEAD}[ev.lines.yu7.end]\np10 = 2029-01-01\np50 = 2028-01-01\np90 = 2030-01-01\n{REST}", "p50"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_later_years_is_said_with_its_line(project, text, words):
    (project / "beyond.toml").write_text(text)
    said = problems(lambda: load(project / "assumptions.toml", to="2028-12"))
    assert any(words in each for each in said), said
    assert all("beyond.toml" in each for each in said)
    load(project / "assumptions.toml")  # one year does not read it


def test_every_number_of_later_years_has_a_source_a_grade_and_a_day(root):
    a = load(root / "assumptions.toml", to="2030-12")
    added = [entry for entry in a.entries.values() if entry.set_by == "beyond"]
    assert len(added) > 100
    for entry in added:
        assert entry.source.strip()
        assert entry.evidence in ("reported", "derived", "estimate", "judgement")
        assert entry.as_of <= dt.date(2026, 8, 20)
    named = {file for entry in added for file in re.findall(r"data/[\w.]+\.(?:csv|md)", entry.source)}
    assert all((root / file).is_file() for file in named)


def test_a_later_assumption_cannot_reach_into_the_first_year(root):
    """Each number that the base case has stays as it is until the end of 2026."""
    short, long = load(root / "assumptions.toml"), load(root / "assumptions.toml", to="2030-12")
    u = np.array([0.02, 0.5, 0.98])
    for path, entry in short.entries.items():
        if entry.unit == "month":
            continue  # ends of sale: none before January 2027, and the numbers of 2026 are compared in tests/xiaomi
        one, other = (np.atleast_2d(x[path].distribution.quantile(u)) for x in (short, long))
        if len(other) == 60:
            other = other[:12] if len(one) == 12 else other[:12:3] if len(one) == 4 else other[:1]
        assert (one == other).all(), path
