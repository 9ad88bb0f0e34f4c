"""Edits as people say them: a distribution scaled, shifted or moved to another P50, as a whole."""

import math

import pytest

from model import InputError, load
from model.assumptions.resolve import under

ORDERS, READY, START = "ev.lines.yu7.orders", "ev.book.ready", "ev.plants.phase3.start"


def numbers(base, *what_ifs):
    a = under(base, what_ifs=list(what_ifs))
    path = a.edits[-1].path
    return {key: x for key, x in a[path].distribution.parameters.items() if x is not None}


def test_a_scale_moves_every_number_and_the_bounds_that_are_beliefs(base):
    """10,500, 17,500 and 27,000 orders between 4,000 and 40,000, a fifth fewer."""
    assert numbers(base, f"{ORDERS}.scale=0.8") == {
        "p10": 8400,
        "p50": 14_000,
        "p90": 21_600,
        "min": 3200,
        "max": 32_000,
    }


def test_a_shift_adds_to_every_number(base):
    assert numbers(base, f"{ORDERS}.shift=2_000")["p50"] == 19_500
    assert numbers(base, f"{ORDERS}.shift=-2_000")["p10"] == 8500


@pytest.mark.parametrize(
    ("said", "months"),
    [("3 months", 3.0), ("1 quarter", 3.0), ("-2 weeks", -24 * 7 / 365.25), ("1 year", 12.0), ("3", 3.0)],
)
def test_a_moment_is_shifted_by_a_time_as_people_say_it(base, said, months):
    before = base[START].distribution.parameters
    after = numbers(base, f"{START}.shift={said}")
    assert {key: after[key] - before[key] for key in ("p10", "p50", "p90")} == pytest.approx(dict.fromkeys(("p10", "p50", "p90"), months), abs=1e-6)  # fmt: skip


def test_a_p50_alone_moves_the_whole_within_its_bounds(base):
    """Between 0.2 and 0.95 the log-odds of all three move by the same: from 0.56 to 0.6."""

    def log_odds(x):
        return math.log((x - 0.2) / (0.95 - x))

    found = numbers(base, f"{READY}.p50=0.6")
    by = log_odds(0.6) - log_odds(0.56)
    assert found["p50"] == 0.6
    assert log_odds(found["p10"]) - log_odds(0.42) == pytest.approx(by, abs=1e-8)
    assert log_odds(found["p90"]) - log_odds(0.7) == pytest.approx(by, abs=1e-8)
    assert (found["min"], found["max"]) == (0.2, 0.95)


def test_a_p50_with_the_others_is_one_of_three(base):
    assert numbers(base, f"{ORDERS}.p50=20_000", f"{ORDERS}.p10=10_500", f"{ORDERS}.p90=27_000") == {
        "p10": 10_500, "p50": 20_000, "p90": 27_000, "min": 4000, "max": 40_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{ORDERS}.scale=0", "scale is 0. A number above 0"),
        (f"{ORDERS}.scale=-1", "scale is -1. A number above 0"),
        (f"{ORDERS}.shift=3 months", "shift is '3 months'. A number of vehicle/month"),
        (f"{ORDERS}.shift=-20_000", "reaches down to"),
        (f"{READY}.scale=1.7", "reaches up to"),
        (f"{ORDERS}.p50=50_000", "p50 is 50,000. It is above 4,000 and below 40,000"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(base, text, said):
    with pytest.raises(InputError) as caught:
        under(base, what_ifs=[text])
    assert said in str(caught.value)


def test_a_scenario_says_it_in_the_same_words(project):
    head = "[scenario]\nlabel = 'l'\nstory = 's'\n"
    file = project / "scenarios" / "slow.toml"
    file.write_text(
        f"{head}[{ORDERS}]\nscale = 0.8\nwhy = 'w'\n[{START}]\nshift = '3 months'\nwhy = 'w'\n[{READY}]\np50 = 0.6\nwhy = 'w'\n"
    )
    a, base = load(scenarios=["slow"], as_of="base"), load(as_of="base")
    assert (
        a[ORDERS].distribution.parameters
        == under(base, what_ifs=[f"{ORDERS}.scale=0.8"])[ORDERS].distribution.parameters
    )
    assert a[START].distribution.first_p50() == base[START].distribution.first_p50() + 3
    assert a[READY].distribution.first_p50() == 0.6
    file.write_text(f"{head}[{ORDERS}]\nscale = 0.8\np10 = 5\nwhy = 'w'\n")
    with pytest.raises(
        InputError, match=r"gives scale and p10\. scale makes a distribution of the one there is: give it alone"
    ):
        load(scenarios=["slow"], as_of="base")


def test_a_date_is_shifted_in_a_longer_run(root):
    plain = load(root / "assumptions.toml", as_of="base", to="2028-12")
    later = under(plain, what_ifs=["ev.lines.line4.start.shift=1 quarter"])["ev.lines.line4.start"]
    before = plain["ev.lines.line4.start"].distribution.first_p50()
    assert later.distribution.first_p50() - before == pytest.approx(3, abs=1e-4)
    assert "2028-04-15" in later.said


def test_a_spike_is_said_where_an_edit_makes_one(base):
    """With P90 at 19,300 two fifths of the draws are within a sixth of P10 to P90, just above the P50."""
    from model.reporting.headline import spikes_of

    edited = under(base, what_ifs=[f"{ORDERS}.p90=19_300"])
    (line,) = spikes_of(edited, [ORDERS])
    assert "sharply peaked: two fifths of the draws of ev.lines.yu7.orders are between 18," in line
    assert spikes_of(base, base.entries) == []
