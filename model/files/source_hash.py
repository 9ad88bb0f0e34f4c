"""A hash of the package's own source, to know numbers that other code made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
SOURCES = (".py", ".csv", ".mplstyle", ".html")


@cache
def code_hash(*rooms: str, without: Sequence[str] = ()) -> str:
    """Return eight hexadecimal digits of the package's own source, or of some rooms alone; `without` folders of these names."""
    digest = hashlib.sha256()
    folders = [PACKAGE / room for room in rooms] or [PACKAGE]
    found = (p for folder in folders for p in folder.rglob("*") if p.suffix in SOURCES)
    for path in sorted(found):
        name = path.relative_to(PACKAGE)
        if not set(name.parts) & set(without):
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]
