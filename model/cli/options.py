"""The options of commands, each defined once, in groups that commands take whole.

A command is a function of groups and of its own arguments; `command` takes the groups apart into options for Typer, puts
them together again when it is called, and has every problem said plainly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

import model
from model.cli.progress import INTERRUPTED, narrated, telling
from model.errors import InputError, Problem
from model.simulation.defaults import DRAWS, POSTERIOR_DRAWS, SEED

BaseFile = Annotated[Path, typer.Option("--base", help="The base case.", metavar="FILE")]
MeasureName = Annotated[
    str,
    typer.Option(
        "--measure", help="chance, >=430_000, OUTCOME, OUTCOME:p10, OUTCOME>=NUMBER, OUTCOME@2026Q1.", metavar="M",
        show_default="the chance of the target, or where that is in no doubt the P50 of its outcome",
    ),
]  # fmt: skip
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        help="The day whose knowledge counts: latest, a day such as 2026-08-20, or base: the base case before any report. "
        "What is asked holds from the first month that has not begun.",
        metavar="DAY",
    ),
]
Currency = Annotated[
    str,
    typer.Option(
        "--currency",
        help="Of headline and memo: HKD or USD, at the last known rate of the day.",
        metavar="CODE",
        show_default="RMB",
    ),
]
Chance = Annotated[str, typer.Option("--chance", help="The chance asked for: 50% or 0.5.", metavar="P")]
BASE = Path("assumptions.toml")
MOST_SAID = 50  # problems, one a line


@dataclass
class DrawOptions:
    """How many draws, and which."""

    draws: Annotated[
        int | None,
        typer.Option(
            "--draws",
            help="At least this many draws.",
            metavar="N",
            show_default=f"{POSTERIOR_DRAWS:,}; {DRAWS:,} where nothing was reported",
        ),
    ] = None
    seed: Annotated[int, typer.Option("--seed", help="Seed of all draws.", metavar="K")] = SEED
    tolerance: Annotated[
        str | None,
        typer.Option(
            "--tolerance",
            help="As many draws as it takes, in run, tornado, sweep, solve: 0.1pp of a chance or share, 0.05% of the value, or a number in its unit; half of a 95% interval. In run also of a measure: ev.mix=0.1pp.",
            metavar="[M=]SIZE",
        ),
    ] = None
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Compute again what is kept: the posterior, and measures that studies asked for."),
    ] = False

    @property
    def given(self) -> dict[str, Any]:
        """As arguments; InputError where a tolerance asks for draws and this command cannot follow."""
        if self.tolerance is not None:
            raise InputError(
                Problem("is for run, tornado, sweep and solve", "--draws sets the number here", path="--tolerance")
            )
        return {"seed": self.seed} if self.draws is None else {"seed": self.seed, "draws": self.draws}


@dataclass
class CaseOptions:
    """Which assumptions."""

    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "-s", "--scenario", help="A scenario in scenarios/, or a file. Repeat to combine.", metavar="NAME"
        ),
    ] = None
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="A quick what-if: PATH=VALUE, PATH.scale=0.8, PATH.shift='3 months', PATH.p50=VALUE. Repeat for more.",
            metavar="PATH=VALUE",
        ),
    ] = None
    base: BaseFile = BASE
    as_of: AsOf = "latest"
    facts: Annotated[bool, typer.Option("--facts", help="Facts alone, without what updates re-judge.")] = False
    from_month: Annotated[
        str,
        typer.Option(
            "--from", help="The month from which on -s, --set and what is asked hold.", metavar="MONTH",
            show_default="the first that has not begun",
        ),
    ] = ""  # fmt: skip

    to: Annotated[
        str | None,
        typer.Option(
            "--to", help="The last month, a December: 2030-12.", metavar="MONTH", show_default="of the first year"
        ),
    ] = None

    def load(self, scenarios: list[str] | None = None, sets: list[str] | None = None) -> Any:
        """The assumptions, checked; under other scenarios and what-ifs than those that are given, where they are named."""
        if self.facts and self.as_of == "base":
            raise InputError(Problem("is of a later day than the base case's", "--as-of DAY --facts", path="--facts"))
        names = (self.scenario if scenarios is None else scenarios) or []
        changes = (self.sets if sets is None else sets) or []
        return model.load(self.base, names, changes, as_of=self.as_of, judged=not self.facts, to=self.to)

    def renew(self, draws: DrawOptions) -> None:
        """Compute the posterior of the day again, and keep it in the place of the one there; nothing where nothing was reported."""
        model.study(self.load([], []), draws=draws.draws, seed=draws.seed, fresh=True, tell=telling())

    def within(self, draws: DrawOptions, ask: Any) -> Any:
        """A question with as many draws as its tolerance takes."""
        if draws.draws is not None:
            raise InputError(Problem("takes as many draws as it needs", "Leave --draws out", path="--tolerance"))
        return model.within(self.load(), draws.tolerance or "", ask, seed=draws.seed)

    def study(self, draws: DrawOptions) -> Any:
        """The draws to ask: of the forecast as it stands, or given what was reported."""
        return model.study(self.load(), from_month=self.from_month, tell=telling(), **draws.given)


@dataclass
class FigureOptions:
    """How figures look."""

    size: Annotated[
        str, typer.Option("--size", help="word (6.27 in), half (2.9 in) or slide (12.3 in).", metavar="SIZE")
    ] = "word"
    formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, with commas between.", metavar="LIST")] = (
        "png,svg"
    )
    style: Annotated[
        Path | None,
        typer.Option("--style", help="An .mplstyle file to lay over the style of the figures.", metavar="FILE"),
    ] = None

    def checked(self, name: str = "all") -> list[str]:
        """Names of the figures of a run that are asked for, checked before the work starts; the style is laid over ours."""
        from model.reporting.figures import drawing as figures
        from model.xiaomi.business import XIAOMI

        chosen = figures.chosen(name, self.size, self.formats.split(","), XIAOMI)
        figures.lay_over(self.style)
        return chosen


@dataclass
class OutputOptions:
    """What a study leaves, and where."""

    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for what is written (default: in figures/, or figures/SCENARIO/).", metavar="DIR"
        ),
    ] = None
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Tables only.")] = False
    parquet: Annotated[bool, typer.Option("--parquet", help="The table as Parquet too, with all digits.")] = False

    def ready(self, assumptions: Any, look: FigureOptions) -> tuple[Path, Any]:
        """The folder and how to draw, checked before the work starts."""
        from model.reporting.outputs import Drawing, study_folder
        from model.xiaomi.business import XIAOMI

        look.checked()
        how = Drawing(look.size, tuple(look.formats.split(",")), not self.no_figures, self.parquet)
        return study_folder(assumptions, XIAOMI, self.out, how), how


@dataclass
class WorkOptions:
    """Who does the work, and what is taken from before."""

    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes at work (default: one a core).", metavar="N", min=1)
    ] = None
    dask: Annotated[
        str | None,
        typer.Option("--dask", help="A Dask scheduler to send the work to: tcp://HOST:8786.", metavar="ADDRESS"),
    ] = None


GROUPS = (CaseOptions, DrawOptions, FigureOptions, OutputOptions, WorkOptions)


@dataclass(frozen=True)
class Command:
    """A command for Typer."""

    run: Callable[..., None]
    module: str
    settings: dict[str, Any]


COMMANDS: list[Command] = []


MORE = "More"  # what the commands are listed under that are not in front


def command(
    examples: str = "", *, front: bool = False, renamed: bool = False, waits: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a function whose parameters are groups of options, or options and arguments of its own.

    front : one of those that are listed first; renamed : an old name, which is not listed and takes whatever it is given
    waits : for its user, and says itself what it does
    """

    def made(function: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(function, include_extras=True)
        parameters: list[Parameter] = []
        groups: dict[str, tuple[Any, list[str]]] = {}
        for given in signature(function).parameters.values():
            kind = hints[given.name]
            if kind in GROUPS:
                inner = get_type_hints(kind, include_extras=True)
                groups[given.name] = kind, [field.name for field in fields(kind)]
                parameters += [
                    Parameter(f.name, Parameter.KEYWORD_ONLY, default=f.default, annotation=inner[f.name])
                    for f in fields(kind)
                ]
            else:
                parameters.append(given.replace(annotation=kind, kind=Parameter.KEYWORD_ONLY))

        def run(**named: Any) -> None:
            words = f"model {function.__name__.replace('_', '-')}"
            with speaking_plainly(), nullcontext() if waits else narrated(words):
                for group, (kind, names) in groups.items():
                    named[group] = kind(**{each: named.pop(each) for each in names})
                given = {type(each): each for each in named.values()}
                if CaseOptions in given and DrawOptions in given and given[DrawOptions].fresh:
                    given[CaseOptions].renew(given[DrawOptions])
                function(**named)

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        run.__signature__ = signature(function).replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
        settings: dict[str, Any] = {"epilog": examples or None, "rich_help_panel": None if front else MORE}
        if renamed:
            settings |= {"hidden": True, "context_settings": {"ignore_unknown_options": True, "allow_extra_args": True}}
        COMMANDS.append(Command(run, function.__module__, settings))
        return function

    return made


@contextmanager
def speaking_plainly() -> Iterator[None]:
    """Problems as bullets on standard error, exit code 2; Ctrl-C with what is kept, exit code 130."""
    try:
        yield
    except KeyboardInterrupt as stop:
        print(f"- {stop or 'stopped'}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except InputError as error:
        said_problems(error)
        raise typer.Exit(2) from None
    except MemoryError:
        print("- there is not enough memory for so many draws. Lower --draws", file=sys.stderr)
        raise typer.Exit(2) from None


def said_problems(error: InputError) -> None:
    """The problems as bullets on standard error; of very many the first."""
    for problem in error.problems[:MOST_SAID]:
        print(f"- {problem}", file=sys.stderr)
    more = len(error.problems) - MOST_SAID
    if more > 0:
        print(f"- and {more:,} more", file=sys.stderr)


def share(text: str) -> float:
    """50% or 0.5 as 0.5."""
    try:
        found = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        found = float("nan")
    if not 0 < found < 1:
        raise InputError(
            Problem(f"'{text}' is no chance that can be asked for", "Between 0 and 1: 50% or 0.5", path="--chance")
        )
    return found
