"""Spikes: distributions so peaked that many draws are in a small part of the range, as where a P50 is put next to its P10 or P90.

>>> from model.assumptions.distributions.metalog import Metalog
>>> spike(Metalog(p10=10.0, p50=17.0, p90=24.0)) is None
True
>>> [round(x, 1) for x in spike(Metalog(p10=10.0, p50=22.0, p90=24.0)) or ()]
[22.9, 23.8]
"""

from __future__ import annotations

import numpy as np

from model.assumptions.distributions.base import Discrete, Distribution
from model.assumptions.distributions.time_varying import newest

HELD, NARROW = 0.4, 1 / 6  # share of the draws, and of P10 to P90, in which they are
BEGIN = np.linspace(0.02, 0.58, 113)  # where the interval may begin


def spike(distribution: Distribution) -> tuple[float, float] | None:
    """The interval that holds two fifths of the draws, where it is less than a sixth of P10 to P90; else None."""
    one = newest(distribution)
    if not one.uncertain or isinstance(one, Discrete):
        return None
    with np.errstate(all="ignore"):
        low, high, (p10, p90) = (np.atleast_2d(one.quantile(u)).T for u in (BEGIN, BEGIN + HELD, np.array([0.1, 0.9])))
    narrowest = (high - low).argmin(axis=0)
    for period, at in enumerate(narrowest):
        if high[at, period] - low[at, period] < NARROW * (p90[period] - p10[period]):
            return float(low[at, period]), float(high[at, period])
    return None
