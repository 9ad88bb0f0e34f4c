"""The commands that set cases against one another: compare, diff."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import model
from model.cli.options import BASE, BaseFile, Case, Draws, Look, Output, command
from model.cli.progress import telling

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
    draws: Draws,
    look: Look,
    output: Output,
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
    how = {**draws.given, "first": from_month, "tell": telling()}
    print("\n".join(model.compare(*cases, **how).lines()))
    if len(scenarios) > 2:
        return
    old, new = cases[-2:] if len(cases) > 1 else (cases[0], cases[0])
    if scenarios[-1] == "base":
        old, new = new, cases[0]
    print()
    asked = model.study(new, **how) if as_of else None
    _bridged(model.bridge(old, new, measure, **how), measure, draws, look, output, asked)


@command(examples="Examples:  model diff HEAD  |  model diff HEAD~3 -s bear")
def diff(
    revision: Annotated[
        str, typer.Argument(help="A git revision of the assumption files: HEAD, main, a tag.", metavar="REV")
    ],
    case: Case,
    draws: Draws,
    look: Look,
    output: Output,
    measure: MeasureName = "chance",
) -> None:
    """What changed in the assumption files since a git revision, and what each change does: a bridge."""
    look.checked()
    found = model.diff(revision, measure, base=case.base, scenarios=case.scenario or [], **draws.given)
    _bridged(found, measure, draws, look, output)


def _bridged(found: Any, measure: str, draws: Draws, look: Look, output: Output, asked: Any = None) -> None:
    """The bridge in words, its table and figure written."""
    from model.files.tables import file_name
    from model.reporting.places import leave

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
