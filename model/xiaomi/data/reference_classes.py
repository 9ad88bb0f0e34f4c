"""The reference classes of Xiaomi's deliveries: first yearly targets of makers, and makers in a like state.

Both hold what was known before the year that is forecast began, of makers whose outcome is known, failed ones included.
They share makers and years, so that the two together are no more evidence than either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.assumptions.assumption import Assumptions
from model.simulation.reference_class import ReferenceClass
from model.xiaomi.data import history

# What a like state is. Round numbers: an order of magnitude, a quarter. docs/outside.md has what others give.
SIZE, GROWTH = 10.0, 1.25  # largest factor between two makers' yearly rates, and between their growth


@dataclass(frozen=True)
class MakerState:
    """A maker after the last of three months.

    rate   : deliveries of the last three months at yearly rate, vehicles/year
    growth : that over the deliveries of the last twelve months, 1
    """

    rate: float
    growth: float

    def like(self, other: MakerState) -> bool:
        """Whether the two differ by no more than `SIZE` and `GROWTH`."""
        apart = (self.rate / other.rate, self.growth / other.growth)
        return all(1 / most <= x <= most for x, most in zip(apart, (SIZE, GROWTH), strict=True))


@dataclass(frozen=True)
class FirmMonth:
    """A maker after a month: its state, and deliveries of the next twelve months over its yearly rate."""

    firm: str
    month: int  # since January of year 0
    state: MakerState
    ratio: float


def classes(root: Path, assumptions: Assumptions) -> list[ReferenceClass]:
    """The classes of this case that have cases; none where its target is not the year's deliveries."""
    target, year = assumptions.target, assumptions.about.year
    if (target.outcome, target.period) != ("ev.deliveries", str(year)):
        return []
    found = [first_targets(root, year, target.value), like_state(root, year)]
    return [each for each in found if each is not None]


def first_targets(root: Path, year: int, target: float) -> ReferenceClass | None:
    """First-announced yearly targets, each a case of its own: delivered over target, times the target (vehicles).

    None where fewer than two were known before the year.
    """
    found = {key: ratio for key, ratio in history.first_targets(root).items() if int(key[1]) < year}
    if len(found) < 2:
        return None
    return ReferenceClass(
        "first_targets",
        f"{len(found)} first yearly targets of car makers",
        "first-announced yearly target of a maker of electric cars or of all kinds, outcome known before the year; the lower "
        "where two were reported; delivered over target, times this target",
        target * np.array(list(found.values())),
        tuple(" ".join(key) for key in found),
        "data/ev_targets.csv, stage 'initial'",
    )


def like_state(root: Path, year: int) -> ReferenceClass | None:
    """Makers in a state like Xiaomi's: what the next twelve months brought over the yearly rate, times Xiaomi's (vehicles).

    None where Xiaomi's state is not known, or fewer than two makers were in one like it.
    """
    own = own_state(root, year)
    found = [] if own is None else [each for each in firm_months(root, year) if each.state.like(own)]
    firms = tuple(each.firm for each in found)
    if own is None or len(set(firms)) < 2:
        return None
    return ReferenceClass(
        "like_state",
        f"{len(found)} months of {len(set(firms))} EV makers of like size and growth",
        f"month of a maker with twelve months before and after it; last three months at yearly rate within a factor of {SIZE:g} of "
        f"Xiaomi's, growth (that over the last twelve months) within a factor of {GROWTH:g}; each maker counts once; all seasons "
        "together, while Xiaomi stands after the strongest quarter of a year",
        own.rate * np.array([each.ratio for each in found]),
        firms,
        "data/ev_peers_deliveries_monthly.csv",
    )


def own_state(root: Path, year: int) -> MakerState | None:
    """Xiaomi when the year begins; None where a month of the year before is not there."""
    months = {history.month_number(month): value for month, value in history.monthly_deliveries(root).items()}
    return state_of(months, 12 * year - 1)


def firm_months(root: Path, year: int) -> list[FirmMonth]:
    """Every month of every maker that has twelve months up to it and twelve after it, all before the year."""
    found = []
    for firm, months in history.peer_deliveries(root).items():
        for month in sorted(months):
            after = [months[n] for n in range(month + 1, min(month + 13, 12 * year)) if n in months]
            state = state_of(months, month) if len(after) == 12 else None
            if state is not None:
                found.append(FirmMonth(firm, month, state, sum(after) / state.rate))
    return found


def state_of(months: Mapping[int, float], last: int) -> MakerState | None:
    """The state after a month; None where one of its twelve months is missing, or nothing was delivered."""
    behind = [months[n] for n in range(last - 11, last + 1) if n in months]
    if len(behind) < 12 or not sum(behind[-3:]):
        return None
    rate = 4 * sum(behind[-3:])
    return MakerState(rate, rate / sum(behind))
