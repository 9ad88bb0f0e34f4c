"""What was computed already, on disk: an interrupted sweep goes on where it stopped, a finished one is not repeated.

One file for each study (assumptions, code, seed, draws, versions of numpy and scipy), one line for each measure under
each variation. Lines are appended as they are finished and carry a check sum, so that a kill, a full disk or a second
run at the same time costs at most the line in hand. Lines are text: nothing in them is executed.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import zlib
from pathlib import Path
from typing import Self, TextIO

import numpy as np
import scipy

from model.outputs import code_hash
from model.points import REPLICATES
from model.variation import Reading, Study, Variation
from model.xiaomi import business

FOLDER = ".cache"
FILES = 40  # studies that are remembered


class Kept:
    """Measures of one study that are known already."""

    def __init__(self, study: Study, *, fresh: bool = False) -> None:
        """`fresh` forgets what was known."""
        self._known: dict[tuple[str, str], np.ndarray] = {}
        self._file: TextIO | None = None
        if study.function is not business:  # another function has no name that stands for its code
            return
        folder = study.assumptions.root / FOLDER
        path = folder / f"{_key(study)}.txt"
        try:
            folder.mkdir(exist_ok=True)
            if fresh:
                path.unlink(missing_ok=True)
            self._known = _read(path)
            self._file = path.open("a", encoding="utf-8")
            if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
                self._file.write("\n")  # a line was cut short
            _forget_oldest(folder)
        except OSError as error:
            self._give_up(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def get(self, variation: Variation, what: Reading) -> np.ndarray | None:
        """Estimates (1 + replicate,), or None where they are not known."""
        return self._known.get((_said(variation), repr(what)))

    def put(self, variation: Variation, what: Reading, estimates: np.ndarray) -> None:
        """Keep what is finished."""
        names = (_said(variation), repr(what))
        self._known[names] = estimates
        if self._file is not None:
            body = json.dumps([*names, estimates.tolist()])
            try:
                self._file.write(f"{zlib.crc32(body.encode()):08x} {body}\n")
                self._file.flush()
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """Compute without keeping; said once."""
        self._file = None
        print(f"Results are not kept for the next time: {FOLDER}: {error.strerror or error}", file=sys.stderr)


def _key(study: Study) -> str:
    a = study.assumptions
    makes = [a.hash, a.order, study.size, study.seed, code_hash(), np.__version__, scipy.__version__]
    return hashlib.sha256(json.dumps([*makes, platform.machine()]).encode()).hexdigest()[:20]


def _said(variation: Variation) -> str:
    """Every digit of every parameter: two variations that differ at all have different names."""
    return "; ".join(
        f"{path} = {d.kind} "
        + ", ".join(f"{key} {np.ravel(v).tolist()}" for key, v in d.parameters.items() if v is not None)
        for path, d in sorted(variation.items())
    )


def _read(path: Path) -> dict[tuple[str, str], np.ndarray]:
    """Every whole line of the file."""
    known: dict[tuple[str, str], np.ndarray] = {}
    if not path.is_file():
        return known
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        crc, _, body = line.partition(" ")
        if crc != f"{zlib.crc32(body.encode()):08x}":
            continue
        try:
            variation, what, estimates = json.loads(body)
            row = np.array(estimates, float)
        except (ValueError, TypeError):
            continue
        if row.shape == (1 + REPLICATES,) and isinstance(variation, str) and isinstance(what, str):
            known[variation, what] = row
    return known


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.txt"), key=lambda p: p.stat().st_mtime)
    for old in files[:-FILES]:
        old.unlink(missing_ok=True)
