"""The outside view, let in before the reports: what a reference class says of the target's outcome, as one more likelihood."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from model.simulation.observation import Observation
from model.simulation.outside_view import Pool, chosen, classes_of, pool
from model.simulation.result import Result

FIRST = dt.date.min  # before any report


@dataclass(frozen=True)
class Pooled(Observation):
    """A logarithmic pool as a likelihood: the logarithm of what it multiplies the chance of a draw by."""

    tilt: Pool | None = None

    def log_likelihood(self, predicted: np.ndarray) -> np.ndarray:
        """(draw,), piecewise constant over the bins of the pool."""
        assert self.tilt is not None
        return np.asarray(self.tilt.log_tilt(predicted))


def pooled_before(inside: Result) -> list[Pooled]:
    """The pool that the assumptions ask for, dated before any report; none where they ask for none."""
    a, target = inside.assumptions, inside.assumptions.target
    if a.outside is None or not a.pooled:
        return []
    made = pool(inside, chosen(a.outside, classes_of(a, inside.business)), a.outside.weight)
    return [
        Pooled(
            target.outcome, target.period, "at_least", target.value, 1.0, target.unit, "outside view", FIRST,
            a.outside.source, tilt=made,
        )
    ]  # fmt: skip
