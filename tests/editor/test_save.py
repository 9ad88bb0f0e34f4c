"""Saving from the page: one number changes and every other byte stays; nothing is lost, overwritten unseen or half written."""

import datetime as dt
import difflib
import os
import random
import signal
import subprocess
import sys
import tomllib

import pytest

import model
from model import InputError
from model.editor import save
from model.editor.question import Files, Question
from model.xiaomi.business import XIAOMI
from tests.conftest import ROOT

ONE, WAS = {"ev.lines.yu7.orders": {"p50": 21000}}, {"ev.lines.yu7.orders": {"p50": 17500}}
BASE = (ROOT / "assumptions.toml").read_bytes().decode()


def changed(edits, was=None, text=BASE):
    """The text after edits that began from what it says now, but for what `was` has."""
    now = {path: {key: said(text, path).get(key, 0) for key in keys} for path, keys in edits.items()}
    return save.changed_text(text, edits, now if was is None else was, "assumptions.toml")


def said(text, path):
    table = tomllib.loads(text)
    for part in path.split("."):
        table = table.get(part, {})
    return table


def lines_that_differ(new, old=BASE):
    return [
        line
        for line in difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
        if line[0] in "+-" and line[:3] not in ("---", "+++")
    ]


@pytest.mark.parametrize(
    ("path", "key", "value", "expected"),
    [
        ("ev.lines.yu7.orders", "p50", 21000, ["-p50      = 17_500", "+p50      = 21_000"]),
        ("ev.launch.decay", "p50", 0.75, ["-p50      = 0.7", "+p50      = 0.75"]),
        ("ev.lines.su7.start", "value", -19.5, ["-value    = -20.0", "+value    = -19.5"]),
        ("ev.season", "value", [0.776, 0.701, 0.95, 0.869, 0.937, 1.0, 1.03, 1.062, 1.092, 1.148, 1.115, 1.36],
         ["-value    = [0.776, 0.701, 0.910, 0.869, 0.937, 1.000, 1.030, 1.062, 1.092, 1.148, 1.115, 1.360]",
          "+value    = [0.776, 0.701, 0.95, 0.869, 0.937, 1.000, 1.030, 1.062, 1.092, 1.148, 1.115, 1.360]"]),
    ],
)  # fmt: skip
def test_one_number_changes_and_every_other_byte_stays(path, key, value, expected):
    assert lines_that_differ(changed({path: {key: value}})) == expected


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
def test_random_edits_and_their_undoing_leave_the_bytes(count):
    chance, text, edits = random.Random(4), BASE, []
    entries = {
        p: e
        for p, e in model.load(ROOT / "assumptions.toml", as_of="base").entries.items()
        if e.distribution.kind == "metalog" and not e.distribution.periods
    }
    for _ in range(count):
        path = chance.choice(sorted(entries))
        now = tomllib.loads(text)
        for part in path.split("."):
            now = now[part]
        key = chance.choice(["p10", "p50", "p90"])
        new = round(now[key] * chance.uniform(0.9, 1.1), 5)
        edits.append((path, key, now[key]))
        text = changed({path: {key: new}}, text=text)
    assert text != BASE
    for path, key, old in reversed(edits):
        text = changed({path: {key: old}}, text=text)
    assert tomllib.loads(text) == tomllib.loads(BASE)
    for mine, theirs in zip(
        text.splitlines(), BASE.splitlines(), strict=True
    ):  # 0.10 may come back as 0.1, and nothing else moves
        assert mine == theirs or float(mine.partition("=")[2]) == float(theirs.partition("=")[2])


def test_what_was_changed_outside_meanwhile_is_kept_and_a_number_changed_by_both_is_refused():
    outside = BASE.replace("p50      = 17_500", "p50      = 18_000")
    merged = changed({"ev.lines.yu7.orders": {"p90": 26000}}, {"ev.lines.yu7.orders": {"p90": 27000}}, outside)
    assert "p50      = 18_000" in merged
    assert "p90      = 26_000" in merged
    with pytest.raises(InputError) as refused:
        changed({"ev.lines.yu7.orders": {"p50": 21000}}, {"ev.lines.yu7.orders": {"p50": 17500}}, outside)
    assert "changed outside to 18000" in str(refused.value)


SEASON = said(BASE, "ev.season")["value"]


def test_of_a_list_the_months_that_were_not_edited_stay_as_another_program_left_them():
    outside = BASE.replace("0.910, 0.869", "0.910, 0.875")
    mine = [0.95 if n == 2 else v for n, v in enumerate(SEASON)]
    merged = changed({"ev.season": {"value": mine}}, {"ev.season": {"value": SEASON}}, outside)
    assert said(merged, "ev.season")["value"] == [
        0.95 if n == 2 else 0.875 if n == 3 else v for n, v in enumerate(SEASON)
    ]
    mine[3] = 0.9
    with pytest.raises(InputError) as refused:
        changed({"ev.season": {"value": mine}}, {"ev.season": {"value": SEASON}}, outside)
    assert "changed outside to 0.875" in str(refused.value)


def test_an_edit_that_was_taken_back_does_not_undo_what_another_program_wrote():
    outside = BASE.replace("p50      = 17_500", "p50      = 18_000")
    assert changed({"ev.lines.yu7.orders": {"p50": 17500}}, WAS, outside) == outside


@pytest.mark.parametrize(
    ("edits", "was", "words"),
    [
        ({"ev.season": {"value": [1.0, 1.1]}}, {"ev.season": {"value": SEASON}}, "12 numbers in the file and 2 numbers here"),
        ({"ev.season": {"value": 1.0}}, {"ev.season": {"value": SEASON}}, "12 numbers in the file and one number here"),
        ({"ev.lines.yu7.orders": {"p50": [1, 2]}}, WAS, "one number in the file and 2 numbers here"),
        (ONE, {}, "comes without what it was"),
        ({"ev.season": {"value": SEASON}}, {"ev.season": {"value": [1.0]}}, "has become a list of another length"),
    ],
)  # fmt: skip
def test_what_does_not_fit_into_the_file_is_said(edits, was, words):
    with pytest.raises(InputError) as refused:
        changed(edits, was)
    assert words in str(refused.value)


def test_a_large_number_is_written_as_it_is():
    assert said(changed({"ev.lines.yu7.orders": {"p90": 1e300}}), "ev.lines.yu7.orders")["p90"] == 1e300


def test_a_protected_file_and_a_link_that_leads_nowhere_are_left_alone(project):
    files, path = Files(project / "assumptions.toml", XIAOMI), project / "assumptions.toml"
    path.chmod(0o444)
    with pytest.raises(InputError) as refused:
        save.into_base(files, Question(edits=ONE), WAS).write()
    assert "is protected against writing" in str(refused.value)
    assert path.read_text() == BASE
    away = project.parent / "away.toml"
    (project / "scenarios" / "mine.toml").symlink_to(away)
    with pytest.raises(InputError) as refused:
        save.as_scenario(files, Question(edits=ONE), "mine", "a", "b")
    assert "is there already" in str(refused.value)
    change = save.as_scenario(files, Question(edits=ONE), "other", "a", "b")
    (project / "scenarios" / "other.toml").symlink_to(away)  # after it was shown
    with pytest.raises(InputError):
        change.write()
    assert not away.exists()


def test_a_file_in_between_cannot_be_guessed_and_a_new_one_has_the_usual_rights(project, monkeypatch):
    names = []
    real = save.os.fsync
    monkeypatch.setattr(
        save.os,
        "fsync",
        lambda n: (names.append(sorted(p.name for p in (project / "scenarios").glob(".*.new"))), real(n)),
    )
    for name in ("one", "two"):
        save.as_scenario(Files(project / "assumptions.toml", XIAOMI), Question(edits=ONE), name, "a", "b").write()
    assert [len(found) for found in names] == [1, 1]
    assert names[0][0].replace("one", "") != names[1][0].replace("two", "")
    (project / "usual").write_text("")
    assert (project / "scenarios" / "one.toml").stat().st_mode == (project / "usual").stat().st_mode
    assert list((project / "scenarios").glob(".*")) == []


def test_a_number_that_is_not_there_is_said():
    with pytest.raises(InputError) as refused:
        changed({"ev.lines.yu7.orders": {"mode": 3}, "ev.nothing": {"value": 1}})
    assert len(refused.value.problems) == 2


def test_a_file_that_changes_while_it_is_saved_stays_as_it_is(project):
    files, path = Files(project / "assumptions.toml", XIAOMI), project / "assumptions.toml"
    change = save.into_base(files, Question(edits=ONE), WAS)
    path.write_text(BASE + "# a note\n")
    with pytest.raises(InputError):
        change.write()
    assert path.read_text() == BASE + "# a note\n"
    assert [p.name for p in project.iterdir() if p.name.endswith(".new")] == []


def test_a_save_that_dies_leaves_the_old_file_whole(project, monkeypatch):
    files, path = Files(project / "assumptions.toml", XIAOMI), project / "assumptions.toml"
    change = save.into_base(files, Question(edits=ONE), WAS)

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(save.os, "fsync", dies)
    with pytest.raises(KeyboardInterrupt):
        change.write()
    assert path.read_bytes().decode() == BASE
    monkeypatch.undo()
    change.write()
    assert lines_that_differ(path.read_text()) == ["-p50      = 17_500", "+p50      = 21_000"]


KILLED = """
import os, pathlib, signal
from model.editor import save
from model.editor.question import Files, Question
from model.xiaomi.business import XIAOMI
def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if {place!r} == "before it is flushed":
    save.os.fsync = kill
else:
    pathlib.Path.replace = kill
save.into_base(Files(pathlib.Path("assumptions.toml"), XIAOMI), Question(edits={edits!r}), {was!r}).write()
"""


@pytest.mark.parametrize("place", ["before it is flushed", "before it is put in its place"])
def test_a_save_that_is_killed_leaves_the_old_file_whole_and_the_next_one_goes_through(project, place):
    path = project / "assumptions.toml"
    command = [sys.executable, "-c", KILLED.format(place=place, edits=ONE, was=WAS)]
    done = subprocess.run(command, cwd=project, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes().decode() == BASE
    save.into_base(Files(path, XIAOMI), Question(edits=ONE), WAS).write()
    assert lines_that_differ(path.read_text()) == ["-p50      = 17_500", "+p50      = 21_000"]
    assert list(project.glob(".*.new")) == []


def test_a_scenario_says_the_same_as_the_edits(project):
    files = Files(project / "assumptions.toml", XIAOMI)
    edits = {
        "ev.lines.yu7.orders": {"p50": 21000, "p90": 27000},
        "ev.market.tax": {"value": 0.1},
        "ev.workdays": {"p50": [0.9, *[0.99] * 11]},
    }
    edits.pop("ev.workdays")
    asked = Question(edits=edits)
    hostile = 'He said "buy\\now"\n[target]\nvalue = 1'
    change = save.as_scenario(files, asked, "mine", 'Orders "up"', hostile)
    change.write()
    made = model.load(project / "assumptions.toml", ["mine"], as_of="base")
    edited = files.case(asked)
    for path in edits:
        assert made[path].distribution.parameters == edited[path].distribution.parameters
        assert made[path].why == hostile
    assert made.target.value == 550_000
    with pytest.raises(InputError) as refused:
        save.as_scenario(files, asked, "mine", "x", "y")
    assert "is there already" in str(refused.value)
    for name in ("../x", "base", "Ä", ""):
        with pytest.raises(InputError):
            save.as_scenario(files, asked, name, "x", "y")


def test_dates_are_written_as_dates():
    text = "a = 1\n[x.start]\np50 = 2027-04-15  # spring\n"
    made = save.changed_text(text, {"x.start": {"p50": "2028-01-31"}}, {"x.start": {"p50": "2027-04-15"}}, "f")
    assert made == "a = 1\n[x.start]\np50 = 2028-01-31  # spring\n"
    assert tomllib.loads(made)["x"]["start"]["p50"] == dt.date(2028, 1, 31)


# --- into the base with its words, into a scenario that is on, as an update ---------------------------------------------


@pytest.fixture
def files(today):
    return Files(today / "assumptions.toml", XIAOMI)


def test_a_number_goes_into_the_base_with_its_source_and_why_where_they_are_new():
    words = {"source": 'a "new" source', "why": "It is another number."}
    made = save.changed_text(BASE, ONE, WAS, "assumptions.toml", words)
    differ = lines_that_differ(made)
    assert [line[0] for line in differ].count("+") == 3
    assert said(made, "ev.lines.yu7.orders")["source"] == words["source"]
    assert said(made, "ev.lines.yu7.orders")["why"] == words["why"]
    rest = {**tomllib.loads(BASE)["ev"]["lines"]["yu7"]["orders"], "p50": 21000, **words}
    assert said(made, "ev.lines.yu7.orders") == rest


def test_edits_go_into_the_scenario_that_is_on_its_own_numbers_changed_and_others_added(files, today):
    path = today / "scenarios" / "price_war.toml"
    before = path.read_bytes().decode()
    edits = {"ev.price_war.rival_cut": {"p50": 0.15}, "ev.lines.yu7.orders": {"p50": 15000}}
    was = {"ev.price_war.rival_cut": {"p50": 0.13}, "ev.lines.yu7.orders": {"p50": 17500}}
    asked = Question(("price_war",), "2026-10-10", edits)
    with pytest.raises(InputError, match="says why"):
        save.into_scenario(files, asked, was, " ")
    made = save.into_scenario(files, asked, was, "Orders are lost too.")
    assert "+p50 = 0.15" in made.shown["diff"]
    assert path.read_bytes().decode() == before
    made.write()
    text = path.read_bytes().decode()
    assert text.startswith(before.replace("p50 = 0.13", "p50 = 0.15"))
    assert said(text, "ev.lines.yu7.orders") == {
        "p10": 10500, "p50": 15000, "p90": 27000, "min": 4000, "max": 40000, "why": "Orders are lost too.",
    }  # fmt: skip
    assert model.load(files.base, ["price_war"], as_of="base")["ev.lines.yu7.orders"].distribution.p50 == 15000
    with pytest.raises(InputError, match="one scenario has to be on"):
        save.into_scenario(files, Question(("price_war", "memory_squeeze"), None, edits), was, "w")


def test_edits_become_an_update_of_a_day_a_fact_or_a_judgement(files, today):
    asked = Question((), "2026-10-10", {"ev.book.ready": {"p50": 0.6}})
    words = {"name": "faster", "label": "Faster", "why": "Waits fell.", "source": "own example", "day": "2026-11-02"}
    made = save.as_update(files, asked, **words, kind="judgement")
    assert made.path == today / "updates" / "2026-11-02-faster.toml"
    made.write()
    known = model.load(files.base)
    assert known.about.as_of == dt.date(2026, 11, 2)
    assert known["ev.book.ready"].distribution.p50 == 0.6
    assert known["ev.book.ready"].evidence == "judgement"
    assert model.load(files.base, judged=False)["ev.book.ready"].distribution.p50 != 0.6
    assert model.load(files.base, as_of="2026-11-01")["ev.book.ready"].distribution.p50 != 0.6
    assert "All is well." in model.check(files.base)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": " "}, "an update has a source"),
        ({"label": ""}, "an update has a label"),
        ({"day": "2026-01-10"}, "is no day for an update"),
        ({"day": "2036-01-10"}, "is no day for an update"),
        ({"day": "soon"}, "is not a date"),
        ({"kind": "rumour"}, "no kind of update"),
        ({"name": "../x"}, "is no name"),
    ],
)
def test_what_an_update_lacks_is_said_and_nothing_written(files, today, changes, words):
    there = sorted((today / "updates").iterdir())
    given = {"name": "x", "label": "L", "why": "w", "source": "s", "day": "2026-11-02", "kind": "fact"} | changes
    with pytest.raises(InputError, match=words):
        save.as_update(files, Question((), "2026-10-10", {"ev.book.ready": {"p50": 0.6}}), **given)
    assert sorted((today / "updates").iterdir()) == there
