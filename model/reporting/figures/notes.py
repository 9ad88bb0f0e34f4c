"""What every figure says of itself: title and subtitle above, where its numbers come from below."""

from __future__ import annotations

from model.reporting.figures.canvas import Canvas
from model.reporting.manifest import manifest
from model.simulation import formatting
from model.simulation.metric import Metric
from model.simulation.result import Result

FORECAST = "Source: forecast from assumptions.toml, where each number has its source."


def page(
    result: Result,
    size: str,
    *,
    title: str,
    subtitle: str,
    source: str = FORECAST,
    half_taller: float = 1.0,
    memo_taller: float = 1.0,
) -> Canvas:
    """The page of a figure of a result, with its title and all its notes."""
    return Canvas(
        size,
        title=title,
        subtitle=subtitle,
        source=source,
        footnote=footnote(result),
        half_taller=half_taller,
        memo_taller=memo_taller,
    )


def footnote(result: Result) -> str:
    """Draws, seed, simulation error of P(target), assumption hash, as-of date, model; no wall clock."""
    m = manifest(result.assumptions, result.draws, result.seed)
    error = 100 * float(result.chance().error)
    places = 2 if 0 < error < 0.05 else 1
    return (
        f"{result.draws:,} draws, seed {m['seed']}; simulation error of P(target) ±{error:.{places}f} pp; assumptions {m['assumptions']}"
        f" as of {result.assumptions.about.as_of:%-d %b %Y}; model {m['model']}. Not signed off."
    )


def case(result: Result) -> str:
    """Which scenario is drawn: `base case`."""
    label = result.assumptions.label
    what_if = " with --set" if result.assumptions.scenario.endswith("+set") else ""
    given = (f" {result.given}" if result.reports else "") + (f" with the {result.view}" if result.view else "")
    return (label[0].lower() + label[1:] if label == "Base case" else f"scenario {label}") + what_if + given


def target_chance(result: Result) -> str:
    """P(target) in whole per cent: 41%."""
    return formatting.odds(float(result.chance().value))


def in_title(label: str) -> str:
    """An assumption's label where it stands in a sentence: `Lemons price in a normal month`."""
    return label.replace(": ", " ", 1)


def measure(what: Metric, result: Result) -> str:
    """A measure in a title: P(target) where it is the file's own, `Mean EV gross margin`."""
    target = result.assumptions.target
    if what.statistic == "chance":
        if (what.outcome, what.period, what.target) == (target.outcome, target.period, target.value):
            return "P(target)"
        return f"P({result.business.label(what.outcome)} >= {what.target:,.10g})"
    kind = {"mean": "Mean", "sd": "Spread (sd) of"}.get(what.statistic, f"{what.statistic.upper()} of")
    return f"{kind} {result.business.label(what.outcome)}"
