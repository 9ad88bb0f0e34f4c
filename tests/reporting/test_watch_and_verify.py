"""On save the run is made again; a figure says whether it still holds; a user's style is laid over ours."""

import json
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from model import InputError, simulate
from model.reporting import verify
from model.reporting.figures import drawing as figures
from model.xiaomi.business import XIAOMI
from tests.cli.test_commands import QUICK, run


class Watching:
    """`model watch` in a process, its lines as they come."""

    def __init__(self, folder, *args):
        command = [sys.executable, "-m", "model", "watch", "--draws", "2048", *args]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines, self.read = [], 0
        self.thread = threading.Thread(target=lambda: self.lines.extend(iter(self._line, None)), daemon=True)
        self.thread.start()

    def _line(self):
        return self.process.stdout.readline() or None

    def until(self, words):
        """All lines up to one with these words."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for n in range(self.read, len(self.lines)):
                if words in self.lines[n]:
                    found, self.read = "".join(self.lines[self.read : n + 1]), n + 1
                    return found
            time.sleep(0.02)
        raise AssertionError("".join(self.lines))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=20)
        self.thread.join(timeout=20)
        self.process.stdout.close()
        return code


def test_a_save_reruns_and_an_error_leaves_the_last_good_outputs(project):
    watching = Watching(project, "--figures", "bottlenecks")
    try:
        text = watching.until("Waiting for the next save")
        assert "P(deliveries >= 550,000 in 2026)" in text
        figure, table = (project / "figures" / name for name in ("bottlenecks.png", "results.csv"))
        before, sound = figure.read_bytes(), (project / "assumptions.toml").read_text()
        time.sleep(0.5)  # the watch begins after the first run
        (project / "assumptions.toml").write_text(sound.replace("p50      = 17_500", "p50      = 21_000", 1))
        text = watching.until("Waiting for the next save")
        assert "ev.lines.yu7.orders: p50 17,500 -> 21,000 vehicle/month" in text
        assert "P(target): " in text
        assert figure.read_bytes() != before
        good = table.read_bytes()
        (project / "assumptions.toml").write_text(sound.replace("p50      = 17_500", "p50      = oops", 1))
        text = watching.until("The last good outputs stay")
        assert "assumptions.toml, line " in text
        assert table.read_bytes() == good
        (project / "assumptions.toml").write_text(sound)
        assert "21,000 -> 17,500" in watching.until("Waiting for the next save")
    finally:
        code = watching.stop()
    assert code == 0
    assert "Traceback" not in "".join(watching.lines)


# --- verify --------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(project):
    assert run("figure", "bottlenecks", "--format", "png,svg,pdf", "--draws", "2048", "-s", "bear").returncode == 0
    return project / "figures" / "bear"


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_figure_holds_until_an_assumption_changes(drawn, project, kind):
    file = drawn / f"bottlenecks.{kind}"
    done = run("verify", str(file))
    assert done.returncode == 0, done.stderr
    assert "holds: a rerun draws the same data" in done.stdout
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("p50      = 0.56", "p50      = 0.57", 1))
    done = run("verify", str(file))
    assert done.returncode == 1
    assert "no longer holds: the assumptions have changed" in done.stdout
    assert re.search(r"changed since: \S+: .*0\.56 -> .*0\.57", done.stdout)
    assert "P(target): " in done.stdout


def test_a_figure_whose_history_changed_no_longer_holds(project):
    assert run("figure", "monthly", "--draws", "2048").returncode == 0
    assert run("verify", "figures/monthly.png").returncode == 0
    data = project / "data" / "xiaomi_ev_deliveries_monthly.csv"
    before = data.read_text()
    data.write_text(before.replace("2025-10,all,48654,", "2025-10,all,48655,"))
    assert data.read_text() != before
    done = run("verify", "figures/monthly.png")
    assert done.returncode == 1
    assert "draws other data" in done.stdout


def test_a_figure_of_a_study_holds_with_its_assumptions_and_code(project):
    assert run("tornado", "--draws", "2048").returncode == 0
    assert "holds: a rerun draws the same data" in run("verify", "figures/study/tornado.png").stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.png", b""),
        ("x.svg", b"<svg/>"),
        ("x.pdf", b"%PDF"),
        ("x.png", b"\x89PNG\r\n\x1a\n broken"),
        ("x.svg", b"<dc:description>{}</dc:description>"),
    ],
)
def test_what_is_no_figure_of_ours_is_said_to_be_none(tmp_path, root, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="carries no manifest of this model"):
        verify.verify(tmp_path / name, root / "assumptions.toml", XIAOMI)


def test_a_what_if_cannot_be_verified_and_a_missing_file_is_said(project):
    assert run("figure", "bottlenecks", "--draws", "2048", "--set", "ev.book.ready=0.6").returncode == 0
    (folder,) = (p for p in (project / "figures").iterdir() if p.is_dir())
    done = run("verify", str(folder / "bottlenecks.png"), "nowhere.png")
    assert done.returncode == 2
    assert "was made with --set" in done.stderr
    assert "nowhere.png: No such file" in done.stderr


# --- style ---------------------------------------------------------------------------------------------------


@pytest.fixture
def plain_style():
    yield
    figures.lay_over(None)


def test_a_users_style_is_laid_over_ours(project, base, plain_style):
    (project / "house.mplstyle").write_text("axes.facecolor: eeeeff\n")
    figures.lay_over(project / "house.mplstyle")
    figure = figures.draw("bottlenecks", simulate(base, draws=2048))
    assert figure.axes[0].get_facecolor()[:3] == pytest.approx((0xEE / 255, 0xEE / 255, 1.0))
    assert run("figure", "bottlenecks", "--style", "house.mplstyle", *QUICK[:2]).returncode == 0


@pytest.mark.parametrize("content", ["", "no.such.setting: 1\n", "axes.facecolor: not a colour\n", None])
def test_a_style_that_is_none_is_refused(tmp_path, content, plain_style):
    path = tmp_path / "bad.mplstyle"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=r"bad\.mplstyle"):
        figures.lay_over(path)


def test_the_manifest_in_a_figure_has_what_it_takes_to_run_it_again(drawn):
    carried = verify.carried(drawn / "bottlenecks.png")
    assert carried["figure"] == "bottlenecks"
    assert carried["scenario"] == "bear"
    assert len(carried["distributions"]) == 218
    assert json.dumps(carried)


def test_a_run_after_an_edit_names_the_figures_that_it_does_not_draw_again(project):
    quick = ("run", "--draws", "2048", "--no-figures")
    run(*quick)
    run("tornado", "--draws", "2048", "--format", "png")
    assert "study/tornado" not in run(*quick).stdout
    file = project / "assumptions.toml"
    file.write_text(file.read_text().replace("p50      = 17_500", "p50      = 18_500"))
    said = run(*quick).stdout
    assert "not drawn again by a run (`model verify` says what changed): study/tornado\n" in said
