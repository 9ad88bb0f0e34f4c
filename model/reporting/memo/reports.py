"""The memo's sections on what was reported: the year as it came, what was learned, what to watch."""

from __future__ import annotations

from collections.abc import Mapping

from model.inference.posterior import LEVELS
from model.reporting.memo.blocks import Block, Bullets, Grid, Heading, Image, Paragraph
from model.reporting.memo.material import Taught
from model.simulation import formatting
from model.simulation.formatting import short
from model.studies.signposts import level

ROWS = 10
CAPTIONS = {
    "year_as_it_came": "the forecast of the year after each day on which something became known",
    "learned": "assumptions against the base case, given what was reported",
    "signposts": "figures still to come, and where the answer then stands",
}
MIDDLE = LEVELS.index(0.5)


def reported(taught: Taught, pictures: Mapping[str, str]) -> list[Block]:
    """What became known, step by step, and what it says of the assumptions."""
    news, learned = taught.news, taught.learned
    rows, before = [], news.start
    for step in news.steps:
        chance = 100 * (float(step.after.chance.value) - float(before.chance.value))
        middle = float(step.after.levels[MIDDLE] - before.levels[MIDDLE])
        shown = formatting.share_met(step.after.chance)
        level_now = f"{step.after.levels[MIDDLE]:,.0f}"
        rows.append((f"{step.after.day:%-d %b}", step.what, shown, f"{chance:+.1f}", level_now, f"{middle:+,.0f}"))
        before = step.after
    lessons = [
        (
            x.label,
            f"{short(float(x.before[1]))} to {short(float(x.after[1]))} {x.unit}",
            f"{float(x.moved.value):+.1f} sd",
            f"{100 * x.left:.0f}%",
        )
        for x in learned.items[:ROWS]
    ]
    return [
        Heading("What became known, and what it taught"),
        Paragraph(news.lines()[0] + "."),
        *_picture("year_as_it_came", pictures),
        Grid(
            "What each report and each update did, in order",
            ("day", "what", "P(target)", "pp", "P50", "move"),
            rows,
            frozenset({2, 3, 4, 5}),
            (0.09, 0.44, 0.15, 0.08, 0.12, 0.12),
        ),
        *_picture("learned", pictures),
        Grid(
            "What was learned of the assumptions: P50 before the reports and now, move in its own standard deviations, spread left",
            ("assumption", "P50", "moved", "spread left"),
            lessons,
            frozenset({2, 3}),
            (0.42, 0.3, 0.15, 0.13),
        ),
        *(
            [Bullets([guard[0].upper() + guard[1:] + "." for guard in taught.posterior.guards])]
            if taught.posterior.guards
            else []
        ),
    ]


def to_watch(taught: Taught, pictures: Mapping[str, str]) -> list[Block]:
    """Figures still to come, and where the answer then stands."""
    found = taught.signposts
    say, unit = formatting.signed_in(found.what.unit, found.said)
    rows = [
        (
            f"{s.outcome} in {s.period}",
            level(s.forecast[0], s.unit),
            say(s.if_low),
            level(s.forecast[2], s.unit),
            say(s.if_high),
            f"{100 * s.resolved:.0f}%",
        )
        for s in found.items[:ROWS]
    ]
    return [
        Heading("What to watch"),
        *_picture("signposts", pictures),
        Grid(
            f"{found.what}, now {say(found.now.value)} {unit}: where it stands if a figure comes in below its P10 or above its P90, and the share of its variance that the figure resolves",
            ("figure to come", "below", "it is", "above", "it is", "resolved"),
            rows,
            frozenset({1, 2, 3, 4, 5}),
            (0.36, 0.13, 0.13, 0.13, 0.13, 0.12),
        ),
    ]


def _picture(name: str, pictures: Mapping[str, str]) -> list[Block]:
    return [Image(name, CAPTIONS[name][0].upper() + CAPTIONS[name][1:], pictures[name])] if name in pictures else []
