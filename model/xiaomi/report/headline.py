"""What Xiaomi's headline says below the chance of the target: pace, reference lines, segments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model.assumptions.calendar import MONTHS
from model.files.table import aligned
from model.reporting.headline import LEVELS, percentile
from model.simulation import formatting
from model.simulation.business import History
from model.simulation.measures import quantile
from model.simulation.observation import end_of
from model.simulation.result import Result
from model.xiaomi.data import history, known_on
from model.xiaomi.report import published
from model.xiaomi.report.currency import currency, of_rmb, rate_lines
from model.xiaomi.segments import SEGMENTS

CARS = "ev.deliveries"
PARTS = (  # of adjusted profit before tax
    ("core.operating_result", "Smartphone x AIoT"),
    ("ev.operating_result", "EV, AI and new"),
    ("group.other_items", "other items"),
)
NAMES = {
    "smartphones": "Smartphones",
    "iot": "IoT and lifestyle",
    "internet": "Internet services",
    "other": "Other related",
    "ev": "EV, AI and new",
    "group": "Group",
}
SHORT = {"smartphones": "Phones", "iot": "IoT", "internet": "Internet", "other": "Other", "ev": "EV", "group": "Group"}


def months_behind(result: Result) -> int:
    """Months of the year whose deliveries reports speak of, from January on."""
    outcome = result.assumptions.target.outcome
    return max((end_of(o.period).month for o in result.reports if o.outcome == outcome), default=0)


def needed_a_month(result: Result, goal: float | None = None) -> float:
    """Vehicles a month that the target, or another goal, needs in the months ahead, after the middle of what is behind; at least 0."""
    behind, target = months_behind(result), result.assumptions.target.value if goal is None else goal
    if behind == 12:
        return 0.0
    return max(0.0, target - _delivered(result, behind)) / (12 - behind)


def ahead(result: Result) -> tuple[int, float | None]:
    """Months that reports speak of, and what the target needs in each after them; None where none is left."""
    behind = months_behind(result)
    return behind, needed_a_month(result) if behind < 12 else None


def pace(result: Result) -> list[str]:
    """What the target needs a month, from here."""
    year, behind = result.assumptions.about.year, months_behind(result)
    if not behind:
        need = f"{needed_a_month(result):,.0f} a month, over all twelve months"
        return [f"Needed from here: {need}; nothing of {year} is reported yet"]
    if behind == 12:
        return [f"The deliveries of all months of {year} are reported"]
    target = result.assumptions.target.value
    need = f"{needed_a_month(result):,.0f} a month from {MONTHS[behind]} on for {target:,.0f}"
    return [f"Needed from here: {need}, after {_done(result, behind)}"]


def pace_to(result: Result, goal: float) -> list[str]:
    """What a goal of the year's deliveries needs a month, from here, beside the middle of the forecast."""
    behind = months_behind(result)
    if behind == 12:
        return []
    ahead = (
        float(result.quantile("ev.deliveries", 0.5, str(result.assumptions.about.year)).value)
        - _delivered(result, behind)
    ) / (12 - behind)
    after = f" after {_done(result, behind)}" if behind else ""
    return [
        f"{goal:,.0f} needs {needed_a_month(result, goal):,.0f} a month from {MONTHS[behind]} on{after}; the forecast has {ahead:,.0f}"
    ]


def _done(result: Result, behind: int) -> str:
    return f"about {formatting.thousands(_delivered(result, behind))} by the end of {MONTHS[behind - 1]} (P50)"


def key(result: Result) -> list[str]:
    """Adjusted net profit and earnings a share, each beside the houses' median of the day."""
    about, root, said = result.assumptions.about, result.assumptions.root, []
    money = currency(result)
    for outcome, name, unit, places in (
        ("group.adjusted_net_profit", "Adjusted net profit", f"{money} bn", 1),
        ("group.eps", "earnings a share", money, 2),
    ):
        low, mid, high = (f"{float(x):.{places}f}" for x in np.asarray(result.quantile(outcome, LEVELS).value))
        beside = published.consensus(root, about, outcome)
        houses = "" if beside is None else f" (published: {of_rmb(result, beside[0]):.{places}f}; {beside[1]})"
        said.append(f"{name} {mid} ({low} to {high}) {unit}{houses}")
    return [", ".join(said), *rate_lines(result)]


def _delivered(result: Result, months: int) -> float:
    """P50 of deliveries in the first months of the year."""
    total = result.outcomes["ev.deliveries"][:months].sum(axis=0)
    return float(quantile(total, 0.5, replicate=result.replicate, weights=result.weights).value)


def details(result: Result) -> list[str]:
    """Reference lines, then segments, then later years."""
    shown = [*_references(result), "", *_segments(result)]
    if result.assumptions.years == 1:
        return shown
    from model.xiaomi.report import later_years  # which most runs do not reach

    beyond = later_years.lines(result)
    return [*shown, *(["", *beyond] if beyond else [])]


def reference_lines(result: Result) -> list[tuple[str, float, str]]:
    """(what, vehicles, where it lies in the forecast) of run rates, base rate and published estimates."""
    root, target, about = result.assumptions.root, result.assumptions.target, result.assumptions.about
    months = known_by(result).months[CARS]
    last = max(months)
    quarter = sum(months[n][0] for n in range(last - 2, last + 1))
    floor = ", at least" if any(months[n][0] < months[n][1] for n in range(last - 2, last + 1)) else ""
    rate = history.base_rate(root)
    found = [
        (f"Run rate of {history.month_name(last)} x 12{floor}", 12 * months[last][0]),
        (f"Run rate of the last three months x 4{floor}", 4 * quarter),
        (f"Median delivered / first target of EV makers ({rate.median:.2f})", rate.median * target.value),
        *((f"{e.who}, {e.month}", e.value) for e in history.estimates(root, about.year, about.as_of)),
    ]
    return [(what, value, percentile(result, value)) for what, value in found]


def known_by(result: Result) -> History:
    """What was known by the day of a forecast: months, quarters and all that is reported of them."""
    a = result.assumptions
    return known_on.history(a.root, a.about.year, a.about.as_of, reports=bool(result.reports))


def last_of(quarters: Mapping[int, float], count: int) -> list[tuple[str, float]]:
    """The last quarters, by name, in order."""
    return [(f"{q // 4}Q{q % 4 + 1}", quarters[q]) for q in sorted(quarters)[-count:]]


def _references(result: Result) -> list[str]:
    rate = history.base_rate(result.assumptions.root)
    lines = ["Reference lines, and where they lie in the forecast"]
    lines += aligned([(what, f"{value:,.0f}", place) for what, value, place in reference_lines(result)], "<><")
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
        return f"{mid:.{places}f} ({low:.{places}f} to {high:.{places}f})"

    year = result.assumptions.about.year
    rows = [(f"{year}: P50 (P10 to P90)", f"revenue, {currency(result)} bn", "gross margin, %", "share of revenue, %")]
    for name in (*SEGMENTS, "group"):
        mix = "" if name == "group" else cell(f"{name}.mix", 100, 1)
        revenue, margin = cell(f"{name}.revenue", 1, 1), cell(f"{name}.gross_margin", 100, 1)
        rows.append((f"  {NAMES[name]}", revenue, margin, mix))
    lines = aligned(rows, "<>>>", 0)
    profit = result.chance("ev.operating_result", 0.0)
    quarters = known_by(result).quarters
    past = ", ".join(
        f"{quarter} {of_rmb(result, value):+.1f}" for quarter, value in last_of(quarters["ev.operating_result"], 3)
    )
    lines.append(
        f"EV segment result: {cell('ev.operating_result', 1, 1)} {currency(result)} bn; P(profit) {formatting.chance(profit)}; reported: {past}"
    )
    earned = last_of(quarters["group.adjusted_net_profit"], 4)
    last = of_rmb(result, sum(value for _, value in earned))
    as_much = formatting.chance(result.chance("group.adjusted_net_profit", last))
    lines.append(f"P(adjusted net profit at least the {last:.1f} of the four quarters to {earned[-1][0]}) {as_much}")
    lines.append(f"  Profit before tax: {'; '.join(f'{name} {cell(outcome, 1, 1)}' for outcome, name in PARTS)}")
    shares = [f"{name} {share:.0%}" for name, share in variance_by_part(result) if abs(share) >= 0.01]
    lines += [f"  variance before tax, by part: {'; '.join(shares)}"] if shares else []
    four = last_of(quarters["group.revenue"], 4)
    lines.append(
        f"Group revenue beside it: {of_rmb(result, sum(value for _, value in four)):.1f} in the four quarters to {four[-1][0]}"
    )
    return [*lines, *published.lines(result)]


def variance_by_part(result: Result) -> list[tuple[str, float]]:
    """(part, its share of the variance of profit before tax), the largest first; they add up to 1.

    A part's share is its covariance with the sum over the sum's variance: below 0 where a part moves against the others.
    """
    parts = {NAMES[name]: result.values(f"{name}.gross_profit") for name in SEGMENTS if name != "ev"}
    parts["EV, AI and new"] = result.values("ev.operating_result")
    parts["costs of Smartphone x AIoT"] = result.values("core.operating_result") - result.values("core.gross_profit")
    parts["other items"] = result.values("group.other_items")
    together = np.cov(np.array(list(parts.values())), aweights=result.weights)
    if together.sum() <= 0.0:  # nothing varies
        return []
    shares = together.sum(axis=1) / together.sum()
    return sorted(zip(parts, map(float, shares), strict=True), key=lambda part: -part[1])
