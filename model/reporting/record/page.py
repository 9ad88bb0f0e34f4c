"""The page "How good were we?": what was forecast, what came, whose error it was, and what anyone could have said instead.

It reads the register and what was reported, and nothing else: no forecast is made for it. Its sentences are those of page.md
and section.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model.evaluation import register
from model.evaluation.baselines import RULES
from model.evaluation.interval_width import OVER
from model.evaluation.scorecard import CONFIDENCE, Skill, skill
from model.reporting.memo import template
from model.reporting.memo.blocks import Block
from model.reporting.record import phrases
from model.reporting.record.record import (
    COVERED,
    FAR,
    SIDES,
    SKILLS,
    Record,
    coverages,
    edition_skills,
    groups,
    sides,
    skills,
)

YEAR = "the forecast of the year by the day it was made on, with what anyone could have said"
EXACT = "Every figure that was reported: forecast, what came, how far the P50 was off and at which percentile of the forecast it lay"
FLOORS = "Months that were announced as floors (over 30,000): what came lies between the floor and the next number that would have been announced"


def blocks(r: Record, pictures: Mapping[str, str]) -> list[Block]:
    """The page."""
    return template.blocks("model.reporting.record:page.md", values(r), pictures, {})


def values(r: Record) -> Mapping[str, Any]:
    """Values and functions by the names that the templates have for them."""
    own = [entry for entry in r.entries if not entry.is_baseline]
    return {
        "r": r, "own": own, "foreseen": sum(entry.foreseen for entry in own), "YEAR": YEAR, "RULES": RULES, "CONFIDENCE": CONFIDENCE,
        "made_later": [f"{day:%-d %B %Y}" for day in sorted({entry.made for entry in own if not entry.foreseen})],
        "edition_rows": edition_rows, "edition_skills": edition_skills, "sides": sides, "SIDES": SIDES,
        "edition_made": sorted({entry.made for entry in r.entries if r.edition and entry.role == r.edition}),
        "against": against, "reported_rows": reported_rows, "houses": houses, "skills": skills, "coverages": coverages,
        "SKILLS": SKILLS, "COVERED": COVERED, "FAR": FAR, "percentile": phrases.percentile, "wide": phrases.wide,
        "verdict": phrases.verdict, "in_words": lambda r, outcome: OVER.join(map(r.label, outcome.split(OVER))),
    }  # fmt: skip


def against(r: Record) -> Iterator[tuple[str, str, str]]:
    """Of each baseline: cases that are scored together, its name, whether ours was better."""
    for name in RULES:
        for what, which in groups(r)[:2]:
            one = skill(r.scored.own(), r.scored.of(name), which)
            if one is not None:
                yield what, name, better(one)


def better(one: Skill) -> str:
    """Whether ours was better, by how much, and whether that is decided."""
    ratio, (low, high) = 1 - one.skill, [1 - end for end in reversed(one.interval)]
    sure = "" if one.blocks < 2 else f", 90% interval {phrases.ratio(low)} to {phrases.ratio(high)}"
    verdict = f"ours was {'better' if ratio < 1 else 'worse'}, CRPS {phrases.ratio(ratio)} times theirs"
    cases = f"{one.cases} cases in {one.blocks} block{'' if one.blocks == 1 else 's'}"
    return f"{verdict} ({cases}{sure}{'' if one.decided else '; too few to decide'})"


def reported_rows(r: Record) -> list[tuple[str, list[Sequence[str]]]]:
    """A row for each reported figure: January's forecast of it, the last before it came, what came; those that are exact, and floors."""
    cases = {(c.entry.label, c.report.outcome, c.report.period): c for c in r.scored.cases}
    rows, floors = list[Sequence[str]](), list[Sequence[str]]()
    own = r.scored.own()
    reports = {(c.report.outcome, c.report.period): c.report for c in own}
    for outcome, period in sorted(reports, key=lambda name: (reports[name].reported_on, name)):
        january = cases.get((r.first.label, outcome, period))
        last = [c for c in own if (c.report.outcome, c.report.period) == (outcome, period)][-1]
        if january is None:
            continue
        row = (
            f"{r.label(outcome)}, {period}{phrases.unit(january, r.business.accounts.whole)}", phrases.spread(january), phrases.came(january), phrases.missed(january), f"{last.entry.day:%-d %b}: {phrases.spread(last)}", phrases.missed(last),
            *(phrases.baseline_miss(cases, last, name) for name in ("run_rate", "seasonal_naive")),
        )  # fmt: skip
        (rows if january.came.exact else floors).append(row)
    return [(EXACT, rows), (FLOORS, floors)]


def edition_rows(r: Record) -> list[Sequence[str]]:
    """A row for each reported figure: what was said of it on the first day and last, what the last edition says of the same days, what came."""
    cases = {c.key: c for c in r.scored.of(r.edition)}
    said = [c for c in r.scored.own() if c.came.exact and c.key in cases]
    reported = {(c.report.outcome, c.report.period): c.report.reported_on for c in said}
    rows = list[Sequence[str]]()
    for outcome, period in sorted(reported, key=lambda name: (reported[name], name)):
        held = [c for c in said if (c.report.outcome, c.report.period) == (outcome, period)]
        first, last = held[0], held[-1]
        if first.entry.day == r.first.day:
            rows.append((
                f"{r.label(outcome)}, {period}{phrases.unit(first, r.business.accounts.whole)}", phrases.came(first),
                *(f"{phrases.spread(c)}, {phrases.percentile(c.pit[0])}" for c in (first, cases[first.key])),
                f"{last.entry.day:%-d %b}: {phrases.spread(last)}, {phrases.percentile(last.pit[0])}",
                f"{phrases.spread(cases[last.key])}, {phrases.percentile(cases[last.key].pit[0])}",
            ))  # fmt: skip
    return rows


def houses(r: Record) -> Iterator[tuple[str, str, str]]:
    """The target's outcome, of which nothing came yet: who says it, and what they said first and last."""
    for name in (*register.OWN[::-1], *RULES):
        held = [(day, each[name]) for day, each in sorted(r.year.items()) if name in each]
        if held:
            said = [
                f"{day:%-d %b}: {f.level(0.5):,.0f} ({f.level(0.1):,.0f} to {f.level(0.9):,.0f})"
                for day, f in (held[0], held[-1])
            ]
            yield name, said[0], said[1] if held[-1][0] > held[0][0] else ""
