"""On save: check, run again, say what moved, draw again. Errors show, and the last good outputs stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from watchfiles import watch

QUIET = 60  # milliseconds without another change before work starts: an editor writes several times
STEP = 15


def saves(base: Path) -> Iterator[None]:
    """One item for each time that the base case, a scenario, an update or a data file is saved, until Ctrl-C."""
    root = base.resolve().parent
    folders = [folder for folder in (root, root / "scenarios", root / "updates", root / "data") if folder.is_dir()]
    wanted: Callable[[object, str], bool] = lambda _, path: path.endswith((".toml", ".csv"))  # noqa: E731
    for _ in watch(*folders, watch_filter=wanted, debounce=QUIET, step=STEP, recursive=False):
        yield
