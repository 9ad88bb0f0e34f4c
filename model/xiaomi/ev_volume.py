"""The EV segment in vehicles: what is ordered, what the plants can build, and the order book between them."""

from __future__ import annotations

from functools import partial, reduce
from typing import NamedTuple

import numpy as np

from model.errors import InputError, Problem
from model.simulation.sampling.draws import Draws
from model.xiaomi.composition import composed, needs
from model.xiaomi.drivers import book as order_book
from model.xiaomi.drivers import capacity, europe, later, orders, policy, price, reach
from model.xiaomi.drivers.calendar import left_over, months_quarters_year

ABROAD = ("europe",)  # lines that are sold outside China: no Chinese market, tax, season or price war


class Volume(NamedTuple):
    """Vehicles, by line and in all; flows in vehicles/month."""

    lines: tuple[str, ...]
    waiting: list[np.ndarray]  # by line: (draw,) firm orders when the year begins
    signed: list[np.ndarray]  # by line: (month, draw) orders at the prices and owners of the first month
    before: np.ndarray  # (month, draw) the same of all lines
    book: order_book.Book

    def by_line(self) -> list[np.ndarray]:
        """Deliveries of each line, (month, draw) each."""
        more = self.book.ordered / np.maximum(self.before, order_book.NO_CAR)
        return [self._part(waiting, signed * more) for waiting, signed in zip(self.waiting, self.signed, strict=True)]

    def to_those_who_waited(self) -> np.ndarray:
        """Deliveries to those who were waiting when the year began, (month, draw)."""
        return self._part(reduce(np.add, self.waiting), np.zeros((len(self.before), 1)))

    def flows(self) -> dict[str, np.ndarray]:
        """The order book as outcomes, (month, draw) each."""
        book = self.book
        return {
            "ev.orders": book.ordered,
            "ev.capacity": book.capacity,
            "ev.built": book.built,
            "ev.stock": book.stock,
            "ev.waiting": book.waiting,
            "ev.wait": book.wait,
            "ev.cancelled": book.cancelled,
            "ev.capacity_bound": book.capacity_bound,
        }

    def _part(self, opening: np.ndarray, ordered: np.ndarray) -> np.ndarray:
        return order_book.delivered_of(opening=opening, ordered=ordered, share=self.book.share, rate=self.book.rate)


def ev_volume(draws: Draws) -> Volume:
    """The order book of the year. InputError where there is no vehicle line."""
    lines = draws.children("ev.lines")
    if not lines:
        raise InputError(Problem("the model needs at least one vehicle line", path="ev.lines"))
    pull = draws.stage(_pull)
    away = draws.stage(_pull_abroad) if set(lines) & set(ABROAD) else pull
    own = [draws.stage(own_price, line) for line in lines]
    alone = [
        draws.stage(_orders, away if line in ABROAD else pull, price, line)
        for line, price in zip(lines, own, strict=True)
    ]
    signed = draws.stage(_less_what_is_taken, *alone)
    waiting = [draws.stage(_waiting, line) for line in lines]
    full = {plant: draws.stage(_plant, plant) for plant in draws.children("ev.plants")}
    to_open = [full[plant] for plant in plants_to_open(draws)]
    book = draws.stage(_book, draws.stage(_capacity, *full.values()), signed, *waiting, *own, *to_open)
    return Volume(lines, waiting, signed, reduce(np.add, signed), book)


def _waiting(draws: Draws, line: str) -> np.ndarray:
    """Firm orders of a line on the first day, (draw,): what readings of the book say, and how much of that is firm."""
    waiting: np.ndarray = draws.get(f"ev.lines.{line}.waiting", "vehicle") * draws.get("ev.book.firm", "share")
    return waiting


def _less_what_is_taken(draws: Draws, *alone: np.ndarray) -> list[np.ndarray]:
    """Orders by line once new lines have taken from older ones in China, (month, draw) each."""
    lines = draws.children("ev.lines")
    return later.taken(
        signed=list(alone),
        start=[draws.get(f"ev.lines.{line}.start", "month") for line in lines],
        share=[draws.get(f"ev.lines.{line}.taken", "share") for line in lines],
        home=[line not in ABROAD for line in lines],
    )


def volume(draws: Draws, *, by_line: bool = False) -> dict[str, np.ndarray]:
    """Deliveries alone, in all or also by line, for comparisons that need no money."""
    found = draws.stage(ev_volume)
    out = {"ev.deliveries": months_quarters_year(found.book.delivered)}
    if by_line:
        each = zip(found.lines, found.by_line(), strict=True)
        out |= {f"ev.deliveries.{line}": months_quarters_year(d) for line, d in each}
    return out


def own_price(draws: Draws, line: str) -> np.ndarray:
    """A line's price against that at which its orders were judged; (month or 1, draw or 1), most often one of one."""
    months = draws.calendar.months
    trims = trims_of(draws, line)
    discount = draws.get(f"ev.lines.{line}.discount", "RMB/vehicle", months)
    own: np.ndarray = draws.once(price.own_price, price=trims.price, discount=discount, reference=trims.reference)
    return np.atleast_2d(own)


class Trims(NamedTuple):
    """Means over a line's trims by their shares of its orders, RMB/vehicle with VAT; (draw,) or (month, draw)."""

    price: np.ndarray  # list price
    reference: np.ndarray  # at which orders were judged


def trims_of(draws: Draws, line: str) -> Trims:
    """The list price of a line, and that at which its orders were judged."""
    months, table = draws.calendar.months, f"ev.lines.{line}.trims"
    names = draws.children(table)
    shares = [draws.get(f"{table}.{name}.share", "share", months) for name in names]

    def mean(key: str) -> np.ndarray:
        values = [draws.get(f"{table}.{name}.{key}", "RMB/vehicle", months) for name in names]
        found: np.ndarray = draws.once(price.mix, *values, *shares)
        return found

    return Trims(mean("price"), mean("reference"))


def trade_in_paid(draws: Draws) -> np.ndarray:
    """Share of each month in which the state's trade-in money is paid, of the whole grant, (month, draw)."""
    return draws.once(
        policy.funded,
        renewed=draws.get("ev.trade_in.renewed", "share"),
        until=draws.get("ev.trade_in.until", "month"),
        calendar=draws.calendar,
    )


def _pull(draws: Draws) -> np.ndarray:
    """What all lines in China share: market, policy, reach, rivals, an accident; a factor, (month, draw)."""
    get, once, calendar, months = draws.get, draws.once, draws.calendar, draws.calendar.months
    tax, grant = get("ev.market.tax", "share", months), get("ev.trade_in.grant", "share")
    paid = trade_in_paid(draws)
    market = once(
        orders.market,
        growth=get("ev.market.growth", "share/year", months),
        outlay=once(policy.outlay, tax=tax, grant=grant, paid=paid),
        class_elasticity=get("ev.price.class_elasticity", "elasticity", months),
        payback=get("ev.market.payback", "share"),
        payback_decay=get("ev.market.payback_decay", "months"),
        calendar=calendar,
    )
    rival_cut = get("ev.price_war.rival_cut", "share", months)
    prices = once(
        price.rivalry,
        path=war_path(draws),
        rivals=once(left_over, rival_cut, calendar),
        own_elasticity=get("ev.price.elasticity", "elasticity", months),
        class_elasticity=get("ev.price.class_elasticity", "elasticity", months),
    )
    moved = once(
        policy.moved_across,
        tax=tax,
        to_come=get("ev.market.tax_to_come", "share", months),
        grant=grant,
        paid=paid,
        renewed=get("ev.trade_in.renewed", "share"),
        payback=get("ev.market.payback", "share"),
        decay=get("ev.market.payback_decay", "months"),
        season=get("ev.season", "factor", months),
    )
    level, drift = get("ev.market.level", "factor"), drifted(draws, "drift.ev_demand", first=0)
    pull = reduce(partial(once, np.multiply), (market, prices, _accident(draws), moved, _reach(draws), drift))
    return once(np.multiply, pull, level)


def war_path(draws: Draws) -> np.ndarray:
    """Xiaomi's prices as it follows rivals' cuts, against January; (month, draw)."""
    months = draws.calendar.months
    cut = draws.once(
        np.multiply,
        draws.get("ev.price_war.follow", "share", months),
        draws.get("ev.price_war.rival_cut", "share", months),
    )
    return draws.once(left_over, cut, draws.calendar)


def _reach(draws: Draws) -> np.ndarray:
    """What stores and the users of Xiaomi's phones add, a factor, (month, draw)."""
    get, once, months = draws.get, draws.once, draws.calendar.months
    stores = once(
        reach.by_stores,
        added=get("ev.stores.added", "stores/month", months),
        before=get("ev.stores.before", "stores"),
        elasticity=get("ev.stores.elasticity", "elasticity"),
        calendar=draws.calendar,
    )
    users = once(
        reach.by_users,
        share=get("ev.phone_users.share", "share"),
        growth=get("ev.phone_users.growth", "share/year", months),
        calendar=draws.calendar,
    )
    return once(np.multiply, stores, users)


def _pull_abroad(draws: Draws) -> np.ndarray:
    """What the line abroad sells of the country of entry's first year: an accident, countries, stores; a factor, (month, draw)."""
    return composed(draws, _accident(draws), _countries)


@needs("ev.europe.stores.months")
def _countries(draws: Draws, accident: np.ndarray) -> np.ndarray:
    """Groups of countries and their stores."""
    return reduce(np.add, reach_abroad(draws)) * accident * drifted(draws, "drift.europe")


def reach_abroad(draws: Draws) -> list[np.ndarray]:
    """Orders of each group of countries in normal months of the country of entry's first year, (month, draw)."""
    get = draws.get
    return [
        europe.reach(
            entry=get("ev.lines.europe.start", "month"),
            after=get(f"ev.europe.groups.{group}.after", "months"),
            size=get(f"ev.europe.groups.{group}.size", "factor"),
            months=get("ev.europe.stores.months", "months"),
            full=get("ev.europe.stores.full", "factor"),
            calendar=draws.calendar,
        )
        for group in draws.children("ev.europe.groups")
    ]


def _accident(draws: Draws) -> np.ndarray:
    """Share of orders left around an accident, (month, draw)."""
    get = draws.get
    left: np.ndarray = draws.once(
        orders.accident,
        happens=get("ev.accident.happens", "1"),
        month=get("ev.accident.month", "month"),
        depth=get("ev.accident.depth", "share"),
        recovery=get("ev.accident.recovery", "months"),
        calendar=draws.calendar,
    )
    return left


def walked(draws: Draws, path: str) -> np.ndarray:
    """The slow walk of an assumption `drift.*` after the first year, (quarter, draw)."""
    score = draws.shock(path, draws.calendar.quarters - 4)
    return draws.once(later.walk, sd=draws.get(path, "share/year"), score=score, calendar=draws.calendar)


def drifted(draws: Draws, path: str, first: int = 4) -> np.ndarray:
    """The slow drift of an assumption `drift.*` from a quarter on (from 0), a factor, (month, draw)."""
    score = draws.shock(path, draws.calendar.quarters - first)
    return draws.once(later.drift, sd=draws.get(path, "share/year"), score=score, calendar=draws.calendar)


def first_year(draws: Draws, path: str) -> np.ndarray:
    """A drift over the quarters of the first year, held after it, a factor, (quarter, draw)."""
    return draws.once(
        later.settled, sd=draws.get(path, "share/year"), score=draws.shock(path, 4), calendar=draws.calendar
    )


def _orders(draws: Draws, pull: np.ndarray, own: np.ndarray, line: str) -> np.ndarray:
    """Orders of a line signed in the year, (month, draw) vehicles/month."""
    months = draws.calendar.months
    get, once, key, calendar = draws.get, draws.once, f"ev.lines.{line}", draws.calendar
    launch = once(
        orders.launch,
        start=get(f"{key}.start", "month"),
        end=get(f"{key}.end", "month"),
        surge=get(f"{key}.surge", "months", months),
        decay=get("ev.launch.decay", "months"),
        fade=get("ev.launch.fade", "share/month", months),
        season=1.0 if line in ABROAD else get("ev.season", "factor", months),
        calendar=calendar,
        **composed(draws, {}, _renewal),
    )
    sd, series = get("noise.orders", "share"), f"orders.{line}"
    shock = once(orders.lognormal_noise, sd, draws.shock(series, months))
    made: np.ndarray = once(np.multiply, pull, launch) * (get(f"{key}.orders", "vehicle/month", months) * shock)
    if np.any(own != 1.0):
        made = made * price.response(own, get("ev.price.elasticity", "elasticity", months))
    return draws.flow(series, made, sd)


@needs("ev.life.interval")
def _renewal(draws: Draws, _: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """How a line is renewed in later years."""
    return {
        "interval": draws.get("ev.life.interval", "months"),
        "restored": draws.get("ev.life.restored", "share"),
        "renewal": draws.get("ev.life.renewal", "months"),
    }


def _plant(draws: Draws, plant: str) -> np.ndarray:
    """Vehicles that a plant builds in a month of normal working days at full ramp, (month, draw)."""
    months = draws.calendar.months
    get, once, key, calendar = draws.get, draws.once, f"ev.plants.{plant}", draws.calendar
    return once(
        capacity.output,
        nameplate=get(f"{key}.nameplate", "vehicle/year", months),
        shift_factor=get(f"{key}.shift_factor", "factor", months),
        outage=once(
            capacity.outage,
            begin=get(f"{key}.outage_month", "month"),
            months=get(f"{key}.outage", "months"),
            calendar=calendar,
        ),
    )


def _runs(draws: Draws, plant: str) -> np.ndarray:
    """Whether a plant runs on the first day, (draw,)."""
    return np.asarray(draws.get(f"ev.plants.{plant}.start", "month") <= 1.0)


def _capacity(draws: Draws, *full: np.ndarray) -> np.ndarray:
    """Vehicles that the plants that run on the first day can build, (month, draw); full : of each plant at full ramp."""
    months = draws.calendar.months
    get, once = draws.get, draws.once
    plants = []
    for plant, output in zip(draws.children("ev.plants"), full, strict=True):
        start, length = get(f"ev.plants.{plant}.start", "month"), get(f"ev.plants.{plant}.ramp", "months")
        ramp = once(capacity.ramp, start=start, months=length, calendar=draws.calendar)
        plants.append(once(np.multiply, output, once(np.multiply, ramp, _runs(draws, plant))))
    sd = get("noise.capacity", "share")
    noise = once(orders.lognormal_noise, sd, draws.shock("capacity", months))
    built = once(capacity.together, *plants, workdays=get("ev.workdays", "factor", months), noise=noise)
    return draws.flow("capacity", built, sd)


def plants_to_open(draws: Draws) -> list[str]:
    """Plants that open when they are needed: those that may not run on the first day."""
    return [
        plant
        for plant in draws.children("ev.plants")
        if draws.assumptions[f"ev.plants.{plant}.start"].distribution.uncertain or not _runs(draws, plant).all()
    ]


def _book(draws: Draws, built: np.ndarray, signed: list[np.ndarray], *parts: np.ndarray) -> order_book.Book:
    """The order book of all lines, worked off; parts : of each line what waits, of each its own price, of each plant to open its full output."""
    get, months, count = draws.get, draws.calendar.months, len(signed)
    waiting, own, full = parts[:count], parts[count : 2 * count], parts[2 * count :]
    worked = np.maximum(get("ev.workdays", "factor", months), 0.0)
    changes = any(len(each) > 1 for each in own)
    return order_book.work_off(
        opening=reduce(np.add, waiting),
        signed=reduce(np.add, signed),
        capacity=built,
        ready=get("ev.book.ready", "share", months),
        cancelling=order_book.Cancelling(
            get("ev.book.cancellation", "share/month", months), get("ev.book.impatience", "share/month"),
            get("ev.book.accepted", "weeks"), get("ev.book.regret", "factor"),
            price.cut_of(own=own, orders=signed) if changes else None,
        ),
        stock=order_book.Stock(
            get("ev.stock.opening", "vehicle"), get("ev.stock.most", "months"), get("ev.stock.flex", "share/month"),
            get("ev.stock.long", "months"), get("ev.stock.discount", "share/month"),
        ),
        elasticity=get("ev.price.elasticity", "elasticity", months),
        owners=order_book.Owners(get("ev.owners.before", "vehicle"), get("ev.owners.elasticity", "elasticity")),
        plants=[
            order_book.Plant(
                get(f"ev.plants.{plant}.start", "month"), output * worked * ~_runs(draws, plant),
                get(f"ev.plants.{plant}.ramp", "months"),
            )
            for plant, output in zip(plants_to_open(draws), full, strict=True)
        ],
        gate=order_book.Gate(
            get("ev.gate.weeks", "weeks"), get("ev.gate.use", "share"), get("ev.gate.patience", "months")
        ),
        phases=composed(draws, None, _phases),
    )  # fmt: skip


@needs("ev.expansion.lead")
def _phases(draws: Draws, _: None) -> order_book.Phases:
    """Phases that are decided in later years where the book is long."""
    get, key = draws.get, "ev.expansion"
    return order_book.Phases(
        get(f"{key}.long", "months"), get(f"{key}.patience", "months"), get(f"{key}.lead", "months"),
        get(f"{key}.size", "vehicle/year"), get(f"{key}.ramp", "months"), get(f"{key}.capex", "RMB bn"),
        _a_year_on(draws), get("ev.workdays", "factor", draws.calendar.months),
    )  # fmt: skip


def _a_year_on(draws: Draws) -> np.ndarray:
    """What the plants that are there or ready will build a year after each month, in normal working days; (month, draw) vehicles/month."""
    get, months, calendar = draws.get, draws.calendar.months, draws.calendar
    plants = [
        capacity.output(
            nameplate=get(f"ev.plants.{plant}.nameplate", "vehicle/year", months),
            shift_factor=get(f"ev.plants.{plant}.shift_factor", "factor", months),
        )
        * capacity.ramp(
            start=get(f"ev.plants.{plant}.start", "month"),
            months=get(f"ev.plants.{plant}.ramp", "months"),
            when=calendar.middle + 12,
        )
        for plant in draws.children("ev.plants")
    ]
    return reduce(np.add, plants)
