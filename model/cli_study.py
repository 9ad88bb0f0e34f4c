"""The commands that ask what moves the forecast: swings, solve, variance, explain."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from model.errors import InputError, Problem, near
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
    share,
    simulated,
    speaking_plainly,
    study_folder,
    study_of,
)  # fmt: skip

SWINGS = "Examples:  model swings  |  model swings -s bear --measure ev.gross_margin  |  model swings --first-look"
SOLVE = "Examples:  model solve  |  model solve ev.lines.yu7.orders --chance 60%  |  model solve ev.lines.yu7.orders ev.lines.su7_2026.orders --line"
VARIANCE = "Examples:  model variance  |  model variance --by evidence  |  model variance --measure chance -s bear"
EXPLAIN = "Examples:  model explain  |  model explain -s bull"
SHOWN = 15
MeasureName = Annotated[
    str, typer.Option("--measure", help="chance, OUTCOME, OUTCOME:p10, OUTCOME>=NUMBER, OUTCOME@2026Q1.", metavar="M")
]


def swings(
    scenario: Scenarios = None,
    sets: Sets = None,
    measure: MeasureName = "chance",
    first_look: Annotated[bool, typer.Option("--first-look", help="From the draws as they are, no new runs.")] = False,
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
    """Which assumptions move a measure, and how far: tornado."""
    with speaking_plainly():
        from model import swings as method
        from model import words
        from model.progress import working

        how = drawing(size, formats, style, no_figures)
        assumptions = loaded(base, scenario, sets)
        what, study = measure_of(measure, assumptions), study_of(assumptions, draws, seed)
        say, _ = words.signed_in(what.unit)
        if first_look:
            if out or parquet or dask:
                raise InputError(Problem("--first-look only prints", "Leave out --out, --parquet, --dask"))
            print(f"{what}: highest tenth of each assumption's draws less lowest; correlated ones carry each other")
            for path, m in method.first_look(study, what)[:SHOWN]:
                print(f"  {say(m.value, '+'):>10} ± {words.measured_error(float(m.error), what.unit)}  {path}")
            return
        folder = study_folder(assumptions, out, parquet, how)
        with working(study, workers=workers, dask=dask, fresh=fresh) as work:
            found = method.swings(study, what, **work.given)
        moving = [s for s in found if s.size > 0]

        def pictures() -> list[Any]:
            from model.figures import tornado

            return [tornado.draw(simulated(assumptions, study.size, seed), found, what, how.size)] if moving else []

        name = file_name("swings", "" if measure == "chance" else measure)
        left = leave(method.table(found), folder, name, how, parquet, pictures, origin(study))
        print(f"{what}: each assumption held at its P10 and at its P90, all others varying")
        for s in moving[:SHOWN]:
            ends = f"{say(s.low.value):>10} -> {say(s.high.value):>10}"
            star = " *" if s.correlated else ""
            error = words.measured_error(float(s.swing.error), what.unit)
            print(f"  {ends}   {say(s.swing.value, '+'):>10} ± {error}  {s.path}{star}")
        less = f"{len(moving) - SHOWN} more move it less, to be found in the table; " if len(moving) > SHOWN else ""
        print(f"  {less}{len(found) - len(moving)} do not move it at all. * correlated with others, moved alone")
        print(left)


def solve(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Assumptions; all that matter by default.", metavar="PATH ...")
    ] = None,
    chance: Annotated[
        str, typer.Option("--chance", help="The chance of the target that is asked for.", metavar="50%")
    ] = "50%",
    line: Annotated[bool, typer.Option("--line", help="Of two assumptions: the line of equal chance.")] = False,
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
    """What would have to be true: the P50 of each assumption at which P(target) is the chance asked for."""
    with speaking_plainly():
        from model import answers
        from model import solve as method
        from model.figures import equal_chance, musts
        from model.progress import working

        how = drawing(size, formats, style, no_figures)
        assumptions = loaded(base, scenario, sets)
        _refuse_unknown(paths or [], assumptions)
        if line and len(paths or []) != 2:
            raise InputError(Problem("a line needs two assumptions", "model solve PATH PATH --line", path="--line"))
        asked = share(chance)
        what, study = measure_of("chance", assumptions), study_of(assumptions, draws, seed)
        folder = study_folder(assumptions, out, parquet, how)
        found: Any
        with working(study, workers=workers, dask=dask, fresh=fresh) as work:
            if line and paths:
                found = method.line(study, what, asked, *paths, **work.given)
            else:
                found = method.solve(study, what, asked, paths or None, **work.given)

        def pictures() -> list[Any]:
            if not line and all(a.needed is None for a in found):
                return []
            draw: Any = equal_chance.draw if line else musts.draw
            return [draw(simulated(assumptions, study.size, seed), found, asked, how.size)]

        name, table = ("line", answers.line_table(found)) if line else ("solve", answers.table(found))
        left = leave(table, folder, name, how, parquet, pictures, origin(study))
        now = study.measure(what)
        print(
            "\n".join(answers.line_lines(found) if line else answers.lines(found, what, asked, now, named=bool(paths)))
        )
        print(left)


def variance(
    scenario: Scenarios = None,
    sets: Sets = None,
    measure: Annotated[
        str | None,
        typer.Option("--measure", help="An outcome (default: the target's), or a chance: hit or miss.", metavar="M"),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="assumption, table, segment or evidence.")] = "assumption",
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
    base: Base = BASE,
) -> None:
    """What the spread of an outcome is made of: Shapley effects of all, Sobol indices of the independent."""
    with speaking_plainly():
        from model import variance as method
        from model.progress import working

        how = drawing(size, formats, style, no_figures)
        assumptions = loaded(base, scenario, sets)
        target = assumptions.target
        what = measure_of(measure or f"{target.outcome}@{target.period}", assumptions)
        study = study_of(assumptions, draws, seed)
        folder = study_folder(assumptions, out, parquet, how)
        with working(study, workers=workers, dask=dask, keeps=False) as work:
            found = method.shares(study, what, by=by, crew=work.crew, tell=work.tell)

        def pictures() -> list[Any]:
            from model.figures import shares

            return [shares.draw(simulated(assumptions, study.size, seed), found, what, by, how.size)]

        name = file_name("variance", measure or "", "" if by == "assumption" else f"by_{by}")
        left = leave(method.table(found, by), folder, name, how, parquet, pictures, origin(study))
        print("\n".join(method.lines(found, what, SHOWN)))
        print(left)


def explain(
    scenario: Scenarios = None, sets: Sets = None, draws: DrawCount = None, seed: Seed = 2026, base: Base = BASE
) -> None:
    """Why a miss, why a hit: what binds, and what the draws that miss the target have in common."""
    with speaking_plainly():
        from model import explain as method

        assumptions = loaded(base, scenario, sets)
        study = study_of(assumptions, draws, seed)
        print("\n".join(method.lines(study, simulated(assumptions, study.size, seed))))


def _refuse_unknown(paths: list[str], assumptions: Any) -> None:
    known = assumptions.entries
    unknown = [
        Problem("unknown assumption", near(p, known) or "`model show` lists all", path=p or "''")
        for p in paths
        if p not in known
    ]
    if unknown:
        raise InputError(unknown)
