"""Rolling origins from 2025 on: the backcast's drivers given the quarters known by then, against what anyone could have said.

`python -m benchmarks.origins`

Hindsight, said plainly: the backcast is told the dates of launches, plants and the accident as they came. Levels of orders, waits and
noise are those of its file, and of deliveries it knows what was filed or registered by the day. Forecasts of 2026 as they were frozen, and as a
later edition of the model makes them, are scored in docs/record.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks import ROOT
from benchmarks.backcast import FILE, filed
from model.assumptions.load import load
from model.evaluation.baselines import MONTHS, Past, Rule, paths_by, peers_season, run_rate, season_of
from model.evaluation.scores import crps
from model.inference.condition import condition
from model.simulation.business import Business
from model.simulation.observation import Observation
from model.xiaomi.data.known_on import CARS, history
from model.xiaomi.ev_volume import volume
from model.xiaomi.outcomes import UNITS, label_of, unit_of

FIRST, LAST = (2024, 4), (2026, 1)  # the last quarter known at the first origin, and at the last
STANDSTILL = (
    "2024Q3"  # not modelled (benchmarks/backcast.toml): let in, it teaches that plants work less in every month to come
)
ERROR = 0.01  # of a quarter's registrations against its filing: they differed by up to 0.9%
DRAWS = 4096
NAMES = ("ours", "run rate", "seasonal naive")


class Case(NamedTuple):
    """A forecast of the quarters after an origin, each by its draws, and what came; vehicles."""

    known: str  # the last quarter known
    ahead: int  # quarters that are forecast together
    came: float
    draws: Mapping[str, np.ndarray]

    @property
    def inside(self) -> bool:
        """Whether what came lies in our 80% range."""
        low, high = np.quantile(self.draws["ours"], (0.1, 0.9))
        return bool(low <= self.came <= high)

    def crps(self, name: str) -> float:
        """The score of one of the forecasts."""
        return crps(np.quantile(self.draws[name], (np.arange(200) + 0.5) / 200), self.came)


def cases(*, standstill: bool = False) -> Iterator[Case]:
    """The quarter after each origin, and the four quarters after it where all are filed; standstill : let it in."""
    told = filed()
    every = sorted(told)
    base = load(FILE, units=UNITS)
    business = Business(volume, unit=unit_of, label=label_of)
    months, firms = _history()
    for known in every[every.index(_name(*FIRST)) : every.index(_name(*LAST)) + 1]:
        place = every.index(known)
        day = _after(known)
        reports = [
            _report(quarter, told[quarter]) for quarter in every[: place + 1] if standstill or quarter != STANDSTILL
        ]
        given = condition(base, business, reports, as_of=day, draws=DRAWS, path=False).result
        ours = [given.values(CARS, quarter) for quarter in every[place + 1 : place + 5]]
        weights = given.weights
        if weights is not None:
            picked = np.random.default_rng(2026).choice(len(weights), len(weights), p=weights / weights.sum())
            ours = [each[picked] for each in ours]
        past, season = _past(months, known), season_of(_until(firms, known))
        rules: dict[str, Rule] = {
            "run rate": partial(run_rate, a_year=MONTHS),
            "seasonal naive": partial(peers_season, season=season),
        }
        paths = {name: paths_by(rule, past, MONTHS, np.random.default_rng(2026)) for name, rule in rules.items()}
        for ahead in (1, 4):
            if place + ahead < len(every) and all(path is not None for path in paths.values()):
                draws = {name: path[: 3 * ahead].sum(axis=0) for name, path in paths.items() if path is not None}
                came = sum(told[quarter] for quarter in every[place + 1 : place + 1 + ahead])
                yield Case(known, ahead, came, {"ours": np.sum(ours[:ahead], axis=0), **draws})


def ratio(found: Sequence[Case], name: str) -> float:
    """Geometric mean of our CRPS over another's."""
    return float(np.exp(np.mean([np.log(case.crps("ours") / case.crps(name)) for case in found])))


def _name(year: int, quarter: int) -> str:
    return f"{year}Q{quarter}"


def _after(quarter: str) -> dt.date:
    """The middle of the month after a quarter, by when its registrations are known."""
    year, number = int(quarter[:4]), int(quarter[5])
    return dt.date(year + number // 4, 3 * number % 12 + 1, 15)


def _report(quarter: str, value: float) -> Observation:
    return Observation(CARS, quarter, "exact", value, ERROR, "vehicle", "filing", _after(quarter), "data/")


def _history() -> tuple[dict[int, float], Mapping[str, Mapping[int, float]]]:
    """Months of deliveries, floors by what their quarter was filed at, and months of other makers."""
    known = history(ROOT, 2026, dt.date(2026, 10, 10))
    return {month: (low + high) / 2 for month, (low, high) in known.months[CARS].items()}, known.firms


def _last_month(quarter: str) -> int:
    """Months since January of year 0 of a quarter's last month."""
    return 12 * int(quarter[:4]) + 3 * int(quarter[5]) - 1


def _past(months: Mapping[int, float], quarter: str) -> Past:
    """What was known of deliveries by the end of a quarter."""
    numbers = sorted(month for month in months if month <= _last_month(quarter))
    return Past(np.array([months[month] for month in numbers]), numbers[0], MONTHS)


def _until(firms: Mapping[str, Mapping[int, float]], quarter: str) -> dict[str, dict[int, float]]:
    """What was known of other makers by the end of a quarter."""
    end = _last_month(quarter)
    return {firm: {month: x for month, x in series.items() if month <= end} for firm, series in firms.items()}


def summed(found: Sequence[Case]) -> None:
    """Print what cases add up to."""
    for ahead, span in ((1, "next quarter"), (4, "next four quarters")):
        some = [case for case in found if case.ahead == ahead]
        inside = sum(case.inside for case in some)
        others = "; ".join(f"{ratio(some, name):.2f} times that of {name}" for name in NAMES[1:])
        print(f"  {span}, {len(some)} cases: our CRPS {others}; {inside} of {len(some)} in the 80% range")


def main() -> None:
    """Print each case, and what they add up to."""
    found = list(cases())
    for case in found:
        span = "next quarter" if case.ahead == 1 else "next four"
        said = []
        for name in NAMES:
            low, mid, high = np.quantile(case.draws[name], (0.1, 0.5, 0.9)) / 1000
            said.append(f"{name} {mid:.0f} ({low:.0f} to {high:.0f}), CRPS {case.crps(name) / 1000:.1f}")
        print(f"after {case.known}, {span}: came {case.came / 1000:.0f}; {'; '.join(said)}")
    summed(found)
    print(f"with {STANDSTILL} let in:")
    summed(list(cases(standstill=True)))


if __name__ == "__main__":
    main()
