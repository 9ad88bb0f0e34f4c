"""The command on what is still to be reported: signposts."""

from __future__ import annotations

from typing import Annotated

import typer

import model
from model.cli.options import CaseOptions, DrawOptions, FigureOptions, OutputOptions, command
from model.cli.studies import read_off


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
    read_off(case, draws, look, output, lambda study: model.signposts(study, measure), "signposts", measure)
