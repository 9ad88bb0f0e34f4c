"""Slow drifts, what new lines take from older ones, and what only years after the first know: learning, renewals, sums over years."""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers.calendar import running_sum


def walk(*, sd: np.ndarray, score: np.ndarray, calendar: Calendar) -> np.ndarray:
    """A random walk in quarters, nought before its first, (quarter, draw).

    sd : (draw,) after a year, growing with the root of time; score : (quarter, draw) of the last quarters, those in which it walks
    """
    return np.concatenate(
        [np.zeros((calendar.quarters - len(score), score.shape[-1])), running_sum(score * (0.5 * sd))]
    )


def drift(*, sd: np.ndarray, score: np.ndarray, calendar: Calendar) -> np.ndarray:
    """A slow drift: the walk as a factor with median 1, held over each quarter's months, (month, draw)."""
    return np.repeat(np.exp(walk(sd=sd, score=score, calendar=calendar)), 3, axis=0)


def settled(*, sd: np.ndarray, score: np.ndarray, calendar: Calendar) -> np.ndarray:
    """A drift that ends with the first year: a random walk over its quarters as a factor with median 1, held after it, (quarter, draw).

    sd : (draw,) after a year; score : (4, draw)
    """
    made = np.exp(running_sum(score * (0.5 * sd)))
    return np.concatenate([made, np.broadcast_to(made[-1], (calendar.quarters - 4, made.shape[-1]))])


def learning(*, built: np.ndarray, before: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Unit cost by cumulative output against the end of the first year, (month, draw): Wright's law, 1 until then.

    built : (month, draw) vehicles; before : (draw,) built before the first month; rate : (draw,) fall with each doubling

    (cumulative / cumulative at the first year's end)^-b with b = -log2(1 - rate), output of half the month counted. A rate of
    20% has b = 0.3219281. Wright 1936; Nagy et al. 2013, PLoS ONE 8(2), find it about as good as any other.
    """
    total = before + running_sum(built)
    so_far = total - 0.5 * built
    out = np.ones(built.shape)
    out[12:] = np.exp(np.log(so_far[12:] / total[12 - 1]) * np.log2(1.0 - rate))
    return out


def renewed(
    *, start: np.ndarray, interval: np.ndarray, restored: np.ndarray | float, fade: np.ndarray, calendar: Calendar
) -> tuple[np.ndarray, np.ndarray]:
    """A line renewed at intervals: what is left of its normal orders, and 1 in months in which a renewal comes; (month, draw) each.

    start : (draw,) month on the calendar; interval : (draw,) months; restored : (draw,) share of the lost appeal that a
    renewal brings back; fade : (draw,) or (month, draw) share lost each month since the start, or since the first January

    Renewals of the first year are those that the case gives as lines of their own: none comes from here.
    """
    shape = (
        calendar.months,
        *np.broadcast_shapes(np.shape(start), np.shape(interval), np.shape(restored), np.shape(fade)[-1:]),
    )
    left, new = np.empty(shape), np.zeros(shape)
    rate = np.broadcast_to(np.log1p(-fade), shape)
    lost, age_before = np.zeros(shape[1:]), 0.0
    since = np.maximum(start, 1.0)
    done = np.ceil((12 + 1.0 - start) / interval) - 1.0  # by the first year's end
    for month in range(calendar.months):
        age = np.maximum(month + 1 + 0.5 - since, 0.0)
        lost = lost + (age - age_before) * rate[month]
        age_before = age
        if month >= 12:
            count = np.ceil((month + 2.0 - start) / interval) - 1.0  # before the next month begins
            new[month] = (count > np.maximum(done, 0.0)) & (count > 0)
            done = np.maximum(done, count)
            lost = np.where(new[month] > 0, lost * (1.0 - restored), lost)
        left[month] = np.exp(lost)
    return left, new


def taken(
    *, signed: list[np.ndarray], start: list[np.ndarray], share: list[np.ndarray], home: list[bool]
) -> list[np.ndarray]:
    """Orders by line once each has lost what younger ones take, (month, draw) each.

    signed : by line, (month, draw) as if it were alone; start : by line, (draw,) month on the calendar; share : by line,
    (draw,) of its orders that lines at home which were there before it would have had. What is taken is spread over these by their
    orders, and never more than all; of two that take, each takes its part of what the other leaves.
    """
    left = list(signed)
    for n, part in enumerate(share):
        if not np.any(part):
            continue
        older = {k: (start[k] < start[n]) * 1.0 for k, here in enumerate(home) if here and k != n}
        older = {k: there for k, there in older.items() if there.any()}
        total, term = np.full(signed[n].shape, 1e-9), np.empty(signed[n].shape)
        for k, there in older.items():
            total += np.multiply(signed[k], there, out=term)
        rate = np.divide(np.multiply(signed[n], part, out=term), total, out=total)
        np.minimum(rate, 1.0, out=rate)
        for k, there in older.items():
            kept = np.subtract(1.0, np.multiply(rate, there, out=term), out=term)
            left[k] = np.multiply(left[k], kept, out=None if left[k] is signed[k] else left[k])
    return left


def first_twelve(*, delivered: np.ndarray, before: np.ndarray, level: float, calendar: Calendar) -> np.ndarray:
    """The first month with which twelve months bring `level`, on the calendar; the month past the horizon where none does.

    delivered : (month, draw); before : (12, 1) of the twelve months before the first
    """
    flows = np.concatenate([np.broadcast_to(before, (12, delivered.shape[-1])), delivered])
    total = running_sum(flows)
    twelve = total[12:] - total[:-12]
    reached = twelve >= level
    return np.where(reached.any(axis=0), np.argmax(reached, axis=0) + 1.0, calendar.months + 1.0)


def compounded(*, growth: np.ndarray, calendar: Calendar) -> np.ndarray:
    """What a yearly growth that begins at the end of the first year makes of 1 by the middle of each quarter; (quarter, draw).

    growth : (draw,) or (quarter, draw), the growth of the year that the quarter lies in
    """
    each = np.broadcast_to(np.log1p(growth), (calendar.quarters, np.shape(growth)[-1]))
    steps = np.where(np.arange(calendar.quarters)[:, None] < 4, 0.0, each / 4)
    return np.exp(running_sum(steps) - 0.5 * steps)
