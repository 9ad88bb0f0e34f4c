"""The same model under variations, on the same draws: what swings, sweeps and solutions are made of.

A variation puts another distribution in the place of an assumption's. Draws that it does not touch are not made
again, and the luck is the same, so the difference between two variations is theirs alone.

>>> from model import from_dict
>>> a = from_dict({"x": {"mean": 1, "sd": 1}, "y": {"mean": 0, "sd": 1}})
>>> study = Study(a, lambda d: {"z": d["x"] + d["y"]}, draws=2048)
>>> low, high = (study.measure(Reading("z"), {"x": Fixed(v)}).value for v in (0.0, 2.0))
>>> round(high - low, 9)
2.0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model import measures, points
from model.assumptions import Assumptions
from model.distributions import Distribution, Fixed
from model.draws import Draws
from model.errors import InputError, Problem, near
from model.measures import Measure
from model.result import period_names
from model.simulation import DRAWS, SEED, Function, checked_draws
from model.xiaomi import business, unit_of, volume

Variation = Mapping[str, Distribution]
STATISTICS = ("mean", "sd", *(f"p{n}" for n in range(1, 100)))

__all__ = ["Fixed", "Reading", "Study", "Variation", "reading"]


@dataclass(frozen=True)
class Reading:
    """One measure: a statistic of an outcome in a period, or the chance that it reaches `target`."""

    outcome: str
    period: str | None = None
    statistic: str = "mean"
    target: float = 0.0

    def estimate(self, values: np.ndarray) -> np.ndarray:
        """The statistic over the last axis."""
        if self.statistic == "chance":
            return (values >= self.target).mean(axis=-1)
        if self.statistic in ("mean", "sd"):
            return values.mean(axis=-1) if self.statistic == "mean" else values.std(axis=-1)
        return np.quantile(values, int(self.statistic[1:]) / 100, axis=-1, method="inverted_cdf")

    def of(self, values: np.ndarray, replicate: np.ndarray) -> Measure:
        """The measure of draws (draw,), with its simulation error."""
        each = self.estimate(measures.by_replicate(values, replicate))
        return Measure(float(self.estimate(values)), float(measures.standard_error(each)))

    def difference(self, high: np.ndarray, low: np.ndarray, replicate: np.ndarray) -> Measure:
        """The measure of `high` less that of `low`, draws of the same luck, with the error of the difference."""
        each = [self.estimate(measures.by_replicate(values, replicate)) for values in (high, low)]
        value = float(self.estimate(high) - self.estimate(low))
        return Measure(value, float(measures.standard_error(each[0] - each[1])))

    @property
    def unit(self) -> str:
        """Unit of the measure."""
        return "share" if self.statistic == "chance" else unit_of(self.outcome)

    def __str__(self) -> str:
        period = f" in {self.period}" if self.period else ""
        if self.statistic == "chance":
            return f"P({self.outcome} >= {self.target:,.10g}{period})"
        return f"{self.statistic} of {self.outcome}{period}"


def reading(text: str, assumptions: Assumptions, outcomes: Mapping[str, int]) -> Reading:
    """A measure from what a user writes.

    `chance` (of the file's target), `OUTCOME`, `OUTCOME:STATISTIC`, `OUTCOME@PERIOD:STATISTIC`, `OUTCOME>=NUMBER`.
    outcomes : name -> number of periods. Raises InputError with the near matches.
    """
    target = assumptions.target
    if text == "chance":
        return Reading(target.outcome, target.period, "chance", target.value)
    body, reaches, goal = text.partition(">=")
    body, _, statistic = body.partition(":")
    outcome, _, period = body.strip().partition("@")
    if outcome not in outcomes:
        known = [*outcomes, "chance"]
        raise InputError(
            Problem(f"no measure '{text}'", near(outcome, known) or "`chance`, or an outcome of results.csv")
        )
    periods = period_names(outcomes[outcome], assumptions.about.year)
    if period and period not in periods:
        hint = near(period, periods) or f"Periods: {', '.join(periods)}"
        raise InputError(Problem(f"no period '{period}' of {outcome}", hint))
    if reaches:
        try:
            return Reading(outcome, period or periods[-1], "chance", float(goal.replace("_", "")))
        except ValueError:
            raise InputError(Problem(f"'{goal}' in '{text}' is not a number", "Write ev.deliveries>=600_000")) from None
    if statistic and statistic not in STATISTICS:
        hint = near(statistic, STATISTICS) or "mean, sd, p1 to p99"
        raise InputError(Problem(f"no statistic '{statistic}' in '{text}'", hint))
    return Reading(outcome, period or periods[-1], statistic or "mean")


class Study:
    """One set of draws, kept, and the model run on it as often as needed."""

    def __init__(
        self, assumptions: Assumptions, function: Function = business, *, draws: int = DRAWS, seed: int = SEED
    ) -> None:
        self.assumptions, self.function = assumptions, function
        self.draws = _Kept(assumptions, seed, 0, checked_draws(draws))
        self.replicate = points.replicate_of(self.draws.size)

    def values(self, outcome: str, variation: Variation | None = None) -> np.ndarray:
        """Draws of an outcome, (draw,) or (period, draw), under a variation."""
        if self.function is business and outcome.startswith("ev.deliveries"):
            made = volume(self.draws.under(variation or {}), by_line=outcome != "ev.deliveries")
        else:
            made = dict(self.function(self.draws.under(variation or {})))
        found = np.broadcast_to(made[outcome], (*np.shape(made[outcome])[:-1], self.draws.size))
        if not np.isfinite(found.sum()):
            raise InputError(Problem("is not finite under this variation", "Narrow the range", path=outcome))
        return found

    def row(self, what: Reading, variation: Variation | None = None) -> np.ndarray:
        """Draws of the measured outcome in its period, (draw,)."""
        array = np.atleast_2d(self.values(what.outcome, variation))
        periods = period_names(len(array), self.assumptions.about.year)
        return array[periods.index(what.period)] if what.period in periods else array[-1]

    def measure(self, what: Reading, variation: Variation | None = None) -> Measure:
        """A measure under a variation."""
        return what.of(self.row(what, variation), self.replicate)


class _Kept(Draws):
    """Draws that keep their shocks, and lend all they have to a variation."""

    def __init__(self, assumptions: Assumptions, seed: int, start: int, stop: int) -> None:
        super().__init__(assumptions, seed, start, stop)
        self._shocks: dict[str, np.ndarray] = {}

    def shock(self, path: str, periods: int) -> np.ndarray:
        if path not in self._shocks:
            self._shocks[path] = super().shock(path, periods)
        return self._shocks[path]

    def under(self, variation: Variation) -> Draws:
        """These draws with other distributions for some assumptions; nothing else is drawn again."""
        if not variation:
            return self
        return _Under(self, variation)


class _Under(Draws):
    """A variation of kept draws."""

    def __init__(self, kept: _Kept, variation: Variation) -> None:
        super().__init__(kept.assumptions, kept.seed, kept.start, kept.stop)
        self._kept, self._variation = kept, variation
        self._mine: dict[str, np.ndarray] = {}

    def __getitem__(self, path: str) -> np.ndarray:
        if path not in self._variation:
            return self._kept[path]
        if path not in self._mine:
            distribution = self._variation[path]
            u = self._kept.percentile(path) if distribution.uncertain else np.full(1, 0.5)
            self._mine[path] = distribution.quantile(u)
        return self._mine[path]

    def shock(self, path: str, periods: int) -> np.ndarray:
        return self._kept.shock(path, periods)
