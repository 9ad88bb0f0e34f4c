"""Simulation: any vectorised function of the draws, in blocks, into a `Result`.

>>> from model import from_dict, simulate
>>> a = from_dict({"price": {"p10": 8, "p50": 10, "p90": 13}, "cars": {"low": 1, "high": 3}})
>>> result = simulate(a, lambda d: {"revenue": d["price"] * d["cars"]}, seed=7)
>>> round(float(result.mean("revenue").value), 1)
20.6
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from model import points, xiaomi
from model.assumptions import Assumptions
from model.draws import Draws, faults
from model.errors import InputError, Problem, near
from model.outcomes import unit_of
from model.result import Result, period_names
from model.schema import LARGEST, NEVER_NEGATIVE

DRAWS = 32_768
SEED = 2026
BLOCK = 12_288  # draws at a time: what they need stays small enough for malloc to keep; without effect on the numbers

Function = Callable[[Draws], Mapping[str, np.ndarray]]


def simulate(
    assumptions: Assumptions,
    function: Function = xiaomi.business,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    block: int = BLOCK,
) -> Result:
    """Run `function` on joint draws of the assumptions.

    function : takes `Draws`, returns outcomes by name, each (draw,) or (period, draw); no state, no loop over draws
    draws : at least this many; rounded up so that each of the eight replicates has 2^k
    block : draws at a time, a multiple of 2,048; any gives the same numbers to the last bit

    Raises InputError for draws or seed out of range, and where an outcome is not finite.
    """
    started = time.perf_counter()
    total = checked_draws(draws)
    checked_seed(seed)
    outcomes: dict[str, np.ndarray] = {}
    keep_memory()
    for start in range(0, total, block):
        stop = min(start + block, total)
        with np.errstate(all="ignore"):  # what is not finite is refused below, with its name
            made = function(Draws(assumptions, seed, start, stop))
        _refuse_not_finite(made, start)
        if not outcomes:
            outcomes = _room_for(made, total)
        for name, values in made.items():
            outcomes[name][..., start:stop] = values
    return Result(assumptions, outcomes, points.replicate_of(total), seed=seed, seconds=time.perf_counter() - started)


def checked_seed(seed: int) -> int:
    """The seed; InputError where it is none."""
    if not 0 <= seed < 2**63:
        raise InputError(Problem(f"seed {seed} must be 0 or more and below 2^63", path="--seed"))
    return seed


def checked_draws(draws: int) -> int:
    """Number of draws that will be made; InputError where it cannot be."""
    if draws < 1:
        raise InputError(Problem(f"{draws:,} draws: at least 1 is needed", f"The default is {DRAWS:,}", path="--draws"))
    if draws > points.MOST_DRAWS:
        raise InputError(Problem(f"{draws:,} draws are too many", f"At most {points.MOST_DRAWS:,}", path="--draws"))
    return points.rounded_up(draws)


def audit(assumptions: Assumptions, function: Function = xiaomi.business) -> list[Problem]:
    """What the function and the assumptions hold against each other, found without simulating.

    Runs the function once on the medians and notes what it asks for: an assumption that it does not read, one
    that it misses, a unit or a number of periods that it does not count on; a target that is no outcome; a
    quantity that cannot be negative and is, in more than one of a thousand draws.
    """
    probe = _Probe(assumptions)
    with np.errstate(all="ignore"):
        outcomes = function(probe)
    unread = [
        Problem(
            "the model does not use this assumption",
            near(path, probe.missing) or "Remove it, or mend its name",
            path=path,
        )
        for path in assumptions.entries
        if path not in probe.read
    ]
    with np.errstate(all="ignore"):
        negative = [
            Problem(f"reaches below 0 {a.unit}", "Raise its numbers, or give it min = 0", path=a.path)
            for a in assumptions.entries.values()
            if a.unit in NEVER_NEGATIVE and np.min(a.distribution.quantile(np.full(1, 0.001))) < 0
        ]
    return [*probe.problems, *unread, *negative, *_target_faults(assumptions, outcomes)]


def _target_faults(assumptions: Assumptions, outcomes: Mapping[str, np.ndarray]) -> list[Problem]:
    target = assumptions.target
    if target.outcome not in outcomes:
        hint = near(target.outcome, outcomes) or "An outcome of results.csv"
        return [Problem(f"no outcome '{target.outcome}'", hint, path="target")]
    periods = period_names(np.atleast_2d(outcomes[target.outcome]).shape[0], assumptions.about.year)
    if target.period not in periods:
        hint = near(target.period, periods) or f"Periods: {', '.join(periods)}"
        return [Problem(f"no period '{target.period}' of {target.outcome}", hint, path="target")]
    unit = unit_of(target.outcome)
    return [] if target.unit == unit else [Problem(f"unit '{target.unit}' should be '{unit}'", path="target")]


def outcome_periods(assumptions: Assumptions, function: Function = xiaomi.business) -> dict[str, int]:
    """Outcomes of a function and how many periods each has, found without simulating."""
    with np.errstate(all="ignore"):
        made = function(_Probe(assumptions))
    return {name: np.atleast_2d(values).shape[0] for name, values in made.items()}


class _Probe(Draws):
    """Medians in place of draws; notes what was read and with which unit."""

    def __init__(self, assumptions: Assumptions) -> None:
        super().__init__(assumptions, 0, 0, 1)
        self.read: set[str] = set()
        self.missing: set[str] = set()
        self.problems: list[Problem] = []

    def __getitem__(self, path: str) -> np.ndarray:
        if path not in self.assumptions.entries:
            if path not in self.missing:
                self.missing.add(path)
                self.problems.append(
                    Problem(
                        "the model needs this assumption and it is not there",
                        near(path, self.assumptions.entries),
                        path=path,
                    )
                )
            return np.ones(1)
        self.read.add(path)
        return self.assumptions[path].distribution.quantile(np.full(1, 0.5))

    def get(self, path: str, unit: str, periods: int = 1) -> np.ndarray:
        values = self[path]
        found = [] if path in self.missing else list(faults(self.assumptions[path], unit, periods))
        self.problems += [fault for fault in found if fault not in self.problems]
        return np.ones(1) if found else values

    def shock(self, path: str, periods: int) -> np.ndarray:  # noqa: ARG002
        return np.zeros((periods, 1))


def _room_for(made: Mapping[str, np.ndarray], total: int) -> dict[str, np.ndarray]:
    """Arrays for the outcomes of all draws, as views of one: large pages make it much quicker to fill."""
    shapes = {name: np.shape(values)[:-1] for name, values in made.items()}
    rows = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes.values())])
    whole = np.empty((rows[-1], total))
    return {
        name: whole[first:last].reshape(*shape, total)
        for (name, shape), first, last in zip(shapes.items(), rows[:-1], rows[1:], strict=True)
    }


def keep_memory() -> None:
    """Have malloc keep what is freed between blocks, instead of handing it back and faulting it in again.

    glibc learns from the size of what is freed; one untouched array of just under its 32 MB limit tells it.
    Halves the time of a first run; without effect elsewhere.
    """
    np.empty(4_190_000)


def _refuse_not_finite(outcomes: Mapping[str, np.ndarray], start: int) -> None:
    """InputError where an outcome of a block that begins with draw `start` is not finite."""
    for name, values in outcomes.items():
        with np.errstate(all="ignore"):
            sound = abs(float(np.sum(values))) < LARGEST  # false for nan too
        if not sound:
            bad = ~(np.abs(values) < LARGEST / values.size).all(axis=tuple(range(values.ndim - 1)))
            where = f"in {bad.sum():,} of {len(bad):,} draws, first in draw {start + bad.argmax():,}"
            hint = "Assumptions reach values that the model cannot compute with: a duration of 0, a number without end"
            raise InputError(Problem(f"is not finite {where}", hint, path=name))
