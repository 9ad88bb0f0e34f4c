"""The command line as its user meets it: exit codes, messages, files."""

import csv
import datetime as dt
import json
import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from model import InputError, load
from model.cli import report
from model.cli.app import app
from model.cli.run import said_old
from model.errors import Problem
from model.inference import condition as conditioning

STATISTICS = {"mean", "sd", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99"}


def run(*args, cwd=None):
    return subprocess.run([sys.executable, "-m", "model", *args], capture_output=True, text=True, cwd=cwd, check=False)


QUICK = ("--draws", "2048", "--no-figures")


@pytest.fixture
def first(project):
    done = run("run", *QUICK)
    assert done.returncode == 0, done.stderr
    return project


def test_a_run_prints_the_headline_and_writes_the_table_and_the_manifest(first):
    rows = list(csv.DictReader((first / "figures" / "results.csv").read_text().splitlines()))
    assert list(rows[0]) == ["scenario", "outcome", "period", "unit", "statistic", "value", "error"]
    keyed = {(r["outcome"], r["period"], r["statistic"]): float(r["value"]) for r in rows}
    for outcome in ("ev.deliveries", "ev.deliveries.yu7"):
        for period in ("2026-01", "2026-12", "2026Q1", "2026"):
            assert {s for o, p, s in keyed if (o, p) == (outcome, period)} >= STATISTICS
    for segment in ("smartphones", "iot", "internet", "other", "ev", "group"):
        for what in ("revenue", "gross_margin", "mix"):
            assert (f"{segment}.{what}", "2026Q4", "p50") in keyed
    assert ("ev.operating_result", "2026", "mean") in keyed
    assert 0 < keyed[("ev.deliveries", "2026", "chance")] < 1
    assert len(keyed) == len(rows)
    manifest = json.loads((first / "figures" / "manifest.json").read_text())
    assert manifest["draws"] == 2048
    assert manifest["inputs"]["ev.market.tax"] == "0.05 | share"


def test_the_headline_stands_beside_its_reference_lines(project):
    text = run("run", *QUICK).stdout
    for words in (
        "P(deliveries >= 550,000 in 2026)", "± ", "P10 ", "P50 ", "P90 ", "Needed from here: 45,833 a month",
        "Run rate of 2025-12 x 12", "602,544", "Run rate of the last three months x 4", "580,460",
        "10 of 32 first-announced yearly targets of EV makers were met (31%)", "2 of 2 of Xiaomi's own", "(0.86)", "471,845",
        "group revenue, RMB bn        534 to 642, median 607", "reported: 2025Q1 -0.5, 2025Q2 -0.3, 2025Q3 +0.7",
        "Citi, Jan 2026", "700,000", "EV segment result", "Group", " in ",
    ):  # fmt: skip
        assert words in text, words


def test_an_edit_and_a_rerun_name_the_change_and_what_it_did(first):
    path = first / "assumptions.toml"
    path.write_text(path.read_text().replace("p50      = 17_500", "p50      = 21_000", 1))
    text = run("run", *QUICK).stdout
    assert "Since the last run here" in text
    assert "  ev.lines.yu7.orders: p50 17,500 -> 21,000 vehicle/month" in text
    assert "P(target): " in text
    assert " pp)" in text
    assert "Since the last run here" not in run("run", *QUICK).stdout


def test_editing_one_number_changes_exactly_what_depends_on_it(first):
    def rows():
        found = csv.DictReader((first / "figures" / "results.csv").read_text().splitlines())
        return {(r["outcome"], r["period"], r["statistic"]): r["value"] for r in found}

    before = rows()
    path = first / "assumptions.toml"
    head, mark, rest = path.read_text().partition("[iot.margin]")
    path.write_text(head + mark + re.sub(r"p50 +=.*", "p50 = 0.23", rest, count=1))
    assert run("run", *QUICK).returncode == 0
    after = rows()
    changed = {outcome for outcome, *_ in (key for key in before if before[key] != after[key])}
    margin, group = ("iot.gross_profit", "iot.gross_margin"), ("group.gross_profit", "group.gross_margin")
    profit = (
        "core.gross_profit",
        "core.operating_result",
        "group.operating_result",
        "group.adjusted_net_profit",
        "group.eps",
    )
    assert changed == {*margin, *group, *profit, "group.cash", "group.other_items"}  # cash earns


def test_a_what_if_is_set_against_the_base_case_not_against_another_what_if(first):
    for ready in ("0.7", "0.5"):
        text = run("run", *QUICK, "--set", f"ev.book.ready={ready}").stdout
        assert "Against the base case, on the same draws" in text
        assert "Since the last run" not in text
        before, after = (float(v.strip(" %")) for v in text.split("  P(target): ")[1].split("  (")[0].split("->"))
        assert (after > before) == (ready == "0.7")


def test_the_same_inputs_give_the_same_bytes(first):
    before = (first / "figures" / "results.csv").read_bytes()
    assert run("run", *QUICK, "--out", "other").returncode == 0
    assert (first / "other" / "results.csv").read_bytes() == before


def test_json_holds_the_headline(project):
    numbers = json.loads(run("run", *QUICK, "--json", "--set", "noise.orders=0.2").stdout)
    assert numbers["scenario"] == "base+set"
    assert 0 < numbers["headline"]["chance"][0] < 1


def test_draws_are_kept_on_demand(project):
    import pandas as pd

    assert run("run", *QUICK, "--draws-out", "kept/draws.parquet").returncode == 0
    table = pd.read_parquet("kept/draws.parquet")
    assert len(table) == 2048
    assert table["ev.deliveries|2026"].between(1e5, 1.2e6).all()
    assert set(table["replicate"]) == set(range(8))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--draws", "0"), "--draws: 0 draws: at least 1 is needed"),
        (("--draws", "-5"), "--draws: -5 draws: at least 1 is needed"),
        (("--draws", "999999999999"), "--draws: 999,999,999,999 draws are too many. At most 8,388,608"),
        (("--seed", "-1"), "--seed: seed -1 must be 0 or more"),
        (("-s", "nope"), "no scenario 'nope'"),
        (("-s", "bull", "-s", "bear"), "two scenarios collide here"),
        (("--set", "x=1"), "unknown assumption"),
        (("--base", "none.toml"), "none.toml: no such file"),
        (("--out", "assumptions.toml"), "assumptions.toml: cannot be written"),
    ],
)
def test_bad_input_ends_in_one_clear_message_code_2_and_leaves_earlier_outputs(first, args, said):
    before = {p: p.read_bytes() for p in (first / "figures").iterdir()}
    done = run("run", *QUICK, *args)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert {p: p.read_bytes() for p in (first / "figures").iterdir()} == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said(project):
    (project / "locked").mkdir(mode=0o500)
    done = run("run", *QUICK, "--out", "locked")
    assert done.returncode == 2
    assert "locked" in done.stderr


def test_check_finds_what_is_wrong_in_any_scenario(project):
    assert run("check").stdout.endswith("All is well.\n")
    (project / "scenarios" / "broken.toml").write_text(
        '[scenario]\nlabel = "x"\nstory = "y"\n[ev.book.redy]\nvalue = 1\nwhy = "z"\n'
    )
    done = run("check")
    assert done.returncode == 2
    assert "scenarios/broken.toml, line 4: ev.book.redy: unknown assumption. Did you mean ev.book.ready" in done.stderr


def test_an_unread_key_is_said_with_its_line(project):
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("[ev.book.ready]", "[ev.book.redy]"))
    done = run("run", *QUICK)
    assert done.returncode == 2
    assert "assumptions.toml, line " in done.stderr
    assert "ev.book.redy: the model does not use this assumption" in done.stderr


def test_show_reads_an_assumption_back_in_words(project):
    text = run("show", "ev.market.growth").stdout
    assert "Trend of demand" in text
    for level in ("P1 ", "P10 -0.05 ", "P50 0.06 ", "P90 0.16 ", "P99 ", "mean ", "share/year", "source", "why"):
        assert level in text, level
    assert run("show", "ev.markt").returncode == 2


def test_compare_sets_scenarios_beside_the_base_case(project):
    text = run("compare", "bear", "price_war+memory_squeeze", "--draws", "2048").stdout
    assert "ev.book.cancellation: " in text
    assert "price_war+memory_squeeze" in text
    assert "deliveries against base" in text


def test_new_writes_a_scenario_that_checks_out_and_keeps_what_is_there(project):
    assert run("new", "my_case").returncode == 0
    assert run("check").returncode == 0
    assert (
        load("assumptions.toml", ["my_case"], as_of="base").hash == load("assumptions.toml", as_of="base").hash
    )  # as written, it changes nothing
    again = run("new", "my_case")
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert run("new", "My Case!").returncode == 2


def test_a_figure_comes_with_its_data_and_alt_text(project):
    done = run("figure", "bottlenecks", "--out", "memo", "--draws", "2048", "--format", "png,svg,pdf")
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (project / "memo").iterdir()} == {
        "bottlenecks.png",
        "bottlenecks.svg",
        "bottlenecks.pdf",
        "bottlenecks.csv",
        "bottlenecks.alt.txt",
    }
    assert run("figure", "bottleneck").returncode == 2
    assert "Did you mean bottlenecks" in run("figure", "bottleneck").stderr


@pytest.mark.parametrize(
    "command", [["run"], ["chance"], ["solve", ">=450_000"], ["compare", "price_war"], ["why", "learned"]]
)
def test_fresh_means_the_same_everywhere_the_posterior_is_computed_again_first(today, command, monkeypatch):
    def condition(*_, **__):
        raise InputError(Problem("computed again"))

    monkeypatch.setattr(conditioning, "condition", condition)
    done = CliRunner().invoke(app, [*command, "--fresh"])
    assert done.exit_code == 2
    assert done.stderr.endswith("- computed again\n")


def test_a_forecast_whose_last_report_is_weeks_old_says_so():
    known = dt.date(2026, 10, 10)
    assert said_old(known, dt.date(2026, 10, 30)) == []
    assert "10 October 2026, 7 weeks ago: `model report`" in said_old(known, dt.date(2026, 12, 1))[0]


def test_help_has_examples():
    for command in ("run", "check", "show", "compare", "figure", "new"):
        assert "xample" in run(command, "--help").stdout


def test_matplotlib_and_pandas_are_not_imported_where_nothing_is_drawn(project):
    code = (
        "import sys; sys.argv = ['model', 'run', '--no-figures', '--draws', '2048']\n"
        "from model.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not {'matplotlib', 'pandas', 'pyarrow'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_tornado_solve_and_explain_answer_from_the_command_line(project):
    text = run("tornado", "--draws", "2048").stdout
    assert "ev.lines.yu7.waiting *" in text
    assert {"tornado.csv", "tornado.png", "tornado.svg", "tornado.alt.txt"} <= {
        p.name for p in (project / "figures" / "study").iterdir()
    }
    assert (
        "ev.cost.inflation" in run("tornado", "--draws", "2048", "--first-look", "--measure", "ev.gross_margin").stdout
    )
    text = run("solve", "ev.lines.yu7.waiting", "--draws", "2048", "--chance", "25%").stdout
    assert " instead of      200,000 vehicle" in text
    assert "[ev.lines.yu7.waiting]\n      p10 = " in text
    assert "less " in run("why", "hits", "--draws", "2048").stdout
    for args in (
        ("tornado", "--measure", "nope"),
        ("sweep", "orders_of_both_line"),
        ("sweep", "ev.lines.yu7.orders=1:2:3", "orders_of_both_lines"),
        ("sweep", "memory_squeeze", "--measure", "chance"),
        ("sweep", "ev.lines.yu7.order=1:2:3", "--measure", "nope"),
        ("why", "spread", "--by", "evidenc"),
        ("why", "spread", "--measure", "ev.deliveries:p50"),
        ("solve", "ev.lines.yu7.orders", "--line"),
        ("solve", "ev.lines.yu7.orders", "smartphones.memory.price_rise", "--line"),
        ("tornado", "--workers", "0"),
        ("sweep", "memory_squeeze", "--dask", "127.0.0.1"),
        ("solve", "ev.lines.yu7.waitin"),
        ("solve", "--chance", "often"),
        ("solve", "--chance", "0"),
    ):
        done = run(*args, "--draws", "2048")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_sweep_variance_and_line_answer_from_the_command_line(project):
    text = run("sweep", "memory_squeeze", "--draws", "2048", "--parquet").stdout
    assert "mean of smartphones.gross_margin in 2026, 13 points over smartphones.memory.price_rise.shift" in text
    folder = project / "figures" / "study"
    names = {p.name for p in folder.iterdir()}
    assert {"memory_squeeze.csv", "memory_squeeze.parquet", "memory_squeeze.png", "memory_squeeze-2.svg"} <= names
    rows = list(csv.DictReader((folder / "memory_squeeze.csv").read_text().splitlines()))
    assert len(rows) == 26
    assert {r["unit"] for r in rows} == {"share"}
    text = run("sweep", "ev.lines.yu7.orders=15_000,20_000", "ev.book.ready=0.5:0.8:2", *QUICK, "-s", "bear").stdout
    assert "4 points over ev.lines.yu7.orders and ev.book.ready" in text
    assert (project / "figures" / "bear" / "study" / "sweep_ev.lines.yu7.orders_ev.book.ready.csv").exists()
    text = run("why", "spread", "--by", "evidence", "--draws", "2048").stdout
    assert "This much of the variance rests on judgement: " in text
    assert {"spread_by_evidence.csv", "spread_by_evidence.png"} <= {p.name for p in folder.iterdir()}
    text = run("solve", "ev.lines.yu7.orders", "ev.lines.su7_2026.orders", "--line", "--draws", "2048").stdout
    assert "today 17,500 and 15,000" in text
    assert {"equal_chance.csv", "equal_chance.png"} <= {p.name for p in folder.iterdir()}
    text = run("check").stdout
    assert "sweeps: memory_squeeze, orders_of_both_lines" in text


def test_check_finds_what_is_wrong_with_a_sweep_file(project):
    file = project / "scenarios" / "sweeps" / "memory_squeeze.toml"
    file.write_text(file.read_text().replace("price_rise", "price_rice").replace("group.", "groop."))
    done = run("check")
    assert done.returncode == 2
    assert "scenarios/sweeps/memory_squeeze.toml" in done.stderr
    assert "smartphones.memory.price_rise" in done.stderr
    assert "group.gross_margin" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("xiaomi_ev_deliveries_monthly.csv", b"", "has no rows"),
        (
            "xiaomi_ev_deliveries_monthly.csv",
            b"month,line,vehicles,kind\n2025-01,SU7,abc,exact\n",
            "line 2: vehicles is 'abc', not a number",
        ),
        ("ev_targets.csv", b"firm,year\nNIO,2023\n", "lacks the columns stage, ratio"),
        (
            "published_estimates.csv",
            b"house,reported_on,year,what,value,before,unit,source\nX,Dec-25,2026,ev units,1,,vehicle,y\n",
            "reported_on is 'Dec-25'",
        ),
        ("ev_targets.csv", b"\xff\xfe", "is not CSV in UTF-8"),
        (
            "xiaomi_ev_deliveries_monthly.csv",
            b"month,line,vehicles,kind\n2025-01,SU7,9,exactly\n",
            "line 2: kind is 'exactly'. exact, estimate or",
        ),
        (
            "ev_peers_deliveries_monthly.csv",
            b"firm,month,vehicles\nNIO,2025-01,9\nNIO\n",
            "line 3: has 1 cell, the first line 3",
        ),
        (
            "ev_targets.csv",
            b"firm,year,stage,ratio\nNIO, Inc.,2023,initial,1\n",
            "line 2: has 5 cells, the first line 4. Put a text with a comma",
        ),
        (
            "published_estimates.csv",
            b"house,reported_on,year,what,value,before,unit,source\n,2026-01-15,2026,ev units,1,,vehicle,y\n",
            "house is ''. It may not be empty",
        ),
    ],
)
def test_broken_data_is_said_and_nothing_is_written(project, name, content, said):
    (project / "data" / name).write_bytes(content)
    for args in (("run", *QUICK), ("check",)):
        done = run(*args)
        assert done.returncode == 2
        assert f"data/{name}" in done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert not (project / "figures" / "results.csv").exists()


def test_a_reported_figure_of_no_outcome_is_refused_with_its_line(project):
    path = project / "data" / "observations.csv"
    row = "ev.delivreies,2026-01,exact,5,,RMB bn,company,2026-02-01,fit,s,n\n"
    path.write_text(path.read_text() + row)
    line = len(path.read_text().splitlines())
    done = run("check")
    assert done.returncode == 2
    assert f"data/observations.csv, line {line}: no outcome 'ev.delivreies'. Did you mean ev.deliveries" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('outcome  = "ev.deliveries"', 'outcome  = "ev.delivery"', "target: no outcome 'ev.delivery'. Did you mean ev.deliveries"),
        ('period   = "2026"', 'period   = "2027"', "target: no period '2027' of ev.deliveries"),
        ("as_of      = 2026-01-15", 'as_of      = "2026-01-15"', "about: as_of is '2026-01-15'"),
        ("value    = [0.776, 0.701,", "value    = [0.776,", "ev.season: has 11 numbers. The model counts on one number, or 12"),
        ("p10      = 10_500\np50      = 17_500\np90      = 27_000\nmin      = 4_000\nmax      = 40_000", "value = [1, 2, 3]", "ev.lines.yu7.orders: has 3 numbers. The model counts on one number"),
        ("p10      = 10_500\np50      = 17_500\np90      = 27_000\nmin      = 4_000\nmax      = 40_000", "value = -1e300", "ev.lines.yu7.orders: reaches below 0 vehicle/month"),
        ("[renamed]", "[renamed]\nx = 3", "[renamed] holds lines like"),
        ("[ev.book.ready]", '["ev.book.cancellation"]\nvalue = 1\n[ev.book.ready]', "ev.book.cancellation: is given twice"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_model_is_said_by_check(project, old, new, said):
    path = project / "assumptions.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    done = run("check")
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_scenario_cannot_be_called_base_and_an_unfit_unit_is_said_in_its_own_file(project):
    assert run("new", "base").returncode == 2
    path = project / "scenarios" / "europe_early.toml"
    path.write_text(path.read_text().replace('unit     = "RMB/vehicle"', 'unit     = "1"', 1))
    assert "scenarios/europe_early.toml, line " in run("check").stderr
    (project / "scenarios" / "base.toml").write_text(path.read_text())
    assert "cannot be the name of a scenario" in run("run", *QUICK, "-s", "base").stderr


def test_numbers_without_end_are_refused_not_printed(project):
    done = run("run", *QUICK, "--set", "ev.lines.yu7.orders=1e160")
    assert done.returncode == 2
    assert "is 1e+160 vehicle/month. It cannot lie above" in done.stderr
    assert "Warning" not in done.stderr


def test_another_base_file_is_the_base_of_its_scenarios(project):
    text = (project / "assumptions.toml").read_text()
    (project / "mine.toml").write_text(text.replace("p50      = 17_500", "p50      = 21_000", 1))
    (project / "assumptions.toml").unlink()
    done = run("figure", "scenarios", "--base", "mine.toml", "--draws", "2048", "--format", "svg")
    assert done.returncode == 0, done.stderr
    rows = {
        row["scenario"]: row["P(target)"]
        for row in csv.DictReader((project / "figures" / "scenarios.csv").read_text().splitlines())
    }
    assert rows["Base case"] == rows["Memory squeeze"]


DAY = "2026-02-05"  # one report is known


def test_a_run_as_of_a_later_day_knows_its_reports_and_asks_from_here(today):
    done = run("run", "--as-of", DAY, "--no-figures", "--set", "ev.lines.yu7.orders=25_000")
    assert done.returncode == 0, done.stderr
    assert "from March 2026, as known on 5 February 2026" in done.stdout
    assert "ev.lines.yu7.orders: p10 10,500, p50 17,500" in done.stdout
    assert "from 2026-03 25,000" in done.stdout
    assert "Given 1 reported figure, the last of 1 February 2026" in done.stdout
    behind = run("run", "--as-of", DAY, "--set", "ev.lines.yu7.waiting=250_000")
    assert behind.returncode == 2
    assert "ev.lines.yu7.waiting: lies behind" in behind.stderr
    begun = run("tornado", "--as-of", DAY, "--from", "2026-01")
    assert begun.returncode == 2
    assert "2026-01 has begun" in begun.stderr
    early = run("run", "--as-of", "base", "--from", "2026-05")
    assert early.returncode == 2
    assert "nothing was reported by 2026-01-15" in early.stderr


def test_facts_alone_are_asked_for_said_and_kept_apart(today):
    (today / "updates" / "early.toml").write_text(
        "[update]\nlabel = 'l'\nkind = 'judgement'\nstory = 's'\n[ev.market.growth]\nas_of = 2026-01-25\np10 = -0.1\np50 = 0.0\np90 = 0.1\n"
        "evidence = 'judgement'\nsource = 's'\nwhy = 'w'\n"
    )
    hashes = {}
    for options, words in (
        (["--facts"], "as known on 5 February 2026, facts alone;"),
        ([], "as known on 5 February 2026;"),
    ):
        done = run("run", "--as-of", DAY, *options, "--draws", "2048")
        assert done.returncode == 0, done.stderr
        assert words in done.stdout
        hashes[words] = re.search(r"assumptions (\w{12})", done.stdout)[1]
    assert len(set(hashes.values())) == 2
    figure = today / "figures" / f"as_of_{DAY}_facts_alone" / "deliveries.png"
    held = run("verify", str(figure))
    assert "holds: a rerun draws the same data" in held.stdout, held.stdout + held.stderr
    refused = run("run", "--as-of", "base", "--facts")
    assert refused.returncode == 2
    assert "--as-of DAY --facts" in refused.stderr


def test_the_day_in_the_base_file_is_the_day_of_a_run(today):
    path = today / "assumptions.toml"
    path.write_text(path.read_text().replace("as_of      = 2026-01-15", f"as_of      = {DAY}"))
    done = run("run", "--as-of", "base", "--no-figures")
    assert done.returncode == 0, done.stderr
    assert "Given 1 reported figure" in done.stdout
    assert (today / "figures" / f"as_of_{DAY}" / "reports.csv").is_file()


def test_diff_between_two_days_says_what_each_report_did_and_its_figure_verifies(today):
    done = run("why", "moved", "--since", "2026-01-15", "--as-of", DAY)
    assert done.returncode == 0, done.stderr
    assert "From 15 January 2026 to 5 February 2026" in done.stdout
    assert "01 Feb  ev.deliveries in 2026-01 39,000 to 40,000" in done.stdout
    folder = today / "figures" / f"as_of_{DAY}" / "study"
    assert (folder / "news.csv").is_file()
    held = run("verify", str(folder / "year_as_it_came.svg"))
    assert held.returncode == 0, held.stdout + held.stderr
    ignored = run("why", "moved", "--as-of", DAY, "-s", "bear")
    assert ignored.returncode == 2
    assert "Leave out -s and --set" in ignored.stderr
    for wrong, words in (
        (["why", "moves"], "no part 'moves'. Did you mean moved?"),
        (["why", "learned", "--since", "2026-01-15"], "--since: is of moved. model why moved --since"),
        (["why", "moved", "--measure", "ev.mix"], "--measure: is of hits or spread"),
        (["diff", "HEAD"], "`diff` is called `why moved` now. model why moved --since DAY|REV"),
    ):
        refused = run(*wrong)
        assert refused.returncode == 2
        assert words in refused.stderr


def test_what_was_learned_and_what_to_watch_are_said_drawn_and_verified(today):
    for command, words in (
        ("why learned", "What was learned, given 1 reported figure"),
        ("signposts", "What to watch"),
    ):
        done = run(*command.split(), "--as-of", DAY)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout
        held = run("verify", str(today / "figures" / f"as_of_{DAY}" / "study" / f"{command.split()[-1]}.png"))
        assert held.returncode == 0, held.stdout + held.stderr
    nothing = run("why", "learned", "--as-of", "2026-01-20")
    assert nothing.returncode == 2
    assert "nothing was reported by 2026-01-20" in nothing.stderr


def test_studies_and_the_memo_work_given_what_was_reported(today):
    for words in (
        ["tornado", "--as-of", DAY, "--no-figures"],
        [
            "solve",
            "ev.lines.yu7.orders",
            "--as-of",
            DAY,
            "--measure",
            "ev.deliveries>=500_000",
            "--chance",
            "60%",
            "--no-figures",
        ],
        ["sweep", "ev.lines.yu7.orders=12_000:24_000:3", "--as-of", DAY, "--no-figures"],
        ["compare", "price_war", "--as-of", DAY, "--no-figures"],
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
    drawn = run("sweep", "ev.lines.yu7.orders=12_000:24_000:3", "--as-of", DAY, "--from", "2026-09", "--out", "later")
    assert drawn.returncode == 0, drawn.stderr
    held = run("verify", str(next((today / "later").glob("*.png"))))
    assert held.returncode == 0, held.stdout
    memo = run("memo", "--as-of", DAY, "--format", "md", "--draws", "4096")
    assert memo.returncode == 0, memo.stderr
    text = (today / "figures" / f"as_of_{DAY}" / "memo" / "memo.md").read_text()
    for heading in ("## What became known, and what it taught", "## What to watch"):
        assert heading in text


def test_check_reads_updates_as_the_business_takes_them(today):
    (today / "updates" / "bad.toml").write_text(
        "[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n[ev.lines.yu7.waiting]\nas_of = 2026-05-01\nfrom = '2026-06'\nvalue = 100_000\n"
        "evidence = 'reported'\nsource = 's'\nwhy = 'w'\n"
    )
    done = run("check")
    assert done.returncode == 2
    assert "updates/bad.toml, line 5: ev.lines.yu7.waiting: holds for the whole year" in done.stderr


def test_a_report_is_entered_and_taken_back_from_the_command_line(project):
    before = (project / "data" / "observations.csv").read_bytes()
    options = ["--series", "company", "--on", "2026-02-01", "--source", "own example"]
    done = run("report", "ev.deliveries", "2026-01", ">=39_000", *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("ev.deliveries,2026-01,at_least,39000,40000") < done.stdout.index("Written")
    assert "Before and after, as known on 15 January and on 1 February 2026" in done.stdout
    done = run("report", "--undo")
    assert done.stdout.startswith("Taken back from data/observations.csv, line 2\n")
    assert (project / "data" / "observations.csv").read_bytes() == before


def test_in_a_terminal_a_report_asks_for_what_is_missing(project, monkeypatch):
    asked = []
    monkeypatch.setattr(report, "in_a_terminal", lambda: True)
    monkeypatch.setattr(report.typer, "prompt", lambda question, **_: asked.append(question) or "2026-02-01")
    done = CliRunner().invoke(
        app, ["report", "ev.deliveries", "2026-01", ">=39_000", "--series", "company", "--source", "x", "--dry-run"]
    )
    assert done.exit_code == 0, done.stderr
    assert asked == [report.QUESTIONS[3]]
    assert "2026-02-01" in done.stdout
