"""What a memo's template is filled in with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumption, Assumptions
from model.inference.posterior import LEVELS as LEARNED
from model.reporting.figures.drawing import figures_of
from model.reporting.finding import out_of_reach
from model.reporting.memo import template
from model.reporting.memo.blocks import Block, Heading
from model.reporting.memo.material import Material
from model.reporting.record import page as record
from model.reporting.report_spec import quantity_of, spec_of
from model.simulation import formatting
from model.simulation.formatting import signed_in
from model.simulation.measures import Measure
from model.simulation.metric import Metric
from model.simulation.outside_view import WEIGHTS, outside_view
from model.simulation.result import Result
from model.studies.comparison import Comparison, left_out
from model.studies.required_values import RequiredValue, Solution, value
from model.studies.signposts import level

COLUMNS = 6  # measures for which a page has room beside the scenario


def memo(m: Material) -> list[Block]:
    """All blocks of a memo, in order; the first is its title."""
    result, spec = m.result, spec_of(m.result.business)
    figures = figures_of(result.business)
    values = {
        **vars(m), "a": result.assumptions, "target": result.assumptions.target, "event": spec.event(result.assumptions.target),
        "quantity": quantity_of(result), "figures": figures, "WEIGHTS": WEIGHTS, "MIDDLE": LEARNED.index(0.5),
        "LIKELIHOOD_SCALE": formatting.LIKELIHOOD_SCALE, "by_uncertainty": by_uncertainty, "complement": formatting.complement,
        "held_at": held_at, "level": level, "out_of_reach": out_of_reach(result), "moved_by": moved_by, "nearest": nearest, "outside_view": outside_view, "without": left_out(m.comparison.results),
        "required": value, "shown": shown, "side_by_side": side_by_side, "signed_in": signed_in, "spread": spread_in_words,
        "swing": swing, "with_error": with_error, **(record.values(m.record) if m.record else {}), **spec.memo_values(m),
    }  # fmt: skip
    return template.blocks(spec.memo, values, m.pictures, {name: drawn.shows for name, drawn in figures.items()})


def title(blocks: Sequence[Block]) -> str:
    """The finding, in words and digits: the first heading."""
    return next(block.text for block in blocks if isinstance(block, Heading))


def with_error(chance: Measure) -> str:
    """A chance, and what its error is one of."""
    said = formatting.chance(chance)
    return said if "confidence" in said else f"{said} simulation error"


def spread_in_words(result: Result) -> str:
    """The target's outcome: its middle, and the range of eight draws in ten."""
    target, spec = result.assumptions.target, spec_of(result.business)
    multiple = spec.unit.partition(" ")[0] if spec.divisor != 1 else target.unit
    digits = ",.0f" if spec.divisor != 1 else ",.4g"
    low, mid, high = (f"{level / spec.divisor:{digits}} {multiple}" for level in levels(result, target.outcome))
    return f"{mid} in the middle, {low} to {high} in eight of ten draws."


def levels(result: Result, outcome: str) -> tuple[float, float, float]:
    """P10, P50, P90."""
    low, mid, high = (float(v) for v in np.asarray(result.quantile(outcome, (0.1, 0.5, 0.9)).value))
    return low, mid, high


def nearest(found: Solution) -> RequiredValue:
    """Of assumptions that cannot bring the chance asked for, the one that comes nearest to it."""
    return min(found.cannot, key=lambda a: abs(float(a.chance.value) - found.asked))


def side_by_side(found: Comparison) -> tuple[list[str], list[Sequence[str]]]:
    """The medians for which a page has room, and a row for each scenario."""
    _, rows = found.cells()
    kept = [n for n, row in enumerate(found.rows) if row.quantile == 0.5][:COLUMNS]
    return [rows[n][0] for n in kept], [
        (r.assumptions.label, *(rows[n][place] for n in kept)) for place, r in enumerate(found.results, 1)
    ]


def by_uncertainty(a: Assumptions) -> list[Assumption]:
    """All assumptions: changed ones first, then the uncertain."""
    changed = {edit.path for edit in a.edits}
    return sorted(a.entries.values(), key=lambda x: (x.path not in changed, not x.distribution.uncertain, x.path))


def shown(what: Metric, value: Any) -> str:
    """A value of a measure: a chance in per cent, an outcome in its unit."""
    if what.unit == "share":
        return f"{100 * float(value) + 0.0:.1f}%"
    return f"{signed_in(what.unit, [Measure(value, 0.0)])[0](value)} {what.unit}"


def moved_by(what: Metric, result: Result) -> str:
    """What a tornado is of, in words: `the chance`, or the measure."""
    return "the chance" if what.statistic == "chance" else f"the {what.in_words(result.business.label)}"


def swing(what: Metric, found: Measure) -> str:
    """A swing with its error."""
    if what.unit == "share":
        return f"{100 * float(found.value):+.1f} ± {max(100 * float(found.error), 0.1):.1f} pp"
    error = formatting.measured_error(float(found.error), what.unit)
    return f"{signed_in(what.unit, [found])[0](found.value, '+')} ± {error}"


def held_at(values: np.ndarray) -> str:
    """At what an assumption is held; of several periods, their mean."""
    text = formatting.short(float(np.mean(values)))
    return f"mean {text}" if len(values) > 1 else text
