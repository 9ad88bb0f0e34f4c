"""Sweeps: a line with its error band, a heat map with the even chance, or the points of a Latin hypercube."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from model.assumptions.calendar import DATE, date_of
from model.reporting.figures import notes
from model.reporting.figures.canvas import Canvas, plain_ticks
from model.reporting.figures.style import GREY, NAVY, ORANGE, WINE, Picture, in_style
from model.simulation import formatting
from model.simulation.formatting import in_unit, short
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.simulation.result import Result
from model.studies.sweep import Axis, Sweep

EVEN = 0.5
MOST_PANELS = 8
SHADES = LinearSegmentedColormap.from_list("navy", ["#F3F6FA", "#6BACE6", NAVY])


@in_style
def draw(result: Result, sweep: Sweep, size: str = "word", metric: int = 0) -> Picture:
    """The figure that fits the sweep; `metric` is the place of the measure in it."""
    moving = [axis for axis in sweep.plan.axes if len(axis.numbers) > 1]
    if sweep.plan.grid and len(moving) == 1:
        return _line(result, sweep, metric, size, moving[0])
    if sweep.plan.grid and len(moving) == 2:
        return _heat(result, sweep, metric, size, moving)
    return _points(result, sweep, metric, size, moving or list(sweep.plan.axes))


def _line(result: Result, sweep: Sweep, metric: int, size: str, axis: Axis) -> Picture:
    what = sweep.plan.metrics[metric]
    x, y, error = np.array(axis.numbers), sweep.values(metric).ravel(), sweep.errors(metric).ravel()
    order = np.argsort(x)
    x, y, error = x[order], y[order], error[order]
    say = _speaker(what)
    name, unit = notes.measure(what, result), axis.unit(result.assumptions)
    title = f"{name} goes from {say(y[0])} to {say(y[-1])} as {_moved(axis, result)} goes from {_number(x[0], unit)} to {_number(x[-1], unit)}"
    band = "Band: ±2 simulation errors, often thinner than the line"
    canvas = notes.page(
        result, size, title=title, subtitle=f"{what.in_words(result.business.label)}, {notes.case(result)}, all else as it is. {band}",
        half_taller=1.05,
    )  # fmt: skip
    ax = canvas.labelled_axes(_label(axis, result), _unit(what, result))
    ax.fill_between(x, y - 2 * error, y + 2 * error, color="#6BACE6", linewidth=0)
    ax.plot(x, y, color=NAVY, linewidth=2, marker="o" if len(x) <= 12 else "", markersize=4)
    if what.statistic == "chance":
        ax.axhline(EVEN, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    _today_line(ax, canvas, result, axis, what, (x, y))
    _dress(ax, what, 4 if canvas.small else 7)
    if unit == DATE:
        ax.xaxis.set_major_formatter(lambda v, _: f"{date_of(v):%b %Y}")
    alt = f"{title}, {notes.case(result)}; {len(x)} points."
    return Picture(canvas.figure, title, alt, sweep.table())


def _today_line(
    ax: Axes, canvas: Canvas, result: Result, axis: Axis, what: Metric, line: tuple[np.ndarray, np.ndarray]
) -> None:
    today = axis.today(result.assumptions)
    if today is None or not min(axis.numbers) <= today <= max(axis.numbers):
        return
    now = float(_base(what, result).value)
    x, y = line
    ax.plot(today, now, "D", color=WINE, markersize=6, zorder=5)
    left = today > (x[0] + x[-1]) / 2
    falling = bool(np.polyfit(x, y, 1)[0] < 0) if np.ptp(y) > 0 else False
    low, high = ax.get_ylim()
    at = (now - low) / (high - low)
    above = at < 0.15 or (at < 0.85 and left != falling)  # beside the line, and inside the axes
    note = ax.annotate(
        f"today {_speaker(what)(now)}", (today, now), xytext=(-8 if left else 8, 7 if above else -7),
        textcoords="offset points", ha="right" if left else "left", va="bottom" if above else "top",
        fontsize=canvas.body, color=WINE, fontweight="bold",
    )  # fmt: skip
    note.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _heat(result: Result, sweep: Sweep, metric: int, size: str, moving: Sequence[Axis]) -> Picture:
    what, (across, down) = sweep.plan.metrics[metric], moving
    values = sweep.values(metric).reshape(len(across.numbers), len(down.numbers)).T
    rows, columns = np.argsort(down.numbers), np.argsort(across.numbers)
    values = values[np.ix_(rows, columns)]
    y, x = (np.array(axis.numbers)[order] for axis, order in ((down, rows), (across, columns)))
    say, chance = _speaker(what), what.statistic == "chance"
    low, high = float(values.min()), float(values.max())
    even = chance and low < EVEN < high
    now = float(_base(what, result).value)
    title = (
        f"{notes.measure(what, result)} is {say(now)} today and runs from {say(low)} to {say(high)} as both are moved"
    )
    lines = "; wine-red line: 50%" if even else ""
    error = formatting.measured_error(float(sweep.errors(metric).max()), what.unit)
    canvas = notes.page(
        result, size, title=title, half_taller=1.15,
        subtitle=f"{what.in_words(result.business.label)}, {notes.case(result)}, all else as it is{lines}; simulation error at most {error}",
    )  # fmt: skip
    ax = canvas.labelled_axes(_label(across, result), _label(down, result))
    ax.pcolormesh(x, y, values, shading="nearest", cmap=SHADES, vmin=0 if chance else None, vmax=1 if chance else None,
                  rasterized=True)  # fmt: skip
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    texts: list[Text] = []
    if high > low:
        levels = [n / 10 for n in range(1, 10) if n != 5] if chance else 6
        thin = ax.contour(x, y, values, levels, colors=GREY, linewidths=0.7)
        texts = list(
            ax.clabel(thin, fontsize=canvas.note, fmt=_levels([float(v) for v in thin.levels], what), inline=False)
        )
        if even:
            bold = ax.contour(x, y, values, [EVEN], colors=WINE, linewidths=2.4)
            texts += ax.clabel(bold, fontsize=canvas.body, fmt=say, inline=False)
        for text in texts:
            text.set_color("black")
            text.set_path_effects([withStroke(linewidth=2.2, foreground="white")])
    here = [axis.today(result.assumptions) for axis in (across, down)]
    inside = all(
        t is not None and min(a.numbers) <= t <= max(a.numbers) for t, a in zip(here, (across, down), strict=True)
    )
    note = None
    if inside:
        ax.plot(*here, "D", color=ORANGE, markeredgecolor="white", markersize=7, zorder=5)  # type: ignore[arg-type]
        note = ax.annotate(
            f"today {say(now)}", here, xytext=(8, -8), textcoords="offset points", ha="left",  # type: ignore[arg-type]
            va="top", fontsize=canvas.body, fontweight="bold", color="black", zorder=6,
        )  # fmt: skip
        note.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
    _make_room(canvas, ax, note, texts)
    ax.grid(visible=False)
    plain_ticks(ax, 4 if canvas.small else 7)
    alt = f"Heat map: {title}, {notes.case(result)}; {len(x)} by {len(y)} points."
    return Picture(canvas.figure, title, alt, sweep.table())


def _make_room(canvas: Canvas, ax: Axes, note: Text | None, labels: list[Text]) -> None:
    """Take away the labels of contours that a note covers or the edge cuts."""
    renderer = canvas.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    inside = ax.get_window_extent(renderer)
    for text in labels:
        box = text.get_window_extent(renderer)
        cut = box.x0 < inside.x0 or box.x1 > inside.x1 or box.y0 < inside.y0 or box.y1 > inside.y1
        if cut or (note and note.get_window_extent(renderer).expanded(1.1, 1.2).overlaps(box)):
            text.remove()


def _points(result: Result, sweep: Sweep, metric: int, size: str, axes: Sequence[Axis]) -> Picture:
    """A panel an axis, the points of the sweep against it: what its own slope is amid all others."""
    what, say = sweep.plan.metrics[metric], _speaker(sweep.plan.metrics[metric])
    y = sweep.estimates[:, metric, 0]
    places = [sweep.plan.axes.index(axis) for axis in axes]
    x = [sweep.plan.points[:, n] for n in places]
    name = notes.measure(what, result)
    title = f"{name} is {say(float(y[0]))} at {'this point' if len(y) == 1 else 'all points'}"
    if np.ptp(y) > 0:
        ties = [abs(float(np.corrcoef(each, y)[0, 1])) if np.ptp(each) > 0 else 0.0 for each in x]
        most = axes[int(np.argmax(ties))]
        title = f"{name} lies between {say(float(y.min()))} and {say(float(y.max()))}, and follows {_moved(most, result)} most"
    shown = axes[:MOST_PANELS]
    of_many = f"; the first {len(shown)} of {len(axes)} axes" if len(axes) > len(shown) else ""
    columns = 1 if size == "half" else min(4, len(shown))
    rows = -(-len(shown) // columns)
    canvas = notes.page(
        result, size, title=title, half_taller=max(1.0, 0.45 * rows),
        subtitle=f"{what.in_words(result.business.label)} at {len(y):,} points, all axes moved at once, {notes.case(result)}{of_many}",
    )  # fmt: skip
    panels = canvas.grid(rows, columns, left=0.6, right=0.3, foot=0.5, head=0.22, gap_y=1.0)
    for n, ax in enumerate(ax for row in panels for ax in row):
        if n >= len(shown):
            ax.set_axis_off()
            continue
        ax.plot(x[n], y, "o", color=NAVY, markersize=2.4, alpha=0.75, markeredgewidth=0)
        _dress(ax, what, 4 if canvas.small else 2)
        ax.set_xlabel(axes[n].name.rpartition(".lines.")[2], fontsize=canvas.note, color=GREY)
        if n % columns:
            ax.tick_params(labelleft=False)
    alt = f"Scatter: {title}, {notes.case(result)}."
    return Picture(canvas.figure, title, alt, sweep.table())


def _levels(levels: Sequence[float], what: Metric) -> Callable[[float], str]:
    """Labels of contours with as many digits as it takes to tell them apart."""
    if what.unit != "share":
        return lambda v: f"{v:,.10g}"
    step = float(np.min(np.diff(levels))) if len(levels) > 1 else 0.1
    places = next((n for n in range(5) if abs(round(100 * step, n) - 100 * step) < 1e-9), 4)
    return lambda v: f"{100 * v:.{places}f}%"


def _dress(ax: Axes, what: Metric, ticks: int) -> None:
    """Ticks in the measure's unit, and a grid both ways."""
    plain_ticks(ax, ticks)
    if what.unit == "share":
        ax.yaxis.set_major_formatter(lambda v, _: f"{100 * v:.10g}%")
    ax.grid(visible=True, axis="both")


def _unit(what: Metric, result: Result) -> str:
    return notes.measure(what, result) if what.unit == "share" else what.unit


def _base(what: Metric, result: Result) -> Measure:
    return what.of(result.values(what.outcome, what.period), result.replicate)


def _speaker(what: Metric) -> Callable[[float], str]:
    if what.unit == "share":
        digits = 0 if what.statistic == "chance" else 1
        return lambda v: f"{100 * v:.{digits}f}%"
    return lambda v: short(float(v))


def _moved(axis: Axis, result: Result) -> str:
    entry = result.assumptions[axis.path]
    return {
        "value": "",
        "p50": "P50 of ",
        "quantile": "the quantile of ",
        "shift": "the shift of ",
        "scale": "the scale of ",
    }[axis.key] + entry.label


def _label(axis: Axis, result: Result) -> str:
    entry = result.assumptions[axis.path]
    said = {
        "value": "held at",
        "p50": "P50",
        "quantile": "held at quantile",
        "shift": "shifted by",
        "scale": "scaled by",
    }
    return f"{entry.label}, {said[axis.key]}, {axis.unit(result.assumptions)}"


def _number(x: float, unit: str = "") -> str:
    return in_unit(x, unit) if unit == DATE else f"{x:,.10g}"
