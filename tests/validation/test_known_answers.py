"""The reference cases, one table: known answers against what the public interface gives."""

import numpy as np
import pytest
from scipy import integrate, stats

from model.simulation.measures import Measure
from model.validation import known_answers
from model.validation.known_answers import Check
from tests.cli.test_commands import run

TABLE = [(row["case"], row["quantity"]) for row in known_answers.table()]


@pytest.fixture(scope="module")
def found():
    return {(check.case, check.quantity): check for check in known_answers.checks()}


@pytest.mark.parametrize(("case", "quantity"), TABLE)
def test_a_known_answer_is_found(case, quantity, found):
    check = found[case, quantity]
    assert check.holds, known_answers.lines([check])[1]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))])
def test_known_answers_are_found_under_other_luck(seed):
    assert [c.quantity for c in known_answers.checks(seed) if not c.holds] == []


def test_an_answer_that_is_wrong_or_vague_fails():
    def check(found):
        return Check("case", "x", 1.0, 3, "source", found)

    assert check(Measure(1.0004, 0.0)).holds
    assert not check(Measure(1.0006, 0.0)).holds
    assert check(Measure(1.005, 0.001)).holds
    assert not check(Measure(1.007, 0.001)).holds
    assert not check(Measure(1.0, 0.03)).holds


def test_every_case_of_the_table_is_computed_and_every_case_computed_stands_in_it():
    assert {case for case, _ in TABLE} == set(known_answers.CASES)
    assert len(set(TABLE)) == len(TABLE)


def test_the_expected_chance_of_the_beam_is_that_of_an_integral(found):
    spread = np.sqrt(np.log1p(0.1**2))
    centre = np.log(3e8) - spread**2 / 2
    area = np.pi * 0.02**2 / 4
    pull = stats.norm(75e3, 5e3)
    failing, _ = integrate.quad(
        lambda f: pull.pdf(f) * stats.norm.cdf((np.log(f / area) - centre) / spread),
        35e3,
        115e3,
        epsabs=1e-13,
        limit=200,
    )
    expected = found["axial_stressed_beam", "probability of failure"].expected
    assert failing == pytest.approx(expected, abs=1e-11)


def test_selftest_prints_the_table_and_ends_well():
    done = run("selftest")
    assert done.returncode == 0
    assert f"{len(TABLE)} of {len(TABLE)} numbers agree." in done.stdout
    assert "0.029198195" in done.stdout


def test_selftest_fails_where_a_number_differs(monkeypatch, capsys):
    import typer

    from model.cli import run as commands

    monkeypatch.setitem(
        known_answers.CASES,
        "order_statistics",
        lambda _: {"95/95, one side": Measure(58.0, 0.0), "95/95, two sides": Measure(93.0, 0.0)},
    )
    with pytest.raises(typer.Exit) as caught:
        commands.selftest()
    assert caught.value.exit_code == 1
    assert "DIFFERS: Wilks 1941" in capsys.readouterr().out
