"""What an update owes where it changes a price, or tells of a new line."""

import pytest

import model
from model import InputError
from tests.conftest import ROOT

HEAD = "[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n"
SAID = "as_of = {day}\nevidence = 'reported'\nsource = 's'\nwhy = 'w'\n"


@pytest.fixture
def checked(today):
    """Check a copy of the project with one update more; what is wrong, in words."""

    def check(text, day="2026-09-01", head=HEAD):
        (today / "updates" / "zz.toml").write_text(head + text.replace("SAID", SAID.format(day=day)))
        try:
            model.check(today / "assumptions.toml")
        except InputError as error:
            return [f"{p.path}: {p.what}. {p.hint}" for p in error.problems]
        return []

    return check


NET = "[ev.lines.yu7.net]\np10 = 0.8\np50 = 0.85\np90 = 0.9\nSAID"
REFERENCE = "[ev.lines.yu7.trims.max.reference]\nvalue = 300_000\nSAID"
ORDERS = "[ev.lines.yu7.orders]\np10 = 12_000\np50 = 19_000\np90 = 28_000\nmin = 4_000\nmax = 40_000\nSAID"


@pytest.mark.parametrize("price", [NET, REFERENCE], ids=["what comes in", "the price at which orders were judged"])
def test_a_price_that_moves_no_order_is_refused_and_says_what_would_do(checked, price):
    found = checked(price)
    assert len(found) == 1
    assert (
        "changes a price, and nothing that is ordered at it. Change ev.lines.yu7.orders too, or say why_no_volume"
        in found[0]
    )


@pytest.mark.parametrize("price", [NET, REFERENCE], ids=["what comes in", "the price at which orders were judged"])
def test_orders_of_the_same_line_in_the_same_update_answer_for_it(checked, price):
    assert checked(price + ORDERS) == []
    assert checked(price + ORDERS.replace("yu7", "su7_2026")) != []


def test_a_reason_answers_for_it_and_an_empty_one_does_not(checked):
    assert checked(NET + "why_no_volume = 'Options, which nobody weighs when ordering.'\n") == []
    assert any("empty" in each for each in checked(NET + "why_no_volume = ''\n"))


def test_a_list_price_moves_orders_by_itself_unless_the_elasticity_is_nought(checked):
    price = "[ev.lines.yu7.trims.max.price]\nvalue = 300_000\nSAID"
    assert checked(price) == []
    none = "[ev.price.elasticity]\nvalue = 0\nSAID"
    refused = {each.partition(":")[0] for each in checked(price + none)}
    assert "ev.lines.yu7.trims.max.price" in refused
    assert refused <= {
        each for each in model.load(ROOT / "assumptions.toml", as_of="latest").entries if each.endswith(".price")
    }


def test_updates_to_20_august_are_not_asked(checked):
    assert checked(NET, day="2026-08-20") == []


def test_a_line_that_an_update_announces_has_to_be_there(checked):
    head = HEAD + "announces = ['ev.lines.n70', 'ev.lines.n50']\n"
    (found,) = checked("", head=head)
    assert "announces 'ev.lines.n50', which is not there" in found


def test_the_projects_own_updates_answer_for_their_prices():
    assert model.check(ROOT / "assumptions.toml")[-1] == "All is well."
