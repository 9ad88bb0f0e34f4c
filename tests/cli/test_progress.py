"""What long work says on standard error where that is a file."""

import sys
import time

import pytest

from model.cli import progress
from model.cli.progress import Narrator, narrated, telling


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_line_after_the_first_second_and_every_ten_with_the_time_left(clock, capsys):
    narrator = Narrator("model run")
    for second in range(41):
        clock[0] = 100.0 + second
        narrator.tell("conditioning on 3 reports", second / 40)
        narrator.beat()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "- conditioning on 3 reports: 2%",
        "- conditioning on 3 reports: 28%, about 29 s left",
        "- conditioning on 3 reports: 52%, about 19 s left",
        "- conditioning on 3 reports: 78%, about 9 s left",
    ]


def test_work_that_tells_nothing_of_itself_is_named_within_two_seconds(clock, capsys):
    narrator = Narrator("model memo")
    for _ in range(8):
        clock[0] += progress.BEAT
        narrator.beat()
    assert capsys.readouterr().err == "- model memo\n"


def test_each_new_part_is_named_once_and_soon(clock, capsys):
    narrator, said = Narrator("model memo"), []
    for beat in range(80):
        clock[0] += progress.BEAT
        part = ("runs of the model", "drawing the figures", "runs of the model")[min(beat // 24, 2)]
        narrator.tell(part, 0.01)
        narrator.beat()
        said += [(beat * progress.BEAT, line) for line in capsys.readouterr().err.splitlines()]
    assert [line for _, line in said] == [
        "- runs of the model: 1%",
        "- drawing the figures: 1%",
        "- runs of the model: 1%",  # ten seconds later
    ]
    assert said[1][0] - 6.0 <= 2.0


def test_quick_work_says_nothing(capsys):
    with narrated("model show"):
        telling()("simulating", 0.5)
    assert capsys.readouterr().err == ""


def test_outside_of_a_command_nothing_is_said(capsys):
    telling()("simulating", 0.5)
    assert capsys.readouterr().err == ""


def test_on_a_terminal_a_bar_is_drawn_and_taken_away(monkeypatch, capfd):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(progress, "AT_FIRST", 0.0)
    narrator = Narrator("model memo")
    narrator.tell("runs of the model", 0.25)
    narrator.beat()
    assert narrator.bar.tasks[0].description.startswith("25%  runs of the model")
    narrator.end()
    assert not narrator.bar.live.is_started
