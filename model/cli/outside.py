"""The command that sets the forecast beside what happened to others: outside."""

from __future__ import annotations

import model
from model.cli.options import Case, Draws, command


@command(examples="Examples:  model outside  |  model outside -s bear")
def outside(case: Case, draws: Draws) -> None:
    """The outside view: the forecast beside others in the same position, at each weight, and the classes with their rules."""
    from model.reporting.summary import of_classes

    view = model.outside(case.load(), **draws.given)
    print("\n".join([*view.lines(), *of_classes(view)]))
