"""TOML files in, with the line of every key for messages.

`tomllib` reads; nothing here parses a value. `line_of` only finds where a path was written, and is called
when there is something to complain about.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from model.errors import InputError, Problem

LARGEST_FILE = 50_000_000  # bytes


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The content of a TOML file and its text; InputError where it cannot be read."""
    name = shown(path)
    try:
        raw = bytes_of(path)
    except FileNotFoundError:
        others = sorted(p.name for p in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        hint = f"TOML files there: {', '.join(others)}" if others else "No TOML file is in that folder"
        raise InputError(Problem("no such file", hint, file=name)) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", file=name)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(Problem("is not text in UTF-8", "Save it as UTF-8 text", file=name, line=line)) from None
    if not text.strip():
        raise InputError(Problem("is empty", "`model new NAME` writes a scenario to start from", file=name))
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line_number = int(match[1]) if match else text.count("\n") + 1
        what = re.sub(r"\s*\(at .*\)$", "", str(error))
        content = text.split("\n")[line_number - 1].strip()
        hint = f"The line reads: {content[:80]}" if content.isprintable() and content else ""
        raise InputError(Problem(f"is not valid TOML: {what}", hint, file=name, line=line_number)) from None
    except RecursionError:
        raise InputError(Problem("is nested too deeply to be read", file=name)) from None


def is_there(path: Path) -> bool:
    """Whether there is something under this name, a broken link among it: what cannot be read is an error then.

    Raises InputError where the folder itself is such a link, or no folder.
    """
    _refuse_no_folder(path.parent)
    return os.path.lexists(path)


def _refuse_no_folder(folder: Path) -> None:
    if os.path.lexists(folder) and not folder.is_dir():
        what = "is a broken link" if folder.is_symlink() and not folder.exists() else "is not a folder"
        raise InputError(Problem(what, "Files are looked for in it", file=shown(folder)))


def files_in(folder: Path) -> list[Path]:
    """The TOML files of a folder, sorted; InputError where the folder cannot be read."""
    _refuse_no_folder(folder)
    return sorted(folder.glob("*.toml"))


def bytes_of(path: Path) -> bytes:
    """The bytes of a file; OSError where it cannot be read, is none (a pipe, a device), or is too large to be one of ours."""
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise OSError(errno.EINVAL, "it is a broken link", str(path)) from None
        raise
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))
    if found.st_size > LARGEST_FILE:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST_FILE // 1_000_000} MB", str(path))
    return path.read_bytes()


def shown(path: Path) -> str:
    """A file's name as the user would type it: relative where it lies below the current folder."""
    try:
        return str(Path(os.path.abspath(path)).relative_to(Path.cwd()))  # noqa: PTH100  resolve() fails on a link to itself
    except ValueError:
        return str(path)


def written(value: object, digits: int = 17) -> str:
    """A number, list of numbers or word as it stands in an assumption file.

    >>> written(12_500.0), written(22_310.842, 6), written([0.5, 2.0]), written("pert")
    ('12_500', '22_310.8', '[0.5, 2]', '"pert"')
    """
    if isinstance(value, list):
        return "[" + ", ".join(written(each, digits) for each in value) + "]"
    if not isinstance(value, float | int):
        return f'"{value}"'
    cut = float(value) if digits > 16 else float(f"{value:.{digits}g}")
    return f"{cut:_.0f}" if cut.is_integer() and abs(cut) < 1e15 else f"{cut:_}"


def line_of(text: str, path: str) -> int | None:
    """Line where `path` (a.b.key, or its nearest written parent) stands; None if nowhere.

    An array table is addressed by its place: correlation.2.rank.
    """
    written_at, parts = _lines(text), path.split(".")
    for depth in range(len(parts), 0, -1):
        found = written_at.get(".".join(parts[:depth]))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=8)
def _lines(text: str) -> dict[str, int]:
    """Every path that is written, and the first line where it is."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), start=1):
        header = re.match(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$", line)
        key = re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line)
        if header:
            table = _plain(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            found.setdefault(table, number)
        elif key:
            found.setdefault(f"{table}.{_plain(key[1])}" if table else _plain(key[1]), number)
    return found


def _plain(key: str) -> str:
    return re.sub(r"[\"'\s]", "", key)
