"""How the record says a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from model.evaluation.interval_width import Widths
from model.evaluation.scorecard import ScoredForecast
from model.simulation.formatting import short


def wide(x: float, *, absolute: bool) -> str:
    """The width of a range: P90 over P10, or their distance in points."""
    return f"{100 * x:.1f} points" if absolute else f"{math.exp(x):.2f}"


def spread(case: ScoredForecast) -> str:
    """P50 (P10 to P90) of a forecast."""
    low, middle, high = (case.forecast.level(q) for q in (0.1, 0.5, 0.9))
    if case.forecast.unit == "share":
        return f"{100 * middle:.1f}% ({100 * low:.1f} to {100 * high:.1f})"
    return f"{short(middle)} ({short(low)} to {short(high)})"


def unit(case: ScoredForecast, counted: Sequence[str]) -> str:
    """The unit of what is neither counted nor in per cent: `, RMB bn`."""
    return "" if case.forecast.unit in ("share", *counted) else f", {case.forecast.unit}"


def came(case: ScoredForecast) -> str:
    """What came, or the interval that a floor leaves."""
    ends = [
        f"{100 * x:.1f}%" if case.forecast.unit == "share" else f"{x:,.6g}" for x in (case.came.low, case.came.high)
    ]
    return (
        ends[0]
        if case.came.exact
        else f"{ends[0]} to {ends[1]}"
        if math.isfinite(case.came.high)
        else f"above {ends[0]}"
    )


def missed(case: ScoredForecast) -> str:
    """How far the P50 was off, and where what came lay."""
    where = percentile(case.pit[0]) if case.came.exact else f"{percentile(case.pit[0])} to {percentile(case.pit[1])}"
    return f"{off(case)}{where}"


def off(case: ScoredForecast) -> str:
    """How far the P50 was off, with a comma after it; nothing of an interval."""
    if not case.came.exact:
        return ""
    if case.forecast.unit == "share":
        return f"{100 * case.miss:+.1f} points, "
    return f"{case.miss:+.2g}, " if case.report.absolute else f"{100 * case.miss:+.0f}%, "


def percentile(share: float) -> str:
    """Where something lies among the quantiles, of which P1 is the first and P99 the last."""
    return "below P1" if share < 0.01 else "above P99" if share > 0.99 else f"P{100 * share:.0f}"


def baseline_miss(cases: Mapping[tuple[str, str, str], ScoredForecast], like: ScoredForecast, name: str) -> str:
    """How far the P50 of a baseline of the same day was off, of an interval where it lay."""
    found = cases.get((f"{like.entry.day}/{name}", like.report.outcome, like.report.period))
    if found is None:
        return "none"
    ends = f"{percentile(found.pit[0])} to {percentile(found.pit[1])}"
    return off(found).removesuffix(", ") if found.came.exact else ends


def error(cases: Sequence[ScoredForecast]) -> str:
    """Mean absolute error of the P50s."""
    return f"{100 * sum(abs(case.miss) for case in cases) / len(cases):.0f}%"


def verdict(found: Widths, label: Callable[[str], str]) -> str:
    """In a sentence whether the forecast was as wide as it had to be; label : outcome -> its name in a sentence."""
    first, narrow = found.items[0], sum(w.ratio < 0.95 for w in found.items)
    return (
        f"The 80% range of {label(first.outcome)} in {first.period} was {first.ratio:.1g} times as wide as other makers' errors suggest; "
        f"{narrow} of {len(found.items)} ranges are narrower than errors of the past."
    )


def ratio(x: float) -> str:
    """A ratio with two digits; one that is beyond all sense as such."""
    return f"{x:.2g}" if 0.01 <= x < 100 else "below 0.01" if x < 1 else "above 100"
