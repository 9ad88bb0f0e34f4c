"""What reporting says and draws of Xiaomi."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.assumptions.schema import Target
from model.errors import Problem
from model.reporting.figures.drawing import OF_A_RUN
from model.reporting.report_spec import CHANCE_MOVE, Drawn, Marker, Move, ReportSpec
from model.simulation import formatting
from model.simulation.result import Result
from model.studies.comparison import Row
from model.xiaomi.data import history, observations
from model.xiaomi.report.currency import converted
from model.xiaomi.report.headline import NAMES, ahead, details, key, pace, pace_to
from model.xiaomi.segments import SEGMENTS

if TYPE_CHECKING:
    from model.reporting.memo.material import Material


def event(target: Target) -> str:
    """The target met, in words."""
    return f"Xiaomi delivers {target.value:,.0f} cars in {target.period}"


def markers(result: Result) -> list[Marker]:
    """Published estimates of the year's deliveries, by size."""
    about = result.assumptions.about
    published = history.estimates(result.assumptions.root, about.year, about.as_of)
    return [Marker(f"{estimate.who}, {estimate.month}", estimate.value) for estimate in published]


def data_problems(root: Path) -> list[Problem]:
    """What is wrong with the history and with the reported figures of the year."""
    return [*history.problems(root), *observations.problems(root)]


def memo_values(material: Material) -> Mapping[str, Any]:
    """What the memo's template needs of segments, months and later years."""
    from model.xiaomi.report import memo_sections  # of the memo, which most runs do not write

    return memo_sections.values(material)


def context(result: Result, hit: np.ndarray) -> list[str]:
    """What binds in a miss and in a hit, and what is left waiting; hit : (draw,)."""
    from model.xiaomi.report import memo_sections as sections  # of the memo, which most runs do not write

    missed, reached = sections.binding(result, hit)
    waiting = result.outcomes["ev.waiting"][11]
    book = [formatting.thousands(sections.average(result, waiting, chosen)) for chosen in (~hit, hit)]
    matter = sections.matter(missed, reached)
    mostly = abs(missed - reached) >= 1.0  # month
    return [
        f"In a miss the plants are the limit in {missed:.1f} of 12 months, the order book in {12 - missed:.1f}; in a hit {reached:.1f} and {12 - reached:.1f}.",
        f"Waiting at the year end: {book[0]} cars in a miss, {book[1]} in a hit.",
        f"A miss is mostly a matter of {matter}: they bind more often in a miss."
        if mostly
        else "What binds hardly differs between a miss and a hit.",
    ]


def summary() -> list[tuple[str, str]]:
    """Outcomes of the workbook's first sheet."""
    quantities = (("revenue", "revenue"), ("gross_margin", "gross margin"), ("mix", "share of revenue"))
    by_segment = [
        (f"{name}.{quantity}", f"{NAMES[name]}: {label}")
        for name in (*SEGMENTS, "group")
        for quantity, label in quantities
        if (name, quantity) != ("group", "mix")
    ]
    return [
        ("ev.deliveries", "deliveries"),
        *by_segment,
        ("ev.operating_result", "EV, AI and new: segment result"),
        ("core.operating_result", "Smartphone x AIoT: segment result"),
        ("group.research", "Research and development"),
        ("group.adjusted_net_profit", "Adjusted net profit"),
        ("group.eps", "Adjusted earnings a share"),
    ]


SPEC = ReportSpec(
    event=event,
    quantity="Deliveries",
    divisor=1000,
    unit="thousand vehicles",
    bin=10_000,
    figures={
        "deliveries": Drawn(OF_A_RUN["distribution"].module, "deliveries of the year, distribution and target"),
        "chance": Drawn(OF_A_RUN["chance"].module, "chance of at least so many deliveries"),
        "monthly": Drawn("model.xiaomi.report.figures.monthly", "monthly deliveries, history and forecast"),
        "cumulative": Drawn(
            "model.xiaomi.report.figures.cumulative", "deliveries since January against the target's path"
        ),
        "profit": Drawn("model.xiaomi.report.figures.profit", "adjusted net profit by quarter, history and forecast"),
        "quarters": Drawn(
            "model.xiaomi.report.figures.quarters", "the model page: every line by quarter, history and forecast"
        ),
        "estimates": Drawn(
            "model.xiaomi.report.figures.estimates", "published estimates by day, and the forecast beside them"
        ),
        "margins": Drawn("model.xiaomi.report.figures.margins", "gross margins by segment"),
        "mix": Drawn("model.xiaomi.report.figures.mix", "revenue mix"),
        "bottlenecks": Drawn("model.xiaomi.report.figures.bottlenecks", "what limits deliveries, month by month"),
        "scenarios": OF_A_RUN["scenarios"],
        "years": Drawn("model.xiaomi.report.figures.years", "deliveries by year to the end of the run", "ev.cash"),
        "mix_by_year": Drawn("model.xiaomi.report.figures.mix_by_year", "revenue mix by year", "ev.cash"),
        "cash": Drawn("model.xiaomi.report.figures.cash", "cash put into cars and earned back", "ev.cash"),
        "europe": Drawn(
            "model.xiaomi.report.figures.europe",
            "deliveries in Europe, by year and country group",
            "ev.abroad.germany",
        ),
        "worth": Drawn("model.xiaomi.report.figures.worth", "value of the parts, beside the market's", "value.share"),
    },
    in_memo=(
        "deliveries",
        "monthly",
        "bottlenecks",
        "profit",
        "estimates",
        "margins",
        "mix",
        "scenarios",
        "years",
        "mix_by_year",
        "cash",
        "europe",
        "worth",
    ),
    outcomes=(
        "ev.deliveries",
        "ev.revenue",
        "ev.gross_margin",
        "ev.operating_result",
        "group.revenue",
        "group.gross_margin",
        "group.adjusted_net_profit",
        "group.eps",
    ),
    moves=(
        CHANCE_MOVE,
        Move("deliveries P50", "ev.deliveries", "p50", 1, 0, "", "vehicles"),
        Move("EV gross margin P50", "ev.gross_margin", "p50", 100, 1, "%", "pp"),
        Move("EV result P50", "ev.operating_result", "p50", 1, 1, " bn", "RMB bn"),
        Move("group revenue P50", "group.revenue", "p50", 1, 1, " bn", "RMB bn"),
        Move("adjusted net profit P50", "group.adjusted_net_profit", "p50", 1, 1, " bn", "RMB bn"),
    ),
    rows=(
        Row("P(target)"),
        Row("deliveries P10", "ev.deliveries", 0.1),
        Row("deliveries P50", "ev.deliveries", 0.5),
        Row("deliveries P90", "ev.deliveries", 0.9),
        Row("EV revenue P50, RMB bn", "ev.revenue"),
        Row("EV gross margin P50", "ev.gross_margin"),
        Row("EV result P50, RMB bn", "ev.operating_result"),
        Row("smartphone margin P50", "smartphones.gross_margin"),
        Row("group revenue P50, RMB bn", "group.revenue"),
        Row("group gross margin P50", "group.gross_margin"),
        Row("adjusted net profit P50, RMB bn", "group.adjusted_net_profit"),
        Row("EV share of revenue P50", "ev.mix"),
    ),
    pace=pace,
    ahead=ahead,
    pace_to=pace_to,
    key=key,
    in_currency=converted,
    details=details,
    markers=markers,
    context=context,
    memo="model.xiaomi.report:memo.md",
    memo_values=memo_values,
    data_problems=data_problems,
    summary=summary(),
    example="ev.lines.yu7.orders",
    studies={"value": "model.xiaomi.report.implied_value"},
    study_figures={"value": "model.xiaomi.report.figures.implied"},
)
