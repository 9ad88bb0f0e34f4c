"""A hash of the package's own source, to know measures by that other code made."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import model


@cache
def code_hash() -> str:
    """Eight hexadecimal digits of the package's own source."""
    package = Path(model.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for p in package.rglob("*") if p.suffix in (".py", ".csv", ".mplstyle", ".html")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]
