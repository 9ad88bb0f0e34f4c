"""Tax and trade-in grant by hand: what is left to pay, and which orders move across a 1 January."""

import numpy as np
import pytest

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers import policy

THREE = Calendar(2026, 3)
HOW = {"payback": np.array([0.2]), "decay": np.array([1.5])}
NO_GRANT = {"grant": np.zeros(1), "paid": np.ones((36, 1)), "renewed": np.ones(1)}


def test_money_that_runs_out_in_mid_october_pays_half_of_october_and_nothing_until_it_is_renewed():
    paid = policy.funded(until=np.array([10.5]), renewed=np.array([0.5]), calendar=Calendar(2026, 2))[:, 0]
    assert paid[:9] == pytest.approx(1)
    assert paid[9:12] == pytest.approx([0.5, 0, 0])
    assert paid[12:] == pytest.approx(0.5)


def test_a_grant_as_before_and_a_tax_of_5_percent_leave_5_percent_more_to_pay():
    assert policy.outlay(tax=np.array([0.05]), grant=np.array([0.04]), paid=np.ones(1)).item() == pytest.approx(1.05)


def test_a_grant_of_4_percent_that_is_gone_is_a_price_a_24th_higher():
    gone = policy.outlay(tax=np.zeros(1), grant=np.array([0.04]), paid=np.zeros(1))
    assert gone.item() == pytest.approx(1 / 0.96)


@pytest.mark.parametrize("season", [np.ones((36, 1)), np.tile(np.linspace(0.5, 1.5, 12)[:, None], (3, 1))])
def test_a_rise_of_the_tax_moves_orders_forward_and_makes_none(season):
    tax = np.concatenate([np.full((24, 1), 0.05), np.full((12, 1), 0.10)])
    to_come = np.concatenate([np.full((12, 1), 0.05), np.full((24, 1), 0.10)])
    made = policy.moved_across(tax=tax, to_come=to_come, season=season, **HOW, **NO_GRANT)
    assert (made[:12] == 1).all()
    assert made[24] == pytest.approx(0.8)  # five points more, as the first year's
    if season.std() == 0:
        assert made[23] == pytest.approx(1.2)
    assert (season * made).sum() == pytest.approx(season.sum())
    flat = np.full((36, 1), 0.05)
    assert (policy.moved_across(tax=flat, to_come=flat, season=season, **HOW, **NO_GRANT) == 1).all()


def test_a_grant_that_ends_with_the_year_moves_orders_into_its_last_months():
    """A grant of 3% gone is three fifths of the tax's 5 points, which pulled a fifth of January forward: 12%."""
    tax, season = np.full((24, 1), 0.05), np.ones((24, 1))
    grant = {"grant": np.array([0.03]), "renewed": np.zeros(1)}
    paid = np.concatenate([np.ones((12, 1)), np.zeros((12, 1))])
    made = policy.moved_across(tax=tax, to_come=tax, season=season, paid=paid, **grant, **HOW)[:, 0]
    assert made[11] == pytest.approx(1.12)
    assert made[12] == pytest.approx(0.88)
    assert made.sum() == pytest.approx(24)
    short = policy.moved_across(tax=tax[:12], to_come=tax[:12], season=season[:12], paid=paid[:12], **grant, **HOW)
    assert made[:12] == pytest.approx(short[:, 0])  # the first year is that of a run of one


def test_a_grant_that_has_run_out_before_the_year_ends_moves_nothing_forward():
    tax = np.full((12, 1), 0.05)
    paid = np.concatenate([np.ones((9, 1)), np.zeros((3, 1))])
    made = policy.moved_across(
        tax=tax, to_come=tax, season=np.ones((12, 1)), paid=paid, grant=np.array([0.03]), renewed=np.zeros(1), **HOW
    )
    assert (made == 1).all()
