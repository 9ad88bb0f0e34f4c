"""The explanations among which a posterior's draws are divided: which limit binds in which of the months that are reported.

A business names an outcome that says what limits it (`Business.limits`): plants or orders, say. Each draw has a pattern, what
limits it month by month to the last that a report speaks of. Patterns that differ in one month are neighbours; each pattern
belongs to the neighbour that most draws have, and so on up to a pattern that no neighbour exceeds (mode seeking, as mean
shift does it: Fukunaga and Hostetler 1975). So between two explanations lie patterns that few draws have: draws in which
reports are explained half one way and half the other.

>>> climbed(np.array([[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 1]]), np.ones(5))
array([0, 0, 0, 3, 3])
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.simulation import formatting
from model.simulation.measures import Measure, mean, standard_error
from model.simulation.observation import end_of
from model.simulation.result import Result
from model.studies.signposts import figures_to_come, resolved

LEAST = 0.03  # of the draws, that an explanation holds
FEWEST = 20  # draws of a replicate, from which a median is taken
TELLS = 0.05  # of the uncertainty between explanations, that a figure has to resolve to be named


@dataclass(frozen=True)
class Explanation:
    """One of several: its share of the draws, what limits in words, the median of the target's outcome in it."""

    share: Measure
    words: str
    middle: Measure
    draws: np.ndarray  # (draw,) of the result, whether each belongs to it


@dataclass(frozen=True)
class Tells:
    """A figure that is not known, and the share of the uncertainty between explanations that it is expected to resolve."""

    label: str  # of the outcome
    period: str
    resolved: float


@dataclass(frozen=True)
class Explanations:
    """Several explanations, the largest first, and the figures that tell most between them: one to come, one of the past."""

    what: str
    items: tuple[Explanation, ...] = ()
    tells: tuple[Tells, ...] = ()
    unit: str = ""  # of the target's outcome

    def lines(self) -> list[str]:
        """As text; none where one explanation holds all draws."""
        if len(self.items) < 2:
            return []
        out = [f"The reports have {len(self.items)} explanations, by {self.what}"]
        for one in self.items:
            share = f"{100 * float(one.share.value):.0f}% ± {100 * float(one.share.error):.0f} pp"
            out.append(f"  {share}: {one.words}; P50 {formatting.measure(one.middle, self.unit)}")
        tells = [
            f"  {x.label} in {x.period} would resolve {x.resolved:.0%} of the uncertainty between them"
            for x in self.tells
        ]
        return [*out, *tells]


def explanations(result: Result) -> Explanations:
    """The explanations of what was reported; one alone where the business names no limit, or nothing was reported."""
    target = result.assumptions.target
    if not result.reports or not result.business.limits:
        return Explanations("")
    last = max(end_of(one.period) for one in result.reports)
    patterns, months, said = list[np.ndarray](), list[str](), list[tuple[str, str]]()
    for outcome, words in result.business.limits.items():
        if outcome not in result.outcomes:
            return Explanations("")
        names = [name for name in result.periods(outcome) if len(name) == len("2026-01") and end_of(name) <= last]
        patterns += [result.values(outcome, name) > 0.5 for name in names]
        months, said = names, [*said, words]
    if not months:
        return Explanations("")
    weights = np.ones(result.draws) if result.weights is None else result.weights
    rows = np.array(patterns, int)
    group = _merged(rows, climbed(rows, weights), weights)
    found = []
    for peak in np.unique(group):
        inside = group == peak
        share = mean(inside.astype(float), replicate=result.replicate, weights=result.weights)
        parts = rows[:, peak].reshape(len(said), len(months))
        in_words = "; ".join(limits_in_words(part, each, months) for part, each in zip(parts, said, strict=True))
        middle = _median(result.values(target.outcome, target.period), inside, result.replicate, weights)
        found.append(Explanation(share, in_words, middle, inside))
    items = tuple(sorted(found, key=lambda one: -float(one.share.value)))
    what = f"what limited {result.business.label(target.outcome)} to {_month(months[-1])}"
    tells = _that_tell(result, items, last) if len(items) > 1 else ()
    return Explanations(what, items, tells, result.business.unit(target.outcome))


def climbed(patterns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """For each draw, a draw with the pattern at which it ends. patterns : (month, draw) of 0 and 1; weights (draw,)"""
    codes = (1 << np.arange(len(patterns))) @ patterns
    known, first, place = np.unique(codes, return_index=True, return_inverse=True)
    held = np.bincount(place, weights=weights)
    up = np.arange(len(known))
    for n, code in enumerate(known):
        near = np.flatnonzero(np.isin(known, code ^ (1 << np.arange(len(patterns)))))
        best = max([n, *near], key=lambda k: (held[k], -k))
        up[n] = best
    while (up[up] != up).any():
        up = up[up]
    return np.asarray(first[up[place]])


def _merged(patterns: np.ndarray, group: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Groups with those of few draws in the group that differs in fewest months."""
    found = group.copy()
    while True:
        peaks, place = np.unique(found, return_inverse=True)
        held = np.bincount(place, weights=weights) / weights.sum()
        if len(peaks) < 2 or held.min() >= LEAST:
            return found
        least = peaks[held.argmin()]
        others = [peak for peak in peaks if peak != least]
        apart = [int((patterns[:, peak] != patterns[:, least]).sum()) for peak in others]
        found[found == least] = others[int(np.argmin(apart))]


def limits_in_words(pattern: Sequence[int] | np.ndarray, words: tuple[str, str], months: Sequence[str]) -> str:
    """What limits, month by month; words : where the pattern is 1, where it is 0.

    >>> limits_in_words([1, 1, 0], ("the plants", "orders"), ["2026-01", "2026-02", "2026-03"])
    'the plants to February, then orders'
    >>> limits_in_words([0, 0, 0], ("the plants", "orders"), ["2026-01", "2026-02", "2026-03"])
    'orders throughout'
    """
    runs = list[tuple[int, str]]()
    for each, month in zip(pattern, months, strict=True):
        if runs and runs[-1][0] == each:
            runs.pop()
        runs.append((int(each), month))
    if len(runs) == 1:
        return f"{words[1 - runs[0][0]]} throughout"
    parts = [f"{words[1 - each]} to {_month(month)}" for each, month in runs[:-1]]
    return f"{', '.join(parts)}, then {words[1 - runs[-1][0]]}"


def _month(period: str) -> str:
    return f"{end_of(period):%B}"


def _median(values: np.ndarray, inside: np.ndarray, replicate: np.ndarray, weights: np.ndarray) -> Measure:
    """Median of the draws inside, with its error over replicates that hold enough of them."""

    def at(chosen: np.ndarray) -> float:
        return float(np.quantile(values[chosen], 0.5, method="inverted_cdf", weights=weights[chosen]))

    each = [inside & (replicate == r) for r in np.unique(replicate)]
    apart = [at(chosen) for chosen in each if chosen.sum() >= FEWEST]
    error = float(standard_error(np.array(apart))) if len(apart) > 1 else float("inf")
    return Measure(at(inside), error)


def _that_tell(result: Result, items: Sequence[Explanation], last: dt.date) -> tuple[Tells, ...]:
    """Of the figures still to come and of those of the past that no report gave, the one of each that tells most."""
    target = result.assumptions.target
    known = {(one.outcome, one.period) for one in result.reports}
    parts = [name for name in result.outcomes if name.startswith(f"{target.outcome}.")]
    past = [
        (name, period)
        for name in parts
        for period in result.periods(name)
        if len(period) == len("2026-01") and end_of(period) <= last and (name, period) not in known
    ]
    found = []
    to_come = [each for each in figures_to_come(result, target.outcome, target.period) if end_of(each[1]) > last]
    for figures in (to_come, past):
        each = [
            Tells(result.business.label(of), period, _resolved(result, of, period, items)) for of, period in figures
        ]
        best = max(each, key=lambda one: one.resolved, default=None)
        if best is not None and best.resolved >= TELLS:
            found.append(best)
    return tuple(found)


def _resolved(result: Result, outcome: str, period: str, items: Sequence[Explanation]) -> float:
    """Share of the variance of belonging to each explanation that a figure is expected to resolve."""
    x = result.values(outcome, period)
    if np.ptp(x) == 0:
        return 0.0
    shares = [float(one.share.value) for one in items]
    taken = [resolved(x, one.draws.astype(float), result.weights) for one in items]
    return float(np.average(taken, weights=[share * (1 - share) for share in shares]))
