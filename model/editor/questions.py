"""The kinds of questions that the page asks, each with what answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import model
from model.assumptions.assumption import Assumptions
from model.editor import question as asking
from model.editor import reports, save, sides
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
        words = {key: str(content[key]).strip() for key in ("source", "why") if str(content.get(key, "")).strip()}
        return save.into_base(session.files, asked, _was(content), words)
    words = {key: str(content.get(key, "")) for key in ("name", "label", "why", "source", "day", "kind")}
    if content.get("into") == "own":
        return save.into_scenario(session.files, asked, _was(content), words["why"])
    if content.get("into") == "update":
        return save.as_update(session.files, asked, **words)
    return save.as_scenario(session.files, asked, words["name"], words["label"], words["why"])


def _was(content: Any) -> dict[str, dict[str, Any]]:
    """Each edited number as it was when its edit began."""
    try:
        return asking.edits_of(content.get("was") or {})
    except AttributeError:
        raise InputError(SHAPELESS) from None


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
    if content.get("into") == "update":  # it can be read only where it lies
        try:
            reports.latest(session)
        except InputError:
            change.back()
            raise
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


def _freeze(session: Session, content: Any, _: asking.Check) -> dict[str, Any]:
    """Freeze the forecast of the day on screen in the register."""
    asked = Question.of(content)
    if asked.edits or asked.scenarios:
        raise InputError(Problem("a frozen forecast is of the base case", "Leave scenarios and edits out"))
    case = session.files.case(asked)
    made = model.freeze(case.about.as_of, str(content.get("name", "")), base=session.files.base)
    return {"files": [shown(entry.folder) for entry in made]}


def made_before(session: Session, kind: str, content: Any, check: asking.Check) -> None:
    """Wait for the posterior that an answer needs, where it is not there yet."""
    if kind in ("stop", "take_back"):
        return
    files, asked = session.files, Question.of(content)
    if kind in ("draft", "report"):  # held against the forecast of the latest day, whichever is on screen
        asked = Question(as_of=reports.latest(session))
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
    "tornado": lambda session, content, check: asking.tornado(
        session.files, Question.of(content), str(content.get("measure", "")), check
    ),
    "sides": lambda session, content, check: sides.sides(session.files, Question.of(content), content, check),
    "bridge": lambda session, content, check: sides.bridge(session.files, Question.of(content), content, check),
    "quarters": lambda session, content, _: asking.quarters(session.files, Question.of(content)),
    "picture": lambda session, content, _: asking.picture(
        session.files, Question.of(content), str(content.get("name", "")), str(content.get("size", "word"))
    ),
    "draft": lambda session, content, _: reports.draft(session, content),
    "report": lambda session, content, _: reports.enter(session, content),
    "effect": lambda session, *_: reports.effect(session),
    "take_back": lambda session, content, _: reports.take_back(session, content),
    "freeze": _freeze,
    "learned": lambda session, content, _: asking.learned(session.files, Question.of(content)),
    "diff": _diff,
    "save": _save,
    "memo": _memo_of,
    "figures": _figures,
    "stop": _stop,
}
