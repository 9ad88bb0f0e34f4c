"""What long work says on standard error where that is a file."""

import time

from model.cli.progress import telling


def test_a_line_after_the_first_second_and_every_ten_with_the_time_left(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    tell = telling()
    for second in range(41):
        now[0] = 100.0 + second
        tell("conditioning on 3 reports", second / 40)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "- conditioning on 3 reports: 2%",
        "- conditioning on 3 reports: 28%, about 29 s left",
        "- conditioning on 3 reports: 52%, about 19 s left",
        "- conditioning on 3 reports: 78%, about 9 s left",
    ]
