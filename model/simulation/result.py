"""What a simulation gives back: outcomes by name, one column a draw, and how to read them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from model.assumptions.assumption import Assumptions
from model.errors import InputError, Problem, near
from model.simulation import measures
from model.simulation.business import Business
from model.simulation.measures import Measure
from model.simulation.metric import Metric, metric

if TYPE_CHECKING:
    import pandas as pd


STATISTICS = ("mean", "sd", *(f"p{round(100 * q)}" for q in measures.QUANTILES))
COLUMNS = ("scenario", "outcome", "period", "unit", "statistic", "value", "error")
Row = tuple[str, str, str, str, str, float, float]


@dataclass(frozen=True)
class Steps:
    """What was done to the plain forecast: a record of the steps between it and a result.

    reports  : what was reported and is known in every draw: the observations that a posterior is conditioned on
    unpooled : the result before an outside view was pooled in; None where none was
    chance   : of the file's target, by preintegration, in the place of the one that is counted; None where that was not asked
    currency : into which money was turned, and what one unit of it costs in that of the business; None where it was not
    """

    reports: Sequence[Any] = ()
    unpooled: Result | None = None
    chance: Measure | None = None
    currency: tuple[str, float] | None = None


@dataclass(frozen=True)
class Result:
    """One scenario, simulated.

    outcomes : name -> (draw,) or (period, draw)
    replicate : (draw,) which replicate each draw belongs to
    business : what was run
    weights : (draw,) or None where every draw counts the same; a view multiplies them
    steps : what was done to the plain forecast
    """

    assumptions: Assumptions
    outcomes: Mapping[str, np.ndarray]
    replicate: np.ndarray
    business: Business
    weights: np.ndarray | None = None
    seed: int = 0
    seconds: float = 0.0
    partial: bool = False  # only some outcomes were kept
    steps: Steps = Steps()

    @property
    def reports(self) -> Sequence[Any]:
        """The observations that it is conditioned on; none of a prior."""
        return self.steps.reports

    def after(self, **done: Any) -> Result:
        """The same with one more step recorded, by its name in `Steps`."""
        return dataclasses.replace(self, steps=dataclasses.replace(self.steps, **done))

    @property
    def draws(self) -> int:
        return len(self.replicate)

    @property
    def given(self) -> str:
        """What it is conditioned on: `given 26 reported figures`; nothing where it is not."""
        count = len(self.reports)
        return "" if not count else f"given {count} reported figure{'' if count == 1 else 's'}"

    @property
    def view(self) -> str:
        """What is pooled into it: `outside view first_targets at weight 0.5`; nothing where nothing is."""
        return "" if self.steps.unpooled is None else f"outside view {self.assumptions.pooled}"

    def with_weights(self, weights: np.ndarray) -> Result:
        """The same draws under a view: weights (draw,) multiply those already there."""
        both = weights if self.weights is None else self.weights * weights
        return dataclasses.replace(self, weights=both).after(chance=None)

    def periods(self, outcome: str) -> list[str]:
        """Names of the periods of an outcome: 2026-01, 2026Q1, 2026."""
        shape = self._outcome(outcome).shape
        return self.assumptions.calendar.names(shape[0] if len(shape) > 1 else 1)

    def values(self, outcome: str, period: str | None = None) -> np.ndarray:
        """Draws of an outcome in a period, (draw,); the last one (the year) by default."""
        return self.assumptions.calendar.in_period(self._outcome(outcome), period, outcome)

    def mean(self, outcome: str, period: str | None = None) -> Measure:
        """Mean of an outcome with its simulation error."""
        return measures.mean(self.values(outcome, period), replicate=self.replicate, weights=self.weights)

    def sd(self, outcome: str, period: str | None = None) -> Measure:
        """Standard deviation of an outcome with its simulation error."""
        return measures.sd(self.values(outcome, period), replicate=self.replicate, weights=self.weights)

    def quantile(self, outcome: str, q: float | tuple[float, ...], period: str | None = None) -> Measure:
        """Quantile(s) of an outcome with their simulation error."""
        return measures.quantile(self.values(outcome, period), q, replicate=self.replicate, weights=self.weights)

    def chance(
        self, outcome: str | float | None = None, target: float | None = None, period: str | None = None
    ) -> Measure:
        """P(outcome >= target), by default of the file's own target; a number, `>=420_000` or `OUTCOME>=NUMBER` says both at once."""
        own = self.assumptions.target
        if outcome is not None and target is None and (not isinstance(outcome, str) or ">=" in outcome):
            return self.measure(metric(str(outcome), self.assumptions, self.business))
        outcome = None if outcome is None else str(outcome)
        if outcome is None:
            outcome, period = own.outcome, own.period
            if target is None and self.steps.chance is not None:
                return self.steps.chance
        return measures.chance(
            self.values(outcome, period),
            own.value if target is None else target,
            replicate=self.replicate,
            weights=self.weights,
        )

    def measure(self, what: Metric) -> Measure:
        """The measure that a metric asks for."""
        if what.statistic == "chance":
            return self.chance(what.outcome, what.target, what.period)
        if what.statistic in ("mean", "sd"):
            return (self.mean if what.statistic == "mean" else self.sd)(what.outcome, what.period)
        return self.quantile(what.outcome, int(what.statistic[1:]) / 100, what.period)

    def percentile_of(self, outcome: str, x: float, period: str | None = None) -> Measure:
        """Share of draws in which the outcome lies below x."""
        return measures.percentile_of(self.values(outcome, period), x, replicate=self.replicate, weights=self.weights)

    def crps(self, observed: float, outcome: str | None = None, period: str | None = None) -> Measure:
        """Score of the forecast of an outcome, by default the target's, for what came: smaller is better, its unit."""
        own = self.assumptions.target
        if outcome is None:
            outcome, period = own.outcome, own.period
        return measures.crps(self.values(outcome, period), observed, replicate=self.replicate, weights=self.weights)

    def rows(self) -> Iterator[Row]:
        """The long table, row by row: scenario, outcome, period, unit, statistic, value, error."""
        target = self.assumptions.target
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # numpy sorts without the interpreter's lock
            summaries = threads.map(self._summary, self.outcomes)
        for name, (values, errors) in zip(self.outcomes, summaries, strict=True):
            unit = self.business.unit(name)
            for n, period in enumerate(self.periods(name)):
                for s, statistic in enumerate(STATISTICS):
                    yield (
                        self.assumptions.scenario,
                        name,
                        period,
                        unit,
                        statistic,
                        float(values[s, n]),
                        float(errors[s, n]),
                    )
                if (name, period) == (target.outcome, target.period):
                    yield (self.assumptions.scenario, name, period, "share", *_chance_row(self.chance()))

    def table(self) -> pd.DataFrame:
        """The long table as a pandas data frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(COLUMNS))

    def __repr__(self) -> str:
        return f"Result({self.assumptions.scenario}: {self.draws:,} draws of {len(self.outcomes)} outcomes, seed {self.seed})"

    def _repr_html_(self) -> str:
        """The year's rows as a table, for notebooks."""
        table = self.table()
        year = table[
            (table.period == str(self.assumptions.about.year))
            & table.statistic.isin(["mean", "p10", "p50", "p90", "chance"])
        ]
        wide = year.pivot_table(index=["outcome", "unit"], columns="statistic", values="value", sort=False)
        html: str = wide.to_html(float_format=lambda v: f"{v:,.4g}")
        return html

    def _summary(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Values and errors of `STATISTICS`, each (statistic, period)."""
        array = np.atleast_2d(self._outcome(name))
        kept: dict[str, Any] = {"replicate": self.replicate, "weights": self.weights}
        average, spread = measures.mean(array, **kept), measures.sd(array, **kept)
        levels = measures.quantile(array, measures.QUANTILES, **kept)
        values = np.concatenate([[average.value], [spread.value], levels.value])
        return values, np.concatenate([[average.error], [spread.error], levels.error])

    def _outcome(self, name: str) -> np.ndarray:
        if name not in self.outcomes:
            hint = near(name, self.outcomes) or f"Outcomes: {', '.join(self.outcomes)}"
            raise InputError(Problem(f"no outcome '{name}'", hint))
        return self.outcomes[name]


def _chance_row(chance: Measure) -> tuple[str, float, float]:
    """Statistic, value and error; of a chance that no draw met, or every one, the bound that it lies below or above."""
    if isinstance(chance, measures.Bound):
        return f"chance {'above' if chance.value else 'below'}", chance.limit, float("nan")
    return "chance", chance.value, chance.error
