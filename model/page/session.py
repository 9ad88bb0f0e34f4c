"""What the server of the page holds between questions: the files, one computation at a time, and which questions are overtaken."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model.page.asked import Check, Files

STUDIES = ("tornado", "bridge")  # they take longer than a reader waits for an answer


class _OvertakenError(Exception):
    """Nobody waits for it any more."""


class Session:
    """What the server holds: the files, one computation at a time, and of each page the number of its latest question."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.token = secrets.token_urlsafe(24)
        self.host = ""
        self.memo: Path | None = None  # written last
        self._one = threading.Lock()
        self._latest: dict[tuple[str, str], int] = {}

    def latest(self, page: str, kind: str, number: int) -> None:
        """Note a question; an earlier one of its page and kind is overtaken."""
        self._latest[page, kind] = max(number, self._latest.get((page, kind), -1))

    def overtaken(self, page: str, kind: str, number: int) -> bool:
        """Whether a later question of this page has come: of its kind, or, of a study, for a new answer."""
        kinds = (kind, "answer") if kind in STUDIES else (kind,)
        return any(number < self._latest.get((page, each), -1) for each in kinds)

    def computed(self, page: str, kind: str, number: int, work: Callable[[Check], Any]) -> Any:
        """What the work gives, one at a time; None for a question that was overtaken while it waited or, of a study, since it began.

        work : is handed what to call in between
        """

        def check() -> None:
            if self.overtaken(page, kind, number):
                raise _OvertakenError

        with self._one, contextlib.suppress(_OvertakenError):
            check()
            return work(check)
        return None
