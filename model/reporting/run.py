"""What a run leaves and says: tables, manifest and figures, and what changed since the run before."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.assumptions import snapshot
from model.assumptions.assumption import Assumptions
from model.assumptions.resolve import before_scenarios, first_year
from model.files.atomic import staged
from model.reporting import headline, manifest, verify
from model.reporting.figures import drawing
from model.reporting.outputs import YEAR_AS_IT_CAME
from model.reporting.report_spec import spec_of
from model.simulation.metric import target_metric
from model.simulation.outside_view import forecast
from model.simulation.result import Result
from model.simulation.tell import Tell, silent
from model.studies.bridge import bridge, steps

if TYPE_CHECKING:
    from model.inference.posterior import Posterior
    from model.studies.revision import Revision

MOST_PARTS = 30  # changes that a run splits the move of the target over: each takes some fifty runs of the model
OLD = "Made before the last edit, and not drawn again by a run (`model verify` says what changed): "


def write(
    result: Result,
    folder: Path,
    *,
    figures: Sequence[str] = (),
    draws_out: Path | None = None,
    table: bool = True,
    learned: Posterior | None = None,
    since: Revision | None = None,
    tell: Tell = silent,
    others: drawing.Others | None = None,
) -> list[str]:
    """results.csv, manifest.json and the figures named into `folder`, whole or not at all.

    learned : what `result` was conditioned on; reports.csv says where each report lay
    since : what moved the forecast since the base case's day, drawn with the other figures
    others : makes the other scenarios, for a figure of them all

    Returns in words what moved (a scenario or what-if against the base case, the base case against its last run there, what
    was learned from reports), and which figures of other commands there are outdated.
    """
    numbers = headline.numbers(result)
    with staged(folder) as stage:
        if table:
            manifest.write_results(result.rows(), stage)
        content = manifest.write_manifest(result, numbers, stage)
        if learned is None:
            said = _compared(result, numbers, manifest.read_manifest(folder), content)
        else:
            said = ["", *learned.lines()]
            learned.table().write(stage / "reports")
        if figures:
            drawing.save_all(result, stage, names=figures, tell=tell, others=others)
        if figures and since is not None:
            origin = manifest.provenance(result.assumptions, result.draws, result.seed)
            made = drawing.module_of(since, result.business).draw(result, since, "word")
            drawing.write(made, stage, YEAR_AS_IT_CAME, ("png", "svg"), origin, since.recipe)
        if draws_out is not None:
            manifest.write_draws(result, draws_out)
    old = verify.outdated(folder, content)
    if old:
        said += ["", *textwrap.wrap(OLD + ", ".join(old), 150, subsequent_indent="  ")]
    return said


def _compared(result: Result, numbers: Any, before: Any, after: Mapping[str, Any]) -> list[str]:
    a, business, moves = result.assumptions, result.business, spec_of(result.business).moves
    then: Assumptions | None
    if a.edits and a.case is not None:
        then = before_scenarios(a)
        plain = headline.numbers(forecast(then, business, draws=result.draws, seed=result.seed))
        out = ["Against the base case, on the same draws", *headline.moved_lines(plain, numbers, moves)]
    else:
        out = headline.difference(before, dict(after), moves) if before else []
        then = snapshot.of_manifest(before, a) if out else None
    changed = 0 if then is None else len(steps(first_year(then), first_year(a)))
    if changed > MOST_PARTS:
        out.append(f"{changed} changes: too many to split the move over them")
    elif then is not None and not (a.pooled or then.pooled):  # the parts are of the model without an outside view
        parts = bridge(
            first_year(then), first_year(a), business, target_metric(a), draws=result.draws, seed=result.seed
        )
        said = parts.lines()
        out += said if len(parts.parts) > 1 else said[-1:] if parts.parts else []
    return ["", *out] if out else []
