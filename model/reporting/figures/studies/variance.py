"""Variance shares: what each assumption, or each group of them, brings to the spread of an outcome."""

from __future__ import annotations

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from model.reporting.figures import notes
from model.reporting.figures.canvas import in_percent
from model.reporting.figures.style import GREY, LILAC, NAVY, ORANGE, TEAL, WINE, Picture, in_style
from model.simulation.result import Result
from model.studies.variance import Share, Variance, interval

GRADES = {"reported": NAVY, "derived": TEAL, "estimate": ORANGE, "judgement": WINE, "": LILAC}

GRADES_SAID = {
    "reported": "Reported numbers",
    "derived": "Derived numbers",
    "estimate": "Estimates",
    "judgement": "Judgements",
}


@in_style
def draw(result: Result, found: Variance, size: str = "word") -> Picture:
    """A bar for each player's share with its 95% interval, longest on top; colours by evidence."""
    what, by = found.what, found.by
    of = (
        f"hit or miss of {notes.measure(what, result)}"
        if what.statistic == "chance"
        else result.business.label(what.outcome)
    )
    top = found[0]
    bring = "bring" if by == "evidence" and top.members else "brings"
    title = f"{_said(top, by)} {bring} {_percent(top)} of the variance of {of}"
    judged = next((s for s in found if by == "evidence" and s.name == "judgement"), None)
    if judged is not None and judged is not top:
        title += f", judgements {_percent(judged)}"
    canvas = notes.page(
        result,
        size,
        title=title,
        subtitle=f"Shares of the variance of {of} in {what.period}, {notes.case(result)}: Shapley effects, which add up to 100%; "
        "lines: 95% intervals from the simulation",
        half_taller=1.25,
    )
    grades = {s.name: _grade(s, result) for s in found}
    legend = by != "evidence"
    ax = canvas.row_axes(right=0.35, head=0.26 if legend else 0.05, foot=0.3)
    shown = [s for s in found if s.share.value > 0][: canvas.rows(ax, canvas.note + 0.5)]
    for n, s in enumerate(reversed(shown)):
        low, high = interval(s.share)
        ax.barh(n, s.share.value, 0.62, color=GRADES[grades[s.name]])
        ax.plot([low, high], [n, n], color=GREY, linewidth=1.2)
        ax.annotate(
            _percent(s), (max(high, float(s.share.value)), n), xytext=(4, 0), textcoords="offset points", ha="left",
            va="center", fontsize=canvas.note + 0.5,
        )  # fmt: skip
    canvas.label_rows(ax, [_said(s, by) for s in shown])
    ax.set_xlim(0, 1.18 * max(interval(s.share)[1] for s in shown))
    ax.xaxis.set_major_formatter(in_percent)
    ax.xaxis.set_ticks(ax.get_xticks()[: -1 if canvas.small else None : 2 if canvas.small else 1])
    if legend:
        used = [g for g in GRADES if g in {grades[s.name] for s in shown}]
        marks: list[Patch | Line2D] = [Patch(color=GRADES[g], label=g or "of several grades") for g in used]
        ax.legend(
            handles=marks, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2 if canvas.small else len(marks),
            fontsize=canvas.note, frameon=False, handlelength=1.0, borderaxespad=0.2, columnspacing=1.0,
        )  # fmt: skip
    alt = (
        f"Bars of the shares of the variance of {of}, {notes.case(result)}: "
        + "; ".join(f"{_said(s, by)} {_percent(s)}" for s in shown[:5])
        + "."
    )
    return Picture(canvas.figure, title, alt, found.table())


def _said(s: Share, by: str) -> str:
    if by == "evidence" and s.members:
        count = len(s.members)
        return f"{GRADES_SAID[s.name]} ({count} assumption{'s' if count > 1 else ''})"
    return s.label[0].upper() + s.label[1:] if by == "assumption" or not s.members else s.name


def _grade(s: Share, result: Result) -> str:
    grades = {result.assumptions[path].evidence for path in s.members}
    return grades.pop() if len(grades) == 1 else ""


def _percent(s: Share) -> str:
    share = 100 * float(s.share.value)
    return f"{share:.0f}%" if share >= 1 else "<1%"
