"""Our scores against each baseline's, by how far ahead the forecast was."""

from __future__ import annotations

from matplotlib.ticker import FixedLocator, NullLocator

from model.evaluation.scorecard import CONFIDENCE, skill
from model.files.table import Table
from model.reporting.figures.record.frame import COLOURS, named, page
from model.reporting.figures.style import GREY, Picture, in_style
from model.reporting.record.record import Record, groups

ENDS, MARKS = (0.1, 10.0), (0.1, 0.2, 0.5, 1, 2, 5, 10)


@in_style
def draw(record: Record, size: str = "word") -> Picture:
    """A dot a baseline and group of cases: the ratio of CRPS on a logarithmic axis, left of 1 we were better."""
    own, parts = record.scored.own(), groups(record)
    found = [(what, name, skill(own, record.scored.of(name), which)) for what, which in parts for name in COLOURS]
    ratios = {what: 1 - one.skill for what, name, one in found if one and name == "run_rate"}
    said = [f"{ratios[what]:.1f} times the run rate's for {what}" for what, _ in parts[:2] if what in ratios]
    title = f"Our CRPS was {', '.join(said)}" if said else "Our CRPS against each baseline's"
    canvas = page(
        record, size, title=title, taller=1.3,
        subtitle=f"CRPS of our forecasts over that of each baseline on the same cases, geometric mean over blocks with its {CONFIDENCE:.0%} interval (none for a single block; an arrow: it goes on). "
        "Left of 1 ours was better",
    )  # fmt: skip
    ax = canvas.row_axes(right=0.2, head=0.02, foot=0.62)
    canvas.label_rows(ax, [what for what, _ in parts])
    rows = []
    for n, (what, _) in enumerate(reversed(parts)):
        held = [(name, one) for w, name, one in found if w == what and one is not None]
        for k, (name, one) in enumerate(held):
            y = n + 0.36 - 0.72 * (k + 0.5) / len(held)
            low, high = sorted(1 - end for end in one.interval)
            ratio = 1 - one.skill
            if one.blocks > 1:
                ax.plot([max(low, ENDS[0]), min(high, ENDS[1])], [y, y], color=COLOURS[name], linewidth=1.2)
                for end, beyond, mark in ((ENDS[0], low < ENDS[0], "<"), (ENDS[1], high > ENDS[1], ">")):
                    if beyond:
                        ax.plot([end], [y], mark, color=COLOURS[name], markersize=4, clip_on=False)
            ax.plot([min(max(ratio, ENDS[0]), ENDS[1])], [y], "o", color=COLOURS[name], markersize=4)
            rows.append((what, name, ratio, low, high, one.cases, one.blocks))
    for name, colour in COLOURS.items():
        if not any(row[1] == name for row in rows):
            continue
        ax.plot([], [], "o-", color=colour, markersize=4, label=named(name))
    ax.axvline(1, color=GREY, linewidth=1)
    ax.set_xscale("log")
    ax.set_xlim(*ENDS)
    ax.xaxis.set_major_locator(FixedLocator(MARKS))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
    ax.legend(
        fontsize=canvas.note, loc="upper center", bbox_to_anchor=(0.25, -0.1), ncols=2 if canvas.small else 5, frameon=False, handlelength=1.2, columnspacing=1.0,
    )  # fmt: skip
    return Picture(
        canvas.figure,
        title,
        f"Ratios of the CRPS of our forecasts to those of four baselines, by what is forecast and how far ahead. {title}.",
        Table(("cases", "baseline", "ratio", "low", "high", "number", "blocks"), rows),
    )
