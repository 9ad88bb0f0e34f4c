"""Orders: what buyers sign for in each month.

orders[v,t] = base[v] (normal[v,t] season[t] + surge[v,t]) level market(t) drift(t) reach(t) price(v,t) accident(t) shock

What is (draw,) here may be (month, draw) where it changes within the year, but for moments and durations.
"""

from __future__ import annotations

import numpy as np

from model.assumptions.calendar import Calendar
from model.xiaomi.drivers import later
from model.xiaomi.drivers.calendar import ONE_YEAR, accumulated, running_sum


def launch(
    *,
    start: np.ndarray,
    end: np.ndarray,
    surge: np.ndarray,
    decay: np.ndarray,
    fade: np.ndarray,
    season: np.ndarray | float,
    calendar: Calendar = ONE_YEAR,
    interval: np.ndarray | None = None,
    restored: np.ndarray | float = 0.0,
    renewal: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Orders of a line in a month, in normal months of orders.

    start, end : (draw,) month on the calendar when the line goes on and off sale
    surge : (draw,) extra orders that the launch brings in all, in months of normal orders
    decay : (draw,) months in which the surge falls to 1/e
    fade : (draw,) share of normal orders lost each month since the start (since January where it was earlier)
    season : (month, 1) factor on normal orders; a launch draws its crowd in any season
    interval : (draw,) months between renewals of the line, in years after the first; None: there are none
    restored : (draw,) share of the appeal lost by then that a renewal brings back
    renewal : (draw,) orders that it draws on top, in months of normal orders

    Returns (month, draw): share of the month on sale x (1 - fade)^age x season, plus the part of the surge that
    an exponential decay puts into the month. Over all months the latter sums to `surge`.
    """
    begin = calendar.begin
    on_sale = np.maximum(np.minimum(end, begin + 1) - np.maximum(start, begin), 0.0)
    age = np.maximum(calendar.middle - np.maximum(start, 1.0), 0.0)
    if interval is not None:
        left, new = later.renewed(start=start, interval=interval, restored=restored, fade=fade, calendar=calendar)
        normal = on_sale * left * season + np.where(on_sale > 0, new * renewal, 0.0)
        return normal + _surge(start, surge, decay, calendar) if np.any(surge) else normal
    faded = age * np.log1p(-fade) if np.ndim(fade) < 2 else running_sum(_steps(age) * np.log1p(-fade))
    normal = on_sale * np.exp(faded) * season
    return normal + _surge(start, surge, decay, calendar) if np.any(surge) else normal


def _surge(start: np.ndarray, surge: np.ndarray, decay: np.ndarray, calendar: Calendar) -> np.ndarray:
    """The part of a launch's surge that falls into each month."""
    left = np.exp(np.minimum(start - calendar.edges, 0.0) / decay)
    return surge * (left[:-1] - left[1:])


def _steps(level: np.ndarray) -> np.ndarray:
    """By how much a level rises in each month, from 0 before the first."""
    return np.diff(level, axis=0, prepend=np.zeros_like(level[:1]))


def market(
    *,
    growth: np.ndarray,
    outlay: np.ndarray,
    class_elasticity: np.ndarray,
    payback: np.ndarray,
    payback_decay: np.ndarray,
    calendar: Calendar = ONE_YEAR,
) -> np.ndarray:
    """Demand for the class against late 2025.

    growth : (draw,) a year; outlay : (draw,) or (month, draw) of buyers at the same price, against late 2025 (`policy.outlay`)
    payback : (draw,) share of January's orders pulled forward; payback_decay : (draw,) months

    Returns (month, draw): (1 + growth)^phase outlay^-elasticity (1 - payback exp(-(t - 1) / decay)), t the
    begin of the month on the calendar.
    """
    level = np.exp(accumulated(np.log1p(growth), calendar) - class_elasticity * np.log(outlay))
    return level * (1.0 - payback * np.exp(-(calendar.begin - 1.0) / payback_decay))


def accident(
    *, happens: np.ndarray, month: np.ndarray, depth: np.ndarray, recovery: np.ndarray, calendar: Calendar = ONE_YEAR
) -> np.ndarray:
    """Share of orders left around an accident.

    happens : (draw,) 1 or 0; month : (draw,) on the calendar; depth : (draw,) share lost right after
    recovery : (draw,) months in which the loss closes to 1/e

    Returns (month, draw): 1 - happens x depth x the mean over the month of exp(-(t - month) / recovery).
    """
    since = np.maximum(calendar.edges - month, 0.0)
    healed = recovery * -np.expm1(-since / recovery)  # integral of the loss from the accident to each edge
    return 1.0 - happens * depth * (healed[1:] - healed[:-1])


def lognormal_noise(sd: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Factor exp(sd z - sd^2 / 2) with mean 1."""
    exponent = sd * score
    exponent -= 0.5 * sd * sd
    return np.exp(exponent, out=exponent)
