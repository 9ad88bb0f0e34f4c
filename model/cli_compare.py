"""The commands that set cases against one another: compare, diff."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from model.options import (
    BASE,
    Base,
    DrawCount,
    Formats,
    NoFigures,
    Out,
    Parquet,
    Scenarios,
    Seed,
    SizeName,
    Style,
    draw_count,
    drawing,
    file_name,
    leave,
    loaded,
    measure_of,
    simulated,
    speaking_plainly,
    study_folder,
)  # fmt: skip

COMPARE = "Examples:  model compare bull  |  model compare bull bear  |  model compare price_war+memory_squeeze --measure ev.gross_margin"
DIFF = "Examples:  model diff HEAD  |  model diff HEAD~3 -s bear"
MeasureName = Annotated[
    str, typer.Option("--measure", help="What the bridge is of: chance, OUTCOME, OUTCOME:p10.", metavar="M")
]


def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            help="Scenarios to set beside the base case; join with + to combine. Two are bridged from one to the other, "
            "one from the base case.",
            metavar="SCENARIO ...",
        ),
    ],
    measure: MeasureName = "chance",
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    no_figures: NoFigures = False,
    size: SizeName = "word",
    formats: Formats = "png,svg",
    style: Style = None,
    parquet: Parquet = False,
    base: Base = BASE,
) -> None:
    """Scenarios side by side on the same draws: what they change, what that does, and a bridge from one to the other."""
    with speaking_plainly():
        from model import comparison

        how = drawing(size, formats, style, no_figures)

        cases = [loaded(base), *(loaded(base, name.split("+")) for name in scenarios if name != "base")]
        if len(scenarios) > 2:
            print("\n".join(comparison.lines([simulated(a, draws, seed) for a in cases])))
            return
        old, new = cases[-2:] if len(cases) > 1 else (cases[0], cases[0])
        if scenarios[-1] == "base":
            old, new = new, cases[0]
        text = comparison.lines([simulated(a, draws, seed) for a in cases])
        print("\n".join([*text, "", *_bridged(old, new, measure, draws, seed, out, how, parquet)]))


def diff(
    revision: Annotated[
        str, typer.Argument(help="A git revision of the assumption files: HEAD, main, a tag.", metavar="REV")
    ],
    measure: MeasureName = "chance",
    scenario: Scenarios = None,
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    no_figures: NoFigures = False,
    size: SizeName = "word",
    formats: Formats = "png,svg",
    style: Style = None,
    parquet: Parquet = False,
    base: Base = BASE,
) -> None:
    """What changed in the assumption files since a git revision, and what each change does: a bridge."""
    with speaking_plainly():
        from model import earlier

        how = drawing(size, formats, style, no_figures)

        now = loaded(base, scenario)
        then = earlier.of_revision(base, revision, scenario or [])
        print("\n".join(_bridged(then, now, measure, draws, seed, out, how, parquet)))


def _bridged(old: Any, new: Any, measure: str, draws: Any, seed: int, out: Any, how: Any, parquet: bool) -> list[str]:
    """The bridge in words, its table and figure written."""
    from model import bridge as method
    from model import outputs
    from model.simulation import checked_draws

    what, name = measure_of(measure, old), file_name("bridge", "" if measure == "chance" else measure)
    folder = study_folder(new, out, parquet, how)
    found = method.bridge(old, new, what, draws=draw_count(draws), seed=seed)
    if not found.parts:
        return method.lines(found)

    def pictures() -> list[Any]:
        from model.figures import waterfall

        return [waterfall.draw(simulated(new, draws, seed), found, how.size)]

    origin = outputs.provenance(new, checked_draws(draw_count(draws)), seed)
    return [*method.lines(found), leave(found.table(), folder, name, how, parquet, pictures, origin)]
