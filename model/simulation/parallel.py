"""Who does the work: this process, several beside it, or a Dask cluster; the numbers do not depend on it.

Every kind is an `Executor` of the standard library. Processes are forked, so that they share the draws that are made
already; where a system cannot fork safely, threads take their place. A process that dies costs the work it had in hand.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from threadpoolctl import threadpool_limits

from model.errors import InputError, Problem, to_install

PATIENCE = 5  # deaths of workers in one piece of work before it is given up
ANSWER_WITHIN = 10  # seconds a scheduler has to answer

Task = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Workers:
    """`number` processes here, or the Dask cluster at `dask`."""

    number: int = 1
    dask: str = ""

    def each(self, shared: Any, task: Task, items: Sequence[Any], *, small: bool = False) -> Iterator[tuple[int, Any]]:
        """(place in items, task(shared, item)) in the order in which they are finished.

        `small` says that the work is over before processes would have begun: threads do it. Whatever stops it, an error
        or the consumer, leaves no worker behind. Raises InputError where there is no such cluster, and where workers die
        again and again.
        """
        left = dict(enumerate(items))
        for _ in range(PATIENCE):
            try:
                with self._executor(shared, task, len(left), small=small) as (executor, work, fixed):
                    futures = _handed_out(executor, work, fixed, left)
                    try:
                        for future in as_completed(futures):
                            result = future.result()
                            left.pop(futures[future])
                            yield futures[future], result
                    except KeyboardInterrupt:
                        getattr(shared, "halt", lambda: None)()  # long tasks look whether they should go on
                        raise
                    finally:
                        for future in futures:
                            future.cancel()
            except BrokenExecutor:
                continue
            return
        raise InputError(Problem(f"workers died {PATIENCE} times", "Is there enough memory? Try --workers 1"))

    @contextmanager
    def _executor(
        self, shared: Any, task: Task, items: int, *, small: bool
    ) -> Iterator[tuple[Executor, Any, tuple[Any, ...]]]:
        """An executor, what to submit to it, and the arguments that come before the item."""
        workers = min(self.number, items)
        if self.dask:
            with _cluster(self.dask) as executor:
                yield executor, task, (shared,)
        elif workers > 1 and may_fork() and not small:
            context = multiprocessing.get_context("fork")
            given = (shared, task, os.getpid())
            with ProcessPoolExecutor(workers, context, _begin, given) as executor:
                yield executor, _inherited_task, ()
        else:
            with ThreadPoolExecutor(max(workers, 1)) as executor:
                yield executor, task, (shared,)


def may_fork() -> bool:
    """Whether this process can be forked without harm."""
    able = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    return able and not multiprocessing.current_process().daemon


def _handed_out(executor: Executor, work: Any, fixed: tuple[Any, ...], left: dict[int, Any]) -> dict[Any, int]:
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads: the progress bar's is one, and no child touches it.
        warnings.simplefilter("ignore", DeprecationWarning)
        return {executor.submit(partial(work, *fixed), item): place for place, item in left.items()}


_inherited: tuple[Any, Any] = (None, None)


def _begin(shared: Any, task: Any, parent: int) -> None:
    """In a forked process: take what was made before, leave Ctrl-C to the parent, do not outlive it."""
    global _inherited  # noqa: PLW0603
    _inherited = (shared, task)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _inherited_task(item: Any) -> Any:
    shared, task = _inherited
    return task(shared, item)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        import distributed
    except ImportError:
        hint = to_install("dask")
        raise InputError(Problem("--dask needs the package distributed", hint, path="--dask")) from None
    _refuse_nobody(address)
    make: Any = distributed.Client  # it has no types
    try:
        client = make(address, timeout=ANSWER_WITHIN, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(_nobody(address, error)) from None
    with client:
        theirs = set(client.run(_code).values())
        if theirs - {_code()}:
            what = "the cluster's workers run other code than this"
            raise InputError(Problem(what, "Install the same version of the model on all of them", path="--dask"))
        with client.get_executor(retries=PATIENCE) as executor:
            yield executor


def _refuse_nobody(address: str) -> None:
    """InputError where nothing listens at the address; a Dask client says the same less plainly, and later."""
    try:
        place = urlsplit(address)
        host, port = place.hostname, place.port
    except ValueError:
        host = port = None
    if not host or not port or place.scheme not in ("tcp", "tls"):
        raise InputError(Problem(f"'{address}' is no address of a Dask scheduler", "tcp://HOST:8786", path="--dask"))
    try:
        with socket.create_connection((host, port), timeout=ANSWER_WITHIN) as probe:
            if place.scheme == "tcp" and not probe.recv(1):  # a scheduler speaks first
                raise ConnectionError
    except (OSError, UnicodeError) as error:
        raise InputError(_nobody(address, error)) from None


def _nobody(address: str, error: Exception) -> Problem:
    what = f"no Dask scheduler answers at {address} ({type(error).__name__})"
    return Problem(what, "Start one with `dask scheduler`: tcp://HOST:8786", path="--dask")


def _code() -> str:
    from model.files.source_hash import code_hash

    return code_hash()


def one_thread() -> AbstractContextManager[Any]:
    """While this lasts, matrix products of this process, and of those forked from it, take one thread each.

    Populations move side by side, and threads of their products would fight for the cores.
    """
    return threadpool_limits(1)
