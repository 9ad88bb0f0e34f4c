"""The EV segment in vehicles: what is ordered, what the plants can build, and the order book between them."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from model.errors import InputError, Problem
from model.simulation.sampling.draws import Draws
from model.xiaomi.drivers import capacity, deliveries, orders
from model.xiaomi.drivers.calendar import months_quarters_year


class Volume(NamedTuple):
    """Vehicles, by line and in all; flows in vehicles/month."""

    lines: tuple[str, ...]
    waiting: list[np.ndarray]  # by line: (draw,) vehicles on order when the year begins
    signed: list[np.ndarray]  # by line: (month, draw) orders
    ordered: np.ndarray  # (month, draw) orders of all lines
    built: np.ndarray  # (month, draw) what the plants can build
    cancellation: np.ndarray  # (draw,) or (month, draw) share of those left waiting, a month
    book: deliveries.Book

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
    months = draws.calendar.months
    lines = draws.children("ev.lines")
    if not lines:
        raise InputError(Problem("the model needs at least one vehicle line", path="ev.lines"))
    pull = draws.stage(_pull)
    signed = [draws.stage(_orders, pull, line) for line in lines]
    waiting = [draws.get(f"ev.lines.{line}.waiting", "vehicle") for line in lines]
    built = draws.stage(_capacity)
    book = draws.stage(_book, built, *signed)
    cancellation = draws.get("ev.book.cancellation", "share/month", months)
    return Volume(lines, waiting, signed, reduce(np.add, signed), built, cancellation, book)


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
    months = draws.calendar.months
    get, once, calendar = draws.get, draws.once, draws.calendar
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
    accident = once(
        orders.accident,
        happens=get("ev.accident.happens", "1"),
        month=get("ev.accident.month", "month"),
        depth=get("ev.accident.depth", "share"),
        recovery=get("ev.accident.recovery", "months"),
        calendar=calendar,
    )
    return once(np.multiply, once(np.multiply, market, price), accident)


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
        season=get("ev.season", "factor", months),
        calendar=calendar,
    )
    shock = once(orders.lognormal_noise, get("noise.orders", "share"), draws.shock(f"orders.{line}", months))
    made: np.ndarray = once(np.multiply, pull, launch) * (get(f"{key}.orders", "vehicle/month", months) * shock)
    return made


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
    noise = once(orders.lognormal_noise, get("noise.capacity", "share"), draws.shock("capacity", months))
    return once(capacity.together, *plants, workdays=get("ev.workdays", "factor", months), noise=noise)


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
