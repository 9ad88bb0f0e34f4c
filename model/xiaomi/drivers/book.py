"""The order book, month by month: what is signed, what plants build, what is in stock, who waits, who cancels, which plant opens.

    orders[t]    = signed[t] (1 - stock discount[t])^-own elasticity (owners / owners[0])^word of mouth, by quarter
    backlog      = waiting[t-1] + orders[t];                wanted = ready x backlog
    built[t]     = min(capacity[t], max(wanted - stock[t-1], floor))
    floor        = what flexible shifts leave of last month's output, as long as stock stays within `most` months of what is wanted
    delivered[t] = min(wanted, stock[t-1] + built[t])
    cancelled[t] = (backlog - delivered[t]) (base + per week x weeks of wait beyond those that buyers accept + per cut x own cut[t])
    wait[t]      = waiting[t] / delivered[t], in weeks, as the last in the queue are told
    discount     = rate x months of stock beyond `long`, of which `most` count

A plant that is ready opens at the begin of a month before which the book was long for what the plants build, or these were used,
for so many months in a row; a further phase is decided when the book has been long for what the plants will build a year on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

WEEKS = 52 / 12  # in a month
NO_CAR = 1e-9  # guards a division


class Cancelling(NamedTuple):
    """Who leaves the queue in a month: shares, (draw,) or (month, draw)."""

    base: np.ndarray
    per_week: np.ndarray  # of wait beyond `weeks`
    weeks: np.ndarray
    per_cut: np.ndarray
    cut: np.ndarray | None  # (month, draw) own cut of price, a share; None: there is none


class Stock(NamedTuple):
    """Cars that are built and have no owner yet; (draw,)."""

    opening: np.ndarray  # vehicles
    most: np.ndarray  # months of what is wanted, beyond which nothing is built for stock, nor taken off the price
    flex: np.ndarray  # share by which output can fall from one month to the next
    long: np.ndarray  # months of deliveries beyond which there are discounts
    discount: np.ndarray  # share of price, for each month beyond


class Plant(NamedTuple):
    """A plant that opens when it is needed."""

    ready: np.ndarray  # (draw,) month on the calendar from which on it can
    output: np.ndarray  # (month, draw) vehicles/month, at full ramp
    ramp: np.ndarray  # (draw,) months


class Gate(NamedTuple):
    """When a plant that is ready opens; (draw,)."""

    weeks: np.ndarray  # of capacity in the book, above which this says so
    use: np.ndarray  # share of capacity above which use says so
    patience: np.ndarray  # months in a row


class Owners(NamedTuple):
    """Cars on the road, whose drivers talk of them and buy again; (draw,)."""

    before: np.ndarray  # vehicles
    elasticity: np.ndarray


class Phases(NamedTuple):
    """Plants that are decided in later years, and what they bring; (draw,) but for `ahead` and `workdays`."""

    long: np.ndarray  # a book is long above so many months of what the plants will build a year on
    patience: np.ndarray  # months in a row after which a phase is decided
    lead: np.ndarray  # months from the decision to the first car, a year or more
    size: np.ndarray  # vehicles a year in full output
    ramp: np.ndarray  # months
    capex: np.ndarray  # RMB bn a phase
    ahead: np.ndarray  # (month, draw) vehicles/month that the plants that are there or ready will build a year on
    workdays: np.ndarray  # (month, draw) against a normal month


class Book(NamedTuple):
    """All lines month by month, (month, draw) each; flows in vehicles/month, levels in vehicles at the end of the month."""

    ordered: np.ndarray
    delivered: np.ndarray
    built: np.ndarray
    stock: np.ndarray
    cancelled: np.ndarray
    waiting: np.ndarray
    capacity: np.ndarray
    share: np.ndarray  # of the backlog, delivered in the month
    rate: np.ndarray  # of those left waiting, cancelled in the month
    wait: np.ndarray  # weeks
    discount: np.ndarray  # share of price, for cars in stock too long
    capacity_bound: np.ndarray  # 1 where plants and stock were the limit, 0 where orders were
    running: np.ndarray  # (plant, month, draw) share of the month in which each plant that opens when needed has run
    phases: np.ndarray  # phases that build cars
    spent: np.ndarray  # RMB bn in the month, on phases


def work_off(
    *,
    opening: np.ndarray,
    signed: np.ndarray,
    capacity: np.ndarray,
    ready: np.ndarray,
    cancelling: Cancelling,
    stock: Stock,
    elasticity: np.ndarray,
    owners: Owners | None = None,
    plants: list[Plant] | tuple[()] = (),
    gate: Gate | None = None,
    phases: Phases | None = None,
) -> Book:
    """Fill the order book.

    opening : (draw,) firm orders before the first month; signed : (month, draw) orders at the prices and owners of the first
    capacity : (month, draw) vehicles/month of the plants that run already
    ready : (draw,) or (month, draw) share of the backlog that can be built to order and handed over within a month
    elasticity : (draw,) or (month, draw) of orders to a discount on cars in stock; gate : needed where there are `plants`
    """
    months, size = signed.shape
    decided = np.broadcast_to(0.0, (2, months, size)) if phases is None else np.zeros((2, months, size))
    arrays = [*np.empty((12, months, size)), np.zeros((len(plants), months, size)), *decided]
    book = Book(**dict(zip(Book._fields, arrays, strict=True)))
    waiting, in_stock = np.broadcast_to(opening, (size,)), np.broadcast_to(stock.opening, (size,))
    state = _Plants(plants, gate, phases, size)
    road = None if owners is None else np.broadcast_to(owners.before, (size,))
    discount = np.zeros(size)
    for t in range(months):
        total = book.capacity[t]
        np.add(capacity[t], state.output(t, book), out=total)
        if t == 0:
            weeks, output = WEEKS * waiting / np.maximum(total, NO_CAR), np.minimum(total, _of(ready, 0) * waiting)
        orders = signed[t]
        if np.any(discount):
            orders = orders * np.exp(-_of(elasticity, t) * np.log1p(-discount))
        if owners is not None:
            if t % 3 == 0:
                spoken = np.exp(owners.elasticity * np.log(road / owners.before))
            orders = orders * spoken
        book.ordered[t], book.discount[t] = orders, discount
        backlog = waiting + orders
        wanted = _of(ready, t) * backlog
        need = wanted - in_stock
        floor = np.minimum((1.0 - stock.flex) * output, need + stock.most * wanted)
        output = np.minimum(np.maximum(np.maximum(need, floor), 0.0), total, out=book.built[t])
        spare = output - need  # exactly nought where what is wanted is built
        delivered = np.add(wanted, np.minimum(spare, 0.0), out=book.delivered[t])
        book.capacity_bound[t] = spare < 0.0
        in_stock = np.maximum(spare, 0.0, out=book.stock[t])
        book.share[t] = delivered / np.maximum(backlog, NO_CAR)
        left = backlog - delivered
        rate = _of(cancelling.base, t) + cancelling.per_week * np.maximum(weeks - cancelling.weeks, 0.0)
        if cancelling.cut is not None:
            rate = rate + cancelling.per_cut * cancelling.cut[t]
        np.minimum(rate, 1.0, out=book.rate[t])
        np.multiply(left, book.rate[t], out=book.cancelled[t])
        waiting = np.subtract(left, book.cancelled[t], out=book.waiting[t])
        weeks = np.divide(WEEKS * waiting, np.maximum(delivered, 1.0), out=book.wait[t])
        months_of_stock = in_stock / np.maximum(delivered, NO_CAR)
        discount = stock.discount * np.minimum(np.maximum(months_of_stock - stock.long, 0.0), stock.most)
        if road is not None:
            road = road + delivered
        state.decide(t, output, waiting, total)
    return book


class _Plants:
    """Plants and phases that the book decides on, as months go by."""

    def __init__(self, plants: list[Plant] | tuple[()], gate: Gate | None, phases: Phases | None, size: int) -> None:
        self.plants, self.gate, self.phases = plants, gate, phases
        self.opened = [np.full(size, np.inf) for _ in plants]
        # before the first month plants were used in full: what is ready then opens
        self.needed_for = np.zeros(size) if gate is None else np.broadcast_to(gate.patience, (size,))
        self.begins, self.long_for, self.full = np.full(size, np.inf), np.zeros(size), np.zeros(size)

    def output(self, t: int, book: Book) -> np.ndarray | float:
        """What they build in a month at most, and which of them run."""
        total: np.ndarray | float = 0.0
        for n, plant in enumerate(self.plants):
            begin = t + 1.0
            opens = (plant.ready < begin + 1.0) & self._needed
            opened = self.opened[n] = np.minimum(
                self.opened[n], np.where(opens, np.maximum(plant.ready, begin), np.inf)
            )
            total = total + plant.output[t] * _share((begin + 0.5 - opened) / plant.ramp)
            book.running[n, t] = _share(begin + 1.0 - opened)
        terms = self.phases
        if terms is not None:
            self.ramped = _share((t + 1 + 0.5 - self.begins) / terms.ramp)
            worked = np.maximum(terms.workdays[t], 0.0)  # its distribution has no bounds
            total = total + (self.full + self.ramped) * terms.size / 12.0 * worked
            book.phases[t] = self.full + (self.begins < t + 2.0)
            building = np.isfinite(self.begins)
            book.spent[t] = terms.capex / terms.lead * _share(self.begins - (t + 1.0)) * building
        return total

    @property
    def _needed(self) -> np.ndarray:
        assert self.gate is not None
        return np.asarray(self.needed_for >= self.gate.patience)

    def decide(self, t: int, built: np.ndarray, waiting: np.ndarray, capacity: np.ndarray) -> None:
        """Take note of a month's end."""
        if self.gate is not None and self.plants:
            pressed = (WEEKS * waiting > self.gate.weeks * capacity) | (built > self.gate.use * capacity)
            self.needed_for = np.where(pressed, self.needed_for + 1.0, 0.0)
        terms = self.phases
        if terms is None:
            return
        done = self.ramped >= 1.0
        self.full = self.full + done
        self.begins = np.where(done, np.inf, self.begins)
        to_come = terms.ahead[t] + (self.full + np.isfinite(self.begins)) * terms.size / 12.0
        self.long_for = np.where(waiting > terms.long * to_come, self.long_for + 1.0, 0.0)
        decided = (self.long_for >= terms.patience) & np.isinf(self.begins)
        self.begins = np.where(decided, t + 2.0 + terms.lead, self.begins)
        self.long_for = np.where(decided, 0.0, self.long_for)


def _share(part: np.ndarray) -> np.ndarray:
    """Within 0 and 1."""
    return np.minimum(np.maximum(part, 0.0), 1.0)


def _of(values: np.ndarray, t: int) -> np.ndarray:
    """A month's value of what is (draw,) or (month, draw)."""
    return values if np.ndim(values) < 2 else values[t]


def delivered_of(*, opening: np.ndarray, ordered: np.ndarray, share: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Deliveries out of a part of the book, a line or those who waited at the start; (month, draw), vehicles/month.

    opening : (draw,) and ordered : (month, draw) of the part; share : (month, draw) of the backlog that is delivered, rate : of
    those left that is cancelled, the same for each part
    """
    delivered = np.empty(share.shape)
    now = opening
    for t in range(len(share)):
        backlog = now + ordered[t]
        np.multiply(backlog, share[t], out=delivered[t])
        now = (backlog - delivered[t]) * (1.0 - rate[t])
    return delivered
