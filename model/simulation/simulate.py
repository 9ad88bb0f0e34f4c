"""Simulation: any vectorised function of the draws, in blocks, into a `Result`.

>>> from model import from_dict, simulate
>>> a = from_dict({"price": {"p10": 8, "p50": 10, "p90": 13}, "sold": {"low": 1, "high": 3}})
>>> result = simulate(a, lambda d: {"revenue": d["price"] * d["sold"]}, seed=7)
>>> round(float(result.mean("revenue").value), 1)
20.6
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.schema import LARGEST
from model.errors import InputError, Problem, near
from model.simulation.business import Business, Function, business_of
from model.simulation.defaults import DRAWS, SEED
from model.simulation.memory import is_tight, refuse_too_large
from model.simulation.probe import outcome_periods
from model.simulation.result import Result
from model.simulation.sampling import digital_net
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Net

LARGE = 1 << 18  # draws from which the memory is looked at first
BLUR = 1e-4  # of an outcome's range; the simulation error of so many draws is larger
BLOCK = 12_288  # draws at a time: what they need stays small enough for malloc to keep; without effect on the numbers


def simulate(
    assumptions: Assumptions,
    business: Business | Function,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    block: int = BLOCK,
    outcomes: Collection[str] | None = None,
) -> Result:
    """Run a business on joint draws of the assumptions.

    business : a `Business`, or a bare function that takes `Draws` and returns outcomes by name, each (draw,) or (period, draw)
    draws : at least this many; rounded up so that each of the eight replicates has 2^k
    block : draws at a time, a multiple of 2,048; any gives the same numbers to the last bit
    outcomes : keep these alone, and the target's; by default all. More than a gigabyte of them (some 450,000 draws of 300 numbers each) is
        kept in single precision, so that a million draws take less than two

    Raises InputError for draws or seed out of range, for an outcome that is not there, for more draws than there is memory,
    and where an outcome is not finite.
    """
    started = time.perf_counter()
    business, total = business_of(business), checked_draws(draws)
    checked_seed(seed)
    function, names = _asked(assumptions, business, outcomes, total)
    kept: dict[str, np.ndarray] = {}
    keep_memory()
    for start in range(0, total, block):
        stop = min(start + block, total)
        with np.errstate(all="ignore"):  # what is not finite is refused below, with its name
            made = function(Draws(assumptions, Net(seed, start, stop, salts=business.salts)))
            made = made if names is None else {name: made[name] for name in names}
        if not kept:
            kept = _room_for(made, total)
        for name, values in made.items():
            _refuse_not_finite(name, values, start)  # what it reads is then at hand for the copy
            kept[name][..., start:stop] = values
    _refuse_negative_counts(kept, business)
    seconds = time.perf_counter() - started
    replicate, partial = digital_net.replicate_of(total), names is not None
    return Result(assumptions, kept, replicate, business, seed=seed, seconds=seconds, partial=partial)


def _asked(
    assumptions: Assumptions, business: Business, outcomes: Collection[str] | None, total: int
) -> tuple[Function, list[str] | None]:
    """The function to run, and the names of outcomes to keep (None: all); InputError where they are not there or do not fit."""
    if outcomes is None and total < LARGE:
        return business.function, None
    periods = outcome_periods(assumptions, business)
    unknown = [name for name in outcomes or () if name not in periods]
    if unknown:
        hints = [near(name, periods) or "Outcomes are listed in results.csv" for name in unknown]
        problems = [
            Problem(f"no outcome '{name}'", hint, path="--outcomes") for name, hint in zip(unknown, hints, strict=True)
        ]
        raise InputError(problems)
    target = [assumptions.target.outcome] if assumptions.target.outcome in periods else []
    names = None if outcomes is None else list(dict.fromkeys([*target, *outcomes]))
    refuse_too_large(sum(periods[name] for name in names or periods), total)
    return (business.function, None) if names is None else (business.only(names), names)


def checked_seed(seed: int) -> int:
    """The seed; InputError where it is none."""
    if not 0 <= seed < 2**63:
        raise InputError(Problem(f"seed {seed} must be 0 or more and below 2^63", path="--seed"))
    return seed


def checked_draws(draws: int) -> int:
    """Number of draws that will be made; InputError where it cannot be."""
    if draws < 1:
        raise InputError(Problem(f"{draws:,} draws: at least 1 is needed", f"The default is {DRAWS:,}", path="--draws"))
    if draws > digital_net.MOST_DRAWS:
        raise InputError(
            Problem(f"{draws:,} draws are too many", f"At most {digital_net.MOST_DRAWS:,}", path="--draws")
        )
    return digital_net.rounded_up(draws)


def _room_for(made: Mapping[str, np.ndarray], total: int) -> dict[str, np.ndarray]:
    """Arrays for the outcomes of all draws, as views of one of each kind: large pages make it much quicker to fill.

    made : of the first block. Where memory is tight, outcomes that single precision (seven digits) does not blur are kept in it.
    """
    rows = {name: int(np.prod(np.shape(values)[:-1])) for name, values in made.items()}
    tight = is_tight(sum(rows.values()), total)
    kinds = {name: "f4" if tight and _may_be_single(values) else "f8" for name, values in made.items()}
    count = {kind: sum(rows[name] for name in made if kinds[name] == kind) for kind in ("f4", "f8")}
    if tight and count["f8"]:
        refuse_too_large(sum(rows.values()), total, doubles=count["f8"])
    whole = {kind: np.empty((number, total), kind) for kind, number in count.items()}
    found, used = dict[str, np.ndarray](), {"f4": 0, "f8": 0}
    for name, values in made.items():
        kind, first = kinds[name], used[kinds[name]]
        used[kind] += rows[name]
        found[name] = whole[kind][first : used[kind]].reshape(*np.shape(values)[:-1], total)
    return found


def _may_be_single(values: np.ndarray) -> bool:
    """Whether single precision moves an outcome by less than a ten-thousandth of its range (P0 to P100), or not at all."""
    moved = np.abs(values.astype("f4") - values).max(axis=-1)
    return bool((moved <= BLUR * np.ptp(values, axis=-1)).all())


def keep_memory() -> None:
    """Have malloc keep what is freed between blocks, instead of handing it back and faulting it in again.

    glibc learns from the size of what is freed; one untouched array of just under its 32 MB limit tells it.
    Halves the time of a first run; without effect elsewhere.
    """
    np.empty(4_190_000)


def _refuse_negative_counts(outcomes: Mapping[str, np.ndarray], business: Business) -> None:
    """InputError where draws of what is counted lie below 0 by more than rounding."""
    problems = []
    for name, values in outcomes.items():
        if business.unit(name) not in business.accounts.counted or (least := float(values.min())) >= 0:
            continue
        if least < -BLUR * float(np.abs(values).mean()):
            share = float((values < 0).any(axis=tuple(range(values.ndim - 1))).mean())
            what = f"falls to {least:,.6g} {business.unit(name)}: below 0 in {100 * share:.2g}% of draws"
            problems.append(Problem(what, "An assumption lies outside of what the model can compute with", path=name))
    if problems:
        raise InputError(problems)


def _refuse_not_finite(name: str, values: np.ndarray, start: int) -> None:
    """InputError where an outcome of a block that begins with draw `start` is not finite."""
    if np.iscomplexobj(values):
        raise InputError(Problem("is complex", "A model of real numbers", path=name))
    with np.errstate(all="ignore"):
        sound = abs(float(np.sum(values))) < LARGEST  # false for nan too
    if not sound:
        bad = ~(np.abs(values) < LARGEST / values.size).all(axis=tuple(range(values.ndim - 1)))
        where = f"in {bad.sum():,} of {len(bad):,} draws, first in draw {start + bad.argmax():,}"
        hint = "Assumptions reach values that the model cannot compute with: a duration of 0, a number without end"
        raise InputError(Problem(f"is not finite {where}", hint, path=name))
