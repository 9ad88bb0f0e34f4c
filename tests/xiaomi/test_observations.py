"""Reported figures of 2026: the file as it stands, files with faults, and a run given them."""

import csv
import datetime as dt
import shutil

import numpy as np
import pytest

import model
from model import InputError
from model.simulation.observation import known_by
from model.xiaomi.data import observations
from tests.conftest import ROOT


@pytest.fixture
def data(tmp_path):
    """A folder whose reported figures can be spoilt: `data(old, new)` replaces text in a file and gives what is said."""
    (tmp_path / "data").mkdir()
    for name in (observations.FILE, observations.SERIES):
        shutil.copy(ROOT / "data" / name, tmp_path / "data")

    def said(old, new, name=observations.FILE):
        path = tmp_path / "data" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return "\n".join(map(str, observations.problems(tmp_path)))

    return said


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_reported_figures_hold_together_and_each_has_a_source():
    assert observations.problems(ROOT) == []
    rows = rows_of(ROOT / "data" / observations.FILE)
    assert all(row["source"] for row in rows)
    everything = observations.observations(ROOT, 2026, checks=True)
    before = [row for row in rows if row["period"].startswith("2025")]
    assert len(everything) == len(rows) - len(before)
    fit = observations.observations(ROOT, 2026)
    assert len(fit) == sum(row["use"] == "fit" for row in rows)
    assert max(o.reported_on for o in everything) <= dt.date(2026, 10, 10)
    assert observations.observations(ROOT, 2025) == []


def test_by_the_first_of_june_the_first_quarter_is_known_and_the_second_is_not():
    known = known_by(observations.observations(ROOT, 2026), dt.date(2026, 6, 1))
    deliveries = {o.period: (o.kind, o.value) for o in known if o.outcome == "ev.deliveries"}
    assert deliveries["2026Q1"] == ("exact", 80_856)  # 2026Q1 results
    assert deliveries["2026-01"] == ("at_least", 39_000)
    assert "2026Q2" not in deliveries
    assert "2026-05" in deliveries
    assert "2026-06" not in deliveries


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026Q1,exact,80856", "2026Q1,exact,70856", "line 7: ev.deliveries in 2026Q1: 70,856 (line 7, filing, 2026-05-26) contradicts"),
        ("2026-02,at_least,20000,30000,vehicle,company,2026-03-01", "2026-01,at_least,20000,30000,vehicle,company,2026-02-01", "line 4: ev.deliveries in 2026-01 is given twice by the series company. Line 2 has it too"),
        ("company,2026-03-01", "company,2026-02-20", "line 4: reported on 2026-02-20, before 2026-02 had ended"),
        ("2026-02,at_least", "2026-02,at_lest", "line 4: kind is 'at_lest'. Did you mean at_least or at_most?"),
        ("ev.deliveries,2026Q1,exact,80856,,vehicle", "ev.deliveries,2026Q1,exact,80856,,cars", "line 7: unit 'cars' should be 'vehicle'"),
        ("80856", "8o856", "line 7: value is '8o856', not a number"),
        ("vehicle,filing", "vehicle,fling", "line 7: series 'fling' has no error. Did you mean filing?"),
        ("2026Q1,exact,80856", "2026Qx,exact,80856", "line 7: no period '2026Qx'"),
        ("ev.gross_margin,2026Q1", "ev.gross_margin,2026H1", "line 8: reported on 2026-05-26, before 2026H1 had ended"),
        ("group.gross_margin,2026Q2", "group.gross_margin,2026H1", "line 23: a share of a half-year is no sum of its quarters'"),
        ("2026-02,at_least", "2026-13,at_least", "line 4: no period '2026-13'"),
    ],
)  # fmt: skip
def test_a_bad_figure_is_refused_in_words_with_its_line(data, old, new, said):
    found = data(old, new)
    assert f"data/observations.csv, {said}" in found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no rows. Columns: outcome, period"),
        (b"\xff\xfe\x00\x01", "is not CSV in UTF-8"),
        (b"outcome,period\nev.deliveries,2026-01\n", "line 1: lacks the columns kind, value"),
        (b"outcome,period,kind,value,upper,unit,series,reported_on,use,source,note\nev.deliveries,2026-01\n", "line 2: has 2 cells, the first line 11"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_figures_is_refused(data, tmp_path, content, said):
    (tmp_path / "data" / observations.FILE).write_bytes(content)
    (problem,) = observations.problems(tmp_path)
    assert "data/observations.csv" in str(problem)
    assert said in str(problem)


def test_a_figure_needs_a_source(data):
    assert "line 2: lacks source. Every figure has" in data(
        '"gasgoo: Xiaomi EV deliveries exceed 39,000 units in January 2026"', ""
    )


def test_an_error_of_a_series_needs_a_number_and_a_reason(data):
    assert "the error of the series 'filing' has no reason" in data(
        'why = "Deliveries as filed', 'wy = "Deliveries as filed', observations.SERIES
    )
    assert "filing.wy is no error" in data("", "", observations.SERIES)


def test_the_base_case_given_the_first_report_lies_in_its_interval_and_is_dated(base):
    found = model.condition(base, "2026-02-05", draws=16_384)
    assert found.method == "sampler"  # 39,000 to 40,000 is too narrow for weights
    assert found.result.assumptions.about.as_of == dt.date(2026, 2, 5)
    assert [s.observation.name for s in found.surprises] == ["ev.deliveries in 2026-01"]
    january = found.prior.values("ev.deliveries", "2026-01")
    assert found.surprises[0].prior == pytest.approx(np.mean(january < 39_000), abs=0.01)
    given = found.result.values("ev.deliveries", "2026-01")
    assert np.mean((given >= 38_000) & (given <= 41_200)) > 0.99
    assert found.moments[0].chance.value == pytest.approx(found.prior.chance().value)
    with pytest.raises(InputError, match="nothing was reported by then"):
        model.condition(base, "2026-01-20", draws=2048)


def test_a_run_given_reports_writes_what_they_did_and_its_figures_verify(today):
    base = model.load(today / "assumptions.toml", as_of="2026-02-05")
    done = model.run(base, figures=("deliveries", "monthly"))
    assert done.folder == today / "figures" / "as_of_2026-02-05"
    assert "Given 1 reported figure, the last of 1 February 2026" in done.headline[2]
    assert any(line.startswith("Needed from here") and "from February on" in line for line in done.headline)
    for name in ("results.csv", "reports.csv", "monthly.png"):
        assert (done.folder / name).is_file(), name
    assert not (done.folder / "scenarios.png").exists()
    assert model.verify(done.folder / "monthly.png", today / "assumptions.toml").holds
