"""Every entry of the register against what came, case by case, and what that adds up to.

Cases are not independent: a quarter is forecast on several days, and sales that were not made are missed again in the segment's
revenue and result. What counts once is a block: a family of outcomes in a quarter. Intervals rest on blocks, taken as independent, which
two families of one quarter, or two quarters of one forecast, are not quite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special, stats

from model.errors import InputError, Problem
from model.evaluation import ledger, register
from model.evaluation.hub_table import Forecast, horizon
from model.evaluation.register import Entry
from model.evaluation.scores import CENTRAL, Came, Wis, came, crps_bounds, inside, log_chance, log_score, pit, wis
from model.files.table import Table, Tabled
from model.simulation.business import Business
from model.simulation.observation import Observation, end_of, of_record, outcomes_of

# Months to the end of a period: below the first it has ended, below the second it is a quarter ahead.
NOW, AHEAD = 0.0, 3.5
HORIZONS = ("ended, not yet reported", "up to three months ahead", "further ahead")
CONFIDENCE = 0.9  # of intervals
LEAST_BLOCKS = 4  # from fewer nothing is decided
MOST_EXACT = 16  # blocks, whose signs are gone through one by one
Block = tuple[str, str]  # family, quarter


@dataclass(frozen=True)
class ScoredForecast:
    """One forecast and what came."""

    entry: Entry
    forecast: Forecast
    report: Observation
    block: Block | None  # None: a sum of what others count
    came: Came
    crps: tuple[float, float]  # its bounds
    wis: Wis | None  # None of an interval
    pit: tuple[float, float]
    inside: Mapping[float, bool | None]
    log_chance: float | None  # of an interval

    @property
    def months(self) -> float:
        """Months from the day to the end of the period."""
        return horizon(self.entry.day, self.forecast.period)

    @property
    def ahead(self) -> str:
        """Which of `HORIZONS`."""
        return HORIZONS[0] if self.months < NOW else HORIZONS[1] if self.months < AHEAD else HORIZONS[2]

    @property
    def key(self) -> tuple[object, str, str]:
        """Day, outcome and period: what two entries have in common."""
        return self.entry.day, self.forecast.outcome, self.forecast.period

    @property
    def miss(self) -> float:
        """P50 over what came, less one; of a share or a number near nought their difference; nan of an interval."""
        if not self.came.exact:
            return math.nan
        middle = self.forecast.level(0.5)
        return middle - self.came.low if self.report.absolute else middle / self.came.low - 1


@dataclass(frozen=True)
class Scored(Tabled):
    """All cases; and, of targets whose year is reported, the log score of each entry."""

    cases: Sequence[ScoredForecast]
    targets: Mapping[str, float]  # label of an entry -> log score

    def of(self, *roles: str) -> list[ScoredForecast]:
        """The cases of entries of these roles."""
        return [case for case in self.cases if case.entry.role in roles]

    def own(self) -> list[ScoredForecast]:
        """Of each day, outcome and period the case of the model's entry that knew most."""
        found: dict[object, ScoredForecast] = {}
        for case in sorted(self.of(*register.OWN), key=lambda c: register.OWN.index(c.entry.role)):
            found.setdefault(case.key, case)
        return sorted(found.values(), key=lambda c: (c.entry.day, c.report.reported_on))

    def table(self) -> Table:
        """A row a case."""
        columns = (
            "day", "entry", "outcome", "period", "unit", "months ahead", "came from", "came to", "reported on", "p10", "p50", "p90", "miss", "crps",
            "crps at most", "wis", "dispersion", "overprediction", "underprediction", "pit from", "pit to",
            *(f"inside {100 * share:g}%" for share in CENTRAL), "log of the interval's chance", "family", "quarter",
        )  # fmt: skip
        return Table(columns, [_row(case) for case in self.cases])


def score(root: Path, business: Business, year: int) -> Scored:
    """Every entry beside a base case against every figure that became known after its day.

    Raises InputError for a register that was changed, and where no forecast of the model's own is frozen.
    """
    entries, faults = register.entries, register.problems(root)
    if not faults and register.first_of(entries(root)) is None:
        faults = [Problem("nothing is frozen yet", "model freeze", file=ledger.FOLDER)]
    if faults:
        raise InputError(faults)
    truth = business.truth(root) if business.truth else {}
    reports = of_record(business.checks(root, year) if business.checks else [], truth)
    cases, targets = list[ScoredForecast](), dict[str, float]()
    for entry in entries(root):
        due = {(one.outcome, one.period): one for one in reports if one.reported_on > entry.day}
        for name, forecast in entry.forecasts(list(due)).items():
            cases.append(case_of(entry, forecast, due[name], business))
            if forecast.at_most and due[name].kind == "exact":
                ((target, short),) = forecast.at_most.items()
                targets[entry.label] = log_score(1 - short, happened=due[name].value >= target)
    return Scored(cases, targets)


def case_of(entry: Entry, forecast: Forecast, report: Observation, business: Business) -> ScoredForecast:
    """One forecast against one report."""
    what, samples = came(report), forecast.samples
    families = {business.families.get(name.split(".")[0]) for name in outcomes_of(report.outcome)}
    family, end = families.pop() if len(families) == 1 else None, end_of(report.period)
    return ScoredForecast(
        entry, forecast, report, None if family is None else (family, f"{end.year}Q{(end.month + 2) // 3}"), what,
        crps_bounds(samples, what), wis(forecast.levels, what.low) if what.exact else None, pit(forecast.levels, what),
        {share: inside(forecast, what, share) for share in CENTRAL}, None if what.exact else log_chance(forecast.levels, what),
    )  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """How many figures lie in a central interval, and how many blocks they make."""

    share: float
    inside: int
    cases: int
    hits: float  # blocks, each by the share of its cases that lie in it
    blocks: int

    @property
    def interval(self) -> tuple[float, float]:
        """Jeffreys' interval of 90% for the share covered, of blocks."""
        return jeffreys(self.hits, self.blocks)


def jeffreys(k: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Jeffreys' interval for a share of which k of n were hits (Brown, Cai and DasGupta 2001, Statistical Science 16(2)).

    >>> [round(float(x), 3) for x in jeffreys(10, 13)]
    [0.547, 0.912]
    """
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(special.betaincinv(k + 0.5, n - k + 0.5, tail))
    high = 1.0 if k == n else float(special.betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return low, high


def coverage(cases: Iterable[ScoredForecast], share: float) -> Coverage:
    """Coverage of a central interval, of figures alone: a floor's interval fits into a wide range more easily than into a narrow one.

    Outcomes that are sums of others are left out.
    """
    held = [(case.block, case.inside[share]) for case in cases if case.block is not None and case.came.exact]
    sound = [(block, bool(hit)) for block, hit in held if hit is not None]
    blocks = _by_block(sound)
    return Coverage(
        share, sum(hit for _, hit in sound), len(sound), sum(map(float, map(np.mean, blocks.values()))), len(blocks)
    )


@dataclass(frozen=True)
class Bias:
    """On which side of the P50s figures came, and how likely so one-sided a record is where each side is as likely."""

    below: float  # figures below the P50; one at it counts half
    cases: int
    hits: float  # blocks, each by the share of its cases that lie below
    blocks: int
    chance: float


def bias(cases: Iterable[ScoredForecast]) -> Bias:
    """A sign test by block, of figures alone: how often blocks would lie as far to one side, or further, if each could as well lie to the other.

    The sum over blocks of (share below the P50 - 1/2) against that with every choice of signs; exact up to `MOST_EXACT` blocks, else by
    the normal limit. Outcomes that are sums of others are left out. Figures of a block are missed together: 19 of 20 on one side in six
    blocks prove less than 19 of 20 coins.
    """
    held = [(c.block, c.forecast.level(0.5) - c.came.low) for c in cases if c.block is not None and c.came.exact]
    blocks = _by_block((block, 0.5 * (1.0 + np.sign(over))) for block, over in held)
    shares = np.array([np.mean(each) for each in blocks.values()])
    return Bias(sum(map(sum, blocks.values())), len(held), float(shares.sum()), len(shares), _one_sided(shares - 0.5))


def _one_sided(away: np.ndarray) -> float:
    """Two-sided chance of the sum of numbers whose signs could each be the other."""
    total, number = abs(float(away.sum())), len(away)
    if number > MOST_EXACT:
        return float(2 * stats.norm.sf(total / np.sqrt(np.sum(away**2)))) if np.any(away) else 1.0
    signs = 1 - 2 * ((np.arange(1 << number)[:, None] >> np.arange(number)) & 1)
    return float(np.mean(np.abs(signs @ away) >= total - 1e-12)) if number else 1.0


@dataclass(frozen=True)
class Skill:
    """One forecast against another on the cases that both have: 1 - the geometric mean of the ratios of their CRPS.

    interval : of 90%, from the spread of the blocks' mean logarithms (Student t); infinite for a single block
    """

    skill: float
    interval: tuple[float, float]
    cases: int
    blocks: int

    @property
    def decided(self) -> bool:
        """Whether the interval lies on one side of 0, and rests on blocks enough."""
        low, high = self.interval
        return self.blocks >= LEAST_BLOCKS and (low > 0 or high < 0)


def skill(
    own: Sequence[ScoredForecast],
    other: Sequence[ScoredForecast],
    which: Callable[[ScoredForecast], bool] = lambda _: True,
) -> Skill | None:
    """Skill of cases against others of the same day, outcome and period; None where there are none. Above 0 is better."""
    held = {case.key: case for case in other if case.came.exact}
    pairs = [(c, held[c.key]) for c in own if c.key in held and c.block is not None and c.came.exact and which(c)]
    sound = [(mine.block, mine.crps[0], its.crps[0]) for mine, its in pairs if mine.crps[0] > 0 < its.crps[0]]
    blocks = _by_block((block, math.log(ours / theirs)) for block, ours, theirs in sound)
    if not blocks:
        return None
    means = np.array([np.mean(each) for each in blocks.values()])
    middle, number = float(means.mean()), len(means)
    reach = (
        math.inf
        if number < 2
        else float(stats.t(number - 1).ppf((1 + CONFIDENCE) / 2) * means.std(ddof=1) / number**0.5)
    )
    return Skill(
        1 - math.exp(middle),
        (1 - math.exp(min(700.0, middle + reach)), 1 - math.exp(middle - reach)),
        len(sound),
        number,
    )


def _by_block(held: Iterable[tuple[Block | None, float]]) -> dict[Block | None, list[float]]:
    found: dict[Block | None, list[float]] = {}
    for block, value in held:
        found.setdefault(block, []).append(float(value))
    return found


def _row(case: ScoredForecast) -> tuple[object, ...]:
    f, w, block = case.forecast, case.wis, case.block or ("", "")
    parts = (None,) * 4 if w is None else (w.total, w.dispersion, w.over, w.under)
    return (
        case.entry.day.isoformat(), case.entry.role, f.outcome, f.period, f.unit, case.months, case.came.low, case.came.high,
        case.report.reported_on.isoformat(), f.level(0.1), f.level(0.5), f.level(0.9), case.miss, case.crps[0], case.crps[1], *parts, *case.pit,
        *(None if case.inside[share] is None else int(bool(case.inside[share])) for share in CENTRAL), case.log_chance, *block,
    )  # fmt: skip
