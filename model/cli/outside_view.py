"""The commands that set the forecast beside other opinions: outside, view."""

from __future__ import annotations

from typing import Annotated

import typer

import model
from model.cli.options import CaseOptions, DrawOptions, command
from model.errors import InputError, Problem


@command(examples="Examples:  model outside  |  model outside -s bear")
def outside(case: CaseOptions, draws: DrawOptions) -> None:
    """The outside view: the forecast beside others in the same position, at each weight, and the classes with their rules."""
    from model.reporting.inputs_text import of_classes

    if case.from_month:
        raise InputError(Problem("the outside view is of the year as a whole", "Leave it out", path="--from"))
    view = model.outside(case.load(), prior=True, **draws.given)
    before = ["Before any report, with the updates of that day:"] if case.as_of != "base" else []
    print("\n".join([*before, *view.lines(), *of_classes(view)]))


@command(
    examples="Examples:  model view '>=440_000=50%'  |  model view 'ev.deliveries:p50=440_000'  |  model view 'chance=30%' --as-of base"
)
def view(
    views: Annotated[list[str], typer.Argument(help="MEASURE=VALUE; >= and <= where MEASURE names its statistic.")],
    case: CaseOptions,
    draws: DrawOptions,
) -> None:
    """What else would have to be so: the forecast under a view of a measure, by the least change of the draws' weights, and which assumptions move."""
    from model.reporting.inputs_text import of_views

    print("\n".join(of_views(model.view(case.study(draws), *views))))
