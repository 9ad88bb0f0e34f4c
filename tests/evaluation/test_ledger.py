"""The files of the register: published whole whatever kills it, chained, read with care."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import model
from model.errors import InputError
from model.evaluation import hub_table, ledger, register, scores
from tests.conftest import ROOT


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def copied(today):
    shutil.copytree(ROOT / "register", today / "register")
    return today


def frozen(folder, day, names=("a.txt", "b.txt")):
    """A small freeze of two files of a day."""
    with ledger.opened(folder):
        stage = ledger.new_stage(folder)
        new = []
        for name in names:
            (stage / day).mkdir(exist_ok=True)
            (stage / day / name).write_text(f"{day} {name}")
            new.append(stage / day / name)
        ledger.publish(folder, stage, new)


STEPS = [("rename", 1), *(("replace", k) for k in range(1, 5))]  # two files, and the two lists


@pytest.mark.parametrize(("verb", "step"), STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_step_of_publishing_heals_by_itself(tmp_path, monkeypatch, verb, step, after):
    folder = tmp_path / "register"
    frozen(folder, "2026-01-15")
    real, count = getattr(Path, verb), [0]

    def killed(self, target):
        if ".new-" not in self.name and ".done-" not in str(self.parent):
            return real(self, target)
        count[0] += 1
        if count[0] == step and not after:
            raise Killed
        made = real(self, target)
        if count[0] == step:
            raise Killed
        return made

    with monkeypatch.context() as patched:
        patched.setattr(Path, verb, killed)
        with pytest.raises(Killed):
            frozen(folder, "2026-02-01")
    assert ledger.problems(tmp_path) == []
    there = (folder / "2026-02-01" / "b.txt").exists()
    assert there == (verb == "replace" or after)
    assert (folder / "2026-02-01").exists() == there  # no empty folder stays
    assert len(ledger.listed(folder)) == (4 if there else 2)
    assert not [path for path in folder.iterdir() if path.name.startswith((".new-", ".done-"))]
    frozen(folder, "2026-03-01")
    assert ledger.problems(tmp_path) == []
    assert [count for count, _ in ledger.heads(folder)] == ([2, 4, 6] if there else [2, 4])


@pytest.mark.parametrize("lists", [None, "now", "longer"])
def test_a_folder_that_no_freeze_left_overwrites_nothing(tmp_path, lists):
    folder = tmp_path / "register"
    frozen(folder, "2026-01-15")
    before = (folder / "2026-01-15" / "a.txt").read_bytes()
    forged = folder / ".done-HOST-1-x"
    (forged / "2026-01-15").mkdir(parents=True)
    (forged / "2026-01-15" / "a.txt").write_text("better in hindsight")
    if lists:
        lines = ledger.listed(folder)
        if lists == "longer":
            lines = [*lines, f"{ledger.sha(forged / '2026-01-15' / 'a.txt')}  2026-01-15/a.txt"]
        (forged / "hashes.txt").write_text("\n".join(lines) + "\n")
        chain = [*ledger.heads(folder), (len(lines), ledger.head(lines))][: 1 if lists == "now" else 2]
        (forged / "heads.txt").write_text("".join(f"{n}  {sha}\n" for n, sha in chain))
    for _ in range(2):
        with pytest.raises(InputError, match=r"was not left by model freeze|is frozen, and stays"):
            frozen(folder, "2026-02-01")
        assert (folder / "2026-01-15" / "a.txt").read_bytes() == before
    assert ledger.problems(tmp_path)


def test_every_freeze_carries_the_head_of_the_list_before_it_and_check_says_the_last(copied):
    before = register.head_of(copied)
    made = model.freeze("2026-01-20", draws=2048)
    assert {entry.said["head"] for entry in made} == {before}
    assert register.problems(copied) == []
    assert any(register.head_of(copied)[:12] in line for line in model.check())


def rehashed(root, change):
    """Change the list of hashes as someone who knows how it is made: lines by file -> lines by file."""
    path = root / "register" / "hashes.txt"
    lines = dict(reversed(line.split("  ")) for line in path.read_text().splitlines())
    changed = change(lines)
    path.write_text("".join(f"{sha}  {name}\n" for name, sha in changed.items()))


def edited(root):
    entry = root / "register" / "2026-02-01" / "reports_alone" / "entry.json"
    entry.write_text(entry.read_text().replace("It was not foreseen", "It was foreseen"))
    rehashed(root, lambda lines: {**lines, "2026-02-01/reports_alone/entry.json": ledger.sha(entry)})


def removed(root):
    shutil.rmtree(root / "register" / "2026-02-01")
    rehashed(root, lambda lines: {name: sha for name, sha in lines.items() if not name.startswith("2026-02-01")})


def reordered(root):
    rehashed(root, lambda lines: dict(sorted(lines.items())))


def added(root):
    place = root / "register" / "2026-02-01" / "with_updates_9"
    shutil.copytree(root / "register" / "2026-02-01" / "reports_alone", place)
    rehashed(
        root, lambda lines: {**lines, **{f"2026-02-01/with_updates_9/{p.name}": ledger.sha(p) for p in place.iterdir()}}
    )


def shortened(root):
    path = root / "register" / "heads.txt"
    path.unlink()


def linked(root):
    (root / "register" / "2026-02-01" / "more").symlink_to("nowhere")


def as_one_link(root):
    shutil.move(root / "register" / "2026-02-01", root / "elsewhere")
    (root / "register" / "2026-02-01").symlink_to(root / "elsewhere")


def huge(root):
    with (root / "register" / "2026-02-01" / "run_rate" / "entry.json").open("r+b") as opened:
        opened.truncate(10_000_000_000)


def piped(root):
    path = root / "register" / "2026-02-01" / "run_rate" / "entry.json"
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("harm", [edited, removed, reordered, added, shortened, linked, as_one_link, huge, piped])
def test_tampering_shows_even_where_the_list_was_mended(copied, harm):
    harm(copied)
    assert register.problems(copied)
    with pytest.raises(InputError):
        model.score()


def test_a_register_that_git_knows_and_that_is_gone_is_no_empty_one(copied):
    for command in (
        ["init", "-q"],
        ["add", "register"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "-"],
    ):
        subprocess.run(["git", *command], cwd=copied, check=True)
    shutil.rmtree(copied / "register")
    (found,) = register.problems(copied)
    assert "is not there any more" in found.what


def test_an_entry_that_corrects_itself_or_what_is_not_there_is_no_sound_register(tmp_path, project):
    model.freeze("2026-01-20", draws=2048)
    entry = project / "register" / "2026-01-20" / "with_updates" / "entry.json"
    said = json.loads(entry.read_text())
    for corrects in ("2026-01-20/with_updates", "2026-01-19/nobody", "2026-01-20/run_rate"):
        entry.write_text(json.dumps({**said, "corrects": corrects, "why": "-"}))
        lines = [
            f"{ledger.sha(entry)}  {name}" if name.endswith("with_updates/entry.json") else f"{sha}  {name}"
            for sha, name in (line.split("  ") for line in ledger.listed(project / "register"))
        ]
        (project / "register" / "hashes.txt").write_text("\n".join(lines) + "\n")
        (project / "register" / "heads.txt").write_text(f"{len(lines)}  {ledger.head(lines)}\n")
        (found,) = register.problems(project)
        assert f"corrects {corrects}, which is no earlier forecast of that day" in found.what


def test_line_ends_that_a_clone_has_changed_are_no_change(copied):
    for path in (copied / "register").rglob("*"):
        if path.suffix in (".csv", ".json", ".txt", ".toml"):
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert register.problems(copied) == []
    assert model.score().cases


def test_the_attributes_of_the_repository_keep_what_is_frozen_byte_for_byte():
    command = ["git", "check-attr", "text", "register/2026-01-15/as_released/entry.json", "register/hashes.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("text: unset") == 2


def test_two_freezes_that_know_nothing_of_each_other_s_temporary_files_take_turns(copied, tmp_path):
    code = "import model, sys; model.freeze(sys.argv[1], draws=2048)"
    both = []
    for day in (20, 21):
        own = tmp_path / f"tmp{day}"
        own.mkdir()
        command = [sys.executable, "-c", code, f"2026-01-{day}"]
        both.append(subprocess.Popen(command, cwd=copied, env={**os.environ, "TMPDIR": str(own)}))
    assert [one.wait(120) for one in both] == [0, 0]
    assert register.problems(copied) == []
    lines = ledger.listed(copied / "register")
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    ("day", "name", "updates", "said"),
    [
        ("2025-06-01", "", False, "is before the day of the base case"),
        ("2025-06-01", "", True, "is before the day of the base case|lies before the day of the base case"),
        ("2026-02-05", "with_updates", False, "is scored as a forecast with updates"),
        ("2026-02-05", "reports_alone", True, "is scored as a forecast without updates"),
        ("2026-02-05", "as_released", False, "before anything was reported"),
    ],
)
def test_no_option_of_a_freeze_looks_ahead_or_takes_another_role(today, day, name, updates, said):
    with pytest.raises(InputError, match=said):
        model.freeze(day, name, updates=updates, draws=2048)
    assert not list((today / "register").rglob("*.gz")) if (today / "register").exists() else True


# --- a frozen forecast, read ---------------------------------------------------------------------------------


def table(**changes):
    """A sound forecast of one target as rows, with rows replaced by kind."""
    head = "2026-01-15,quarter ev.deliveries,2026-03-31"
    rows = {"quantile": [f"{head},quantile,{q:g},{stats.norm.ppf(q):.8g},vehicle" for q in hub_table.LEVELS]}
    rows["mean"] = [f"{head},mean,,0,vehicle"]
    rows["sample"] = [f"{head},sample,{n},{n},vehicle" for n in range(1, 201)]
    return [",".join(hub_table.COLUMNS), *(row for kind in rows for row in changes.get(kind, rows[kind]))]


def written(path, lines):
    with gzip.open(path, "wt") as opened:
        opened.write("\n".join(lines) + "\n")
    return path


Q = [row for row in table() if ",quantile," in row]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantile": [*Q[:11], Q[11].replace(",0,", ",nan,"), *Q[12:]]}, "is not finite"),
        ({"quantile": [*Q[:22], Q[22].replace(Q[22].split(",")[5], "inf")]}, "is not finite"),
        ({"quantile": [*Q[:11], *Q[12:]]}, "are not the 23"),
        ({"quantile": [*Q[:12], Q[11], *Q[12:]]}, "are not the 23"),
        ({"quantile": [*Q[:11], Q[12], Q[11], *Q[13:]]}, "are not the 23"),
        ({"sample": [row for row in table() if ",sample,1," in row]}, "has not the 200 samples"),
        ({"mean": []}, "has not one mean"),
        ({"mean": ["2026-01-15,ev.deliveries,2026-03-31,mean,,0,vehicle"]}, "is no target"),
        ({"mean": ["2026-01-15,quarter ev.deliveries,2026-03-31,median,,0,vehicle"]}, "numbers of the kind 'median'"),
    ],
)  # fmt: skip
def test_a_frozen_forecast_with_numbers_missing_doubled_or_without_end_is_refused(tmp_path, changes, said):
    assert len(hub_table.read(written(tmp_path / "sound.csv.gz", table()))) == 1
    with pytest.raises(InputError, match=said):
        hub_table.read(written(tmp_path / "forecast.csv.gz", table(**changes)))


def test_a_small_file_that_unpacks_to_hundreds_of_megabytes_is_not_unpacked(tmp_path):
    path = tmp_path / "forecast.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as opened:
        for _ in range(60):
            opened.write(b"0" * 1_000_000)
    with pytest.raises(InputError, match="unpacks to more than 50 MB"):
        hub_table.read(path)


def test_a_score_of_a_forecast_without_a_median_is_none():
    levels = np.array([stats.norm.ppf(q) for q in hub_table.LEVELS])
    assert scores.wis(levels, 1.0).total == pytest.approx(0.5343862)  # twice the mean pinball loss
    levels[11] = np.nan
    assert np.isnan(scores.wis(levels, 1.0).total)


def test_an_entry_nested_beyond_reason_is_refused_in_words(copied):
    entry = copied / "register" / "2026-02-01" / "run_rate" / "entry.json"
    entry.write_text("[" * 100_000 + "]" * 100_000)
    with pytest.raises(InputError, match="is no entry"):
        register.entries(copied)


@pytest.mark.parametrize("harm", ["emptied", "a file", "a pipe", "a dead link", "an empty list"])
def test_a_register_that_git_knows_is_not_empty_because_its_list_is(copied, harm):
    for command in (
        ["init", "-q"],
        ["add", "register"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "-"],
    ):
        subprocess.run(["git", *command], cwd=copied, check=True)
    place = copied / "register"
    shutil.rmtree(place)
    {
        "emptied": place.mkdir,
        "a file": lambda: place.write_text("x"),
        "a pipe": lambda: os.mkfifo(place),
        "a dead link": lambda: place.symlink_to("nowhere"),
        "an empty list": lambda: (place.mkdir(), (place / "hashes.txt").write_text("")),
    }[harm]()
    assert register.problems(copied)


def test_a_lock_that_another_holds_is_waited_for_with_a_word(tmp_path, monkeypatch, capsys):
    from filelock import FileLock

    from model.files import atomic

    folder = tmp_path / "register"
    folder.mkdir()
    monkeypatch.setattr(atomic, "SILENT", 0.1)
    monkeypatch.setattr(atomic, "PATIENCE", 0.2)
    with FileLock(folder / ledger.LOCK), pytest.raises(InputError, match="another run has been writing"):
        frozen(folder, "2026-01-15")
    assert "Waiting for another run that writes into" in capsys.readouterr().err
    frozen(folder, "2026-01-15")
    assert ledger.problems(tmp_path) == []
