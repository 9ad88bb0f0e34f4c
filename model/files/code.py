"""A hash of the package's own source, to know measures by that other code made."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import model


@cache
def code_hash(*rooms: str) -> str:
    """Eight hexadecimal digits of the package's own source, or of that of some rooms alone."""
    package = Path(model.__file__).parent
    digest = hashlib.sha256()
    folders = [package / room for room in rooms] or [package]
    for path in sorted(
        p for folder in folders for p in folder.rglob("*") if p.suffix in (".py", ".csv", ".mplstyle", ".html")
    ):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]
