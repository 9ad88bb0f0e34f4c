"""The headline of a run: the numbers, and the text that says them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from model import history, words
from model.result import Result
from model.xiaomi import SEGMENTS

NAMES = {
    "smartphones": "Smartphones",
    "iot": "IoT and lifestyle",
    "internet": "Internet services",
    "other": "Other related",
    "ev": "EV, AI and new",
    "group": "Group",
}
SHORT = {"smartphones": "Phones", "iot": "IoT", "internet": "Internet", "other": "Other", "ev": "EV", "group": "Group"}
LEVELS = (0.1, 0.5, 0.9)


def numbers(result: Result) -> dict[str, Any]:
    """The headline's numbers by name, for the manifest, JSON and the comparison of two runs."""
    target = result.assumptions.target
    found: dict[str, Any] = {"chance": list(map(float, result.chance()))}
    for name in (
        "ev.deliveries",
        "ev.revenue",
        "ev.gross_margin",
        "ev.operating_result",
        "group.revenue",
        "group.gross_margin",
    ):
        levels = result.quantile(name, LEVELS)
        found[name] = {
            **{
                f"p{round(100 * q)}": [float(v), float(e)]
                for q, v, e in zip(LEVELS, levels.value, levels.error, strict=True)
            },
            "mean": list(map(float, result.mean(name))),
        }
    found["target"] = target.value
    return found


def text(result: Result) -> list[str]:
    """The headline as lines of text."""
    return [*top(result), "", *_references(result), "", *_segments(result)]


def top(result: Result) -> list[str]:
    """Which case it is, the chance of the target, and the deliveries."""
    a, target = result.assumptions, result.assumptions.target
    chance = result.chance()
    spread = result.quantile(target.outcome, LEVELS, target.period)
    average = result.mean(target.outcome, target.period)
    levels = "   ".join(
        f"P{round(100 * q)} {words.rounded(v, e)}" for q, v, e in zip(LEVELS, spread.value, spread.error, strict=True)
    )
    lines = [
        f"{a.about.title}",
        f"{a.label}, as known on {a.about.as_of:%-d %B %Y}; assumptions {a.hash}, {result.draws:,} draws, seed {result.seed}",
    ]
    lines += [f"  {edit}" for edit in a.edits]
    lines += [
        "",
        f"P(deliveries >= {target.value:,.0f} in {target.period})   {words.chance(chance)} simulation error   (a miss: {words.percent(1 - chance.value, chance.error)})",
        f"Deliveries in {target.period}   {levels}   mean {words.rounded(average.value, average.error)}",
        f"Needed from here: {target.value / 12:,.0f} a month, over all twelve months; nothing of {a.about.year} is reported yet",
    ]
    return lines


def reference_lines(result: Result) -> list[tuple[str, float, str]]:
    """(what, vehicles, where it lies in the forecast) of run rates, base rate and published estimates."""
    root, target = result.assumptions.root, result.assumptions.target
    months = history.monthly_deliveries(root)
    last = max(months)
    quarter = sum(history.last_quarters(months, 3))
    rate = history.base_rate(root)
    found = [
        (f"Run rate of {last} x 12", 12 * months[last]),
        ("Run rate of the last three months x 4", 4 * quarter),
        (f"Median delivered / first target of EV makers ({rate.median:.2f})", rate.median * target.value),
        *((f"{e.who}, {e.month}", e.value) for e in history.estimates(root)),
    ]
    return [(what, value, _percentile(result, value)) for what, value in found]


def _percentile(result: Result, value: float, outcome: str | None = None) -> str:
    """Where a value lies in the forecast of an outcome, by default the target's."""
    target = result.assumptions.target
    below = result.percentile_of(outcome or target.outcome, value, None if outcome else target.period).value
    if below > 0.995:
        return "above P99"
    return "below P1" if below < 0.005 else f"P{100 * below:.0f}"


def _references(result: Result) -> list[str]:
    rate = history.base_rate(result.assumptions.root)
    lines = ["Reference lines, and where they lie in the forecast"]
    lines += [f"  {what:<58} {value:>9,.0f}   {place}" for what, value, place in reference_lines(result)]
    lines.append(
        f"  Base rate: {rate.met} of {rate.number} first-announced yearly targets of EV makers were met ({rate.met / rate.number:.0%}),"
        f" {rate.own[0]} of {rate.own[1]} of Xiaomi's own"
    )
    lines.append(
        "    (data/ev_targets.csv: stage 'initial', outcome known, one a firm and year; without makers of all kinds of cars)"
    )
    return lines


def _segments(result: Result) -> list[str]:
    def cell(outcome: str, scale: float, places: int) -> str:
        low, mid, high = (round(scale * v, places) + 0.0 for v in np.asarray(result.quantile(outcome, LEVELS).value))
        return f"{mid:7.{places}f} ({low:.{places}f} to {high:.{places}f})"

    lines = [
        f"{result.assumptions.about.year}: P50 (P10 to P90)   {'revenue, RMB bn':>22} {'gross margin, %':>24} {'share of revenue, %':>24}"
    ]
    for name in (*SEGMENTS, "group"):
        mix = "" if name == "group" else cell(f"{name}.mix", 100, 1)
        lines.append(
            f"  {NAMES[name]:<18} {cell(f'{name}.revenue', 1, 1):>29} {cell(f'{name}.gross_margin', 100, 1):>24} {mix:>24}"
        )
    profit = result.chance("ev.operating_result", 0.0)
    root = result.assumptions.root
    reported = history.metric(root, "ev_segment_profit")
    lines.append(
        f"EV segment result: {cell('ev.operating_result', 1, 1).strip()} RMB bn; P(profit) {words.chance(profit)}; "
        f"reported: {', '.join(f'{q} {v:+.1f}' for q, v in sorted(reported.items()) if q[4] == 'Q' and q >= '2025')}"
    )
    past = history.segments(root)["group"]
    four = sum(past[q][0] for q in sorted(past)[-4:])
    low, high = history.estimates(root, "group revenue")
    lines.append(
        f"Group revenue beside it: {four:.1f} in the four quarters to {max(past)}; published estimates {low.value:,.0f} "
        f"({_percentile(result, low.value, 'group.revenue')}) to {high.value:,.0f} ({_percentile(result, high.value, 'group.revenue')})"
    )
    return lines


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What changed since an earlier run, and what it did: lines of text, none where nothing changed.

    before, after : manifests
    """
    changes = list(_changes(before, after))
    if not changes:
        return []
    return [
        "Since the last run here",
        *(f"  {change}" for change in changes),
        *moves(before["headline"], after["headline"]),
    ]


MOVES = (
    ("P(target)", "chance", "", 100, 1, "%", "pp"),
    ("deliveries P50", "ev.deliveries", "p50", 1, 0, "", "vehicles"),
    ("EV gross margin P50", "ev.gross_margin", "p50", 100, 1, "%", "pp"),
    ("EV result P50", "ev.operating_result", "p50", 1, 1, " bn", "RMB bn"),
    ("group revenue P50", "group.revenue", "p50", 1, 1, " bn", "RMB bn"),
)


def moves(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The headline's numbers before and after, line by line, with as many digits as make them and their difference agree."""
    lines = []
    for what, name, statistic, scale, places, sign, unit in MOVES:
        try:
            was, now = (scale * float((h[name][statistic] if statistic else h[name])[0]) for h in (old, new))
        except (KeyError, TypeError, IndexError):  # an earlier version's manifest
            continue
        shown = words.agreeing(was, now, places)
        moved = round(now - was, shown)
        by = f"{moved:+,.{shown}f} {unit}" if moved else "no change"
        lines.append(f"  {what}: {was:,.{shown}f}{sign} -> {now:,.{shown}f}{sign}  ({by})")
    return lines


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterable[str]:
    for key in ("inputs", "correlations", "target"):
        was, now = before.get(key) or {}, after.get(key) or {}
        for path in sorted(was.keys() | now.keys()):
            if was.get(path) != now.get(path):
                yield f"{path}: {_old_new(was.get(path), now.get(path))}"
    for key in ("draws", "seed", "code"):
        if before.get(key) != after.get(key):
            yield f"{key}: {before.get(key)} -> {after.get(key)}"


def _old_new(was: Any, now: Any) -> str:
    """`p50 18,000 -> 25,000 vehicle/month`: only the parts that differ, where both have the same keys."""
    if was is None or now is None:
        return f"{'(not there)' if was is None else was} -> {'(gone)' if now is None else now}"
    (old, _, unit), (new, _, _) = str(was).partition(" | "), str(now).partition(" | ")
    old_parts, new_parts = old.split(", "), new.split(", ")
    if [p.split(" ")[0] for p in old_parts] == [p.split(" ")[0] for p in new_parts] and "[" not in old and " " in old:
        parts = [f"{o} -> {n.split(' ', 1)[1]}" for o, n in zip(old_parts, new_parts, strict=True) if o != n]
        return f"{', '.join(parts)} {unit}".strip()
    return f"{old} -> {new} {unit}".strip()
