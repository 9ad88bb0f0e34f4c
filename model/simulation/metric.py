"""Metrics: which measure is read off a simulation, and what it is called.

>>> str(Metric("stand.sales", "2026", "chance", 550_000))
'P(stand.sales >= 550,000 in 2026)'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.schema import LARGEST
from model.errors import InputError, Problem, near
from model.simulation import measures
from model.simulation.business import Business, Function, business_of
from model.simulation.measures import Measure
from model.simulation.probe import outcome_periods
from model.simulation.sampling.draws import Draws

STATISTICS = ("mean", "sd", *(f"p{n}" for n in range(1, 100)))


@dataclass(frozen=True)
class Metric:
    """One measure: a statistic of an outcome in a period, or the chance that it reaches `target`."""

    outcome: str
    period: str | None = None
    statistic: str = "mean"
    target: float = 0.0
    outcome_unit: str = "1"

    def estimate(self, values: np.ndarray) -> np.ndarray:
        """The statistic over the last axis."""
        if self.statistic == "chance":
            return (values >= self.target).mean(axis=-1)
        if self.statistic in ("mean", "sd"):
            return values.mean(axis=-1) if self.statistic == "mean" else values.std(axis=-1)
        return np.quantile(values, int(self.statistic[1:]) / 100, axis=-1, method="inverted_cdf")

    def estimates(self, values: np.ndarray, replicate: np.ndarray) -> np.ndarray:
        """The statistic of draws (draw,), and of each replicate of them: (1 + replicate,)."""
        each = self.estimate(measures.by_replicate(values, replicate))
        return np.concatenate([[self.estimate(values)], each])

    def of(self, values: np.ndarray, replicate: np.ndarray) -> Measure:
        """The measure of draws (draw,), with its simulation error."""
        return self.measured(self.estimates(values, replicate), len(replicate))

    def measured(self, estimates: np.ndarray, draws: int) -> Measure:
        """The measure that `estimates` make of so many draws, with its simulation error."""
        found = measured(estimates)
        return measures.bounded(found, draws) if self.statistic == "chance" else found

    @property
    def text(self) -> str:
        """The measure as a user writes it: `stand.sales@2026>=550000`."""
        where = f"{self.outcome}@{self.period}" if self.period else self.outcome
        return f"{where}>={self.target!r}" if self.statistic == "chance" else f"{where}:{self.statistic}"

    @property
    def unit(self) -> str:
        """Unit of the measure."""
        return "share" if self.statistic == "chance" else self.outcome_unit

    def __str__(self) -> str:
        return self.in_words(str)

    def in_words(self, label: Callable[[str], str]) -> str:
        """Return `P50 of EV deliveries in 2026`, with the outcome as `label` calls it."""
        period, name = f" in {self.period}" if self.period else "", label(self.outcome)
        if self.statistic == "chance":
            return f"P({name} >= {self.target:,.10g}{period})"
        return f"{self.statistic.replace('p', 'P')} of {name}{period}"


def measured(estimates: np.ndarray) -> Measure:
    """The measure that `Metric.estimates` make; of a difference of two, on the same draws, with its own error."""
    return Measure(float(estimates[0]), float(measures.standard_error(estimates[1:])))


def target_metric(assumptions: Assumptions) -> Metric:
    """The chance that the file's own target is reached."""
    target = assumptions.target
    return Metric(target.outcome, target.period, "chance", target.value, target.unit)


def metric(text: str, assumptions: Assumptions, business: Business | Function) -> Metric:
    """A measure from what a user writes.

    `chance` (of the file's target), `OUTCOME`, `OUTCOME:STATISTIC`, `OUTCOME@PERIOD:STATISTIC`, `OUTCOME>=NUMBER`; and of the target's
    outcome in its period `>=NUMBER`, or the number alone.
    Raises InputError with the near matches.
    """
    text = str(text).replace(" ", "")
    if text == "chance":
        return target_metric(assumptions)
    target = assumptions.target
    if text.startswith(">=") or text[:1].isdigit():
        text = f"{target.outcome}@{target.period}>={text.removeprefix('>=')}"
    unit = business_of(business).unit
    outcomes = outcome_periods(assumptions, business)
    body, reaches, goal = text.partition(">=")
    body, _, statistic = body.partition(":")
    if reaches and statistic:
        raise InputError(Problem(f"'{text}' asks for a statistic and for a chance", "OUTCOME:p10, or OUTCOME>=NUMBER"))
    outcome, _, period = body.strip().partition("@")
    if outcome not in outcomes:
        known = [*outcomes, "chance"]
        raise InputError(
            Problem(f"no measure '{text}'", near(outcome, known) or "`chance`, or an outcome of results.csv")
        )
    periods = assumptions.calendar.names(outcomes[outcome])
    usual = periods[assumptions.calendar.usual(periods)]
    if period and period not in periods:
        hint = near(period, periods) or f"Periods: {', '.join(periods)}"
        raise InputError(Problem(f"no period '{period}' of {outcome}", hint))
    if reaches:
        share = unit(outcome) == "share"
        example = "OUTCOME>=0.2, or 20%" if share else "OUTCOME>=600_000"
        try:
            number = float(goal.removesuffix("%").replace("_", "")) / (100 if share and goal.endswith("%") else 1)
            if not abs(number) < LARGEST or (goal.endswith("%") and not share):
                raise ValueError
        except ValueError:
            raise InputError(Problem(f"'{goal}' in '{text}' is not a number", f"Write {example}")) from None
        if share and abs(number) > 1:
            raise InputError(
                Problem(f"'{goal}' in '{text}' is no share", f"{goal}% is {number / 100:g}: write {example}")
            )
        return Metric(outcome, period or usual, "chance", number, unit(outcome))
    if statistic and statistic not in STATISTICS:
        hint = near(statistic, STATISTICS) or "mean, sd, p1 to p99"
        raise InputError(Problem(f"no statistic '{statistic}' in '{text}'", hint))
    return Metric(outcome, period or usual, statistic or "mean", outcome_unit=unit(outcome))


def outcomes_for(business: Business, metrics: Sequence[Metric], draws: Draws) -> Mapping[str, np.ndarray]:
    """What a business makes of draws, no more than the metrics need.

    Raises InputError for a metric of an outcome that is not there.
    """
    made = business.only([what.outcome for what in metrics])(draws)
    absent = [Problem(f"no outcome '{r.outcome}'", near(r.outcome, made)) for r in metrics if r.outcome not in made]
    if absent:
        raise InputError(absent)
    return made
