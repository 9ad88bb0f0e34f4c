"""One thread for each matrix product: populations move side by side, and threads of their products would fight for the cores."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

NAMES = ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads")


@cache
def _library() -> tuple[Any, Any] | None:
    """(get, set) of the number of threads of the OpenBLAS that comes with numpy; None where another comes with it."""
    home = Path(np.__file__).parent
    for folder in (home.parent / "numpy.libs", home / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            try:
                library = ctypes.CDLL(str(path))
            except OSError:
                continue
            for name in NAMES:
                get, put = (getattr(library, name.format(verb), None) for verb in ("get", "set"))
                if get and put:
                    return get, put
    return None


@contextmanager
def one_thread() -> Iterator[None]:
    """While this lasts, matrix products of this process, and of those forked from it, take one thread each."""
    found = _library()
    if found is None:
        yield
        return
    get, put = found
    before = get()
    put(1)
    try:
        yield
    finally:
        put(before)
