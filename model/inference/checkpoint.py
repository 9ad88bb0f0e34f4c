"""How far each half of the populations is, on disk: work that was stopped goes on from the degrees that are done.

What is read is what was written, the state of the random numbers too, so the answer is the one without a stop.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model.inference import sealed

END = ".half"  # of the names of the files


def of_half(place: Path, number: int) -> Path:
    """Beside the place where the posterior will be kept."""
    return place.with_name(f"{place.stem}.{number}{END}")


def put(place: Path, arrays: Mapping[str, np.ndarray], said: Mapping[str, Any]) -> None:
    """Keep a degree; where the disk does not take it, a stop costs it."""
    with contextlib.suppress(OSError):
        sealed.write(place, arrays, said)


def get(place: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """The last degree that is done; None where there is none, or not a whole one."""
    try:
        return sealed.read(place)
    except Exception:  # noqa: BLE001  whatever is wrong with what was kept, it is made again
        return None


def drop(place: Path) -> None:
    """Forget the degrees, once the posterior is made."""
    for path in place.parent.glob(f"{place.stem}.*{END}"):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
