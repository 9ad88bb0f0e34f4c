"""The reference classes of Xiaomi: rules worked by hand, numbers of the reference, held against makers that are left out."""

import csv
import json
import re
import statistics

import numpy as np
import pytest

import model
from model import InputError
from model.simulation.outside_view import classes_of, outside_view
from model.simulation.reference_class import leave_one_out
from model.xiaomi.business import XIAOMI
from model.xiaomi.data import history, reference_classes
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def classes(base):
    return {each.name: each for each in classes_of(base, XIAOMI)}


@pytest.fixture(scope="module")
def view(base):
    return outside_view(model.simulate(base))


def chances(view, name):
    return {row[1]: row[2] for row in view.table().rows if row[0] == name}


def test_the_first_class_is_that_of_the_reference(classes):
    """37 first targets: median ratio .868, mean logarithm -.196, its sd .399; 12 were met (by hand, from the file)."""
    ratios = np.sort(classes["first_targets"].cases) / 550_000
    assert len(ratios) == 37
    assert statistics.median(ratios) == pytest.approx(0.868, abs=5e-4)
    assert classes["first_targets"].log_mean - np.log(550_000) == pytest.approx(-0.196, abs=5e-4)
    assert classes["first_targets"].log_sd == pytest.approx(0.399, abs=5e-4)
    assert (ratios >= 1).sum() == 12


def test_the_base_rate_is_the_same_class_without_makers_of_all_kinds_of_cars(classes):
    others = [label for label in classes["first_targets"].labels if label[:-5] in history.NOT_EV_MAKERS]
    assert len(others) == 5
    assert len(classes["first_targets"].cases) - len(others) == history.base_rate(ROOT).number


@pytest.mark.parametrize(("weight", "expected"), [(0.0, 0.229), (0.25, 0.232), (0.5, 0.243), (1.0, 0.312)])
def test_the_chance_at_each_weight_is_that_of_the_reference(view, weight, expected):
    """Of 262,144 draws of two other seeds, which lie within .001 of each other."""
    assert chances(view, "first_targets")[weight] == pytest.approx(expected, abs=0.003)


@pytest.mark.parametrize(
    ("weight", "effective", "levels"), [(0.25, 0.987, (283.6, 449.2, 614.8)), (0.5, 0.913, (278, 445.5, 631.5))]
)
def test_spread_and_effective_draws_are_those_of_the_reference(view, weight, effective, levels):
    row = next(row for row in view.table().rows if row[:2] == ("first_targets", weight))
    assert [x / 1000 for x in row[4:7]] == pytest.approx(levels, abs=1.5)
    assert row[7] == pytest.approx(effective, abs=0.006)


def test_a_seventh_of_the_first_class_lies_outside_the_model(view):
    """14.6% in 262,144 draws of another seed; a quarter of it did before ranges were as wide as past errors."""
    low, high = (float(x) for x in view.result.quantile("ev.deliveries", (0.01, 0.99), "2026").value)
    first = view.classes[0]
    assert first.beyond(low, high) == pytest.approx(0.146, abs=0.006)
    assert "of 37 (15% of their lognormal) lie outside the model's P1 to P99" in view.lines()[0]


def test_the_headline_says_it_at_each_weight(view):
    first, second = view.lines()
    assert first.startswith(
        "Outside view (37 first yearly targets of car makers): at weight 0 / 0.25 / 0.5 / 1: 23 / 23 / 24 / 31%;"
    )
    assert second.startswith("Outside view (101 months of 4 EV makers of like size and growth): at weight 0 / ")


def test_xiaomis_own_state_by_hand():
    """48,654 + 46,249 + 50,212 in the last three months of 2025, at yearly rate 580,460; 411,824 in the twelve of the file."""
    own = reference_classes.own_state(ROOT, 2026)
    assert own.rate == 4 * (48_654 + 46_249 + 50_212) == 580_460
    assert own.growth == pytest.approx(580_460 / 411_824, rel=1e-12)


def test_nio_at_the_end_of_2024_by_hand():
    """20,976 + 20,575 + 31,138 in three months, at yearly rate 290,756; 221,970 in 2024, 326,028 in 2025."""
    found = [each for each in reference_classes.firm_months(ROOT, 2026) if each.firm == "NIO"]
    nio = next(each for each in found if each.month == 12 * 2024 + 11)
    assert nio.state.rate == 290_756
    assert nio.state.growth == pytest.approx(290_756 / 221_970, rel=1e-9)
    assert nio.ratio == pytest.approx(326_028 / 290_756, rel=1e-9)


def test_a_month_counts_where_twelve_before_and_twelve_after_are_there():
    """By brute force over the file: a maker's run of 24 months, all before 2026."""
    months = {}
    with (ROOT / "data" / "ev_peers_deliveries_monthly.csv").open() as file:
        for row in csv.DictReader(file):
            year, month = map(int, row["month"].split("-"))
            months.setdefault(row["firm"], set()).add(12 * year + month - 1)
    expected = {
        (firm, n)
        for firm, have in months.items()
        for n in have
        if all(n + k in have and n + k < 12 * 2026 for k in range(-11, 13))
    }
    assert {(each.firm, each.month) for each in reference_classes.firm_months(ROOT, 2026)} == expected
    assert len(expected) == 161


def test_nothing_after_the_year_began_is_looked_at():
    assert max(each.month + 12 for each in reference_classes.firm_months(ROOT, 2026)) < 12 * 2026
    assert max(each.month + 12 for each in reference_classes.firm_months(ROOT, 2024)) < 12 * 2024
    assert all(label[-4:] < "2026" for label in reference_classes.first_targets(ROOT, 2026, 1.0).labels)
    assert all(label[-4:] < "2025" for label in reference_classes.first_targets(ROOT, 2025, 1.0).labels)


def test_like_is_within_both_factors_and_the_same_either_way():
    one = reference_classes.MakerState(100.0, 1.0)
    for other, expected in (
        (reference_classes.MakerState(1000.0, 1.25), True),
        (reference_classes.MakerState(1001.0, 1.0), False),
        (reference_classes.MakerState(100.0, 1.26), False),
        (reference_classes.MakerState(100.0, 0.8), True),
    ):
        assert one.like(other) == other.like(one) == expected


def test_left_out_one_maker_at_a_time_the_intervals_cover_what_they_say(classes):
    """80% intervals of the other makers hold 75% to 85% of the cases."""
    found = leave_one_out(classes["like_state"], 0.8)
    inside, number = (sum(each[n] for each in found.values()) for n in (0, 1))
    assert set(found) == {"BYD", "Li Auto", "NIO", "XPeng"}
    assert 0.75 <= inside / number <= 0.85


@pytest.mark.parametrize("size", [8.0, 10.0, 12.0])
@pytest.mark.parametrize("growth", [1.2, 1.25, 1.3, 1.5])
def test_the_coverage_does_not_hang_on_the_rule(monkeypatch, size, growth):
    monkeypatch.setattr(reference_classes, "SIZE", size)
    monkeypatch.setattr(reference_classes, "GROWTH", growth)
    found = leave_one_out(reference_classes.like_state(ROOT, 2026), 0.8)
    assert 0.75 <= sum(k for k, _ in found.values()) / sum(n for _, n in found.values()) <= 0.85


def test_first_targets_left_out_one_at_a_time_are_covered(classes):
    found = leave_one_out(classes["first_targets"], 0.8)
    assert 0.75 <= sum(k for k, _ in found.values()) / 37 <= 0.85


def test_another_target_than_the_years_deliveries_has_no_class(base):
    monthly = base.replace(target=base.target.model_copy(update={"period": "2026-12"}))
    assert classes_of(monthly, XIAOMI) == []


def test_no_history_no_class(project):
    """Without peers there is no like state; a run goes on with the first class alone."""
    path = project / "data" / "ev_peers_deliveries_monthly.csv"
    path.write_text("firm,month,vehicles,basis,source\nNIO,2025-01,13863,reported,-\n")
    assert [each.name for each in classes_of(model.load(as_of="base"), XIAOMI)] == ["first_targets"]
    path.write_text("firm,month,vehicles,basis,source\nNIO,2025-13,13863,reported,-\n")
    with pytest.raises(InputError, match=r"ev_peers_deliveries_monthly\.csv, line 2: month is '2025-13'"):
        model.check()


def test_the_page_shows_the_numbers_of_today(view, classes):
    shown = (ROOT / "docs" / "outside.md").read_text()
    for _, weight, chance, _, p10, p50, p90, kept in view.table().rows:
        levels = " | ".join(f"{level / 1000:.0f}" for level in (p10, p50, p90))
        assert f"| {weight:g} | {100 * chance:.1f}% | {levels} | {kept:.0%} |" in shown
    for maker, (inside, number) in leave_one_out(classes["like_state"]).items():
        assert re.search(rf"(?m)^\| {maker} \| {number} \| .* \| {inside} \|$", shown)


OUTSIDE = '[outside]\nclass = "{name}"\nrule = "r"\ncases = {cases}\nweight = {weight}\nsource = "s"\nwhy = "{why}"\n'


def with_outside(project, text):
    """The project's base file with another [outside] table."""
    path = project / "assumptions.toml"
    before, _, rest = path.read_text().partition("[outside]\n")
    after = rest[rest.index("\n# ----") :]
    path.write_text(f"{before}{text}{after}")


def table(name="first_targets", cases=37, weight="0", why="w"):
    return OUTSIDE.format(name=name, cases=cases, weight=weight, why=why)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (table("first_target"), r"assumptions\.toml, line \d+: outside\.class: no reference class 'first_target'. Did you mean first_targets"),
        (table("zzz"), r"no reference class 'zzz'. Classes: first_targets, like_state"),
        (table(cases=36), r"assumptions\.toml, line \d+: outside\.cases: says 36 cases, the data has 37"),
        (table(cases=36.5), r"says 36.5 cases, the data has 37"),
        (table("like_state"), r"says 37 cases, the data has 101"),
        (table(cases=0), r"outside: cases is 0\.0\. How many cases"),
        (table(cases='"37"'), r"outside: cases is '37', not a number"),
        (table(weight="1.5"), r"assumptions\.toml, line \d+: outside: weight is 1\.5\. 0 leaves the model as it is"),
        (table(weight="-0.1"), r"outside: weight is -0\.1"),
        (table(weight="nan"), r"outside: weight is nan, not a finite number"),
        (table(weight='"half"'), r"outside: weight is 'half', not a number"),
        (table(weight="true"), r"outside: weight is True, not a number"),
        (table(why=""), r"outside: why is empty"),
        (table() + "wieght = 1\n", r"outside: unknown key 'wieght'. Did you mean weight"),
        ('[outside]\nclass = "first_targets"\n', r"has no source"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_is_refused_in_words(project, text, said):
    with_outside(project, text)
    with pytest.raises(InputError, match=said):
        model.load(as_of="base")


def test_all_that_is_wrong_is_said_at_once(project):
    with_outside(project, table(cases=-1, weight="2"))
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("p50      = 17_500", 'p50      = "17_500"'))
    with pytest.raises(InputError) as caught:
        model.load(as_of="base")
    said = str(caught.value)
    assert all(part in said for part in ("cases is -1.0", "weight is 2.0", "ev.lines.yu7.orders"))


def test_a_scenario_cannot_change_it(project):
    path = project / "scenarios" / "bear.toml"
    path.write_text(f"{path.read_text()}\n{table(weight='0.5')}")
    with pytest.raises(InputError, match=r"a scenario cannot change \[outside\]"):
        model.load(scenarios=["bear"], as_of="base")


def test_another_target_needs_no_other_table_while_the_weight_is_nought(project):
    path = project / "assumptions.toml"
    held = path.read_text().replace('outcome  = "ev.deliveries"', 'outcome  = "ev.revenue"').replace('unit     = "vehicle"', 'unit     = "RMB bn"', 1)  # fmt: skip
    path.write_text(held.replace("value    = 550_000", "value    = 130", 1))
    assert not any(line.startswith("Outside") for line in model.outside(model.load(as_of="base"), draws=2048).lines())
    with_outside(project, table(weight="0.5"))
    with pytest.raises(InputError, match=r"no reference class .first_targets.\. Classes: none for this target"):
        model.load(as_of="base")


def test_a_file_without_the_table_gives_the_same_numbers(project):
    kept = model.run(model.load(as_of="base"), project / "one", figures=(), draws=2048)
    with_outside(project, "")
    gone = model.run(model.load(as_of="base"), project / "two", figures=(), draws=2048)
    assert gone.result.assumptions.outside is None
    assert kept.headline == gone.headline
    assert (project / "one" / "results.csv").read_bytes() == (project / "two" / "results.csv").read_bytes()


def test_a_run_with_a_weight_says_so_everywhere(project):
    model.run(model.load(as_of="base"), project / "out", figures=(), draws=8192)
    with_outside(project, table(weight="0.5"))
    done = model.run(model.load(as_of="base"), project / "out", figures=("deliveries",), draws=8192)
    said = "\n".join(done.lines)
    assert "With the outside view first_targets at weight 0.5: 91% of the draws effective; 8% of the class lies" in said
    assert "outside.weight: (not there) -> 0.5" in said
    assert re.search(r"P\(target\): (22|23)\.\d+% -> 24\.\d+%", said)
    held = json.loads((project / "out" / "manifest.json").read_text())
    assert held["outside"] == {"outside.class": "first_targets", "outside.weight": 0.5}
    assert held["headline"]["chance"][0] == pytest.approx(0.243, abs=0.005)
    rows = list(csv.DictReader((project / "out" / "results.csv").read_text().splitlines()))
    chance = next(row for row in rows if row["statistic"] == "chance")
    assert float(chance["value"]) == pytest.approx(held["headline"]["chance"][0], rel=1e-6)
    assert "outside view first_targets at weight 0.5" in (project / "out" / "deliveries.svg").read_text()
    assert model.verify(project / "out" / "deliveries.png").holds
    with_outside(project, table())
    answer = model.verify(project / "out" / "deliveries.png")
    assert not answer.holds
    assert "  changed since: outside: first_targets at weight 0.5 -> none" in answer.lines


def test_a_scenario_is_set_against_a_base_case_that_is_pooled_too(project):
    with_outside(project, table(weight="0.5"))
    done = model.run(model.load(scenarios=["price_war"], as_of="base"), project / "out", figures=(), draws=8192)
    assert any(line.startswith("  P(target): 24") for line in done.moved)


def test_the_command_prints_the_classes_with_their_rules_and_the_check(project, capsys):
    from typer.testing import CliRunner

    from model.__main__ import app

    done = CliRunner().invoke(app, ["outside", "--draws", "2048"])
    assert done.exit_code == 0
    for part in ("Outside view (37", "first_targets   37", "rule     first-announced", "XPeng", "80% interval"):
        assert part in done.output


def test_a_file_of_data_is_read_anew_where_it_has_changed(project):
    path = project / "data" / "ev_targets.csv"
    before = reference_classes.first_targets(project, 2026, 1.0)
    path.write_text(path.read_text() + "Another,2025,initial,100,2025-01,80,0.8,-\n")
    assert len(reference_classes.first_targets(project, 2026, 1.0).cases) == len(before.cases) + 1
