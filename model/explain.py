"""Why a miss, why a hit: what the draws that miss the target have in common against those that reach it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model import words
from model.measures import Measure, by_replicate, standard_error
from model.result import Result
from model.variation import Study

SHOWN = 8


@dataclass(frozen=True)
class Shift:
    """How an assumption differs between misses and hits, in its own standard deviations."""

    path: str
    label: str
    shift: Measure  # mean in the misses less mean in the hits


def shifts(study: Study, result: Result) -> list[Shift]:
    """One shift for each uncertain assumption, largest first; of an assumption by months, the mean over them."""
    hit = _hits(result)
    found = []
    for path, entry in study.assumptions.entries.items():
        if entry.distribution.uncertain:
            values = np.atleast_2d(study.draws(path)).mean(axis=0)
            found.append(Shift(path, entry.label, _difference((values - values.mean()) / values.std(), hit, result)))
    return sorted(found, key=lambda s: -abs(float(s.shift.value)))


def lines(study: Study, result: Result) -> list[str]:
    """The explanation in plain words: first what binds, then what differs."""
    target = result.assumptions.target
    hit = _hits(result)
    if hit.all() or not hit.any():
        return [f"{'Every' if hit.all() else 'No'} draw reaches {target.value:,.0f}: there is nothing to compare."]
    missed, reached = binding(result)
    waiting = result.outcomes["ev.waiting"][-1]
    out = [
        f"P({target.outcome} >= {target.value:,.0f}) {words.chance(result.chance())}",
        f"In a miss the plants are the limit in {missed:.1f} of 12 months, the order book in {12 - missed:.1f}; in a hit {reached:.1f} and {12 - reached:.1f}.",
        f"Waiting at the year end: {words.thousands(float(waiting[~hit].mean()))} cars in a miss, {words.thousands(float(waiting[hit].mean()))} in a hit.",
        f"A miss is mostly a matter of {matter(missed, reached)}: they bind more often when the target is missed.",
        "",
        "Against the draws that hit, those that miss have (in the assumption's own standard deviations)",
    ]
    for s in shifts(study, result)[:SHOWN]:
        value, error = float(s.shift.value), float(s.shift.error)
        out.append(
            f"  {'less' if value < 0 else 'more'}  {abs(value):.2f} ± {max(error, 0.01):.2f}  {s.label}  ({s.path})"
        )
    return out


def binding(result: Result) -> tuple[float, float]:
    """Months of twelve in which the plants are the limit: in the draws that miss, in those that hit. Both must exist."""
    hit, bound = _hits(result), result.outcomes["ev.capacity_bound"]
    missed, reached = (12 * float(bound[:, chosen].mean()) for chosen in (~hit, hit))
    return missed, reached


def matter(missed: float, reached: float) -> str:
    """What a miss is mostly a matter of: what binds more often in it than in a hit."""
    return "orders" if missed < reached else "plants"


def _hits(result: Result) -> np.ndarray:
    target = result.assumptions.target
    return result.values(target.outcome, target.period) >= target.value


def _difference(values: np.ndarray, hit: np.ndarray, result: Result) -> Measure:
    pairs = zip(by_replicate(values, result.replicate), by_replicate(hit, result.replicate), strict=True)
    each = np.array([v[~h].mean() - v[h].mean() for v, h in pairs])
    return Measure(float(values[~hit].mean() - values[hit].mean()), float(standard_error(each)))
