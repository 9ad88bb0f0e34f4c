"""The commands that ask what moves the forecast: swings, solve, explain."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from model.errors import InputError, Problem, near
from model.options import (
    BASE,
    Base,
    DrawCount,
    NoFigures,
    Out,
    Scenarios,
    Seed,
    Sets,
    draw_count,
    folder_of,
    loaded,
    share,
    shown,
    simulated,
    speaking_plainly,
)  # fmt: skip

SWINGS = "Examples:  model swings  |  model swings -s bear --measure ev.gross_margin  |  model swings --first-look"
SOLVE = "Examples:  model solve  |  model solve ev.lines.yu7.orders --chance 60%  |  model solve -s bear"
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
    base: Base = BASE,
) -> None:
    """Which assumptions move a measure, and how far: tornado."""
    with speaking_plainly():
        from model import outputs
        from model import swings as method

        assumptions = loaded(base, scenario, sets)
        study, what = _study(assumptions, measure, draw_count(draws), seed)
        scale, unit, places = (100, "pp", 1) if what.unit == "share" else (1, what.unit, 2 if "bn" in what.unit else 0)

        def say(value: float, sign: str = "") -> str:
            return f"{scale * float(value):{sign},.{places}f}"

        if first_look:
            print(f"{what}: highest tenth of each assumption's draws less lowest; correlated ones carry each other")
            for path, m in method.first_look(study, what)[:SHOWN]:
                print(f"  {say(m.value, '+'):>12} ± {say(m.error)} {unit}  {path}")
            return
        folder = folder_of(assumptions, out, "study")
        found = method.swings(study, what)
        moving = [s for s in found if s.size > 0]
        with outputs.staged(folder) as stage:
            _write(stage / "swings.csv", method.COLUMNS, method.table(found))
            if moving and not no_figures:
                from model import figures
                from model.figures import tornado

                picture = tornado.draw(simulated(assumptions, study.draws.size, seed), found, what)
                figures.write(picture, stage, "swings", ("png", "svg"), _origin(study))
        print(f"{what}: each assumption held at its P10 and at its P90, all others varying")
        for s in moving[:SHOWN]:
            ends = f"{say(s.low.value):>10} -> {say(s.high.value):>10}"
            star = " *" if s.correlated else ""
            print(f"  {ends}   {say(s.swing.value, '+'):>10} ± {say(s.swing.error)} {unit}  {s.path}{star}")
        print(f"  {len(found) - len(moving)} assumptions do not move it at all. * correlated with others, moved alone")
        print(f"Table{'' if no_figures else ' and figure'} in {shown(folder)}/")


def solve(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Assumptions; all that matter by default.", metavar="PATH ...")
    ] = None,
    chance: Annotated[
        str, typer.Option("--chance", help="The chance of the target that is asked for.", metavar="50%")
    ] = "50%",
    scenario: Scenarios = None,
    sets: Sets = None,
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    no_figures: NoFigures = False,
    base: Base = BASE,
) -> None:
    """What would have to be true: the P50 of each assumption at which P(target) is the chance asked for."""
    with speaking_plainly():
        from model import outputs
        from model import solve as method
        from model.assumptions import said

        assumptions = loaded(base, scenario, sets)
        known = assumptions.entries
        unknown = [Problem("unknown assumption", near(p, known), path=p) for p in paths or [] if p not in known]
        if unknown:
            raise InputError(unknown)
        asked = share(chance)
        study, what = _study(assumptions, "chance", draw_count(draws), seed)
        folder = folder_of(assumptions, out, "study")
        answers = method.solve(study, what, asked, paths or None)
        with outputs.staged(folder) as stage:
            _write(stage / "solve.csv", method.COLUMNS, method.table(answers))
            if not no_figures:
                from model import figures
                from model.figures import musts

                picture = musts.draw(simulated(assumptions, study.draws.size, seed), answers, asked)
                figures.write(picture, stage, "solve", ("png", "svg"), _origin(study))
        print(f"For {what} = {100 * asked:g}%, one assumption moved, all others as they are: its P50 would have to be")
        for a in answers:
            if a.needed is None or a.distribution is None:
                continue
            values = f"{method.value(a.needed):>14} instead of {method.value(a.today):>12} {a.unit:<16}"
            print(f"  {values} {a.distance:+.1f} sd  {a.path}")
            if paths:
                print(f"      in the file: {said(a.distribution)}")
        cannot = [a for a in answers if a.needed is None]
        if cannot:
            best = min(cannot, key=lambda a: abs(float(a.chance.value) - asked))
            nearest = f"nearest {best.path}, {100 * float(best.chance.value):.1f}%"
            print(f"  cannot reach it alone: {len(cannot)} others; {nearest}")
        print(f"Table{'' if no_figures else ' and figure'} in {shown(folder)}/")


def explain(
    scenario: Scenarios = None, sets: Sets = None, draws: DrawCount = None, seed: Seed = 2026, base: Base = BASE
) -> None:
    """Why a miss, why a hit: what binds, and what the draws that miss the target have in common."""
    with speaking_plainly():
        from model import explain as method

        assumptions = loaded(base, scenario, sets)
        study, _ = _study(assumptions, "chance", draw_count(draws), seed)
        print("\n".join(method.lines(study, simulated(assumptions, study.draws.size, seed))))


def _study(assumptions: Any, measure: str, draws: int, seed: int) -> tuple[Any, Any]:
    from model.simulation import outcome_periods
    from model.variation import Study, reading

    what = reading(measure, assumptions, outcome_periods(assumptions))
    return Study(assumptions, draws=draws, seed=seed), what


def _origin(study: Any) -> dict[str, Any]:
    from model.outputs import manifest

    return manifest(study.assumptions, study.draws.size, study.draws.seed)


def _write(path: Path, columns: Iterable[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([f"{v:.8g}" if isinstance(v, float) else v for v in row] for row in rows)
