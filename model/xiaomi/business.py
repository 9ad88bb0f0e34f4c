"""Xiaomi in one year: the drivers wired together, from draws to outcomes. One readable page."""

from __future__ import annotations

import csv
from collections.abc import Collection
from functools import partial, reduce
from pathlib import Path

import numpy as np

from model.simulation.business import Business, Function
from model.simulation.sampling.draws import Draws
from model.xiaomi.drivers import capacity, ecosystem, ev_margin, orders, smartphones
from model.xiaomi.drivers.calendar import PHASE, QUARTERS, months_quarters_year, quarterly, with_year
from model.xiaomi.ev_volume import ev_volume, volume
from model.xiaomi.outcomes import UNITS, label_of, unit_of

SEGMENTS = ("smartphones", "iot", "internet", "other", "ev")


def company(draws: Draws) -> dict[str, np.ndarray]:
    """All outcomes by name; (17, draw) months, quarters, year; (12, draw) months; (5, draw) quarters and year."""
    cars_sold = ev_volume(draws)
    by_line = cars_sold.by_line()
    cars = quarterly(cars_sold.book.delivered)
    out = {"ev.deliveries": months_quarters_year(cars_sold.book.delivered)}
    out |= {f"ev.deliveries.{v}": months_quarters_year(d) for v, d in zip(cars_sold.lines, by_line, strict=True)}
    out |= cars_sold.flows()
    phones, users, devices = ecosystem_flows(draws, cars)
    revenue, profit = {}, {}
    revenue["smartphones"], profit["smartphones"] = phone_money(draws, phones)
    revenue["iot"], profit["iot"] = iot_money(draws, devices["added"])
    revenue["internet"], profit["internet"] = internet_money(draws, users, devices)
    revenue["other"] = np.broadcast_to(draws.get("other.revenue", "RMB bn/quarter", QUARTERS), (QUARTERS, draws.size))
    profit["other"] = np.broadcast_to(
        draws.get("other.gross_profit", "RMB bn/quarter", QUARTERS), (QUARTERS, draws.size)
    )
    revenue["ev"], profit["ev"] = ev_money(draws, cars_sold.lines, by_line, cars_sold.to_those_who_waited())
    opex = draws.get("ev.opex.research", "RMB bn/quarter", QUARTERS) + draws.get(
        "ev.opex.other", "RMB bn/quarter", QUARTERS
    )
    out["ev.operating_result"] = with_year(profit["ev"] - opex)
    out["smartphones.shipments"] = with_year(phones["shipments"])
    out["ecosystem.users"] = users["end"]
    out["ecosystem.devices"] = devices["end"]
    return out | group(revenue, profit)


def ev_money(
    draws: Draws, lines: tuple[str, ...], delivered: list[np.ndarray], early: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Revenue and gross profit of the EV segment by quarter, RMB bn.

    delivered : by line, (month, draw) vehicles/month; early : (month, draw), those of them who waited when the year began
    """
    get, once = draws.get, draws.once

    def by_line(key: str, unit: str) -> np.ndarray:
        values = [np.broadcast_to(get(f"ev.lines.{line}.{key}", unit), (1, draws.size)) for line in lines]
        return np.stack(values)

    price = by_line("price", "RMB/vehicle")
    discount = once(
        orders.own_price, rival_cut=get("ev.price_war.rival_cut", "share"), follow=get("ev.price_war.follow", "share")
    )
    cars = quarterly(
        ev_margin.car_revenue(delivered=delivered, price=price, discount=discount, duty=by_line("duty", "share"))
    )
    cars *= once(orders.lognormal_noise, get("noise.ev_price", "share"), draws.shock("ev_price", QUARTERS))
    per_car = get("ev.tax_guarantee.per_car", "RMB/vehicle") * get("ev.tax_guarantee.eligible", "share")
    cars -= quarterly(early) * per_car / ev_margin.BN
    variable = quarterly(
        ev_margin.variable_cost(
            delivered=delivered,
            price=price,
            reference_price=get("ev.cost.reference_price", "RMB/vehicle"),
            at_reference=get("ev.cost.variable", "RMB/vehicle"),
            slope=get("ev.cost.slope", "share"),
            inflation=get("ev.cost.inflation", "share"),
            saving=get("ev.cost.integration", "RMB/vehicle") * PHASE,
        )
    )
    fixed = np.zeros((QUARTERS, draws.size))
    for plant in draws.children("ev.plants"):
        key = f"ev.plants.{plant}"
        fixed += get(f"{key}.fixed_cost", "RMB bn/quarter") * once(capacity.running, start=get(f"{key}.start", "month"))
    share = get("ev.other.share", "share")
    profit = ev_margin.gross_profit(
        cars=cars, other_share=share, other_margin=get("ev.other.margin", "share"), variable=variable, fixed=fixed
    )
    revenue = cars * (1.0 + share)
    return revenue, profit + revenue * get("noise.ev_margin", "share") * draws.shock("ev_margin", QUARTERS)


def ecosystem_flows(
    draws: Draws, cars: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Phones, users and devices by quarter; cars : (quarter, draw) vehicles delivered."""
    get, once = draws.get, draws.once
    margin = get("smartphones.margin", "share", QUARTERS)
    rise = once(
        smartphones.cost_rise,
        price_rise=get("smartphones.memory.price_rise", "share", QUARTERS),
        cost_share=get("smartphones.memory.cost_share", "share"),
        mitigation=get("smartphones.memory.mitigation", "share"),
    )
    factor = once(
        smartphones.price_factor, rise=rise, pass_through=get("smartphones.memory.pass_through", "share"), margin=margin
    )
    shipped = smartphones.shipments(
        market=get("smartphones.market", "mn phones/year"),
        growth=get("smartphones.market_growth", "share/year"),
        share=get("smartphones.share", "share"),
        season=get("smartphones.season", "share", QUARTERS),
    ) * np.exp(-get("smartphones.elasticity", "elasticity") * np.log(factor))
    shipped = shipped * once(
        orders.lognormal_noise, get("noise.shipments", "share"), draws.shock("shipments", QUARTERS)
    )
    shipped = shipped + cars / 1e6 * get("ecosystem.phones_per_vehicle", "phones/vehicle")
    phones = {"shipments": shipped, "rise": rise, "factor": factor}

    opening = get("ecosystem.users", "mn users")
    end = ecosystem.users(
        opening=opening,
        phones=shipped,
        cars=cars,
        per_phone=get("ecosystem.users_per_phone", "users/phone"),
        per_vehicle=get("ecosystem.users_per_vehicle", "users/vehicle"),
    )
    users = {"opening": opening, "end": end, "mean": ecosystem.mid_quarter(opening=opening, end=end)}
    added = ecosystem.devices_added(
        users=users["mean"],
        cars=cars,
        per_user=get("ecosystem.devices_per_user", "devices/user/quarter"),
        per_vehicle=get("ecosystem.devices_per_vehicle", "devices/vehicle"),
    )
    devices = {"opening": get("ecosystem.devices", "mn devices"), "added": added}
    devices["end"] = devices["opening"] + np.cumsum(added, axis=0)
    return phones, users, devices


def phone_money(draws: Draws, phones: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Revenue and gross profit of smartphones by quarter, RMB bn."""
    get, once = draws.get, draws.once
    price = get("smartphones.asp", "RMB/phone", QUARTERS) * phones["factor"]
    price = price * once(orders.lognormal_noise, get("noise.asp", "share"), draws.shock("asp", QUARTERS))
    margin = once(
        smartphones.squeezed_margin,
        rise=phones["rise"],
        factor=phones["factor"],
        margin=get("smartphones.margin", "share", QUARTERS),
    )
    margin = margin + get("noise.smartphone_margin", "share") * draws.shock("smartphone_margin", QUARTERS)
    revenue = smartphones.revenue(shipments=phones["shipments"], asp=price)
    return revenue, revenue * margin


def iot_money(draws: Draws, added: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Revenue and gross profit of IoT and lifestyle products by quarter, RMB bn."""
    get, once = draws.get, draws.once
    revenue = ecosystem.iot_revenue(
        devices_added=added,
        per_device=get("iot.revenue_per_device", "RMB/device"),
        season=get("iot.season", "factor", QUARTERS),
        subsidy=get("iot.subsidy", "share", QUARTERS),
    ) * once(orders.lognormal_noise, get("noise.iot_revenue", "share"), draws.shock("iot_revenue", QUARTERS))
    return revenue, revenue * (
        get("iot.margin", "share", QUARTERS) + get("noise.iot_margin", "share") * draws.shock("iot_margin", QUARTERS)
    )


def internet_money(
    draws: Draws, users: dict[str, np.ndarray], devices: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Revenue and gross profit of internet services by quarter, RMB bn."""
    get, once = draws.get, draws.once
    density = (devices["end"] / users["end"]) / (devices["opening"] / users["opening"])
    revenue = ecosystem.internet_revenue(
        users=users["mean"],
        per_user=get("internet.revenue_per_user", "RMB/user/quarter", QUARTERS),
        density=density,
        elasticity=get("internet.device_elasticity", "elasticity"),
    ) * once(orders.lognormal_noise, get("noise.internet_revenue", "share"), draws.shock("internet_revenue", QUARTERS))
    return revenue, revenue * (
        get("internet.margin", "share", QUARTERS)
        + get("noise.internet_margin", "share") * draws.shock("internet_margin", QUARTERS)
    )


def group(revenue: dict[str, np.ndarray], profit: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Segments and their sum: revenue, gross profit, gross margin, share of revenue; quarters and year."""
    out = {}
    revenue = {name: with_year(revenue[name]) for name in SEGMENTS}
    profit = {name: with_year(profit[name]) for name in SEGMENTS}
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
    desk="model.reporting.xiaomi.desk:DESK",
)
