"""Many variations of a study at once, in parallel, with what is known already taken from the cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from model.simulation.metric import Metric
from model.simulation.parallel import Workers
from model.simulation.sampling.common_random_numbers import Variation
from model.simulation.sampling.digital_net import REPLICATES
from model.studies.cache import MeasureCache
from model.studies.study import Study

SMALL = 24  # runs that threads do before processes have begun
BATCH = 8  # variations that a worker gets at a time, at most

Progress = Callable[[int, int], None]  # (done, of so many)


def evaluate(
    study: Study,
    metrics: Sequence[Metric],
    variations: Sequence[Variation],
    *,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Many variations at once: estimates (variation, metric, 1 + replicate), of all draws, then of each replicate.

    cache : what is known is taken from there, what is finished put there; progress : called as work is finished
    """
    workers = workers or Workers()
    out = np.full((len(variations), len(metrics), 1 + REPLICATES), np.nan)
    for v, variation in enumerate(variations):
        for r, what in enumerate(metrics):
            known = cache.get(variation, what) if cache else None
            if known is not None:
                out[v, r] = known
    todo = [v for v in range(len(variations)) if np.isnan(out[v]).any()]
    done = len(variations) - len(todo)
    if progress:
        progress(done, len(variations))
    if not todo:
        return out
    study.rows(metrics)  # the common draws are made once, before the workers part
    size = max(1, min(BATCH, len(todo) // (4 * workers.number)))
    batches = [todo[n : n + size] for n in range(0, len(todo), size)]
    items = [(metrics, [variations[v] for v in batch]) for batch in batches]
    for n, found in workers.each(study, _batch, items, small=len(todo) < SMALL):
        for v, estimates in zip(batches[n], found, strict=True):
            out[v] = estimates
        if cache:
            cache.put([(variations[v], what, out[v, r]) for v in batches[n] for r, what in enumerate(metrics)])
        done += len(batches[n])
        if progress:
            progress(done, len(variations))
    return out


def _batch(study: Study, item: tuple[Sequence[Metric], Sequence[Variation]]) -> list[np.ndarray]:
    metrics, variations = item
    return [study.estimates(metrics, variation) for variation in variations]
