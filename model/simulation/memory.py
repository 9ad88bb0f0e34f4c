"""How much memory draws take, and how much there is: said before they are made, since a system may lend what it does not have."""

from __future__ import annotations

from pathlib import Path

from model.errors import InputError, Problem

WORKING, SORTED_ROWS = 1.05, 70  # over the outcomes that are kept, and rows that the table sorts at a time: measured
ROOM = 1 << 30  # bytes of outcomes, beyond which they are kept in single precision where it does not blur them
MOST = 0.85  # of the memory that is free, that a run may take
CONTAINER = Path("/sys/fs/cgroup")  # where a container on Linux says what it may use


def is_tight(rows: int, draws: int) -> bool:
    """Whether so many rows of draws are kept in single precision."""
    return 8 * rows * draws > ROOM


def refuse_too_large(rows: int, draws: int, doubles: int = 0) -> None:
    """InputError where so many rows of draws need more memory than there is.

    doubles : rows that take double precision though memory is tight
    """
    kept = 4 * (rows + doubles) if is_tight(rows, draws) else 8 * rows
    needed, there = (kept * WORKING + 8 * SORTED_ROWS) * draws, available()
    if needed > MOST * there:
        what = f"{draws:,} draws of {rows:,} outcomes and periods need about {needed / 1e9:.1f} GB of memory, {there / 1e9:.1f} GB are free"
        raise InputError(Problem(what, "Lower --draws, or keep fewer outcomes: --outcomes NAME,NAME", path="--draws"))


def available() -> float:
    """Bytes that this process can still take: what the machine has free, or what its container leaves it."""
    import psutil

    free = float(psutil.virtual_memory().available)
    try:
        limit, used = ((CONTAINER / name).read_text() for name in ("memory.max", "memory.current"))
        return min(free, float(limit) - float(used))
    except (OSError, ValueError):  # no container, or one without a limit
        return free
