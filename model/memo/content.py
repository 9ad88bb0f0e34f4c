"""What stands in the memo: findings first, then the sections."""

from __future__ import annotations

from model import explain, words
from model.memo import sections
from model.memo.blocks import Block, Bullets, Grid, Heading, Paragraph
from model.memo.sections import Material, levels, pct
from model.result import Result


def title(result: Result) -> str:
    """The finding, in words and digits."""
    a, target, chance = result.assumptions, result.assumptions.target, result.chance()
    case = "" if a.label == "Base case" else f", in the scenario {a.label}"
    return (
        f"Xiaomi has {words.likelihood(float(chance.value))} chance ({words.odds(float(chance.value))}) "
        f"of delivering {target.value:,.0f} cars in {target.period}{case}"
    )


def memo(m: Material) -> list[Block]:
    """All blocks, in order."""
    return [
        Heading(title(m.result), 1),
        *_summary(m),
        *sections.deliveries(m),
        *sections.money(m),
        *sections.what_moves_it(m),
        *sections.scenarios(m),
        *sections.assumptions(m),
        *sections.limits(m),
    ]


def _summary(m: Material) -> list[Block]:
    r, a, target = m.result, m.result.assumptions, m.result.assumptions.target
    chance, low, mid, high = r.chance(), *levels(r, target.outcome)
    profit = r.chance("ev.operating_result", 0.0)
    binding = float(r.outcomes["ev.capacity_bound"].mean())
    margin, share = levels(r, "ev.gross_margin"), levels(r, "ev.mix")
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
            f"EV segment: gross margin {pct(margin[1])} ({pct(margin[0])} to {pct(margin[2])}); it makes an operating profit with "
            f"{words.likelihood(float(profit.value))} chance ({words.chance(profit)})."
        ),
        f"Mix: EV brings {pct(share[1])} of revenue ({pct(share[0])} to {pct(share[2])}).",
    ]
    if 0 < float(chance.value) < 1:
        missed, reached = explain.binding(r)
        points.append(
            f"Misses: the plants bind in {missed:.1f} of twelve months where the target is missed, in {reached:.1f} where it is reached, so that "
            f"a miss is mostly a matter of {explain.matter(missed, reached)}."
        )
    if m.swings and m.swings[0].size > 0:
        top = m.swings[0]
        points.append(
            f"Of single assumptions held still, that which moves the chance most: {top.label}. At its P10 the chance is {pct(float(top.low.value))}, "
            f"at its P90 {pct(float(top.high.value))}."
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
