"""Arrays and words in one file with a check sum, written whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

SEAL = 4  # bytes of the check sum
WORDS = "said"  # name under which the words are kept among the arrays
PART = ".part"  # end of the name of a file that is not yet whole


def write(place: Path, arrays: Mapping[str, np.ndarray], said: Mapping[str, Any], *, small: bool = False) -> None:
    """Write both, compressed where the file is to be small; OSError where that cannot be."""
    held = io.BytesIO()
    words = np.frombuffer(json.dumps(said).encode(), np.uint8)
    (np.savez_compressed if small else np.savez)(held, allow_pickle=False, **{**arrays, WORDS: words})
    content = held.getvalue()
    half = place.with_name(f"{place.name}.{os.getpid()}{PART}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(zlib.crc32(content).to_bytes(SEAL, "big") + content)
        if place.is_dir():
            shutil.rmtree(place)
        half.replace(place)
    except OSError:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise


def read(place: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the words; OSError or ValueError where they are not there, or not whole."""
    content = place.read_bytes()
    if len(content) < SEAL or zlib.crc32(content[SEAL:]) != int.from_bytes(content[:SEAL], "big"):
        raise ValueError("its check sum is another")
    with np.load(io.BytesIO(content[SEAL:])) as held:
        arrays = dict(held)
    said: dict[str, Any] = json.loads(arrays.pop(WORDS).tobytes())
    return arrays, said
