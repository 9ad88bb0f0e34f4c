"""The terminal: text that it cannot show, output that nobody takes, settings that would stop us."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.files.toml_reader import shown

PLAIN = {"±": "+-", "–": "-", "…": "..."}  # where a terminal knows ASCII alone
CANNOT_WRITE, STDERR = 2, 2
PIPE_CLOSED = 141  # as a shell says of a program whose reader has gone


@contextmanager
def safe() -> Iterator[None]:
    """Run a command so that neither the terminal nor its settings can end it with a traceback."""
    os.environ.pop(
        "MPLBACKEND", None
    )  # no window is opened; a name that matplotlib does not know would stop its import
    codecs.register_error("plain", _plain)
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="plain")  # type: ignore[union-attr]
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _leave(PIPE_CLOSED)
    except OSError as error:
        with suppress(OSError):
            print(f"- {_named(error)}", file=sys.stderr)
        _leave(CANNOT_WRITE)


def _open_streams() -> None:
    """End where the result has nowhere to go; what is said beside it goes nowhere where that was closed.

    Where a stream is closed, the next file that is opened would take its place, and what a part of the program says would be written
    into that.
    """
    if sys.stdout is None:
        with suppress(AttributeError, OSError):
            print("- standard output is closed: the result has nowhere to go", file=sys.stderr)
        os._exit(CANNOT_WRITE)
    if sys.stderr is None:
        place = os.open(os.devnull, os.O_WRONLY)
        if place != STDERR:
            os.dup2(place, STDERR)
        sys.stderr = os.fdopen(STDERR, "w")


def _named(error: OSError) -> str:
    """What cannot be read or written: the file that the error names, standard output where that is full, else what was asked for."""
    why = error.strerror or str(error)
    named = error.filename2 or error.filename
    if isinstance(named, str | bytes):
        return f"{shown(Path(os.fsdecode(named)))}: cannot be read or written: {why}"
    if named is not None:  # the number of an open file
        return why
    try:
        Path.cwd()
    except OSError:
        return "the current folder is not there any more"
    try:
        if error.errno != errno.ENOENT:
            print(flush=True)
    except OSError:
        return f"standard output cannot be written: {why}"
    return f"a file cannot be read or written: {why}"


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter, "?") for letter in text), error.end


def _leave(code: int) -> None:
    """End without Python's own attempt to write what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(code)
