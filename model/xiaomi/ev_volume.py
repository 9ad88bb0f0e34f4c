"""The EV segment in vehicles: what is ordered, what the plants can build, and the order book between them."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from model.errors import InputError, Problem
from model.simulation.sampling.draws import Draws
from model.xiaomi.drivers import capacity, deliveries, orders
from model.xiaomi.drivers.calendar import MONTHS, months_quarters_year


class Volume(NamedTuple):
    """Vehicles of one year, by line and in all; flows in vehicles/month."""

    lines: tuple[str, ...]
    waiting: list[np.ndarray]  # by line: (draw,) vehicles on order when the year begins
    signed: list[np.ndarray]  # by line: (month, draw) orders
    ordered: np.ndarray  # (month, draw) orders of all lines
    built: np.ndarray  # (month, draw) what the plants can build
    cancellation: np.ndarray  # (draw,) share of those left waiting, a month
    book: deliveries.Book

    def by_line(self) -> list[np.ndarray]:
        """Deliveries of each line, (month, draw) each."""
        return [self._part(*part) for part in zip(self.waiting, self.signed, strict=True)]

    def to_those_who_waited(self) -> np.ndarray:
        """Deliveries to those who were waiting when the year began, (month, draw)."""
        return self._part(reduce(np.add, self.waiting), np.zeros((MONTHS, 1)))

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
    waiting, signed = _demand(draws, lines)
    ordered, built = reduce(np.add, signed), _capacity(draws)
    cancellation = draws.get("ev.book.cancellation", "share/month")
    book = deliveries.work_off(
        opening=reduce(np.add, waiting),
        orders=ordered,
        capacity=built,
        ready=draws.get("ev.book.ready", "share"),
        cancellation=cancellation,
    )
    return Volume(lines, waiting, signed, ordered, built, cancellation, book)


def volume(draws: Draws, *, by_line: bool = False) -> dict[str, np.ndarray]:
    """Deliveries alone, in all or also by line, for comparisons that need no money."""
    found = ev_volume(draws)
    out = {"ev.deliveries": months_quarters_year(found.book.delivered)}
    if by_line:
        each = zip(found.lines, found.by_line(), strict=True)
        out |= {f"ev.deliveries.{line}": months_quarters_year(d) for line, d in each}
    return out


def _demand(draws: Draws, lines: tuple[str, ...]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """By line: vehicles that wait when the year begins, (draw,), and orders signed in it, (month, draw) vehicles/month."""
    get, once = draws.get, draws.once
    decay, fade = get("ev.launch.decay", "months"), get("ev.launch.fade", "share/month")
    rival_cut, season = get("ev.price_war.rival_cut", "share"), get("ev.season", "factor", MONTHS)
    market = once(
        orders.market,
        growth=get("ev.market.growth", "share/year"),
        tax=get("ev.market.tax", "share"),
        tax_elasticity=get("ev.market.tax_elasticity", "elasticity"),
        payback=get("ev.market.payback", "share"),
        payback_decay=get("ev.market.payback_decay", "months"),
    )
    price = once(
        orders.price_effect,
        own=once(orders.own_price, rival_cut=rival_cut, follow=get("ev.price_war.follow", "share")),
        rival_cut=rival_cut,
        elasticity=get("ev.price_war.elasticity", "elasticity"),
    )
    accident = once(
        orders.accident,
        happens=get("ev.accident.happens", "1"),
        month=get("ev.accident.month", "month"),
        depth=get("ev.accident.depth", "share"),
        recovery=get("ev.accident.recovery", "months"),
    )
    pull = once(np.multiply, once(np.multiply, market, price), accident)
    noise = get("noise.orders", "share")
    waiting, signed = [], []
    for line in lines:
        key = f"ev.lines.{line}"
        waiting.append(get(f"{key}.waiting", "vehicle"))
        launch = once(
            orders.launch,
            start=get(f"{key}.start", "month"),
            end=get(f"{key}.end", "month"),
            surge=get(f"{key}.surge", "months"),
            decay=decay,
            fade=fade,
            season=season,
        )
        shock = once(orders.lognormal_noise, noise, draws.shock(f"orders.{line}", MONTHS))
        signed.append(once(np.multiply, pull, launch) * (get(f"{key}.orders", "vehicle/month") * shock))
    return waiting, signed


def _capacity(draws: Draws) -> np.ndarray:
    """Vehicles that all plants together can build, (month, draw) vehicles/month."""
    get, once = draws.get, draws.once
    plants = []
    for plant in draws.children("ev.plants"):
        key = f"ev.plants.{plant}"
        plants.append(
            once(
                capacity.output,
                nameplate=get(f"{key}.nameplate", "vehicle/year"),
                shift_factor=get(f"{key}.shift_factor", "factor"),
                ramp=once(capacity.ramp, start=get(f"{key}.start", "month"), months=get(f"{key}.ramp", "months")),
                outage=once(
                    capacity.outage, begin=get(f"{key}.outage_month", "month"), months=get(f"{key}.outage", "months")
                ),
            )
        )
    noise = once(orders.lognormal_noise, get("noise.capacity", "share"), draws.shock("capacity", MONTHS))
    return once(capacity.together, *plants, workdays=get("ev.workdays", "factor", MONTHS), noise=noise)
