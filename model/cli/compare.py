"""The commands that set cases against one another: compare, diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import model
from model.cli.options import BASE, BaseFile, DrawOptions, FigureOptions, OutputOptions, command
from model.cli.progress import telling
from model.errors import InputError, Problem

MeasureName = Annotated[
    str, typer.Option("--measure", help="What the bridge is of: chance, OUTCOME, OUTCOME:p10.", metavar="M")
]


@command(
    examples="Examples:  model compare bull  |  model compare bull bear  |  model compare price_war+memory_squeeze --measure ev.gross_margin",
)
def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            help="Scenarios to set beside the base case; join with + to combine. Two are bridged from one to the other, "
            "one from the base case.",
            metavar="SCENARIO ...",
        ),
    ],
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    measure: MeasureName = "chance",
    base: BaseFile = BASE,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="Given what was reported by that day; scenarios hold from here on.", metavar="DAY"
        ),
    ] = None,
    from_month: Annotated[
        str, typer.Option("--from", help="With --as-of: the month from which on they hold.", metavar="MONTH")
    ] = "",
) -> None:
    """Scenarios side by side on the same draws: what they change, what that does, and a bridge from one to the other."""
    look.checked()
    others = [name.split("+") for name in scenarios if name != "base"]
    cases = [model.load(base, names, as_of=as_of) for names in ([], *others)]
    how = {**draws.given, "from_month": from_month, "tell": telling()}
    print("\n".join(model.compare(*cases, **how).lines()))
    if len(scenarios) > 2:
        return
    old, new = cases[-2:] if len(cases) > 1 else (cases[0], cases[0])
    if scenarios[-1] == "base":
        old, new = new, cases[0]
    print()
    asked = model.study(new, **how) if as_of else None
    _bridged(model.bridge(old, new, measure, **how), measure, draws, look, output, asked)


@command(examples="Examples:  model diff HEAD  |  model diff HEAD~3 -s bear  |  model diff --as-of 2026-01-15 latest")
def diff(
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    revision: Annotated[
        str, typer.Argument(help="A git revision of the assumption files: HEAD, main, a tag.", metavar="REV")
    ] = "",
    measure: MeasureName = "chance",
    scenario: Annotated[
        list[str] | None, typer.Option("-s", "--scenario", help="A scenario in scenarios/, or a file.", metavar="NAME")
    ] = None,
    base: BaseFile = BASE,
    as_of: Annotated[
        tuple[str, str] | None,
        typer.Option("--as-of", help="Two days: what was reported and became known in between.", metavar="DAY DAY"),
    ] = None,
    by_kind: Annotated[
        bool, typer.Option("--by-kind", help="With --as-of: updates, deliveries, other reports in any order (Shapley).")
    ] = False,
) -> None:
    """What moved the forecast: edits of the assumption files since a git revision, or the news between two days."""
    look.checked()
    if bool(revision) == (as_of is not None):
        raise InputError(Problem("from where is not clear", "model diff REV, or model diff --as-of DAY DAY"))
    if as_of is not None and (scenario or measure != "chance"):
        raise InputError(Problem("the news are those of the base case's target", "Leave out -s and --measure"))
    if by_kind and as_of is None:
        raise InputError(Problem("--by-kind is of news", "model diff --as-of DAY DAY --by-kind"))
    if as_of is not None:
        _news(as_of, by_kind, base, draws, look, output)
        return
    found = model.diff(revision, measure, base=base, scenarios=scenario or [], **draws.given)
    _bridged(found, measure, draws, look, output)


def _news(
    days: tuple[str, str], by_kind: bool, base: Path, draws: DrawOptions, look: FigureOptions, output: OutputOptions
) -> None:
    """The news between two days in words; its table, and the year as it came."""
    from model.reporting.outputs import leave_news

    later = model.load(base, as_of=days[1])
    folder, how = output.ready(later, look, given=True)
    found = model.news(*days, base=base, by_kind=by_kind, tell=telling(), **draws.given)
    print("\n".join(found.lines()))
    print(leave_news(found, model.study(later, tell=telling(), **draws.given), folder, how))


def _bridged(
    found: Any, measure: str, draws: DrawOptions, look: FigureOptions, output: OutputOptions, asked: Any = None
) -> None:
    """The bridge in words, its table and figure written."""
    from model.files.table import file_name
    from model.reporting.outputs import leave

    folder, how = output.ready(found.new, look, given=asked is not None)
    print("\n".join(found.lines()))
    if found.parts:
        print(
            leave(
                found,
                asked or model.study(found.new, **draws.given),
                folder,
                file_name("bridge", "" if measure == "chance" else measure),
                how,
            )
        )
