"""How many draws are enough: doubled until the error of what is asked is within a tolerance.

The error is half of a 95% interval, 1.96 standard errors over the eight replicates. What stops at the first size that looks good
stops too early now and then; `FLOOR` and the doubling make up for that (`tests/simulation/test_tolerance.py`: over 500 seeds what is stated
holds in 93% of them at least, at no more than 1.5 times the draws that would have done).

>>> Tolerance.named("0.1pp")
Tolerance(size=0.001, kind='pp')
>>> Tolerance.named("0.05%").error(Measure(2000.0, 0.5), "unit")
0.00049
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from model.errors import InputError, Problem
from model.simulation.measures import Bound, Measure

NORMAL = 1.96  # standard errors in half of a 95% interval
FLOOR = 8192  # draws: with fewer the error over the replicates is itself too uncertain
MOST = 1 << 20  # draws
FORM = re.compile(r"(\d[\d_]*\.?\d*(?:e[+-]?\d+)?|\.\d+)\s*(pp|%)?")
HOW = "0.1pp of a chance or share, 0.05% of the value, or, of anything else, a number in its unit"
Found = TypeVar("Found")
Asked = tuple[Found, Sequence[tuple[Measure, str]]]  # what was found; its measures, each with its unit


@dataclass(frozen=True)
class Tolerance:
    """The largest error that is wanted: `pp` of a share, `%` of the value (size as a share of it), or in the measure's unit."""

    size: float
    kind: str = ""

    @classmethod
    def named(cls, text: str) -> Tolerance:
        """From what a user writes: 0.1pp, 0.05%, 500; InputError where it is none."""
        found = FORM.fullmatch(text.strip())
        size = float(found[1].replace("_", "")) if found else 0.0
        if not found or not size > 0:
            raise InputError(Problem(f"'{text}' is no tolerance", HOW, path="--tolerance"))
        return cls(size / 100 if found[2] else size, found[2] or "")

    def error(self, found: Measure, unit: str) -> float:
        """The error of a measure as the tolerance counts it.

        Raises InputError for percentage points of what is no share, and for a bare number of what is one: 0.1 could be meant as 0.1pp.
        """
        if self.kind == "pp" and unit != "share":
            raise InputError(Problem(f"percentage points of what is in {unit}", HOW, path="--tolerance"))
        if not self.kind and unit == "share":
            number = self.said(self.size)
            hint = f"Write {number}pp (points) or {number}% (of the value)"
            raise InputError(Problem(f"{number} of a chance or share could be either", hint, path="--tolerance"))
        half = float(found.error) if isinstance(found, Bound) else NORMAL * float(found.error)
        if self.kind != "%":
            return half
        return half / abs(float(found.value)) if found.value else float("inf") if half else 0.0

    def said(self, error: float) -> str:
        """An error in its words."""
        digits = float(f"{error:.2g}")
        return f"{100 * digits:.10g}{' pp' if self.kind == 'pp' else '%'}" if self.kind else f"{digits:,.10g}"


class Within(NamedTuple, Generic[Found]):
    """What was found with as many draws as it took."""

    found: Found
    draws: int
    error: float  # the largest
    tolerance: Tolerance
    what: Any = None  # the measure that was asked; None for a question to a study
    apart: bool = False  # by preintegration, on draws of which nothing else is known

    def lines(self) -> list[str]:
        """What it took."""
        count = f"{self.draws:,} draws{' of its own, by preintegration' if self.apart else ''}"
        asked = self.tolerance.said(self.tolerance.size)
        return [f"Within {asked} with 95% confidence: {count}, largest error {self.tolerance.said(self.error)}"]


def within(tolerance: Tolerance, ask: Callable[[int], Asked[Found]], *, most: int = MOST) -> Within[Found]:
    """Ask with 8,192 draws, and twice as many, until every measure that is found is within the tolerance.

    Raises InputError as soon as it is clear that `most` draws would not do, even if the error fell as 1 over their number.
    """
    draws = FLOOR
    while True:
        found, measures = ask(draws)
        error = max((tolerance.error(*each) for each in measures), default=0.0)
        if error <= tolerance.size:
            return Within(found, draws, error, tolerance)
        if draws >= most or error * draws / most > tolerance.size:
            what = f"{tolerance.said(tolerance.size)} cannot be had: {draws:,} draws have an error of {tolerance.said(error)}"
            raise InputError(Problem(what, f"A larger one: {most:,} draws are the most", path="--tolerance"))
        draws *= 2
