"""Neither the terminal, nor its settings, nor odd files end a command with a traceback or a hang."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODEL = [sys.executable, "-m", "model"]
FULL = Path("/dev/full")
QUICK = ("--draws", "2048", "--no-figures")


def run(folder, *args, env=None, **kwargs):
    kwargs = {"capture_output": True, "text": True, "timeout": 60} | kwargs
    return subprocess.run([*MODEL, *args], cwd=folder, check=False, env={**os.environ, **(env or {})}, **kwargs)


def test_an_ascii_terminal_gets_plain_text(project):
    done = run(project, "run", *QUICK, env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert done.returncode == 0, done.stderr
    assert "21.9% +- 0.5 pp" in done.stdout
    assert done.stdout.isascii()


def test_a_backend_that_matplotlib_does_not_know_is_no_matter(project):
    done = run(project, "figure", "deliveries", "--draws", "2048", "--format", "png", env={"MPLBACKEND": "nonsense"})
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_a_full_standard_output_is_said(project):
    with FULL.open("w") as full:
        done = run(project, "run", *QUICK, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.endswith("- standard output cannot be written: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of Unix")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p.symlink_to(p.name), "Too many levels of symbolic links"),
        (os.mkfifo, "it is a pipe or a device, not a file"),
        (lambda p: p.symlink_to("/dev/zero"), "it is a pipe or a device, not a file"),
        (lambda p: p.mkdir(), "Is a directory"),
    ],
)
def test_a_base_file_that_is_no_file_is_refused(tmp_path, make, words):
    make(tmp_path / "assumptions.toml")
    done = run(tmp_path, "check")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_twenty_thousand_assumptions_that_are_not_used_are_said_at_once(project):
    one = '\n[extra.a{n}]\nlabel="x"\nunit="share"\nvalue=1.0\nevidence="judgement"\nsource="-"\nwhy="-"\n'
    file = project / "assumptions.toml"
    file.write_text(file.read_text() + "".join(one.format(n=n) for n in range(20_000)))
    done = run(project, "check", timeout=20)
    assert done.returncode == 2
    assert done.stderr.endswith("- and 19,950 more\n")


def test_control_characters_are_refused_where_they_are_read_and_hidden_ones_are_shown(project):
    file = project / "assumptions.toml"
    sound = file.read_text()
    file.write_text(sound.replace('label    = "YU7: firm', 'label    = "YU7\\u0000: firm'))
    done = run(project, "check")
    assert "ev.lines.yu7.orders: label holds U+0000, which is not text" in done.stderr
    file.write_text(sound.replace('why      = "1 April', 'why      = "\\u202E1 April'))
    done = run(project, "show", "ev.lines.su7.start")
    assert "<U+202E>1 April 2024" in done.stdout


def test_a_scenario_that_is_given_twice_is_refused(project):
    done = run(project, "run", *QUICK, "-s", "bear", "-s", "bear")
    assert done.returncode == 2
    assert "scenario 'bear' is given twice" in done.stderr


def test_the_version_is_said():
    done = run(".", "--version")
    assert done.stdout.startswith("xiaomi-scenario-model ")


def test_the_old_name_of_the_tornado_says_the_new_one(project):
    done = run(project, "swings", "-s", "bear", "--measure", "ev.mix")
    assert done.returncode == 2
    assert "`swings` is called `tornado` now" in done.stderr


def test_a_run_that_keeps_some_outcomes_writes_those_alone(project):
    done = run(project, "run", "--draws", "2048", "--outcomes", "group.revenue")
    assert done.returncode == 0, done.stderr
    table = (project / "figures" / "results.csv").read_text()
    assert {line.split(",")[1] for line in table.splitlines()[1:]} == {"ev.deliveries", "group.revenue"}
    assert not list((project / "figures").glob("*.png"))


@pytest.mark.parametrize(
    ("closed", "code", "said"),
    [
        (">&-", 2, "standard output is closed"),
        ("2>&-", 0, ""),
        (">&- 2>&-", 2, ""),
        ("> /dev/full", 2, "standard output cannot be written"),
    ],
)
def test_closed_and_full_streams_are_named_for_what_they_are(project, closed, code, said):
    command = f"{sys.executable} -m model check {closed}"
    done = subprocess.run(command, shell=True, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    if code == 0:
        assert "All is well." in done.stdout


def test_a_folder_that_is_gone_is_not_said_to_be_standard_output(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && {sys.executable} -m model check"
    done = subprocess.run(
        command, shell=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.endswith("- the current folder is not there any more\n")


def test_an_error_of_a_file_names_the_file():
    code = "from model.cli.terminal import safe\nwith safe(): raise PermissionError(13, 'Permission denied', '/somewhere/register')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("- /somewhere/register: cannot be read or written: Permission denied\n")


def test_what_cannot_be_kept_is_said_and_the_answer_stays(today):
    shutil.rmtree(today / ".cache")
    (today / ".cache").write_text("a file in the place of the folder")
    done = run(today, "run", "--as-of", "2026-02-05", "--draws", "2048", "--no-figures")
    assert done.returncode == 0
    assert "P(" in done.stdout
    assert "is not kept for the next time" in done.stderr
