"""What the server of the page holds between questions: the files, what is being computed, and which questions are overtaken."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.editor.posteriors import Posteriors
from model.editor.question import Check, Files

if TYPE_CHECKING:
    from model.simulation.report_entry import Draft
    from model.studies.study import Study

STUDIES = (
    "tornado",
    "sides",
    "bridge",
    "quarters",
    "learned",
    "picture",
)  # they take longer than a reader waits for an answer
FILES = ("form", "diff", "save")  # they read or write files, and compute nothing
DOCUMENTS = ("memo", "figures", "freeze")  # they take half a minute, and nothing else waits for them


class _OvertakenError(Exception):
    """Nobody waits for it any more."""


class Session:
    """What the server holds: the files, and of each page the number of its latest question.

    Of answers and studies one is computed at a time, of documents another; posteriors are made beside both, and files are read and
    written whatever is being computed.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self.token = secrets.token_urlsafe(24)
        self.host = ""
        self.memo: Path | None = None  # written last
        self.reported: tuple[Draft, Study] | None = None  # the report that was written last, and the forecast before it
        self.posteriors = Posteriors()
        self._locks = {kinds: threading.Lock() for kinds in (FILES, DOCUMENTS, ())}
        self._at_work = 0
        self._latest: dict[tuple[str, str], int] = {}

    def latest(self, page: str, kind: str, number: int) -> None:
        """Note a question; an earlier one of its page and kind is overtaken."""
        self._latest[page, kind] = max(number, self._latest.get((page, kind), -1))

    def overtaken(self, page: str, kind: str, number: int) -> bool:
        """Whether a later question of this page has come: of its kind, or, of a study, for a new answer."""
        kinds = (kind, "answer") if kind in STUDIES else (kind,)
        return any(number < self._latest.get((page, each), -1) for each in kinds)

    def stop(self, page: str, number: int) -> None:
        """What this page has asked and was not answered yet is overtaken."""
        for kind in ("answer", *STUDIES):
            self.latest(page, kind, number)

    @property
    def at_work(self) -> bool:
        """Whether something is being computed."""
        return self._at_work > 0

    def computed(
        self,
        page: str,
        kind: str,
        number: int,
        work: Callable[[Check], Any],
        before: Callable[[Check], None] = lambda _: None,
    ) -> Any:
        """What the work gives, of its kind one at a time; None for a question that was overtaken meanwhile, as far as it looks.

        work : is handed what to call in between; before : what it waits for, beside all that is computed; handed the same
        """

        def check() -> None:
            if self.posteriors.closed or self.overtaken(page, kind, number):
                raise _OvertakenError

        lock = self._locks[next((kinds for kinds in (FILES, DOCUMENTS) if kind in kinds), ())]
        with contextlib.suppress(_OvertakenError):
            if kind not in FILES:
                before(check)
            with lock:
                check()
                self._at_work += 1
                try:
                    return work(check)
                finally:
                    self._at_work -= 1
        return None
