"""What a run leaves beside its figures: the long table, the draws, and the manifest of what made them.

The same inputs give the same bytes: the clock, the machine and a hash of the code stand in manifest.json only.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model._version import __version__
from model.assumptions.assumption import Assumptions, said
from model.assumptions.snapshot import inputs_of
from model.files.atomic import staged
from model.files.source_hash import code_hash
from model.files.table import as_text
from model.files.toml_reader import bytes_of
from model.simulation.result import COLUMNS, Row

if TYPE_CHECKING:
    from model.simulation.result import Result

MANIFEST, RESULTS = "manifest.json", "results.csv"


def write_results(rows: Iterable[Row], folder: Path) -> None:
    """results.csv: the long table, eight significant digits."""
    with (folder / RESULTS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            (*map(as_text, row[:5]), f"{row[5]:.8g}", "" if math.isnan(row[6]) else f"{row[6]:.3g}") for row in rows
        )


def write_draws(result: Result, path: Path) -> None:
    """A Parquet file with a row per draw: replicate, weight where there is a view, and every outcome and period.

    Columns are named outcome|period.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"replicate": result.replicate.astype(np.int8)}
    if result.weights is not None:
        columns["weight"] = result.weights
    for name in result.outcomes:
        for period in result.periods(name):
            columns[f"{name}|{period}"] = result.values(name, period)
    with staged(path.parent) as stage:
        pq.write_table(pa.table(columns), stage / path.name)


def manifest(assumptions: Assumptions, draws: int, seed: int) -> dict[str, Any]:
    """What made the numbers: stands in every figure and, with the code, the clock and the machine, in manifest.json."""
    return {
        "scenario": assumptions.scenario,
        "assumptions": assumptions.hash,
        "as_of": assumptions.about.as_of.isoformat(),
        **({"facts_alone": True} if assumptions.facts_alone else {}),
        **({"to": assumptions.calendar.end} if assumptions.years > 1 else {}),
        "draws": draws,
        "seed": seed,
        "model": __version__,
    }


def provenance(assumptions: Assumptions, draws: int, seed: int) -> dict[str, Any]:
    """The same with every input: what a figure's file carries, so that it can be verified later."""
    return {**manifest(assumptions, draws, seed), **inputs_of(assumptions)}


def write_manifest(result: Result, headline: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """manifest.json: inputs, versions, changes against the base case, every assumption in one line, headline."""
    a = result.assumptions
    content = {
        **manifest(a, result.draws, result.seed),
        "code": code_hash(),
        "changes": [
            {"path": e.path, "old": e.old, "new": e.new, "unit": e.unit, "by": e.by, "why": e.why} for e in a.edits
        ],
        "inputs": {
            path: f"{said(entry.distribution, entry.unit)} | {entry.unit}" for path, entry in sorted(a.entries.items())
        },
        **inputs_of(a),
        "headline": headline,
        "versions": {"python": platform.python_version(), **_versions()},
        "machine": {"system": platform.platform(), "cores": os.cpu_count()},
        "clock": {
            "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "seconds": round(result.seconds, 3),
        },
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return content


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the run that was written there before, if there is one that can be read."""
    try:
        content = json.loads(bytes_of(folder / MANIFEST))
    except (OSError, ValueError):
        return None
    tables = ("inputs", "distributions", "headline", "correlations", "target")
    sound = isinstance(content, dict) and all(isinstance(content.get(key), dict) for key in tables)
    return content if sound else None


def _versions() -> dict[str, str]:
    import scipy

    return {"numpy": np.__version__, "scipy": scipy.__version__}
