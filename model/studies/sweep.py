"""Sweeps: measures along a line, over a grid, or at the points of a Latin hypercube, all on the same draws.

An axis moves one assumption: holds it at a value or at one of its quantiles, moves its P50, shifts or scales it as a
whole (`perturbation`). At today's place of every axis a point is the base case to the last bit.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.calendar import DATE, MOMENTS, moment, no_such_day
from model.assumptions.distributions import shift
from model.assumptions.schema import LARGEST
from model.errors import InputError, Problem, near
from model.files.table import Table, Tabled
from model.simulation import formatting
from model.simulation.measures import Measure
from model.simulation.metric import Metric, metric
from model.simulation.parallel import Workers
from model.simulation.sampling.common_random_numbers import Variation
from model.studies.cache import MeasureCache
from model.studies.evaluate import Progress, evaluate
from model.studies.study import Study

MOST_POINTS = 100_000
SHOWN = 41  # rows on the screen
HOW = "PATH=FROM:TO:N, PATH.scale=0.8:1.2:5 (value, p50, quantile, shift, scale), PATH=10,20,40, or PATH=FROM:TO with --latin N"


@dataclass(frozen=True)
class Axis:
    """Numbers along which one assumption is moved; two ends where a Latin hypercube chooses between them."""

    path: str
    key: str
    numbers: tuple[float, ...]

    @property
    def name(self) -> str:
        """As a user would write it: lemons.price, or lemons.price.scale."""
        return self.path if self.key == "value" else f"{self.path}.{self.key}"

    def unit(self, assumptions: Assumptions) -> str:
        """Unit of the numbers."""
        return {"quantile": "share", "scale": "factor"}.get(self.key, assumptions[self.path].unit)

    def today(self, assumptions: Assumptions) -> float | None:
        """Where the base case stands on this axis, None where it stands nowhere (a spread that would be held still)."""
        distribution = assumptions[self.path].distribution
        if self.key in ("shift", "scale"):
            return 0.0 if self.key == "shift" else 1.0
        if self.key == "p50":
            return distribution.first_p50()
        return None if distribution.uncertain or distribution.periods else distribution.first_p50()


@dataclass(frozen=True)
class Plan:
    """What a sweep computes: axes, points (point, axis), measures."""

    axes: tuple[Axis, ...]
    points: np.ndarray
    metrics: tuple[Metric, ...]
    grid: bool = True
    name: str = "sweep"

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis of a grid; one number for a Latin hypercube."""
        return tuple(len(axis.numbers) for axis in self.axes) if self.grid else (len(self.points),)

    def variations(self, assumptions: Assumptions) -> list[Variation]:
        """The variation of each point."""
        old = {axis.path: assumptions[axis.path].distribution for axis in self.axes}
        return [
            {axis.path: shift.at(old[axis.path], axis.key, float(x)) for axis, x in zip(self.axes, point, strict=True)}
            for point in self.points
        ]


@dataclass(frozen=True)
class Sweep(Tabled):
    """A plan, computed: estimates (point, metric, 1 + replicate), each of so many draws."""

    plan: Plan
    assumptions: Assumptions
    estimates: np.ndarray
    draws: int
    figure: ClassVar = "sweep"

    def measure(self, point: int, metric: int = 0) -> Measure:
        """The measure at a point, with its simulation error."""
        return self.plan.metrics[metric].measured(self.estimates[point, metric], self.draws)

    def values(self, metric: int = 0) -> np.ndarray:
        """A measure at all points, in the shape of the grid."""
        return self.estimates[:, metric, 0].reshape(self.plan.shape)

    def errors(self, metric: int = 0) -> np.ndarray:
        """Its simulation errors, likewise."""
        each = [self.measure(p, metric).error for p in range(len(self.plan.points))]
        return np.array(each).reshape(self.plan.shape)

    @property
    def measures(self) -> list[tuple[Measure, str]]:
        """All that was measured, each with its unit."""
        plan = self.plan
        return [(self.measure(p, r), what.unit) for p in range(len(plan.points)) for r, what in enumerate(plan.metrics)]

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        axes = [{"path": axis.path, "key": axis.key, "numbers": list(axis.numbers)} for axis in self.plan.axes]
        latin = None if self.plan.grid else len(self.plan.points)
        return {"study": "sweep", "axes": axes, "measures": [what.text for what in self.plan.metrics], "latin": latin}

    def table(self) -> Table:
        """The long table: scenario, point, a column each axis, measure, unit, value, error."""
        names = [axis.name for axis in self.plan.axes]
        rows = [
            (self.assumptions.scenario, p + 1, *self._place(p), str(what), what.unit, *self.measure(p, r))
            for p in range(len(self.plan.points))
            for r, what in enumerate(self.plan.metrics)
        ]
        return Table(("scenario", "point", *names, "measure", "unit", "value", "error"), rows)

    def _place(self, point: int, form: str = "") -> list[Any]:
        """A point's numbers, as text of a form where one is given; dates as dates."""
        units = [axis.unit(self.assumptions) for axis in self.plan.axes]
        held = zip(self.plan.points[point], units, strict=True)
        return [formatting.in_unit(float(x), u) if u == DATE else form.format(x) if form else float(x) for x, u in held]

    def lines(self) -> list[str]:
        """The sweep in words: a row a point of a line, the lowest and the highest point of anything larger."""
        axes, count = self.plan.axes, len(self.plan.points)
        out = []
        for r, what in enumerate(self.plan.metrics):
            names = " and ".join(axis.name for axis in axes)
            out.append(f"{what}, {count:,} point{'s' if count > 1 else ''} over {names}")
            shown = range(count) if len(axes) == 1 and count <= SHOWN else _extremes(self.estimates[:, r, 0])
            for p in shown:
                place = "  ".join(f"{each:>12}" for each in self._place(p, "{:,.10g}"))
                out.append(f"  {place}   {formatting.measure(self.measure(p, r), what.unit)}")
        return out


def axis(text: str, assumptions: Assumptions, *, latin: bool = False) -> Axis:
    """An axis from what a user writes, `PATH[.KEY]=FROM:TO:N` or `PATH[.KEY]=A,B,C`; InputError where it is none."""
    where, equals, numbers = (part.strip() for part in text.partition("="))
    path, key = _split(where, assumptions)
    if not equals:
        raise InputError(Problem(f"'{text}' is neither an axis nor a sweep in scenarios/sweeps/", HOW))
    try:
        if ":" not in numbers and latin:
            raise InputError(
                Problem(f"'{numbers}' is no range", "A Latin hypercube chooses between FROM:TO", path=where)
            )
        if ":" not in numbers:
            return Axis(path, key, tuple(_number(n, path, assumptions) for n in numbers.split(",")))
        ends = numbers.split(":")
        low, high = (_number(n, path, assumptions) for n in ends[:2])
        count = int(ends[2].replace("_", "")) if len(ends) == 3 else 0
    except (ValueError, IndexError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(Problem(f"'{numbers}' is no range", HOW, path=where)) from None
    if latin:
        if len(ends) != 2:
            raise InputError(
                Problem(f"'{numbers}' is no range", "With a Latin hypercube FROM:TO is enough", path=where)
            )
        return Axis(path, key, (low, high))
    if not 2 <= count <= MOST_POINTS:
        hint = f"FROM:TO:N, with N from 2 to {MOST_POINTS:,}"
        raise InputError(Problem(f"'{numbers}' is no range", hint, path=where))
    try:
        return Axis(path, key, spaced(low, high, count))
    except ValueError as error:
        what, hint = error.args
        raise InputError(Problem(what, hint, path=where)) from None


def _number(text: str, path: str, assumptions: Assumptions) -> float:
    """A number, or a date as the assumption counts it; ValueError for what is neither."""
    if what := no_such_day(text):
        raise InputError(Problem(what, "A date: 2027-02-28", path=path))
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        return float(text.replace("_", ""))
    entry = assumptions.entries.get(path)
    if entry is None or entry.unit not in MOMENTS:
        raise ValueError(text)
    return moment(day) - (0 if entry.unit == DATE else 12 * assumptions.calendar.first)


def _split(where: str, assumptions: Assumptions) -> tuple[str, str]:
    """Path and key; the key is `value` unless it is said."""
    if where not in assumptions.entries and where.rpartition(".")[2] in shift.KEYS:
        path, _, key = where.rpartition(".")
        return path, key
    return where, "value"


def spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """Evenly spaced numbers, without the noise of the last binary digits.

    >>> spaced(-0.2, 0.4, 7)
    (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
    """
    largest = max(abs(low), abs(high), 1e-300)
    if not largest < LARGEST:
        raise ValueError("the numbers of an axis are finite", f"Smaller than {LARGEST:g}")
    places = 12 - int(np.floor(np.log10(largest)))
    return tuple(round(float(x), places) + 0.0 for x in np.linspace(low, high, count))


def plan(
    axes: Sequence[Axis],
    metrics: Sequence[Metric],
    assumptions: Assumptions,
    *,
    latin: int | None = None,
    seed: int = 0,
    name: str = "sweep",
) -> Plan:
    """The plan of a sweep: all combinations of the axes, or `latin` points of a Latin hypercube between their ends.

    Raises InputError with all that is wrong with the axes: paths, ranges, too many points.
    """
    problems = [fault for each in axes for fault in _faults(each, assumptions)]
    paths = [each.path for each in axes]
    problems += [Problem("has two axes", "One is enough", path=p) for p in dict.fromkeys(paths) if paths.count(p) > 1]
    count = int(np.prod([float(len(a.numbers)) for a in axes])) if latin is None else latin
    if not axes:
        problems.append(Problem("a sweep needs at least one axis", HOW))
    elif not 1 <= count <= MOST_POINTS:
        problems.append(Problem(f"{count:,} points", f"Between 1 and {MOST_POINTS:,}"))
    if problems:
        raise InputError(problems)
    if latin is None:
        points = np.array(list(itertools.product(*(a.numbers for a in axes))))
    else:
        from scipy.stats import qmc  # a third of a second, which no run needs

        unit = qmc.LatinHypercube(len(axes), rng=np.random.default_rng(seed)).random(latin)
        points = qmc.scale(unit, [min(a.numbers) for a in axes], [max(a.numbers) for a in axes])
    return Plan(tuple(axes), points, tuple(metrics), latin is None, name)


def _faults(each: Axis, assumptions: Assumptions) -> list[Problem]:
    known = assumptions.entries
    if each.path not in known:
        return [Problem("unknown assumption", near(each.path, known) or "`model show` lists all", path=each.path)]
    if not (np.abs(each.numbers) < LARGEST).all():
        return [Problem("the numbers of an axis are finite", f"Smaller than {LARGEST:g}", path=each.name)]
    if len(set(each.numbers)) < len(each.numbers):
        return [Problem("the same number twice on an axis", "Each once; FROM and TO differ", path=each.name)]
    entry: Assumption = known[each.path]
    wrong = shift.refusal(entry.distribution, entry.unit, each.key, list(each.numbers), limits=entry.limits)
    return [Problem(what, hint, path=each.name) for what, hint in wrong]


def sweep(
    study: Study,
    what: Plan,
    *,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Compute a plan on the study's draws."""
    found = evaluate(
        study, what.metrics, what.variations(study.assumptions), workers=workers, cache=cache, progress=progress
    )
    return Sweep(what, study.assumptions, found, study.size)


def _extremes(values: np.ndarray) -> list[int]:
    """The lowest and the highest point."""
    return sorted({int(np.argmin(values)), int(np.argmax(values))}, key=lambda n: float(values[n]))


def again(study: Study, recipe: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws."""
    axes = [Axis(each["path"], each["key"], tuple(each["numbers"])) for each in recipe["axes"]]
    metrics = [metric(text, study.assumptions, study.business) for text in recipe["measures"]]
    return sweep(study, plan(axes, metrics, study.assumptions, latin=recipe["latin"], seed=study.seed)).table()
