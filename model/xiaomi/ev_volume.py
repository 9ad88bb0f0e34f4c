"""The EV segment in vehicles: what is ordered, what the plants can build, and the order book between them."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from model.errors import InputError, Problem
from model.simulation.sampling.draws import Draws
from model.xiaomi.composition import chosen, composed, needs
from model.xiaomi.drivers import capacity, deliveries, europe, expansion, later, orders
from model.xiaomi.drivers.calendar import months_quarters_year

ABROAD = ("europe",)  # lines that are sold outside China: no Chinese market, tax, season or price war


class Volume(NamedTuple):
    """Vehicles, by line and in all; flows in vehicles/month."""

    lines: tuple[str, ...]
    waiting: list[np.ndarray]  # by line: (draw,) vehicles on order when the year begins
    signed: list[np.ndarray]  # by line: (month, draw) orders
    ordered: np.ndarray  # (month, draw) orders of all lines
    built: np.ndarray  # (month, draw) what the plants can build
    cancellation: np.ndarray  # (draw,) or (month, draw) share of those left waiting, a month
    book: deliveries.Book
    phases: expansion.Built | None = None  # what was built for a long book, in later years

    def by_line(self) -> list[np.ndarray]:
        """Deliveries of each line, (month, draw) each."""
        return [self._part(*part) for part in zip(self.waiting, self.signed, strict=True)]

    def to_those_who_waited(self) -> np.ndarray:
        """Deliveries to those who were waiting when the year began, (month, draw)."""
        return self._part(reduce(np.add, self.waiting), np.zeros((len(self.ordered), 1)))

    def flows(self) -> dict[str, np.ndarray]:
        """The order book as outcomes, (month, draw) each."""
        return {
            "ev.orders": self.ordered,
            "ev.capacity": self.built,
            "ev.waiting": self.book.waiting,
            "ev.cancelled": self.book.cancelled,
            "ev.capacity_bound": self.book.capacity_bound,
        }

    def _part(self, opening: np.ndarray, ordered: np.ndarray) -> np.ndarray:
        return deliveries.delivered_of(
            opening=opening, orders=ordered, share=self.book.share, cancellation=self.cancellation
        )


def ev_volume(draws: Draws) -> Volume:
    """The order book of the year. InputError where there is no vehicle line."""
    lines = draws.children("ev.lines")
    if not lines:
        raise InputError(Problem("the model needs at least one vehicle line", path="ev.lines"))
    pull = draws.stage(_pull)
    away = draws.stage(_pull_abroad) if set(lines) & set(ABROAD) else pull
    signed = [draws.stage(_orders, away if line in ABROAD else pull, line) for line in lines]
    waiting = [draws.get(f"ev.lines.{line}.waiting", "vehicle") for line in lines]
    return chosen(draws, _with_phases, _with_plants)(draws, lines, waiting, signed, draws.stage(_capacity))


def _with_plants(
    draws: Draws, lines: tuple[str, ...], waiting: list[np.ndarray], signed: list[np.ndarray], built: np.ndarray
) -> Volume:
    """The book as the plants that are listed work it off."""
    book = draws.stage(_book, built, *signed)
    return Volume(lines, waiting, signed, reduce(np.add, signed), built, _cancellation(draws), book)


@needs("ev.expansion.lead")
def _with_phases(
    draws: Draws, lines: tuple[str, ...], waiting: list[np.ndarray], signed: list[np.ndarray], built: np.ndarray
) -> Volume:
    """The book with phases that are built where it is long, and new lines that take orders from older ones."""
    left = draws.stage(_less_what_is_taken, *signed)
    more = draws.stage(_book_and_phases, built, left)
    return Volume(lines, waiting, left, reduce(np.add, left), more.capacity, _cancellation(draws), more.book, more)


def _cancellation(draws: Draws) -> np.ndarray:
    """Share of those left waiting who cancel in a month, (draw,) or (month, draw)."""
    return draws.get("ev.book.cancellation", "share/month", draws.calendar.months)


def _less_what_is_taken(draws: Draws, *signed: np.ndarray) -> list[np.ndarray]:
    """Orders by line once new lines have taken from older ones in China, (month, draw) each."""
    lines, left = draws.children("ev.lines"), list(signed)
    home = [n for n, line in enumerate(lines) if line not in ABROAD]
    after = later.taken(
        signed=[signed[n] for n in home],
        start=[draws.get(f"ev.lines.{lines[n]}.start", "month") for n in home],
        share=[
            draws.get(f"ev.life.taken.{lines[n]}", "share") if lines[n] in draws.children("ev.life.taken") else 0.0
            for n in home
        ],
    )
    for n, orders_left in zip(home, after, strict=True):
        left[n] = orders_left
    return left


def volume(draws: Draws, *, by_line: bool = False) -> dict[str, np.ndarray]:
    """Deliveries alone, in all or also by line, for comparisons that need no money."""
    found = draws.stage(ev_volume)
    out = {"ev.deliveries": months_quarters_year(found.book.delivered)}
    if by_line:
        each = zip(found.lines, found.by_line(), strict=True)
        out |= {f"ev.deliveries.{line}": months_quarters_year(d) for line, d in each}
    return out


def _pull(draws: Draws) -> np.ndarray:
    """What all lines share: market, prices, an accident; a factor, (month, draw)."""
    get, once, calendar, months = draws.get, draws.once, draws.calendar, draws.calendar.months
    rival_cut = get("ev.price_war.rival_cut", "share", months)
    market = once(
        orders.market,
        growth=get("ev.market.growth", "share/year", months),
        tax=get("ev.market.tax", "share", months),
        tax_elasticity=get("ev.market.tax_elasticity", "elasticity", months),
        payback=get("ev.market.payback", "share"),
        payback_decay=get("ev.market.payback_decay", "months"),
        calendar=calendar,
    )
    price = once(
        orders.price_effect,
        own=once(
            orders.own_price,
            rival_cut=rival_cut,
            follow=get("ev.price_war.follow", "share", months),
            calendar=calendar,
        ),
        rival_cut=rival_cut,
        elasticity=get("ev.price_war.elasticity", "elasticity", months),
        calendar=calendar,
    )
    pull: np.ndarray = once(np.multiply, once(np.multiply, market, price), _accident(draws))
    return composed(draws, pull, _demand_drift, _brought_forward)


@needs("drift.ev_demand")
def _demand_drift(draws: Draws, pull: np.ndarray) -> np.ndarray:
    """The market's slow drift in later years."""
    return pull * drifted(draws, "drift.ev_demand")


@needs("ev.market.tax_to_come")
def _brought_forward(draws: Draws, pull: np.ndarray) -> np.ndarray:
    """Orders brought forward before a tax that is to come."""
    get, months = draws.get, draws.calendar.months
    return pull * later.brought_forward(
        tax=get("ev.market.tax", "share", months),
        to_come=get("ev.market.tax_to_come", "share", months),
        payback=get("ev.market.payback", "share"),
        decay=get("ev.market.payback_decay", "months"),
        season=get("ev.season", "factor", months),
    )


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
    """The slow walk of an assumption `drift.*`, (quarter, draw)."""
    score = draws.shock(path, later.later_quarters(draws.calendar))
    return draws.once(later.walk, sd=draws.get(path, "share/year"), score=score)


def drifted(draws: Draws, path: str) -> np.ndarray:
    """The slow drift of an assumption `drift.*`, a factor, (month, draw)."""
    score = draws.shock(path, later.later_quarters(draws.calendar))
    return draws.once(later.drift, sd=draws.get(path, "share/year"), score=score)


def _orders(draws: Draws, pull: np.ndarray, line: str) -> np.ndarray:
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
    """Vehicles that a plant builds in a month of normal working days, (month, draw)."""
    months = draws.calendar.months
    get, once, key, calendar = draws.get, draws.once, f"ev.plants.{plant}", draws.calendar
    return once(
        capacity.output,
        nameplate=get(f"{key}.nameplate", "vehicle/year", months),
        shift_factor=get(f"{key}.shift_factor", "factor", months),
        ramp=once(
            capacity.ramp, start=get(f"{key}.start", "month"), months=get(f"{key}.ramp", "months"), calendar=calendar
        ),
        outage=once(
            capacity.outage,
            begin=get(f"{key}.outage_month", "month"),
            months=get(f"{key}.outage", "months"),
            calendar=calendar,
        ),
    )


def _capacity(draws: Draws) -> np.ndarray:
    """Vehicles that all plants together can build, (month, draw) vehicles/month."""
    months = draws.calendar.months
    get, once = draws.get, draws.once
    plants = [draws.stage(_plant, plant) for plant in draws.children("ev.plants")]
    sd = get("noise.capacity", "share")
    noise = once(orders.lognormal_noise, sd, draws.shock("capacity", months))
    built = once(capacity.together, *plants, workdays=get("ev.workdays", "factor", months), noise=noise)
    return draws.flow("capacity", built, sd)


def _book_and_phases(draws: Draws, built: np.ndarray, signed: list[np.ndarray]) -> expansion.Built:
    """The order book worked off, with phases decided where it is long."""
    get, months, key = draws.get, draws.calendar.months, "ev.expansion"
    waiting = [get(f"ev.lines.{line}.waiting", "vehicle") for line in draws.children("ev.lines")]
    return expansion.work_off_and_build(
        opening=reduce(np.add, waiting),
        orders=reduce(np.add, signed),
        capacity=built,
        ahead=_a_year_on(draws),
        workdays=get("ev.workdays", "factor", months),
        ready=get("ev.book.ready", "share", months),
        cancellation=get("ev.book.cancellation", "share/month", months),
        terms=expansion.Terms(
            get(f"{key}.long", "months"), get(f"{key}.patience", "months"), get(f"{key}.lead", "months"),
            get(f"{key}.size", "vehicle/year"), get(f"{key}.ramp", "months"), get(f"{key}.capex", "RMB bn"),
        ),
    )  # fmt: skip


def _a_year_on(draws: Draws) -> np.ndarray:
    """What the plants that are there or coming will build a year after each month, in normal working days; (month, draw) vehicles/month."""
    get, months, calendar = draws.get, draws.calendar.months, draws.calendar
    plants = [
        capacity.output(
            nameplate=get(f"ev.plants.{plant}.nameplate", "vehicle/year", months),
            shift_factor=get(f"ev.plants.{plant}.shift_factor", "factor", months),
            ramp=capacity.ramp(
                start=get(f"ev.plants.{plant}.start", "month"),
                months=get(f"ev.plants.{plant}.ramp", "months"),
                when=calendar.middle + 12,
            ),
        )
        for plant in draws.children("ev.plants")
    ]
    return reduce(np.add, plants)


def _book(draws: Draws, built: np.ndarray, *signed: np.ndarray) -> deliveries.Book:
    """The order book of all lines, worked off."""
    months = draws.calendar.months
    waiting = [draws.get(f"ev.lines.{line}.waiting", "vehicle") for line in draws.children("ev.lines")]
    return deliveries.work_off(
        opening=reduce(np.add, waiting),
        orders=reduce(np.add, signed),
        capacity=built,
        ready=draws.get("ev.book.ready", "share", months),
        cancellation=draws.get("ev.book.cancellation", "share/month", months),
    )
