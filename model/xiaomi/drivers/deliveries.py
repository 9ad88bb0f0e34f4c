"""Deliveries: the order book, worked off as fast as it is ready and the plants allow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Book(NamedTuple):
    """The order book of all lines month by month, each (month, draw); flows in vehicles/month."""

    delivered: np.ndarray
    cancelled: np.ndarray
    waiting: np.ndarray  # vehicles at the end of the month
    share: np.ndarray  # of the book, delivered in the month
    capacity_bound: np.ndarray  # 1 where the plants were the limit, 0 where orders were


def work_off(
    *, opening: np.ndarray, orders: np.ndarray, capacity: np.ndarray, ready: np.ndarray, cancellation: np.ndarray
) -> Book:
    """Fill the order book.

    opening : (draw,) vehicles waiting before the first month
    orders, capacity : (month, draw) vehicles/month
    ready : (draw,) or (month, draw) share of the book that can be built to order and handed over within a month
    cancellation : (draw,) or (month, draw) share of the vehicles left waiting that is cancelled each month

        backlog[t]   = waiting[t-1] + orders[t]
        delivered[t] = min(ready x backlog, capacity[t])
        waiting[t]   = (backlog - delivered) x (1 - cancellation)
    """
    book, now = empty_book(orders), opening
    for t in range(len(orders)):
        now = step(book, t, waiting=now, orders=orders, capacity=capacity, ready=ready, cancellation=cancellation)
    return book


def empty_book(orders: np.ndarray) -> Book:
    """Room for the book of orders (month, draw)."""
    return Book(*np.empty((len(Book._fields), *orders.shape)))


def step(
    book: Book,
    t: int,
    *,
    waiting: np.ndarray,
    orders: np.ndarray,
    capacity: np.ndarray,
    ready: np.ndarray,
    cancellation: np.ndarray,
) -> np.ndarray:
    """Fill month t of the book as `work_off` says; waiting : (draw,) before it. Returns vehicles waiting after it, (draw,)."""
    backlog = waiting + orders[t]
    possible = capacity[t] / np.maximum(backlog, 1e-9)
    at_most = ready if np.ndim(ready) < 2 else ready[t]
    np.minimum(at_most, possible, out=book.share[t])
    np.multiply(backlog, book.share[t], out=book.delivered[t])
    left = backlog - book.delivered[t]
    np.multiply(left, cancellation if np.ndim(cancellation) < 2 else cancellation[t], out=book.cancelled[t])
    book.capacity_bound[t] = possible < at_most
    after: np.ndarray = np.subtract(left, book.cancelled[t], out=book.waiting[t])
    return after


def delivered_of(*, opening: np.ndarray, orders: np.ndarray, share: np.ndarray, cancellation: np.ndarray) -> np.ndarray:
    """Deliveries out of a part of the book, a line or those who waited at the start; (month, draw), vehicles/month.

    opening : (draw,) and orders : (month, draw) of the part; share : (month, draw) of the book that is delivered,
    the same for each part; cancellation : (draw,) or (month, draw), as of the whole
    """
    delivered = np.empty(share.shape)
    now, kept = opening, 1.0 - cancellation
    for t in range(len(share)):
        backlog = now + orders[t]
        np.multiply(backlog, share[t], out=delivered[t])
        now = (backlog - delivered[t]) * (kept if np.ndim(kept) < 2 else kept[t])
    return delivered
