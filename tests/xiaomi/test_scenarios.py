"""Each scenario has its expected table beside it."""

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
    assert chance("memory_squeeze") == chance("ecosystem_flywheel") == chance("base")
