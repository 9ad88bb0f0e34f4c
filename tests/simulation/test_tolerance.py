"""Stopping at a tolerance: what is stated holds, at no more than 1.5 times the draws that would have done."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import model
from benchmarks.tolerance import held, known
from model.__main__ import app
from model.errors import InputError
from model.simulation.measures import Bound, Measure
from model.simulation.tolerance import FLOOR, Tolerance, within

CASES = {case.name: case for case in known()}


@pytest.mark.parametrize(
    ("text", "size", "kind"),
    [("0.1pp", 0.001, "pp"), ("0.05%", 0.0005, "%"), ("500", 500, ""), ("1_000", 1000, ""), (" 2e-3 ", 0.002, ""), (".5 pp", 0.005, "pp")],
)  # fmt: skip
def test_a_tolerance_is_points_of_a_share_or_a_part_of_the_value_or_a_number(text, size, kind):
    assert Tolerance.named(text) == Tolerance(pytest.approx(size), kind)


@pytest.mark.parametrize("text", ["", "0", "0%", "-1", "0,1pp", "1 apple", "nan", "inf", "1pp pp", "%"])
def test_what_is_no_tolerance_is_said(text):
    with pytest.raises(InputError) as refused:
        Tolerance.named(text)
    assert "is no tolerance. 0.1pp of a chance or share" in str(refused.value)


def test_the_error_is_half_of_a_95_percent_interval():
    assert Tolerance.named("0.1pp").error(Measure(0.4, 0.001), "share") == pytest.approx(0.00196)
    assert Tolerance.named("1%").error(Measure(-200.0, 1.0), "RMB bn") == pytest.approx(0.0098)
    assert Tolerance.named("1pp").error(Bound(0.0, 0.003), "share") == 0.003  # it is one already
    with pytest.raises(InputError) as refused:
        Tolerance.named("1pp").error(Measure(1.0, 1.0), "vehicle")
    assert "percentage points of what is in vehicle" in str(refused.value)


def test_a_bare_number_of_a_share_is_refused_since_it_could_be_points():
    with pytest.raises(InputError) as refused:
        Tolerance.named("0.1").error(Measure(0.4, 0.001), "share")
    assert "--tolerance: 0.1 of a chance or share could be either. Write 0.1pp (points) or 0.1% (of the value)" in str(
        refused.value
    )


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [("500", 12345.0, "12,000"), ("0.1pp", 0.00087, "0.087 pp"), ("1%", 0.0096, "0.96%"), ("2e-3", 0.00021, "0.00021")],
)
def test_an_error_is_said_in_the_words_of_its_tolerance(text, error, said):
    assert Tolerance.named(text).said(error) == said


def test_draws_are_doubled_until_the_largest_error_is_within_and_no_further():
    asked = []

    def ask(draws):
        asked.append(draws)
        return draws, [(Measure(1.0, 0.0), "1"), (Measure(1.0, 1000 / draws / 1.96), "1")]

    met = within(Tolerance(0.04), ask)
    assert asked == [FLOOR, 2 * FLOOR, 4 * FLOOR] == [8192, 16_384, 32_768]
    assert (met.found, met.draws) == (32_768, 32_768)
    assert met.lines() == ["Within 0.04 with 95% confidence: 32,768 draws, largest error 0.031"]


def test_what_cannot_be_had_is_said_at_once():
    asked = []

    def ask(draws):
        asked.append(draws)
        return draws, [(Measure(0.4, 0.01), "share")]

    with pytest.raises(InputError) as refused:
        within(Tolerance.named("0.01pp"), ask)
    assert asked == [8192]
    assert "0.01 pp cannot be had: 8,192 draws have an error of 2 pp" in str(refused.value)


@pytest.mark.parametrize("name", ["Keister, d = 1", "Keister, d = 2", "chance, 2 inputs"])
def test_the_stated_tolerance_holds_in_93_percent_of_500_seeds_at_1_5_times_the_draws_at_most(name):
    holds, ratio, _ = held(CASES[name], seeds=500, largest=65_536)
    assert holds >= 0.93
    assert ratio <= 1.5


def test_a_measure_is_that_of_a_run_of_as_many_draws(base):
    met = model.within(base, "0.2%", "ev.deliveries:p90")
    result = model.simulate(base, draws=met.draws)
    assert met.found == result.quantile("ev.deliveries", 0.9)
    assert met.error == pytest.approx(1.96 * met.found.error / met.found.value)
    assert met.error <= 0.002


@pytest.mark.parametrize("ask", ["sweep", "tornado", "solve"])
def test_every_number_of_a_study_is_within_the_tolerance(base, ask):
    questions = {
        "sweep": lambda study: model.sweep(study, "ev.lines.yu7.orders=14_000:20_000:3", measures=["chance", "ev.mix"]),
        "tornado": model.tornado,
        "solve": lambda study: model.solve(study, "ev.lines.yu7.orders"),
    }
    met = model.within(base, "1.2pp", questions[ask])
    errors = [1.96 * found.error for found, _ in met.found.measures]
    assert max(errors) == pytest.approx(met.error)
    assert met.error <= 0.012
    assert len(errors) == (6 if ask == "sweep" else 2 if ask == "solve" else 3 * len(met.found.items))


def test_a_chance_that_a_run_would_not_give_as_sharply_is_taken_by_preintegration(base):
    near, sharp = model.within(base, "0.6pp"), model.within(base, "0.1pp")
    assert (near.apart, sharp.apart) == (False, True)
    assert near.found == model.simulate(base, draws=near.draws).chance()
    assert sharp.found == model.chance(base, draws=sharp.draws)
    assert 1.96 * sharp.found.error <= 0.001
    took = f"{sharp.draws:,} draws of its own, by preintegration, largest error {100 * sharp.error:.2g} pp"
    assert sharp.lines() == [f"Within 0.1 pp with 95% confidence: {took}"]
    assert abs(sharp.found.value - near.found.value) <= 3 * near.found.error
    counted = model.simulate(base, draws=sharp.draws, outcomes=["ev.deliveries"]).chance()
    assert counted.error > 2 * sharp.found.error


def test_a_sharper_chance_takes_the_place_of_the_counted_one_until_a_view_moves_the_draws(base, tmp_path):
    sharper = Measure(0.3993, 0.0002)
    done = model.run(base, tmp_path / "out", figures=(), draws=2048, sharper=sharper)
    assert done.result.chance() == sharper
    assert done.numbers["headline"]["chance"] == [0.3993, 0.0002]
    said = "39.93% ± 0.02 pp simulation error, by preintegration   (a miss: 60.1%)"
    assert any(line.endswith(said) for line in done.lines)
    rows = csv.DictReader((tmp_path / "out" / "results.csv").read_text().splitlines())
    row = next(row for row in rows if row["statistic"] == "chance")
    assert (float(row["value"]), float(row["error"])) == sharper
    counted = model.simulate(base, draws=2048).chance()
    assert done.result.chance("ev.deliveries", 550_000.0) == counted
    assert done.result.with_weights(np.ones(done.result.draws)).chance().value == pytest.approx(counted.value)


def test_as_json_the_measure_that_was_asked_is_there_with_its_error(project):
    done = CliRunner().invoke(app, ["run", "--no-figures", "--json", "--tolerance", "ev.gross_margin>=0.25=0.1pp"])
    ((name, (value, error)),) = json.loads(done.stdout)["asked"].items()
    assert name == "ev.gross_margin@2026>=0.25"
    assert abs(value - 0.05647) < 0.001
    assert 0 < 1.96 * error <= 0.001


def test_given_reports_there_are_no_more_draws_to_have(root):
    a = model.load(root / "assumptions.toml", as_of="2026-02-05")
    with pytest.raises(InputError) as refused:
        model.within(a, "1pp")
    assert "are not extended" in str(refused.value)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["run", "--no-figures", "--tolerance", "ev.deliveries:mean=0.1%"], "Within 0.1% with 95% confidence: 16,384 draws"),
        (["run", "--no-figures", "--tolerance", "0.2pp"], " draws of its own, by preintegration, largest error "),
        (["run", "--no-figures", "--tolerance", "ev.gross_margin>=0.25=0.1pp"], "P(ev.gross_margin >= 0.25 in 2026)   5.56% ± 0.04 pp"),
        (["run", "--no-figures", "--tolerance", "ev.gross_margin>=0.25=0.5pp"], "P(ev.gross_margin >= 0.25 in 2026)   "),
        (["run", "--no-figures", "--tolerance", "ev.deliveries:p90=0.5%"], "P90 of ev.deliveries in 2026   606,000 ± "),
        (["run", "--no-figures", "--tolerance", "ev.deliveries>=550_000=0.1pp"], "22.98% ± 0.05 pp simulation error, by preintegration"),
        (["run", "--no-figures", "--tolerance", "0.1"], "0.1 of a chance or share could be either. Write 0.1pp (points) or 0.1% (of the value)"),
        (["sweep", "ev.lines.yu7.orders=14_000:20_000:3", "--tolerance", "0.6pp"], "Within 0.6 pp with 95% confidence: "),
        (["run", "--no-figures", "--tolerance", "1pp", "--draws", "9"], "Leave --draws out"),
        (["memo", "--tolerance", "1pp"], "is for run, tornado, sweep and solve"),
        (["tornado", "--tolerance", "ev.mix=1pp"], "is no tolerance"),
    ],
)  # fmt: skip
def test_the_command_line_takes_as_many_draws_as_it_needs_and_says_so(project, command, words):
    done = CliRunner().invoke(app, command)
    assert words in done.output
    if done.exit_code == 0 and command[0] == "run":
        rows = csv.DictReader((project / "figures" / "results.csv").read_text().splitlines())
        assert any(row["outcome"] == "ev.deliveries" for row in rows)
