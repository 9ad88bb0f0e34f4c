"""Policy: what the purchase tax and the trade-in grant leave a buyer to pay, and the orders that move across a change of them.

outlay[t] = (1 + tax[t]) (1 - grant funded[t]) / (1 - grant)          against late 2025: no tax, a funded grant
"""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar

HALF_A_YEAR = 12 // 2  # months across which orders move at most


def funded(*, until: np.ndarray, renewed: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Share of the grant that is paid in each month, (month, draw).

    until : (draw,) month on the calendar at which the first year's money has run out; renewed : (draw,) share of the grant
    that later years have
    """
    paid = np.clip(until - calendar.begin, 0.0, 1.0)
    if calendar.years == 1:
        return paid
    later = np.broadcast_to(renewed, (calendar.months - 12, np.shape(renewed)[-1]))
    (width,) = np.broadcast_shapes(paid.shape[-1:], later.shape[-1:])
    return np.concatenate([np.broadcast_to(part, (len(part), width)) for part in (paid[:12], later)])


def outlay(*, tax: np.ndarray, grant: np.ndarray | float = 0.0, paid: np.ndarray | float = 1.0) -> np.ndarray:
    """What a buyer pays against late 2025, at the same price; tax, grant : shares of price; paid : share of the grant, (month, draw)."""
    return (1.0 + tax) * (1.0 - grant * paid) / (1.0 - grant)


def moved_across(
    *,
    tax: np.ndarray,
    to_come: np.ndarray,
    grant: np.ndarray,
    paid: np.ndarray,
    renewed: np.ndarray,
    payback: np.ndarray,
    decay: np.ndarray,
    season: np.ndarray,
) -> np.ndarray:
    """Orders moved across each later 1 January on which buyers have to pay more, a factor, (month, draw).

    tax, to_come : (month, draw) or (draw,) share of price, and that of the next year as it is known; grant, paid, renewed : as of
    `funded`; payback : (draw,) share of January's orders that the first year's tax pulled forward; decay : (draw,) months in which the
    gap closes to 1/e; season : (month, 1) of orders

    A rise takes payback x rise / the first tax there is of January's orders, closing to 1/e over `decay`, for half a year at most, and
    each month's are signed in its mirror image before. What the first January moved stands in the first year's numbers.
    """
    months = len(paid)
    now, then = (np.broadcast_to(each, (months, np.shape(each)[-1])) for each in (tax, to_come))
    first = now[np.argmax(np.any(now > 0, axis=-1))]
    months_on = np.arange(12)[:, None]
    closing = np.exp(-months_on / decay) * (months_on < HALF_A_YEAR)
    mirrored = (season[:12] * closing)[::-1]  # orders of later months, in normal ones, where they are signed before
    per_rise = np.where(first > 0, payback / np.maximum(first, 1e-9), 0.0)
    left = now + grant * (1.0 - paid)  # to pay beyond price and grant
    out = np.ones((months, np.broadcast_shapes(per_rise.shape, np.shape(decay), left.shape[-1:])[-1]))
    for month in range(0, months, 12):
        year = slice(month, month + 12)
        # against what buyers of each month pay: a tax that changes in between moves no month before it
        rise = np.maximum(then[year] - now[year] + grant * (paid[month + 12 - 1] - renewed), 0.0)
        if np.any(rise > 0):
            out[year] += per_rise * rise * mirrored / season[year]
        rise = np.maximum(left[month] - left[month - 1], 0.0) if month else 0.0
        if np.any(rise > 0):
            out[year] -= per_rise * rise * closing
    return np.maximum(out, 0.0)
