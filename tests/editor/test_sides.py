"""Cases side by side on the page, and reports entered on it: what the command line says."""

import numpy as np
import pytest

import model
from model.editor.question import Files, Question
from model.editor.sides import bridge, sides
from model.xiaomi.business import XIAOMI
from tests.conftest import copied
from tests.editor.serving import ask, problems, served

DAY = "2026-10-10"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return Files(copied(tmp_path_factory.mktemp("sides"), "posteriors", "beyond.toml") / "assumptions.toml", XIAOMI)


def quiet():
    pass


def test_columns_are_the_base_case_scenarios_and_the_edits_and_differences_are_paired(files):
    asked = Question(("price_war",), DAY, {"ev.book.ready": {"p50": 0.6}})
    found = sides(files, asked, {"beside": [["memory_squeeze"]]}, quiet)
    assert found["columns"] == [
        "Base case",
        "Memory squeeze",
        "Price war and the edits",
    ]
    f = model.forecast(files.base)
    other = f.under("memory_squeeze")
    row = next(line for line in found["rows"] if line["label"].startswith("adjusted net profit"))
    profit = [each.study.made.quantile("group.adjusted_net_profit", 0.5) for each in (f, other)]
    assert [float(cell["value"]) for cell in row["cells"][:2]] == pytest.approx(
        [float(p.value) for p in profit], abs=0.05
    )
    gain, error = (float(part) for part in row["cells"][1]["against"].split(" ± "))
    assert gain == pytest.approx(float(profit[1].value) - float(profit[0].value), abs=0.01)
    apart = np.hypot(*(float(p.error) for p in profit))
    assert error < 0.3 * apart  # on the same draws a difference is known better than either number
    assert found["changes"][0] == []
    assert files.loaded(DAY)["ev.book.ready"].label in found["changes"][2]
    deliveries = next(line for line in found["rows"] if line["label"] == "deliveries P50")
    assert deliveries["cells"][1]["against"] == "="  # memory moves no car


def test_a_p50_typed_on_a_scenario_stays_between_the_percentiles_that_the_scenario_has(files):
    case = files.case(Question(("price_war",), DAY, {"ev.price_war.rival_cut": {"p50": 0.15}}))
    held = case["ev.price_war.rival_cut"].distribution
    assert (held.p10, held.p50, held.p90) == (0.08, 0.15, 0.20)  # the file has 0.01 and 0.11


def test_the_bridge_goes_between_any_two_and_adds_up(files):
    asked = Question((), DAY, {"ev.book.ready": {"p50": 0.6}})
    lines = bridge(files, asked, {"from": ["price_war"], "into": "now"}, quiet)["lines"]
    assert any("ev.book.ready" in line for line in lines)
    assert any("ev.price_war.follow" in line for line in lines)
    assert bridge(files, Question((), DAY), {"from": [], "into": "now"}, quiet)["lines"] == ["The two are the same."]


def test_more_columns_than_fit_and_names_that_are_none_are_refused(files, tmp_path):
    with served(files.base.parent) as server:
        many = [["bear"]] * 9
        assert "stand beside each other" in problems(server, "sides", beside=many)[0]["said"]
        assert "no scenario" in problems(server, "sides", beside=[["../x"]])[0]["said"]


def test_a_report_is_drafted_written_answered_and_taken_back_on_the_page(project):
    file = project / "data" / "observations.csv"
    before = file.read_bytes()
    said = {
        "outcome": "ev.deliveries",
        "period": "January 2026",
        "figure": ">=39_000",
        "on": "2026-02-01",
        "source": "own",
        "series": "company",
    }
    with served(project) as server:
        slip = problems(server, "draft", **{**said, "figure": ">=390_000"})
        assert "Did you mean >=39_000?" in slip[0]["said"]
        _, found = ask(server, "draft", **said)
        assert found["row"] == "ev.deliveries,2026-01,at_least,39000,40000,vehicle,company,2026-02-01,fit,own,"
        assert file.read_bytes() == before
        assert "another than the one that was shown" in problems(server, "report", **said, row="x")[0]["said"]
        _, done = ask(server, "report", **said, row=found["row"])
        assert done["day"] == "2026-02-01"
        assert file.read_text(encoding="utf-8").endswith(found["row"] + "\n")
        _, form = ask(server, "form", as_of=done["day"])
        assert form["days"] == ["2026-02-01"]
        _, effect = ask(server, "effect", as_of=done["day"])
        assert any("as known on 15 January and on 1 February 2026" in line for line in effect["lines"])
        _, back = ask(server, "take_back", outcome="ev.deliveries", period="2026-01")
        assert (back["row"], back["day"]) == (found["row"], None)
    assert file.read_bytes() == before


def test_what_the_page_offers_is_what_there_is(files):
    with served(files.base.parent, "latest") as server:
        _, form = ask(server, "form", as_of=DAY)
        assert set(form["reported"]) == set(XIAOMI.reported)
        measure = next(value for value, words in form["measures"] if words.startswith("adjusted net profit"))
        _, found = ask(server, "tornado", as_of=DAY, measure=measure)
        assert found["what"].startswith("P50 of ")
        assert "net profit" in found["what"]
        assert found["bars"][0]["low"] != found["bars"][0]["high"]
        head, *rows = ask(server, "quarters", as_of=DAY)[1]["rows"]
        revenue = dict(zip(head, next(row for row in rows if row[0].startswith("EV revenue")), strict=True))
        assert (revenue["2025Q3"], revenue["2026Q2"]) == ("29.0", "24.9")  # as reported (data/)
        assert " to " in revenue["2026Q4"]
        _, made = ask(server, "picture", as_of=DAY, name="quarters", size="word")
        assert made["png"].startswith("iVBOR")
        assert made["columns"]
        assert "no figure" in problems(server, "picture", as_of=DAY, name="../x", size="word")[0]["said"]
        assert "is of the base case" in problems(server, "freeze", edits={"ev.book.ready": {"p50": 0.6}})[0]["said"]
        _, answer = ask(server, "answer", as_of=DAY)
        assert answer["open"] == 9  # October is the first month after those that are reported
        assert answer["needed"] == pytest.approx((550_000 - 291_150) / 3, rel=0.01)
        assert not answer["in_doubt"]
        assert any("Chances of at least" in line for line in answer["key"])


def test_later_years_are_a_switch_away_and_their_numbers_are_saved_into_their_own_file(files):
    with served(files.base.parent, "latest") as server:
        _, form = ask(server, "form", as_of=DAY, to="2030-12")
        assert form["horizons"] == ["2027-12", "2028-12", "2029-12", "2030-12"]
        paths = [field["path"] for group in form["groups"] for field in group["fields"]]
        _, first = ask(server, "form", as_of=DAY)
        only = [path for path in paths if path not in {f["path"] for g in first["groups"] for f in g["fields"]}]
        assert only
        _, answer = ask(server, "answer", as_of=DAY, to="2030-12")
        head, *rows = answer["years"]
        assert head == ["", "2026", "2027", "2028", "2029", "2030"]
        f = model.forecast(files.base, to="2030-12")
        deliveries = next(row for row in rows if row[0] == "deliveries")
        p50 = float(f.result.quantile("ev.deliveries", 0.5, "2030").value)
        assert deliveries[5].startswith(f"{p50 / 1000:,.0f}k (")
        assert ask(server, "answer", as_of=DAY)[1]["years"] == []
        path = next(
            p for p in only if "p50" in next(f for g in form["groups"] for f in g["fields"] if f["path"] == p)["keys"]
        )
        field = next(f for g in form["groups"] for f in g["fields"] if f["path"] == path)
        was = field["keys"]["p50"]
        new = [was[0] * 1.01, *was[1:]] if isinstance(was, list) else was * 1.01
        _, diff = ask(server, "diff", into="base", to="2030-12", edits={path: {"p50": new}}, was={path: {"p50": was}})
        assert diff.get("file", "").endswith("beyond.toml"), diff


def test_an_update_that_cannot_be_read_beside_the_others_is_not_left_there(today):
    there = sorted((today / "updates").iterdir())
    said = {
        "into": "update",
        "name": "again",
        "label": "Again",
        "why": "w",
        "source": "s",
        "day": "2026-10-10",
        "kind": "judgement",
    }
    with served(today, "latest") as server:
        edits = {"ev.market.level": {"p50": 0.97}}  # an update has changed it on that day already
        assert "is changed as of 2026-10-10" in problems(server, "save", as_of=DAY, edits=edits, **said)[0]["said"]
    assert sorted((today / "updates").iterdir()) == there
