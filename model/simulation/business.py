"""What the engine is told of a business: the function to run, and how its outcomes are named and counted.

The engine, the studies and the figures know a business by this alone. A bare function is a business without a name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.simulation.sampling.draws import Draws

if TYPE_CHECKING:
    import datetime as dt

    from model.assumptions.assumption import Assumptions
    from model.simulation.observation import Observation
    from model.simulation.reference_class import ReferenceClass
    from model.simulation.report_entry import Draft, Said

Function = Callable[[Draws], Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class History:
    """What was known on a day of the past: from it anyone can make a forecast, without the model.

    months    : outcome -> month, counted from January of year 0 -> what it was, as the ends of an interval where a floor is known
    quarters  : outcome -> quarter, counted from the first of year 0 -> value
    places    : (case,) where in its interval a month turned out to lie that was announced as a floor, from 0 to 1
    firms     : firm -> month -> what the target's outcome counts, of others
    like      : (firm, (12,)) the months after one in which another firm was in a like state, over the mean of the three before
    estimates : outcome -> published estimates of the year, the latest of each house
    """

    months: Mapping[str, Mapping[int, tuple[float, float]]] = field(default_factory=dict)
    quarters: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    places: np.ndarray = field(default_factory=lambda: np.zeros(1))
    firms: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    like: Sequence[tuple[str, np.ndarray]] = ()
    estimates: Mapping[str, Sequence[float]] = field(default_factory=dict)


def quarter_number(quarter: str) -> int:
    """Quarters since the first of year 0: `2026Q1` as 8,104."""
    return 4 * int(quarter[:4]) + int(quarter[5]) - 1


@dataclass(frozen=True)
class Accounts:
    """How the reported outcomes of a business hang together.

    sums    : outcome -> the outcomes that it is the sum of
    stocks  : outcomes counted on a day, such as users: no sum of a year's quarters
    signed  : outcomes that can be negative; None: any can
    counted : units of outcomes that count something: no draw of them is negative
    """

    sums: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stocks: Sequence[str] = ()
    signed: Sequence[str] | None = None
    counted: Sequence[str] = ()

    @property
    def whole(self) -> tuple[str, ...]:
        """Units of what is counted one by one, and not in millions (`mn users`)."""
        return tuple(unit for unit in self.counted if " " not in unit)

    def can_be_negative(self, outcome: str) -> bool:
        """Whether a figure of an outcome, or of a sum of outcomes, can lie below 0."""
        return self.signed is None or any(part.strip() in self.signed for part in outcome.split("+"))


@dataclass(frozen=True)
class Volumes:
    """Which assumptions are prices, and what carries their change over to what is ordered: an update owes it.

    since   : updates of this day and before are not asked
    prices  : pattern of a path, `*` for a name -> paths of which the update changes one, the first name in place of `*`
    elastic : pattern -> elasticities of which one that is there carries the change by itself
    """

    since: dt.date
    prices: Mapping[str, Sequence[str]]
    elastic: Mapping[str, Sequence[str]] = field(default_factory=dict)


ANY = Accounts()  # of a business that does not say


def _pure_number(outcome: str) -> str:  # noqa: ARG001
    return "1"


def _in_words(outcome: str) -> str:
    return outcome.replace(".", " ").replace("_", " ")


@dataclass(frozen=True)
class Business:
    """A function of draws, and what is known of its outcomes.

    function : `Draws` -> outcomes by name, each (draw,) or (period, draw); no state, no loop over draws
    name     : under which its measures are kept from one run to the next; "" keeps none
    unit     : outcome -> unit; label : outcome -> its name in a sentence
    units    : units that an assumption may have -> whether a number of it can be negative; none: any unit
    spreads  : tables of assumptions that are standard deviations, and cannot lie below 0
    salts    : path -> salt of its points (`sampling.net_search`)
    parts    : names of outcomes -> a cheaper function that makes at least these
    observed : (folder of the base case, year) -> what was reported of that year; None: nothing is
    checks   : the same, and figures that follow from others
    enter    : (folder of the base case, a report as it is said, outcomes of the model) -> its row, to be written; None: no file takes one
    take_back : (folder, outcome, period; "" for the last) -> the change that takes a report back
    history  : (folder of the base case, year, day) -> what was known on that day; None: nothing is
    accounts : how reported figures hang together: sums of others, stocks, what can be negative
    truth    : folder of the base case -> outcome -> the series that its forecasts are scored for, the first that has a period
    reported : outcomes, and sums of them, of which figures are reported: what is frozen and scored
    prices   : one of these over another, `x.revenue / x.sold`: how wide its forecast was is told beside theirs
    families : first part of an outcome's name -> what is missed together and counts as one case; one that is not there is none
    classes  : (folder of the base case, a case) -> reference classes of its target; None: there are none
    limits   : outcome that is 1 in the months in which one limit binds and 0 in which the other does -> the two in words
    volumes  : what an update that changes a price owes; None: nothing
    report   : "module:NAME" of its report spec, imported when something is said; "" for the plain one
    """

    function: Function
    name: str = ""
    unit: Callable[[str], str] = _pure_number
    label: Callable[[str], str] = _in_words
    units: Mapping[str, bool] = field(default_factory=dict)
    spreads: Sequence[str] = ()
    salts: Mapping[str, int] = field(default_factory=dict)
    parts: Callable[[Collection[str]], Function] | None = None
    observed: Callable[[Path, int], list[Observation]] | None = None
    checks: Callable[[Path, int], list[Observation]] | None = None
    enter: Callable[[Path, Said, Sequence[str]], Draft] | None = None
    take_back: Callable[[Path, str, str], Draft] | None = None
    history: Callable[[Path, int, dt.date], History] | None = None
    accounts: Accounts = ANY
    truth: Callable[[Path], Mapping[str, Sequence[str]]] | None = None
    reported: Sequence[str] = ()
    prices: Sequence[str] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    classes: Callable[[Path, Assumptions], list[ReferenceClass]] | None = None
    limits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    volumes: Volumes | None = None
    report: str = ""

    def only(self, outcomes: Collection[str]) -> Function:
        """A function that makes at least these outcomes, and no more than it must."""
        return self.function if self.parts is None else self.parts(outcomes)


def business_of(what: Business | Function) -> Business:
    """A bare function as a business."""
    return what if isinstance(what, Business) else Business(what)
