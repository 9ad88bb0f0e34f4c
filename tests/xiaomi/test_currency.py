"""Headline and memo in another currency, at the last known rate of the day."""

import datetime as dt

import numpy as np
import pytest

import model
from model import InputError
from model.reporting import headline
from model.xiaomi.report import currency
from tests.conftest import ROOT


def test_the_last_rate_that_was_known_by_the_day_counts():
    """27 January 2026: 6.9858 RMB for a dollar; 19 August 2026: 6.79."""
    assert currency.rate_of(ROOT, dt.date(2026, 8, 18), "USD") == (6.9858, dt.date(2026, 1, 27))
    assert currency.rate_of(ROOT, dt.date(2026, 8, 19), "USD") == (6.79, dt.date(2026, 8, 19))
    with pytest.raises(InputError, match="no rate of USD is known by 2025-08-18"):
        currency.rate_of(ROOT, dt.date(2025, 8, 18), "USD")


def test_money_is_divided_by_the_rate_and_nothing_else_is(result):
    """The base case's day has the rate of 19 August 2025: 7.1798 RMB for a dollar."""
    found = currency.converted(result, "USD")
    for outcome in ("group.revenue", "group.eps", "ev.operating_result", "group.adjusted_net_profit"):
        np.testing.assert_allclose(found.values(outcome), result.values(outcome) / 7.1798)
        assert found.business.unit(outcome) == result.business.unit(outcome).replace("RMB", "USD")
    for outcome in ("ev.deliveries", "group.gross_margin", "ev.mix", "smartphones.shipments"):
        np.testing.assert_array_equal(found.values(outcome), result.values(outcome))
        assert found.business.unit(outcome) == result.business.unit(outcome)


def test_the_headline_has_all_of_it_in_one_currency_and_the_same_places(result):
    plain, hkd = ("\n".join(headline.text(currency.converted(result, code))) for code in ("RMB", "HKD"))
    assert "RMB" not in hkd.replace("at 0.9217 RMB (rate of 19 August 2025", "")
    assert "In HKD at 0.9217 RMB (rate of 19 August 2025" in hkd
    assert "adjusted net profit, RMB bn  49.0 to 68.1, median 60.8 (above P99)" in plain
    assert "adjusted net profit, HKD bn  53.2 to 73.9, median 66.0 (above P99)" in hkd  # over 0.9217


def test_a_currency_that_is_not_known_is_refused(result):
    with pytest.raises(InputError, match=r"'EUR' is no currency that is known\. RMB, HKD, USD"):
        currency.converted(result, "EUR")
    with pytest.raises(InputError, match="this business has one currency"):
        model.reporting.report_spec.PLAIN.in_currency(result, "HKD")
