"""The commands for a memo: memo, and watch, which reruns on save."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from model.errors import InputError, Problem
from model.options import (
    BASE,
    Base,
    Dask,
    DrawCount,
    Fresh,
    Out,
    Scenarios,
    Seed,
    Sets,
    Style,
    Workers,
    folder_of,
    loaded,
    share,
    shown,
    simulated,
    speaking_plainly,
    study_of,
)  # fmt: skip

WATCH = "Examples:  model watch  |  model watch -s price_war --figures deliveries,limits"
EXAMPLES = "Examples:  model memo  |  model memo -s price_war --format docx,html  |  model memo --chance 60% --out memo"


def memo(
    scenario: Scenarios = None,
    sets: Sets = None,
    formats: Annotated[
        str, typer.Option("--format", help="md, docx, html, xlsx, with commas between.")
    ] = "md,docx,html,xlsx",
    chance: Annotated[str, typer.Option("--chance", help="What would have to be true for it.", metavar="50%")] = "50%",
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    workers: Workers = None,
    style: Style = None,
    dask: Dask = None,
    fresh: Fresh = False,
    base: Base = BASE,
) -> None:
    """A memo from one run: findings, figures, tables, scenarios, what matters, assumptions with sources."""
    with speaking_plainly():
        from model import figures, outputs
        from model.memo import content, making
        from model.progress import working

        kinds = making.chosen(formats)
        figures.lay_over(style)
        asked = share(chance)
        assumptions = loaded(base, scenario, sets)
        folder = folder_of(assumptions, out, "memo")
        study = study_of(assumptions, draws, seed)
        with working(study, workers=workers, dask=dask, fresh=fresh) as work, outputs.staged(folder) as stage:
            result = making.write(study, stage, kinds, asked=asked, **work.given)
        print(content.title(result))
        for kind in kinds:
            print(f"{shown(folder)}/memo.{kind}")


def watch(
    scenario: Scenarios = None,
    sets: Sets = None,
    figures: Annotated[
        str, typer.Option("--figures", help="Figures to draw again, with commas between; `none` for tables alone.")
    ] = "deliveries",
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    base: Base = BASE,
) -> None:
    """On save of the base case or a scenario: check, rerun, print the headline and what moved, draw again."""
    with speaking_plainly():
        from model import figures as drawing
        from model import headline, runs

        try:
            from model.watching import saves
        except ImportError:
            hint = "pip install 'xiaomi-scenario-model[watch]'"
            raise InputError(Problem("watching needs the package watchfiles", hint)) from None
        names = [] if figures == "none" else [n for f in figures.split(",") for n in drawing.chosen(f, "word", ())]

        def once() -> None:
            try:
                assumptions = loaded(base, scenario, sets)
                folder = folder_of(assumptions, out)
                result = simulated(assumptions, draws, seed)
                print("\n".join(headline.top(result)), flush=True)
                said = runs.write(result, folder, names=names)
                print(
                    "\n".join([*said, "", f"{shown(folder)}/ is up to date. Waiting for the next save; Ctrl-C ends."]),
                    flush=True,
                )
            except InputError as error:
                print("\n".join(f"- {problem}" for problem in error.problems), file=sys.stderr)
                print(
                    "The last good outputs stay. Waiting for the next save; Ctrl-C ends.", file=sys.stderr, flush=True
                )

        once()
        try:
            for _ in saves(base):
                once()
        except KeyboardInterrupt:
            print()
