"""What conditioning found: the result, each report against the forecast that stood before it, and the year as it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from model._version import FROM_NOTHING
from model.files.table import Table, Tabled, aligned
from model.simulation.measures import Measure
from model.simulation.observation import SHARE, Observation
from model.simulation.result import Result

BITS = 11  # after the binary point, that a score is rounded to before anything is computed from it, so that a file of it holds all of it
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
RARE = 0.01  # beyond P1 and P99 the forecast was too narrow


@dataclass(frozen=True)
class ReportPercentile:
    """Where a report lay: its percentile in the forecast that stood the day before, and in the one without any report."""

    observation: Observation
    before: float  # not a number where the days in between were not made
    prior: float

    @property
    def says_too_narrow(self) -> bool:
        """Whether it lay beyond P1 or P99 of the forecast without any report; a floor that lies low is no surprise."""
        low, high = self.observation.ends
        beyond = (
            self.prior < RARE and high == self.observation.value,
            self.prior > 1 - RARE and low == self.observation.value,
        )
        return any(beyond)


@dataclass(frozen=True)
class Snapshot:
    """The forecast of the target's outcome once all reports of a day are in; the first one knows none."""

    day: dt.date
    reports: int
    chance: Measure
    levels: np.ndarray  # quantiles at `LEVELS`
    mean: Measure


@dataclass(frozen=True)
class TemperingStep:
    """What happened at one tempering step."""

    exponent: float
    effective: float  # share of the draws that was effective before they were resampled
    sweeps: int
    accepted: float
    correlation: float  # of scores with the start of the step


@dataclass(frozen=True)
class Posterior(Tabled):
    """A conditioned result, how it came about, and what it learned."""

    result: Result
    prior: Result
    method: str  # "weights" or "sampler"
    surprises: Sequence[ReportPercentile]
    moments: Sequence[Snapshot]
    log_evidence: Measure | None  # None where its guard failed
    guards: Sequence[str] = ()  # those that failed, in words
    degrees: Sequence[TemperingStep] = ()
    scores: dict[str, np.ndarray] = field(default_factory=dict)  # of every coordinate, (draw,)
    began_at: str = ""  # the posterior from which the work began, in words; by default it began at the prior

    @property
    def has_path(self) -> bool:
        """Whether it says what stood in between: where each report lay the day before, and the forecast of each day."""
        return not any(np.isnan(s.before) for s in self.surprises)

    def table(self) -> Table:
        """A row a report: the figure, its source, and where it lay the day before and in the forecast without reports."""
        rows = [
            (s.observation.reported_on.isoformat(), s.observation.outcome, s.observation.period, s.observation.kind,
             s.observation.value, s.observation.unit, s.before, s.prior, s.observation.source)
            for s in self.surprises
        ]  # fmt: skip
        columns = ("reported_on", "outcome", "period", "kind", "value", "unit")
        return Table((*columns, "share below, the day before", "share below, without reports", "source"), rows)

    def year_as_it_came(self) -> Table:
        """A row a day on which something was reported: the chance of the target and the quantiles of its outcome."""
        return as_it_came(self.moments)

    def lines(self) -> list[str]:
        """Where each report lay, and what guards say, as text."""
        out = ["Each report, and where it lay in the forecast: the day before, and in the one without any report"]
        out += aligned([_row(s) for s in self.surprises], "<<>>>")
        narrow = [s.observation.name for s in self.surprises if s.says_too_narrow]
        if narrow:
            out.append(f"  Beyond P1 or P99, the assumptions were too narrow there: {', '.join(narrow)}")
        if self.log_evidence is not None:
            said = f"Log evidence {self.log_evidence.value:.2f} ± {self.log_evidence.error:.2f} by {self.method}"
            out += ["", f"{said}: assumptions under which the same reports have a higher one foresaw them better"]
        if self.began_at:
            out.append(f"Begun at {self.began_at}; from nothing ({FROM_NOTHING}=1) it is the same within its error")
        return [*out, *(f"  Warning: {guard}" for guard in self.guards)]


def rounded(scores: np.ndarray) -> np.ndarray:
    """Scores as they are kept: to 1/2048 of a standard deviation, which is below a tenth of what any report tells."""
    return np.asarray(np.round(np.ldexp(scores, BITS)) * 2.0**-BITS)


def snapshot_of(day: dt.date, reports: int, result: Result) -> Snapshot:
    """The forecast of the target's outcome as a result has it; reports : of that day."""
    target = result.assumptions.target
    levels = np.asarray(result.quantile(target.outcome, LEVELS, target.period).value)
    return Snapshot(day, reports, result.chance(), levels, result.mean(target.outcome, target.period))


def as_it_came(moments: Sequence[Snapshot]) -> Table:
    """A row a moment: day, reports of it, chance of the target with its error, quantiles of its outcome at `LEVELS`."""
    names = [f"p{round(100 * q)}" for q in LEVELS]
    rows = [
        (m.day.isoformat(), m.reports, float(m.chance.value), float(m.chance.error), *map(float, m.levels))
        for m in moments
    ]
    return Table(("day", "reports", "chance", "error", *names), rows)


def _row(s: ReportPercentile) -> tuple[str, ...]:
    one = s.observation
    figure = one.figure if one.unit == SHARE else f"{one.figure} {one.unit}"
    name = one.name if len(one.name) < 43 else f"{one.name[:40]}..."
    return f"{one.reported_on:%d %b}", name, figure, _percentile(s.before), _percentile(s.prior)


def _percentile(share: float) -> str:
    if np.isnan(share):
        return "not made"
    if share < 0.001:
        return "below P0.1"
    if share > 0.999:
        return "above P99.9"
    return f"P{100 * share:.1f}" if not 0.095 < share < 0.905 else f"P{100 * share:.0f}"
