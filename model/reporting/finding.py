"""The finding of a forecast in a line: the chance of the target while that is in doubt, else what the outcome is and that the target is out of reach."""

from __future__ import annotations

import numpy as np

from model.reporting.report_spec import quantity_of, spec_of
from model.simulation.result import Result
from model.studies.in_reach import in_doubt

LEVELS = (0.1, 0.5, 0.9)


def out_of_reach(result: Result) -> str:
    """Of a target that is in no doubt: the middle and the range of its outcome, and whether the target is out of reach or reached; else ""."""
    if in_doubt(result):
        return ""
    target, spec = result.assumptions.target, spec_of(result.business)
    levels = np.asarray(result.quantile(target.outcome, LEVELS, target.period).value) / spec.divisor
    low, middle, high = (f"{float(x):,.0f}" if abs(x) >= 100 else f"{float(x):,.3g}" for x in levels)
    unit = (spec.unit or target.unit).partition(" ")[0] if spec.unit else target.unit
    return (
        f"{quantity_of(result)} in {target.period}: {middle} {unit} in the middle ({low} to {high}), {verdict(result)}"
    )


def verdict(result: Result) -> str:
    """`550 is out of reach`, or `550 is reached`, of a target that is in no doubt."""
    end = "reached" if float(result.chance().value) > 0.5 else "out of reach"
    return f"{result.assumptions.target.value / spec_of(result.business).divisor:,.10g} is {end}"
