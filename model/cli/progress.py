"""Long work on the command line: a bar with the time left, and Ctrl-C that loses nothing."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import cpu_count
from typing import Any

import typer

INTERRUPTED = 130  # exit code of a program that Ctrl-C ended
AT_FIRST, EVERY = 1.0, 10.0  # seconds until the first line on long work, and between lines
LEAST = 0.05  # of the work, from which the rest can be told


@contextmanager
def working(
    study: Any, *, workers: int | None, dask: str | None, fresh: bool = False, keeps: bool = True
) -> Iterator[dict[str, Any]]:
    """The arguments of a study's work: workers, the measures known already, a progress bar on standard error where that is a terminal.

    Ctrl-C ends the program with a word on what was kept; `keeps` says whether the work keeps anything.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from model.simulation.parallel import Workers
    from model.studies.cache import MeasureCache

    at_work = Workers((cpu_count() or 1) if workers is None else workers, dask or "")
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    state = [0, 0]
    before = signal.signal(signal.SIGINT, _once)
    try:
        with (
            MeasureCache(study, fresh=fresh) as cache,
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
        ):
            task = bar.add_task("runs of the model", total=None)

            def progress(done: int, total: int) -> None:
                state[:] = done, total
                bar.update(task, completed=done, total=total)

            yield {"workers": at_work, "cache": cache, "progress": progress}
    except KeyboardInterrupt:
        kept_words = f"{state[0]:,} of {state[1]:,} runs are kept, the same command goes on from there"
        print(f"- stopped; {kept_words if keeps else 'nothing of this is kept'}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        if signal.getsignal(signal.SIGINT) is _once:  # stopping goes on until the program has ended
            signal.signal(signal.SIGINT, before)


def telling() -> Callable[[str, float], None]:
    """What long work tells (words, share done) on standard error: a bar with the time left; where that is no terminal, a line every ten seconds."""
    return _bar() if sys.stderr.isatty() else _lines()


def _bar() -> Callable[[str, float], None]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(
        BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.description}"),
        console=Console(file=sys.stderr), transient=True,
    )  # fmt: skip
    began = [0.0]

    def tell(words: str, share: float) -> None:
        if not bar.tasks:
            began[0] = time.monotonic()
            bar.add_task(words, total=1.0)
            bar.start()
        bar.update(bar.tasks[0].id, description=f"{words}{_left(began[0], share)}", completed=share)
        if share >= 1.0:
            bar.stop()
            bar.remove_task(bar.tasks[0].id)

    return tell


def _lines() -> Callable[[str, float], None]:
    began, last = [0.0], [0.0]

    def tell(words: str, share: float) -> None:
        now = time.monotonic()
        if not began[0]:
            began[0], last[0] = now, now + AT_FIRST - EVERY
        if share >= 1.0:
            began[0] = 0.0
        elif now - last[0] >= EVERY:
            last[0] = now
            print(f"- {words}: {100 * share:.0f}%{_left(began[0], share)}", file=sys.stderr, flush=True)

    return tell


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
