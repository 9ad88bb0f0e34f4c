"""`model sweep`: measures along a line, over a grid, or at the points of a Latin hypercube."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from model.errors import InputError, Problem
from model.options import (
    BASE,
    Base,
    Dask,
    DrawCount,
    Formats,
    Fresh,
    NoFigures,
    Out,
    Parquet,
    Scenarios,
    Seed,
    Sets,
    SizeName,
    Style,
    Workers,
    drawing,
    file_name,
    leave,
    loaded,
    measure_of,
    origin,
    simulated,
    speaking_plainly,
    study_folder,
    study_of,
)  # fmt: skip

EXAMPLES = (
    "Examples:  model sweep ev.lines.yu7.orders=12_000:24_000:13  |  model sweep orders_of_both_lines  |  "
    "model sweep ev.lines.yu7.orders.scale=0.7:1.3:13 ev.book.ready=0.5:0.9:9 --measure chance --measure ev.gross_margin  |  "
    "model sweep ev.lines.yu7.orders.scale=0.7:1.3 ev.market.growth=-0.1:0.3 --latin 200"
)


def sweep(
    specs: Annotated[
        list[str],
        typer.Argument(
            help="PATH=FROM:TO:N (a key may follow the path: .p50 .quantile .shift .scale), or a sweep in scenarios/sweeps/.",
            metavar="PATH=FROM:TO:N ... | NAME",
        ),
    ],
    measures: Annotated[
        list[str] | None,
        typer.Option("--measure", help="chance, OUTCOME, OUTCOME:p10, OUTCOME>=NUMBER. Repeat for more.", metavar="M"),
    ] = None,
    latin: Annotated[
        int | None, typer.Option("--latin", help="So many points of a Latin hypercube instead of a grid.", metavar="N")
    ] = None,
    scenario: Scenarios = None,
    sets: Sets = None,
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    no_figures: NoFigures = False,
    size: SizeName = "word",
    formats: Formats = "png,svg",
    style: Style = None,
    parquet: Parquet = False,
    workers: Workers = None,
    dask: Dask = None,
    fresh: Fresh = False,
    base: Base = BASE,
) -> None:
    """Measures along a line, over a grid or at the points of a Latin hypercube, all on the same draws."""
    with speaking_plainly():
        from model import sweep as method
        from model.progress import working

        how = drawing(size, formats, style, no_figures)
        assumptions, plan = _planned(base, specs, measures, latin, scenario, sets, seed)
        folder = study_folder(assumptions, out, parquet, how)
        study = study_of(assumptions, draws, seed)
        with working(study, workers=workers, dask=dask, fresh=fresh) as work:
            found = method.run(study, plan, **work.given)

        def pictures() -> list[Any]:
            from model.figures import sweeps

            result = simulated(assumptions, study.size, seed)
            return [sweeps.draw(result, found, n, how.size) for n in range(len(plan.readings))]

        left = leave(found.table(), folder, plan.name, how, parquet, pictures, origin(study))
        print("\n".join(method.lines(found)))
        print(left)


def _planned(
    base: Path, specs: list[str], measures: Any, latin: int | None, scenario: Any, sets: Any, seed: int
) -> tuple[Any, Any]:
    """Assumptions and plan, from a sweep file or from axes on the command line."""
    from model import sweep as method
    from model import sweep_files
    from model.simulation import outcome_periods

    named = [spec for spec in specs if "=" not in spec]
    if named and len(specs) > 1:
        raise InputError(Problem(f"'{named[0]}' is no axis, and a sweep of a file stands alone", method.HOW))
    if named:
        file = sweep_files.read(base.parent, named[0])
        if measures or latin is not None:
            raise InputError(
                Problem("the measures and points of a sweep file stand in the file", file=file.reader.file)
            )
        try:
            assumptions = loaded(base, scenario or file.head.scenario, sets)
        except InputError as error:
            if scenario or not file.head.scenario:
                raise
            hint = "Said below"
            raise InputError(
                [Problem("its scenario cannot be used", hint, file=file.reader.file), *error.problems]
            ) from None
        return assumptions, file.plan(assumptions, outcome_periods(assumptions), seed)
    assumptions = loaded(base, scenario, sets)
    problems: list[Problem] = []
    axes, readings = [], []
    for spec in specs:
        try:
            axes.append(method.axis(spec, assumptions, latin=latin is not None))
        except InputError as error:
            problems += error.problems
    for text in measures or ["chance"]:
        try:
            readings.append(measure_of(text, assumptions))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    name = file_name("sweep", *(each.name for each in axes)) if len(axes) < 3 else f"sweep_of_{len(axes)}"
    return assumptions, method.plan(axes, readings, assumptions, latin=latin, seed=seed, name=name)
