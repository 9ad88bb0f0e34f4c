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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from model import measures, points
from model.assumptions import Assumptions
from model.distributions import Distribution, Fixed
from model.draws import Draws
from model.errors import InputError, Problem, near
from model.ev_volume import volume
from model.measures import Measure
from model.outcomes import unit_of
from model.result import in_period, period_names
from model.schema import LARGEST
from model.simulation import DRAWS, SEED, Function, checked_draws, checked_seed, keep_memory
from model.xiaomi import business

Variation = Mapping[str, Distribution]
BLOCK = 8192  # draws at a time: small enough that two processes do not wait for the memory
STATISTICS = ("mean", "sd", *(f"p{n}" for n in range(1, 100)))

__all__ = ["Fixed", "Reading", "Study", "Variation", "measured", "reading"]


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

    def estimates(self, values: np.ndarray, replicate: np.ndarray) -> np.ndarray:
        """The statistic of draws (draw,), and of each replicate of them: (1 + replicate,)."""
        each = self.estimate(measures.by_replicate(values, replicate))
        return np.concatenate([[self.estimate(values)], each])

    def of(self, values: np.ndarray, replicate: np.ndarray) -> Measure:
        """The measure of draws (draw,), with its simulation error."""
        return measured(self.estimates(values, replicate))

    @property
    def unit(self) -> str:
        """Unit of the measure."""
        return "share" if self.statistic == "chance" else unit_of(self.outcome)

    def __str__(self) -> str:
        period = f" in {self.period}" if self.period else ""
        if self.statistic == "chance":
            return f"P({self.outcome} >= {self.target:,.10g}{period})"
        return f"{self.statistic} of {self.outcome}{period}"


def measured(estimates: np.ndarray) -> Measure:
    """The measure that `Reading.estimates` make; of a difference of two, on the same draws, with its own error."""
    return Measure(float(estimates[0]), float(measures.standard_error(estimates[1:])))


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
    if reaches and statistic:
        raise InputError(Problem(f"'{text}' asks for a statistic and for a chance", "OUTCOME:p10, or OUTCOME>=NUMBER"))
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
            number = float(goal.replace("_", ""))
            if not abs(number) < LARGEST:
                raise ValueError
            return Reading(outcome, period or periods[-1], "chance", number)
        except ValueError:
            raise InputError(Problem(f"'{goal}' in '{text}' is not a number", "Write ev.deliveries>=600_000")) from None
    if statistic and statistic not in STATISTICS:
        hint = near(statistic, STATISTICS) or "mean, sd, p1 to p99"
        raise InputError(Problem(f"no statistic '{statistic}' in '{text}'", hint))
    return Reading(outcome, period or periods[-1], statistic or "mean")


def outcomes(function: Function, readings: Sequence[Reading], draws: Draws) -> Mapping[str, np.ndarray]:
    """What a function makes of draws; of the whole business no more than the readings need.

    Raises InputError for a reading of an outcome that is not there.
    """
    if function is business and all(r.outcome.startswith("ev.deliveries") for r in readings):
        made: Mapping[str, np.ndarray] = volume(draws, by_line=any(r.outcome != "ev.deliveries" for r in readings))
    else:
        made = function(draws)
    absent = [Problem(f"no outcome '{r.outcome}'", near(r.outcome, made)) for r in readings if r.outcome not in made]
    if absent:
        raise InputError(absent)
    return made


class Study:
    """One set of draws, kept, and the model run on it as often as needed."""

    def __init__(
        self, assumptions: Assumptions, function: Function = business, *, draws: int = DRAWS, seed: int = SEED
    ) -> None:
        self.assumptions, self.function, self.seed = assumptions, function, checked_seed(seed)
        self.size = checked_draws(draws)
        keep_memory()
        self.blocks = self._made("")
        self.replicate = points.replicate_of(self.size)

    @cached_property
    def second(self) -> list[Draws]:
        """Blocks of a second set of draws, independent of the first."""
        return list(self._made("second "))

    def _made(self, luck: str) -> list[KeptDraws]:
        starts = range(0, self.size, BLOCK)
        return [KeptDraws(self.assumptions, self.seed, s, min(s + BLOCK, self.size), luck=luck) for s in starts]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes as what it is made from; draws are made anew where it arrives, once."""
        return _arrived, (self.assumptions, self.function, self.size, self.seed)

    def draws(self, path: str) -> np.ndarray:
        """Draws of an assumption, (draw,) or (period, draw)."""
        return np.concatenate([block[path] for block in self.blocks], axis=-1)

    def percentile(self, path: str) -> np.ndarray:
        """Cumulative probability at which each draw of an assumption stands, (draw,)."""
        return np.concatenate([block.percentile(path) for block in self.blocks])

    def rows(self, readings: Sequence[Reading], variation: Variation | None = None) -> np.ndarray:
        """Draws of each measured outcome in its period under a variation, (reading, draw), by one run of the model.

        Raises InputError where one is not finite.
        """
        return self.run(readings, [block.under(variation or {}) for block in self.blocks])

    def run(self, readings: Sequence[Reading], blocks: Sequence[Draws]) -> np.ndarray:
        """The same on blocks of draws that are given."""
        out, year = np.empty((len(readings), self.size)), self.assumptions.about.year
        with np.errstate(all="ignore"):  # what is not finite is refused below, with its name
            for draws in blocks:
                made = outcomes(self.function, readings, draws)
                for row, what in zip(out, readings, strict=True):
                    row[draws.start : draws.stop] = in_period(
                        made[what.outcome], what.period, year=year, outcome=what.outcome
                    )
        for row, what in zip(out, readings, strict=True):
            bad = int((~(np.abs(row) < LARGEST)).sum())
            if bad:
                said = f"is not finite in {bad:,} of {self.size:,} draws of this variation"
                raise InputError(Problem(said, "Narrow the range", path=what.outcome))
        return out

    def row(self, what: Reading, variation: Variation | None = None) -> np.ndarray:
        """Draws of one measured outcome, (draw,)."""
        return self.rows([what], variation)[0]

    def measure(self, what: Reading, variation: Variation | None = None) -> Measure:
        """A measure under a variation."""
        return what.of(self.row(what, variation), self.replicate)

    def estimates(self, readings: Sequence[Reading], variation: Variation) -> np.ndarray:
        """What every reading makes of a variation: (reading, 1 + replicate)."""
        rows = self.rows(readings, variation)
        return np.stack([what.estimates(row, self.replicate) for what, row in zip(readings, rows, strict=True)])


_studies: dict[tuple[Any, ...], Study] = {}  # the last that arrived in this process


def _arrived(assumptions: Assumptions, function: Function, draws: int, seed: int) -> Study:
    key = (assumptions.hash, tuple(assumptions.order), function, draws, seed)
    if key not in _studies:
        _studies.clear()
        _studies[key] = Study(assumptions, function, draws=draws, seed=seed)
    return _studies[key]


class KeptDraws(Draws):
    """Draws that keep their shocks and what drivers make of them, and lend all they have to a variation."""

    def __init__(self, assumptions: Assumptions, seed: int, start: int, stop: int, *, luck: str = "") -> None:
        super().__init__(assumptions, seed, start, stop, luck=luck)
        self._shocks: dict[str, np.ndarray] = {}
        self._made: dict[Any, np.ndarray] = {}
        self._own: dict[int, np.ndarray] = {}  # what is kept here, by identity; it lives as long as these draws

    def __getitem__(self, path: str) -> np.ndarray:
        return self._kept(super().__getitem__(path))

    def shock(self, path: str, periods: int) -> np.ndarray:
        if path not in self._shocks:
            self._shocks[path] = self._kept(super().shock(path, periods))
        return self._shocks[path]

    def once(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        return self.lend(driver, *arguments, **named)

    def lend(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        """What a driver makes of arguments: kept, and known the next time, where all of them are kept here."""
        given: dict[Any, Any] = {**dict(enumerate(arguments)), **named}
        if not self._own.keys() >= set(map(id, given.values())):
            return driver(*arguments, **named)
        call = (driver, frozenset((name, id(values)) for name, values in given.items()))
        if call not in self._made:
            made = driver(*arguments, **named)
            made.flags.writeable = False  # every variation sees it
            self._made[call] = self._kept(made)
        return self._made[call]

    def under(self, variation: Variation) -> Draws:
        """These draws with other distributions for some assumptions; nothing else is drawn again."""
        if not variation:
            return self
        return _Under(self, variation)

    def _kept(self, values: np.ndarray) -> np.ndarray:
        self._own[id(values)] = values
        return values


class _Under(Draws):
    """A variation of kept draws."""

    def __init__(self, kept: KeptDraws, variation: Variation) -> None:
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

    def once(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        return self._kept.lend(driver, *arguments, **named)

    def shock(self, path: str, periods: int) -> np.ndarray:
        return self._kept.shock(path, periods)
