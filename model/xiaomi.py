"""Xiaomi in one year: the drivers wired together, from draws to outcomes. One readable page."""

from __future__ import annotations

import numpy as np

from model.draws import Draws
from model.drivers import capacity, deliveries, ecosystem, ev_margin, orders, smartphones
from model.drivers.calendar import MONTHS, PHASE, QUARTERS, months_quarters_year, quarterly, with_year
from model.errors import InputError, Problem

SEGMENTS = ("smartphones", "iot", "internet", "other", "ev")


def business(draws: Draws) -> dict[str, np.ndarray]:
    """All outcomes by name; (17, draw) months, quarters, year; (12, draw) months; (5, draw) quarters and year."""
    lines = draws.children("ev.lines")
    book, flows = ev_volume(draws, lines)
    total = book.delivered.sum(axis=0)
    cars = quarterly(total)
    out = {"ev.deliveries": months_quarters_year(total)}
    out |= {f"ev.deliveries.{line}": months_quarters_year(d) for line, d in zip(lines, book.delivered, strict=True)}
    out |= flows
    phones, users, devices = ecosystem_flows(draws, cars)
    revenue, profit = {}, {}
    revenue["smartphones"], profit["smartphones"] = phone_money(draws, phones)
    revenue["iot"], profit["iot"] = iot_money(draws, devices["added"])
    revenue["internet"], profit["internet"] = internet_money(draws, users, devices)
    revenue["other"] = np.broadcast_to(draws.get("other.revenue", "RMB bn/quarter", QUARTERS), (QUARTERS, draws.size))
    profit["other"] = np.broadcast_to(
        draws.get("other.gross_profit", "RMB bn/quarter", QUARTERS), (QUARTERS, draws.size)
    )
    revenue["ev"], profit["ev"] = ev_money(draws, lines, book)
    opex = draws.get("ev.opex.research", "RMB bn/quarter", QUARTERS) + draws.get(
        "ev.opex.other", "RMB bn/quarter", QUARTERS
    )
    out["ev.operating_result"] = with_year(profit["ev"] - opex)
    out["smartphones.shipments"] = with_year(phones["shipments"])
    out["ecosystem.users"] = users["end"]
    out["ecosystem.devices"] = devices["end"]
    return out | group(revenue, profit)


def ev_volume(draws: Draws, lines: tuple[str, ...]) -> tuple[deliveries.Book, dict[str, np.ndarray]]:
    """The order book of the year, and the monthly flows around it."""
    if not lines:
        raise InputError(Problem("the model needs at least one vehicle line", path="ev.lines"))
    get, once, size = draws.get, draws.once, draws.size
    decay, fade = get("ev.launch.decay", "months"), get("ev.launch.fade", "share/month")
    rival_cut, season = get("ev.price_war.rival_cut", "share"), get("ev.season", "factor", MONTHS)
    pull = (
        once(
            orders.market,
            growth=get("ev.market.growth", "share/year"),
            tax=get("ev.market.tax", "share"),
            tax_elasticity=get("ev.market.tax_elasticity", "elasticity"),
            payback=get("ev.market.payback", "share"),
            payback_decay=get("ev.market.payback_decay", "months"),
        )
        * once(
            orders.price_effect,
            own=once(orders.own_price, rival_cut=rival_cut, follow=get("ev.price_war.follow", "share")),
            rival_cut=rival_cut,
            elasticity=get("ev.price_war.elasticity", "elasticity"),
        )
        * once(
            orders.accident,
            happens=get("ev.accident.happens", "1"),
            month=get("ev.accident.month", "month"),
            depth=get("ev.accident.depth", "share"),
            recovery=get("ev.accident.recovery", "months"),
        )
    )
    noise = get("noise.orders", "share")
    signed, opening = np.empty((len(lines), MONTHS, size)), np.empty((len(lines), size))
    for v, line in enumerate(lines):
        key = f"ev.lines.{line}"
        opening[v] = get(f"{key}.waiting", "vehicle")
        np.multiply(
            pull,
            once(
                orders.launch,
                start=get(f"{key}.start", "month"),
                end=get(f"{key}.end", "month"),
                surge=get(f"{key}.surge", "months"),
                decay=decay,
                fade=fade,
                season=season,
            ),
            out=signed[v],
        )
        signed[v] *= get(f"{key}.orders", "vehicle/month") * once(
            orders.lognormal_noise, noise, draws.shock(f"orders.{line}", MONTHS)
        )
    built = np.zeros((MONTHS, size))
    for plant in draws.children("ev.plants"):
        key = f"ev.plants.{plant}"
        built += once(
            capacity.output,
            nameplate=get(f"{key}.nameplate", "vehicle/year"),
            shift_factor=get(f"{key}.shift_factor", "factor"),
            ramp=once(capacity.ramp, start=get(f"{key}.start", "month"), months=get(f"{key}.ramp", "months")),
            outage=once(
                capacity.outage, begin=get(f"{key}.outage_month", "month"), months=get(f"{key}.outage", "months")
            ),
        )
    built *= get("ev.workdays", "factor", MONTHS) * once(
        orders.lognormal_noise, get("noise.capacity", "share"), draws.shock("capacity", MONTHS)
    )
    book = deliveries.deliver(
        opening=opening,
        orders=signed,
        capacity=built,
        ready=get("ev.book.ready", "share"),
        cancellation=get("ev.book.cancellation", "share/month"),
    )
    return book, {
        "ev.orders": signed.sum(axis=0),
        "ev.capacity": built,
        "ev.waiting": book.waiting.sum(axis=0),
        "ev.cancelled": book.cancelled.sum(axis=0),
        "ev.capacity_bound": book.capacity_bound,
    }


def ev_money(draws: Draws, lines: tuple[str, ...], book: deliveries.Book) -> tuple[np.ndarray, np.ndarray]:
    """Revenue and gross profit of the EV segment by quarter, RMB bn."""
    get, once = draws.get, draws.once

    def by_line(key: str, unit: str) -> np.ndarray:
        values = [np.broadcast_to(get(f"ev.lines.{line}.{key}", unit), (1, draws.size)) for line in lines]
        return np.stack(values)

    price = by_line("price", "RMB/vehicle")
    discount = once(
        orders.own_price, rival_cut=get("ev.price_war.rival_cut", "share"), follow=get("ev.price_war.follow", "share")
    )
    cars = quarterly(
        ev_margin.car_revenue(delivered=book.delivered, price=price, discount=discount, duty=by_line("duty", "share"))
    )
    cars *= once(orders.lognormal_noise, get("noise.ev_price", "share"), draws.shock("ev_price", QUARTERS))
    per_car = get("ev.tax_guarantee.per_car", "RMB/vehicle") * get("ev.tax_guarantee.eligible", "share")
    cars -= quarterly(book.from_opening) * per_car / ev_margin.BN
    variable = quarterly(
        ev_margin.variable_cost(
            delivered=book.delivered,
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
    revenue["group"], profit["group"] = _sum(revenue), _sum(profit)
    for name in (*SEGMENTS, "group"):
        out[f"{name}.revenue"] = revenue[name]
        out[f"{name}.gross_profit"] = profit[name]
        out[f"{name}.gross_margin"] = profit[name] / revenue[name]
        out[f"{name}.mix"] = revenue[name] / revenue["group"]
    return out


def _sum(parts: dict[str, np.ndarray]) -> np.ndarray:
    """Sum over the segments, in their order."""
    total = parts[SEGMENTS[0]] + parts[SEGMENTS[1]]
    for name in SEGMENTS[2:]:
        total += parts[name]
    return total


def volume(draws: Draws, *, by_line: bool = False) -> dict[str, np.ndarray]:
    """Deliveries alone, in all or also by line, for comparisons that need no money."""
    lines = draws.children("ev.lines")
    book, _ = ev_volume(draws, lines)
    out = {"ev.deliveries": months_quarters_year(book.delivered.sum(axis=0))}
    if by_line:
        out |= {f"ev.deliveries.{v}": months_quarters_year(d) for v, d in zip(lines, book.delivered, strict=True)}
    return out
