"""The sections of the memo: figures and tables, assumptions with sources, limits, origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model import comparison, figures, headline, words
from model.answers import value
from model.assumptions import Assumption, said
from model.memo.blocks import Block, Bullets, Dial, Grid, Heading, Image, Paragraph
from model.readback import short
from model.result import Result
from model.solve import Answer
from model.swings import Swing
from model.xiaomi import SEGMENTS

LEVELS = (0.1, 0.5, 0.9)
SWINGS_SHOWN = 10
CAPTIONS = {
    **figures.FIGURES,
    "swings": "the assumptions that move the chance of the target most",
    "needed": "what would have to be true, one assumption at a time",
}


@dataclass(frozen=True)
class Material:
    """What a memo is written from: one run, its studies, the scenarios beside it, its figures by name."""

    result: Result
    swings: Sequence[Swing]
    answers: Sequence[Answer]
    asked: float
    others: Sequence[Result]
    pictures: Mapping[str, str]  # name -> alt text
    origin: Mapping[str, Any]


def deliveries(m: Material) -> list[Block]:
    """Distribution, months, limits, reference lines."""
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


def money(m: Material) -> list[Block]:
    """Revenue, margin and share by segment."""

    def cell(outcome: str, scale: float) -> str:
        low, mid, high = (f"{scale * x + 0.0:.1f}" for x in levels(m.result, outcome))
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


def what_moves_it(m: Material) -> list[Block]:
    """Swings, and what would have to be true."""
    swings = [
        (
            s.label,
            f"{_inputs(s.low_input)} to {_inputs(s.high_input)} {s.unit}",
            f"{pct(float(s.low.value))} to {pct(float(s.high.value))}",
            f"{100 * float(s.swing.value):+.1f} ± {max(100 * float(s.swing.error), 0.1):.1f} pp",
        )
        for s in m.swings[:SWINGS_SHOWN]
        if s.size > 0
    ]
    return [
        Heading("What moves it, and what would have to be true"),
        *_images(m, "swings"),
        Grid(
            "Each assumption held at its P10 and at its P90, all others varying",
            ("assumption", "held at", "chance of the target", "swing"),
            swings,
            frozenset({2, 3}),
            (0.37, 0.25, 0.18, 0.2),
        ),
        *_needed(m),
    ]


def _needed(m: Material) -> list[Block]:
    """What would have to be true; where no assumption does it alone, that and how near the nearest comes."""
    if not m.answers:
        return []
    now, goal = (
        float(m.result.chance().value),
        f"a {words.odds(m.asked)} chance of {m.result.assumptions.target.value:,.0f}",
    )
    tried = f"the {len(m.answers)} assumptions that swing the chance most" if len(m.answers) > 1 else m.answers[0].label
    rows = [
        (a.label, f"{value(a.today)} {a.unit}", f"{value(a.needed)}", f"{a.distance:+.1f}")
        for a in m.answers
        if a.needed is not None
    ]
    cannot = [a for a in m.answers if a.needed is None]
    said = f"The chance is {words.odds(now)}{f', above the {words.odds(m.asked)} asked for' if now > m.asked else ''}. "
    if cannot:
        near = min(cannot, key=lambda a: abs(float(a.chance.value) - m.asked))
        said += (
            f"Of {tried}, {len(cannot) if rows else 'none'} {'cannot bring' if rows else 'can bring'} it to {words.odds(m.asked)} alone within P0.5 to "
            f"P99.5{'' if rows else f'; nearest is {near.label}, with {pct(float(near.chance.value))}'}."
        )
    else:
        said += f"Each of {tried} can bring it to {words.odds(m.asked)} alone." if len(m.answers) > 1 else ""
    if not rows:
        return [Paragraph(said)]
    return [
        Paragraph(said),
        *_images(m, "needed"),
        Grid(
            f"For {goal}, one assumption moved, all others as they are; the command model solve tries all of them",
            ("assumption", "P50 today", "P50 needed", "distance, own sd"),
            rows,
            frozenset({2, 3}),
            (0.46, 0.23, 0.17, 0.14),
        ),
    ]


def scenarios(m: Material) -> list[Block]:
    """All scenarios on the same draws."""
    columns, rows = comparison.table([m.result, *m.others])
    stories = [
        f"{r.assumptions.label} ({r.assumptions.scenario}): {r.assumptions.story}"
        for r in m.others
        if r.assumptions.story
    ]
    flipped = [(columns[n], *(row[n] for row in rows)) for n in range(1, len(columns))]
    kept = [0, 2, 5, 6, 8, 10]  # the row of each measure that a page has room for
    return [
        Heading("Scenarios side by side"),
        *_images(m, "scenarios"),
        Grid(
            "On the same draws: medians, and the chance of the target",
            ("scenario", *(rows[n][0] for n in kept)),
            [
                (r.assumptions.label, *(row[1 + n] for n in kept))
                for r, row in zip([m.result, *m.others], flipped, strict=True)
            ],
            frozenset(range(1, len(kept) + 1)),
            (0.22, 0.13, 0.13, 0.13, 0.13, 0.13, 0.13),
        ),
        Bullets(stories),
    ]


def assumptions(m: Material) -> list[Block]:
    """All numbers with their sources, changed ones first."""
    a = m.result.assumptions
    changed = {e.path for e in a.edits}
    order = sorted(a.entries.values(), key=lambda x: (x.path not in changed, not x.distribution.uncertain, x.path))
    return [
        Heading("Assumptions and their sources"),
        Paragraph(
            f"{len(order)} numbers: {'changed ones first, then ' if changed else ''}the uncertain, then what is taken as known. "
            "Files are named as in the project's folder; facts are the sections of data/facts_2026-01.md."
        ),
        Grid(
            "Assumptions",
            ("assumption", "number", "evidence and source"),
            [(f"{x.label} ({x.path})", f"{said(x.distribution)} {x.unit}", _sourced(x)) for x in order],
            widths=(0.34, 0.28, 0.38),
        ),
    ]


def limits(m: Material) -> list[Block]:
    """What is not modelled, and what made the numbers."""
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
    return [
        Image(name, CAPTIONS[name][0].upper() + CAPTIONS[name][1:], m.pictures[name])
        for name in names
        if name in m.pictures
    ]


def levels(result: Result, outcome: str) -> tuple[float, float, float]:
    """P10, P50, P90."""
    low, mid, high = (float(v) for v in np.asarray(result.quantile(outcome, LEVELS).value))
    return low, mid, high


def pct(share: float, places: int = 1) -> str:
    """A share as `20.5%`."""
    return f"{100 * share + 0.0:.{places}f}%"


def _inputs(values: np.ndarray) -> str:
    text = short(float(np.mean(values)))
    return f"mean {text}" if len(values) > 1 else text


def _sourced(a: Assumption) -> str:
    return f"{a.evidence}, {a.as_of:%-d %b %Y}: {a.source}"
