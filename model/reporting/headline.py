"""The headline of a run: the numbers, and the text that says them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from model._version import __version__
from model.assumptions.assumption import Assumptions
from model.assumptions.distributions.shape import spike
from model.assumptions.resolve import base_day, before_scenarios, before_updates, first_year
from model.errors import InputError
from model.evaluation import register
from model.files.table import aligned
from model.reporting.report_spec import Move, quantity_of, spec_of
from model.simulation import formatting
from model.simulation.defaults import DRAWS
from model.simulation.outside_view import REACH, chosen, classes_of, forecast, outside_view, pool
from model.simulation.result import Result
from model.studies.explanations import explanations
from model.studies.in_reach import chances_in_reach, in_doubt

if TYPE_CHECKING:
    from model.studies.revision import Revision

LEVELS = (0.1, 0.5, 0.9)
STEPS = 3  # of what moved the forecast, that the headline names


def numbers(result: Result) -> dict[str, Any]:
    """The headline's numbers by name, for the manifest, JSON and the comparison of two runs."""
    target = result.assumptions.target
    found: dict[str, Any] = {"chance": list(map(float, result.chance()))}
    kept = [name for name in spec_of(result.business).outcomes if name in result.outcomes]
    for name in dict.fromkeys((target.outcome, *kept)):
        levels = result.quantile(name, LEVELS)
        spread = {
            f"p{round(100 * q)}": [float(v), float(e)]
            for q, v, e in zip(LEVELS, levels.value, levels.error, strict=True)
        }
        found[name] = {**spread, "mean": list(map(float, result.mean(name)))}
    found["target"] = target.value
    return found


def text(result: Result, since: Revision | None = None) -> list[str]:
    """The headline as lines of text; since : what moved the forecast since the base case's day, where that is known."""
    details = [] if result.partial else spec_of(result.business).details(result)
    outside = [] if result.reports else outside_view(result).lines()
    return [*top(result, since), *outside, *(["", *details] if details else [])]


def top(result: Result, since: Revision | None = None) -> list[str]:
    """Which case it is, the chance of the target, the spread of its outcome, what was forecast on the base case's day and what moved it."""
    a, target = result.assumptions, result.assumptions.target
    chance, quantity = result.chance(), quantity_of(result)
    spread = result.quantile(target.outcome, LEVELS, target.period)
    average = result.mean(target.outcome, target.period)
    levels = "   ".join(
        f"P{round(100 * q)} {formatting.rounded(v, e)}"
        for q, v, e in zip(LEVELS, spread.value, spread.error, strict=True)
    )
    error = "" if "confidence" in formatting.chance(chance) else " simulation error"
    error += ", by preintegration" if result.steps.chance is not None else ""
    name = quantity[:1].lower() + quantity[1:]
    chance_line = f"P({name} >= {target.value:,.10g} in {target.period})   {formatting.chance(chance)}{error}   (a miss: {formatting.share_met(formatting.complement(chance))})"
    spread_line = f"{quantity} in {target.period}   {levels}   mean {formatting.rounded(average.value, average.error)}"
    return [
        f"{a.about.title}",
        f"{a.label}, as known on {a.about.as_of:%-d %B %Y}{', facts alone' if a.facts_alone else ''}; assumptions {a.hash}, {result.draws:,} draws, seed {result.seed}",
        *(f"  {edit}" for edit in a.edits),
        *spikes_of(a, dict.fromkeys(edit.path for edit in a.edits)),
        *_longer(result),
        *_given(result),
        *_pooled(result),
        "",
        *([chance_line, spread_line] if in_doubt(result) else [spread_line, *chances_in_reach(result), chance_line]),
        *spec_of(result.business).pace(result),
        *([] if result.partial else spec_of(result.business).key(result)),
        *_since(result, since),
        *explanations(result).lines(),
    ]


def _frozen(result: Result, day: dt.date) -> str:
    """What was said on a day, where a forecast of it was frozen by another version of the model."""
    target = result.assumptions.target
    try:
        entries = register.entries(result.assumptions.root)
    except InputError:
        return "; what was said then cannot be read (`model check`)"
    entry = next((e for e in entries if e.day == day and e.role == register.RELEASED), None)
    if entry is None or entry.said.get("model") == __version__:
        return ""
    known = entry.forecasts([(target.outcome, target.period)])
    levels = [formatting.short(one.level(q)) for one in known.values() for q in (0.5, 0.1, 0.9)]
    return f"; said then, by an earlier version: P50 {levels[0]} ({levels[1]} to {levels[2]})" if levels else ""


def spikes_of(a: Assumptions, paths: Iterable[str]) -> list[str]:
    """A warning for each of these assumptions that is sharply peaked."""
    found = []
    for path in paths:
        if path in a.entries and (ends := spike(a[path].distribution)) is not None:
            low, high = (formatting.in_unit(end, a[path].unit) for end in ends)
            found.append(
                f"  Warning: sharply peaked: two fifths of the draws of {path} are between {low} and {high}; move P10 and P90 too"
            )
    return found


def _since(result: Result, found: Revision | None) -> list[str]:
    """What the base case said on its own day, and what moved the forecast since: the largest steps, or updates and reports apart."""
    plain = before_scenarios(first_year(result.assumptions))
    day = base_day(plain)
    if day == plain.about.as_of:
        return []
    target, draws, seed = result.assumptions.target, result.draws, result.seed
    then = forecast(before_updates(plain), result.business, draws=max(DRAWS, draws), seed=seed)
    low, middle, high = np.asarray(then.quantile(target.outcome, LEVELS, target.period).value)
    said = f"For {day:%-d %B %Y} this model says {formatting.share_met(then.chance())}, P50 {formatting.short(middle)} ({formatting.short(low)} to {formatting.short(high)}){_frozen(result, day)}"
    if found is not None:
        every = found.moved()
        steps = sorted(every, key=lambda step: -abs(step[2]))[:STEPS]
        rows = [(f"{when:%-d %b}", formatting.signed_short(by), what) for when, what, by in sorted(steps)]
        rest = sum(by for *_, by in every) - sum(by for *_, by in steps)
        rows.append(
            ("", formatting.signed_short(rest), f"{len(every) - len(steps)} others together (`model why moved`)")
        )
        return [f"{said}. What moved it most since then", *aligned(rows, "<><")]
    updated = forecast(plain, result.business, draws=draws, seed=seed)
    now = float(result.quantile(target.outcome, 0.5, target.period).value)
    known = float(updated.quantile(target.outcome, 0.5, target.period).value)
    moved = [f"updates {formatting.signed_short(known - middle)}"] if result.assumptions.updates else []
    moved += (
        [f"reports {formatting.signed_short(now - known)}"] if result.reports and not result.assumptions.edits else []
    )
    return [f"{said}{'; since then ' if moved else ''}{', '.join(moved)}"]


def _longer(result: Result) -> list[str]:
    """What a run of more than one year says of the later ones."""
    calendar = result.assumptions.calendar
    if calendar.years == 1:
        return []
    later = result.assumptions.later
    known = "Assumptions that name no later year go on as they are."
    if later is not None:
        known = f"Later years with what was known on {later.as_of:%-d %B %Y} (beyond.toml)."
    return [f"Runs to December {calendar.last}: chance, pace and segments are of {calendar.first}. {known}"]


def _given(result: Result) -> list[str]:
    """What the result is conditioned on, if it is."""
    if not result.reports:
        return []
    before = f"; before them the outside view {result.assumptions.pooled}" if result.assumptions.pooled else ""
    return [f"{result.given.capitalize()}, the last of {result.reports[-1].reported_on:%-d %B %Y}{before}"]


def _pooled(result: Result) -> list[str]:
    """What the outside view that is pooled in leaves of the draws, and what it does not reach; nothing where none is."""
    said, inside = result.assumptions.outside, result.steps.unpooled
    if said is None or inside is None:
        return []
    reference, target = chosen(said, classes_of(result.assumptions, result.business)), result.assumptions.target
    low, high = np.asarray(inside.quantile(target.outcome, REACH, target.period).value)
    kept, lost = pool(inside, reference, said.weight).effective, reference.beyond(float(low), float(high))
    return [
        f"With the {result.view}: {kept:.0%} of the draws effective; {lost:.0%} of the class lies outside P0.1 to P99.9,",
        "  where no draw can follow it. Tornado, sweep, solve, variance and bridges read the model without it.",
    ]


def percentile(result: Result, value: float, outcome: str | None = None) -> str:
    """Where a value lies in the forecast of an outcome, by default the target's."""
    target = result.assumptions.target
    below = result.percentile_of(outcome or target.outcome, value, None if outcome else target.period).value
    if below > 0.995:
        return "above P99"
    return "below P1" if below < 0.005 else f"P{100 * below:.0f}"


def difference(before: dict[str, Any], after: dict[str, Any], moves: Iterable[Move]) -> list[str]:
    """What changed since an earlier run, and what it did: lines of text, none where nothing changed.

    before, after : manifests
    """
    changes = list(_changes(before, after))
    if not changes:
        return []
    moved = moved_lines(before["headline"], after["headline"], moves)
    return ["Since the last run here", *(f"  {change}" for change in changes), *moved]


def moved_lines(old: dict[str, Any], new: dict[str, Any], moves: Iterable[Move]) -> list[str]:
    """The headline's numbers before and after, line by line, with as many digits as make them and their difference agree."""
    lines = []
    for move in moves:
        try:
            held = [h[move.outcome][move.statistic] if move.statistic else h[move.outcome] for h in (old, new)]
            was, now = (move.scale * float(each[0]) for each in held)
        except (KeyError, TypeError, IndexError):  # an earlier version's manifest
            continue
        shown = formatting.agreeing(was, now, move.places)
        moved = round(now - was, shown)
        by = f"{moved:+,.{shown}f} {move.unit}" if moved else "no change"
        before, after = (_number(each, shown, is_chance=move.outcome == "chance") for each in (was, now))
        lines.append(f"  {move.label}: {before}{move.sign} -> {after}{move.sign}  ({by})")
    return lines


def _number(value: float, places: int, *, is_chance: bool) -> str:
    """A number with so many places; a chance is never said to be 0 or 100%."""
    least = 0.1 ** max(places, 1)
    if is_chance and not least / 2 <= value <= 100 - least / 2:
        edge = max(places, 1)
        return f"below {least:.{edge}f}" if value < 50 else f"above {100 - least:.{edge}f}"
    return f"{value:,.{places}f}"


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterable[str]:
    for key in ("inputs", "correlations", "target", "outside"):
        was, now = before.get(key) or {}, after.get(key) or {}
        for path in sorted(was.keys() | now.keys()):
            if was.get(path) != now.get(path):
                yield f"{path}: {_old_new(was.get(path), now.get(path))}"
    for key in ("draws", "seed", "code"):
        if before.get(key) != after.get(key):
            yield f"{key}: {before.get(key)} -> {after.get(key)}"


def _old_new(was: Any, now: Any) -> str:
    """`p50 18,000 -> 25,000`: only the parts that differ, where both have the same keys."""
    if was is None or now is None:
        return f"{'(not there)' if was is None else was} -> {'(gone)' if now is None else now}"
    (old, _, unit), (new, _, _) = str(was).partition(" | "), str(now).partition(" | ")
    old_parts, new_parts = old.split(", "), new.split(", ")
    if [p.split(" ")[0] for p in old_parts] == [p.split(" ")[0] for p in new_parts] and "[" not in old and " " in old:
        parts = [f"{o} -> {n.split(' ', 1)[1]}" for o, n in zip(old_parts, new_parts, strict=True) if o != n]
        return f"{', '.join(parts)} {unit}".strip()
    return f"{old} -> {new} {unit}".strip()
