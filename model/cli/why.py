"""The commands that say why: what moved the forecast, what was learned, what a hit and a miss have in common, what the spread hangs on."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

import typer

import model
from model.cli.options import CaseOptions, DrawOptions, FigureOptions, OutputOptions, WorkOptions, command
from model.cli.progress import telling
from model.cli.studies import answered, read_off
from model.errors import InputError, Problem, near

PARTS = ("moved", "learned", "hits", "spread")
SHOWN = 6  # rows of each part, where all are asked for
DAY = re.compile(r"\d{4}-\d{2}-\d{2}|latest|base")


@command(
    examples="Examples:  model why  |  model why moved --since 2026-08-20  |  model why moved --since HEAD  |  model why learned  |  "
    "model why hits --measure '>=430_000'  |  model why spread --as-of base --by evidence",
    front=True,
)
def why(
    case: CaseOptions,
    draws: DrawOptions,
    look: FigureOptions,
    output: OutputOptions,
    work: WorkOptions,
    part: Annotated[
        str,
        typer.Argument(
            help="moved: what moved the forecast since a day or a git revision; learned: assumptions now against before; hits: what "
            "draws that miss and hit have in common; spread: what the spread hangs on. By default the heads of all, and no files.",
            metavar="PART",
        ),
    ] = "",
    since: Annotated[
        str,
        typer.Option(
            "--since", help="Of moved: a day, or a git revision of the assumption files (HEAD, main, a tag).", metavar="DAY|REV",
            show_default="the base case's day",
        ),
    ] = "",
    measure: Annotated[
        str,
        typer.Option("--measure", help="Of hits a chance: >=430_000; of spread an outcome.", metavar="M"),
    ] = "",
    by: Annotated[
        str, typer.Option("--by", help="Of spread before any report: assumption, table, segment or evidence.")
    ] = "assumption",
    by_kind: Annotated[
        bool, typer.Option("--by-kind", help="Of moved: updates, deliveries, other reports in any order (Shapley); minutes.")
    ] = False,
) -> None:  # fmt: skip
    """Why the forecast is what it is: what moved it, what was learned, what drives a hit or a miss, what its spread hangs on."""
    if part and part not in PARTS:
        raise InputError(Problem(f"no part '{part}'", near(part, PARTS) or f"One of: {', '.join(PARTS)}", path="why"))
    strays = [
        Problem(f"is of {of}", f"model why {of} {option}", path=option)
        for option, given, of in (
            ("--since", since, "moved"),
            ("--by-kind", by_kind, "moved"),
            ("--by", by != "assumption", "spread"),
        )
        if given and part != of
    ]
    strays += [Problem("is of hits or spread", path="--measure")] if measure and part not in ("hits", "spread") else []
    if strays:
        raise InputError(strays)
    if not part:
        _all(case, draws)
    elif part == "moved":
        _moved(case, draws, look, output, since, by_kind)
    elif part == "learned":
        _before_scenarios(case, "learned")
        read_off(case, draws, look, output, model.learned, "learned")
    elif part == "hits":
        read_off(case, draws, look, output, lambda study: model.explain(study, measure), "hits", measure)
    else:
        answered(
            case, draws, look, output, work,
            lambda s, workers, progress, **_: model.variance(s, measure or None, by=by, workers=workers, progress=progress),
            "spread", measure, "" if by == "assumption" else f"by_{by}", keeps=False,
        )  # fmt: skip


def _all(case: CaseOptions, draws: DrawOptions) -> None:
    """The heads of all parts that this case has."""
    study = case.study(draws)
    a, sections = study.assumptions, list[list[str]]()
    if study.posterior is not None and not a.edits:
        found = model.kept_revision(a, model.base_day(a), **draws.given)
        if found is not None:
            sections.append(found.lines(SHOWN))
        sections.append(model.learned(study).lines(SHOWN))
    sections.append(model.explain(study).lines(SHOWN))
    if study.posterior is not None:
        sections.append(model.variance(study).lines(SHOWN))
    print("\n\n".join("\n".join(lines) for lines in sections))
    print(f"\nEach whole, with table and figure: model why {'|'.join(PARTS)}")


def _before_scenarios(case: CaseOptions, part: str) -> None:
    if case.scenario or case.sets:
        raise InputError(Problem(f"{part} is of the case before scenarios", "Leave out -s and --set", path="why"))


def _moved(
    case: CaseOptions, draws: DrawOptions, look: FigureOptions, output: OutputOptions, since: str, by_kind: bool
) -> None:
    """What moved the forecast since a day; or what edits of the files since a git revision do to the base case."""
    from model.cli.compare import bridged
    from model.reporting.outputs import leave_news

    if since and not DAY.fullmatch(since):
        if by_kind:
            raise InputError(Problem("--by-kind is of days", "--since DAY", path="--by-kind"))
        found: Any = model.diff(since, base=case.base, scenarios=case.scenario or [], **draws.given)
        bridged(found, "chance", draws, look, output)
        return
    _before_scenarios(case, "moved")
    later = case.load()
    folder, how = output.ready(later, look)
    begin: dt.date | str = since or model.base_day(later)
    day = model.day_of(begin, later)
    found = model.news_of(later, day, by_kind=by_kind, fresh=draws.fresh, tell=telling(), **draws.given)
    print("\n".join(found.lines()))
    print(leave_news(found, model.study(later, tell=telling(), **draws.given), folder, how))
