"""Xiaomi: the drivers wired together, from draws to outcomes. One readable page."""

from __future__ import annotations

import csv
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.simulation.business import Business, Function, History
from model.simulation.sampling.draws import Draws
from model.xiaomi.beyond import of_later_years
from model.xiaomi.drivers import later
from model.xiaomi.drivers.calendar import months_quarters_year, quarterly, with_year
from model.xiaomi.ev_volume import Volume, ev_volume, volume
from model.xiaomi.outcomes import ACCOUNTS, FAMILIES, PRICES, REPORTED, SPREADS, UNITS, label_of, unit_of
from model.xiaomi.segments import (
    devices_in_use,
    ev_money,
    group,
    internet_money,
    iot_money,
    other_money,
    phone_money,
    phones,
    users,
)
from model.xiaomi.value import values

if TYPE_CHECKING:
    import datetime as dt

    from model.assumptions.assumption import Assumptions
    from model.simulation.outside import ReferenceClass
    from model.simulation.posterior.observation import Observation


def company(draws: Draws) -> dict[str, np.ndarray]:
    """All outcomes by name, (period, draw): months, quarters and years; months; quarters and years; years; or (draw,) of a date.

    Of one year these are 17, 12, 5 and 1 rows. Outcomes of later years and of value come where the assumptions have their numbers.
    """
    sold = draws.stage(ev_volume)
    by_line, cars = draws.stage(cars_by_line, sold), draws.stage(cars_by_quarter, sold)
    out = {"ev.deliveries": months_quarters_year(sold.book.delivered)}
    out |= {f"ev.deliveries.{v}": months_quarters_year(d) for v, d in zip(sold.lines, by_line, strict=True)}
    out |= sold.flows()
    shipped = draws.stage(phones, cars)
    reached = draws.stage(users, cars, shipped)
    devices = draws.stage(devices_in_use, cars, reached)
    money = {
        "smartphones": draws.stage(phone_money, shipped),
        "iot": draws.stage(iot_money, devices),
        "internet": draws.stage(internet_money, reached, devices),
        "other": draws.stage(other_money),
        "ev": draws.stage(ev_money, sold, by_line),
    }
    quarters = draws.calendar.quarters
    opex = draws.get("ev.opex.research", "RMB bn/quarter", quarters) + draws.get(
        "ev.opex.other", "RMB bn/quarter", quarters
    )
    if draws.has("ev.opex.response"):
        response = draws.get("ev.opex.response", "share")
        opex = later.following(cost=opex, revenue=money["ev"][0], response=response)
    result = money["ev"][1] - opex
    out["ev.operating_result"] = with_year(result)
    out["smartphones.shipments"] = with_year(shipped["shipments"])
    out["ecosystem.users"] = reached["end"]
    out["ecosystem.devices"] = devices["end"]
    out |= group(money)
    if draws.has("ev.cash.invested"):
        out |= of_later_years(draws, sold, by_line, result)
    if draws.has("value.shares"):
        out |= values(draws, out)
    return out


def cars_by_line(_: Draws, sold: Volume) -> list[np.ndarray]:
    """Deliveries of each line, (month, draw) each."""
    return sold.by_line()


def cars_by_quarter(_: Draws, sold: Volume) -> np.ndarray:
    """Vehicles delivered, (quarter, draw)."""
    return quarterly(sold.book.delivered)


def parts(outcomes: Collection[str]) -> Function:
    """Deliveries alone where nothing else is asked for, at a fifth of the cost."""
    if all(name.startswith("ev.deliveries") for name in outcomes):
        return partial(volume, by_line=any(name != "ev.deliveries" for name in outcomes))
    return company


def observed(root: Path, year: int) -> list[Observation]:
    """What Xiaomi reported of a year, data/observations.csv; the file is read when it is asked for."""
    from model.xiaomi.observed import observations

    return observations(root, year)


def checks(root: Path, year: int) -> list[Observation]:
    """The same, and the figures that follow from others."""
    from model.xiaomi.observed import observations

    return observations(root, year, checks=True)


def truth(root: Path) -> dict[str, tuple[str, ...]]:
    """Which series forecasts of an outcome are scored for, data/series.toml."""
    from model.xiaomi.observed import truth as found

    return found(root)


def history(root: Path, year: int, day: dt.date) -> History:
    """What was known on a day, of Xiaomi's past and of other makers', from data/."""
    from model.xiaomi.history import history as found

    return found(root, year, day)


def classes(root: Path, assumptions: Assumptions) -> list[ReferenceClass]:
    """What happened to other makers in the same position, from the history in data/, read when it is asked for."""
    from model.xiaomi.outside import classes as found

    return found(root, assumptions)


def _salts() -> dict[str, int]:
    """Salts of the base case's coordinates, `salts.csv`."""
    with Path(__file__).with_name("salts.csv").open(newline="", encoding="utf-8") as file:
        return {row["path"]: int(row["salt"]) for row in csv.DictReader(file)}


XIAOMI = Business(
    company,
    name="xiaomi",
    unit=unit_of,
    label=label_of,
    units=UNITS,
    spreads=SPREADS,
    salts=_salts(),
    parts=parts,
    observed=observed,
    checks=checks,
    history=history,
    accounts=ACCOUNTS,
    truth=truth,
    reported=REPORTED,
    prices=PRICES,
    families=FAMILIES,
    classes=classes,
    desk="model.reporting.xiaomi.desk:DESK",
)
