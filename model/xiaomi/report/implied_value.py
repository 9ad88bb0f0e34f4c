"""Implied deliveries: what must be true of deliveries, margin and multiple for today's price of the share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.errors import InputError, Problem
from model.files.table import Table, Tabled, aligned
from model.simulation.formatting import short
from model.simulation.measures import quantile
from model.simulation.metric import metric
from model.simulation.parallel import Workers
from model.studies.cache import MeasureCache
from model.studies.evaluate import Progress
from model.studies.required_values import Solution
from model.studies.solve import solve
from model.studies.study import Study
from model.xiaomi.data import history
from model.xiaomi.report.later_years import worth

LEVELS = (0.1, 0.5, 0.9)
SOLVED = (
    "value.ev.multiple", "value.core.multiple", "ev.lines.yu7.orders", "ev.market.growth", "smartphones.tiers.high.margin", "iot.margin",
)  # fmt: skip


@dataclass(frozen=True)
class Needed:
    """A quantity: what the forecast says, and what it would have to be in each draw, all else as it is; P10, P50, P90."""

    what: str
    unit: str
    forecast: np.ndarray
    needed: np.ndarray


@dataclass(frozen=True)
class Implied(Tabled):
    """What must be true for a price, draw by draw, and for one assumption moved alone."""

    day: dt.date
    price: float
    items: tuple[Needed, ...]
    worth: tuple[tuple[str, str], ...]
    solution: Solution | None  # of single assumptions, by the solver
    figure = "value"

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""
        return {"study": "value", "price": self.price}

    def table(self) -> Table:
        """A row a quantity."""
        names = [f"{kind} p{round(100 * q)}" for kind in ("forecast", "needed") for q in LEVELS]
        rows = [(x.what, x.unit, *map(float, x.forecast), *map(float, x.needed)) for x in self.items]
        return Table(("quantity", "unit", *names), rows)

    def lines(self) -> list[str]:
        """The same in words, and what single assumptions would have to be."""
        out = [
            *(f"{what}: {found}" for what, found in self.worth),
            "",
            f"For {self.price:.2f} HKD a share, the market's of {self.day:%-d %B %Y}, one of these would have to be, in each draw, all else as it is",
        ]
        rows = [(f"{x.what}, {x.unit}", _three(x.forecast), _three(x.needed)) for x in self.items]
        out += aligned([("P50 (P10 to P90)", "forecast", "needed"), *rows], "<>>")
        return [*out, "", *self.solution.lines()] if self.solution else out


def _three(levels: np.ndarray) -> str:
    low, mid, high = (short(float(v)) for v in levels)
    return f"{mid} ({low} to {high})"


def again(study: Study, _: Mapping[str, Any]) -> Table:
    """The table of the same question to a study."""
    return implied(study, solved=False).table()


def implied(
    study: Study,
    *,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
    solved: bool = True,
) -> Implied:
    """What must be true for the latest known price; InputError where the study has no value.

    Draw by draw the sum of the parts is solved for one part: deliveries = (market - rest - cash) / multiple / sales per car, and
    so on. The solver then moves single assumptions until half of the draws are worth the price.
    """
    result, a = study.made, study.assumptions
    if "value.share" not in result.outcomes:
        raise InputError(Problem("this run has no value", "--to 2027-12 or later, beside a beyond.toml", path="--to"))
    day, price = history.share_price(a.root, a.about.as_of)
    held = {
        name.removeprefix("value."): values for name, values in result.outcomes.items() if name.startswith("value.")
    }
    market = price * held["company"] / held["share"]
    cars, rest = market - held["core"] - held["net_cash"], market - held["ev"] - held["net_cash"]
    of_cars = held["ev"] / held["ev.sales"]  # of failed cars what is recovered
    of_rest = held["core"] / held["core.profit"]
    sales_a_car = held["ev.sales"] / held["ev.deliveries"]
    profit = rest / of_rest
    found = (
        ("deliveries of the next twelve months", "thousand", held["ev.deliveries"] / 1e3, cars / of_cars / sales_a_car / 1e3),
        ("value of cars over their sales", "times", held["ev"] / held["ev.sales"], cars / held["ev.sales"]),
        ("value of the rest over its profit", "times", of_rest, rest / held["core.profit"]),
        ("after-tax margin of the rest", "%", 100 * held["core.profit"] / held["core.sales"], 100 * profit / held["core.sales"]),
    )  # fmt: skip

    def levels(values: np.ndarray) -> np.ndarray:
        return np.asarray(quantile(values, LEVELS, replicate=result.replicate, weights=result.weights).value)

    what = metric(f"value.share>={price:.10g}", a, study.business)
    wanted = [path for path in SOLVED if path in a.entries and study.movable(a[path])]
    solution = solve(study, what, 0.5, wanted, workers=workers, cache=cache, progress=progress) if solved else None
    return Implied(
        day, price, tuple(Needed(w, u, levels(f), levels(n)) for w, u, f, n in found), tuple(worth(result)), solution
    )
