"""Xiaomi's own sections of the memo, and its findings."""

from __future__ import annotations

import numpy as np

from model.reporting.memo.blocks import Block, Dial, Grid, Heading
from model.reporting.memo.material import Material
from model.reporting.memo.sections import images, levels, pct
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.explain import hits
from model.xiaomi.report.headline import NAMES, months_behind, needed_a_month, reference_lines
from model.xiaomi.segments import SEGMENTS


def findings(r: Result) -> list[str]:
    """Bullet points of the summary: pace, what binds, margin, mix, misses."""
    profit = r.chance("ev.operating_result", 0.0)
    binding_months = 12 * float(np.average(r.outcomes["ev.capacity_bound"][:12].mean(axis=0), weights=r.weights))
    margin, share = levels(r, "ev.gross_margin"), levels(r, "ev.mix")
    points = [
        f"The target needs {_needed(r)}.",
        f"What binds: the plants in {binding_months:.1f} of twelve months on average, the order book in {12 - binding_months:.1f}.",
        (
            f"EV segment: gross margin {pct(margin[1])} ({pct(margin[0])} to {pct(margin[2])}); it makes an operating profit with "
            f"{formatting.likelihood(float(profit.value))} chance ({formatting.chance(profit)})."
        ),
        f"Mix: EV brings {pct(share[1])} of revenue ({pct(share[0])} to {pct(share[2])}).",
    ]
    hit = hits(r)
    if hit.any() and not hit.all():
        missed, reached = binding(r)
        points.append(
            f"Misses: the plants bind in {missed:.1f} of twelve months where the target is missed, in {reached:.1f} where it is reached, so that "
            f"a miss is mostly a matter of {matter(missed, reached)}."
        )
    return points


def _needed(r: Result) -> str:
    behind = months_behind(r)
    if not behind:
        return f"{r.assumptions.target.value / 12:,.0f} a month"
    return f"{needed_a_month(r):,.0f} in each of the {12 - behind} months after those that are reported"


def sections(m: Material) -> list[Block]:
    """Deliveries, then money."""
    from model.xiaomi.report import later_years

    return [*_deliveries(m), *_money(m), *later_years.section(m)]


def _deliveries(m: Material) -> list[Block]:
    """Distribution, months, bottlenecks, reference lines."""
    references = [(what, f"{x:,.0f}", place) for what, x, place in reference_lines(m.result)]
    return [
        Heading("Deliveries"),
        Dial(),
        *images(m, "deliveries", "monthly"),
        Grid(
            "Reference lines, and where they lie in the forecast",
            ("reference", "vehicles", "percentile"),
            references,
            frozenset({1, 2}),
            (0.6, 0.2, 0.2),
        ),
        *images(m, "bottlenecks"),
    ]


def _money(m: Material) -> list[Block]:
    """Revenue, margin and share by segment."""

    def cell(outcome: str, scale: float) -> str:
        low, mid, high = (f"{scale * x + 0.0:.1f}" for x in levels(m.result, outcome))
        return f"{mid} ({low} to {high})"

    rows = [
        (
            NAMES[name],
            cell(f"{name}.revenue", 1),
            cell(f"{name}.gross_margin", 100),
            "" if name == "group" else cell(f"{name}.mix", 100),
        )
        for name in (*SEGMENTS, "group")
    ]
    year = m.result.assumptions.about.year
    return [
        Heading("Segments, margins and mix"),
        Grid(
            f"{year}: P50 (P10 to P90); medians of parts do not add up to the median of the whole",
            ("segment", "revenue, RMB bn", "gross margin, %", "share of revenue, %"),
            rows,
            frozenset({1, 2, 3}),
            (0.25, 0.27, 0.25, 0.23),
        ),
        *images(m, "margins", "mix"),
    ]


def binding(result: Result) -> tuple[float, float]:
    """Months of twelve in which the plants are the limit: in the draws that miss, in those that hit. Both must exist."""
    hit, bound = hits(result), result.outcomes["ev.capacity_bound"][:12].mean(axis=0)
    missed, reached = (12 * average(result, bound, chosen) for chosen in (~hit, hit))
    return missed, reached


def average(result: Result, values: np.ndarray, chosen: np.ndarray) -> float:
    """Mean of values (draw,) over the draws chosen (draw,), as they are weighted."""
    weights = None if result.weights is None else result.weights[chosen]
    return float(np.average(values[chosen], weights=weights))


def matter(missed: float, reached: float) -> str:
    """What a miss is mostly a matter of: what binds more often in it than in a hit."""
    return "orders" if missed < reached else "plants"
