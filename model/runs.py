"""What a run leaves and says: tables, manifest and figures, and what changed since the run before."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model import bridge, earlier, figures, headline, outputs, verification
from model.assumptions import Assumptions
from model.result import Result
from model.simulation import simulate
from model.variation import Reading

OLD = "Made before the last edit, and not drawn again by a run (`model verify` says what changed): "


def write(result: Result, folder: Path, *, names: Sequence[str] = (), draws_out: Path | None = None) -> list[str]:
    """results.csv, manifest.json and the figures `names` into `folder`, whole or not at all.

    Returns in words what moved (a scenario or what-if against the base case, the base case against its last run there),
    and which figures of other commands there are outdated.
    """
    numbers = headline.numbers(result)
    with outputs.staged(folder) as stage:
        outputs.write_results(result.rows(), stage)
        manifest = outputs.write_manifest(result, numbers, stage)
        said = _compared(result, numbers, outputs.read_manifest(folder), manifest)
        if names:
            figures.save_all(result, stage, names=names)
        if draws_out is not None:
            outputs.write_draws(result, draws_out)
    old = verification.outdated(folder, manifest)
    if old:
        said += ["", *textwrap.wrap(OLD + ", ".join(old), 150, subsequent_indent="  ")]
    return said


def _compared(result: Result, numbers: Any, before: Any, after: Mapping[str, Any]) -> list[str]:
    a, target = result.assumptions, result.assumptions.target
    then: Assumptions | None
    if a.edits and a.base is not None:
        plain = headline.numbers(simulate(a.base, draws=result.draws, seed=result.seed))
        out, then = ["Against the base case, on the same draws", *headline.moves(plain, numbers)], a.base
    else:
        out = headline.difference(before, dict(after)) if before else []
        then = earlier.of_manifest(before, a) if out else None
    if then is not None:
        what = Reading(target.outcome, target.period, "chance", target.value)
        moved = bridge.bridge(then, a, what, draws=result.draws, seed=result.seed)
        said = bridge.lines(moved)
        out += said if len(moved.parts) > 1 else said[-1:] if moved.parts else []
    return ["", *out] if out else []
