"""What Xiaomi's memo is filled in with, beside what any memo is: memo.md has its sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from model.reporting.memo.content import levels
from model.reporting.memo.material import Material
from model.simulation.result import Result
from model.studies.explain import hits
from model.xiaomi.report import later_years, published
from model.xiaomi.report.currency import currency, rate_lines
from model.xiaomi.report.headline import NAMES, months_behind, needed_a_month, reference_lines
from model.xiaomi.segments import SEGMENTS


def values(m: Material) -> Mapping[str, Any]:
    """Values and functions by the names that memo.md has for them."""
    result, hit = m.result, hits(m.result)

    def cell(outcome: str, scale: float) -> str:
        low, mid, high = (f"{scale * x + 0.0:.1f}" for x in levels(result, outcome))
        return f"{mid} ({low} to {high})"

    return {
        "behind": months_behind(result), "binding": binding(result, hit) if hit.any() and not hit.all() else None,
        "bound": 12 * float(np.average(result.outcomes["ev.capacity_bound"][:12].mean(axis=0), weights=result.weights)),
        "cell": cell, "currency": currency(result), "rate": rate_lines(result), "later": later_years, "levels": levels, "matter": matter, "NAMES": NAMES, "needed_a_month": needed_a_month,
        "published_estimates": published.rows, "reference_lines": reference_lines, "segments": (*SEGMENTS, "group"),
    }  # fmt: skip


def binding(result: Result, hit: np.ndarray) -> tuple[float, float]:
    """Months of twelve in which the plants are the limit: in the draws that miss, in those that hit (draw,). Both must exist."""
    bound = result.outcomes["ev.capacity_bound"][:12].mean(axis=0)
    missed, reached = (12 * average(result, bound, chosen) for chosen in (~hit, hit))
    return missed, reached


def average(result: Result, values: np.ndarray, chosen: np.ndarray) -> float:
    """Mean of values (draw,) over the draws chosen (draw,), as they are weighted."""
    weights = None if result.weights is None else result.weights[chosen]
    return float(np.average(values[chosen], weights=weights))


def matter(missed: float, reached: float) -> str:
    """What a miss is mostly a matter of: what binds more often in it than in a hit."""
    return "orders" if missed < reached else "plants"
