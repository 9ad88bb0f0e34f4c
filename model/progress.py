"""Long work on the command line: a bar with the time left, and Ctrl-C that loses nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import typer

from model.evaluation import Teller
from model.kept import Kept
from model.variation import Study
from model.workers import Crew

INTERRUPTED = 130  # exit code of a program that Ctrl-C ended


@dataclass(frozen=True)
class Work:
    """What `evaluate` needs besides the work itself."""

    crew: Crew
    kept: Kept
    tell: Teller

    @property
    def given(self) -> dict[str, Any]:
        """As arguments."""
        return {"crew": self.crew, "kept": self.kept, "tell": self.tell}


@contextmanager
def working(
    study: Study, *, workers: int | None, dask: str | None, fresh: bool = False, keeps: bool = True
) -> Iterator[Work]:
    """A crew, the measures known already, and a progress bar on standard error where that is a terminal.

    Ctrl-C ends the program with a word on what was kept; `keeps` says whether the work keeps anything.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    crew = Crew((cpu_count() or 1) if workers is None else workers, dask or "")
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    state = [0, 0]
    before = signal.signal(signal.SIGINT, _once)
    try:
        with (
            Kept(study, fresh=fresh) as kept,
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
        ):
            task = bar.add_task("runs of the model", total=None)

            def tell(done: int, total: int) -> None:
                state[:] = done, total
                bar.update(task, completed=done, total=total)

            yield Work(crew, kept, tell)
    except KeyboardInterrupt:
        kept_words = f"{state[0]:,} of {state[1]:,} runs are kept, the same command goes on from there"
        print(f"- stopped; {kept_words if keeps else 'nothing of this is kept'}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    signal.signal(signal.SIGINT, before)


def _once(*_: object) -> None:
    """Once stopping has begun a second Ctrl-C does not stop the stopping."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
