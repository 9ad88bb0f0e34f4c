"""Files that a run leaves: the manifest, the long table, the draws. Whole or not at all.

Everything is first written into a hidden folder beside its place and then moved there; an error or a kill on
the way leaves the earlier files as they were. The same inputs give the same bytes: wall-clock time and the
machine stand in the manifest only.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import model
from model.assumptions import Assumptions, said
from model.errors import InputError, Problem
from model.overlays import keys_of
from model.result import COLUMNS, Row

if TYPE_CHECKING:
    from model.result import Result

MANIFEST = "manifest.json"
UNFINISHED, FINISHED = ".new-", ".done-"  # what a stage's name begins with, before and while its files are moved
GONE = ".gone"  # in a stage: names of old files that it takes away
BESIDE_A_TABLE = (".png", ".svg", ".pdf", ".alt.txt", ".parquet")
RESULTS = "results.csv"


@contextmanager
def staged(folder: Path, *, instead_of: str | None = None) -> Iterator[Path]:
    """A folder to write into; on leaving without an error its files move into `folder`, replacing old ones.

    instead_of : name of a table whose old figure and Parquet file go where there are no new ones, so that none stands beside
    another's table

    What was killed while it wrote is swept away by the next that writes here; what was killed while it moved is moved
    on by it, before its own, and only one at a time moves, so that no mixture of two runs stays.

    Raises InputError where `folder` cannot be written.
    """
    stage = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder) as locked:
            _sweep_up(folder, locked=locked)
        stage = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{_who()}-", dir=folder))
        yield stage
        for _, place in _moves(stage, folder):
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
            place.parent.mkdir(parents=True, exist_ok=True)
        if instead_of is not None:
            names = (f"{instead_of}{suffix}" for suffix in BESIDE_A_TABLE)
            (stage / GONE).write_text("\n".join(n for n in names if not (stage / n).exists()), encoding="utf-8")
        with _alone(folder) as locked:
            _sweep_up(folder, locked=locked)
            stage = stage.rename(stage.with_name(stage.name.replace(UNFINISHED, FINISHED, 1)))
            _publish(stage, folder)
    except OSError as error:
        where = error.filename2 or error.filename or folder
        raise InputError(
            Problem(
                f"cannot be written: {error.strerror or error}", "Choose another folder with --out", file=str(where)
            )
        ) from None
    finally:
        if stage is not None and stage.name.startswith(UNFINISHED):  # one that was interrupted as it moved is moved on
            shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """One process at a time, where the system can lock a folder; whether it can (Windows and some network disks cannot)."""
    try:
        import fcntl
    except ImportError:
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            locked = True
        except OSError:
            locked = False
        yield locked
    finally:
        os.close(handle)


def _publish(stage: Path, folder: Path) -> None:
    """Take away what goes, move a stage's files to their places, and the stage is gone; another can follow one killed in it."""
    gone = stage / GONE
    if gone.exists():
        for name in gone.read_text(encoding="utf-8").splitlines():
            (folder / name).unlink(missing_ok=True)
        gone.unlink()
    for path, place in _moves(stage, folder):
        path.replace(place)
    shutil.rmtree(stage, ignore_errors=True)


def _moves(stage: Path, folder: Path) -> list[tuple[Path, Path]]:
    """Every file of a stage, and its place."""
    files = (path for path in sorted(stage.rglob("*")) if path.is_file() and path != stage / GONE)
    return [(path, folder / path.relative_to(stage)) for path in files]


def _who() -> str:
    """Machine and process, for the name of a stage."""
    return f"{re.sub(r'[^A-Za-z0-9]', '', platform.node())}-{os.getpid()}"


def _sweep_up(folder: Path, *, locked: bool) -> None:
    """Move on what another process of this machine had finished, take away what a killed one had not.

    Under the lock nobody else is moving, so that whatever is finished has been left.
    """
    node = _who().rpartition("-")[0]
    for stage in sorted(folder.glob(".*-*-*-*")):
        kind, _, rest = stage.name.partition(f"{node}-")
        living = _alive(rest.partition("-")[0])
        if kind == FINISHED and (locked or not living):
            _publish(stage, folder)
        elif kind == UNFINISHED and not living:
            shutil.rmtree(stage, ignore_errors=True)


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def check_writable(folder: Path) -> None:
    """Say before the work starts that `folder` cannot be written (InputError)."""
    with staged(folder):
        pass


def write_results(rows: Iterable[Row], folder: Path) -> None:
    """results.csv: the long table, eight significant digits."""
    with (folder / RESULTS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:5], f"{row[5]:.8g}", f"{row[6]:.3g}") for row in rows)


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
    """What made the numbers: stands in every figure and, with the clock and the machine, in manifest.json."""
    return {
        "scenario": assumptions.scenario,
        "assumptions": assumptions.hash,
        "as_of": assumptions.about.as_of.isoformat(),
        "draws": draws,
        "seed": seed,
        "model": model.__version__,
        "code": code_hash(),
    }


def provenance(assumptions: Assumptions, draws: int, seed: int) -> dict[str, Any]:
    """The same with every input: what a figure's file carries, so that it can be verified later."""
    return {**manifest(assumptions, draws, seed), **_inputs(assumptions)}


def _inputs(a: Assumptions) -> dict[str, Any]:
    return {
        "distributions": {
            path: {**keys_of(entry.distribution), "unit": entry.unit} for path, entry in sorted(a.entries.items())
        },
        "correlations": {" ~ ".join(sorted(c.between)): c.rank for c in a.correlations},
        "target": {"outcome": a.target.outcome, "period": a.target.period, "value": a.target.value},
    }


def write_manifest(result: Result, headline: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """manifest.json: inputs, versions, changes against the base case, every assumption in one line, headline."""
    a = result.assumptions
    content = {
        **manifest(a, result.draws, result.seed),
        "changes": [
            {"path": e.path, "old": e.old, "new": e.new, "unit": e.unit, "by": e.by, "why": e.why} for e in a.edits
        ],
        "inputs": {path: f"{said(entry.distribution)} | {entry.unit}" for path, entry in sorted(a.entries.items())},
        **_inputs(a),
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
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    tables = ("inputs", "distributions", "headline", "correlations", "target")
    sound = isinstance(content, dict) and all(isinstance(content.get(key), dict) for key in tables)
    return content if sound else None


@cache
def code_hash() -> str:
    """Eight hexadecimal digits of the package's own source."""
    package = Path(model.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for p in package.rglob("*") if p.suffix in (".py", ".csv", ".mplstyle", ".html")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def _versions() -> dict[str, str]:
    import scipy

    return {"numpy": np.__version__, "scipy": scipy.__version__}
