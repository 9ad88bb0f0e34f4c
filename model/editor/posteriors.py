"""Posteriors that an answer waits for, each made in a process of its own, which is ended when nobody waits any more.

A posterior takes from seconds to minutes and holds the interpreter meanwhile. In a process of its own it keeps nobody else waiting, and
can be ended at any moment: what it makes it keeps on disk, whole or not at all, and there the answer finds it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import model
from model.errors import InputError, Problem
from model.simulation.business import Business

LOOK = 0.1  # seconds between looks at whether somebody still waits


@dataclass
class _Work:
    process: BaseProcess
    answer: Connection
    waiting: int = 0


class Posteriors:
    """What is being made, by what it is of; two that wait for the same share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: dict[Hashable, _Work] = {}
        self._closed = threading.Event()

    def wait(self, of: Hashable, base: Path, day: str, business: Business, check: Callable[[], None]) -> None:
        """Until the posterior of a base case as known on a day is on disk.

        of : what tells it from others; check : called ten times a second, and may raise: then the work is ended, unless others wait

        Raises InputError with what is wrong with the reports.
        """
        with self._lock:
            work = self._work.get(of) or _begun(base, day, business)
            if work is None:
                return
            self._work[of] = work
            work.waiting += 1
        try:
            while work.process.is_alive():
                check()
                work.process.join(LOOK)
        finally:
            with self._lock:
                work.waiting -= 1
                if not work.waiting:
                    self._work.pop(of, None)
                    _end(work.process)
        if work.answer.poll():
            with contextlib.suppress(EOFError):
                problems = work.answer.recv()
                if problems:
                    raise InputError(problems)

    def close(self) -> None:
        """End all that is being made."""
        self._closed.set()
        with self._lock:
            for work in self._work.values():
                _end(work.process)

    @property
    def closed(self) -> bool:
        """Whether the page has ended: nobody waits any more."""
        return self._closed.is_set()


def _begun(base: Path, day: str, business: Business) -> _Work | None:
    """A process at work; None for a business that no other process can be handed: its answer then makes the posterior itself."""
    context = multiprocessing.get_context("spawn")
    answer, told = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(base, day, business, told))
    try:
        process.start()
    except Exception:  # noqa: BLE001  whatever hinders it: the answer comes all the same, and later
        return None
    told.close()
    return _Work(process, answer)


def _make(base: Path, day: str, business: Business, told: Connection) -> None:
    """In a process of its own, with those that it starts in one group: make the posterior, and leave it on disk."""
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()
    problems: list[Problem] = []
    try:
        model.study(model.load(base, as_of=day, business=business), business)
    except InputError as error:
        problems = list(error.problems)
    told.send(problems)
    told.close()


def _end(process: BaseProcess) -> None:
    """End a process and those that it started."""
    if process.pid is not None and process.is_alive():
        with contextlib.suppress(AttributeError, OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.join(1)
