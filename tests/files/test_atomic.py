"""Files whole or not at all."""

import os
import signal
import subprocess
import sys
import time

import pytest

from model import InputError
from model.files.atomic import staged
from model.reporting.manifest import manifest, read_manifest


def test_files_appear_only_when_all_is_done(tmp_path):
    with staged(tmp_path) as stage:
        (stage / "a.txt").write_text("new")
        assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_an_error_on_the_way_leaves_the_old_files(tmp_path):
    (tmp_path / "a.txt").write_text("old")

    def fail():
        with staged(tmp_path) as stage:
            (stage / "a.txt").write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match="cannot be written"), staged(tmp_path / "a"):
        pass


@pytest.mark.parametrize("delay", [0.3, 0.6, 0.9, 1.2, 1.6])
def test_a_run_killed_at_any_moment_leaves_the_old_table_or_the_new_one(project, delay):
    args = [sys.executable, "-m", "model", "run", "--no-figures", "--draws", "2048"]
    subprocess.run(args, check=True, capture_output=True)
    table = project / "figures" / "results.csv"
    old = table.read_bytes()
    done = subprocess.Popen([*args, "--set", "ev.book.ready=0.6"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    new_folder = project / "figures" / "base+set"
    time.sleep(delay)
    os.kill(done.pid, signal.SIGKILL)
    done.wait()
    assert table.read_bytes() == old
    assert not (new_folder / "results.csv").exists() or (new_folder / "results.csv").read_bytes().count(
        b"\n"
    ) == old.count(b"\n")
    assert subprocess.run(args, check=False, capture_output=True).returncode == 0


def test_a_broken_manifest_is_no_manifest(tmp_path):
    assert read_manifest(tmp_path) is None
    for text in ("", "{", "[]", '{"inputs": {}}', "\x00"):
        (tmp_path / "manifest.json").write_text(text)
        assert read_manifest(tmp_path) is None


def test_the_manifest_in_figures_has_no_clock(base):
    assert set(manifest(base, 2048, 1)) == {"scenario", "assumptions", "as_of", "draws", "seed", "model"}
