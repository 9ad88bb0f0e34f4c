"""Each scenario has its expected table beside it."""

import csv

import pytest

from tests import expected


@pytest.mark.parametrize("name", expected.names())
def test_the_scenario_gives_its_expected_table(name, base):
    stored = (expected.FOLDER / f"{name}.csv").read_text()
    assert expected.table(name, base) == stored, "run `make expected` and read the diff"


def test_no_expected_table_is_left_over():
    assert {p.stem for p in expected.FOLDER.glob("*.csv")} == set(expected.names())


def chance(name):
    return float((expected.FOLDER / f"{name}.csv").read_text().splitlines()[1].split(",")[3])


def test_the_stories_point_where_they_should():
    assert chance("bear") < chance("su7_slips") < chance("base") < chance("bull")
    assert chance("phase3_slips") < chance("base")
    assert chance("memory_squeeze") == chance("base")


def middle(name, outcome):
    rows = csv.DictReader((expected.FOLDER / f"{name}.csv").read_text().splitlines())
    return next(float(row["P50"]) for row in rows if row["outcome"] == outcome)


def test_the_flywheel_moves_cars_by_1_to_4_percent_and_what_they_earn():
    assert 1.01 <= middle("ecosystem_flywheel", "ev.deliveries") / middle("base", "ev.deliveries") <= 1.04
    assert middle("ecosystem_flywheel", "ev.operating_result") > middle("base", "ev.operating_result") + 0.1
