"""Money in another currency, at the last known rate of the forecast's day: outcomes, and what is set beside them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import partial
from pathlib import Path

from model.errors import InputError, Problem, near
from model.simulation.business import Business
from model.simulation.result import Result
from model.xiaomi.data import history

RMB = "RMB"
CURRENCIES = (RMB, "HKD", "USD")


def converted(result: Result, code: str) -> Result:
    """The result with every outcome in RMB turned into another currency; InputError for one of which no rate is known."""
    if code not in CURRENCIES:
        what, hint = f"'{code}' is no currency that is known", near(code, CURRENCIES) or ", ".join(CURRENCIES)
        raise InputError(Problem(what, hint, path="--currency"))
    if code == RMB:
        return result
    rate, _ = rate_of(result.assumptions.root, result.assumptions.about.as_of, code)
    own = result.business.unit
    outcomes = {
        name: values / rate if own(name).partition("/")[0].partition(" ")[0] == RMB else values
        for name, values in result.outcomes.items()
    }
    business: Business = dataclasses.replace(result.business, unit=partial(_unit, result.business, code))
    return dataclasses.replace(result, outcomes=outcomes, business=business).after(currency=(code, rate))


def _unit(business: Business, code: str, outcome: str) -> str:
    return business.unit(outcome).replace(RMB, code)


def currency(result: Result) -> str:
    """That of a result."""
    return result.steps.currency[0] if result.steps.currency else RMB


def of_rmb(result: Result, value: float) -> float:
    """A value in RMB, in the currency of a result."""
    return value / result.steps.currency[1] if result.steps.currency else value


def rate_of(root: Path, day: dt.date, code: str) -> tuple[float, dt.date]:
    """RMB for one unit of a currency by a day, and the day of that rate. InputError where none is known."""
    rates = {
        dt.date.fromisoformat(row["day"]): float(row["rmb"])
        for row in history.read(root, "exchange_rates.csv")
        if row["currency"] == code and row["day"] <= day.isoformat()
    }
    if not rates:
        raise InputError(Problem(f"no rate of {code} is known by {day}", "A row", file="data/exchange_rates.csv"))
    return rates[max(rates)], max(rates)


def rate_lines(result: Result) -> list[str]:
    """At which rate, and of which day; nothing where all is in RMB."""
    if not result.steps.currency:
        return []
    code, rate = result.steps.currency
    _, day = rate_of(result.assumptions.root, result.assumptions.about.as_of, code)
    return [f"In {code} at {rate:.5g} RMB (rate of {day:%-d %B %Y}, data/exchange_rates.csv)"]
