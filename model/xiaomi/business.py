"""Xiaomi in one year: the drivers wired together, from draws to outcomes. One readable page."""

from __future__ import annotations

import csv
from collections.abc import Collection
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.simulation.business import Business, Function, History
from model.simulation.sampling.draws import Draws
from model.xiaomi.drivers import capacity, ecosystem, ev_margin, orders, smartphones
from model.xiaomi.drivers.calendar import MONTHS, QUARTERS, accumulated, months_quarters_year, quarterly, with_year
from model.xiaomi.ev_volume import Volume, ev_volume, volume
from model.xiaomi.outcomes import FAMILIES, REPORTED, UNITS, label_of, unit_of

if TYPE_CHECKING:
    import datetime as dt

    from model.assumptions.assumption import Assumptions
    from model.simulation.outside import ReferenceClass
    from model.simulation.posterior.observation import Observation

SEGMENTS = ("smartphones", "iot", "internet", "other", "ev")


def company(draws: Draws) -> dict[str, np.ndarray]:
    """All outcomes by name; (17, draw) months, quarters, year; (12, draw) months; (5, draw) quarters and year."""
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
    opex = draws.get("ev.opex.research", "RMB bn/quarter", QUARTERS) + draws.get(
        "ev.opex.other", "RMB bn/quarter", QUARTERS
    )
    out["ev.operating_result"] = with_year(money["ev"][1] - opex)
    out["smartphones.shipments"] = with_year(shipped["shipments"])
    out["ecosystem.users"] = reached["end"]
    out["ecosystem.devices"] = devices["end"]
    return out | group(money)


def cars_by_line(_: Draws, sold: Volume) -> list[np.ndarray]:
    """Deliveries of each line, (month, draw) each."""
    return sold.by_line()


def cars_by_quarter(_: Draws, sold: Volume) -> np.ndarray:
    """Vehicles delivered, (quarter, draw)."""
    return quarterly(sold.book.delivered)


Money = tuple[np.ndarray, np.ndarray]  # revenue and gross profit by quarter, (quarter, draw), RMB bn


def ev_money(draws: Draws, sold: Volume, delivered: list[np.ndarray]) -> Money:
    """The EV segment; delivered : by line, (month, draw) vehicles/month."""
    get, once, lines = draws.get, draws.once, sold.lines

    def by_line(key: str, unit: str) -> np.ndarray:
        values = [np.atleast_2d(get(f"ev.lines.{line}.{key}", unit, MONTHS)) for line in lines]
        periods = max(len(each) for each in values)
        return np.stack([np.broadcast_to(each, (periods, draws.size)) for each in values])

    price = by_line("price", "RMB/vehicle")
    discount = once(
        orders.own_price,
        rival_cut=get("ev.price_war.rival_cut", "share", MONTHS),
        follow=get("ev.price_war.follow", "share", MONTHS),
    )
    cars = quarterly(
        ev_margin.car_revenue(delivered=delivered, price=price, discount=discount, duty=by_line("duty", "share"))
    )
    cars *= once(orders.lognormal_noise, get("noise.ev_price", "share"), draws.shock("ev_price", QUARTERS))
    per_car = get("ev.tax_guarantee.per_car", "RMB/vehicle", QUARTERS) * get(
        "ev.tax_guarantee.eligible", "share", QUARTERS
    )
    cars -= quarterly(sold.to_those_who_waited()) * per_car / ev_margin.BN
    variable = quarterly(
        ev_margin.variable_cost(
            delivered=delivered,
            price=price,
            reference_price=get("ev.cost.reference_price", "RMB/vehicle", MONTHS),
            at_reference=get("ev.cost.variable", "RMB/vehicle", MONTHS),
            slope=get("ev.cost.slope", "share", MONTHS),
            inflation=get("ev.cost.inflation", "share", MONTHS),
            saving=accumulated(get("ev.cost.integration", "RMB/vehicle", MONTHS)),
        )
    )
    fixed = np.zeros((QUARTERS, draws.size))
    for plant in draws.children("ev.plants"):
        key = f"ev.plants.{plant}"
        fixed += get(f"{key}.fixed_cost", "RMB bn/quarter", QUARTERS) * once(
            capacity.running, start=get(f"{key}.start", "month")
        )
    share = get("ev.other.share", "share", QUARTERS)
    profit = ev_margin.gross_profit(
        cars=cars,
        other_share=share,
        other_margin=get("ev.other.margin", "share", QUARTERS),
        variable=variable,
        fixed=fixed,
    )
    revenue = cars * (1.0 + share)
    return revenue, profit + revenue * get("noise.ev_margin", "share") * draws.shock("ev_margin", QUARTERS)


def phones(draws: Draws, cars: np.ndarray) -> dict[str, np.ndarray]:
    """Phones by quarter, mn, with what memory does to cost and price; cars : (quarter, draw) vehicles delivered."""
    get, once = draws.get, draws.once
    margin = get("smartphones.margin", "share", QUARTERS)
    rise = once(
        smartphones.cost_rise,
        price_rise=get("smartphones.memory.price_rise", "share", QUARTERS),
        cost_share=get("smartphones.memory.cost_share", "share", QUARTERS),
        mitigation=get("smartphones.memory.mitigation", "share", QUARTERS),
    )
    factor = once(
        smartphones.price_factor,
        rise=rise,
        pass_through=get("smartphones.memory.pass_through", "share", QUARTERS),
        margin=margin,
    )
    shipped = smartphones.shipments(
        market=get("smartphones.market", "mn phones/year", QUARTERS),
        growth=get("smartphones.market_growth", "share/year", QUARTERS),
        share=get("smartphones.share", "share", QUARTERS),
        season=get("smartphones.season", "share", QUARTERS),
    ) * np.exp(-get("smartphones.elasticity", "elasticity", QUARTERS) * np.log(factor))
    shipped = shipped * once(
        orders.lognormal_noise, get("noise.shipments", "share"), draws.shock("shipments", QUARTERS)
    )
    shipped = shipped + cars / 1e6 * get("ecosystem.phones_per_vehicle", "phones/vehicle", QUARTERS)
    return {"shipments": shipped, "rise": rise, "factor": factor}


def users(draws: Draws, cars: np.ndarray, shipped: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Monthly active users, mn: when the year begins, at the end of each quarter, in its mean."""
    get, opening = draws.get, draws.get("ecosystem.users", "mn users")
    end = ecosystem.users(
        opening=opening,
        phones=shipped["shipments"],
        cars=cars,
        per_phone=get("ecosystem.users_per_phone", "users/phone", QUARTERS),
        per_vehicle=get("ecosystem.users_per_vehicle", "users/vehicle", QUARTERS),
    )
    return {"opening": opening, "end": end, "mean": ecosystem.mid_quarter(opening=opening, end=end)}


def devices_in_use(draws: Draws, cars: np.ndarray, reached: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Connected devices, mn: when the year begins, added in each quarter, at its end."""
    get, opening = draws.get, draws.get("ecosystem.devices", "mn devices")
    added = ecosystem.devices_added(
        users=reached["mean"],
        cars=cars,
        per_user=get("ecosystem.devices_per_user", "devices/user/quarter", QUARTERS),
        per_vehicle=get("ecosystem.devices_per_vehicle", "devices/vehicle", QUARTERS),
    )
    return {"opening": opening, "added": added, "end": opening + np.cumsum(added, axis=0)}


def phone_money(draws: Draws, shipped: dict[str, np.ndarray]) -> Money:
    """Smartphones."""
    get, once = draws.get, draws.once
    price = get("smartphones.asp", "RMB/phone", QUARTERS) * shipped["factor"]
    price = price * once(orders.lognormal_noise, get("noise.asp", "share"), draws.shock("asp", QUARTERS))
    margin = once(
        smartphones.squeezed_margin,
        rise=shipped["rise"],
        factor=shipped["factor"],
        margin=get("smartphones.margin", "share", QUARTERS),
    )
    margin = margin + get("noise.smartphone_margin", "share") * draws.shock("smartphone_margin", QUARTERS)
    revenue = smartphones.revenue(shipments=shipped["shipments"], asp=price)
    return revenue, revenue * margin


def iot_money(draws: Draws, devices: dict[str, np.ndarray]) -> Money:
    """IoT and lifestyle products."""
    get, once = draws.get, draws.once
    revenue = ecosystem.iot_revenue(
        devices_added=devices["added"],
        per_device=get("iot.revenue_per_device", "RMB/device", QUARTERS),
        season=get("iot.season", "factor", QUARTERS),
        subsidy=get("iot.subsidy", "share", QUARTERS),
    ) * once(orders.lognormal_noise, get("noise.iot_revenue", "share"), draws.shock("iot_revenue", QUARTERS))
    return revenue, revenue * (
        get("iot.margin", "share", QUARTERS) + get("noise.iot_margin", "share") * draws.shock("iot_margin", QUARTERS)
    )


def other_money(draws: Draws) -> Money:
    """Other related business."""
    revenue = draws.get("other.revenue", "RMB bn/quarter", QUARTERS)
    profit = draws.get("other.gross_profit", "RMB bn/quarter", QUARTERS)
    shape = (QUARTERS, draws.size)
    return np.broadcast_to(revenue, shape), np.broadcast_to(profit, shape)


def internet_money(draws: Draws, reached: dict[str, np.ndarray], devices: dict[str, np.ndarray]) -> Money:
    """Internet services."""
    get, once = draws.get, draws.once
    density = (devices["end"] / reached["end"]) / (devices["opening"] / reached["opening"])
    revenue = ecosystem.internet_revenue(
        users=reached["mean"],
        per_user=get("internet.revenue_per_user", "RMB/user/quarter", QUARTERS),
        density=density,
        elasticity=get("internet.device_elasticity", "elasticity", QUARTERS),
    ) * once(orders.lognormal_noise, get("noise.internet_revenue", "share"), draws.shock("internet_revenue", QUARTERS))
    return revenue, revenue * (
        get("internet.margin", "share", QUARTERS)
        + get("noise.internet_margin", "share") * draws.shock("internet_margin", QUARTERS)
    )


def group(money: dict[str, Money]) -> dict[str, np.ndarray]:
    """Segments and their sum: revenue, gross profit, gross margin, share of revenue; quarters and year."""
    out = {}
    revenue = {name: with_year(money[name][0]) for name in SEGMENTS}
    profit = {name: with_year(money[name][1]) for name in SEGMENTS}
    revenue["group"], profit["group"] = reduce(np.add, revenue.values()), reduce(np.add, profit.values())
    for name in (*SEGMENTS, "group"):
        out[f"{name}.revenue"] = revenue[name]
        out[f"{name}.gross_profit"] = profit[name]
        out[f"{name}.gross_margin"] = profit[name] / revenue[name]
        out[f"{name}.mix"] = revenue[name] / revenue["group"]
    return out


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
    salts=_salts(),
    parts=parts,
    observed=observed,
    checks=checks,
    history=history,
    reported=REPORTED,
    families=FAMILIES,
    classes=classes,
    desk="model.reporting.xiaomi.desk:DESK",
)
