"""Long work on the command line: what goes on and how long it will take yet, on standard error; Ctrl-C that loses nothing."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import cpu_count
from typing import Any

import typer

INTERRUPTED = 130  # exit code of a program that Ctrl-C ended
AT_FIRST = 1.0  # seconds until a part of the work is named
BETWEEN, EVERY = 2.0, 10.0  # and between a line and that of a new part, or of the same
BEAT = 0.25
LEAST = 0.05  # of the work, from which the rest can be told


class Narrator:
    """Says what goes on: a bar where standard error is a terminal, else a line after a second, at each new part, every ten seconds."""

    def __init__(self, words: str) -> None:
        """`words` : of the work as a whole, said where no part of it says more."""
        now = time.monotonic()
        self.whole = self.words = words
        self.share: float | None = None
        self.began, self.last, self.next = now, now - BETWEEN, now + AT_FIRST
        self.said = {words}  # parts that were named
        self.bar: Any = None

    def tell(self, words: str, share: float) -> None:
        """Take note of a part of the work, and of the share of it that is done; 1 ends it."""
        now = time.monotonic()
        part, done = (self.whole, None) if share >= 1.0 else (words, share)
        if part != self.words:
            self.words, self.began = part, now
            if part not in self.said:
                self.next = min(self.next, max(now + AT_FIRST, self.last + BETWEEN))
        self.share = done

    def beat(self) -> None:
        """Say where the work is, if it is time to."""
        now = time.monotonic()
        if sys.stderr.isatty():
            if now - self.began >= AT_FIRST or self.bar is not None:
                self._draw()
        elif now >= self.next:
            self.last, self.next = now, now + EVERY
            self.said.add(self.words)
            done = "" if self.share is None else f": {100 * self.share:.0f}%{_left(self.began, self.share)}"
            print(f"- {self.words}{done}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()

    def _draw(self) -> None:
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            self.bar = Progress(
                BarColumn(), TextColumn("{task.description}"), console=Console(file=sys.stderr), transient=True,
                redirect_stdout=sys.stdout.isatty(),
            )  # fmt: skip
            self.bar.add_task("", total=None)
            self.bar.start()
        share, words = self.share, self.words
        done = "" if share is None else f"{100 * share:.0f}%  "
        left = "" if share is None else _left(self.began, share)
        total = None if share is None else 1.0
        self.bar.update(self.bar.tasks[0].id, description=f"{done}{words}{left}", completed=share or 0.0, total=total)


_now: list[Narrator] = []  # of the command that runs


@contextmanager
def narrated(words: str) -> Iterator[None]:
    """Say what goes on for as long as the work takes."""
    narrator, over = Narrator(words), threading.Event()

    def beating() -> None:
        while not over.wait(BEAT):
            narrator.beat()

    thread = threading.Thread(target=beating, daemon=True)
    _now.append(narrator)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        narrator.end()
        _now.remove(narrator)


def telling() -> Callable[[str, float], None]:
    """Return what takes note of the work as it goes on (words, share done), and says so."""
    return _now[-1].tell if _now else lambda *_: None


@contextmanager
def working(
    study: Any, *, workers: int | None, dask: str | None, fresh: bool = False, keeps: bool = True
) -> Iterator[dict[str, Any]]:
    """The arguments of a study's work: workers, the measures known already, what takes note of the runs that are done.

    Ctrl-C ends the program with a word on what was kept; `keeps` says whether the work keeps anything.
    """
    from model.simulation.parallel import Workers
    from model.studies.cache import MeasureCache

    at_work, tell = Workers((cpu_count() or 1) if workers is None else workers, dask or ""), telling()
    state = [0, 0]
    before = signal.signal(signal.SIGINT, _once)

    def progress(done: int, total: int) -> None:
        state[:] = done, total
        tell("runs of the model", done / total if total else 1.0)

    try:
        with MeasureCache(study, fresh=fresh) as cache:
            yield {"workers": at_work, "cache": cache, "progress": progress}
    except KeyboardInterrupt:
        kept_words = f"{state[0]:,} of {state[1]:,} runs are kept, the same command goes on from there"
        print(f"- stopped; {kept_words if keeps else 'nothing of this is kept'}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        if signal.getsignal(signal.SIGINT) is _once:  # stopping goes on until the program has ended
            signal.signal(signal.SIGINT, before)


def _left(began: float, share: float) -> str:
    """How long work will take yet that has come so far, in words; nothing where too little is done to tell."""
    if not LEAST <= share < 1.0:
        return ""
    seconds = (time.monotonic() - began) * (1 - share) / share
    return f", about {seconds:.0f} s left" if seconds < 90 else f", about {seconds / 60:.0f} min left"


def _once(*_: object) -> None:
    """Once stopping has begun a second Ctrl-C does not stop the stopping."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
