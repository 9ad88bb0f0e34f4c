"""Updates: what became known later, laid over the base case by its day; changes that begin with a month."""

import datetime as dt

import numpy as np
import pytest

import model
from model import InputError
from model.assumptions.assumption import said
from model.assumptions.distributions.base import Fixed, Uniform
from model.assumptions.distributions.time_varying import TimeVarying, changed_from
from model.assumptions.load import load
from model.assumptions.resolve import as_of
from model.assumptions.snapshot import inputs_of, of_manifest
from tests.conftest import ROOT

START = "[ev.lines.su7_2026.start]\n"
WHOLE = "as_of = 2026-03-19\nevidence = 'reported'\nsource = 's'\nwhy = 'w'\n"


@pytest.fixture
def updated(today):
    """Write the only update of a copy of the today, and load it as of a day."""

    def write(text, day="2026-08-20", **how):
        for path in (today / "updates").glob("*.toml"):
            path.unlink()
        (today / "updates" / "new.toml").write_text("[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n" + text)
        return load(today / "assumptions.toml", as_of=dt.date.fromisoformat(day), **how)

    return write


def test_january_knows_no_update():
    a = model.load(ROOT / "assumptions.toml", as_of="base")
    assert a.about.as_of == dt.date(2026, 1, 15)
    assert a.updates == ()


START_OF = {
    "ev.lines.su7_2026.start",
    *(f"ev.lines.su7_2026.trims.{trim}.price" for trim in ("standard", "pro", "max")),
}
MARCH = {"group.cash.opening"}
MAY = {
    "ev.lines.yu7.trims.standard.price",
    *(f"ev.lines.yu7.trims.gt.{key}" for key in ("price", "reference", "share")),
}


@pytest.mark.parametrize(
    ("day", "changed"), [("2026-03-18", set()), ("2026-03-19", START_OF), ("2026-06-01", START_OF | MARCH | MAY)]
)
def test_a_day_knows_what_became_known_by_it_and_nothing_later(day, changed):
    a = load(ROOT / "assumptions.toml", as_of=dt.date.fromisoformat(day))
    base = load(ROOT / "assumptions.toml")
    now = {path: said(e.distribution) for path, e in a.entries.items()}
    assert {path for path in now if path not in base.entries or now[path] != said(base[path].distribution)} == changed
    assert {edit.path for edit in a.updates} == changed
    assert str(a.about.as_of) == day


def test_one_car_of_january_is_two_from_the_day_on_which_they_were_shown():
    july, day = (load(ROOT / "assumptions.toml", as_of=dt.date(2026, 7, n)) for n in (29, 30))
    assert july.children("ev.lines") == ("su7", "su7_2026", "suv_erev", "yu7")
    assert day.children("ev.lines") == ("n70", "n90", "su7", "su7_2026", "yu7")
    assert not [pair for pair in day.pairs if "suv_erev" in str(pair)]
    assert ("ev.lines.n70.start", "ev.lines.n90.start", 0.97) in day.pairs
    assert [edit.new for edit in day.updates if edit.path == "ev.lines.suv_erev"] == ["(retired)"]
    assert day["ev.lines.n90.trims.max.price"].set_by == "update of 2026-07-30"


def test_a_trim_is_added_to_a_line_that_an_update_has_added():
    a = load(ROOT / "assumptions.toml", as_of=dt.date(2026, 10, 10))
    assert a.children("ev.lines.n70.trims") == ("max", "pro")


def test_judgements_are_left_out_where_facts_alone_are_asked_for():
    both, facts = (
        load(ROOT / "assumptions.toml", as_of=dt.date(2026, 10, 10), judged=judged) for judged in (True, False)
    )
    changed = {path for path, e in both.entries.items() if said(e.distribution) != said(facts[path].distribution)}
    assert changed == {"ev.market.level", "drift.ev_demand", "noise.orders"}
    assert facts["ev.lines.n70.start"].happened


def test_of_two_changes_of_one_assumption_the_later_one_holds():
    july, august = (load(ROOT / "assumptions.toml", as_of=dt.date(2026, *day)) for day in ((7, 31), (8, 20)))
    starts = [said(a["ev.lines.n70.start"].distribution, "date") for a in (july, august)]
    assert ["p10 2026-08-22" in starts[0], "p10 2026-08-27" in starts[1]] == [True, True]


def test_what_happened_is_known_without_error_and_no_scenario_undoes_it(updated):
    a = updated(f"{START}value = 3.58\n{WHOLE}")
    assert a["ev.lines.su7_2026.start"].happened
    with pytest.raises(InputError, match=r"is known: 3.58 month, update of 2026-03-19. What has happened stays"):
        updated(f"{START}value = 3.58\n{WHOLE}", scenarios=["su7_slips"])
    with pytest.raises(InputError, match="What has happened stays"):
        updated(f"{START}value = 3.58\n{WHOLE}", sets=["ev.lines.su7_2026.start=5.0"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[ev.lines.su7_2027.start]\nvalue = 3\n{WHOLE}", r"updates/new.toml, line 5: ev.lines.su7_2027: the new 'su7_2027' in ev.lines lacks class, discount"),
        (f"{START}value = 3\nevidence = 'reported'\nsource = 's'\nwhy = 'w'\n", r"line 5: ev.lines.su7_2026.start: has no as_of"),
        (f"{START}value = 3\nas_of = 2026-03-19\nevidence = 'reported'\nwhy = 'w'\n", r"has no source. Every number has a source"),
        (f"{START}value = 3\nunit = 'months'\n{WHOLE}", r"an update cannot change unit|unknown key 'unit'"),
        (f"{START}value = 3\nfrom = 'May'\n{WHOLE}", r"from is 'May', no month. Write from = \"2026-09\""),
        (f"[ev.book.ready]\nvalue = 0.5\nfrom = '2027-01'\n{WHOLE}", r"from 2027-01 is no month of 2026"),
        ("[ev.lines.yu7.trims.gt2.price]\nvalue = 1\nunit = 'RMB/vehicle'\nlabel = 'l'\n" + WHOLE, r"the new 'gt2' in ev.lines.yu7.trims lacks reference, share"),
        ("[[retire]]\npath = 'ev.lines.yu9'\nas_of = 2026-03-19\nsource = 's'\nwhy = 'w'\n", r"'ev.lines.yu9' is not there"),
        ("[[retire]]\npath = 'ev.lines.yu7'\nas_of = 2026-03-19\nsource = 's'\nwhy = 'w'\n[ev.lines.yu7.orders]\nvalue = 9_000\nas_of = 2026-04-01\nsource = 's'\nevidence = 'estimate'\nwhy = 'w'\n", r"yu7.orders: was retired before"),
        ("[target]\nvalue = 1\n", r"an update cannot hold \[target\]"),
        ("[outside]\nweight = 0.9\n", r"an update cannot hold \[outside\]"),
    ],
)  # fmt: skip
def test_a_bad_update_is_refused_in_words_whatever_its_day(updated, text, words):
    with pytest.raises(InputError, match=words):
        updated(text, day="2026-01-16")


def test_a_day_before_that_of_the_base_case_is_refused():
    with pytest.raises(InputError, match="2025-01-01 lies before the day of the base case, 2026-01-15"):
        model.load(ROOT / "assumptions.toml", as_of="2025-01-01")


def test_the_base_case_holds_no_dated_change(today):
    path = today / "assumptions.toml"
    path.write_text(path.read_text().replace("value    = 0.05\n", 'value    = 0.05\nfrom = "2026-09"\n', 1))
    with pytest.raises(InputError, match="`from` has no place in a whole assumption"):
        load(path)


def test_a_dated_change_leaves_the_months_before_it_and_keeps_each_draws_percentile():
    dated = TimeVarying(Uniform(0.0, 10.0), Uniform(100.0, 200.0), "2026-09")
    values = dated.quantile(np.array([0.2, 0.7]))
    np.testing.assert_allclose(values[:8], [[2.0, 7.0]] * 8)
    np.testing.assert_allclose(values[8:], [[120.0, 170.0]] * 4)


def test_a_moment_that_has_passed_stays_and_one_to_come_is_never_moved_into_the_past():
    dated = TimeVarying(Uniform(5.0, 15.0), Fixed(6.0), "2026-09", moment=True)
    np.testing.assert_allclose(dated.quantile(np.array([0.1, 0.39, 0.41, 0.9])), [6.0, 8.9, 9.0, 9.0])


def test_a_change_on_top_of_a_later_change_is_refused():
    first = changed_from(Fixed(1.0), Fixed(2.0), "2026-06", unit="share", year=2026)
    both = changed_from(first, Fixed(3.0), "2026-09", unit="share", year=2026)
    assert list(both.quantile(np.full(1, 0.5))[:, 0]) == [1.0] * 5 + [2.0] * 3 + [3.0] * 4
    with pytest.raises(InputError, match="a change from 2026-03 on, before the one from 2026-06 on"):
        changed_from(first, Fixed(3.0), "2026-03", unit="share", year=2026)


def test_a_dated_change_survives_the_way_through_a_manifest(updated):
    a = updated(f"[ev.lines.yu7.net]\nfrom = '2026-06'\np10 = 0.93\np50 = 1.0\np90 = 1.06\n{WHOLE}")
    assert "; from 2026-06 p10 0.93" in str(a["ev.lines.yu7.net"])
    assert of_manifest(inputs_of(a), a).hash == a.hash != load(ROOT / "assumptions.toml").hash


def test_an_assumption_that_two_updates_change_on_the_same_day_is_refused_with_both_files(today):
    for name, value in (("one", 1.0), ("two", 2.0)):
        (today / "updates" / f"{name}.toml").write_text(
            f"[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n[ev.lines.yu7.waiting]\nvalue = {value}\n{WHOLE}"
        )
    said = r"two\.toml, line 5: ev\.lines\.yu7\.waiting: is changed as of 2026-03-19 in .*one\.toml too"
    with pytest.raises(InputError, match=said):
        model.load(today / "assumptions.toml", as_of="2026-08-20")


def test_what_holds_for_the_whole_year_cannot_change_within_it(today):
    (today / "updates" / "bad.toml").write_text(
        f"[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n[ev.lines.yu7.waiting]\nfrom = '2026-06'\nvalue = 100_000\n{WHOLE}"
    )
    with pytest.raises(InputError, match=r"ev\.lines\.yu7\.waiting: holds for the whole year, or of its first day"):
        model.load(today / "assumptions.toml", as_of="2026-08-20")


def test_facts_alone_stay_facts_alone_on_another_day():
    facts = load(ROOT / "assumptions.toml", as_of=dt.date(2026, 10, 10), judged=False)
    assert facts.facts_alone
    assert as_of(facts, dt.date(2026, 8, 20)).facts_alone
    assert as_of(facts, dt.date(2026, 10, 10)).hash == facts.hash


def test_a_source_of_after_the_cases_day_is_refused_with_its_line(today):
    base = today / "assumptions.toml"
    text = base.read_text()
    head = "[ev.lines.yu7.orders]\n"
    base.write_text(text.replace(head, head + "as_of = 2026-01-16\n"))
    with pytest.raises(InputError, match="is of 2026-01-16, after the day of the case, 2026-01-15") as caught:
        load(base)
    line = text[: text.index(head)].count("\n") + 2
    assert [(p.path, p.line) for p in caught.value.problems] == [("ev.lines.yu7.orders", line)]


def test_a_public_number_of_after_the_cases_day_is_refused(today):
    base = today / "assumptions.toml"
    base.write_text(
        base.read_text().replace("{ value = 20_000, as_of = 2026-01-15", "{ value = 20_000, as_of = 2026-02-01")
    )
    with pytest.raises(InputError, match="is of 2026-02-01, after the day of the case"):
        load(base)


def test_what_updates_add_is_known_no_later_than_they_are():
    a = load(ROOT / "assumptions.toml", as_of=dt.date(2026, 10, 10), to="2030-12")
    assert all(entry.as_of <= dt.date(2026, 10, 10) for entry in a.entries.values())
