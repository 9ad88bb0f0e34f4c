"""Measures that were computed already, on disk: an interrupted sweep goes on where it stopped, a finished one is not repeated.

One SQLite file for all studies. A study is known by its assumptions, code, seed, draws and versions of numpy and scipy;
a row is one measure under one variation, committed as it is finished. A kill, a full disk or a second run at the same
time costs at most the rows in hand; a file that is no database any more is begun anew.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import scipy

from model.files.source_hash import code_hash
from model.simulation.metric import Metric
from model.simulation.sampling.common_random_numbers import Variation
from model.simulation.sampling.digital_net import REPLICATES
from model.studies.study import Study

FOLDER, FILE = ".cache", "measures.sqlite"
STUDIES = 40  # that are remembered
PATIENCE = 5.0  # seconds to wait for another writer
VERSION = 2  # of the tables below; a file of another version is begun anew
TABLES = """
    CREATE TABLE IF NOT EXISTS studies (study TEXT PRIMARY KEY, used INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS measures (
        study TEXT NOT NULL, variation TEXT NOT NULL, reading TEXT NOT NULL, estimates BLOB NOT NULL, crc INTEGER NOT NULL,
        PRIMARY KEY (study, variation, reading)
    ) WITHOUT ROWID;
"""


class MeasureCache:
    """Measures of one study that are known already; estimates are (1 + replicate,)."""

    def __init__(self, study: Study, *, fresh: bool = False) -> None:
        """`fresh` forgets what was known. A study of a bare function, which has no name for its code, is not kept on disk."""
        self._known: dict[tuple[str, str], np.ndarray] = {}
        self._database: sqlite3.Connection | None = None
        if not study.business.name:
            return
        self._key, folder = _key(study), study.assumptions.root / FOLDER
        try:
            folder.mkdir(exist_ok=True)
            try:
                self._open(folder / FILE, fresh=fresh)
            except sqlite3.OperationalError:  # locked, read-only, no room: the file itself is sound
                raise
            except sqlite3.DatabaseError:
                self.close()
                for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
                    (folder / name).unlink(missing_ok=True)
                self._open(folder / FILE, fresh=fresh)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _open(self, path: Path, *, fresh: bool) -> None:
        database = self._database = sqlite3.connect(path, timeout=PATIENCE)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if database.execute("PRAGMA user_version").fetchone()[0] not in (0, VERSION):
            raise sqlite3.DatabaseError("of another version")
        with database:
            database.executescript(f"{TABLES} PRAGMA user_version = {VERSION};")
            if fresh:
                database.execute("DELETE FROM measures WHERE study = ?", (self._key,))
            last = database.execute("SELECT coalesce(max(used), 0) FROM studies").fetchone()[0]
            database.execute("INSERT OR REPLACE INTO studies VALUES (?, ?)", (self._key, last + 1))
            old = database.execute(
                "SELECT study FROM studies ORDER BY used DESC LIMIT -1 OFFSET ?", (STUDIES,)
            ).fetchall()
            database.executemany("DELETE FROM measures WHERE study = ?", old)
            database.executemany("DELETE FROM studies WHERE study = ?", old)
        rows = "SELECT variation, reading, estimates, crc FROM measures WHERE study = ?"
        for variation, what, held, crc in database.execute(rows, (self._key,)):
            if isinstance(held, bytes) and len(held) == 8 * (1 + REPLICATES) and zlib.crc32(held) == crc:
                self._known[variation, what] = np.frombuffer(held)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is kept from here on."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def get(self, variation: Variation, what: Metric) -> np.ndarray | None:
        """Estimates, or None where they are not known."""
        return self._known.get((_said(variation), repr(what)))

    def put(self, finished: Sequence[tuple[Variation, Metric, np.ndarray]]) -> None:
        """Keep what is finished, in one transaction."""
        rows = [(_said(variation), repr(what), estimates) for variation, what, estimates in finished]
        self._known.update({(variation, what): estimates for variation, what, estimates in rows})
        if self._database is not None:
            blobs = [(variation, what, estimates.tobytes()) for variation, what, estimates in rows]
            held = [(self._key, *row, zlib.crc32(row[-1])) for row in blobs]
            try:
                with self._database:
                    self._database.executemany("INSERT OR REPLACE INTO measures VALUES (?, ?, ?, ?, ?)", held)
            except sqlite3.Error as error:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Compute without keeping; said once."""
        self.close()
        said = getattr(error, "strerror", None) or error
        print(f"Results are not kept for the next time: {FOLDER}: {said}", file=sys.stderr)


def _key(study: Study) -> str:
    versions = [code_hash(), np.__version__, scipy.__version__, platform.machine()]
    makes = [*study.identity, *versions]
    return hashlib.sha256(json.dumps(makes).encode()).hexdigest()[:20]


def _said(variation: Variation) -> str:
    """Every digit of every parameter: two variations that differ at all have different names."""
    return "; ".join(
        f"{path} = {d.kind} "
        + ", ".join(f"{key} {np.ravel(v).tolist()}" for key, v in d.parameters.items() if v is not None)
        for path, d in sorted(variation.items())
    )
