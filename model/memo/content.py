"""What stands in the memo: findings first, then figures and tables, assumptions with sources, limits, origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model import comparison, headline, words
from model.assumptions import Assumption, said
from model.memo.blocks import Block, Bullets, Dial, Grid, Heading, Image, Paragraph
from model.readback import short
from model.result import Result
from model.solve import Answer, value
from model.swings import Swing
from model.xiaomi import SEGMENTS

LEVELS = (0.1, 0.5, 0.9)
SWINGS_SHOWN = 10


@dataclass(frozen=True)
class Material:
    """What a memo is written from: one run, its studies, the scenarios beside it, its figures by name."""

    result: Result
    swings: Sequence[Swing]
    answers: Sequence[Answer]
    asked: float
    others: Sequence[Result]
    pictures: Mapping[str, tuple[str, str]]  # name -> (title, alt text)
    origin: Mapping[str, Any]


def title(result: Result) -> str:
    """The finding, in words and digits."""
    a, target, chance = result.assumptions, result.assumptions.target, result.chance()
    case = "" if a.label == "Base case" else f", in the scenario {a.label}"
    return (
        f"Xiaomi has {words.likelihood(float(chance.value))} chance ({words.percent(float(chance.value), float(chance.error), 0)}) "
        f"of delivering {target.value:,.0f} cars in {target.period}{case}"
    )


def memo(m: Material) -> list[Block]:
    """All blocks, in order."""
    return [
        Heading(title(m.result), 1),
        *_summary(m),
        *_deliveries(m),
        *_money(m),
        *_what_moves_it(m),
        *_scenarios(m),
        *_assumptions(m),
        *_limits(m),
    ]


def _summary(m: Material) -> list[Block]:
    r, a, target = m.result, m.result.assumptions, m.result.assumptions.target
    chance, low, mid, high = r.chance(), *_levels(r, target.outcome)
    profit = r.chance("ev.operating_result", 0.0)
    binding = float(r.outcomes["ev.capacity_bound"].mean())
    margin, share = _levels(r, "ev.gross_margin"), _levels(r, "ev.mix")
    points = [
        (
            f"Chance of at least {target.value:,.0f}: {words.chance(chance)} simulation error, {words.likelihood(float(chance.value))} chance. "
            f"A miss: {words.percent(1 - float(chance.value), float(chance.error))}."
        ),
        (
            f"Deliveries: {words.thousands(mid)} in the middle, {words.thousands(low)} to {words.thousands(high)} in eight of ten draws. "
            f"The target needs {target.value / 12:,.0f} a month."
        ),
        f"What binds: the plants in {12 * binding:.1f} of twelve months on average, the order book in {12 - 12 * binding:.1f}.",
        (
            f"EV segment: gross margin {_pct(margin[1])} ({_pct(margin[0])} to {_pct(margin[2])}); it makes an operating profit with "
            f"{words.likelihood(float(profit.value))} chance ({words.chance(profit)})."
        ),
        f"Mix: EV brings {_pct(share[1])} of revenue ({_pct(share[0])} to {_pct(share[2])}).",
    ]
    if m.swings and m.swings[0].size > 0:
        top = m.swings[0]
        points.append(
            f"What matters most: {top.label}. Held at its P10 the chance is {_pct(float(top.low.value), 0)}, at its P90 {_pct(float(top.high.value), 0)}."
        )
    blocks: list[Block] = [
        Paragraph(
            f"{a.about.title}. {a.label}, as known on {a.about.as_of:%-d %B %Y}. {a.about.question} Not signed off by anyone."
        ),
        Bullets(points),
    ]
    if a.edits:
        rows = [(e.path, e.old, f"{e.new} {e.unit}", e.why) for e in a.edits]
        blocks += [
            *([Paragraph(a.story)] if a.story else []),
            Grid(
                "What is changed against the base case",
                ("assumption", "base case", "here", "why"),
                rows,
                widths=(0.22, 0.22, 0.24, 0.32),
            ),
        ]
    return blocks


def _deliveries(m: Material) -> list[Block]:
    references = [(what, f"{x:,.0f}", place) for what, x, place in headline.reference_lines(m.result)]
    return [
        Heading("Deliveries"),
        Dial(),
        *_images(m, "deliveries", "monthly", "limits"),
        Grid(
            "Reference lines, and where they lie in the forecast",
            ("reference", "vehicles", "percentile"),
            references,
            frozenset({1, 2}),
            (0.6, 0.2, 0.2),
        ),
    ]


def _money(m: Material) -> list[Block]:
    def cell(outcome: str, scale: float) -> str:
        low, mid, high = (f"{scale * x + 0.0:.1f}" for x in _levels(m.result, outcome))
        return f"{mid} ({low} to {high})"

    rows = [
        (
            headline.NAMES[name],
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
        *_images(m, "margins", "mix"),
    ]


def _what_moves_it(m: Material) -> list[Block]:
    target = m.result.assumptions.target
    swings = [
        (
            s.label,
            f"{_inputs(s.low_input)} to {_inputs(s.high_input)} {s.unit}",
            f"{_pct(float(s.low.value))} to {_pct(float(s.high.value))}",
            f"{100 * float(s.swing.value):+.1f} ± {max(100 * float(s.swing.error), 0.1):.1f} pp",
        )
        for s in m.swings[:SWINGS_SHOWN]
        if s.size > 0
    ]
    needed = [
        (
            a.label,
            f"{value(a.today)} {a.unit}",
            "cannot reach alone" if a.needed is None else f"{value(a.needed)}",
            "" if a.needed is None else f"{a.distance:+.1f}",
        )
        for a in m.answers
    ]
    goal = f"a {words.odds(m.asked)} chance of {target.value:,.0f}"
    return [
        Heading("What moves it, and what would have to be true"),
        *_images(m, "swings"),
        Grid(
            "Each assumption held at its P10 and at its P90, all others varying",
            ("assumption", "held at", "chance of the target", "swing"),
            swings,
            frozenset({2, 3}),
            (0.4, 0.27, 0.18, 0.15),
        ),
        *_images(m, "solve"),
        Grid(
            f"For {goal}, one assumption moved, all others as they are",
            ("assumption", "P50 today", "P50 needed", "distance, own sd"),
            needed,
            frozenset({2, 3}),
            (0.46, 0.24, 0.18, 0.12),
        ),
    ]


def _scenarios(m: Material) -> list[Block]:
    columns, rows = comparison.table([m.result, *m.others])
    stories = [f"{r.assumptions.label} ({r.assumptions.scenario}): {r.assumptions.story}" for r in m.others]
    flipped = [(columns[n], *(row[n] for row in rows)) for n in range(1, len(columns))]
    kept = [0, 2, 5, 6, 8, 10]  # the row of each measure that a page has room for
    return [
        Heading("Scenarios side by side"),
        *_images(m, "scenarios"),
        Grid(
            "On the same draws: medians, and the chance of the target",
            ("scenario", *(rows[n][0] for n in kept)),
            [(row[0], *(row[1 + n] for n in kept)) for row in flipped],
            frozenset(range(1, len(kept) + 1)),
            (0.22, 0.13, 0.13, 0.13, 0.13, 0.13, 0.13),
        ),
        Bullets(stories),
    ]


def _assumptions(m: Material) -> list[Block]:
    a = m.result.assumptions
    changed = {e.path for e in a.edits}
    order = sorted(a.entries.values(), key=lambda x: (x.path not in changed, not x.distribution.uncertain, x.path))
    return [
        Heading("Assumptions and their sources"),
        Paragraph(
            f"{len(order)} numbers{', changed ones first' if changed else ''}; then the uncertain, then what is taken as known."
        ),
        Grid(
            "Assumptions",
            ("assumption", "number", "evidence and source"),
            [(f"{x.label} ({x.path})", f"{said(x.distribution)} {x.unit}", _sourced(x)) for x in order],
            widths=(0.34, 0.28, 0.38),
        ),
    ]


def _limits(m: Material) -> list[Block]:
    a, origin = m.result.assumptions, m.origin
    return [
        Heading("What the numbers leave out"),
        Bullets(
            [
                *a.about.not_modelled,
                "The simulation error is that of the computation; it says nothing of whether the assumptions are right.",
            ]
        ),
        Heading("Origin"),
        Paragraph(
            f"Scenario {origin['scenario']}, assumptions {origin['assumptions']} as of {origin['as_of']}, {origin['draws']:,} draws, seed {origin['seed']}, "
            f"model {origin['model']} ({origin['code']}). The same inputs give the same memo.",
            note=True,
        ),
        Paragraph(words.LIKELIHOOD_SCALE, note=True),
    ]


def _images(m: Material, *names: str) -> list[Block]:
    return [Image(name, *m.pictures[name]) for name in names if name in m.pictures]


def _levels(result: Result, outcome: str) -> tuple[float, float, float]:
    low, mid, high = (float(v) for v in np.asarray(result.quantile(outcome, LEVELS).value))
    return low, mid, high


def _pct(share: float, places: int = 1) -> str:
    return f"{100 * share + 0.0:.{places}f}%"


def _inputs(values: np.ndarray) -> str:
    text = short(float(np.mean(values)))
    return f"mean {text}" if len(values) > 1 else text


def _sourced(a: Assumption) -> str:
    return f"{a.evidence}, {a.as_of:%-d %b %Y}: {a.source}"
