"""The same model under variations, on common random numbers: what a tornado, a sweep and a solution are made of.

A variation puts another distribution in the place of an assumption's. Draws that it does not touch are not made
again, and the difference between two variations is theirs alone.

>>> from model import from_dict
>>> from model.assumptions.distributions.base import Fixed
>>> from model.simulation.metric import Metric
>>> from model.studies.sources import Prior
>>> a = from_dict({"x": {"mean": 1, "sd": 1}, "y": {"mean": 0, "sd": 1}})
>>> study = Study(a, Prior(lambda d: {"z": d["x"] + d["y"]}, draws=2048))
>>> low, high = (study.measure(Metric("z"), {"x": Fixed(v)}).value for v in (0.0, 2.0))
>>> round(high - low, 9)
2.0
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.calendar import MOMENTS
from model.assumptions.distributions.base import Distribution
from model.assumptions.schema import LARGEST
from model.errors import InputError, Problem
from model.inference.posterior import Posterior
from model.simulation.measures import Measure
from model.simulation.metric import Metric, metric, outcomes_for
from model.simulation.probe import taken_by_period
from model.simulation.result import Result
from model.simulation.sampling.common_random_numbers import KeptDraws, Variation
from model.simulation.sampling.draws import Draws
from model.studies.from_here import behind, dated, month_in_words
from model.studies.sources import Source


class Study:
    """Assumptions on the draws of a source, kept, and the model run on them as often as needed.

    from_month : the month from which on what is asked holds; None: the year as a whole; "": no month is left
    """

    def __init__(self, assumptions: Assumptions, source: Source, from_month: str = "") -> None:
        """`from_month` : by default the first that has not begun. Raises InputError for one that has, and for a change of what lies behind."""
        self.asked = assumptions  # as they were given, before what they change was put off to the open month
        self.source, self.business, self.seed, self.size = source, source.business, source.seed, source.size
        self.assumptions, self.from_month = source.placed(assumptions, from_month)
        self.blocks = source.blocks(self.assumptions)
        self.replicate = source.replicate

    @property
    def posterior(self) -> Posterior | None:
        """The posterior whose draws these are."""
        return self.source.posterior

    @property
    def identity(self) -> list[Any]:
        """What its measures are known by on disk, beside the code."""
        a = self.assumptions
        return [self.business.name, a.hash, a.order, self.size, self.seed, self.from_month, *self.source.identity()]

    @property
    def kind(self) -> str:
        """What its answers hold for, in words; nothing where it is the year as a whole."""
        given = self.source.given
        return f"from {month_in_words(self.from_month)} on, {given}" if self.from_month else given

    def under(self, assumptions: Assumptions) -> Study:
        """Other assumptions on the same source, from the same month on."""
        return Study(assumptions, self.source, self.from_month or "")

    @cached_property
    def made(self) -> Result:
        """All outcomes, on these draws, all draws alike."""
        return self.source.result(self.assumptions, self.blocks)

    @property
    def shown(self) -> Result:
        """The same as a run shows it."""
        return self.source.own(self.assumptions) or self.made

    @property
    def result(self) -> Result:
        """The same as a run shows it, by the name that a result has elsewhere."""
        return self.shown

    def chance(self, measure: str | float = "chance") -> Measure:
        """A chance of the result that a run shows: `>=420_000`, a number of the target's outcome, OUTCOME>=NUMBER, or the target."""
        what = metric(str(measure), self.assumptions, self.business)
        if what.statistic != "chance":
            raise InputError(
                Problem(f"'{measure}' is no chance", "'>=420_000', 'OUTCOME>=NUMBER'; study.measure('OUTCOME:p50')")
            )
        return self.shown.measure(what)

    @cached_property
    def open(self) -> frozenset[str]:
        """Assumptions that can change within the year."""
        return taken_by_period(self.assumptions, self.business)

    def movable(self, entry: Assumption) -> bool:
        """Whether an assumption can be changed: what is behind cannot, nor what holds for the whole year that has begun."""
        if not self.from_month:
            return self.from_month is None
        if entry.unit in MOMENTS:
            return bool((self.draws(entry.path) >= self.assumptions.calendar.number(self.from_month, entry.unit)).any())
        return entry.path in self.open

    def level(self, entry: Assumption, q: float) -> np.ndarray:
        """A quantile of an assumption, (1,) or (period, 1); of the draws where some of it is behind."""
        if self.from_month is None:
            return entry.distribution.quantile(np.full(1, q))
        return np.asarray(np.quantile(self.draws(entry.path), q, axis=-1, keepdims=True))

    def middle(self, entry: Assumption, distribution: Distribution) -> np.ndarray:
        """The median that an assumption has under a distribution, (period,); of the open periods where some are behind."""
        if self.from_month is None:
            return np.ravel(distribution.quantile(np.full(1, 0.5)))
        values = distribution.at_score(self.normal_score(entry.path))
        if values.ndim == 1:
            return np.full(1, np.median(values))
        calendar = self.assumptions.calendar
        behind = (calendar.number(self.from_month) - 1) * len(values) // calendar.months
        return np.asarray(np.median(values[behind:], axis=-1))

    @cached_property
    def second(self) -> list[KeptDraws]:
        """Blocks of a second set of draws, independent of the first; InputError where the source has one alone."""
        return self.source.blocks(self.assumptions, "second ")

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes as what it is made from; draws are made anew where it arrives, once."""
        return _arrived, (self.assumptions, self.source, self.from_month or "")

    def draws(self, path: str) -> np.ndarray:
        """Draws of an assumption, (draw,) or (period, draw)."""
        return np.concatenate([block[path] for block in self.blocks], axis=-1)

    def normal_score(self, path: str) -> np.ndarray:
        """Standard normal score of each draw of an assumption, (draw,)."""
        return np.concatenate([block.normal_score(path) for block in self.blocks])

    def rows(self, metrics: Sequence[Metric], variation: Variation | None = None) -> np.ndarray:
        """Draws of each measured outcome in its period under a variation, (metric, draw), by one run of the model.

        Raises InputError where one is not finite.
        """
        made = {path: self._from_month_on(path, new) for path, new in (variation or {}).items()}
        return self.run(metrics, [block.under(made) for block in self.blocks])

    def _from_month_on(self, path: str, new: Distribution) -> Distribution:
        """A new distribution of an assumption from the open month on; InputError where nothing of it is open."""
        if self.from_month is None:
            return new
        entry = self.assumptions[path]
        if not self.movable(entry):
            raise InputError(behind(entry, self.from_month))
        return dated(entry, new, self.from_month, self.assumptions.calendar)

    def run(self, metrics: Sequence[Metric], blocks: Sequence[Draws]) -> np.ndarray:
        """The same on blocks of draws that are given."""
        out, year = np.empty((len(metrics), self.size)), self.assumptions.calendar
        with np.errstate(all="ignore"):  # what is not finite is refused below, with its name
            for draws in blocks:
                made = outcomes_for(self.business, metrics, draws)
                for row, what in zip(out, metrics, strict=True):
                    row[draws.start : draws.stop] = year.in_period(made[what.outcome], what.period, what.outcome)
        for row, what in zip(out, metrics, strict=True):
            bad = int((~(np.abs(row) < LARGEST)).sum())
            if bad:
                said = f"is not finite in {bad:,} of {self.size:,} draws of this variation"
                raise InputError(Problem(said, "Narrow the range", path=what.outcome))
        return out

    def row(self, what: Metric, variation: Variation | None = None) -> np.ndarray:
        """Draws of one measured outcome, (draw,)."""
        return self.rows([what], variation)[0]

    def measure(self, what: Metric | str, variation: Variation | None = None) -> Measure:
        """A measure, as a metric or as a user writes it, under a variation."""
        what = metric(what, self.assumptions, self.business) if isinstance(what, str) else what
        return what.of(self.row(what, variation), self.replicate)

    def estimates(self, metrics: Sequence[Metric], variation: Variation) -> np.ndarray:
        """What every metric makes of a variation: (metric, 1 + replicate)."""
        rows = self.rows(metrics, variation)
        return np.stack([what.estimates(row, self.replicate) for what, row in zip(metrics, rows, strict=True)])


_studies: dict[str, Study] = {}  # the last that arrived in this process


def _arrived(assumptions: Assumptions, source: Source, from_month: str) -> Study:
    business = source.business
    of = [assumptions.hash, assumptions.order, business.name, business.function, tuple(business.salts.items())]
    key = repr([*of, source.size, source.seed, from_month, source.identity()])
    if key not in _studies:
        _studies.clear()
        _studies[key] = Study(assumptions, source, from_month)
    return _studies[key]
