"""The sections of any memo: what moves the chance, scenarios, limits, and the appendix of assumptions with their sources."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.assumptions.assumption import Assumption
from model.reporting.figures.drawing import figures_of
from model.reporting.memo.blocks import Block, Bullets, Dial, Grid, Heading, Image, Paragraph
from model.reporting.memo.material import Material
from model.reporting.report_spec import spec_of
from model.simulation import formatting
from model.simulation.formatting import short
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.simulation.outside_view import WEIGHTS, outside_view
from model.simulation.result import Result
from model.studies.required_values import value

LEVELS = (0.1, 0.5, 0.9)
BARS_SHOWN = 10
STUDY_CAPTIONS = {
    "tornado": "the assumptions that move the chance of the target most",
    "required": "what would have to be true, one assumption at a time",
}


def plain(m: Material) -> list[Block]:
    """The section of a business without sections of its own: the target's outcome."""
    return [Heading("The target"), Dial(), *images(m, *figures_of(m.result.business))]


def outside(m: Material) -> list[Block]:
    """The chance of the target with each reference class at each weight; nothing where the business has no classes."""
    view = outside_view(m.result)
    if m.result.reports or not view.classes:
        return []
    weights = [f"at weight {weight:g}" for weight in WEIGHTS]
    rows = [
        (one.title, *(formatting.odds(float(view.chance(one, w).value)) for w in WEIGHTS), view.beyond(one))
        for one in view.classes
    ]
    place = f" Here: {m.result.view}." if m.result.view else ""
    return [
        Heading("The outside view"),
        Paragraph(
            f"What happened to others in the same position, held against the model (weight 0) and pooled with it.{place}"
        ),
        Bullets([f"{one.title[0].upper()}{one.title[1:]}: {one.rule} ({one.source})." for one in view.classes]),
        Grid(
            "Chance of the target with a reference class pooled in, and how much of the class lies outside the model's P1 to P99",
            ("reference class", *weights, "outside P1 to P99"),
            rows,
            frozenset(range(1, len(weights) + 1)),
            (0.32, *((0.44 / len(weights),) * len(weights)), 0.24),
        ),
    ]


def what_moves_it(m: Material) -> list[Block]:
    """Tornado, and what would have to be true."""
    return [Heading("What moves it, and what would have to be true"), *images(m, "tornado"), *_required(m)]


def _required(m: Material) -> list[Block]:
    """What would have to be true; where no assumption does it alone, that and how near the nearest comes."""
    found = m.solution
    if found is None or not found.items:
        return []
    now, asked = float(m.result.chance().value), formatting.odds(found.asked)
    tried = f"the {len(found)} assumptions that move the chance most" if len(found) > 1 else found[0].label
    text = f"The chance is {formatting.odds(now)}{f', above the {asked} asked for' if now > found.asked else ''}. "
    if found.cannot and not found.can:
        near = min(found.cannot, key=lambda a: abs(float(a.chance.value) - found.asked))
        text += (
            f"Of {tried}, none can bring it to {asked} alone within P0.5 to P99.5; nearest is {near.label}, with "
            f"{formatting.share_met(near.chance)}."
        )
    elif found.cannot:
        text += f"Of {tried}, {len(found.cannot)} cannot bring it to {asked} alone within P0.5 to P99.5."
    elif len(found) > 1:
        text += f"Each of {tried} can bring it to {asked} alone."
    return [Paragraph(text), *images(m, "required")]


def scenarios(m: Material) -> list[Block]:
    """All scenarios on the same draws."""
    if len(m.comparison.results) < 2:
        return []
    columns, rows = m.comparison.cells()
    flipped = [(columns[n], *(row[n] for row in rows)) for n in range(1, len(columns))]
    # The row of each measure that a page has room for: of quantiles of one outcome, the middle one.
    kept = [n for n, row in enumerate(m.comparison.rows) if row.quantile == 0.5][:7]
    if len(kept) > 6:
        kept = [n for n in kept if "gross margin P50" not in rows[n][0] or "EV" in rows[n][0]][:6]
    return [
        Heading("Scenarios side by side"),
        *images(m, "scenarios"),
        Grid(
            "On the same draws: medians, and the chance of the target",
            ("scenario", *(rows[n][0] for n in kept)),
            [
                (r.assumptions.label, *(row[1 + n] for n in kept))
                for r, row in zip(m.comparison.results, flipped, strict=True)
            ],
            frozenset(range(1, len(kept) + 1)),
            (0.22, *((0.78 / len(kept),) * len(kept))),
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
        Paragraph(
            f"Scenario {origin['scenario']}, assumptions {origin['assumptions']} as of {origin['as_of']}, {origin['draws']:,} draws, "
            f"seed {origin['seed']}, model {origin['model']}. The same inputs give the same memo. {formatting.LIKELIHOOD_SCALE}",
            note=True,
        ),
    ]


def appendix(m: Material) -> list[Block]:
    """The numbers behind the figures, the stories of the scenarios, and every assumption with its source."""
    return [Heading("Appendix"), *_bars(m), *_answers(m), *_stories(m), *_assumptions(m)]


def shown(what: Metric, value: Any) -> str:
    """A value of a measure: a chance in per cent, an outcome in its unit."""
    return (
        pct(float(value))
        if what.unit == "share"
        else f"{formatting.signed_in(what.unit, [Measure(value, 0.0)])[0](value)} {what.unit}"
    )


def moved_by(what: Metric) -> str:
    """What a tornado is of, in words: `the chance`, or the measure."""
    return "the chance" if what.statistic == "chance" else f"the {str(what).replace('p50', 'P50')}"


def _swing(what: Metric, swing: Measure) -> str:
    if what.unit == "share":
        return f"{100 * float(swing.value):+.1f} ± {max(100 * float(swing.error), 0.1):.1f} pp"
    return f"{formatting.signed_in(what.unit, [swing])[0](swing.value, '+')} ± {formatting.measured_error(float(swing.error), what.unit)}"


def _bars(m: Material) -> list[Block]:
    what = m.tornado.what
    rows = [
        (
            bar.label,
            f"{_inputs(bar.low_input)} to {_inputs(bar.high_input)} {bar.unit}",
            f"{shown(what, bar.low.value)} to {shown(what, bar.high.value)}",
            _swing(what, bar.swing),
        )
        for bar in m.tornado.moving[:BARS_SHOWN]
    ]
    if not rows:
        return []
    return [
        Grid(
            f"Each assumption held at its P10 and at its P90{f' {m.tornado.kind}' if m.tornado.kind else ''}, all others varying",
            ("assumption", "held at", "chance of the target" if what.statistic == "chance" else str(what), "swing"),
            rows,
            frozenset({2, 3}),
            (0.37, 0.25, 0.18, 0.2),
        )
    ]


def _answers(m: Material) -> list[Block]:
    found = m.solution
    if found is None or not found.can:
        return []
    rows = [(a.label, f"{value(a.today)} {a.unit}", value(a.needed), f"{a.distance:+.1f}") for a in found.can]
    goal = f"a {formatting.odds(found.asked)} chance of {m.result.assumptions.target.value:,.10g}"
    return [
        Grid(
            f"For {goal}, one assumption moved, all others as they are (`model solve` tries every assumption)",
            ("assumption", "P50 today", "P50 needed", "distance, own sd"),
            rows,
            frozenset({2, 3}),
            (0.46, 0.23, 0.17, 0.14),
        )
    ]


def _stories(m: Material) -> list[Block]:
    stories = [
        f"{r.assumptions.label} ({r.assumptions.scenario}): {r.assumptions.story}"
        for r in m.comparison.results[1:]
        if r.assumptions.story
    ]
    return [Paragraph("The scenarios:"), Bullets(stories)] if stories else []


def _assumptions(m: Material) -> list[Block]:
    """All numbers with their sources, changed ones first."""
    a = m.result.assumptions
    changed = {e.path for e in a.edits}
    order = sorted(a.entries.values(), key=lambda x: (x.path not in changed, not x.distribution.uncertain, x.path))
    later = ", of what became known since those of data/facts_2026-08.md" if a.updates else ""
    return [
        Heading("Assumptions and their sources"),
        Paragraph(
            f"{len(order)} numbers: {'changed ones first, then ' if changed else ''}the uncertain, then what is taken as known. "
            f"Sources name files of the project's folder; facts are the sections of data/facts_2026-01.md{later}."
        ),
        Grid(
            "Assumptions",
            ("assumption", "number", "evidence and source"),
            [(f"{x.label} ({x.path})", x.said, _sourced(x)) for x in order],
            widths=(0.34, 0.28, 0.38),
        ),
    ]


def captions(result: Result) -> dict[str, str]:
    """What each figure of a memo shows, by name."""
    return {**{name: drawn.shows for name, drawn in figures_of(result.business).items()}, **STUDY_CAPTIONS}


def images(m: Material, *names: str) -> list[Block]:
    """Figures that were drawn, of those named."""
    shows = captions(m.result)
    return [
        Image(name, shows[name][0].upper() + shows[name][1:], m.pictures[name]) for name in names if name in m.pictures
    ]


def spread_in_words(result: Result) -> str:
    """The target's outcome: its middle, and the range of eight draws in ten."""
    target, spec = result.assumptions.target, spec_of(result.business)
    multiple = spec.unit.partition(" ")[0] if spec.divisor != 1 else target.unit
    digits = ",.0f" if spec.divisor != 1 else ",.4g"
    low, mid, high = (f"{level / spec.divisor:{digits}} {multiple}" for level in levels(result, target.outcome))
    return f"{mid} in the middle, {low} to {high} in eight of ten draws."


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
