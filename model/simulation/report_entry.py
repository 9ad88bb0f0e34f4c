"""A report as a person says it: `>=40_000`, `October 2026`, `20.1%`, read with help for what is misspelt.

>>> period_of("October 2026"), period_of("q3 2026"), period_of("2026H1"), period_of("2026")
('2026-10', '2026Q3', '2026H1', '2026')
>>> figure_of(">= 40_000", "cup"), figure_of("30,153", "cup"), figure_of("20.1%", "share")
(('at_least', 40000.0, nan), ('exact', 30153.0, nan), ('exact', 0.201, nan))
>>> figure_of("35 to 40 thousand", "cup"), figure_of("<=1.2 mn", "cup"), figure_of("6,219.1 mn", "EUR bn")
(('between', 35000.0, 40000.0), ('at_most', 1200000.0, nan), ('exact', 6.2191, nan))
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.errors import InputError, Problem
from model.files.pending import PendingSave
from model.files.toml_reader import written
from model.simulation.observation import SHARE, Observation

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
KIND = {
    "": "exact", "=": "exact", ">=": "at_least", ">": "at_least", "≥": "at_least", "over": "at_least", "above": "at_least",
    "more than": "at_least", "at least": "at_least", "<=": "at_most", "<": "at_most", "≤": "at_most", "below": "at_most",
    "at most": "at_most", "under": "at_most",
}  # fmt: skip
HEAD = re.compile(
    rf"\s*({'|'.join(sorted(map(re.escape, filter(None, KIND)), key=len, reverse=True))})?\s*", re.IGNORECASE
)
NUMBER = r"[-+−]?\d[\d_,]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
RANGE = re.compile(rf"({NUMBER})\s*(%?)\s*(?:\.\.|to|–)\s*({NUMBER})\s*(.*)", re.IGNORECASE)
ONE = re.compile(rf"({NUMBER})(?![\d.,_])\s*(.*)")
GROUPED = re.compile(r"[-+−]?\d{1,3}(,\d{3})+(\.\d+)?")
TIMES = {"k": 1e3, "thousand": 1e3, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
EXAMPLES = ">=40_000, =30_153, <=50_000, 35_000..40_000, 20.1%"
FACTORS = (10.0, 0.1, 100.0, 0.01, 1e3, 1e-3)  # by which a figure may be typed wrong


@dataclass(frozen=True)
class Said:
    """A report as a person says it; what is left empty is inferred, or asked for.

    on : the day on which it became known; series : whose figure it is; open_end : a floor that is no step of its series
    check : look at it only, for it follows from others; correct : it takes the place of one of its series that is there
    """

    outcome: str = ""
    period: str = ""
    figure: str = ""
    on: str = ""
    source: str = ""
    series: str = ""
    unit: str = ""
    note: str = ""
    open_end: bool = False
    check: bool = False
    correct: bool = False


@dataclass(frozen=True)
class Draft:
    """A report that is to be written, or taken back: the row as the file has it, and the change of the file.

    notes : what was inferred, in words; replaces : the figure whose place it takes
    """

    row: str
    place: str
    report: Observation
    change: PendingSave
    notes: Sequence[str] = ()
    replaces: Observation | None = None
    used: bool = True


def period_of(text: str) -> str:
    """Return a period as the files have it; what cannot be read is returned as it is, and refused where it is checked."""
    plain = text.strip().lower().replace(",", " ")
    for pattern, made in (
        (r"(\d{4})[-/.](\d{1,2})", lambda m: f"{m[1]}-{int(m[2]):02d}"),
        (r"(\d{4})\s*-?([qh])\s*([1-4])", lambda m: f"{m[1]}{m[2].upper()}{m[3]}"),
        (r"([qh])\s*([1-4])\s*(\d{4})", lambda m: f"{m[3]}{m[1].upper()}{m[2]}"),
        (r"([1-4])\s*([qh])\s*(\d{4})", lambda m: f"{m[3]}{m[2].upper()}{m[1]}"),
        (r"([a-z]{3})[a-z]*\.?\s+(\d{4})", lambda m: _month(m[1], m[2])),
        (r"(\d{4})\s+([a-z]{3})[a-z]*\.?", lambda m: _month(m[2], m[1])),
        (r"(?:fy\s*)?(\d{4})", lambda m: m[1]),
    ):
        found = re.fullmatch(pattern, plain)
        if found and (period := made(found)):
            return str(period)
    return text.strip()


def _month(name: str, year: str) -> str:
    return f"{year}-{MONTHS.index(name) + 1:02d}" if name in MONTHS else ""


def figure_of(text: str, unit: str | None) -> tuple[str, float, float]:
    """Return (kind, value, upper end or nan) in the outcome's unit, None where that is not known; InputError for what is no figure, or of another unit."""
    head = HEAD.match(text)
    word = (head[1] or "") if head else ""
    rest = text[head.end() :].strip() if head else text.strip()
    if (found := RANGE.fullmatch(rest)) and not word:
        low, high = (_number(found[n]) for n in (1, 3))
        times = _times(found[4] or found[2], unit)
        return "between", low * times, high * times
    if (found := ONE.fullmatch(rest)) is None:
        raise InputError(Problem(f"'{text}' is no figure", EXAMPLES, path="figure"))
    return KIND[word.lower()], _number(found[1]) * _times(found[2], unit), math.nan


def _number(text: str) -> float:
    if "," in text and not GROUPED.fullmatch(text):
        hint = f"A point before decimals: {text.replace(',', '.')}; thousands as 40_000 or 40,000"
        raise InputError(Problem(f"'{text}' can be read in two ways", hint, path="figure"))
    return float(text.replace(",", "").replace("_", "").replace("−", "-"))


def _times(words: str, unit: str | None) -> float:
    """What the words after a number make of it in a unit."""
    if unit is None:
        return 1.0
    if "%" in words:
        if unit != SHARE or words.strip() != "%":
            raise InputError(
                Problem(f"'{words.strip()}' is not the unit, which is {unit}", "The figure in it", path="figure")
            )
        return 0.01
    own, times = 1.0, None
    for word in unit.lower().split():
        own *= TIMES.get(word, 1.0)
    for word in words.lower().replace("/", " ").split():
        if word in TIMES:
            times = (times or 1.0) * TIMES[word]
        elif not any(word.rstrip("s") == part.rstrip("s") for part in unit.lower().split()):
            raise InputError(
                Problem(f"'{words.strip()}' is not the unit, which is {unit}", "The figure in it", path="figure")
            )
    return 1.0 if times is None else times / own


def slips(report: Observation, predicted: np.ndarray, allowed: float) -> list[str] | None:
    """Return what a report that lies beyond all draws may have been meant to be, as a user writes it; None where it does not.

    predicted : what each draw says of the figure; allowed : errors of the report, up to which it is not beyond the nearest
    """

    def lies_among(one: Observation) -> bool:
        return bool(np.min(one.outside(predicted)) <= allowed)

    if lies_among(report):
        return None
    sign, found = {"at_least": ">=", "at_most": "<="}.get(report.kind, ""), list[str]()
    for factor in FACTORS:
        moved = replace(report, value=report.value * factor, upper=report.upper * factor)
        if lies_among(moved):
            ends = [moved.value] if sign or not np.isfinite(moved.upper) else [moved.value, moved.upper]
            said = [f"{100 * x:.6g}%" if report.unit == SHARE else written(x, 12) for x in ends]
            found.append(sign + "..".join(said))
    return found[:2]
