"""Files are data: nothing in them runs code, starts a program, or reads or writes outside its folders."""

import ast
import re
import subprocess

import pytest

from model import InputError, load
from model.assumptions import snapshot
from model.reporting.figures import drawing as figures
from model.studies import sweep_file
from tests.cli.test_commands import run
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "model").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_source_evaluates_text_or_unpickles(path):
    tree = ast.parse(path.read_text())
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not called & {"eval", "exec", "compile"}
    imported = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not imported & {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"}
    if "subprocess" in imported:  # git alone, without a shell
        assert path.name == "snapshot.py"
        assert "shell=" not in path.read_text()


@pytest.mark.parametrize(
    "line",
    [
        "backend: module://evil",
        "text.usetex: True",
        "savefig.directory: /",
        "animation.ffmpeg_path: /bin/evil",
        "pgf.preamble: x",
    ],
)
def test_a_style_can_change_looks_alone(tmp_path, line):
    style = tmp_path / "x.mplstyle"
    style.write_text(f"font.size: 9\n{line}\n")
    with pytest.raises(InputError, match="not how a figure looks"):
        figures.lay_over(style)
    style.write_text("font.size: 9\n")
    figures.lay_over(style)
    figures.lay_over(None)


def test_a_style_runs_nothing(tmp_path):
    style = tmp_path / "x.mplstyle"
    style.write_text(f"axes.prop_cycle: cycler('color', [__import__('os').system('touch {tmp_path}/ran')])\n")
    with pytest.raises(InputError):
        figures.lay_over(style)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "..", "a/b"])
def test_a_scenario_or_sweep_by_name_lies_in_its_folder(project, name):
    secrets = [
        project.parent / "secret.toml",
        project / "secret.toml",
    ]  # two folders above scenarios/ and scenarios/sweeps/
    for secret in secrets:
        secret.write_text("password = 1 = 2\n")  # a message would quote the line
    for arguments in (("run", "-s", name), ("sweep", name), ("compare", name), ("new", name)):
        done = run(*arguments)
        assert done.returncode == 2
        assert "password" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    for secret in secrets:
        secret.unlink()


@pytest.mark.parametrize("name", ["../price_war", "/elsewhere/x.toml", "price_war.toml"])
def test_a_sweep_file_names_scenarios_of_the_folder_alone(project, name):
    file = project / "scenarios" / "sweeps" / "memory_squeeze.toml"
    file.write_text(
        re.sub(r"(?m)^scenario\s*=.*$", "", file.read_text()).replace("[sweep]", f'[sweep]\nscenario = ["{name}"]', 1)
    )
    with pytest.raises(InputError, match="not a name"):
        sweep_file.read(project, "memory_squeeze")


def test_a_revision_that_is_an_option_is_refused(project):
    with pytest.raises(InputError, match="is no revision"):
        snapshot.of_revision(project / "assumptions.toml", "--output=stolen")
    assert not list(project.glob("*stolen*"))


@pytest.mark.parametrize("label", ["=HYPERLINK(1)", "+1+1", "@SUM(A1)"])
def test_a_label_cannot_be_a_formula_of_a_spreadsheet(project, label):
    file = project / "assumptions.toml"
    file.write_text(
        file.read_text().replace('label    = "YU7: firm orders in a normal month"', f'label    = "{label}"')
    )
    with pytest.raises(InputError, match="would take it for a formula"):
        load(file, as_of="base")


def test_text_of_files_is_text_in_the_page_and_the_workbook(project):
    import openpyxl

    file = project / "scenarios" / "price_war.toml"
    text = file.read_text()
    story = "</p><script>alert(1)</script> [x](javascript:1)"
    file.write_text(re.sub(r"(?m)^story = .*$", f'story = "{story}"', text).replace('why = "', 'why = "=1+1 ', 1))
    assert run("memo", "-s", "price_war", "--draws", "2048", "--format", "html,md,xlsx", "--out", "m").returncode == 0
    page = (project / "m" / "memo.html").read_text()
    assert page.count("<script") == 2
    assert "&lt;script&gt;alert(1)" in page
    assert "Content-Security-Policy" in page
    assert "<script>" not in (project / "m" / "memo.md").read_text().replace("\\<script", "")
    book = openpyxl.load_workbook(project / "m" / "memo.xlsx")
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_outputs_stay_in_their_folder(project):
    before = {p for p in project.rglob("*") if p.is_file()}
    assert run("run", "--draws", "2048", "--out", "here").returncode == 0
    assert run("sweep", "memory_squeeze", "--draws", "2048", "--no-figures", "--out", "here").returncode == 0
    made = {p.relative_to(project).parts[0] for p in project.rglob("*") if p.is_file() and p not in before}
    assert made == {"here", ".cache"}


def test_dependencies_are_locked_with_hashes_and_without_addresses():
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"(?m)^[a-zA-Z0-9_.-]+==\S+ \\", lock)
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "://" not in lock
    assert "--index" not in lock
    done = subprocess.run(
        ["git", "grep", "-nE", "pypi\\.|index-url|extra-index"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert [
        line for line in done.stdout.splitlines() if not line.startswith(("Makefile", "tests/project/test_security.py"))
    ] == []
