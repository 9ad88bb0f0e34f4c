"""The page "How good were we?": what was forecast, what came, whose error it was, and what anyone could have said instead.

It reads the register and what was reported, and nothing else: no forecast is made for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.evaluation import register
from model.evaluation.baselines import RULES
from model.evaluation.interval_width import OVER
from model.evaluation.register import Entry
from model.evaluation.scorecard import CONFIDENCE, ScoredForecast, Skill, skill
from model.reporting.memo.blocks import Block, Bullets, Grid, Heading, Image, Paragraph
from model.reporting.record import phrases
from model.reporting.record.record import COVERED, FAR, SKILLS, Record, coverages, groups, skills

WRONG_SHOWN = 6
CAPTIONS = {
    "record_year": "the forecast of the year by the day it was made on, with what anyone could have said",
    "record_calibration": "where what came lay in the forecasts",
    "record_skill": "our scores against each baseline's",
}


def section(r: Record, pictures: Mapping[str, str]) -> list[Block]:
    """The memo's section: the record in short."""
    return [
        Heading("How good were we?"),
        Paragraph(_what_they_are(r)),
        Bullets([r.in_a_line, *_findings(r), *_chance(r), *([phrases.verdict(r.widths, r.label)] if r.widths else [])]),
        *_picture("record_year", pictures),
        _grid_of_skill(r),
    ]


def blocks(r: Record, pictures: Mapping[str, str]) -> list[Block]:
    """The page."""
    first, own = r.first, r.scored.own()
    return [
        Heading("How good were we?", 1),
        Paragraph(
            f"{len(r.entries)} frozen forecasts in register/, {len(r.scored.cases)} forecasts of figures that were reported after their day. "
            f"{_what_they_are(r)}"
        ),
        Bullets([r.in_a_line, *_findings(r), *_chance(r)]),
        *_picture("record_year", pictures),
        Heading("What was said, and what came"),
        *_reported(r, first, own),
        Heading("Which assumptions moved furthest"),
        *_wrong(r),
        Heading("Against what anyone could have said"),
        Paragraph("; ".join(f"{name.replace('_', ' ')}: {rule}" for name, rule in RULES.items()) + "."),
        *_picture("record_skill", pictures),
        _grid_of_skill(r),
        Heading("Was it as sure as it should have been?"),
        *_picture("record_calibration", pictures),
        _grid_of_coverage(r),
        *_grid_of_widths(r),
    ]


def _what_they_are(r: Record) -> str:
    own = [entry for entry in r.entries if not entry.is_baseline]
    foreseen, later = sum(entry.foreseen for entry in own), [entry for entry in own if not entry.foreseen]
    made = " and ".join(f"{day:%-d %B %Y}" for day in sorted({entry.made for entry in later}))
    count = f"{foreseen or 'none'} of our own {len(own)} {'was made on its own day' if foreseen < 2 else 'were made on their own days'}"
    rest = f"; {'the others' if foreseen else 'they'} were made on {made}" if later else ""
    return (
        f"{count[0].upper()}{count[1:]}{rest}. The forecast of {r.first.day:%-d %B} came out later than its day and knows nothing after it. The rest are "
        "reconstructions: their method was chosen after the fact. So were the rules of the baselines, which know what was known on the day. "
        "CRPS is the distance between a whole forecast and what came, in the outcome's unit: smaller is better, and without a spread it is the absolute error. "
        "A block is a family of outcomes in a quarter: what is missed together counts once. Each forecast is shown as it was frozen: what today's version says of a "
        "past day may differ (`model freeze --again` sets the two side by side)."
    )


def _findings(r: Record) -> list[str]:
    found = []
    for name in RULES:
        for what, which in groups(r)[:2]:
            one = skill(r.scored.own(), r.scored.of(name), which)
            if one is not None:
                found.append(f"{what[0].upper()}{what[1:]}, against {name.replace('_', ' ')}: {_better(one)}.")
    return found


def _better(one: Skill) -> str:
    """Whether ours was better, by how much, and whether that is decided."""
    ratio, (low, high) = 1 - one.skill, [1 - end for end in reversed(one.interval)]
    sure = "" if one.blocks < 2 else f", 90% interval {phrases.ratio(low)} to {phrases.ratio(high)}"
    verdict = f"ours was {'better' if ratio < 1 else 'worse'}, CRPS {phrases.ratio(ratio)} times theirs"
    cases = f"{one.cases} cases in {one.blocks} block{'' if one.blocks == 1 else 's'}"
    return f"{verdict} ({cases}{sure}{'' if one.decided else '; too few to decide'})"


def _chance(r: Record) -> list[str]:
    """What was said of the target, which is scored once its year is reported."""
    held = r.chances()
    if not held:
        return []
    (then, _, first), (now, _, last) = held[0], held[-1]
    scored = "; ".join(f"{label} {score:.2f}" for label, score in r.scored.targets.items())
    shown = f"{100 * last:.1f}%" if last > 0.0005 else "below 0.1%"
    end = f"log scores {scored}" if scored else "scored once the year is reported"
    return [f"Chance of {r.goal:,.10g}: {100 * first:.1f}% on {then:%-d %B}, {shown} on {now:%-d %B}; {end}."]


def _reported(r: Record, first: Entry, own: Sequence[ScoredForecast]) -> list[Block]:
    """A row for each reported figure: January's forecast of it, the last before it came, what came; and the months."""
    cases = {(c.entry.label, c.report.outcome, c.report.period): c for c in r.scored.cases}
    rows, floors = list[Sequence[str]](), list[Sequence[str]]()
    reports = {(c.report.outcome, c.report.period): c.report for c in own}
    for outcome, period in sorted(reports, key=lambda name: (reports[name].reported_on, name)):
        january = cases.get((first.label, outcome, period))
        last = [c for c in own if (c.report.outcome, c.report.period) == (outcome, period)][-1]
        if january is None:
            continue
        row = (
            f"{r.label(outcome)}, {period}{phrases.unit(january, r.business.accounts.whole)}", phrases.spread(january), phrases.came(january), phrases.missed(january), f"{last.entry.day:%-d %b}: {phrases.spread(last)}", phrases.missed(last),
            *(phrases.baseline_miss(cases, last, name) for name in ("run_rate", "seasonal_naive")),
        )  # fmt: skip
        (rows if january.came.exact else floors).append(row)
    columns = (
        "figure", f"{first.day:%-d %B}: P50 (P10 to P90)", "came", "miss", "the last before it came", "miss", "run rate of that day", "seasonal naive",
    )  # fmt: skip
    wide = (0.18, 0.18, 0.1, 0.1, 0.19, 0.1, 0.08, 0.07)
    return [
        Grid("Every figure that was reported: forecast, what came, how far the P50 was off and at which percentile of the forecast it lay", columns, rows, frozenset({3, 5, 6, 7}), wide),
        Grid("Months that were announced as floors (over 30,000): what came lies between the floor and the next number that would have been announced", columns, floors, frozenset({3, 5, 6, 7}), wide),
        *_houses(r),
    ]  # fmt: skip


def _houses(r: Record) -> list[Block]:
    """The target's outcome: nothing came yet; what we and the others say."""
    days = sorted(r.year)
    rows = []
    for name in (*register.OWN[::-1], *RULES):
        held = [(day, r.year[day][name]) for day in days if name in r.year[day]]
        if held:
            (then, old), (now, new) = held[0], held[-1]
            said = [
                f"{day:%-d %b}: {f.level(0.5):,.0f} ({f.level(0.1):,.0f} to {f.level(0.9):,.0f})"
                for day, f in ((then, old), (now, new))
            ]
            rows.append((name.replace("_", " "), said[0], said[1] if now > then else ""))
    caption = (
        f"{r.label(r.target[0])} in {r.target[1]}, not reported yet: what each said first and last, P50 (P10 to P90)"
    )
    return [Grid(caption, ("forecast", "first", "last"), rows, widths=(0.24, 0.38, 0.38))]


def _wrong(r: Record) -> list[Block]:
    """Where assumptions ended, in words."""
    if not r.ended:
        return [Paragraph("No frozen forecast knows any report yet.")]
    rows = [
        (one.label, one.before, one.now, phrases.percentile(one.percentile), f"{one.moved:+.1f}")
        for one in r.ended[:WRONG_SHOWN]
    ]
    return [
        Paragraph(
            f"Given everything that was known at the last entry, {len(r.ended)} assumptions ended below P{100 * FAR:.0f} or above P{100 - 100 * FAR:.0f} of what the base case "
            "said of them. These moved most; what they say of a miss is the model's own reading, one of several that fit."
        ),
        Grid(
            "Assumptions that ended far out: percentile of January's range at which the P50 ended, and how far the mean moved in standard deviations of that range", ("assumption", "P50 before", "P50 now", "ended at", "moved, sd"), rows, frozenset({3, 4}), (0.42, 0.2, 0.2, 0.1, 0.08),
        ),
    ]  # fmt: skip


def _grid_of_skill(r: Record) -> Grid:
    rows = [tuple(row) for row in skills(r)]
    return Grid(
        f"Ratio of our CRPS to each baseline's on the same cases, as a geometric mean over blocks (a family of outcomes in a quarter), with its {CONFIDENCE:.0%} interval. Below 1 we were better",
        SKILLS, rows, frozenset({2, 3, 4, 5}), (0.22, 0.3, 0.1, 0.2, 0.09, 0.09),
    )  # fmt: skip


def _grid_of_coverage(r: Record) -> Grid:
    return Grid(
        f"How many figures lay in the central ranges. A block counts by the share of its cases; Jeffreys' {CONFIDENCE:.0%} interval is of blocks",
        COVERED,
        coverages(r),
        frozenset({1, 2, 3, 4}),
        (0.4, 0.12, 0.16, 0.16, 0.16),
    )


def _grid_of_widths(r: Record) -> list[Block]:
    if r.widths is None or not r.widths.items:
        return []
    rows = [
        (
            OVER.join(map(r.label, w.outcome.split(OVER))),
            w.period,
            phrases.wide(w.ours, absolute=w.absolute),
            phrases.wide(w.needed, absolute=w.absolute),
            f"{w.ratio:.2f}",
            str(w.cases),
            w.rule,
        )
        for w in r.widths.items
    ]
    return [
        Grid(
            f"How wide {r.first.label} was, beside what errors of the past suggest. P90 over P10 (the ratio is of their logarithms), or their distance in points",
            ("outcome", "period", "P90 / P10", "suggested", "ratio", "errors", "rule"), rows, frozenset({2, 3, 4, 5}), (0.3, 0.09, 0.11, 0.11, 0.11, 0.08, 0.2),
        ),
        Bullets([phrases.verdict(r.widths, r.label)]),
    ]  # fmt: skip


def _picture(name: str, pictures: Mapping[str, str]) -> list[Block]:
    return [Image(name, CAPTIONS[name][0].upper() + CAPTIONS[name][1:], pictures[name])] if name in pictures else []
