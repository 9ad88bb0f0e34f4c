"""Bad input by the thousand: every file, scenario, sweep or option ends in a valid run or in a clear message.

250 cases by default; `make prove` looks at 10,000. A case is its number: `mutate(text, number)` gives it again.
"""

import csv
import io
import random
import re
import shutil
import signal
import time
import traceback
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from model.__main__ import app
from model.cli import run
from tests.conftest import ROOT
from tests.project.mutated import GARBAGE, NUMBERS, mutate

BLOCKS = 20  # of cases, so that several processes share them
LONGEST = 30  # seconds
OLD = "what was there before\n"
PATHS = re.findall(r"^\[([a-z0-9_.]+)\]", (ROOT / "assumptions.toml").read_text(), re.MULTILINE)
TEXT, PATH = "<text>", "<path>"
OPTIONS = (
    ("run", "--set", TEXT), ("run", "--draws", TEXT), ("run", "--seed", TEXT), ("run", "-s", TEXT), ("sweep", TEXT),
    ("sweep", f"{PATH}={TEXT}"), ("tornado", "--first-look", "--measure", TEXT), ("solve", TEXT, "--chance", "60%"),
    ("solve", PATH, "--chance", TEXT), ("figure", TEXT), ("show", TEXT), ("compare", TEXT), ("memo", "--format", TEXT), ("new", TEXT),
)  # fmt: skip


@contextmanager
def at_most(seconds):
    def late(*_):
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def called(arguments):
    """(exit code, output, errors) of the command, in this process; a traceback comes back as code 70."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with redirect_stdout(out), redirect_stderr(err), at_most(LONGEST):
        try:
            code = get_command(app).main(args=arguments, prog_name="model", standalone_mode=False) or 0
        except typer.Exit as left:
            code = left.exit_code
        except SystemExit as left:
            code = left.code
        except Exception as error:  # noqa: BLE001  whatever it is, it is the finding
            usage = type(error).__module__.startswith(("click", "typer"))
            code = 2 if usage else 70
            err.write(f"- {error.format_message()}" if usage else traceback.format_exc())
    return code, out.getvalue(), err.getvalue()


def judged(arguments, out: Path):
    """What is wrong with how a command ended; None where nothing is."""
    code, said, errors = called(arguments)
    if code == 0:
        for table in out.glob("**/*.csv"):
            for row in csv.reader(table.read_text(encoding="utf-8").splitlines()):
                for cell in row:
                    if cell.lower() in ("nan", "inf", "-inf"):
                        return f"{cell} in {table.name}: {row}"
        return "nan in the headline" if arguments[0] == "run" and re.search(r"\bnan\b", said) else None
    if code not in (1, 2):
        return f"exit {code}\n{errors[-1500:]}"
    if not errors.strip().startswith(("- ", "Usage", "Error")):
        return f"no message but: {errors[:300]!r}"
    left = {p.name: p.read_text() for p in out.glob("*") if p.is_file()}
    if left != {"results.csv": OLD}:
        return f"refused, and {out} was touched: {sorted(left)}"
    hidden = [p.name for p in out.glob(".new-*")]
    return f"left behind: {hidden}" if hidden else None


def case(folder, number):
    """One case: what is broken follows from its number. Returns what is wrong with how it ended."""
    rng = random.Random(f"case {number}")
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    (out / "results.csv").write_text(OLD)
    quick = ["--draws", "2048", "--no-figures", "--out", str(out)]
    kind = rng.choices(("base", "scenario", "sweep", "option"), (5, 3, 1, 2))[0]
    if kind == "option":
        text = rng.choice(
            (
                *NUMBERS,
                *GARBAGE,
                rng.choice(PATHS),
                f"{rng.choice(PATHS)}={rng.choice(NUMBERS)}",
                "ev.lines.yu7.orders.scale=0.5:2:3",
            )
        )
        text = mutate(text, number) if rng.random() < 0.5 else text
        arguments = [part.replace(PATH, rng.choice(PATHS)).replace(TEXT, text) for part in rng.choice(OPTIONS)]
        if "\0" in "".join(arguments):  # no shell could pass it
            return None
        if arguments[0] in ("tornado", "show", "compare", "new") or "--draws" in arguments:
            quick = ["--out", str(out)] if arguments[0] == "run" else []
        if arguments[0] in ("figure", "memo"):
            quick = ["--draws", "2048", "--out", str(out)]
        known = set(folder.glob("scenarios/*"))
        found = judged([*arguments[:1], *quick, *arguments[1:]], out)
        for new in set(folder.glob("scenarios/*")) - known:  # `model new` made it: each case stands alone
            new.unlink()
        return found and f"{arguments}: {found}"
    place = {
        "base": "assumptions.toml",
        "scenario": "scenarios/price_war.toml",
        "sweep": "scenarios/sweeps/memory_squeeze.toml",
    }[kind]
    if kind == "scenario":
        place = str(rng.choice(sorted((folder / "scenarios").glob("*.toml"))).relative_to(folder))
    file = folder / place
    whole = file.read_bytes()
    try:
        file.write_text(mutate(whole.decode(), number), encoding="utf-8", newline="")
        command = {"base": ["run"], "scenario": ["run", "-s", file.stem], "sweep": ["sweep", file.stem]}[kind]
        found = judged([*command, *quick], out)
        if found is None and kind == "base":
            code, _, errors = called(["check"])
            found = None if code in (0, 2) else f"check: exit {code}\n{errors[-1500:]}"
        return found and f"{place}: {found}"
    finally:
        file.write_bytes(whole)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_bad_input_ends_in_a_valid_run_or_a_clear_message(project, block, pytestconfig):
    cases = range(block, pytestconfig.getoption("cases"), BLOCKS)
    wrong = {number: found for number in cases if (found := case(project, number))}
    assert not wrong, "\n".join(f"case {n}: {found}" for n, found in wrong.items())


@pytest.mark.parametrize("number", [2606])
def test_what_a_long_run_found_stays_mended(project, number):
    """2606: an upper bound of 1e308 let numpy's warning out of the look at what cannot be negative."""
    assert case(project, number) is None


def test_the_cases_are_neither_all_valid_nor_all_refused(project):
    kept = (project / "assumptions.toml").read_text()
    codes = []
    for number in range(24):
        (project / "assumptions.toml").write_text(mutate(kept, number), newline="")
        codes.append(called(["check"])[0])
    assert 3 <= codes.count(0) <= 21
    assert set(codes) == {0, 2}


def test_a_traceback_would_be_found(project, monkeypatch):

    monkeypatch.setattr(run, "_check_draws_out", lambda _: 1 / 0)
    out = project / "out"
    out.mkdir()
    (out / "results.csv").write_text(OLD)
    assert "ZeroDivisionError" in judged(["run", "--out", str(out)], out)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_in_a_table_would_be_found(project, number):
    out = project / "out"
    out.mkdir()
    (out / "table.csv").write_text(f"x,y\n1,{number}\n")
    assert f"{number} in table.csv" in judged(["check"], out)


def test_a_hang_would_be_found():
    with pytest.raises(TimeoutError), at_most(1):
        time.sleep(5)
