"""Later years on the command line: run, value, memo, verify, figures that need them."""

import csv
import json
import shutil

import pytest

from tests.cli.test_commands import run
from tests.conftest import ROOT

FEW = ("--draws", "2048")


@pytest.fixture
def place(project):
    shutil.copy(ROOT / "beyond.toml", project)
    return project


def test_a_longer_run_says_the_later_years_and_writes_into_a_folder_of_its_own(place):
    done = run("run", "--to", "2028-12", *FEW, "--no-figures")
    assert done.returncode == 0, done.stderr
    assert "Later years with what was known on 20 August 2026 (beyond.toml)." in done.stdout
    assert "First month with which twelve months bring 550,000: " in done.stdout
    rows = list(csv.DictReader((place / "figures" / "to_2028-12" / "results.csv").read_text().splitlines()))
    assert {row["period"] for row in rows if row["outcome"] == "ev.rank"} == {"2026", "2027", "2028"}
    manifest = json.loads((place / "figures" / "to_2028-12" / "manifest.json").read_text())
    assert manifest["to"] == "2028-12"
    again = run("run", "--to", "2028-12", *FEW, "--no-figures")
    assert "Since the last run here" not in again.stdout
    moved = run("run", "--to", "2028-12", *FEW, "--no-figures", "--set", "ev.lines.line4.start=2027-06-01")
    assert "2028-01-15" in moved.stdout
    assert "-> 2027-06-01" in moved.stdout


def test_a_figure_of_later_years_holds_and_is_refused_where_the_run_has_none(place):
    assert run("figure", "years", "--to", "2027-12", *FEW).returncode == 0
    done = run("verify", "figures/to_2027-12/years.png")
    assert "holds: a rerun draws the same data" in done.stdout, done.stdout + done.stderr
    refused = run("figure", "years", *FEW)
    assert refused.returncode == 2
    assert "shows later years" in refused.stderr
    assert "--to 2030-12" in refused.stderr


def test_value_says_what_must_be_true_and_leaves_table_and_figure(place):
    done = run("value", "--to", "2027-12", *FEW)
    assert done.returncode == 0, done.stderr
    assert "For 40.28 HKD a share, the market's of 2 January 2026" in done.stdout
    assert "value.core.multiple" in done.stdout
    folder = place / "figures" / "to_2027-12" / "study"
    rows = list(csv.DictReader((folder / "value.csv").read_text().splitlines()))
    assert rows[0]["quantity"] == "deliveries of the next twelve months"
    assert "holds: a rerun draws the same data" in run("verify", str(folder / "value.png")).stdout


def test_the_memo_has_a_section_on_later_years(place):
    done = run("memo", "--to", "2027-12", *FEW, "--format", "md")
    assert done.returncode == 0, done.stderr
    text = (place / "figures" / "to_2027-12" / "memo" / "memo.md").read_text()
    assert "## Beyond 2026" in text
    assert "![Fan of Xiaomi's yearly EV deliveries to 2027" in text
    assert "| First month with which twelve months bring 550,000 |" in text
    assert "## Beyond" not in run("memo", *FEW, "--format", "md").stdout


def test_a_horizon_without_a_file_of_later_years_runs_on_as_it_is(project):
    done = run("run", "--to", "2027-12", *FEW, "--no-figures")
    assert done.returncode == 0, done.stderr
    assert "Assumptions that name no later year go on as they are." in done.stdout
    assert run("value", *FEW).returncode == 2


def test_all_figures_are_those_that_the_run_has(place):
    done = run("figure", "all", "--format", "png", *FEW)
    assert done.returncode == 0, done.stderr
    drawn = {line.rpartition("/")[2] for line in done.stdout.split()}
    assert {"deliveries", "mix"} <= drawn
    assert not drawn & {"years", "cash", "europe", "worth", "mix_by_year"}
    assert {path.stem for path in (place / "figures").glob("*.png")} == drawn


def test_figures_of_another_horizon_are_not_called_outdated(place):
    assert run("figure", "years", "--to", "2027-12", *FEW).returncode == 0
    assert run("run", "--no-figures", *FEW).returncode == 0
    text = (place / "assumptions.toml").read_text()
    (place / "assumptions.toml").write_text(text.replace("p50      = 17_500", "p50      = 18_000"))
    done = run("run", "--no-figures", *FEW)
    assert "Since the last run here" in done.stdout
    assert "Made before the last edit" not in done.stdout
    assert run("figure", "deliveries", "--format", "png", *FEW).returncode == 0
    (place / "assumptions.toml").write_text(text)
    assert "Made before the last edit" in " ".join(run("run", "--no-figures", *FEW).stdout.split())


def test_a_memo_of_a_target_that_no_draw_meets_is_written_whole(place):
    text = (place / "assumptions.toml").read_text()
    (place / "assumptions.toml").write_text(text.replace("value    = 550_000", "value    = 2_000_000", 1))
    done = run("memo", "--format", "xlsx,md", *FEW)
    assert done.returncode == 0, done.stderr
    assert "below " in (place / "figures" / "memo" / "memo.md").read_text()
    assert (place / "figures" / "memo" / "memo.xlsx").is_file()
