"""What would have to be true, in words and as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model import moves, words
from model.distributions import Distribution
from model.measures import Measure
from model.overlays import keys_of
from model.readback import short
from model.solve import Answer, Line
from model.tables import Table
from model.toml_files import written
from model.variation import Reading


def table(answers: Sequence[Answer]) -> Table:
    """A row an assumption; no P50 needed where none within reach does it. By months: the mean."""
    columns = ("path", "label", "unit", "P50 today", "P50 needed", "distance in sd", "chance there", "error")
    rows = [
        (
            a.path, a.label, a.unit, float(a.today.mean()), None if a.needed is None else float(a.needed.mean()),
            a.distance, a.chance.value, a.chance.error,
        )
        for a in answers
    ]  # fmt: skip
    return Table(columns, rows)


def line_table(found: Line) -> Table:
    """A row a point of the line."""
    columns = (f"P50 of {found.one.path}", f"P50 of {found.other.path}", "chance there", "error")
    points = zip(found.first.tolist(), found.second.tolist(), found.chance, strict=True)
    return Table(columns, [(x, y, chance.value, chance.error) for x, y, chance in points])


def lines(answers: Sequence[Answer], what: Reading, asked: float, now: Measure, *, named: bool) -> list[str]:
    """The answers in words; where assumptions were named, with what to put into the file. now : the chance today"""
    above = float(now.value) > asked
    today = f"{what} is {words.chance(now)}{', above what is asked for' if above else ''}."
    out = [f"{today} For {100 * asked:g}%, one assumption moved, all others as they are, its P50 would have to be"]
    for a in answers:
        if a.needed is not None and a.distribution is not None:
            values = f"{value(a.needed):>14} instead of {value(a.today):>12} {a.unit:<16}"
            out.append(f"  {values} {a.distance:+.1f} sd  {a.path}")
            if named:
                out += [f"      {line}" for line in in_file(a.path, a.distribution)]
    cannot = [a for a in answers if a.needed is None]
    if cannot:
        best = min(cannot, key=lambda a: abs(float(a.chance.value) - asked))
        nearest = f"nearest {best.path}, {100 * float(best.chance.value):.1f}%"
        rest = (
            f"{len(cannot)} other{'s' if len(cannot) > 1 else ''}"
            if len(cannot) < len(answers)
            else f"any of {len(cannot)}"
        )
        out.append(f"  cannot reach it alone: {rest if len(answers) > 1 else cannot[0].path}; {nearest}")
    return out


def in_file(path: str, distribution: Distribution) -> list[str]:
    """An assumption as it would stand in an assumption file, to six digits."""
    keys = keys_of(distribution)
    if keys["dist"] == "metalog":  # what three quantiles are where nothing is said
        del keys["dist"]
    return [f"[{path}]", *(f"{key} = {written(value, 6)}" for key, value in keys.items())]


def line_lines(found: Line) -> list[str]:
    """The line of equal chance in words, a row a point."""
    out = [
        f"P(target) = {100 * found.asked:g}%: P50 of {found.one.path}, and the P50 that {found.other.path} would need with it",
        f"  today {short(moves.first_p50(found.one.distribution))} and {short(moves.first_p50(found.other.distribution))}",
    ]
    for x, y, chance in zip(found.first, found.second, found.chance, strict=True):
        still = f"{100 * float(chance.value):.1f}% even at the {'highest' if chance.value < found.asked else 'lowest'}"
        out.append(f"  {short(float(x)):>12}   {still if np.isnan(y) else short(float(y)):>12}")
    return out


def value(values: np.ndarray | None) -> str:
    """A P50 in words; of an assumption by months, the mean."""
    if values is None:
        return "cannot reach"
    return short(float(values[0])) if len(values) == 1 else f"mean {short(float(np.mean(values)))}"
