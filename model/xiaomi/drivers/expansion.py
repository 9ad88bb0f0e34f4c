"""Plants that are decided: a phase is started when the order book has been long for a while, and comes a lead time later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from model.xiaomi.drivers.deliveries import Book


class Terms(NamedTuple):
    """When a phase is decided, and what it brings; (draw,) each."""

    long: np.ndarray  # a book is long above so many months of what the plants will build a year on
    patience: np.ndarray  # months in a row after which a phase is decided
    lead: np.ndarray  # months from the decision to the first car, a year or more
    size: np.ndarray  # vehicles a year in full output
    ramp: np.ndarray  # months
    capex: np.ndarray  # RMB bn a phase


class Built(NamedTuple):
    """The book, and what was built for it; (month, draw)."""

    book: Book
    capacity: np.ndarray  # vehicles a month, with the phases decided
    running: np.ndarray  # phases that build cars
    spent: np.ndarray  # RMB bn in the month


def work_off_and_build(
    *,
    opening: np.ndarray,
    orders: np.ndarray,
    capacity: np.ndarray,
    ahead: np.ndarray,
    workdays: np.ndarray,
    ready: np.ndarray,
    cancellation: np.ndarray,
    terms: Terms,
) -> Built:
    """Fill the order book as `deliveries.work_off` does, and decide on phases at the end of each month.

    opening : (draw,) vehicles; orders, capacity, ahead : (month, draw) vehicles/month, ahead being what the plants that are
    there or coming will build a year on; workdays : (month, draw) against a normal month
    ready, cancellation : (draw,) or (month, draw)

    A phase is decided when the book has held more than `long` months of what the plants will build a year on, for `patience`
    months in a row, and none is under way; its capital is spent evenly over the lead time.
    """
    size = orders.shape[-1]
    delivered, cancelled, waiting, share, bound = np.empty((len(Book._fields), *orders.shape))
    total, running, spent = np.empty((3, *orders.shape))
    started, month_of_long = np.full(size, -np.inf), np.zeros(size)
    now = np.broadcast_to(opening, (size,))
    full = np.zeros(size)  # months of output of phases that are fully ramped
    for t in range(len(orders)):
        ramped = np.clip((t + 1 + 0.5 - started) / terms.ramp, 0.0, 1.0)  # of the latest phase
        under_way = np.isfinite(started)
        total[t] = capacity[t] + (full + np.where(under_way, ramped, 0.0)) * terms.size / 12.0 * workdays[t]
        running[t] = full + (under_way & (started < t + 2.0))
        spent[t] = np.where(under_way & (started > t + 1.0), terms.capex / terms.lead, 0.0)
        finished = under_way & (ramped >= 1.0)
        full = full + finished
        started = np.where(finished, -np.inf, started)
        backlog = now + orders[t]
        possible = total[t] / np.maximum(backlog, 1e-9)
        at_most = ready if np.ndim(ready) < 2 else ready[t]
        np.minimum(at_most, possible, out=share[t])
        np.multiply(backlog, share[t], out=delivered[t])
        left = backlog - delivered[t]
        np.multiply(left, cancellation if np.ndim(cancellation) < 2 else cancellation[t], out=cancelled[t])
        now = np.subtract(left, cancelled[t], out=waiting[t])
        bound[t] = possible < at_most
        to_come = ahead[t] + (full + under_way) * terms.size / 12.0
        month_of_long = np.where(now > terms.long * to_come, month_of_long + 1.0, 0.0)
        decided = (month_of_long >= terms.patience) & ~np.isfinite(started)
        started = np.where(decided, t + 2.0 + terms.lead, started)
        month_of_long = np.where(decided, 0.0, month_of_long)
    return Built(Book(delivered, cancelled, waiting, share, bound), total, running, spent)
