"""The commands on what was reported: learned, signposts."""

from __future__ import annotations

from typing import Annotated

import typer

import model
from model.cli.options import CaseOptions, DrawOptions, FigureOptions, OutputOptions, command
from model.cli.studies import read_off
from model.errors import InputError, Problem

LATEST = "latest"


@command(examples="Examples:  model learned  |  model learned --as-of 2026-06-01")
def learned(case: CaseOptions, draws: DrawOptions, look: FigureOptions, output: OutputOptions) -> None:
    """What the reports taught: each assumption now against the base case, by default of every report there is."""
    case.as_of = case.as_of or LATEST
    if case.scenario or case.sets:
        raise InputError(Problem("what was learned is of the base case", "Leave out -s and --set"))
    read_off(case, draws, look, output, model.learned, "learned")


@command(examples="Examples:  model signposts  |  model signposts --measure ev.gross_margin")
def signposts(
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    measure: Annotated[
        str,
        typer.Option(
            "--measure", help="chance, OUTCOME, OUTCOME:p10, OUTCOME>=NUMBER.", metavar="M",
            show_default="chance; the P50 of deliveries where that is in no doubt",
        ),
    ] = "",
) -> None:  # fmt: skip
    """What to watch: how far each figure still to come is expected to move the answer, and where it then stands."""
    case.as_of = case.as_of or LATEST
    read_off(case, draws, look, output, lambda study: model.signposts(study, measure), "signposts", measure)
