"""Reports on the page: drafted, written, answered with what they do, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import model
from model.api.report import drafted, effect_of
from model.editor.session import Session
from model.errors import InputError, Problem
from model.simulation.report_entry import Said

FIELDS = ("outcome", "period", "figure", "on", "source", "series", "note")


def draft(session: Session, content: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a report, what was inferred, checked against today's forecast; nothing is written."""
    made, before = _drafted(session, content)
    session.reported = None
    return {
        "row": made.row,
        "place": made.place,
        "notes": list(made.notes),
        "day": before.assumptions.about.as_of.isoformat(),
    }


def enter(session: Session, content: Mapping[str, Any]) -> dict[str, Any]:
    """Write the row that was shown; the page then asks for the forecast with it, and for what it does."""
    made, before = _drafted(session, content)
    if content.get("row") != made.row:
        raise InputError(Problem("the row is another than the one that was shown", "Look at it again"))
    made.change.write()
    session.reported = made, before
    return {"saved": made.place, "day": latest(session), "outcome": made.report.outcome, "period": made.report.period}


def effect(session: Session) -> dict[str, Any]:
    """What the report that was written last does, in words. Where no draw can make it, it is taken back, and that is said."""
    if session.reported is None:
        return {"lines": []}
    made, before = session.reported
    try:
        found = effect_of(made, before, session.files.base)
    except InputError:
        made.change.back()
        session.reported = None
        raise
    return {"lines": found.lines()}


def take_back(session: Session, content: Mapping[str, Any]) -> dict[str, Any]:
    """Take back the newest report of an outcome and period, by default the last."""
    words = [str(content.get(key, "")) for key in ("outcome", "period")]
    taken = model.take_back(*words, base=session.files.base, business=session.files.business)
    session.reported = None
    return {"saved": taken.draft.place, "row": taken.draft.row, "day": latest(session)}


def _drafted(session: Session, content: Mapping[str, Any]) -> tuple[Any, Any]:
    given: dict[str, Any] = {key: str(content.get(key, "")) for key in FIELDS}
    given |= {key: bool(content.get(key)) for key in ("open_end", "check", "correct")}
    said = Said(**given)
    return drafted(said, session.files.base, session.files.business, anyway=bool(content.get("anyway")))


def latest(session: Session) -> str | None:
    """The last day on which anything became known; None where that is the base case's own."""
    found = model.load(session.files.base, business=session.files.business)
    day = found.about.as_of
    return None if day == model.base_day(found) else day.isoformat()
