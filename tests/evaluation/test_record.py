"""How good we were: the page, its figures, and how wide forecasts have to be."""

import datetime as dt
import re
import shutil
import time

import numpy as np
import pytest
from scipy import stats

import model
from model.evaluation import interval_width, register
from model.evaluation.from_draws import of_samples
from model.evaluation.reproduce import rows_known
from model.reporting.record import page, phrases, record
from model.reporting.record.write import FIGURES
from model.simulation.business import Business, History
from model.xiaomi.data.known_on import history
from tests.cli.test_commands import run
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def found():
    return model.record(ROOT / "assumptions.toml")


def test_the_committed_page_is_what_the_register_and_the_reports_say(found, tmp_path):
    model.write_record(found, tmp_path / "docs" / "record.md", tmp_path / "figures" / "record", formats=("png",))
    assert (tmp_path / "docs" / "record.md").read_text() == (ROOT / "docs" / "record.md").read_text(), (
        "run `model record`"
    )
    for name in FIGURES:
        data = f"figures/record/record_{name}.csv"
        assert (tmp_path / data).read_text() == (ROOT / data).read_text()
    assert (tmp_path / "figures/record/scores.csv").read_text() == (ROOT / "figures/record/scores.csv").read_text()


def test_the_readme_has_the_record_in_a_line(found):
    assert f"> {found.in_a_line}" in (ROOT / "README.md").read_text()


def test_the_line_is_the_mean_absolute_error_of_the_cases_nearest_to_three_months(found):
    """By hand from the entries and what was filed: 80,856 in the first quarter, 104,199 in the second."""
    by_label = {entry.label: entry for entry in found.entries}
    for name, said in (("as_released", "our error"), ("run_rate", "run rate"), ("seasonal_naive", "seasonal naive")):
        later = "with_updates" if name == "as_released" else name
        first = by_label[f"2026-01-15/{name}"].forecasts()["ev.deliveries", "2026Q1"].level(0.5)
        second = by_label[f"2026-04-01/{later}"].forecasts()["ev.deliveries", "2026Q2"].level(0.5)
        error = (abs(first / 80_856 - 1) + abs(second / 104_199 - 1)) / 2
        assert f"{said} {100 * error:.0f}%" in found.in_a_line
    assert found.in_a_line.endswith("over 2 cases (forecasts of 15 January and 1 April).")


def test_where_a_baseline_was_better_the_page_says_so_as_plainly(found):
    text = (ROOT / "docs" / "record.md").read_text()
    for name, ours in (("run rate", "run_rate"), ("seasonal naive", "seasonal_naive")):
        cases = [c for c in found.scored.own() if c.report.outcome == "ev.deliveries" and c.came.exact]
        theirs = {c.key: c for c in found.scored.of(ours)}
        blocks = {}
        for c in cases:
            blocks.setdefault(c.block, []).append(np.log(c.crps[0] / theirs[c.key].crps[0]))
        ratio = np.exp(np.mean([np.mean(each) for each in blocks.values()]))
        verdict = "worse" if ratio > 1 else "better"
        assert re.search(rf"EV deliveries, against {name}: ours was {verdict}", text)


def test_every_reported_figure_of_the_year_stands_on_the_page(found):
    text = (ROOT / "docs" / "record.md").read_text()
    for value in ("80,856", "104,199", "39,000 to 40,000", "33.8", "31.2", "20.1%", "18.512"):
        assert f"| {value} |" in text, value


def test_what_the_page_says_of_foresight_is_so(found):
    assert "None of our own 28 was made on its own day; they were made on " in page.blocks(found, {})[1].text
    assert not any(entry.foreseen for entry in found.entries)


def test_the_first_forecast_is_as_one_sided_as_six_blocks_can_be(found):
    """23 of 24 figures lay below its P50, in six blocks: at least two of the 64 choices of signs are as one-sided."""
    rows = {row[0]: row[1:] for row in record.sides(found)}
    assert rows["2026-01-15/as_released"] == ("23 of 24", "5.8 of 6", "3.1%")


def test_the_record_sets_what_was_said_beside_what_the_last_edition_says_of_the_same_day(found):
    assert found.edition == "edition_2"
    text = (ROOT / "docs" / "record.md").read_text().partition("## The same days in today's model")[2]
    (row,) = (line for line in text.splitlines() if line.startswith("| EV deliveries, 2026Q1 |"))
    by_label = {entry.label: entry for entry in found.entries}
    entries = (by_label[f"2026-01-15/{name}"] for name in ("as_released", "edition_2"))
    said = [f"{entry.forecasts()['ev.deliveries', '2026Q1'].level(0.5):,.4g}" for entry in entries]
    cells = [cell.split(" ")[1] for cell in row.split("|")[2:5]]
    assert cells[0] == "80,856"
    assert [float(cell.replace(",", "")) for cell in cells[1:]] == [float(x.replace(",", "")) for x in said]
    assert "made afterwards" in text


def test_an_edition_counts_among_our_own_in_no_score(found):
    assert {case.entry.role for case in found.scored.own()} <= set(register.OWN)
    assert len(found.scored.of("edition_2")) > 100


def test_a_chance_that_is_not_settled_is_not_scored(found):
    assert found.scored.targets == {}
    assert next(round(100 * chance, 1) for _, _, chance in found.chances()) == 40.0


def test_scoring_takes_under_five_seconds_and_the_page_under_ten():
    start = time.process_time()
    made = model.record(ROOT / "assumptions.toml")
    assert time.process_time() - start < 5
    page.blocks(made, {})
    assert time.process_time() - start < 10


def test_commands_print_the_record_and_leave_its_files(project):
    shutil.copytree(ROOT / "register", project / "register")
    done = run("score", "--out", "scores")
    assert "EV deliveries of a quarter, three months ahead" in done.stdout
    assert (project / "scores" / "scores.csv").is_file()
    done = run("record", "--no-figures")
    assert "docs/record.md" in done.stdout
    assert (project / "docs" / "record.md").is_file()
    assert "register: " in run("check").stdout
    done = run("freeze", "--again", "2026-01-15/run_rate")
    assert "2026-01-15/run_rate: as it was frozen" in done.stdout
    done = run("freeze", "--again", "x")
    assert (done.returncode, "no entry 'x'" in done.stderr) == (2, True)


def test_an_empty_register_says_that_nothing_is_frozen_yet(project):
    for command in (("score",), ("record",), ("freeze", "--again", "all")):
        done = run(*command)
        assert (done.returncode, "nothing is frozen yet" in done.stderr) == (2, True), done.stderr
    assert not (project / "figures").exists()
    assert "register: empty" in run("check").stdout


def test_a_record_of_which_nothing_came_yet_is_told_all_the_same(project):
    table = project / "data" / "observations.csv"
    table.write_bytes(rows_known(table.read_bytes(), dt.date(2026, 1, 20)))
    model.freeze("2026-01-20", "my_own", draws=2048)
    assert run("score").returncode == 2  # a name of one's own is no forecast of record
    model.freeze("2026-01-20", draws=2048)
    done = run("record")
    assert done.returncode == 0, done.stderr
    assert "none is reported yet" in done.stdout
    assert [path.name for path in (project / "figures" / "record").glob("*.png")] == ["record_year.png"]


def test_makers_errors_leave_each_maker_out_of_its_own_season_and_range():
    rng = np.random.default_rng(4)
    season = np.array([0.7, 0.8, 0.9, 1, 1, 1, 1, 1, 1.1, 1.1, 1.2, 1.2])
    firms = {
        name: {m: 100 * season[m % 12] * np.exp(noise) for m, noise in enumerate(rng.normal(0, 0.1, 60))}
        for name in "abc"
    }
    needed, cases, covered = interval_width.of_makers(firms, 3)
    # three months over three months, each with noise of 0.1: the difference of two means has an sd of 0.1 * sqrt(2 / 3)
    assert needed == pytest.approx(2 * 1.2816 * 0.1 * np.sqrt(2 / 3), rel=0.15)
    assert cases == 3 * 55
    assert np.mean(list(covered.values())) == pytest.approx(0.8, abs=0.08)
    assert interval_width.of_makers({"a": firms["a"]}, 3) == (pytest.approx(np.nan, nan_ok=True), 0, {})


@pytest.mark.parametrize("months", [3, 12])
def test_the_width_rule_covers_four_fifths_of_the_errors_of_makers_left_out(months):
    """NIO, Li Auto, XPeng and BYD, 2021 to 2025, each maker as often: at 80% between 75 and 85%."""
    firms = history(ROOT, 2026, dt.date(2026, 1, 15)).firms
    makers = {name: firms[name] for name in ("NIO", "Li Auto", "XPeng", "BYD")}
    _, cases, covered = interval_width.of_makers(makers, months)
    assert cases > 150
    assert 0.75 <= np.mean(list(covered.values())) <= 0.85


def test_its_own_past_gives_the_range_of_student_t_with_the_better_rules_errors():
    y = [10.0, 11, 12, 11, 10.5, 11.2, 12.6, 11.1]
    series = {8_096 + n: value for n, value in enumerate(y)}  # 2024Q1 to 2025Q4
    families = {"cars": "cars", "phones": "phones"}
    business = Business(lambda _: {}, reported=("cars.sold", "phones.sold"), families=families)
    forecast = of_samples(("phones.sold", "2026Q1"), "1", np.linspace(9, 12, 200))
    held, known = {("phones.sold", "2026Q1"): forecast}, History(quarters={"phones.sold": series})
    (one,) = interval_width.widths(held, known, ("cars.sold", "2026"), 2026, business).items
    rate = np.log([y[k] / y[k - 1] for k in range(1, 8)])
    naive = np.log([y[k] / (y[k - 4] * y[k - 1] / y[k - 5]) for k in range(5, 8)])
    assert len(naive) < interval_width.LEAST  # too few, so the run rate it is
    assert (one.cases, one.rule) == (7, "its last quarter")
    assert one.needed == pytest.approx(2 * np.sqrt((rate**2).mean()) * stats.t(7).ppf(0.9))
    assert one.ours == pytest.approx(np.log(forecast.level(0.9) / forecast.level(0.1)))


def test_the_verdict_on_january_says_how_narrow_it_was(found):
    (first,) = (w for w in found.widths.items if (w.outcome, w.period) == ("ev.deliveries", "2026Q1"))
    assert first.ratio == pytest.approx(0.59, abs=0.01)
    assert 0.75 <= np.mean(list(first.covered.values())) <= 0.85  # makers left out
    assert "0.6 times as wide as other makers' errors suggest" in phrases.verdict(found.widths, str)


def test_ranges_of_january_are_about_as_wide_as_errors_of_the_past(base):
    """Cars as other makers' errors; phones, their price, devices and services as Xiaomi's own, a quarter or a year ahead.

    Not all can be: of price the past suggests a wider quarter than year, and revenue of phones is what its parts make it.
    """
    from model.evaluation.from_draws import of_result, open_names
    from model.xiaomi.business import XIAOMI

    known = XIAOMI.history(ROOT, 2026, dt.date(2026, 1, 15))
    made = model.simulate(base, draws=8192)
    held = {(f.outcome, f.period): f for f in of_result(made, open_names(made, XIAOMI, []), XIAOMI)}
    found = interval_width.widths(held, known, ("ev.deliveries", "2026"), 2026, XIAOMI).items
    ratio = {(one.outcome, one.period): one.ratio for one in found}
    price = "smartphones.revenue / smartphones.shipments"
    for outcome, period in (
        ("ev.deliveries", "2026Q1"), ("ev.deliveries", "2026"), ("smartphones.shipments", "2026Q1"), ("smartphones.shipments", "2026"),
        ("iot.revenue", "2026Q1"), ("iot.revenue", "2026"), ("internet.revenue", "2026Q1"), (price, "2026Q1"),
    ):  # fmt: skip
        assert 0.85 <= ratio[outcome, period] <= 1.15, (outcome, period)
    assert 0.75 <= ratio["internet.revenue", "2026"] <= 1.15
    assert 0.85 <= ratio[price, "2026"] <= 1.3


def test_the_second_edition_of_january_holds_both_first_quarters_and_is_as_wide_as_the_class(base):
    made = model.simulate(base, draws=16_384)
    for period, filed in (("2026Q1", 80_856), ("2026Q2", 104_199)):
        low, high = made.quantile("ev.deliveries", (0.1, 0.9), period).value
        assert low < filed < high, period
    low, high = made.quantile("ev.deliveries", (0.1, 0.9), "2026").value
    assert 2.0 <= high / low <= 2.15


def test_assumptions_that_ended_far_out_are_those_that_the_last_entry_learned(found):
    last = [e for e in found.entries if (e.folder / register.LEARNED).is_file()][-1]
    assert last.label == "2026-10-10/with_updates"
    assert found.ended
    assert all(not record.FAR <= one.percentile <= 1 - record.FAR for one in found.ended)
