"""The command that sets the forecast beside what happened to others: outside."""

from __future__ import annotations

import model
from model.cli.options import Case, Draws, command
from model.errors import InputError, Problem


@command(examples="Examples:  model outside  |  model outside -s bear")
def outside(case: Case, draws: Draws) -> None:
    """The outside view: the forecast beside others in the same position, at each weight, and the classes with their rules."""
    from model.reporting.summary import of_classes

    if case.from_month:
        raise InputError(Problem("the outside view is of the year as a whole", "Leave it out", path="--from"))
    view = model.outside(case.load(), **draws.given)
    before = ["Before any report, with the updates of that day:"] if case.as_of else []
    print("\n".join([*before, *view.lines(), *of_classes(view)]))
