"""A nail: a distribution so peaked that many draws are in a sliver of its range, as where a P50 is put next to its P10 or P90.

>>> from model.assumptions.distributions.metalog import Metalog
>>> nail(Metalog(p10=10.0, p50=17.0, p90=24.0)) is None
True
>>> [round(x, 1) for x in nail(Metalog(p10=10.0, p50=22.0, p90=24.0)) or ()]
[22.9, 23.8]
"""

from __future__ import annotations

import numpy as np

from model.assumptions.distributions.base import Discrete, Distribution
from model.assumptions.distributions.time_varying import newest

HELD, SLIVER = 0.4, 1 / 6  # share of the draws, and of P10 to P90, in which they are
FIRST, LAST = 0.02, 0.58  # where the interval may begin


def nail(distribution: Distribution) -> tuple[float, float] | None:
    """The interval that holds two fifths of the draws, where it is less than a sixth of P10 to P90; else None."""
    one = newest(distribution)
    if not one.uncertain or isinstance(one, Discrete):
        return None
    begin = np.linspace(FIRST, LAST, 113)
    with np.errstate(all="ignore"):
        rows = np.atleast_2d(one.quantile(np.concatenate([begin, begin + HELD, [0.1, 0.9]])))
    for row in rows:
        low, high = row[:113], row[113:226]
        at = int(np.argmin(high - low))
        if high[at] - low[at] < SLIVER * (row[227] - row[226]):
            return float(low[at]), float(high[at])
    return None
