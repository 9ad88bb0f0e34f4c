"""`model memo`: figures and numbers that go into Word, slides or a mail as they are."""

from __future__ import annotations

from typing import Annotated

import typer

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
    Workers,
    folder_of,
    loaded,
    share,
    shown,
    speaking_plainly,
    study_of,
)  # fmt: skip

EXAMPLES = (
    "Examples:  model memo  |  model memo -s price_war --format docx,html  |  model memo --chance 60% --out /tmp/memo"
)


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
    dask: Dask = None,
    fresh: Fresh = False,
    base: Base = BASE,
) -> None:
    """A memo from one run: findings, figures, tables, scenarios, what matters, assumptions with sources."""
    with speaking_plainly():
        from model import outputs
        from model.memo import content, making
        from model.progress import working

        kinds = making.chosen(formats)
        asked = share(chance)
        assumptions = loaded(base, scenario, sets)
        folder = folder_of(assumptions, out, "memo")
        study = study_of(assumptions, draws, seed)
        with working(study, workers=workers, dask=dask, fresh=fresh) as work, outputs.staged(folder) as stage:
            result = making.write(study, base, stage, kinds, asked=asked, **work.given)
        print(content.title(result))
        for kind in kinds:
            print(f"{shown(folder)}/memo.{kind}")
