"""Scenarios and --set: what they may do, what they may not, what is recorded."""

import pytest

from model import InputError, load
from model.assumptions.layers.scenario import scenario_names
from model.assumptions.resolve import under

HEAD = '[scenario]\nlabel = "Test"\nstory = "A test."\n'


def scenario(project, text, name="test"):
    (project / "scenarios" / f"{name}.toml").write_text(HEAD + text)
    return load("assumptions.toml", [name], as_of="base")


def refused(project, text):
    with pytest.raises(InputError) as caught:
        scenario(project, text)
    return "\n".join(str(p) for p in caught.value.problems)


def test_a_scenario_changes_numbers_and_says_so(project):
    a = scenario(project, '[ev.book.ready]\nvalue = 0.6\nwhy = "because"\n')
    (edit,) = a.edits
    assert str(edit) == "ev.book.ready: p10 0.42, p50 0.56, p90 0.7, min 0.2, max 0.95 -> 0.6 share  (test)"
    assert a["ev.book.ready"].why == "because"
    assert a.scenario == "test"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ev.book.redy]\nvalue = 1\nwhy = 'x'\n", "scenarios/test.toml, line 4: ev.book.redy: unknown assumption. Did you mean ev.book.ready"),
        ("[ev.book.ready]\nvalue = 1\n", "ev.book.ready: has no why. Every number says why"),
        ("[ev.book.ready]\nvalue = 1\nunit = 'month'\nwhy = 'x'\n", "line 6: ev.book.ready: a scenario cannot change unit. It is 'share'"),
        ("[ev.book.ready]\nlabel = 'z'\nvalue = 1\nwhy = 'x'\n", "a scenario cannot change label"),
        ("[ev.book.ready]\nvalue = [1, 2]\nwhy = 'x'\n", "has 2 numbers, the base case 1"),
        ("[ev.workdays]\nvalue = [1, 2]\nwhy = 'x'\n", "has 2 numbers, the base case 12"),
        ("[target]\nvalue = 1\n", "a scenario cannot change [target]"),
        ("", "changes nothing"),
        ("[ev.lines.yu8.orders]\nvalue = 1\nwhy = 'x'\n", "the new 'yu8' in ev.lines lacks class, discount, duty, end, net, start, surge, taken, trims.NAME.price, trims.NAME.reference, trims.NAME.share, vat, waiting. Did you mean ev.lines.yu7"),
        ("[ev.lines.yu7.order]\nvalue = 1\nwhy = 'x'\n", "unknown assumption. Did you mean ev.lines.yu7.orders"),
        ("[[correlation]]\nbetween = ['ev.book.ready', 'nope']\nrank = 0.1\nwhy = 'x'\n", "unknown assumption 'nope'"),
        ("[[correlation]]\nbetween = ['ev.lines.yu7.orders', 'ev.lines.suv_erev.orders']\nrank = -0.95\nwhy = 'x'\n", "cannot stand with the others"),
    ],
)  # fmt: skip
def test_what_a_scenario_may_not_do_is_refused_with_the_way_out(project, text, said):
    assert said in refused(project, text)


def test_a_whole_new_line_needs_the_units_of_the_others(root):
    a = load(root / "assumptions.toml", ["europe_early"], as_of="base")
    assert "europe" in a.children("ev.lines")
    assert a["ev.lines.europe.orders"].set_by == "europe_early"


def test_scenarios_combine_in_any_order(root):
    one = load(root / "assumptions.toml", ["price_war", "memory_squeeze"], as_of="base")
    other = load(root / "assumptions.toml", ["memory_squeeze", "price_war"], as_of="base")
    assert one.hash == other.hash
    assert one.scenario == "price_war+memory_squeeze"
    assert len(one.edits) == 8


def test_two_scenarios_that_touch_the_same_assumption_are_refused(root):
    with pytest.raises(InputError) as caught:
        load(root / "assumptions.toml", ["bull", "bear"], as_of="base")
    text = str(caught.value)
    assert text.count("two scenarios collide here") == 5
    assert "scenarios/bull.toml changes it too" in text


def test_a_pair_of_a_scenario_replaces_the_base_cases(root):
    a = load(root / "assumptions.toml", ["price_war"], as_of="base")
    rank = {frozenset(c.between): c.rank for c in a.correlations}
    assert rank[frozenset(("ev.price_war.rival_cut", "ev.price_war.follow"))] == 0.5
    assert len(a.correlations) == 18


def test_a_misspelt_scenario_is_refused_with_the_near_one(root):
    with pytest.raises(InputError, match=r"no scenario 'prise_war'\. Did you mean price_war"):
        load(root / "assumptions.toml", ["prise_war"], as_of="base")


def test_a_renamed_assumption_is_remembered(project):
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("[renamed]", '[renamed]\n"ev.backlog.willing" = "ev.book.ready"'))
    said = refused(project, "[ev.backlog.willing]\nvalue = 1\nwhy = 'x'\n")
    assert "unknown assumption. It was renamed ev.book.ready" in said


def test_a_rename_to_nowhere_is_an_error(project):
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("[renamed]", '[renamed]\n"a.b" = "c.d"'))
    with pytest.raises(InputError, match=r"renamed to 'c\.d', which is not there"):
        load("assumptions.toml", as_of="base")


@pytest.mark.parametrize(
    ("text", "value"),
    [("ev.book.ready=0.6", {"value": 0.6}), ("ev.book.ready.p90=0.72", {"p10": 0.42, "p50": 0.56, "p90": 0.72, "min": 0.2, "max": 0.95}),
     ("ev.accident.month.low=6", {"low": 6.0, "high": 13.0})],
)  # fmt: skip
def test_set_fixes_an_assumption_or_changes_one_key(base, text, value):
    a = under(base, what_ifs=[text])
    path = a.edits[-1].path
    assert {k: v for k, v in a[path].distribution.parameters.items() if v is not None} == value
    assert a.scenario == "base+set"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ev.book.redy=1", "unknown assumption. Did you mean ev.book.ready"),
        ("ev.book.ready", "is not PATH=VALUE"),
        ("ev.book.ready=much", "'much' is not a number"),
        ("ev.book.ready=1\nx=2", "is not a number"),
        ("ev.book.ready=nan", "value is nan, not a finite number"),
        ("ev.book.ready='1'", "not a number"),
        ("ev.book.ready.p90=0.5", "p10, p50, p90 must rise"),
        ("ev.book.ready.p50=0.97", "p50 is 0.97. It is above 0.2 and below 0.95"),
        ("ev.book.ready.mode=0.9", "make no distribution"),
    ],
)
def test_a_bad_set_is_refused(base, text, said):
    with pytest.raises(InputError) as caught:
        under(base, what_ifs=[text])
    assert said in str(caught.value)
    assert str(caught.value).startswith("--set")


def test_every_scenario_of_the_repository_tells_a_story_in_numbers(root):
    names = scenario_names(root)
    assert len(names) >= 8
    for name in names:
        a = load(root / "assumptions.toml", [name], as_of="base")
        assert a.story
        assert a.edits
        assert all(len(edit.why) > 20 for edit in a.edits)
