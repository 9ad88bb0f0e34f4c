"""The command line: `model`, or `python -m model`. It holds no arithmetic.

Exit codes: 0 done, 1 a figure no longer holds (`verify`), 2 the input cannot be used (said on standard error, nothing
written), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from model import cli_compare, cli_memo, cli_study, cli_sweep
from model.errors import InputError, Problem
from model.options import (
    BASE,
    Base,
    DrawCount,
    Formats,
    NoFigures,
    Out,
    Scenarios,
    Seed,
    Sets,
    SizeName,
    Style,
    check_parquet,
    folder_of,
    loaded,
    shown,
    simulated,
    speaking_plainly,
)  # fmt: skip

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Scenario forecasts of Xiaomi: EV deliveries against the target, segment margins, revenue mix.",
)
DrawsOut = Annotated[
    Path | None, typer.Option("--draws-out", help="Keep the draws of all outcomes in a Parquet file.", metavar="FILE")
]


@app.command(
    epilog="Examples:  model run  |  model run -s price_war -s memory_squeeze  |  model run --set ev.book.ready=0.7 --no-figures"
)
def run(
    scenario: Scenarios = None,
    sets: Sets = None,
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the headline's numbers as JSON.")] = False,
    no_figures: NoFigures = False,
    draws_out: DrawsOut = None,
    base: Base = BASE,
) -> None:
    """Simulate the base case or a scenario: print the headline, write tables and figures."""
    started = time.perf_counter()
    with speaking_plainly():
        from model import headline, outputs, runs
        from model.figures import FIGURES

        assumptions = loaded(base, scenario, sets)
        folder = folder_of(assumptions, out)
        _check_parquet(draws_out)
        result = simulated(assumptions, draws, seed)
        lines = headline.text(result)
        lines += runs.write(result, folder, names=() if no_figures else tuple(FIGURES), draws_out=draws_out)
        if as_json:
            origin = outputs.manifest(assumptions, result.draws, result.seed)
            print(json.dumps({**origin, "headline": headline.numbers(result)}, indent=1))
            return
        kinds = "tables" if no_figures else "tables and figures"
        rounding = f" ({draws:,} asked for, rounded up)" if draws and draws != result.draws else ""
        seconds = f"{result.seconds:.2f} s, all in {time.perf_counter() - started:.1f} s"
        lines += ["", f"{result.draws:,} draws{rounding} in {seconds}; {kinds} in {shown(folder)}/"]
        print("\n".join(lines))


@app.command(epilog="Example:  model check")
def check(base: Base = BASE) -> None:
    """Check the assumptions, every scenario, every sweep and the data, simulate nothing."""
    with speaking_plainly():
        from model import history, sweep_files
        from model.overlays import scenario_names
        from model.simulation import outcome_periods

        assumptions = loaded(base)
        names = scenario_names(assumptions.root)
        problems: list[Problem] = history.problems(assumptions.root)
        for name in names:
            try:
                loaded(base, [name])
            except InputError as error:
                problems += error.problems
        sweeps = sweep_files.names(assumptions.root)
        for name in sweeps:
            try:
                file = sweep_files.read(assumptions.root, name)
                case = loaded(base, file.head.scenario)
                file.plan(case, outcome_periods(case), 0)
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        uncertain = sum(entry.distribution.uncertain for entry in assumptions.entries.values())
        counts = f"{len(assumptions.entries)} assumptions, {uncertain} of them uncertain"
        print(f"{base}: {counts}, {len(assumptions.correlations)} correlations")
        print(f"scenarios: {', '.join(names) or 'none'}")
        print(f"sweeps: {', '.join(sweeps) or 'none'}")
        print("All is well.")


@app.command(epilog="Examples:  model show  |  model show ev.lines.yu7  |  model show ev.book -s bear")
def show(
    path: Annotated[str, typer.Argument(help="An assumption or a table of them; everything by default.")] = "",
    scenario: Scenarios = None,
    sets: Sets = None,
    base: Base = BASE,
) -> None:
    """Read the inputs back: what each number implies, its unit and source."""
    with speaking_plainly():
        from model import readback

        print("\n".join(readback.lines(loaded(base, scenario, sets), path)))


@app.command(epilog="Examples:  model figure deliveries  |  model figure all -s bear --size slide --format png,pdf")
def figure(
    name: Annotated[
        str,
        typer.Argument(
            help="deliveries, chance, monthly, cumulative, margins, mix, limits, scenarios, or all.", metavar="NAME"
        ),
    ],
    scenario: Scenarios = None,
    sets: Sets = None,
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    size: SizeName = "word",
    formats: Formats = "png,svg",
    style: Style = None,
    base: Base = BASE,
) -> None:
    """Draw one figure of a run, or all eight, with the CSV of what is drawn and alt text beside it.

    Figures of studies (swings, solve, variance, sweep, compare) are drawn by their own commands, with the same options.
    """
    with speaking_plainly():
        from model import figures, outputs

        chosen = figures.chosen(name, size, formats.split(","))
        figures.lay_over(style)
        assumptions = loaded(base, scenario, sets)
        folder = folder_of(assumptions, out, *([] if size == "word" else [size]))
        result = simulated(assumptions, draws, seed)
        with outputs.staged(folder) as stage:
            figures.save_all(result, stage, names=chosen, size=size, formats=formats.split(","))
        for each in chosen:
            print(f"{shown(folder)}/{each}")


@app.command(epilog="Examples:  model verify figures/deliveries.png  |  model verify figures/*.svg")
def verify(
    files: Annotated[list[Path], typer.Argument(help="Figures: PNG, SVG or PDF.", metavar="FILE ...")],
    base: Base = BASE,
) -> None:
    """Say whether figures still hold: rerun what made them, name the assumptions that changed since."""
    with speaking_plainly():
        from model import verification

        holds = True
        problems: list[Problem] = []
        for file in files:
            try:
                answer = verification.verify(file, base)
            except InputError as error:
                problems += error.problems
            else:
                holds = holds and answer.holds
                print("\n".join(answer.lines))
        if problems:
            raise InputError(problems)
        if not holds:
            raise typer.Exit(1)


@app.command()
def selftest() -> None:
    """Known answers from theory and the literature against what this machine computes; a few seconds, no files needed."""
    from model import reference

    found = list(reference.checks())
    print("\n".join(reference.lines(found)))
    if not all(check.holds for check in found):
        raise typer.Exit(1)


@app.command(epilog="Example:  model new my_scenario")
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and _.", metavar="NAME")],
    base: Base = BASE,
) -> None:
    """Write a scenario to start from: scenarios/NAME.toml."""
    with speaking_plainly():
        from model import starter

        print(f"{shown(starter.write(base, name))}: edit it, then `model check` and `model run -s {name}`")


app.command(epilog=cli_memo.EXAMPLES)(cli_memo.memo)
app.command(epilog=cli_memo.WATCH)(cli_memo.watch)
app.command(epilog=cli_compare.COMPARE)(cli_compare.compare)
app.command(epilog=cli_compare.DIFF)(cli_compare.diff)
app.command(epilog=cli_study.SWINGS)(cli_study.swings)
app.command(epilog=cli_study.SOLVE)(cli_study.solve)
app.command(epilog=cli_study.VARIANCE)(cli_study.variance)
app.command(epilog=cli_study.EXPLAIN)(cli_study.explain)
app.command(epilog=cli_sweep.EXAMPLES)(cli_sweep.sweep)


def _check_parquet(path: Path | None) -> None:
    """Say before the work starts that the draws cannot be kept."""
    from model import outputs

    if path is None:
        return
    check_parquet("--draws-out")
    if path.suffix != ".parquet" or path.is_dir():
        raise InputError(Problem(f"'{path}' is no name for a Parquet file", "FILE.parquet", path="--draws-out"))
    outputs.check_writable(path.parent)


def main() -> None:
    """Entry point of the `model` command."""
    app()
