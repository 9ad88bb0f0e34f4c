"""The commands that ask what moves the forecast, and what would have to be true: tornado, sweep, solve, value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

import model
from model.cli.options import (
    CaseOptions,
    Chance,
    DrawOptions,
    FigureOptions,
    MeasureName,
    OutputOptions,
    WorkOptions,
    command,
    share,
)
from model.cli.progress import working
from model.errors import InputError, Problem, near

LAST, FEWER = "2030-12", 8192  # of `model value`: the last month, and draws


@command(
    examples="Examples:  model tornado  |  model tornado -s bear --measure ev.gross_margin  |  model tornado --first-look",
)
def tornado(
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    work: WorkOptions,
    measure: MeasureName = "",
    first_look: Annotated[bool, typer.Option("--first-look", help="From the draws as they are, no new runs.")] = False,
) -> None:
    """Which assumptions move a measure, and how far: tornado."""
    if first_look:
        if output.out or output.parquet or work.dask:
            raise InputError(Problem("--first-look only prints", "Leave out --out, --parquet, --dask"))
        print("\n".join(model.first_look(case.study(draws), measure).lines()))
        return
    answered(
        case, draws, look, output, work,
        lambda study, **how: model.tornado(study, measure, **how), "tornado", _not_default(measure), extends=True,
    )  # fmt: skip


@command(
    examples="Examples:  model sweep ev.lines.yu7.orders=12_000:24_000:13  |  model sweep orders_of_both_lines  |  "
    "model sweep ev.lines.yu7.orders.scale=0.7:1.3:13 ev.book.ready=0.5:0.9:9 --measure chance --measure ev.gross_margin  |  "
    "model sweep ev.lines.yu7.orders.scale=0.7:1.3 ev.market.growth=-0.1:0.3 --latin 200",
    front=True,
)
def sweep(
    specs: Annotated[
        list[str],
        typer.Argument(
            help="PATH=FROM:TO:N (a key may follow the path: .p50 .quantile .shift .scale), or a sweep in scenarios/sweeps/.",
            metavar="PATH=FROM:TO:N ... | NAME",
        ),
    ],
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    work: WorkOptions,
    measures: Annotated[
        list[str] | None,
        typer.Option("--measure", help="chance, OUTCOME, OUTCOME:p10, OUTCOME>=NUMBER. Repeat for more.", metavar="M"),
    ] = None,
    latin: Annotated[
        int | None,
        typer.Option("--latin", help="So many points of a Latin hypercube instead of a grid.", metavar="N"),
    ] = None,
) -> None:
    """Measures along a line, over a grid or at the points of a Latin hypercube, all on the same draws."""
    from model.studies.sweep_file import scenarios_of

    if all("=" not in spec for spec in specs) and (measures or latin is not None):
        raise InputError(Problem("the measures and points of a sweep file stand in the file", path=specs[0]))
    case.scenario = case.scenario or scenarios_of(case.base.parent, specs)
    asked = measures or []
    answered(
        case, draws, look, output, work,
        lambda study, **how: model.sweep(study, *specs, measures=asked, latin=latin, **how), extends=True,
    )  # fmt: skip


@command(
    examples="Examples:  model solve '>=450_000'  |  model solve '>=440_000' ev.lines.yu7.orders --chance 60%  |  "
    "model solve --as-of base ev.lines.yu7.orders ev.lines.su7_2026.orders --line  |  model solve 'ev.operating_result>=-10'",
    front=True,
)
def solve(
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    work: WorkOptions,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="The chance of what, such as >=450_000 (by default the target), and assumptions (by default all that matter).",
            metavar="[MEASURE] [PATH ...]",
        ),
    ] = None,
    chance: Chance = "50%",
    measure: Annotated[
        str,
        typer.Option("--measure", help="The chance of what: chance (of the target), or OUTCOME>=NUMBER.", metavar="M"),
    ] = "chance",
    line: Annotated[
        bool, typer.Option("--line", help="Of two assumptions: the line of their P50s that give an equal chance.")
    ] = False,
) -> None:
    """What would have to be true: the P50 of each assumption at which the target, or another number, has the chance asked for.

    Where no assumption reaches it alone: which pairs would and how far all have to move, what it takes a month, and the chance that is left.
    """
    goals = [each for each in paths or [] if ">=" in each]
    if len(goals) + (measure != "chance") > 1:
        raise InputError(Problem("one chance at a time", "model solve '>=450_000'", path="--measure"))
    asked, named, measure = share(chance), [each for each in paths or [] if ">=" not in each], (*goals, measure)[0]
    _refuse_unknown(named, case.load().entries)
    if not line:
        answered(
            case, draws, look, output, work,
            lambda study, **how: model.solve(study, *named, chance=asked, measure=measure, **how),
            "solve", _not_default(measure), extends=True,
        )  # fmt: skip
        return
    if len(named) != 2:
        raise InputError(Problem("a line needs two assumptions", "model solve PATH PATH --line", path="--line"))
    one, other = named
    answered(
        case, draws, look, output, work,
        lambda study, **how: model.equal_chance(study, one, other, chance=asked, **how), "equal_chance",
        extends=True,
    )  # fmt: skip


@command(examples="Examples:  model value  |  model value --as-of base  |  model value -s bear")
def value(case: CaseOptions, draws: DrawOptions, look: FigureOptions, output: OutputOptions, work: WorkOptions) -> None:
    """What the company is worth beside the market, and what must be true of deliveries, margin and multiples for today's price.

    Runs to December 2030 where --to does not say otherwise; the base case before any report on 8,192 draws unless --draws says otherwise.
    """
    case.to = case.to or LAST
    draws.draws = draws.draws or (FEWER if case.as_of == "base" else None)
    answered(case, draws, look, output, work, model.value, "value")


def read_off(
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    ask: Callable[[Any], Any],
    name: str,
    *asked: str,
) -> None:
    """Ask what the draws of a study say as they are, with no runs beside them."""
    answered(
        case, draws, look, output, WorkOptions(workers=1), lambda study, **_: ask(study), name, *asked, keeps=False
    )


def answered(
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    work: WorkOptions,
    ask: Callable[..., Any],
    name: str = "",
    *asked: str,
    keeps: bool = True,
    extends: bool = False,
) -> None:
    """Ask, say what was found, and leave table and figures; a plan of a sweep brings its own name.

    keeps : the work keeps measures for the next time; extends : it can be asked to a tolerance
    """
    from model.files.table import file_name
    from model.reporting.outputs import leave

    kept: Any = None

    def asking(study: Any) -> Any:
        nonlocal kept
        kept = study
        with working(study, workers=work.workers, dask=work.dask, fresh=draws.fresh, keeps=keeps) as given:
            return ask(study, **given)

    if draws.tolerance is None or not extends:
        study = case.study(draws)
        folder, how = output.ready(study.assumptions, look)
        found, took = asking(study), []
    else:
        folder, how = output.ready(case.load(), look)
        met = case.within(draws, asking)
        found, took = met.found, met.lines()
    left = leave(found, kept, folder, file_name(name, *asked) if name else found.plan.name, how)
    print("\n".join([*found.lines(), *took, left]))


def _not_default(measure: str) -> str:
    """What a measure adds to the name of a file."""
    return "" if measure == "chance" else measure


def _refuse_unknown(paths: list[str], known: Any) -> None:
    unknown = [
        Problem("unknown assumption", near(p, known) or "`model show` lists all", path=p or "''")
        for p in paths
        if p not in known
    ]
    if unknown:
        raise InputError(unknown)
