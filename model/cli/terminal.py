"""The terminal: text that it cannot show, output that nobody takes, settings that would stop us."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PLAIN = {"±": "+-", "–": "-", "…": "..."}  # where a terminal knows ASCII alone
CANNOT_WRITE = 2
PIPE_CLOSED = 141  # as a shell says of a program whose reader has gone


@contextmanager
def safe() -> Iterator[None]:
    """Run a command so that neither the terminal nor its settings can end it with a traceback."""
    os.environ.pop(
        "MPLBACKEND", None
    )  # no window is opened; a name that matplotlib does not know would stop its import
    codecs.register_error("plain", _plain)
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
            print(f"- standard output cannot be written: {error.strerror or error}", file=sys.stderr)
        _leave(CANNOT_WRITE)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter, "?") for letter in text), error.end


def _leave(code: int) -> None:
    """End without Python's own attempt to write what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(code)
