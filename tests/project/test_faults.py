"""Faults: killed at any moment, a full disk, a folder that cannot be written, a spoilt cache, two at once, a jumping clock.

Whatever happens, every file that is found is whole, the next run works, and after it nothing is left of the broken one.
`make prove` kills each command 100 times; `make test` a few times.
"""

import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from model.errors import InputError
from model.files import atomic
from model.studies.cache import FILE

MODEL = [sys.executable, "-m", "model"]
COMMANDS = {
    "run": ["run", "--draws", "2048"],
    "sweep": ["sweep", "ev.lines.yu7.orders.p50=12_000:22_000:25", "--draws", "2048", "--format", "png"],
    "memo": ["memo", "--draws", "2048", "--format", "md,docx"],
}
OWN = {"manifest.json"}  # holds the clock


def state(folder):
    """Hash of every file a user would see; of a zip file, which has a clock inside, its content."""
    found = {}
    for path in sorted(
        p for p in folder.rglob("*") if p.is_file() and not any(part.startswith(".") for part in p.parts)
    ):
        if path.suffix == ".docx":
            with zipfile.ZipFile(path) as packed:
                assert packed.testzip() is None
                content = b"".join(packed.read(name) for name in sorted(packed.namelist()))
        else:
            content = path.read_bytes()
        if path.name not in OWN:
            found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


def finished(arguments, folder, **more):
    return subprocess.run(
        [*MODEL, *arguments, "--out", str(folder)], capture_output=True, text=True, check=False, **more
    )


def edit(project):
    file = project / "assumptions.toml"
    file.write_text(file.read_text().replace("p50      = 17_500", "p50      = 19_000"))


# The shortest stands for all in `make test`; the others are left to `make prove`.
EACH = ["run", *(pytest.param(name, marks=pytest.mark.slow) for name in COMMANDS if name != "run")]


@pytest.mark.parametrize("command", EACH)
def test_killed_at_any_moment_the_outputs_are_the_old_or_the_new_ones_whole(project, command, pytestconfig):
    arguments, out = COMMANDS[command], project / "out"
    assert finished(arguments, project / "old").returncode == 0
    old = state(project / "old")
    edit(project)
    started = time.monotonic()
    assert finished(arguments, project / "new").returncode == 0
    took = time.monotonic() - started
    new = state(project / "new")
    assert old.keys() == new.keys()
    assert old != new
    kills = pytestconfig.getoption("kills")
    rng = random.Random(command)
    ended = []
    for _ in range(kills if kills > 20 else -(-kills // len(COMMANDS))):
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(project / ".cache", ignore_errors=True)
        shutil.copytree(project / "old", out)
        running = subprocess.Popen(
            [*MODEL, *arguments, "--out", str(out)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(rng.uniform(0, 1.05 * took))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        now = state(out)
        assert now.keys() == old.keys()
        assert all(now[name] in (old[name], new[name]) for name in now)
        with atomic.staged(out):
            pass  # what any command that writes here does first
        ended.append(state(out))
        assert ended[-1] in (old, new)
        assert not list(out.glob(".*"))
    assert finished(arguments, out).returncode == 0
    assert state(out) == new
    if kills > 20:
        assert old in ended


def test_what_was_killed_while_it_moved_is_moved_on_by_the_next(tmp_path):
    script = (
        "import os, pathlib, sys\nfrom model.files import atomic\n"
        "moves = atomic._moves\n"
        "def two(stage, folder):\n"
        "    found = moves(stage, folder)\n"
        "    if stage.name.startswith('.done-'):\n"
        "        for path, place in found[:2]: path.replace(place)\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return found\n"
        "atomic._moves = two\n"
        "with atomic.staged(pathlib.Path(sys.argv[1])) as stage:\n"
        "    for name in 'abcd': (stage / name).write_text('new')\n"
    )
    for name in "abcd":
        (tmp_path / name).write_text("old")
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert [(tmp_path / name).read_text() for name in "abcd"] == ["new", "new", "old", "old"]
    with atomic.staged(tmp_path):
        pass
    assert [(tmp_path / name).read_text() for name in "abcd"] == ["new"] * 4
    assert sorted(p.name for p in tmp_path.iterdir()) == list("abcd")


def test_the_stage_of_a_living_process_and_of_another_machine_is_left_alone(tmp_path):
    (tmp_path / ".new-elsewhere-1-abc").mkdir()
    (tmp_path / f".new-{atomic._who()}-abc").mkdir()
    with atomic.staged(tmp_path):
        pass
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([".new-elsewhere-1-abc", f".new-{atomic._who()}-abc"])


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 600 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(place)], check=False).returncode
    ):
        pytest.skip("a small disk can be mounted by root alone")
    yield place
    subprocess.run(["umount", str(place)], check=False)


def test_a_full_disk_ends_in_a_message_and_leaves_the_old_outputs(project, small_disk):
    out = small_disk / "out"
    assert finished(["run", "--no-figures", "--draws", "2048"], out).returncode == 0
    before = state(out)
    for arguments in (COMMANDS["run"], COMMANDS["memo"]):
        done = finished(arguments, out)
        assert done.returncode == 2
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
        assert state(out) == before
        assert not list(out.glob(".*"))
    assert finished(["run", "--no-figures", "--draws", "2048"], out).returncode == 0


def test_a_disk_that_can_only_be_read_ends_in_a_message(project, small_disk):
    out = small_disk / "out"
    assert finished(["run", "--no-figures", "--draws", "2048"], out).returncode == 0
    before = state(out)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for arguments in COMMANDS.values():
        done = finished(arguments, out)
        assert done.returncode == 2
        assert "cannot be written: Read-only file system" in done.stderr
        assert "Traceback" not in done.stderr
    assert state(out) == before


def test_a_cache_that_is_cut_or_scribbled_over_costs_time_not_results(project):
    arguments = COMMANDS["sweep"]
    assert finished([*arguments, "--no-figures"], project / "first").returncode == 0
    kept = project / ".cache" / FILE
    whole, rng = kept.read_bytes(), random.Random(1)
    for _ in range(4):
        cut = whole[: rng.randrange(len(whole))]
        kept.write_bytes(rng.choice((cut, cut + b"\xff\0garbage", b"", os.urandom(300))))
        assert finished([*arguments, "--no-figures"], project / "again").returncode == 0
        assert state(project / "again") == state(project / "first")


@pytest.mark.slow
def test_two_runs_at_once_in_one_folder_leave_one_of_the_two_whole(project):
    cases = {name: ["run", "--draws", "2048", "-s", name] for name in ("bear", "bull")}
    known = {}
    for name, arguments in cases.items():
        assert finished(arguments, project / name).returncode == 0
        known[name] = state(project / name)
    out = project / "out"
    for _ in range(2):
        both = [
            subprocess.Popen([*MODEL, *arguments, "--out", str(out)], stdout=subprocess.DEVNULL)
            for arguments in cases.values()
        ]
        assert [running.wait(120) for running in both] == [0, 0]
        assert state(out) in known.values()
        assert not list(out.glob(".*"))


def test_only_one_at_a_time_moves_its_files(tmp_path):
    """One stands still in the middle of its move; another that would move then waits, and all files are its own."""
    slow = (
        "import pathlib, sys, time\nfrom model.files import atomic\n"
        "out = pathlib.Path(sys.argv[1])\n"
        "moves = atomic._moves\n"
        "def halting(stage, folder):\n"
        "    for n, pair in enumerate(moves(stage, folder)):\n"
        "        if n == 2 and stage.name.startswith('.done-'):\n"
        "            (out.parent / 'halfway').touch()\n"
        "            time.sleep(2)\n"
        "        yield pair\n"
        "atomic._moves = halting\n"
        "with atomic.staged(out) as stage:\n"
        "    for name in 'abcd': (stage / name).write_text('slow')\n"
    )
    out = tmp_path / "out"
    running = subprocess.Popen([sys.executable, "-c", slow, str(out)])
    deadline = time.monotonic() + 60
    while not (tmp_path / "halfway").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert [(out / name).exists() for name in "abcd"] == [True, True, False, False]
    with atomic.staged(out) as stage:
        for name in "abcd":
            (stage / name).write_text("quick")
    assert running.wait(60) == 0
    assert [(out / name).read_text() for name in "abcd"] == ["quick"] * 4


def test_what_another_left_halfway_is_moved_on_before_ones_own(tmp_path):
    """A is killed in its move while B writes: A's files are finished first, then B's go over all of them."""
    script = (
        "import os, pathlib, sys\nfrom model.files import atomic\n"
        "def one(stage, folder):\n"
        "    path, place = atomic._moves(stage, folder)[0]\n"
        "    path.replace(place)\n"
        "    os.kill(os.getpid(), 9)\n"
        "atomic._publish = one\n"
        "with atomic.staged(pathlib.Path(sys.argv[1])) as stage:\n"
        "    for name in 'abcd': (stage / name).write_text('A')\n"
    )
    with atomic.staged(tmp_path) as stage:
        for name in "abc":
            (stage / name).write_text("B")
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
        assert (tmp_path / "a").read_text() == "A"
    with atomic.staged(tmp_path):
        pass
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a": "B", "b": "B", "c": "B", "d": "A"}


def test_a_move_that_is_interrupted_is_moved_on_by_the_next_of_the_same_process_too(tmp_path, monkeypatch):
    (tmp_path / "old.png").write_text("old")

    def interrupted(stage, folder):
        found = moves(stage, folder)
        if stage.name.startswith(".done-"):
            found[0][0].replace(found[0][1])
            raise KeyboardInterrupt
        return found

    def write():
        with atomic.staged(tmp_path, instead_of="old") as stage:
            for name in "abc":
                (stage / name).write_text("new")

    moves = atomic._moves
    monkeypatch.setattr(atomic, "_moves", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write()
    monkeypatch.undo()
    assert not (tmp_path / "b").exists()
    with atomic.staged(tmp_path):
        pass
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == dict.fromkeys("abc", "new")


def test_a_disk_that_cannot_lock_is_written_all_the_same(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def refuses(*_):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", refuses)
    with atomic.staged(tmp_path) as stage:
        (stage / "a").write_text("new")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_an_old_figure_goes_with_the_move_and_not_before(tmp_path):
    for name in ("tornado.png", "tornado.alt.txt", "tornado.csv", "other.png"):
        (tmp_path / name).write_text("old")

    def fails():
        with atomic.staged(tmp_path, instead_of="tornado") as stage:
            (stage / "tornado.csv").write_text("new")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other.png", "tornado.alt.txt", "tornado.csv", "tornado.png"]
    with atomic.staged(tmp_path, instead_of="tornado") as stage:
        (stage / "tornado.csv").write_text("new")
        (stage / "tornado.alt.txt").write_text("new")
    left = {p.name: p.read_text() for p in tmp_path.iterdir()}
    assert left == {"tornado.csv": "new", "tornado.alt.txt": "new", "other.png": "old"}


def test_what_was_killed_before_it_took_an_old_figure_away_is_followed_by_the_next(tmp_path):
    script = (
        "import os, pathlib, sys\nfrom model.files import atomic\n"
        "atomic._publish = lambda *_: os.kill(os.getpid(), 9)\n"
        "with atomic.staged(pathlib.Path(sys.argv[1]), instead_of='tornado') as stage:\n"
        "    (stage / 'tornado.csv').write_text('new')\n"
    )
    for name in ("tornado.png", "tornado.csv"):
        (tmp_path / name).write_text("old")
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert (tmp_path / "tornado.png").exists()
    with atomic.staged(tmp_path):
        pass
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"tornado.csv": "new"}


CLOCK = """
import itertools, time
real, jumps = time.time, itertools.cycle([0, 3.2e7, -3.2e7, 1e3, -1e5])
time.time = lambda: real() + next(jumps)
from model.__main__ import main
main()
"""  # the clock on the wall; the one that only counts on is the system's own promise


@pytest.mark.parametrize("command", EACH)
def test_a_clock_that_jumps_changes_no_number(project, command):
    arguments = COMMANDS[command]
    assert finished(arguments, project / "still").returncode == 0
    shutil.rmtree(project / ".cache", ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-c", CLOCK, *arguments, "--out", str(project / "jumping")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert state(project / "jumping") == state(project / "still")


def test_a_folder_in_the_place_of_a_file_is_said(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(InputError, match="cannot be written: Is a directory"), atomic.staged(tmp_path) as stage:
        (stage / "a.csv").write_text("x")
