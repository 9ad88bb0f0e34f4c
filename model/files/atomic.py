"""Files whole or not at all: a set of files is written beside its place, and moved there when all of it is done.

An error or a kill on the way leaves the earlier files as they were.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import InputError, Problem
from model.files.toml_reader import shown

if TYPE_CHECKING:
    from filelock import BaseFileLock

SILENT, PATIENCE = 2, 600  # seconds that a lock is waited for without a word, and at all
UNFINISHED, FINISHED = ".new-", ".done-"  # what a stage's name begins with, before and while its files are moved
GONE = ".gone"  # in a stage: names of old files that it takes away
BESIDE_A_TABLE = (".png", ".svg", ".pdf", ".alt.txt", ".parquet")


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
        with alone(folder) as locked:
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
        with alone(folder) as locked:
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
def alone(folder: Path) -> Iterator[bool]:
    """One process of this machine at a time; whether that can be had (some systems have no locks).

    The lock lies in the folder for temporary files, so that nothing stays where the user looks.
    """
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:20]
    try:
        lock = _acquired(Path(tempfile.gettempdir()) / f"scenario-model-{name}.lock", shown(folder))
    except (OSError, NotImplementedError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """One process at a time, whichever folder for temporary files each has; InputError where no lock can be had."""
    try:
        mine = _acquired(lock, shown(lock.parent))
    except (OSError, NotImplementedError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(Problem(f"cannot be held for one writer alone: {why}", file=shown(lock))) from None
    try:
        yield
    finally:
        mine.release()


def _acquired(path: Path, what: str) -> BaseFileLock:
    """A lock, once nobody else holds it; that one waits is said, and for how long one does."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=0o666)
    try:
        lock.acquire(timeout=SILENT)
    except Timeout:
        print(f"Waiting for another run that writes into {what}", file=sys.stderr, flush=True)
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            hint = f"It holds {path}"
            raise InputError(
                Problem(f"another run has been writing for {PATIENCE / 60:.0f} minutes", hint, what)
            ) from None
    return lock


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
    import psutil

    return process.isdecimal() and psutil.pid_exists(int(process))


def check_writable(folder: Path) -> None:
    """Say before the work starts that `folder` cannot be written (InputError)."""
    with staged(folder):
        pass
