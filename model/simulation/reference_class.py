"""A reference class: what happened to others in the same position, and the lognormal through them (Flyvbjerg 2006)."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from model.errors import InputError, Problem


@dataclass(frozen=True)
class ReferenceClass:
    """What happened to others in the same position.

    name   : by which an assumption file chooses it
    title  : what it holds, in words: "37 first yearly targets"
    rule   : in words, which cases belong to it
    cases  : (case,) positive, in the unit of the target's outcome
    labels : of each case, what counts once; cases that share a label (a maker) depend on each other and share its weight
    source : where the cases come from

    Raises InputError for cases through which no lognormal can be laid.
    """

    name: str
    title: str
    rule: str
    cases: np.ndarray
    labels: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        sound = self.cases.shape == (len(self.labels),) and bool(np.all(np.isfinite(self.cases) & (self.cases > 0)))
        if not sound or self.independent < 2 or np.ptp(self.cases) == 0:
            hint = "Positive numbers, not all the same, of two labels or more; one label a case"
            raise InputError(Problem(f"the cases of the reference class '{self.name}' make no distribution", hint))

    @property
    def independent(self) -> int:
        """Number of labels: what counts once."""
        return len(set(self.labels))

    @cached_property
    def shares(self) -> np.ndarray:
        """Weight of each case, (case,), summing to 1: each label counts the same."""
        _, place, count = np.unique(self.labels, return_inverse=True, return_counts=True)
        return np.asarray(1 / (count[place] * len(count)))

    @cached_property
    def log_mean(self) -> float:
        """Mean of the logarithm of the cases."""
        return float(self.shares @ np.log(self.cases))

    @cached_property
    def log_sd(self) -> float:
        """Standard deviation of the logarithm; n / (n - 1) on the variance, with n what counts once."""
        spread = float(self.shares @ (np.log(self.cases) - self.log_mean) ** 2)
        return math.sqrt(spread * self.independent / (self.independent - 1))

    def below(self, x: np.ndarray) -> np.ndarray:
        """Chance of less than x under the lognormal through the cases.

        The cases themselves would leave bins without a chance, and the pool would drop all that lies in them.
        """
        return np.asarray(special.ndtr((np.log(x) - self.log_mean) / self.log_sd))

    def beyond(self, low: float, high: float) -> float:
        """Share of the lognormal below `low` or above `high`, positive numbers."""
        under, up_to = self.below(np.array([low, high]))
        return float(under + 1 - up_to)

    def interval(self, share: float) -> tuple[float, float]:
        """The central interval that holds a share of the lognormal."""
        half = self.log_sd * float(special.ndtri((1 + share) / 2))
        return math.exp(self.log_mean - half), math.exp(self.log_mean + half)


def leave_one_out(reference: ReferenceClass, share: float = 0.8) -> dict[str, tuple[int, int]]:
    """Of each label: how many of its cases lie in the interval of the class without it, and how many there are."""
    labels, found = np.array(reference.labels), dict[str, tuple[int, int]]()
    for label in dict.fromkeys(reference.labels):
        mine, rest = labels == label, tuple(each for each in reference.labels if each != label)
        low, high = dataclasses.replace(reference, cases=reference.cases[~mine], labels=rest).interval(share)
        inside = (low <= reference.cases[mine]) & (reference.cases[mine] <= high)
        found[label] = int(inside.sum()), int(mine.sum())
    return found
