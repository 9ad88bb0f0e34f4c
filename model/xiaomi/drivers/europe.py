"""Europe: a market of its own, entered with one group of countries and then the next."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers.capacity import ramp


def reach(
    *, entry: np.ndarray, after: np.ndarray, size: np.ndarray, months: np.ndarray, full: np.ndarray, calendar: Calendar
) -> np.ndarray:
    """Orders of a group of countries in normal months of the country of entry's first year, (month, draw).

    entry : (draw,) month on the calendar; after : (draw,) months between it and the group's first cars; size : (draw,) of
    the group against the country of entry; months : (draw,) in which stores and service grow to their full number;
    full : (draw,) orders then, against the first year's

    The first year's stores take 1, and the others come in a straight line over `months` from a year after the group's first cars on.
    In a month that it begins in, a group has its share of the part in which the line is on sale.
    """
    start = entry + after
    growth = ramp(start=start + 12, months=months, calendar=calendar)
    on_sale, opened = (np.clip(calendar.begin + 1.0 - day, 0.0, 1.0) for day in (entry, start))
    begun = opened / np.where(on_sale > 0.0, on_sale, 1.0)
    return size * begun * (1.0 + (full - 1.0) * growth)


def abroad(*, delivered: np.ndarray, price: np.ndarray, duty: np.ndarray, shipping: np.ndarray | float) -> np.ndarray:
    """Revenue from cars sold abroad, net of duty and shipping, RMB.

    delivered : (month, draw) vehicles; price, shipping : (draw,) RMB/vehicle; duty : (draw,) share of price
    """
    return delivered * (price * (1.0 - duty) - shipping)
