"""What stands in the memo: findings first, then the sections, then the appendix."""

from __future__ import annotations

from model.reporting.memo import reports, sections
from model.reporting.memo.blocks import Block, Bullets, Grid, Heading, PageBreak, Paragraph
from model.reporting.memo.material import Material
from model.reporting.record import page as record
from model.reporting.report_spec import quantity_of, spec_of
from model.simulation import formatting
from model.simulation.result import Result


def title(result: Result) -> str:
    """The finding, in words and digits."""
    a, chance = result.assumptions, result.chance()
    case = "" if a.label == "Base case" else f", in the scenario {a.label}"
    article, _, rest = formatting.likelihood(float(chance.value)).partition(" ")
    event = spec_of(result.business).event(a.target)
    return f"{article.capitalize()} {rest} chance ({formatting.odds(float(chance.value))}) that {event}{case}"


def memo(m: Material) -> list[Block]:
    """All blocks, in order."""
    own = spec_of(m.result.business).sections(m) or sections.plain(m)
    return [
        Heading(title(m.result), 1),
        *_summary(m),
        *(reports.reported(m.taught, m.pictures) if m.taught else []),
        *own,
        *sections.outside(m),
        *sections.what_moves_it(m),
        *(reports.to_watch(m.taught, m.pictures) if m.taught else []),
        *sections.scenarios(m),
        *(record.section(m.record, m.pictures) if m.record else []),
        *sections.limits(m),
        PageBreak(),
        *sections.appendix(m),
    ]


def _summary(m: Material) -> list[Block]:
    r, a, target = m.result, m.result.assumptions, m.result.assumptions.target
    chance, spec = r.chance(), spec_of(r.business)
    points = [
        (
            f"Chance of at least {target.value:,.10g}: {_with_error(r)}, {formatting.likelihood(float(chance.value))} chance. "
            f"A miss: {formatting.share_met(formatting.complement(chance))}."
        ),
        f"{quantity_of(r)}: {sections.spread_in_words(r)}",
        *spec.findings(r),
    ]
    if m.tornado.items and m.tornado[0].size > 0:
        top = m.tornado[0]
        low, high = (sections.shown(m.tornado.what, end.value) for end in (top.low, top.high))
        when = f" {m.tornado.kind}" if m.tornado.kind else ""
        points.append(
            f"The single assumption that moves {sections.moved_by(m.tornado.what)} most{when} is {top.label}: {low} at its P10, "
            f"{high} at its P90."
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


def _with_error(result: Result) -> str:
    said = formatting.chance(result.chance())
    return said if "confidence" in said else f"{said} simulation error"
