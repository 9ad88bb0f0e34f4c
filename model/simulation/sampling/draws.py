"""Joint draws of all assumptions and shocks, made when they are asked for.

A draw depends on the seed and on its own path alone (and, where it is correlated, on those it is tied to):
editing, adding or dropping another assumption leaves it bit for bit the same, and so does asking in another
order. Two scenarios are therefore run on common random numbers: they differ by what changed alone.

>>> from model import from_dict
>>> from model.simulation.sampling.latents import Net
>>> a = from_dict({"x": {"p10": 1, "p50": 2, "p90": 4}, "n": {"mean": 0, "sd": 1}})
>>> draws = Draws(a, Net(1, 0, 2048))
>>> draws["x"].shape, draws.shock("noise", 12).shape
((2048,), (12, 2048))
>>> bool((draws["x"] == Draws(from_dict({"x": {"p10": 1, "p50": 2, "p90": 4}}), Net(1, 0, 2048))["x"]).all())
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from scipy import special

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.calendar import DATE, MONTH, Calendar
from model.assumptions.distributions.base import ALMOST_ONE, Distribution
from model.assumptions.distributions.time_varying import TimeVarying
from model.errors import InputError, Problem, near
from model.simulation.sampling.latents import Latents

Stage = TypeVar("Stage")


class Draws:
    """Assumptions on latents: `draws[path]` and `draws.shock(path, periods)`."""

    def __init__(self, assumptions: Assumptions, latents: Latents) -> None:
        self.assumptions, self.latents = assumptions, latents
        self.start, self.stop = latents.start, latents.stop
        self._values: dict[str, np.ndarray] = {}
        self._correlated: dict[str, np.ndarray] = {}
        self._untied: dict[str, np.ndarray] = {}
        self._prepared = False
        self._group_of = {path: group for group in assumptions.groups for path in group.paths}

    @property
    def calendar(self) -> Calendar:
        """The months, quarters and years that are drawn."""
        return self.assumptions.calendar

    @property
    def size(self) -> int:
        """Number of draws."""
        return self.stop - self.start

    def __getitem__(self, path: str) -> np.ndarray:
        """Draws of an assumption: (draw,), or (period, draw) where it stands for months or quarters.

        An assumption taken as known comes as (1,) or (period, 1). Raises InputError for an unknown path.
        """
        if path not in self._values:
            if path not in self.assumptions.entries:
                raise InputError(
                    Problem(
                        "the model asks for an assumption that is not there",
                        near(path, self.assumptions.entries),
                        path=path,
                    )
                )
            distribution = self.assumptions[path].distribution
            self._values[path] = self.value_of(path, distribution)
        return self._values[path]

    def value_of(self, path: str, distribution: Distribution) -> np.ndarray:
        """What a distribution gives where the draws of an assumption stand: its own, or another in its place."""
        if not distribution.uncertain:
            return distribution.known
        if self.latents.in_tails:
            return distribution.at_score(self.normal_score(path))
        return distribution.quantile(self.percentile(path))

    def get(self, path: str, unit: str, periods: int = 1) -> np.ndarray:
        """The same, by a driver that counts on `unit`, and on one number or on so many periods.

        Of an assumption that changes from a month on, quarters are the means of their months. A list of a year's months or
        quarters is repeated in each year. Who counts on `month` may be given a `date`.

        Raises InputError where the file says otherwise, and where what holds for the whole year would change within it.
        """
        values = self[path]
        if (path, unit, periods) not in self.assumptions.sound:
            for fault in faults(self.assumptions[path], unit, periods, self.calendar.years):
                raise InputError(fault)
            self.assumptions.sound.add((path, unit, periods))
        if unit == MONTH:  # by `once`, so that what is kept stays known, and drivers that take it too
            origin = self.calendar.origin(self.assumptions[path].unit)
            return self.once(np.subtract, values, origin) if origin else values
        if values.ndim < 2 or len(values) == periods:
            return values
        return self.once(spread_out, values, periods, self.calendar.years, path)

    def children(self, table: str) -> tuple[str, ...]:
        """Names right below a table of the assumptions, sorted."""
        return self.assumptions.children(table)

    def once(self, driver: Callable[..., np.ndarray], *arguments: Any, **named: Any) -> np.ndarray:
        """What a driver makes of its arguments. Draws that are used again may know it already."""
        return driver(*arguments, **named)

    def stage(self, make: Callable[..., Stage], *earlier: Any) -> Stage:
        """A part of a business: what `make(draws, *earlier)` gives, `earlier` being earlier stages or names.

        Draws of which some coordinates are moved make again only the stages that read one of these, or follow one that does.
        """
        return make(self, *earlier)

    def flow(self, series: str, made: np.ndarray, sd: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """A flow (period, draw) that holds the factor exp(sd z) of the shocks z of `series`, one a period; returned as it is.

        Said of a flow so that a sampler may move what makes it and have the shocks make up for it.
        """
        return made

    def percentile(self, path: str) -> np.ndarray:
        """Cumulative probability in (0, 1) at which each draw of an assumption stands, shape (draw,)."""
        if path in self._group_of:
            u = special.ndtr(self.score(path))
            return np.minimum(u, ALMOST_ONE) if self.latents.in_tails else u
        if not self._prepared:
            self._prepared = True
            self.latents.prepare([p for p, a in self.assumptions.entries.items() if a.distribution.uncertain])
        return self.latents.uniform(path)

    def normal_score(self, path: str) -> np.ndarray:
        """Standard normal score of an assumption, after correlation, (draw,)."""
        if self.latents.in_tails:
            return self.score(path) if path in self._group_of else self.independent([path])[0]
        return np.asarray(special.ndtri(self.percentile(path)))

    def score(self, path: str) -> np.ndarray:
        """Normal score at which each draw of a correlated assumption stands, shape (draw,)."""
        if path not in self._correlated:
            group = self._group_of[path]
            used = [(weight, name) for weight, name in group.row(path) if weight or name == group.paths[0]]
            new = [name for _, name in used if name not in self._untied]
            if new:
                self.latents.prepare(group.paths)
                self._untied |= zip(new, self.independent(new), strict=True)
            self._correlated[path] = sum_of([weight * self._untied[name] for weight, name in used])
        return self._correlated[path]

    def independent(self, paths: Sequence[str]) -> np.ndarray:
        """Normal scores of paths before they are tied to one another, shape (path, draw)."""
        return self.latents.normal(paths)

    def shock(self, path: str, periods: int) -> np.ndarray:
        """Standard normal noise, independent from period to period, shape (period, draw)."""
        return self.independent([shock_path(path, period) for period in range(periods)])


def sum_of(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Rows added in their order, so that the result does not depend on how many draws are made at a time."""
    made = rows[0]
    for row in rows[1:]:
        made = made + row
    return made


def spread_out(values: np.ndarray, periods: int, years: int, path: str) -> np.ndarray:
    """A year's months or quarters repeated in each year, or months as the means of longer periods, (period, draw)."""
    if years > 1 and len(values) * years == periods:
        return np.tile(values, (years, 1))
    return by_period(values, periods, path)


def by_period(values: np.ndarray, periods: int, path: str) -> np.ndarray:
    """Months as the means of longer periods, (month, draw) -> (period, draw); InputError where the year is one period."""
    if periods == 1:
        what = "holds for the whole year, or of its first day: it cannot change within it"
        raise InputError(Problem(what, "Change it in the base case, without `from`", path=path))
    return values.reshape(periods, -1, values.shape[-1]).mean(axis=1)


def faults(entry: Assumption, unit: str, periods: int, years: int = 1) -> Iterator[Problem]:
    """What an assumption says against what a driver counts on."""
    if entry.unit != unit and (entry.unit, unit) != (DATE, MONTH):
        yield Problem(f"unit '{entry.unit}' should be '{unit}'", "The model counts on it", path=entry.path)
    if isinstance(entry.distribution, TimeVarying):
        return
    a_year = periods // years if periods % years == 0 and periods > 1 else periods
    if entry.distribution.periods not in (None, periods, a_year):
        wanted = f"one number, or {a_year}" if periods > 1 else "one number"
        yield Problem(f"has {entry.distribution.periods} numbers", f"The model counts on {wanted}", path=entry.path)


def shock_path(path: str, period: int) -> str:
    """Name of the coordinate that a shock has in a period (from 0)."""
    return f"shock {path} {period + 1}"
