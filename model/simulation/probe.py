"""Run a business once on medians, and note what it asks for: found without simulating."""

from __future__ import annotations

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.calendar import MONTH
from model.errors import InputError, Problem, near
from model.simulation.business import Business, Function, business_of
from model.simulation.sampling.draws import Draws, faults, spread_out
from model.simulation.sampling.latents import Latents


class Probe(Draws):
    """Medians in place of draws; notes what was read and with which unit."""

    def __init__(self, assumptions: Assumptions) -> None:
        super().__init__(assumptions, Latents(0, 1))
        self.read: set[str] = set()
        self.missing: set[str] = set()
        self.by_period: set[str] = set()
        self.problems: list[Problem] = []

    def __getitem__(self, path: str) -> np.ndarray:
        if path not in self.assumptions.entries:
            if path not in self.missing:
                self.missing.add(path)
                self.problems.append(
                    Problem(
                        "the model needs this assumption and it is not there",
                        near(path, self.assumptions.entries),
                        path=path,
                    )
                )
            return np.ones(1)
        self.read.add(path)
        return self.assumptions[path].distribution.quantile(np.full(1, 0.5))

    def get(self, path: str, unit: str, periods: int = 1) -> np.ndarray:
        values, years = self[path], self.calendar.years
        if periods > 1:
            self.by_period.add(path)
        found = [] if path in self.missing else list(faults(self.assumptions[path], unit, periods, years))
        if not found and values.ndim == 2 and len(values) != periods:
            try:
                return spread_out(values, periods, years, path)
            except InputError as error:
                found = list(error.problems)
        self.problems += [fault for fault in found if fault not in self.problems]
        if found:
            return np.ones(1)
        return values - self.calendar.origin(self.assumptions[path].unit) if unit == MONTH else values

    def shock(self, path: str, periods: int) -> np.ndarray:  # noqa: ARG002
        return np.zeros((periods, 1))


def outcome_periods(assumptions: Assumptions, business: Business | Function) -> dict[str, int]:
    """Outcomes of a business and how many periods each has, found without simulating."""
    with np.errstate(all="ignore"):
        made = business_of(business).function(Probe(assumptions))
    return {name: np.atleast_2d(values).shape[0] for name, values in made.items()}


def taken_by_period(assumptions: Assumptions, business: Business | Function) -> frozenset[str]:
    """Assumptions that the business takes month by month or quarter by quarter, so that they can change within the year."""
    probe = Probe(assumptions)
    with np.errstate(all="ignore"):
        business_of(business).function(probe)
    return frozenset(probe.by_period)
