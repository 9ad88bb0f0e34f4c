"""Inputs read back: what each number implies, before anything is simulated."""

from __future__ import annotations

import math
import textwrap

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions
from model.assumptions.calendar import DATE
from model.errors import InputError, Problem, near
from model.inference.views import Viewed
from model.reporting import headline
from model.reporting.report_spec import spec_of
from model.simulation import formatting
from model.simulation.formatting import in_unit
from model.simulation.outside_view import WEIGHTS, OutsideView
from model.simulation.reference_class import ReferenceClass, leave_one_out
from model.studies.learned import LEVELS as LEARNED
from model.studies.learned import Learned, Lesson

PERCENTILES = np.arange(0.01, 0.995, 0.01)
LEVELS = (0.01, 0.1, 0.5, 0.9, 0.99)
MOVED = 8  # assumptions that a view is shown to move
EIGHTY = 0.8  # share of the cases that P10 to P90 should hold


def lines(assumptions: Assumptions, path: str = "", learned: Learned | None = None) -> list[str]:
    """All assumptions below `path` in words, and what reports said of each. Raises InputError where nothing is there."""
    lessons = {each.path: each for each in learned.items} if learned else {}
    found = [a for p, a in assumptions.entries.items() if not path or p == path or p.startswith(path + ".")]
    if not found:
        tables = {p.rsplit(".", n)[0] for p in assumptions.entries for n in range(1, p.count(".") + 1)}
        hint = near(path, [*assumptions.entries, *tables]) or "`model show` lists all"
        raise InputError(Problem("no assumption or table of that name", hint, path=path))
    said_lines = []
    for assumption in found:
        said_lines += [*entry(assumption, lessons.get(assumption.path)), *_dependence(assumptions, assumption.path), ""]
    return said_lines[:-1]


def entry(a: Assumption, lesson: Lesson | None = None) -> list[str]:
    """One assumption: its numbers as given, what they imply, what reports said of them, where they come from."""
    out = [
        f"{a.path}   {a.label}",
        f"    given    {a.said}" + (f"   [{a.set_by}]" if a.set_by != "base case" else ""),
    ]
    if a.distribution.uncertain:
        out += [f"    implies  {row}" for row in _implied(a)]
    if lesson is not None:
        out.append(f"    reports  {given_reports(lesson)}")
    out += _wrapped("source", f"{a.evidence}, {a.as_of:%-d %b %Y}: {a.source}") + _wrapped("why", a.why)
    for said in public_numbers(a):
        out += _wrapped("public", said)
    return out


def given_reports(lesson: Lesson) -> str:
    """Return an assumption's quantiles given what was reported, in words; of one by months the means of them."""
    levels = zip(LEARNED, lesson.after, strict=True)
    said = "  ".join(f"P{round(100 * q)} {in_unit(float(x), lesson.unit)}" for q, x in levels)
    return f"{said} {'' if lesson.unit == DATE else lesson.unit}  moved {float(lesson.moved.value):+.1f} sd"


def public_numbers(a: Assumption) -> list[str]:
    """What was said in public of an assumption: the number, its percentile in what the assumption says (of its first period), day, source."""
    found = []
    for one in a.public:
        where = ""
        if a.distribution.uncertain:
            at = np.atleast_2d(a.distribution.quantile(PERCENTILES))[0]
            share = float(np.interp(one.value, at, PERCENTILES))
            where = (
                " (below P1)"
                if one.value < at[0]
                else " (above P99)"
                if one.value > at[-1]
                else f" (P{100 * share:.0f})"
            )
        found.append(f"{in_unit(one.value, a.unit)}{where}, {one.as_of:%-d %b %Y}: {one.source}")
    return found


def _implied(a: Assumption) -> list[str]:
    with np.errstate(all="ignore"):
        levels = np.atleast_2d(a.distribution.quantile(np.asarray(LEVELS)))
        means = np.atleast_1d(a.distribution.mean())
    rows = []
    for n, (level, average) in enumerate(zip(levels, means, strict=True)):
        period = "" if len(levels) == 1 else f"{n + 1}: "
        words = "  ".join(f"P{round(100 * q)} {in_unit(v, a.unit)}" for q, v in zip(LEVELS, level, strict=True))
        unit = "" if a.unit == DATE else f" {a.unit}"
        rows.append(f"{period}{words}  mean {in_unit(average, a.unit)}{unit}")
    return rows


def _dependence(assumptions: Assumptions, path: str) -> list[str]:
    out = []
    for pair in assumptions.correlations:
        if path in pair.between:
            other = pair.between[1 - pair.between.index(path)]
            out += _wrapped("moves", f"with {other}, rank correlation {pair.rank:+g}: {pair.why}")
    return out


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, 110, initial_indent=f"    {head:<9}", subsequent_indent=" " * 13)


def of_classes(view: OutsideView) -> list[str]:
    """The reference classes read back: rule, source, what each says alone and at each weight, and whether it holds without its own."""
    out, rows = [], view.table().rows
    for one in view.classes:
        out += ["", f"{one.name}   {one.title}", *_wrapped("rule", one.rule), *_wrapped("source", one.source)]
        low, high = one.interval(EIGHTY)
        alone = f"P10 {low:,.0f}  P50 {math.exp(one.log_mean):,.0f}  P90 {high:,.0f}"
        out += _wrapped("alone", f"{alone}; lognormal, sd of the logarithm {one.log_sd:.2f}")
        for weight, (*_, p10, p50, p90, kept) in zip(WEIGHTS, (r for r in rows if r[0] == one.name), strict=True):
            levels = f"P10 {p10:,.0f}  P50 {p50:,.0f}  P90 {p90:,.0f}"
            said = formatting.chance(view.chance(one, weight))
            out += _wrapped(f"at {weight:g}", f"{levels}  P(target) {said}  {kept:.0%} of the draws effective")
        out += _wrapped("check", _left_out(one))
    return out


def of_views(found: Viewed) -> list[str]:
    """What views do to the headline's numbers, and what they cost."""
    before, after = headline.numbers(found.before), headline.numbers(found.result)
    entropy = f"relative entropy {float(found.entropy.value):.4f} ± {float(found.entropy.error):.4f}"
    return [
        *headline.top(found.before),
        "",
        "Under the views: a what-if of the draws' weights, no conditioning on what was reported",
        *(f"  {view}" for view in found.views),
        f"  {entropy}; {float(found.effective.value):.0%} of the draws effective",
        "",
        *headline.moved_lines(before, after, spec_of(found.result.business).moves),
        "",
        "Assumptions that move with it, in their own standard deviations",
        *(f"  {by:+.2f}  {found.result.assumptions[path].label}  ({path})" for path, by in found.moved[:MOVED]),
    ]


def _left_out(one: ReferenceClass) -> str:
    """How many cases lie in the interval of the class without them, and without all that share their label."""
    if one.independent == 2:
        return "cases of two labels: none can be left out"
    found = leave_one_out(one, EIGHTY)
    inside, number = (sum(each[n] for each in found.values()) for n in (0, 1))
    alone = number == len(found)
    parts = "" if alone else ": " + ", ".join(f"{label} {k} of {n}" for label, (k, n) in found.items())
    share = f"{inside} of {number} ({inside / number:.0%}) lie in the {EIGHTY:.0%} interval of the others{parts}"
    return f"left out one {'by one' if alone else 'label at a time'}, {share}"
