"""Plants that are decided: a phase is started when the order book has been long for a while, and comes a lead time later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from model.xiaomi.drivers.deliveries import Book, empty_book, step


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
    size, book = orders.shape[-1], empty_book(orders)
    total, running, spent = np.empty((3, *orders.shape))
    begins = np.full(size, np.nan)  # of a phase under way
    long_for, full = np.zeros(size), np.zeros(size)  # months; phases in full output
    now = np.broadcast_to(opening, (size,))
    a_month, worked = terms.size / 12.0, np.maximum(workdays, 0.0)  # its distribution has no bounds
    for t in range(len(orders)):
        ramped = np.nan_to_num(np.clip((t + 1 + 0.5 - begins) / terms.ramp, 0.0, 1.0))
        total[t] = capacity[t] + (full + ramped) * a_month * worked[t]
        running[t] = full + (begins < t + 2.0)
        spent[t] = terms.capex / terms.lead * np.nan_to_num(np.clip(begins - (t + 1.0), 0.0, 1.0))
        now = step(book, t, waiting=now, orders=orders, capacity=total, ready=ready, cancellation=cancellation)
        full = full + (ramped >= 1.0)
        begins = np.where(ramped >= 1.0, np.nan, begins)
        to_come = ahead[t] + (full + np.isfinite(begins)) * a_month
        long_for = np.where(now > terms.long * to_come, long_for + 1.0, 0.0)
        decided = (long_for >= terms.patience) & np.isnan(begins)
        begins = np.where(decided, t + 2.0 + terms.lead, begins)
        long_for = np.where(decided, 0.0, long_for)
    return Built(book, total, running, spent)
