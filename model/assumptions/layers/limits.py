"""What a number that takes the place of an assumption's cannot pass: the bounds that its file states, and what its unit allows.

The bounds of the base case hold for every later layer, unless that states bounds of its own. What always holds: a quantity of a unit
that cannot be negative is not, a share lies between 0 and 1 (or -1 and 1, where the base case's own reaches below 0), and a number that
lies all on one scale is not `TIMES` as large as the largest of it, or as small a part of the smallest: that is another unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.assumptions.calendar import MOMENTS
from model.assumptions.distributions.base import Discrete, Distribution, Uniform
from model.assumptions.distributions.families import MODE, FromScipy
from model.assumptions.distributions.time_varying import TimeVarying

SHARE = "share"
TIMES = 5.0
SCALE = 20.0  # largest over smallest, up to which a number lies on one scale
ALMOST_ALL = np.array([0.001, 0.999])
ROUNDING = 1e-9


@dataclass(frozen=True)
class Limits:
    """Bounds that the base case states (infinite where it states none), and those that always hold."""

    least: float = -np.inf
    most: float = np.inf
    never_below: float = -np.inf
    never_above: float = np.inf
    smallest: float = -np.inf  # of a number on one scale
    can_be_off: bool = False  # whether 0 can take its place: that of what is known, such as a plant's size

    def of_later_years(self, unit: str) -> Limits:
        """What holds for numbers of later years: what the unit allows alone."""
        above = self.never_above if unit == SHARE else np.inf
        return Limits(never_below=self.never_below, never_above=above)

    def faults(self, new: Distribution, unit: str) -> Iterator[tuple[str, str]]:
        """(what is wrong, what would be right) for a distribution in the place of the assumption's."""
        for part in parts_of(new):
            yield from self._faults(part, unit)

    def _faults(self, new: Distribution, unit: str) -> Iterator[tuple[str, str]]:
        own = stated(new)
        low, high = (stating if np.isfinite(stating) else end for stating, end in zip(own, reach(new), strict=True))
        said = ("reaches down to", "reaches up to") if low < high else ("is", "is")
        down, up = (f"{verb} {_number(end)} {unit}" for verb, end in zip(said, (low, high), strict=True))
        off = self.can_be_off and (low, high) == (0.0, 0.0)
        if low < self.never_below - ROUNDING:
            yield down, self._of_unit(unit, high, "below", self.never_below)
        elif high > self.never_above * (1 + ROUNDING) + ROUNDING:
            yield up, self._of_unit(unit, high, "above", self.never_above)
        elif low < self.smallest and not off:
            yield down, f"The base case has no less than {_number(self.smallest * TIMES)}: is it in another unit?"
        elif not np.isfinite(own[0]) and low < self.least - ROUNDING * max(1.0, abs(self.least)):
            yield down, f"The base case's min is {_number(self.least)}{_own(new, 'min')}"
        elif not np.isfinite(own[1]) and high > self.most + ROUNDING * max(1.0, abs(self.most)):
            yield up, f"The base case's max is {_number(self.most)}{_own(new, 'max')}"

    def _of_unit(self, unit: str, high: float, side: str, end: float) -> str:
        """What would be right, for a number that passes what its unit allows."""
        if unit == SHARE:
            percent = f"; {high:g}% is {high / 100:g}" if 1 < high <= 100 else ""
            return f"A share lies between {_number(self.never_below)} and {_number(self.never_above)}{percent}"
        much = f", {TIMES:g} times the largest that the base case has" if side == "above" else ""
        return f"It cannot lie {side} {_number(end)}{much}"


NO_LIMITS = Limits()


def limits_of(distribution: Distribution, unit: str, units: Mapping[str, bool]) -> Limits:
    """The limits that an assumption of the base case sets to whatever takes its place; units : unit -> whether it can be negative."""
    least, most = stated(distribution)
    low, high = reach(distribution)
    never_below, never_above, smallest = (-np.inf if units.get(unit, True) else 0.0), np.inf, -np.inf
    if unit == SHARE and low >= -1 and high <= 1:
        never_below, never_above = (0.0 if low >= 0 else -1.0), 1.0
    elif not units or unit in MOMENTS:  # numbers of a function of one's own have no scale that is known
        pass
    elif low > 0 and high <= SCALE * low:
        never_above, smallest = TIMES * high, low / TIMES
    elif max(abs(low), abs(high)) > 0:
        never_above = TIMES * max(abs(low), abs(high))
        never_below = max(never_below, -never_above)
    return Limits(
        least,
        most,
        never_below,
        max(never_above, most) if np.isfinite(most) else never_above,
        smallest,
        not distribution.uncertain,
    )


def stated(distribution: Distribution) -> tuple[float, float]:
    """Least and largest value as stated by `min` and `max`, or by the values there are; infinite where nothing is."""
    if isinstance(distribution, TimeVarying):
        distribution = parts_of(distribution)[0]
    if isinstance(distribution, Discrete):
        return float(np.min(distribution.values)), float(np.max(distribution.values))
    least, most = distribution.bounds
    return (-np.inf if least is None else float(np.min(least))), (np.inf if most is None else float(np.max(most)))


def reach(distribution: Distribution) -> tuple[float, float]:
    """Between which values all but two in a thousand lie; of what ends, its ends."""
    lows, highs = zip(*map(_reach, parts_of(distribution)), strict=True)
    return min(lows), max(highs)


def _reach(distribution: Distribution) -> tuple[float, float]:
    if isinstance(distribution, Uniform):
        return float(np.min(distribution.low)), float(np.max(distribution.high))
    if isinstance(distribution, Discrete) or (
        isinstance(distribution, FromScipy) and tuple(distribution.numbers) == MODE
    ):
        return stated(distribution)
    with np.errstate(all="ignore"):
        ends = distribution.quantile(ALMOST_ALL) if distribution.uncertain else distribution.quantile(np.full(1, 0.5))
    return float(np.min(ends)), float(np.max(ends))


def parts_of(distribution: Distribution) -> list[Distribution]:
    """The distributions that hold one after the other; of one that does not change, itself."""
    return [held for _, held in distribution.parts()] if isinstance(distribution, TimeVarying) else [distribution]


def _own(new: Distribution, key: str) -> str:
    return f"; state another {key} beside the new numbers, or move them" if new.uncertain else ""


def _number(x: Any) -> str:
    return f"{x:,.0f}" if 1e4 <= abs(x) < 1e15 else f"{x:,.6g}"
