"""The notes under every figure: where its numbers come from."""

from __future__ import annotations

from model import words
from model.outputs import manifest
from model.result import Result
from model.variation import Reading

HISTORY = "Source: Xiaomi filings and registrations as listed with their pages in data/; forecast: assumptions.toml with the source of each number."
FORECAST = "Source: forecast from assumptions.toml, where each number has its source."


def footnote(result: Result) -> str:
    """Draws, seed, simulation error of P(target), assumption hash, as-of date, model; no wall clock."""
    m = manifest(result.assumptions, result.draws, result.seed)
    error = 100 * float(result.chance().error)
    return (
        f"{result.draws:,} draws, seed {m['seed']}; simulation error of P(target) ±{error:.1f} pp; assumptions {m['assumptions']}"
        f" as of {result.assumptions.about.as_of:%-d %b %Y}; model {m['model']} ({m['code']}). Not signed off."
    )


def case(result: Result) -> str:
    """Which scenario is drawn: `base case`."""
    label = result.assumptions.label
    what_if = " with --set" if result.assumptions.scenario.endswith("+set") else ""
    return (label[0].lower() + label[1:] if label == "Base case" else f"scenario {label}") + what_if


def target_chance(result: Result) -> str:
    """P(target) in whole per cent: 41%."""
    return words.odds(float(result.chance().value))


def in_title(label: str) -> str:
    """An assumption's label where it stands in a sentence: `YU7 firm orders in a normal month`."""
    return label.replace(": ", " ", 1)


SEGMENT = {
    "ev": "EV", "smartphones": "smartphone", "iot": "IoT", "internet": "internet", "other": "other", "group": "group",
    "ecosystem": "ecosystem",
}  # fmt: skip
QUANTITY = {"mix": "share of revenue", "operating_result": "segment result", "waiting": "orders waiting"}


def measure(what: Reading, result: Result) -> str:
    """A measure in a title: P(target) where it is the file's own, `Mean EV gross margin`."""
    target = result.assumptions.target
    if what.statistic == "chance":
        if (what.outcome, what.period, what.target) == (target.outcome, target.period, target.value):
            return "P(target)"
        return f"P({outcome(what.outcome)} >= {what.target:,.10g})"
    kind = {"mean": "Mean", "sd": "Spread (sd) of"}.get(what.statistic, f"{what.statistic.upper()} of")
    return f"{kind} {outcome(what.outcome)}"


def outcome(name: str) -> str:
    """An outcome in words: `EV gross margin`, `EV deliveries yu7`."""
    segment, _, rest = name.partition(".")
    quantity, _, line = rest.partition(".")
    said = QUANTITY.get(quantity, quantity.replace("_", " "))
    return " ".join(part for part in (SEGMENT.get(segment, segment), said, line) if part)
