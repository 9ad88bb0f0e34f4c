"""Many variations of one study: shared out over a crew, kept as they are finished, told as they come.

>>> from model import from_dict
>>> from model.distributions import Fixed
>>> from model.variation import Reading, Study
>>> study = Study(from_dict({"x": {"mean": 0, "sd": 1}}), lambda d: {"y": 2 * d["x"]}, draws=2048)
>>> points = [{"x": Fixed(float(x))} for x in range(3)]
>>> [float(e) for e in evaluate(study, [Reading("y")], points)[:, 0, 0]]
[0.0, 2.0, 4.0]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from model.kept import Kept
from model.points import REPLICATES
from model.variation import Reading, Study, Variation
from model.workers import Crew

ALONE = Crew()
SMALL = 24  # runs that threads do before processes have begun
BATCH = 8  # variations that a worker gets at a time, at most

Teller = Callable[[int, int], None]  # (done, of so many)


def evaluate(
    study: Study,
    readings: Sequence[Reading],
    variations: Sequence[Variation],
    *,
    crew: Crew = ALONE,
    kept: Kept | None = None,
    tell: Teller | None = None,
) -> np.ndarray:
    """Estimates (variation, reading, 1 + replicate): of all draws, then of each replicate.

    kept : what is known is taken from there, what is finished put there; tell : called as work is finished
    """
    out = np.full((len(variations), len(readings), 1 + REPLICATES), np.nan)
    for v, variation in enumerate(variations):
        for r, what in enumerate(readings):
            known = kept.get(variation, what) if kept else None
            if known is not None:
                out[v, r] = known
    todo = [v for v in range(len(variations)) if np.isnan(out[v]).any()]
    done = len(variations) - len(todo)
    if tell:
        tell(done, len(variations))
    if not todo:
        return out
    study.rows(readings)  # the common draws are made once, before the workers part
    size = max(1, min(BATCH, len(todo) // (4 * crew.workers)))
    batches = [todo[n : n + size] for n in range(0, len(todo), size)]
    items = [(readings, [variations[v] for v in batch]) for batch in batches]
    for n, found in crew.each(study, _batch, items, small=len(todo) < SMALL):
        for v, estimates in zip(batches[n], found, strict=True):
            out[v] = estimates
            if kept:
                for what, each in zip(readings, estimates, strict=True):
                    kept.put(variations[v], what, each)
        done += len(batches[n])
        if tell:
            tell(done, len(variations))
    return out


def _batch(study: Study, item: tuple[Sequence[Reading], Sequence[Variation]]) -> list[np.ndarray]:
    readings, variations = item
    return [study.estimates(readings, variation) for variation in variations]
