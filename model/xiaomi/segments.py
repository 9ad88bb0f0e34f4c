"""The segments' money, and what phones, users and devices make of it: drivers wired together, quarter by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from model.simulation.sampling.draws import Draws
from model.xiaomi.composition import composed, needs
from model.xiaomi.drivers import ecosystem, europe, ev_margin, later, opex, orders, smartphones
from model.xiaomi.drivers.calendar import accumulated, quarterly, running_sum, with_year
from model.xiaomi.ev_volume import (
    ABROAD,
    Volume,
    drifted,
    first_year,
    plants_to_open,
    trade_in_paid,
    trims_of,
    walked,
    war_path,
)

SEGMENTS = ("smartphones", "iot", "internet", "other", "ev")

Money = tuple[np.ndarray, np.ndarray]  # revenue and gross profit by quarter, (quarter, draw), RMB bn


def ev_money(draws: Draws, sold: Volume, delivered: list[np.ndarray]) -> Money:
    """The EV segment; delivered : by line, (month, draw) vehicles/month."""
    months, quarters = draws.calendar.months, draws.calendar.quarters
    get, once, lines = draws.get, draws.once, sold.lines

    def by_line(values: Sequence[np.ndarray]) -> np.ndarray:
        rows = [np.atleast_2d(each) for each in values]
        periods = max(len(each) for each in rows)
        return np.stack([np.broadcast_to(each, (periods, draws.size)) for each in rows])

    trims = [trims_of(draws, line) for line in lines]
    # of the list price with VAT, what comes in: with options, at the terms of the first day
    kept = [
        get(f"ev.lines.{line}.net", "factor", months) / (1.0 + get(f"ev.lines.{line}.vat", "share")) for line in lines
    ]
    price = by_line(
        [
            (one.price - get(f"ev.lines.{line}.discount", "RMB/vehicle", months)) * part
            for line, one, part in zip(lines, trims, kept, strict=True)
        ]
    )
    discount = composed(draws, war_path(draws) * (1.0 - sold.book.discount), _price_drift)
    duty = by_line([get(f"ev.lines.{line}.duty", "share", months) for line in lines])
    home = [n for n, line in enumerate(lines) if line not in ABROAD]
    cars = quarterly(
        ev_margin.car_revenue(
            delivered=[delivered[n] for n in home], price=price[home], discount=discount, duty=duty[home]
        )
    )
    for n, line in enumerate(lines):
        if line in ABROAD:
            shipping = composed(draws, np.zeros(1), _shipping)
            sold_abroad = europe.abroad(delivered=delivered[n], price=price[n], duty=duty[n], shipping=shipping)
            cars += quarterly(sold_abroad) / ev_margin.BN
    cars *= once(orders.lognormal_noise, get("noise.ev_price", "share"), draws.shock("ev_price", quarters))
    per_car = get("ev.tax_guarantee.per_car", "RMB/vehicle", quarters) * get(
        "ev.tax_guarantee.eligible", "share", quarters
    )
    cars -= quarterly(sold.to_those_who_waited()) * per_car / ev_margin.BN
    variable = quarterly(
        ev_margin.variable_cost(
            delivered=delivered,
            price=by_line([one.reference * part for one, part in zip(trims, kept, strict=True)]),
            reference_price=get("ev.cost.reference_price", "RMB/vehicle", months),
            at_reference=get("ev.cost.variable", "RMB/vehicle", months),
            slope=_slopes(draws, lines),
            inflation=get("ev.cost.inflation", "share", months),
            saving=accumulated(get("ev.cost.integration", "RMB/vehicle", months), draws.calendar),
        )
        * composed(draws, 1.0, _learned, given=[sold])
    )
    fixed = np.zeros((quarters, draws.size))
    opens = plants_to_open(draws)
    for plant in draws.children("ev.plants"):
        running = quarterly(sold.book.running[opens.index(plant)]) / 3 if plant in opens else 1.0
        fixed += get(f"ev.plants.{plant}.fixed_cost", "RMB bn/quarter", quarters) * running
    fixed = composed(draws, fixed, _phases_run, given=[sold])
    share = get("ev.other.share", "share", quarters)
    profit = ev_margin.gross_profit(
        cars=cars,
        other_share=share,
        other_margin=get("ev.other.margin", "share", quarters),
        variable=variable,
        fixed=fixed,
    )
    revenue = cars * (1.0 + share)
    return revenue, profit + revenue * get("noise.ev_margin", "share") * draws.shock("ev_margin", quarters)


@needs("ev.expansion.fixed_cost")
def _phases_run(draws: Draws, fixed: np.ndarray, sold: Volume) -> np.ndarray:
    """Fixed cost of phases that were decided in later years, on top."""
    cost = draws.get("ev.expansion.fixed_cost", "RMB bn/quarter", draws.calendar.quarters)
    return fixed + cost * quarterly(sold.book.phases) / 3


@needs("drift.ev_price")
def _price_drift(draws: Draws, discount: np.ndarray) -> np.ndarray:
    """The slow drift of prices in later years."""
    return discount * drifted(draws, "drift.ev_price")


@needs("ev.europe.shipping")
def _shipping(draws: Draws, _: np.ndarray) -> np.ndarray:
    """Cost of shipping a vehicle to Europe, RMB."""
    return draws.get("ev.europe.shipping", "RMB/vehicle")


def _slopes(draws: Draws, lines: tuple[str, ...]) -> np.ndarray:
    """Cost of a car per RMB of its price, (line, month or 1, draw): of a trim, of another class, or a line's own."""
    months = draws.calendar.months
    trim, another = draws.get("ev.cost.slope", "share", months), draws.get("ev.cost.class_slope", "share", months)
    own = draws.children("ev.cost.slopes")
    each = []
    for line in lines:
        of_class = draws.get(f"ev.lines.{line}.class", "1")
        slope = draws.get(f"ev.cost.slopes.{line}", "share") if line in own else trim + of_class * (another - trim)
        each.append(np.atleast_2d(slope))
    rows = max(len(slope) for slope in each)
    return np.stack([np.broadcast_to(slope, (rows, draws.size)) for slope in each])


@needs("ev.cost.learning")
def _learned(draws: Draws, _: float, sold: Volume) -> np.ndarray:
    """Unit cost of later years against the end of the first: learning by cumulative output, and a slow drift; a factor."""
    learned = later.learning(
        built=sold.book.delivered,
        before=draws.get("ev.cost.built", "vehicle"),
        rate=draws.get("ev.cost.learning", "share"),
    )
    return learned * drifted(draws, "drift.ev_cost")


def ev_opex(draws: Draws, money: Money) -> opex.Cost:
    """Operating cost of the EV segment."""
    get, quarters = draws.get, draws.calendar.quarters
    return opex.operating_cost(
        research=get("ev.opex.research", "RMB bn/quarter", quarters),
        other=get("ev.opex.other", "RMB bn/quarter", quarters),
        ai=get("ev.opex.ai", "RMB bn/quarter", quarters),
        revenue=money[0],
        gross_profit=money[1],
        terms=opex.Terms(
            get("ev.opex.response", "share"), get("ev.opex.level", "RMB bn"), get("ev.opex.cut", "share"),
            get("ev.before.revenue", "RMB bn"),
        ),
    )  # fmt: skip


def phones(draws: Draws, cars: np.ndarray) -> dict[str, np.ndarray]:
    """Phones by quarter: mn of each tier and in all, revenue and cost, RMB bn; cars : (quarter, draw) vehicles delivered."""
    quarters = draws.calendar.quarters
    get, once = draws.get, draws.once
    every = smartphones.shipments(
        market=get("smartphones.market", "mn phones/year", quarters),
        growth=get("smartphones.market_growth", "share/year", quarters),
        share=get("smartphones.share", "share", quarters) * get("smartphones.level", "factor"),
        season=get("smartphones.season", "share", quarters),
    )
    every = composed(draws, every, _replaced)
    every = every * once(orders.lognormal_noise, get("noise.shipments", "share"), draws.shock("shipments", quarters))
    every = every + cars / 1e6 * get("ecosystem.phones_per_vehicle", "phones/vehicle", quarters)
    price_rise = get("smartphones.memory.price_rise", "share", quarters)
    tiers = {name: _tier(draws, name) for name in draws.children("smartphones.tiers")}
    shares = reduce(np.add, (tier.share for tier in tiers.values()))
    price = once(orders.lognormal_noise, get("noise.asp", "share"), draws.shock("asp", quarters))
    price = composed(draws, price, _price_trend)
    made = {
        name: smartphones.sold(
            phones=every,
            tier=tier,
            every_share=shares,
            price_rise=price_rise,
            mitigation=get("smartphones.memory.mitigation", "share", quarters),
        )
        for name, tier in tiers.items()
    }
    return {
        "shipments": reduce(np.add, (tier.units for tier in made.values())),
        "revenue": price * reduce(np.add, (tier.revenue for tier in made.values())),
        "cost": price * reduce(np.add, (tier.cost for tier in made.values())),
        **{f"shipments.{name}": tier.units for name, tier in made.items()},
    }


def _tier(draws: Draws, name: str) -> smartphones.Tier:
    """What is assumed of phones below, or above, a price."""
    quarters, key = draws.calendar.quarters, f"smartphones.tiers.{name}"
    share = draws.get(f"{key}.share", "share", quarters)
    price = draws.get(f"{key}.price", "RMB/phone", quarters)
    others = (
        ("margin", "share"),
        ("memory", "share"),
        ("pass_through", "share"),
        ("elasticity", "elasticity"),
        ("rationing", "elasticity"),
    )
    return smartphones.Tier(share, price, *(draws.get(f"{key}.{what}", unit, quarters) for what, unit in others))


@needs("smartphones.lengthening")
def _replaced(draws: Draws, shipped: np.ndarray) -> np.ndarray:
    """Phones of later years, by users and how long they keep one."""
    get, quarters = draws.get, draws.calendar.quarters
    carried = smartphones.carried_on(
        first=shipped[:4],
        users=get("ecosystem.users", "mn users"),
        per_phone=get("ecosystem.users_per_phone", "users/phone", quarters),
        lengthening=get("smartphones.lengthening", "share/year", quarters),
        quarters=quarters,
    )
    return carried * drifted(draws, "drift.phones")[::3]


def users(draws: Draws, cars: np.ndarray, shipped: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Monthly active users, mn: when the year begins, at the end of each quarter, in its mean."""
    quarters = draws.calendar.quarters
    get, opening = draws.get, draws.get("ecosystem.users", "mn users")
    end = ecosystem.users(
        opening=opening,
        phones=shipped["shipments"],
        cars=cars,
        per_phone=get("ecosystem.users_per_phone", "users/phone", quarters),
        per_vehicle=get("ecosystem.users_per_vehicle", "users/vehicle", quarters),
    )
    return {"opening": opening, "end": end, "mean": ecosystem.mid_quarter(opening=opening, end=end)}


def devices_in_use(draws: Draws, cars: np.ndarray, reached: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Connected devices, mn: when the year begins, added in each quarter, at its end."""
    quarters = draws.calendar.quarters
    get, opening = draws.get, draws.get("ecosystem.devices", "mn devices")
    added = ecosystem.devices_added(
        users=reached["mean"],
        cars=cars,
        per_user=get("ecosystem.devices_per_user", "devices/user/quarter", quarters),
        per_vehicle=get("ecosystem.devices_per_vehicle", "devices/vehicle", quarters),
    )
    return {"opening": opening, "added": added, "end": opening + running_sum(added)}


def phone_money(draws: Draws, shipped: dict[str, np.ndarray]) -> Money:
    """Smartphones."""
    revenue = shipped["revenue"]
    noise = draws.get("noise.smartphone_margin", "share") * draws.shock("smartphone_margin", draws.calendar.quarters)
    return revenue, revenue - shipped["cost"] + revenue * composed(draws, noise, _margin_walk)


@needs("smartphones.price_trend")
def _price_trend(draws: Draws, price: np.ndarray) -> np.ndarray:
    """Prices of phones in later years."""
    trend = draws.get("smartphones.price_trend", "share/year", draws.calendar.quarters)
    return price * later.compounded(growth=trend, calendar=draws.calendar)


@needs("drift.smartphone_margin")
def _margin_walk(draws: Draws, margin: np.ndarray) -> np.ndarray:
    """The slow walk of the phones' margin in later years."""
    return margin + walked(draws, "drift.smartphone_margin")


def iot_money(draws: Draws, devices: dict[str, np.ndarray]) -> Money:
    """IoT and lifestyle products."""
    quarters = draws.calendar.quarters
    get, once = draws.get, draws.once
    revenue = ecosystem.iot_revenue(
        devices_added=devices["added"],
        per_device=get("iot.revenue_per_device", "RMB/device", quarters),
        season=get("iot.season", "factor", quarters),
        subsidy=get("iot.subsidy.goods", "share", quarters)
        * get("iot.subsidy.lift", "share", quarters)
        * quarterly(trade_in_paid(draws))
        / 3,
    ) * once(orders.lognormal_noise, get("noise.iot_revenue", "share"), draws.shock("iot_revenue", quarters))
    revenue = composed(draws, revenue * first_year(draws, "drift.iot_first_year"), _stores)
    margin = get("iot.margin", "share", quarters) + get("noise.iot_margin", "share") * draws.shock(
        "iot_margin", quarters
    )
    margin = composed(draws, margin, _iot_margin_walk)
    return revenue, revenue * margin


@needs("iot.stores.added")
def _stores(draws: Draws, revenue: np.ndarray) -> np.ndarray:
    """What stores abroad add in later years, and the slow drift."""
    stores = draws.get("iot.stores.added", "stores/year") * np.maximum(draws.calendar.phase[1::3] - 1.0, 0.0)
    added = stores * draws.get("iot.stores.revenue", "RMB mn/store/year") / 4000.0
    return (revenue + added) * drifted(draws, "drift.iot")[::3]


@needs("drift.iot_margin")
def _iot_margin_walk(draws: Draws, margin: np.ndarray) -> np.ndarray:
    """The slow walk of the IoT margin in later years."""
    return margin + walked(draws, "drift.iot_margin")


def other_money(draws: Draws) -> Money:
    """Other related business."""
    quarters = draws.calendar.quarters
    revenue = draws.get("other.revenue", "RMB bn/quarter", quarters)
    profit = draws.get("other.gross_profit", "RMB bn/quarter", quarters)
    shape = (quarters, draws.size)
    return np.broadcast_to(revenue, shape), np.broadcast_to(profit, shape)


def internet_money(
    draws: Draws, reached: dict[str, np.ndarray], devices: dict[str, np.ndarray], shipped: dict[str, np.ndarray]
) -> Money:
    """Internet services."""
    quarters = draws.calendar.quarters
    get, once = draws.get, draws.once
    density = (devices["end"] / reached["end"]) / (devices["opening"] / reached["opening"])
    revenue = ecosystem.internet_revenue(
        users=reached["mean"],
        per_user=get("internet.revenue_per_user", "RMB/user/quarter", quarters),
        density=density,
        elasticity=get("internet.device_elasticity", "elasticity", quarters),
    ) * once(orders.lognormal_noise, get("noise.internet_revenue", "share"), draws.shock("internet_revenue", quarters))
    revenue = revenue * first_year(draws, "drift.internet_first_year")
    before = get("smartphones.before", "mn phones/year") * get("smartphones.season", "share", quarters)
    part = get("internet.shipped", "share")
    revenue = revenue * (1.0 - part + part * shipped["shipments"] / before)
    revenue = composed(draws, revenue, _internet_drift)
    return revenue, revenue * (
        get("internet.margin", "share", quarters)
        + get("noise.internet_margin", "share") * draws.shock("internet_margin", quarters)
    )


@needs("drift.internet")
def _internet_drift(draws: Draws, revenue: np.ndarray) -> np.ndarray:
    """The slow drift of services in later years."""
    return revenue * drifted(draws, "drift.internet")[::3]


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
