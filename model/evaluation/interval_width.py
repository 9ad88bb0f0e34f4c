"""How wide a forecast has to be: its 80% ranges beside the errors that simple rules made in the past.

The target's outcome: what others' next three, and next twelve, months were against their last three with the others' seasons;
each firm once, and each held against the range of the others. All else: the firm's own past, the better of two rules, which favours a
narrow range; of n errors with root mean square s about nought the 80% range is s times twice the P90 of Student's t with n degrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import stats

from model.evaluation.baselines import (
    MONTHS,
    QUARTERS,
    Past,
    errors_of,
    past_of,
    peers_season,
    run_rate,
    season_of,
    seasonal_naive,
)
from model.evaluation.from_draws import of_samples
from model.evaluation.hub_table import Forecast, Name
from model.files.table import Table, Tabled
from model.simulation.business import Business, History
from model.simulation.observation import outcomes_of

ENDS = (0.1, 0.9)  # of the 80% range
LEAST = 4  # errors, from fewer nothing is said
OVER = " / "  # an outcome over another: a price


@dataclass(frozen=True)
class Width:
    """An 80% range beside the one that past errors suggest, both on logarithms, or in the unit where they are `absolute`.

    cases : past errors, of so many firms or of our own; covered : of each firm the share in the others' range
    """

    outcome: str
    period: str
    ours: float
    needed: float
    cases: int
    rule: str
    absolute: bool = False
    covered: Mapping[str, float] | None = None

    @property
    def ratio(self) -> float:
        """The range over the one that past errors suggest: below 1 it is too sure of itself."""
        return self.ours / self.needed


@dataclass(frozen=True)
class Widths(Tabled):
    """The width of each outcome's forecast a quarter and a year ahead."""

    items: Sequence[Width]

    def table(self) -> Table:
        """A row an outcome and period."""
        columns = ("outcome", "period", "80% range", "suggested", "ratio", "errors", "rule", "covered")
        rows = [
            (w.outcome, w.period, w.ours, w.needed, w.ratio, w.cases, w.rule,
             "" if w.covered is None else "; ".join(f"{k} {v:.0%}" for k, v in w.covered.items()))
            for w in self.items
        ]  # fmt: skip
        return Table(columns, rows)


def widths(forecasts: Mapping[Name, Forecast], history: History, target: Name, year: int, business: Business) -> Widths:
    """The first quarter and the year of every outcome that has a past, the target's first.

    Of outcomes that are missed together with the target's its own width stands for all: their past is that of a launch.
    history : as it was known on the day of the forecast
    """
    quarter, whole = f"{year}Q1", str(year)
    found = []
    for period, months in ((quarter, 3), (whole, MONTHS)):
        name = (target[0], period)
        if name in forecasts:
            needed, cases, covered = of_makers(history.firms, months)
            if covered:
                rule = "their last three months, with seasons"
                found.append(
                    Width(*name, _range(forecasts[name], absolute=False), needed, cases, rule, covered=covered)
                )
    family = business.families.get(target[0].split(".")[0])
    others = [o for o in business.reported if o != target[0] and business.families.get(o.split(".")[0]) != family]
    for outcome in (*others, *business.prices):
        for period in (quarter, whole):
            one = _own(outcome, period, forecasts, history, year, business)
            if one is not None:
                found.append(one)
    return Widths(found)


def of_makers(firms: Mapping[str, Mapping[int, float]], months: int) -> tuple[float, int, dict[str, float]]:
    """The 80% range of makers' errors so many months ahead, on logarithms; how many; of each maker the share in the others' range."""
    errors: dict[str, list[float]] = {}
    for firm, series in firms.items():
        season = season_of({other: values for other, values in firms.items() if other != firm})
        for month in sorted(series):
            behind = [series[n] for n in range(month - 2, month + 1) if n in series]
            after = [series[n] for n in range(month + 1, month + 1 + months) if n in series]
            if len(behind) == 3 and len(after) == months and min(behind) > 0:
                path = peers_season(np.array(behind), month, months, season=season)
                errors.setdefault(firm, []).append(float(np.log(sum(after) / path.sum())))
    if len(errors) < 2:
        return np.nan, 0, {}
    covered = {}
    for firm, mine in errors.items():
        low, high = _ends({other: values for other, values in errors.items() if other != firm})
        covered[firm] = float(np.mean([low <= e <= high for e in mine]))
    low, high = _ends(errors)
    return high - low, sum(map(len, errors.values())), covered


def _ends(errors: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    """P10 and P90 of errors, each maker with the same weight."""
    values = np.concatenate([np.asarray(each) for each in errors.values()])
    weights = np.concatenate([np.full(len(each), 1 / len(each)) for each in errors.values()])
    order = np.argsort(values)
    reached = (np.cumsum(weights[order]) - 0.5 * weights[order]) / weights.sum()
    low, high = np.interp(ENDS, reached, values[order])
    return float(low), float(high)


def _own(
    outcome: str, period: str, forecasts: Mapping[Name, Forecast], history: History, year: int, business: Business
) -> Width | None:
    """The width of an outcome against the firm's own past; None where either is not there."""
    forecast, past = _forecast(outcome, period, forecasts), _past(outcome, history, business)
    if forecast is None or past is None or past.a_year != QUARTERS:
        return None
    first = year * QUARTERS - past.last  # steps from the last quarter known to the year's first
    steps = slice(first - 1, first if period.endswith("Q1") else first - 1 + QUARTERS)
    found = []
    for words, rule in (
        ("its last quarter", partial(run_rate, a_year=QUARTERS)),
        ("the same quarter a year before", partial(seasonal_naive, a_year=QUARTERS, adds=past.adds)),
    ):
        errors = errors_of(rule, past, steps.stop, whole=True)[:, steps]
        if len(errors) >= LEAST:
            each = errors.mean(axis=1)  # of a year: the mean of its quarters' errors
            found.append((float(np.sqrt(np.mean(each**2))), len(each), words))
    if not found:
        return None
    spread, cases, words = min(found)
    needed = 2 * spread * float(stats.t(cases).ppf(ENDS[1]))
    return Width(outcome, period, _range(forecast, absolute=past.adds), needed, cases, words, absolute=past.adds)


def _range(forecast: Forecast, *, absolute: bool) -> float:
    low, high = forecast.level(ENDS[0]), forecast.level(ENDS[1])
    return high - low if absolute else float(np.log(high / low))


def _forecast(outcome: str, period: str, forecasts: Mapping[Name, Forecast]) -> Forecast | None:
    if OVER not in outcome:
        return forecasts.get((outcome, period))
    above, below = (forecasts.get((name, period)) for name in outcome.split(OVER))
    if above is None or below is None:
        return None
    return of_samples((outcome, period), f"{above.unit}/{below.unit}", above.samples / below.samples)


def _past(outcome: str, history: History, business: Business) -> Past | None:
    if OVER not in outcome:
        return past_of(history, outcome, business) if len(outcomes_of(outcome)) == 1 else None
    above, below = (past_of(history, name, business) for name in outcome.split(OVER))
    if above is None or below is None or (above.first, above.last) != (below.first, below.last):
        return None
    return Past(above.values / below.values, above.first, above.a_year)
