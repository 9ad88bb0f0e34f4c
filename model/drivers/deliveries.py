"""Deliveries: the order book, worked off as fast as it is ready and the plants allow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Book(NamedTuple):
    """The order book month by month; flows in vehicles/month, `waiting` in vehicles at the end of the month."""

    delivered: np.ndarray  # (line, month, draw)
    cancelled: np.ndarray  # (line, month, draw)
    waiting: np.ndarray  # (line, month, draw)
    from_opening: np.ndarray  # (month, draw), deliveries to those who waited before the first month
    capacity_bound: np.ndarray  # (month, draw), 1 where the plants were the limit, 0 where orders were


def deliver(
    *, opening: np.ndarray, orders: np.ndarray, capacity: np.ndarray, ready: np.ndarray, cancellation: np.ndarray
) -> Book:
    """Fill the order book.

    opening : (line, draw) vehicles waiting before the first month
    orders : (line, month, draw) vehicles/month; capacity : (month, draw) vehicles/month
    ready : (draw,) share of the book that can be built to order and handed over within a month
    cancellation : (draw,) share of the vehicles left waiting that is cancelled each month

        backlog[v,t]   = waiting[v,t-1] + orders[v,t]
        delivered[t]   = min(ready x sum backlog, capacity[t]), shared by backlog
        waiting[v,t]   = (backlog - delivered) x (1 - cancellation)
    """
    lines, months, draws = orders.shape
    delivered, cancelled, waiting = (np.empty((lines, months, draws)) for _ in range(3))
    from_opening, bound = np.empty((months, draws)), np.empty((months, draws))
    now = np.broadcast_to(opening, (lines, draws))
    early = now.sum(axis=0)
    for t in range(months):
        backlog = now + orders[:, t]
        total = backlog.sum(axis=0)
        possible = capacity[t] / np.maximum(total, 1e-9)
        share = np.minimum(ready, possible)
        np.multiply(backlog, share, out=delivered[:, t])
        left = backlog - delivered[:, t]
        np.multiply(left, cancellation, out=cancelled[:, t])
        now = np.subtract(left, cancelled[:, t], out=waiting[:, t])
        np.multiply(early, share, out=from_opening[t])
        early = (early - from_opening[t]) * (1.0 - cancellation)
        bound[t] = possible < ready
    return Book(delivered, cancelled, waiting, from_opening, bound)
