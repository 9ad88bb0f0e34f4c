"""The kinds of questions that the page asks, each with what answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import model
from model.assumptions.assumption import Assumptions
from model.editor import question as asking
from model.editor import save
from model.editor.question import Question
from model.editor.session import Session
from model.errors import InputError, Problem
from model.files.pending import PendingSave
from model.files.toml_reader import shown

SHAPELESS = Problem("the page asked in a form that is not known", "Load it again")


def _form(session: Session, content: Any, _: asking.Check) -> dict[str, Any]:
    return asking.form(session.files, Question.of(content))


def _changed(session: Session, content: Any) -> PendingSave:
    asked = Question.of(content)
    if content.get("into") == "base":
        try:
            was = asking.edits_of(content.get("was") or {})
        except AttributeError:
            raise InputError(SHAPELESS) from None
        return save.into_base(session.files, asked, was)
    words = [str(content.get(key, "")) for key in ("name", "label", "why")]
    return save.as_scenario(session.files, asked, *words)


def _diff(session: Session, content: Any, _: asking.Check) -> dict[str, Any]:
    return _changed(session, content).shown


def _save(session: Session, content: Any, _: asking.Check) -> dict[str, Any]:
    """Write what was shown; the page loads the form again."""
    change = _changed(session, content)
    if content.get("diff") is not None and content["diff"] != change.shown["diff"]:
        raise InputError(
            Problem("the file was changed since the difference was shown", "Look at it again", file=shown(change.path))
        )
    change.write()
    return {"saved": shown(change.path)}


def _saved_case(session: Session, content: Any) -> Assumptions:
    """The case without edits, as the command line would have it; InputError where there are some."""
    asked = Question.of(content)
    if asked.edits:
        raise InputError(
            Problem("the edits stand in no file yet", "Save them first; memo and figures say which files made them")
        )
    return session.files.case(asked)


def _memo_of(session: Session, content: Any, _: asking.Check) -> dict[str, Any]:
    """The memo of the case: the same as from the command line."""
    made = model.memo(model.study(_saved_case(session, content), session.files.business))
    session.memo = next((file for file in made.files if file.suffix == ".html"), None)
    return {"title": made.title, "files": [shown(file) for file in made.files]}


def _figures(session: Session, content: Any, _: asking.Check) -> dict[str, Any]:
    """The figures of the case: the same as from the command line."""
    folder = model.draw_figures(_saved_case(session, content), business=session.files.business)
    return {"files": [shown(folder)]}


def made_before(session: Session, kind: str, content: Any, check: asking.Check) -> None:
    """Wait for the posterior that an answer needs, where it is not there yet."""
    if kind == "stop":
        return
    files, asked = session.files, Question.of(content)
    case = files.case(asked)  # what is wrong with the question is said at once
    if asked.as_of is None or model.at_hand(case, business=files.business):
        return
    session.posteriors.wait((asked.as_of, files.said), files.base, asked.as_of, files.business, check)


def _stop(session: Session, content: Any, _: asking.Check) -> dict[str, Any]:
    """End what this page waits for."""
    session.stop(str(content.get("page", "")), int(content.get("number", 0)))
    return {"stopped": True}


KINDS: dict[str, Callable[[Session, Any, asking.Check], dict[str, Any]]] = {
    "form": _form,
    "answer": lambda session, content, _: asking.answer(session.files, Question.of(content)),
    "tornado": lambda session, content, check: asking.tornado(session.files, Question.of(content), check),
    "bridge": lambda session, content, check: asking.bridge(session.files, Question.of(content), check),
    "learned": lambda session, content, _: asking.learned(session.files, Question.of(content)),
    "diff": _diff,
    "save": _save,
    "memo": _memo_of,
    "figures": _figures,
    "stop": _stop,
}
