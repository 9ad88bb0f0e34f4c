"""The commands around a run: run, check, show, figure, verify, selftest, new."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

import model
from model.cli.options import BASE, BaseFile, CaseOptions, Currency, DrawOptions, FigureOptions, command
from model.cli.progress import telling
from model.errors import InputError, Problem

OLD = 3  # weeks, from which on a forecast is said to be as old as that
Folder = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for what is written (default: figures/, or figures/SCENARIO/).", metavar="DIR"),
]


@command(
    examples="Examples:  model run  |  model run -s price_war -s memory_squeeze  |  model run --as-of 2026-06-01  |  model run --as-of base",
    front=True,
)
def run(
    case: CaseOptions,
    draws: DrawOptions,
    out: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the headline's numbers as JSON.")] = False,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Tables only.")] = False,
    outcomes: Annotated[
        str | None,
        typer.Option("--outcomes", help="Keep these alone, with commas between: less memory.", metavar="LIST"),
    ] = None,
    draws_out: Annotated[
        Path | None,
        typer.Option("--draws-out", help="Keep the draws of all outcomes in a Parquet file.", metavar="FILE"),
    ] = None,
    currency: Currency = "",
) -> None:
    """Today's forecast, or a scenario's: print the headline, write tables and figures into figures/.

    It is given what was reported (data/observations.csv) and became known (updates/) by the day; scenarios and what-ifs hold from the
    first month that has not begun. --as-of base is the base case before any report.
    """
    from model.simulation import formatting
    from model.simulation.metric import target_metric

    started = time.perf_counter()
    assumptions = case.load()
    _check_draws_out(draws_out)
    kept = None if outcomes is None else outcomes.split(",")
    figures = () if no_figures or kept else model.ALL_FIGURES
    took, sharper, measured = [], None, dict[str, Any]()
    if draws.tolerance is not None:
        measure, _, size = draws.tolerance.rpartition("=")
        met = case.within(replace(draws, tolerance=size), measure or "chance")
        draws, took = replace(draws, tolerance=None, draws=None if met.apart else met.draws), met.lines()
        if met.what != target_metric(assumptions):  # the headline does not have it
            took = [f"{met.what}   {formatting.measure(met.found, met.what.unit)}", *took]
            measured = {"asked": {met.what.text: [float(met.found.value), float(met.found.error)]}}
        elif met.apart:
            sharper = met.found
    how: dict[str, Any] = {
        **draws.given,
        "sharper": sharper,
        "from_month": case.from_month,
        "currency": currency,
        "tell": telling(),
    }
    done = model.run(assumptions, out, figures=figures, outcomes=kept, draws_out=draws_out, **how)
    if as_json:
        print(json.dumps(done.numbers | measured, indent=1))
        return
    kinds = "tables and figures" if figures else "tables"
    asked = f" ({draws.draws:,} asked for, rounded up)" if draws.draws not in (None, done.result.draws) else ""
    seconds = f"{done.result.seconds:.2f} s, all in {time.perf_counter() - started:.1f} s"
    end = f"{done.result.draws:,} draws{asked} in {seconds}; {kinds} in {_shown(done.folder)}/"
    today = dt.datetime.now().astimezone().date()
    old = said_old(done.result.assumptions.about.as_of, today) if case.as_of == "latest" else []
    print("\n".join([*done.lines, "", *took, *old, end]))


def said_old(known: dt.date, today: dt.date) -> list[str]:
    """Return a line where the last thing that is known is weeks old; nothing where it is not."""
    weeks = (today - known).days // 7
    if weeks < OLD:
        return []
    return [
        f"The latest entry is dated {known:%-d %B %Y}, {weeks} weeks ago: `model report` adds what has been reported since"
    ]


@command(
    examples="Examples:  model chance '>=420_000'  |  model chance 'ev.gross_margin>=0.2' -s price_war  |  model chance"
)
def chance(
    case: CaseOptions,
    draws: DrawOptions,
    measures: Annotated[
        list[str] | None,
        typer.Argument(
            help=">=NUMBER of the target's outcome, or OUTCOME>=NUMBER; by default the target.", metavar="MEASURE ..."
        ),
    ] = None,
) -> None:
    """The chance of a number: of deliveries in the year, or of any outcome; writes no file."""
    f = model.Forecast(case.study(draws))
    print("\n".join(line for measure in measures or ["chance"] for line in f.said(measure)))


@command(examples="Example:  model check", front=True)
def check(base: BaseFile = BASE) -> None:
    """Check the assumptions, every scenario, every sweep and the data; reports are held against a few draws."""
    print("\n".join(model.check(base)))


@command(examples="Examples:  model show  |  model show ev.lines.yu7  |  model show ev.book -s bear")
def show(
    case: CaseOptions,
    path: Annotated[str, typer.Argument(help="An assumption or a table of them; everything by default.")] = "",
) -> None:
    """Read the inputs back: what each number implies, its unit and source."""
    print("\n".join(model.show(case.load(), path)))


@command(examples="Examples:  model figure deliveries  |  model figure all -s bear --size slide --format png,pdf")
def figure(
    name: Annotated[
        str,
        typer.Argument(
            help="deliveries, chance, monthly, cumulative, margins, mix, bottlenecks, scenarios, or all.",
            metavar="NAME",
        ),
    ],
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    out: Folder = None,
) -> None:
    """Draw one figure of a run, or all that it has, with the CSV of what is drawn and alt text beside it.

    Figures of studies (tornado, solve, variance, sweep, compare) are drawn by their own commands, with the same options.
    """
    chosen, formats = look.checked(name), look.formats.split(",")
    figures = model.ALL_FIGURES if name == "all" else chosen
    folder = model.draw_figures(
        case.load(), out, figures, size=look.size, formats=formats, tell=telling(), **draws.given
    )
    for each in chosen:
        if (folder / f"{each}.{formats[0]}").is_file():  # of all, those that this run has
            print(f"{_shown(folder)}/{each}")


@command(examples="Examples:  model verify figures/deliveries.png  |  model verify figures/*.svg")
def verify(
    files: Annotated[list[Path], typer.Argument(help="Figures: PNG, SVG or PDF.", metavar="FILE ...")],
    base: BaseFile = BASE,
) -> None:
    """Say whether figures still hold: rerun what made them, name the assumptions that changed since."""
    holds, problems = True, list[Problem]()
    for file in files:
        try:
            answer = model.verify(file, base)
        except InputError as error:
            problems += error.problems
        else:
            holds = holds and answer.holds
            print("\n".join(answer.lines))
    if problems:
        raise InputError(problems)
    if not holds:
        raise typer.Exit(1)


@command()
def selftest() -> None:
    """Known answers from theory and the literature against what this machine computes; a few seconds, no files needed."""
    from model.validation.known_answers import lines

    found = model.selftest()
    print("\n".join(lines(found)))
    if not all(check.holds for check in found):
        raise typer.Exit(1)


@command(examples="Example:  model new my_scenario")
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and _.", metavar="NAME")],
    base: BaseFile = BASE,
) -> None:
    """Write a scenario to start from: scenarios/NAME.toml."""
    print(f"{_shown(model.new(name, base))}: edit it, then `model check` and `model run -s {name}`")


def _shown(path: Path) -> str:
    """A path as the user would type it."""
    from model.files.toml_reader import shown

    return shown(path)


def _check_draws_out(path: Path | None) -> None:
    """Say before the work starts that the draws cannot be kept."""
    from model.files.atomic import check_writable
    from model.reporting.outputs import check_parquet

    if path is None:
        return
    check_parquet("--draws-out")
    if path.suffix != ".parquet" or path.is_dir():
        raise InputError(Problem(f"'{path}' is no name for a Parquet file", "FILE.parquet", path="--draws-out"))
    check_writable(path.parent)
