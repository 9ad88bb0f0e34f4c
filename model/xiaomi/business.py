"""Xiaomi: the drivers wired together, from draws to outcomes. One readable page."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.simulation.business import Business, Function, History
from model.simulation.sampling.draws import Draws
from model.xiaomi.composition import composed, needs
from model.xiaomi.drivers.calendar import months_quarters_year, quarterly, with_year
from model.xiaomi.ev_volume import Volume, ev_volume, volume
from model.xiaomi.later_years import of_later_years
from model.xiaomi.outcomes import ACCOUNTS, FAMILIES, PRICES, REPORTED, SPREADS, UNITS, VOLUMES, label_of, unit_of
from model.xiaomi.profit import CORE, earnings
from model.xiaomi.segments import (
    devices_in_use,
    ev_money,
    ev_opex,
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
    from model.simulation.observation import Observation
    from model.simulation.reference_class import ReferenceClass
    from model.simulation.report_entry import Draft, Said


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
        "internet": draws.stage(internet_money, reached, devices, shipped),
        "other": draws.stage(other_money),
        "ev": draws.stage(ev_money, sold, by_line),
    }
    cost = draws.stage(ev_opex, money["ev"])
    result = money["ev"][1] - cost.total
    out["ev.operating_result"] = with_year(result)
    out |= {f"smartphones.{name}": with_year(shipped[name]) for name in shipped if name.startswith("shipments")}
    out["ecosystem.users"] = reached["end"]
    out["ecosystem.devices"] = devices["end"]
    out |= group(money)
    out |= draws.stage(earnings, *(money[name] for name in (*CORE, "ev")), cost)
    out = composed(draws, out, _later_years, given=[sold, by_line, result])
    return composed(draws, out, _worth)


@needs("value.rate")
def _worth(draws: Draws, out: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a draw is worth, beside all else."""
    return out | values(draws, out)


@needs("ev.cash.invested")
def _later_years(
    draws: Draws, out: dict[str, np.ndarray], sold: Volume, by_line: list[np.ndarray], result: np.ndarray
) -> dict[str, np.ndarray]:
    """Cash, Europe and rank, beside all else."""
    return out | of_later_years(draws, sold, by_line, result)


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
    from model.xiaomi.data.observations import observations

    return observations(root, year)


def checks(root: Path, year: int) -> list[Observation]:
    """The same, and the figures that follow from others."""
    from model.xiaomi.data.observations import observations

    return observations(root, year, checks=True)


def enter(root: Path, said: Said, outcomes: Sequence[str]) -> Draft:
    """The row of a report in data/observations.csv."""
    from model.xiaomi.data.report_entry import draft

    return draft(root, said, outcomes)


def take_back(root: Path, outcome: str, period: str) -> Draft:
    """The change that takes one back."""
    from model.xiaomi.data.report_entry import taken_back

    return taken_back(root, outcome, period)


def truth(root: Path) -> dict[str, tuple[str, ...]]:
    """Which series forecasts of an outcome are scored for, data/series.toml."""
    from model.xiaomi.data.observations import truth as found

    return found(root)


def history(root: Path, year: int, day: dt.date) -> History:
    """What was known on a day, of Xiaomi's past and of other makers', from data/."""
    from model.xiaomi.data.known_on import history as found

    return found(root, year, day)


def classes(root: Path, assumptions: Assumptions) -> list[ReferenceClass]:
    """What happened to other makers in the same position, from the history in data/, read when it is asked for."""
    from model.xiaomi.data.reference_classes import classes as found

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
    enter=enter,
    take_back=take_back,
    history=history,
    accounts=ACCOUNTS,
    truth=truth,
    reported=REPORTED,
    prices=PRICES,
    families=FAMILIES,
    classes=classes,
    limits={"ev.capacity_bound": ("the plants", "orders")},
    volumes=VOLUMES,
    report="model.xiaomi.report.spec:SPEC",
)
