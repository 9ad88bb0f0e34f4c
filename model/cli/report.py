"""The command that enters what was reported, and takes it back."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import model
from model.cli.options import BASE, BaseFile, command
from model.cli.progress import narrated, telling
from model.errors import InputError, Problem

QUESTIONS = (
    "What was reported (ev.deliveries, group.revenue, ...)",
    "Of which month, quarter or year (2026-10, 2026Q3)",
    "The figure (>=40_000, 30_153, 35_000..40_000, 20.1%)",
    "The day on which it became known (2026-11-01)",
    "Where it is said",
)


@command(
    examples="Examples:  model report ev.deliveries 2026-10 '>=40_000' --on 2026-11-01 --source 'company, monthly notice'  |  "
    "model report 'EV gross margin' 2026Q3 19.5% --on 2026-11-18 --source 'results, page 7'  |  model report --undo",
    front=True,
    waits=True,
)
def report(
    outcome: Annotated[
        str, typer.Argument(help="What was reported: ev.deliveries, 'EV gross margin', ...", metavar="OUTCOME")
    ] = "",
    period: Annotated[str, typer.Argument(help="2026-10, 'October 2026', 2026Q3, 2026H1.", metavar="PERIOD")] = "",
    figure: Annotated[
        str,
        typer.Argument(
            help="'>=40_000', '=30_153' or 30_153, '<=50_000', 35_000..40_000, 20.1%, '6.2 bn'.", metavar="FIGURE"
        ),
    ] = "",
    on: Annotated[str, typer.Option("--on", help="The day on which it became known.", metavar="DAY")] = "",
    source: Annotated[str, typer.Option("--source", help="Where it is said, in words.", metavar="TEXT")] = "",
    series: Annotated[
        str,
        typer.Option(
            "--series", help="Whose figure it is.", metavar="NAME", show_default="that of those like it before"
        ),
    ] = "",
    unit: Annotated[
        str, typer.Option("--unit", help="The outcome's unit, to be held against it.", metavar="UNIT")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="What else is to be known of it.", metavar="TEXT")] = "",
    open_end: Annotated[
        bool, typer.Option("--open-end", help="A floor with no upper end at the next round number.")
    ] = False,
    only_check: Annotated[
        bool, typer.Option("--check", help="Check it against the draws only: it follows from other reports.")
    ] = False,
    correct: Annotated[
        bool, typer.Option("--correct", help="It takes the place of the figure that is there, from its day on.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Write it though it lies beyond all draws, or before the run.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say the row, and write nothing.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back the last report, or the newest of OUTCOME and PERIOD.")
    ] = False,
    base: BaseFile = BASE,
) -> None:
    """Enter what was reported: checked, written into data/observations.csv, and answered with the forecast before and after.

    In a terminal what is missing is asked for.
    """
    if undo:
        stray = [f"--{name}" for name, value in {"on": on, "source": source, "series": series}.items() if value]
        if figure or stray:
            raise InputError(
                Problem("--undo takes a report back", f"Leave out {', '.join(stray) or figure}", path="--undo")
            )
        print("\n".join(model.take_back(outcome, period, base=base).lines()))
        return
    if in_a_terminal():
        outcome, period, figure, on, source = (
            given if given.strip() else typer.prompt(question, err=True)
            for given, question in zip((outcome, period, figure, on, source), QUESTIONS, strict=True)
        )
    with narrated("model report"):
        found = model.report(
            outcome, period, figure, on=on, source=source, series=series, unit=unit, note=note, open_end=open_end, check=only_check, correct=correct, anyway=anyway, dry=dry_run,
            base=base, tell=telling(), on_row=lambda lines: print("\n".join(lines), flush=True),
        )  # fmt: skip
    if found.effect is not None:
        print(
            "\n".join(
                [
                    "",
                    *found.effect.lines(),
                    "",
                    f"To undo: `model report --undo '{found.draft.report.outcome}' {found.draft.report.period}`",
                ]
            )
        )


def in_a_terminal() -> bool:
    """Return whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
