"""The same model under variations, on common random numbers: what a tornado, a sweep and a solution are made of.

A variation puts another distribution in the place of an assumption's. Draws that it does not touch are not made
again, and the difference between two variations is theirs alone.

>>> from model import from_dict
>>> from model.assumptions.distributions import Fixed
>>> from model.simulation.reading import Reading
>>> a = from_dict({"x": {"mean": 1, "sd": 1}, "y": {"mean": 0, "sd": 1}})
>>> study = Study(a, lambda d: {"z": d["x"] + d["y"]}, draws=2048)
>>> low, high = (study.measure(Reading("z"), {"x": Fixed(v)}).value for v in (0.0, 2.0))
>>> round(high - low, 9)
2.0
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.distributions import Distribution
from model.assumptions.schema import LARGEST
from model.errors import InputError, Problem
from model.simulation.business import Business, Function, business_of
from model.simulation.executor import Workers
from model.simulation.measures import Measure
from model.simulation.periods import in_period
from model.simulation.reading import Reading, outcomes_read
from model.simulation.result import Result
from model.simulation.sampling import points
from model.simulation.sampling.common_draws import CommonDraws, Variation
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.points import REPLICATES
from model.simulation.simulate import DRAWS, SEED, checked_draws, checked_seed, keep_memory, simulate

if TYPE_CHECKING:
    from model.simulation.posterior.findings import Posterior
    from model.studies.cache import MeasureCache

ALONE = Workers()
SMALL = 24  # runs that threads do before processes have begun
BATCH = 8  # variations that a worker gets at a time, at most

Progress = Callable[[int, int], None]  # (done, of so many)
BLOCK = 8192  # draws at a time: small enough that two processes do not wait for the memory


class Study:
    """One set of draws, kept, and the model run on it as often as needed."""

    def __init__(
        self, assumptions: Assumptions, business: Business | Function, *, draws: int = DRAWS, seed: int = SEED
    ) -> None:
        self.assumptions, self.business, self.seed = assumptions, business_of(business), checked_seed(seed)
        self.size = checked_draws(draws)
        keep_memory()
        self.blocks = self._made("")
        self.replicate = points.replicate_of(self.size)

    posterior: Posterior | None = None  # whose draws they are
    first = ""  # the month from which on what is asked holds; nothing: the year as a whole

    @property
    def identity(self) -> list[Any]:
        """What its measures are known by on disk, beside the code."""
        a = self.assumptions
        return [self.business.name, a.hash, a.order, self.size, self.seed]

    @property
    def kind(self) -> str:
        """What its answers hold for, in words; nothing where it is the year as a whole."""
        return ""

    def under(self, assumptions: Assumptions) -> Study:
        """The same kind of study of other assumptions."""
        return Study(assumptions, self.business, draws=self.size, seed=self.seed)

    @cached_property
    def made(self) -> Result:
        """All outcomes, on these draws."""
        return simulate(self.assumptions, self.business, draws=self.size, seed=self.seed)

    @property
    def shown(self) -> Result:
        """The same as a run shows it."""
        return self.made

    def movable(self, entry: Assumption) -> bool:  # noqa: ARG002
        """Whether an assumption can be changed."""
        return True

    def level(self, entry: Assumption, q: float) -> np.ndarray:
        """A quantile of an assumption, (1,) or (period, 1)."""
        return entry.distribution.quantile(np.full(1, q))

    def middle(self, entry: Assumption, distribution: Distribution) -> np.ndarray:  # noqa: ARG002
        """The median that an assumption has under a distribution, (period,)."""
        return np.ravel(distribution.quantile(np.full(1, 0.5)))

    @cached_property
    def second(self) -> list[Draws]:
        """Blocks of a second set of draws, independent of the first."""
        return list(self._made("second "))

    def _made(self, stream: str) -> list[CommonDraws]:
        starts, salts = range(0, self.size, BLOCK), self.business.salts
        return [
            CommonDraws(self.assumptions, self.seed, start, min(start + BLOCK, self.size), salts=salts, stream=stream)
            for start in starts
        ]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes as what it is made from; draws are made anew where it arrives, once."""
        return _arrived, (self.assumptions, self.business, self.size, self.seed)

    def draws(self, path: str) -> np.ndarray:
        """Draws of an assumption, (draw,) or (period, draw)."""
        return np.concatenate([block[path] for block in self.blocks], axis=-1)

    def normal_score(self, path: str) -> np.ndarray:
        """Standard normal score of each draw of an assumption, (draw,)."""
        return np.asarray(special.ndtri(np.concatenate([block.percentile(path) for block in self.blocks])))

    def rows(self, readings: Sequence[Reading], variation: Variation | None = None) -> np.ndarray:
        """Draws of each measured outcome in its period under a variation, (reading, draw), by one run of the model.

        Raises InputError where one is not finite.
        """
        return self.run(readings, [block.under(variation or {}) for block in self.blocks])

    def run(self, readings: Sequence[Reading], blocks: Sequence[Draws]) -> np.ndarray:
        """The same on blocks of draws that are given."""
        out, year = np.empty((len(readings), self.size)), self.assumptions.calendar
        with np.errstate(all="ignore"):  # what is not finite is refused below, with its name
            for draws in blocks:
                made = outcomes_read(self.business, readings, draws)
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


def _arrived(assumptions: Assumptions, business: Business, draws: int, seed: int) -> Study:
    key = (
        assumptions.hash,
        tuple(assumptions.order),
        business.name,
        business.function,
        tuple(business.salts.items()),
        draws,
        seed,
    )
    if key not in _studies:
        _studies.clear()
        _studies[key] = Study(assumptions, business, draws=draws, seed=seed)
    return _studies[key]


def evaluate(
    study: Study,
    readings: Sequence[Reading],
    variations: Sequence[Variation],
    *,
    workers: Workers = ALONE,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Many variations at once: estimates (variation, reading, 1 + replicate), of all draws, then of each replicate.

    cache : what is known is taken from there, what is finished put there; progress : called as work is finished
    """
    out = np.full((len(variations), len(readings), 1 + REPLICATES), np.nan)
    for v, variation in enumerate(variations):
        for r, what in enumerate(readings):
            known = cache.get(variation, what) if cache else None
            if known is not None:
                out[v, r] = known
    todo = [v for v in range(len(variations)) if np.isnan(out[v]).any()]
    done = len(variations) - len(todo)
    if progress:
        progress(done, len(variations))
    if not todo:
        return out
    study.rows(readings)  # the common draws are made once, before the workers part
    size = max(1, min(BATCH, len(todo) // (4 * workers.number)))
    batches = [todo[n : n + size] for n in range(0, len(todo), size)]
    items = [(readings, [variations[v] for v in batch]) for batch in batches]
    for n, found in workers.each(study, _batch, items, small=len(todo) < SMALL):
        for v, estimates in zip(batches[n], found, strict=True):
            out[v] = estimates
        if cache:
            cache.put([(variations[v], what, out[v, r]) for v in batches[n] for r, what in enumerate(readings)])
        done += len(batches[n])
        if progress:
            progress(done, len(variations))
    return out


def _batch(study: Study, item: tuple[Sequence[Reading], Sequence[Variation]]) -> list[np.ndarray]:
    readings, variations = item
    return [study.estimates(readings, variation) for variation in variations]
