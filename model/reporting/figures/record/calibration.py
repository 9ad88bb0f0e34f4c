"""Was it as sure as it should have been: coverage of the central ranges, and where what came lay among the draws."""

from __future__ import annotations

import numpy as np
from scipy import stats

from model.evaluation.scorecard import CONFIDENCE, ScoredForecast, coverage
from model.evaluation.scores import CENTRAL
from model.files.table import Table
from model.reporting.figures.record.frame import COLOURS, OURS, named, page
from model.reporting.figures.style import BAND, GREY, Picture, in_style
from model.reporting.record.record import Record

EIGHTY = 0.8
AT = np.linspace(0, 1, 101)


@in_style
def draw(record: Record, size: str = "word") -> Picture:
    """Left: coverage with Jeffreys' interval of blocks; right: the share of blocks at or below each percentile, with its band."""
    own = record.scored.own()
    groups = [("ours", own, OURS), *((named(name), record.scored.of(name), colour) for name, colour in COLOURS.items())]
    groups = [(name, cases, colour) for name, cases, colour in groups if coverage(cases, EIGHTY).cases]
    ours = coverage(own, EIGHTY)
    low, high = ours.interval
    figures = [case for case in own if case.came.exact and case.block is not None]
    below, blocks = _shares(figures)
    apart = (
        f"which {ours.blocks} blocks cannot tell from 80%"
        if low <= EIGHTY <= high
        else f"not 80%, on {ours.blocks} blocks"
    )
    title = (
        f"{below[50]:.0%} of what came lay below our P50; our 80% ranges held {ours.hits / ours.blocks:.0%}, {apart}"
    )
    canvas = page(
        record, size, title=title, taller=1.1,
        subtitle=f"Left: share of the figures in the central ranges, with {CONFIDENCE:.0%} intervals of blocks (a family of outcomes in a quarter); tick: what it should be. "
        f"Right: where it lay among our draws, each block once, with the {CONFIDENCE:.0%} band of so many blocks",
    )  # fmt: skip
    ((left, right),) = canvas.grid(1, 2, left=0.35 if canvas.small else 0.45, right=0.2, foot=0.68, gap_x=0.28)
    rows, wide = list[tuple[object, ...]](), 0.8 / len(groups)
    for n, share in enumerate(CENTRAL):
        left.plot([n - 0.45, n + 0.45], [share, share], color=GREY, linewidth=2)
        for k, (name, cases, colour) in enumerate(groups):
            found = coverage(cases, share)
            if not found.blocks:
                continue
            x, ends, at = n - 0.4 + (k + 0.5) * wide, found.interval, found.hits / found.blocks
            left.plot([x, x], ends, color=colour, linewidth=1.2)
            left.plot([x], [at], "o", color=colour, markersize=3.5, label=name if not n else None)
            rows.append((name, f"coverage of {share:.0%}", at, *ends, found.cases, found.blocks))
    left.set_xticks(range(len(CENTRAL)), [f"{share:.0%}" for share in CENTRAL], fontsize=canvas.body)
    left.set_ylim(0, 1.02)
    left.set_xlim(-0.55, len(CENTRAL) - 0.45)
    left.yaxis.set_major_formatter(lambda v, _: f"{100 * v:.0f}%")
    left.legend(
        fontsize=canvas.note,
        loc="upper left",
        bbox_to_anchor=(-0.08, -0.2),
        ncols=3 if canvas.small else 5,
        frameon=False,
        handlelength=0.6,
        handletextpad=0.3,
        columnspacing=1.0,
    )
    reach = float(stats.kstwo(blocks).ppf(CONFIDENCE))
    right.fill_between(AT, np.clip(AT - reach, 0, 1), np.clip(AT + reach, 0, 1), color=BAND[0], linewidth=0)
    right.plot(AT, AT, color=GREY, linewidth=1)
    right.plot(AT, below, color=OURS, linewidth=1.6)
    right.set_xlim(0, 1)
    right.set_ylim(0, 1.02)
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter(lambda v, _: f"{100 * v:.0f}%")
    right.set_xlabel("percentile of our forecast", fontsize=canvas.body, color=GREY)
    left.set_xlabel("central range", fontsize=canvas.body, color=GREY)
    rows += [
        ("ours", f"at or below {at:.2f}", float(y), None, None, len(figures), blocks)
        for at, y in zip(AT[::10], below[::10], strict=True)
    ]
    columns = ("forecasts", "what", "share", "low", "high", "cases", "blocks")
    return Picture(canvas.figure, title, f"{title}.", Table(columns, rows))


def _shares(cases: list[ScoredForecast]) -> tuple[np.ndarray, int]:
    """The share of figures at or below each percentile of their forecasts, (percentile,), each block once; how many blocks."""
    blocks: dict[object, list[np.ndarray]] = {}
    for case in cases:
        blocks.setdefault(case.block, []).append(case.pit[0] <= AT)
    return np.mean([np.mean(each, axis=0) for each in blocks.values()], axis=0), len(blocks)
