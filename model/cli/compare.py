"""The command that sets cases against one another."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import model
from model.cli.options import CaseOptions, DrawOptions, FigureOptions, MeasureName, OutputOptions, command
from model.cli.progress import telling
from model.errors import InputError, Problem


@command(
    examples="Examples:  model compare bull  |  model compare bull bear  |  model compare price_war+memory_squeeze --measure ev.gross_margin  |  "
    "model compare --set ev.lines.yu7.orders.scale=0.8",
    front=True,
)
def compare(
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            help="Scenarios to set beside the base case; join with + to combine. Two are bridged from one to the other, "
            "one from the base case.",
            metavar="SCENARIO ...",
        ),
    ] = None,
    measure: MeasureName = "",
) -> None:
    """Scenarios and what-ifs side by side on the same draws: what they change, what that does, and a bridge from one to the other."""
    look.checked()
    named = [*(scenarios or []), *(case.scenario or [])]
    others = [case.load(name.split("+"), []) for name in named if name != "base"]
    others += [case.load([], case.sets)] if case.sets else []
    if not others and not named:
        raise InputError(Problem("nothing to compare", "A scenario, or --set PATH=VALUE", path="compare"))
    cases = [case.load([], []), *others]
    how = {**draws.given, "from_month": case.from_month, "tell": telling()}
    print("\n".join(model.compare(*cases, **how).lines()))
    if len(others) > 2:
        return
    old, new = cases[-2:] if others else (cases[0], cases[0])
    if named and named[-1] == "base":
        old, new = new, cases[0]
    print()
    bridged(model.bridge(old, new, measure, **how), measure, draws, look, output, model.study(new, **how))


def bridged(
    found: Any, measure: str, draws: DrawOptions, look: FigureOptions, output: OutputOptions, asked: Any = None
) -> None:
    """The bridge in words, its table and figure written."""
    from model.files.table import file_name
    from model.reporting.outputs import leave

    folder, how = output.ready(found.new, look)
    print("\n".join(found.lines()))
    if found.parts:
        study = asked or model.study(found.new, **draws.given)
        print(leave(found, study, folder, file_name("bridge", "" if measure == "chance" else measure), how))
