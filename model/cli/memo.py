"""The commands for a memo: memo, and watch, which reruns on save."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import model
from model.cli.options import CaseOptions, Chance, Currency, DrawOptions, WorkOptions, command, said_problems, share
from model.cli.progress import telling, working
from model.errors import InputError, Problem, to_install

Folder = Annotated[Path | None, typer.Option("--out", help="Folder for what is written.", metavar="DIR")]
Style = Annotated[
    Path | None, typer.Option("--style", help="An .mplstyle file to lay over the style of the figures.", metavar="FILE")
]


@command(
    examples="Examples:  model memo  |  model memo -s price_war --format docx,html  |  model memo --chance 60% --out memo",
    front=True,
)
def memo(
    case: CaseOptions,
    draws: DrawOptions,
    work: WorkOptions,
    formats: Annotated[
        str, typer.Option("--format", help="md, docx, html, xlsx, with commas between.")
    ] = "md,docx,html,xlsx",
    chance: Chance = "50%",
    currency: Currency = "",
    out: Folder = None,
    style: Style = None,
) -> None:
    """A memo from one run: findings, figures, tables, scenarios, what matters, assumptions with sources."""
    from model.files.toml_reader import shown
    from model.reporting.memo.write import chosen

    kinds, asked = chosen(formats), share(chance)
    model.figures.lay_over(style)
    study = case.study(draws)
    with working(study, workers=work.workers, dask=work.dask, fresh=draws.fresh) as given:
        made = model.memo(study, out, formats=kinds, chance=asked, currency=currency, tell=telling(), **given)
    print("\n".join([made.title, *map(shown, made.files)]))


@command(examples="Examples:  model watch  |  model watch -s price_war --figures deliveries,bottlenecks", waits=True)
def watch(
    case: CaseOptions,
    draws: DrawOptions,
    figures: Annotated[
        str, typer.Option("--figures", help="Figures to draw again, with commas between; `none` for tables alone.")
    ] = "deliveries",
    out: Folder = None,
) -> None:
    """On save of the base case or a scenario: check, rerun, print the headline and what moved, draw again."""
    from model.files.toml_reader import shown
    from model.xiaomi.business import XIAOMI

    try:
        from model.files.watch import saves
    except ImportError:
        hint = to_install("watch")
        raise InputError(Problem("watching needs the package watchfiles", hint)) from None
    wanted = [] if figures == "none" else figures.split(",")
    names = [name for each in wanted for name in model.figures.chosen(each, "word", (), XIAOMI)]

    def once() -> None:
        try:
            done = model.run(
                case.load(), out, figures=names, on_headline=_shown_at_once, from_month=case.from_month, **draws.given
            )
            waiting = f"{shown(done.folder)}/ is up to date. Waiting for the next save; Ctrl-C ends."
            print("\n".join([*done.moved, "", waiting]), flush=True)
        except InputError as error:
            said_problems(error)
            again = "The last good outputs stay. Waiting for the next save; Ctrl-C ends."
            print(again, file=sys.stderr, flush=True)

    once()
    try:
        for _ in saves(case.base):
            once()
    except KeyboardInterrupt:
        print()


def _shown_at_once(lines: list[str]) -> None:
    print("\n".join(lines), flush=True)
