"""Long work on the command line: a bar with the time left, and Ctrl-C that loses nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import cpu_count
from typing import Any

import typer

INTERRUPTED = 130  # exit code of a program that Ctrl-C ended


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
    """A bar on standard error for long work that tells (words, share done); nothing where that is no terminal."""
    if not sys.stderr.isatty():
        return lambda *_: None
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    bar = Progress(*columns, console=Console(file=sys.stderr), transient=True)

    def tell(words: str, share: float) -> None:
        if not bar.tasks:
            bar.add_task(words, total=1.0)
            bar.start()
        bar.update(bar.tasks[0].id, description=words, completed=share)
        if share >= 1.0:
            bar.stop()
            bar.remove_task(bar.tasks[0].id)

    return tell


def _once(*_: object) -> None:
    """Once stopping has begun a second Ctrl-C does not stop the stopping."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
