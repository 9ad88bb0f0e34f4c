"""Bridge: from one case to another, a bar for what each change does to the measure."""

from __future__ import annotations

from matplotlib.ticker import MaxNLocator

from model.reporting.figures import notes
from model.reporting.figures.style import GREY, NAVY, TEAL, WINE, Picture, in_style
from model.simulation import formatting
from model.simulation.formatting import short
from model.simulation.result import Result
from model.studies.bridge import MOVES, Bridge


@in_style
def draw(result: Result, found: Bridge, size: str = "word") -> Picture:
    """Bars from the old case to the new; what is too small to be seen is one bar, so that the sum stays whole."""
    what = found.what
    scale, unit = (100, "pp") if what.unit == "share" else (1, what.unit)
    say, _ = formatting.signed_in(what.unit, [part.move for part in found.parts], MOVES)
    name = notes.measure(what, result)
    percent = "%" if unit == "pp" else f" {unit}"
    title = f"{name} moves from {_said(found.start.value, what.unit)} to {_said(found.end.value, what.unit)}"
    if found.parts:
        top = found.parts[0]
        title += f", most by {notes.in_title(top.step.label)}: {say(top.move.value, '+')} {unit}"
    canvas = notes.page(
        result,
        size,
        title=title,
        subtitle=f"{name}, {found.old.scenario} to {found.new.scenario}: each change's part, averaged over all orders (Shapley), on the same "
        "draws; the parts add up. Lines: ±2 simulation errors",
        half_taller=1.3,
    )
    ax = canvas.row_axes(right=0.45, head=0.05, foot=0.45)
    room = canvas.rows(ax, canvas.note + 0.5) - 2  # beside the two ends
    room -= len(found.parts) > room  # the rest has a row too
    shown, rest = found.parts[:room], found.parts[room:]
    bars = [(part.step.label, scale * float(part.move.value), scale * float(part.move.error)) for part in shown]
    if rest:
        bars.append((f"{len(rest)} more changes", scale * sum(float(p.move.value) for p in rest), 0.0))
    start, end = scale * float(found.start.value), scale * float(found.end.value)
    rows = len(bars) + 2
    reached = start
    lowest, highest = min(start, end), max(start, end)
    for n, value in ((rows - 1, start), (0, end)):
        ax.barh(n, value, 0.62, color=NAVY)
    for n, (_, move, error) in enumerate(bars):
        y = rows - 2 - n
        ax.barh(y, move, 0.62, left=reached, color=TEAL if move >= 0 else WINE)
        ax.plot([reached, reached], [y - 0.31, y + 1.31], color=GREY, linewidth=0.7)
        reached += move
        ax.plot([reached - 2 * error, reached + 2 * error], [y, y], color=GREY, linewidth=1.2)
        lowest, highest = min(lowest, reached), max(highest, reached)
        edge = max(reached, reached - move) + 2 * error
        ax.annotate(
            f"{say(move / scale, '+')}", (edge, y), xytext=(4, 0), textcoords="offset points", ha="left", va="center",
            fontsize=canvas.note + 0.5,
        )  # fmt: skip
    for n, value in ((rows - 1, start), (0, end)):
        ax.annotate(
            f"{say(value / scale)}{percent}", (value, n), xytext=(4, 0), textcoords="offset points", ha="left", va="center",
            fontsize=canvas.note + 0.5, fontweight="bold",
        )  # fmt: skip
    labels = [found.old.label, *(text for text, *_ in bars), found.new.label]
    if labels[0] == labels[-1]:
        labels[0] = found.old.scenario
    canvas.label_rows(ax, labels)
    span = highest - lowest or 1.0
    zero = lowest < 2.5 * span  # bars from zero where zero is near; otherwise the axis is cut, and says so
    ax.set_xlim(
        min(0.0, lowest) if zero else lowest - 0.6 * span,
        highest + (0.75 if canvas.small else 0.4) * (highest - (0 if zero else lowest - 0.6 * span)),
    )
    ax.xaxis.set_major_locator(MaxNLocator(3 if canvas.small else 6))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.10g}%" if unit == "pp" else f"{v:,.10g}")
    ax.set_xlabel(
        ("" if zero else "axis does not start at zero; ") + (name if unit == "pp" else unit),
        fontsize=canvas.note,
        color=GREY,
    )
    alt = (
        f"Bridge of {name} from {_said(found.start.value, what.unit)} ({found.old.scenario}) to {_said(found.end.value, what.unit)} "
        f"({found.new.scenario}): "
        + "; ".join(f"{p.step.label} {say(p.move.value, '+')} {unit}" for p in found.parts[:5])
        + "."
    )
    return Picture(canvas.figure, title, alt, found.table())


def _said(value: float, unit: str) -> str:
    return f"{100 * value:.1f}%" if unit == "share" else f"{short(float(value))} {unit}"
