"""Forecasts that anyone could have made on the same day, without the model: from what was known of the past, and nothing else.

A baseline is a path of months or quarters with the errors that the same rule made from earlier origins: about the path errors
are Student t with n degrees of freedom, their scale the root mean square of those n errors, all horizons together. That is what n
independent errors about nought tell of their spread; errors from origins one step apart overlap, and are fewer than they
look. Sums are sums of paths; each outcome is drawn by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from model.evaluation import exponential_smoothing
from model.evaluation.from_draws import at_even_steps, forecast
from model.evaluation.hub_table import Forecast, Name
from model.simulation.business import Business, History
from model.simulation.observation import SHARE, parts_of

PATHS = 4_000  # of each baseline; quantiles are read off them
BEGUN = 0.1  # of the next quarter, below which a business had not begun
LEAST_ORIGINS = 4  # from fewer past errors no spread is taken
QUARTERS, MONTHS = 4, 12  # of a year


@dataclass(frozen=True)
class Past:
    """What was known of one outcome: numbers one after the other, those that were missing between two laid on the line between them.

    first : number of the first month or quarter; a_year : how many make one; adds : errors are added, not multiplied
    between : number -> the interval that is known of it alone
    """

    values: np.ndarray
    first: int
    a_year: int
    adds: bool = False
    between: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """Number of the last one known."""
        return self.first + len(self.values) - 1


Rule = Callable[[np.ndarray, int, int], np.ndarray]  # values up to an origin, its number, steps -> the path (step,)


def run_rate(values: np.ndarray, _: int, steps: int, *, a_year: int) -> np.ndarray:
    """The last three months, or the last quarter, go on."""
    return np.full(steps, values[-(a_year // QUARTERS) :].mean())


def seasonal_naive(values: np.ndarray, _: int, steps: int, *, a_year: int, adds: bool) -> np.ndarray:
    """The same quarter a year before, moved as the last quarter was against its own a year before."""
    if len(values) <= a_year:
        return np.full(steps, np.nan)
    path, moved = list(values), values[-1] - values[-1 - a_year] if adds else values[-1] / values[-1 - a_year]
    for _step in range(steps):
        path.append(path[-a_year] + moved if adds else path[-a_year] * moved)
    start = len(values)
    again = np.array(path[start : start + a_year])  # moved once, not each year anew
    return np.resize(again, steps)


def peers_season(values: np.ndarray, origin: int, steps: int, *, season: np.ndarray) -> np.ndarray:
    """The last three months go on with other makers' seasons; season : (12,) of January to December, mean 1."""
    behind = season[(origin - np.arange(3)) % MONTHS].mean()
    return np.asarray(values[-3:].mean() / behind * season[(origin + 1 + np.arange(steps)) % MONTHS])


def season_of(firms: Mapping[str, Mapping[int, float]]) -> np.ndarray:
    """A maker's month over the mean of the twelve around it, each maker once: geometric means, (12,), mean 1."""
    each = []
    for series in firms.values():
        ratios: dict[int, list[float]] = {}
        for month, value in series.items():
            around = [series[n] for n in range(month - 6, month + 7) if n in series]
            if len(around) == 13:
                mean = (sum(around) - (around[0] + around[-1]) / 2) / MONTHS
                ratios.setdefault(month % MONTHS, []).append(np.log(value / mean))
        if len(ratios) == MONTHS:
            each.append([float(np.mean(ratios[m])) for m in range(MONTHS)])
    season = np.exp(np.mean(each, axis=0)) if each else np.ones(MONTHS)
    return np.asarray(season / season.mean())


def errors_of(rule: Rule, past: Past, steps: int, *, whole: bool = False) -> np.ndarray:
    """What the rule missed from earlier origins, (origin, step): ratios' logarithms, or differences.

    Where the past ends before a path does its last miss goes on, or with `whole` the path is left out.
    """
    found = []
    for known in range(1, len(past.values) - (steps - 1 if whole else 0)):
        path = rule(past.values[:known], past.first + known - 1, min(steps, len(past.values) - known))
        came = past.values[known : known + len(path)]
        miss = came - path if past.adds else np.log(came / path)
        if np.isfinite(miss).all():
            found.append(np.pad(miss, (0, steps - len(miss)), mode="edge"))
    return np.array(found).reshape(-1, steps)


def paths_by(rule: Rule, past: Past, steps: int, rng: np.random.Generator) -> np.ndarray | None:
    """(step, PATHS) beyond the past, with errors like those of earlier origins; None where there are too few of them."""
    path, errors = rule(past.values, past.last, steps), errors_of(rule, past, steps)
    if len(errors) < LEAST_ORIGINS or not np.isfinite(path).all():
        return None
    number = len(errors)
    drawn = errors.T @ rng.standard_normal((number, PATHS)) / np.sqrt(rng.chisquare(number, PATHS))
    return np.asarray(path[:, None] + drawn if past.adds else path[:, None] * np.exp(drawn))


def _ruled(
    rule: Callable[..., np.ndarray], past: Past, steps: int, rng: np.random.Generator, history: History
) -> np.ndarray | None:
    """Paths of one of the rules of this module, told what it must know."""
    if rule is run_rate:
        return paths_by(partial(run_rate, a_year=past.a_year), past, steps, rng)
    if past.a_year == MONTHS:
        return paths_by(partial(peers_season, season=season_of(history.firms)), past, steps, rng)
    return paths_by(partial(seasonal_naive, a_year=past.a_year, adds=past.adds), past, steps, rng)


def like_makers(past: Past, steps: int, rng: np.random.Generator, history: History) -> np.ndarray | None:
    """Months of other makers after a month in a like state, over the mean of the three before, each maker as often."""
    if past.a_year != MONTHS or len({firm for firm, _ in history.like}) < 2:
        return None
    firms = np.array([firm for firm, _ in history.like])
    shares = 1 / np.array([(firms == firm).sum() for firm in firms])
    after = np.array([path for _, path in history.like])
    chosen = rng.choice(len(firms), PATHS, p=shares / shares.sum())
    return np.asarray(past.values[-3:].mean() * after[chosen, :steps].T)


def smoothed(past: Past, steps: int, rng: np.random.Generator, _: History) -> np.ndarray | None:
    """Exponential smoothing, its form chosen by AICc."""
    return exponential_smoothing.paths(past.values, past.a_year, steps, PATHS, rng, positive=not past.adds)


Maker = Callable[[Past, int, np.random.Generator, History], "np.ndarray | None"]
MAKERS: Mapping[str, Maker] = {
    "run_rate": partial(_ruled, run_rate),
    "seasonal_naive": partial(_ruled, seasonal_naive),
    "exponential_smoothing": smoothed,
    "like_makers": like_makers,
}
ESTIMATES = "published_estimates"
RULES = {
    "run_rate": "the last three months, or the last quarter, go on; spread of its own past errors",
    "seasonal_naive": "deliveries: the last three months go on with other makers' seasons; else the same quarter a year before, "
    "moved as the last quarter was; spread of its own past errors",
    "exponential_smoothing": "exponential smoothing of logarithms, its form chosen by AICc",
    "like_makers": "what makers of like size and growth delivered in the months after, over their last three months",
    ESTIMATES: "the latest estimate of each house, as a sample of the year",
}


def baseline(
    name: str, history: History, year: int, names: Sequence[Name], target: Name, business: Business
) -> list[Forecast]:
    """The forecasts of a baseline, of those outcomes and periods that it can say something of.

    target : along it the joint samples stand for all paths
    """
    if name == ESTIMATES:
        return _of_estimates(history, year, names, business)
    draws: dict[Name, np.ndarray] = {}
    for outcome in dict.fromkeys(outcome for outcome, _ in names):
        past = past_of(history, outcome, business)
        if past is None:
            continue
        rng = np.random.default_rng(int(hashlib.sha256(f"{name} {outcome}".encode()).hexdigest()[:8], 16))
        steps = (year + 1) * past.a_year - 1 - past.last
        made = MAKERS[name](past, steps, rng, history) if steps > 0 else None
        if made is not None:
            known = _known(past, year, history, rng)
            draws |= {(o, p): _summed((o, p), past, known, made, year) for o, p in names if o == outcome}
    draws = {key: values for key, values in draws.items() if len(values)}
    if not draws:
        return []
    even = np.ones(PATHS)
    chosen = at_even_steps(draws.get(target, next(iter(draws.values()))), even, 0)
    return [forecast(key, business.unit(key[0]), draws[key], even, chosen) for key in names if key in draws]


def past_of(history: History, outcome: str, business: Business) -> Past | None:
    """Months where there are any, else quarters; of a floor, what months announced so used to be."""
    adds = business.unit(outcome) == SHARE
    if outcome in history.months:
        held, middle = history.months[outcome], float(np.median(history.places))
        series = {n: low + middle * (high - low) for n, (low, high) in held.items()}
        return _line(series, MONTHS, adds=adds, between={n: ends for n, ends in held.items() if ends[0] < ends[1]})
    if outcome in history.quarters and len(history.quarters[outcome]) > LEAST_ORIGINS:
        adds = adds or min(history.quarters[outcome].values()) <= 0
        series = dict(history.quarters[outcome]) if adds else _begun(history.quarters[outcome])
        return _line(series, QUARTERS, adds=adds)
    return None


def _begun(series: Mapping[int, float]) -> dict[int, float]:
    """The series from the first number on that is a tenth of the next or more: before, what is counted had not begun."""
    numbers = sorted(series)
    while len(numbers) > 1 and series[numbers[0]] < BEGUN * series[numbers[1]]:
        numbers.pop(0)
    return {number: series[number] for number in numbers}


def _line(
    series: Mapping[int, float], a_year: int, *, adds: bool, between: Mapping[int, tuple[float, float]] | None = None
) -> Past:
    numbers = sorted(series)
    every = np.arange(numbers[0], numbers[-1] + 1)
    return Past(np.interp(every, numbers, [series[n] for n in numbers]), numbers[0], a_year, adds, between or {})


def _known(past: Past, year: int, history: History, rng: np.random.Generator) -> np.ndarray:
    """What is known of the year, (number, PATHS); of a floor, what it would have turned out to be."""
    first = year * past.a_year
    known = np.repeat(past.values[max(0, first - past.first) :, None], PATHS, axis=1)
    for place, number in enumerate(range(first, past.last + 1)):
        if number in past.between:
            low, high = past.between[number]
            known[place] = low + (high - low) * rng.permutation(np.resize(history.places, PATHS))
    return known


def _summed(name: Name, past: Past, known: np.ndarray, made: np.ndarray, year: int) -> np.ndarray:
    """Draws of an outcome in a period, (PATHS,); nothing where it is no sum of what the paths count."""
    whole = np.concatenate([known, made[-(past.a_year - len(known)) :]]) if len(known) < past.a_year else known
    places = [place for part in parts_of(name[1]) for place in _places(part, past.a_year)]
    if not places or (past.adds and len(places) > 1 and name[1] == str(year)):
        return np.empty(0)
    return np.asarray(whole[places].sum(axis=0))


def _places(period: str, a_year: int) -> list[int]:
    """Which months, or quarters, of the year make a period."""
    if period[4:5] == "-":
        return [int(period[5:]) - 1] if a_year == MONTHS else []
    length = a_year // QUARTERS
    if period[4:5] == "Q":
        return list(range((int(period[5]) - 1) * length, int(period[5]) * length))
    return list(range(a_year))


def _of_estimates(history: History, year: int, names: Sequence[Name], business: Business) -> list[Forecast]:
    """The year as the houses see it, with straight lines between them."""
    found = []
    for outcome, values in history.estimates.items():
        if (outcome, str(year)) in names and len(values) > 1:
            draws = np.quantile(np.sort(values), (np.arange(PATHS) + 0.5) / PATHS)
            even = np.ones(PATHS)
            chosen = at_even_steps(draws, even, 0)
            found.append(forecast((outcome, str(year)), business.unit(outcome), draws, even, chosen))
    return found
