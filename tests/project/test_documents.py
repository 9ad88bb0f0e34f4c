"""Documents say what is so today."""

import csv
import gzip
import re
import subprocess

import pytest

import model
from model.reporting import assumptions_page
from model.reporting.finding import out_of_reach
from tests.conftest import ROOT

DOCUMENTS = [
    ROOT / name
    for name in (
        "README.md",
        "CHANGELOG.md",
        "docs/model.md",
        "docs/assumptions.md",
        "docs/sensitivity.md",
        "docs/memo.md",
        "docs/outside.md",
        "docs/posterior.md",
        "docs/record.md",
        "docs/register.md",
        "docs/trust.md",
    )
]


def test_the_list_of_assumptions_is_up_to_date(base):
    assert (ROOT / "docs" / "assumptions.md").read_text() == assumptions_page.text(base), "run `make docs`"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_every_file_that_a_document_names_is_there(path):
    for link in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        if not link.startswith("http"):
            assert (path.parent / link).exists(), link


@pytest.fixture(scope="module")
def forecast():
    return model.forecast(ROOT / "assumptions.toml")


def test_the_readme_shows_todays_headline(forecast):
    block = (ROOT / "README.md").read_text().partition("```text\n")[2].partition("\n...\n```")[0].splitlines()
    assert len(block) >= 12
    assert block == repr(forecast).splitlines()[: len(block)]


def test_the_readme_fits_its_length_and_shows_deliveries_margins_and_mix():
    shown = (ROOT / "README.md").read_text()
    assert len(shown.splitlines()) <= 140
    for name in ("year_as_it_came", "deliveries", "margins", "mix"):
        assert f"(figures/{name}.png)" in shown
    assert shown.index("year_as_it_came.png") < shown.index("deliveries.png")


def test_the_gallery_holds_the_memo_of_today(forecast):
    memo = (ROOT / "figures" / "memo" / "memo.md").read_text()
    assert memo.startswith(f"# {out_of_reach(forecast.result)}\n")


def test_no_address_of_a_package_index_and_no_path_of_a_machine_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".png", ".svg", ".csv", ".npz") or not path.is_file():
            continue
        packed = path.suffix == ".gz"
        text = gzip.decompress(path.read_bytes()).decode() if packed else path.read_text(encoding="utf-8")
        assert not re.search(r"https?://[^ \"]+/(simple|packages)/", text), name
        assert str(ROOT.parent) + "/" not in text, name


def test_the_page_on_trust_shows_every_known_answer():
    from model.validation import known_answers

    shown = (ROOT / "docs" / "trust.md").read_text()
    for row in known_answers.table():
        line = next(
            (one for one in shown.splitlines() if one.startswith(row["case"]) and f" {row['quantity']} " in one), ""
        )
        assert line, row
        assert "DIFFERS" not in line
    assert f"{len(known_answers.table())} of {len(known_answers.table())} numbers agree." in shown


@pytest.mark.parametrize(("table", "at_least"), [("spread.csv", 7), ("spread_group.adjusted_net_profit.csv", 6)])
def test_each_assumption_that_carries_more_than_3_percent_of_the_variance_has_a_public_number_beside_it(
    base, table, at_least
):
    with (ROOT / "figures" / "as_of_2026-01-15" / "study" / table).open(newline="", encoding="utf-8") as file:
        carry = {row["assumption"] for row in csv.DictReader(file) if float(row["share"]) > 0.03}
    asked = carry & base.entries.keys()
    assert len(asked) >= at_least
    assert {path for path in asked if not base[path].public} == set()
