"""The register: what is frozen stays, and can be made again."""

import csv
import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import model
from model.evaluation import ledger, register, reproduce
from model.evaluation.reproduce import rows_known
from model.files.source_hash import code_hash
from model.simulation.business import Business
from model.simulation.observation import Observation
from tests.conftest import ROOT

FROZEN = register.entries(ROOT)
# The first lines of register/hashes.txt, as first committed. They never change; new entries add lines below.
LINES, HEAD = 170, "86450e0f4722f28ca0d34fe7713235c7871c501e9ec3a801e7eb8569dc41a2d1"
# With these kernels of linear algebra the entries up to 20 August were made; `make prove` makes all of them again.
KERNELS = {"OPENBLAS_CORETYPE": "Haswell"}


def test_no_file_of_the_register_was_changed_taken_away_or_slipped_in():
    assert register.problems(ROOT) == []


def test_the_entries_of_the_first_commit_stand_as_they_were():
    assert register.head_of(ROOT, LINES) == HEAD


def test_the_list_of_hashes_is_one_that_sha256sum_reads():
    for line in (ROOT / "register" / ledger.HASHES).read_text().splitlines():
        sha, file = line.split("  ")
        assert hashlib.sha256((ROOT / "register" / file).read_bytes()).hexdigest() == sha


def test_there_is_a_forecast_of_each_day_and_the_baselines_beside_it():
    days = [dt.date(2026, 1, 15), *(dt.date(2026, month, 1) for month in range(2, 9)), dt.date(2026, 8, 20)]
    assert sorted({entry.day for entry in FROZEN if entry.day <= days[-1]}) == days
    for day in days:
        names = {entry.name for entry in FROZEN if entry.day == day}
        own = {register.RELEASED} if day == days[0] else {register.REPORTS}
        assert own | set(reproduce.RULES) <= names
        assert (register.UPDATES in names) == (day >= dt.date(2026, 4, 1))  # the first update became known on 19 March


def test_the_first_entry_has_the_numbers_of_the_first_release():
    first = next(entry for entry in FROZEN if entry.name == register.RELEASED)
    assert first.said["commit"].startswith("c82e4c8")
    assert first.said["results_sha256"].startswith("530b235f9156")
    year = first.forecasts()["ev.deliveries", "2026"]
    assert [round(year.level(p), -2) for p in (0.1, 0.5, 0.9)] == [395_400, 527_000, 634_400]  # as its README had them


def test_only_what_was_made_on_its_own_day_was_foreseen_and_the_others_say_so():
    for entry in FROZEN:
        said = entry.said
        assert entry.foreseen == (said["made"] == said["reference_date"])
        if not entry.foreseen:
            assert said["kind"] in ("reconstruction", "released", "baseline")
            assert "not foreseen" in said["note"] or "knows nothing after 15 January 2026" in said["note"]


def test_an_entry_holds_nothing_that_was_known_already_and_nothing_known_after_its_day():
    for entry in FROZEN:
        table = entry.folder / register.OBSERVATIONS
        known = list(csv.DictReader(table.read_text().splitlines())) if table.is_file() else []
        assert all(row["reported_on"].rpartition("..")[2] <= f"{entry.day}" for row in known)
        assert not {(row["outcome"], row["period"]) for row in known} & set(entry.forecasts())


def test_a_row_of_a_span_of_days_is_known_from_its_last_day():
    table = b"outcome,reported_on\nx,2026-03-02..2026-07-01\ny,2026-03-02\n"
    assert rows_known(table, dt.date(2026, 6, 30)) == b"outcome,reported_on\ny,2026-03-02\n"
    assert rows_known(table, dt.date(2026, 7, 1)) == table


def test_samples_are_joint_months_of_a_draw_make_its_quarter():
    for entry in FROZEN[-1:] + [e for e in FROZEN if e.name in (register.RELEASED, "run_rate")][:2]:
        held = entry.forecasts()
        for quarter, months in (("2026Q4", ("2026-10", "2026-11", "2026-12")),):
            if ("ev.deliveries", quarter) in held:
                parts = sum(held["ev.deliveries", month].samples for month in months)
                assert parts == pytest.approx(held["ev.deliveries", quarter].samples, rel=1e-5)


def again(folder, *labels):
    """What `freeze --again` prints, by the code in a folder."""
    command = [sys.executable, "-m", "model", "freeze", *(word for label in labels for word in ("--again", label))]
    given = os.environ | KERNELS | {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, env=given, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_of_what_an_earlier_version_said_the_hashes_are_checked_and_the_version_is_named():
    earlier = [entry for entry in FROZEN if entry.said["code"] != code_hash()]
    lines = again(ROOT, *(entry.label for entry in earlier))
    assert len(lines) == len(earlier) >= 60
    for line, entry in zip(lines, earlier, strict=True):
        assert line.startswith(f"{entry.label}: as it was frozen")
        assert f"version {entry.said['model']}, commit {entry.said['commit'][:8]}" in line


@pytest.mark.slow
@pytest.mark.parametrize("label", ["2026-01-15/run_rate", "2026-02-01/reports_alone", "2026-04-01/with_updates"])
def test_the_version_that_made_an_entry_makes_it_again_to_the_last_digit(label, tmp_path):
    """Checked out beside the project."""
    commit = next(entry for entry in FROZEN if entry.label == label).said["commit"]
    held = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if held.returncode:
        pytest.skip("the history of the project is not here")
    subprocess.run(["tar", "x", "-C", str(tmp_path)], input=held.stdout, check=True)
    assert again(tmp_path, label) == [f"{label}: the same to the last digit"]


def test_a_forecast_given_reports_is_made_again_to_the_last_digit_by_the_code_that_made_it(project):
    made = model.freeze("2026-02-01", updates=False, draws=2048)
    assert model.made_again(made[0]) == []


def test_a_fit_is_the_same_to_a_thousandth_of_its_spread_and_not_beyond_and_all_else_to_the_last_digit():
    for name in (reproduce.FITTED, "run_rate"):
        entry = next(e for e in FROZEN if e.name == name)
        held = list(entry.forecasts().values())
        first = held[0]
        for share, fine in ((0.0, True), (0.0005, name == reproduce.FITTED), (0.002, False)):
            levels = first.levels.copy()
            levels[0] -= share * (first.level(0.9) - first.level(0.1))
            found = reproduce.differences(entry, [replace(first, levels=levels), *held[1:]])
            assert (found == []) == fine, (name, share, found)
            assert all(one.startswith(f"{first.outcome} in {first.period}: ") for one in found)


@pytest.fixture
def copied(project):
    shutil.copytree(ROOT / "register", project / "register")
    return project


def test_freezing_the_same_day_twice_is_refused(copied):
    with pytest.raises(model.InputError, match="is frozen already"):
        model.freeze("2026-02-01", updates=False)


def test_a_day_is_frozen_whole_with_its_baselines_and_the_list_grows_at_its_end(copied):
    before = (copied / "register" / ledger.HASHES).read_text()
    made = model.freeze("2026-01-20", draws=8192)
    assert [entry.name for entry in made] == [register.UPDATES, *reproduce.RULES]
    assert (copied / "register" / ledger.HASHES).read_text().startswith(before)
    assert register.problems(copied) == []
    assert made[0].said["kind"] == "reconstruction"
    assert model.made_again(made[0]) == []


def test_a_correction_is_a_new_entry_that_takes_the_place_and_the_role_of_the_old(copied):
    old = "2026-01-15/as_released"
    for corrects, why, said in (
        ("2026-02-30/x", "-", "is no forecast of the model's of 2026-01-15"),
        ("2026-01-15/run_rate", "-", "is no forecast of the model's of 2026-01-15"),
        ("2026-02-01/reports_alone", "-", "is no forecast of the model's of 2026-01-15"),
        (old, "", "says why"),
    ):
        with pytest.raises(model.InputError, match=said):
            model.freeze("2026-01-15", "as_released_2", corrects=corrects, why=why)
    model.freeze("2026-01-15", "as_released_2", updates=False, corrects=old, why="A test of corrections.", draws=8192)
    by_label = {entry.label: entry for entry in register.entries(copied)}
    assert old not in by_label
    assert by_label["2026-01-15/as_released_2"].role == register.RELEASED
    assert (copied / "register" / old / register.FORECAST).is_file()  # it stays, and is scored no more
    with pytest.raises(model.InputError, match="was corrected already by 2026-01-15/as_released_2"):
        model.freeze("2026-01-15", "as_released_3", corrects=old, why="-")


@pytest.mark.parametrize("name", ["/zzz", "../../x", "a/b", "x\ny", " ", "..", "a" * 300, "Ä", "run_rate"])
def test_a_name_that_is_none_or_a_baselines_is_refused_and_nothing_is_written(project, name):
    with pytest.raises(model.InputError, match=r"is no name of an entry|is the name of a baseline"):
        model.freeze("2026-01-20", name, draws=2048)
    assert not list((project / "register").rglob("*.gz"))


def test_a_day_that_has_not_come_is_refused(project):
    with pytest.raises(model.InputError, match="2199-01-01 is in the future"):
        model.freeze("2199-01-01")


def test_today_is_frozen_by_default_and_counts_as_foreseen(project):
    table = project / "data" / "observations.csv"
    table.write_bytes(
        reproduce.rows_known(table.read_bytes(), dt.date(2026, 1, 20))
    )  # nothing is reported: no minute of moves
    made = model.freeze(draws=2048)
    assert made[0].foreseen
    assert made[0].said["kind"] == "foreseen"
    assert made[0].day == dt.datetime.now(tz=dt.UTC).date()


@pytest.mark.slow
def test_two_freezes_at_once_take_turns(copied):
    code = "import model, sys; model.freeze(sys.argv[1], draws=2048)"
    both = [
        subprocess.Popen([sys.executable, "-c", code, f"2026-01-{day}"], cwd=copied, stderr=subprocess.PIPE)
        for day in (20, 21)
    ]
    assert [one.wait(120) for one in both] == [0, 0]
    for one in both:
        one.stderr.close()
    assert register.problems(copied) == []
    assert {entry.day.day for entry in register.entries(copied) if entry.day.month == 1} == {15, 20, 21}


def test_a_freeze_that_fails_on_the_way_leaves_nothing(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.exponential_smoothing.ets", None)
    with pytest.raises(model.InputError, match="needs statsmodels"):
        model.freeze("2026-01-20", draws=2048)
    assert [path.name for path in (project / "register").rglob("*.*")] == [ledger.LOCK]


@pytest.mark.parametrize(
    "spoil",
    [
        {"inputs": {"../../evil": "x"}},
        {"inputs": {"/evil": "x"}},
        {"corrects": ["a"]},
        {"kind": 3},
        {"inputs": None},
        {"reference_date": "2026-02-02"},
    ],
)
def test_an_entry_that_says_odd_things_is_refused(copied, spoil):
    path = copied / "register" / "2026-02-01" / "run_rate" / register.ENTRY
    path.write_text(json.dumps({**json.loads(path.read_text()), **spoil}))
    with pytest.raises(model.InputError, match="is no entry"):
        register.entries(copied)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: f.write_bytes(f.read_bytes() + b" "), "was changed after it was frozen"),
        (lambda f: f.unlink(), "is not there any more"),
        (lambda f: (f.parent / "more.csv").write_text("x"), "was not written by model freeze"),
        (lambda f: (f.parent / ".hidden").write_text("x"), "was not written by model freeze"),
        (lambda f: (f.parent / "hashes.txt").write_text("x"), "was not written by model freeze"),
        (lambda f: (f.parents[2] / "hashes.txt").unlink(), "was not written by model freeze"),
        (lambda f: (f.parents[2] / "hashes.txt").write_bytes(b"\xff\xfe"), "cannot be read"),
    ],
)
def test_whoever_changes_an_entry_is_told_of_it(copied, harm, said):
    harm(copied / "register" / "2026-02-01" / "reports_alone" / register.FORECAST)
    with pytest.raises(model.InputError, match=said):
        model.score()
    with pytest.raises(model.InputError, match=said):
        model.check()
    with pytest.raises(model.InputError, match=said):
        model.freeze("2026-01-20", draws=2048)
    assert not (copied / "register" / "2026-01-20").exists()


def test_an_entry_that_is_none_is_refused(copied):
    entry = copied / "register" / "2026-02-01" / "reports_alone" / register.ENTRY
    entry.write_text(json.dumps({"made": "yesterday"}))
    with pytest.raises(model.InputError, match="is no entry"):
        register.entries(copied)


def test_a_forecast_reads_no_report_of_after_its_day(project):
    """The clock is moved: with every later row gone, the forecast of the day is the same to the last bit."""
    day, found = dt.date(2026, 2, 5), []
    table = project / "data" / "observations.csv"
    for _ in range(2):
        made = model.freeze(day, updates=False, draws=2048)
        found.append({entry.name: (entry.folder / register.FORECAST).read_bytes() for entry in made})
        shutil.rmtree(project / "register")
        shutil.rmtree(project / ".cache", ignore_errors=True)
        table.write_bytes(reproduce.rows_known(table.read_bytes(), day))
    assert found[0] == found[1]


def test_a_business_without_history_or_reports_has_no_baselines(base, tmp_path):
    day, plain = dt.date(2026, 1, 15), Business(lambda _: {})
    assert reproduce.baselines_of("run_rate", tmp_path, day, base, plain, []) == []
    assert reproduce.known_on(day, tmp_path, plain, 2026) == []


def test_floors_leave_an_interval_below_the_next_number_that_would_have_been_announced():
    floor = Observation("x", "2026-05", "at_least", 30.0, 0.01, "1", "company", dt.date(2026, 6, 1), "-", 40.0)
    assert floor.ends == (30.0, 40.0)
    x = np.array([25.0, 35.0, 45.0])
    assert np.exp(floor.log_likelihood(x)) == pytest.approx([0, 1, 0], abs=1e-6)
