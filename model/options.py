"""What the commands have in common: options, loading with every problem said plainly, folders."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from model.errors import InputError, Problem

Scenarios = Annotated[
    list[str] | None,
    typer.Option("-s", "--scenario", help="A scenario in scenarios/, or a file. Repeat to combine.", metavar="NAME"),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="A quick what-if: PATH=VALUE, or PATH.p50=VALUE. Repeat for more.", metavar="PATH=VALUE"
    ),
]
DrawCount = Annotated[
    int | None, typer.Option("--draws", help="At least this many draws (default 32,768).", metavar="N")
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of all draws.", metavar="K")]
Base = Annotated[Path, typer.Option("--base", help="The base case.", metavar="FILE")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for what is written (default: figures/, or figures/SCENARIO/).", metavar="DIR"),
]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Tables only.")]
Workers = Annotated[
    int | None, typer.Option("--workers", help="Processes at work (default: one a core).", metavar="N", min=1)
]
Dask = Annotated[
    str | None, typer.Option("--dask", help="A Dask scheduler to send the work to: tcp://HOST:8786.", metavar="ADDRESS")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Compute again what is known from before.")]
Parquet = Annotated[bool, typer.Option("--parquet", help="The table as Parquet too, with all digits.")]
Style = Annotated[
    Path | None, typer.Option("--style", help="An .mplstyle file to lay over the style of the figures.", metavar="FILE")
]
SizeName = Annotated[
    str, typer.Option("--size", help="word (6.27 in), half (2.9 in) or slide (12.3 in).", metavar="SIZE")
]
Formats = Annotated[str, typer.Option("--format", help="png, svg, pdf, with commas between.", metavar="LIST")]
BASE = Path("assumptions.toml")


@contextmanager
def speaking_plainly() -> Iterator[None]:
    """Problems as bullets on standard error, exit code 2."""
    try:
        yield
    except InputError as error:
        for problem in error.problems:
            print(f"- {problem}", file=sys.stderr)
        raise typer.Exit(2) from None
    except MemoryError:
        print("- there is not enough memory for so many draws. Lower --draws", file=sys.stderr)
        raise typer.Exit(2) from None


def loaded(base: Path, scenarios: Sequence[str] | None = None, sets: Sequence[str] | None = None) -> Any:
    """Assumptions that the model can run on; InputError with file and line of every problem."""
    from model.loading import load
    from model.simulation import audit

    assumptions = load(base, scenarios or [], sets or [])
    problems = audit(assumptions)
    if problems:
        raise InputError([_placed(problem, assumptions, base) for problem in problems])
    return assumptions


def _placed(problem: Problem, assumptions: Any, base: Path) -> Problem:
    """The problem with the file and line where its path was written last."""
    from dataclasses import replace

    from model import toml_files

    entry = assumptions.entries.get(problem.path)
    by = entry.set_by if entry else "base case"
    if by == "--set":
        return replace(problem, file="--set")
    file = base if by == "base case" else assumptions.root / "scenarios" / f"{by}.toml"
    if not file.is_file():
        return replace(problem, file=by)
    line = toml_files.line_of(file.read_text(encoding="utf-8-sig"), problem.path)
    return replace(problem, file=toml_files.shown(file), line=line)


def simulated(assumptions: Any, draws: int | None, seed: int) -> Any:
    """A result of as many draws as asked for, or the default."""
    from model.simulation import simulate

    return simulate(assumptions, draws=draw_count(draws), seed=seed)


def draw_count(draws: int | None) -> int:
    """The number asked for, or the default."""
    from model.simulation import DRAWS

    return DRAWS if draws is None else draws


def folder_of(assumptions: Any, out: Path | None, *below: str) -> Path:
    """Where a command writes, checked before the work starts: --out, or figures/, figures/SCENARIO/."""
    from model import outputs

    root = assumptions.root / "figures"
    folder = out or (root if assumptions.scenario == "base" else root / assumptions.scenario).joinpath(*below)
    outputs.check_writable(folder)
    return folder


def study_folder(assumptions: Any, out: Path | None, parquet: bool, how: Drawing) -> Path:
    """Where a study writes; it and what Parquet needs are checked before the work starts."""
    if parquet:
        check_parquet("--parquet")
    return folder_of(assumptions, out, "study", *how.below)


@dataclass(frozen=True)
class Drawing:
    """How figures are drawn: size, formats, or not at all."""

    size: str
    formats: tuple[str, ...]
    wanted: bool

    @property
    def below(self) -> tuple[str, ...]:
        """Folder of a size other than Word's."""
        return () if self.size == "word" else (self.size,)


def drawing(size: str, formats: str, style: Path | None, no_figures: bool) -> Drawing:
    """The figures that are asked for, checked before the work starts; a style is laid over ours."""
    from model import figures

    kinds = tuple(formats.split(","))
    figures.chosen("all", size, kinds)
    if style is not None:
        figures.lay_over(style)
    return Drawing(size, kinds, not no_figures)


def leave(
    table: Any, folder: Path, name: str, how: Drawing, parquet: bool, pictures: Callable[[], list[Any]], origin: Any
) -> str:
    """Table and figures of a study into `folder`, whole or not at all; old figures of that name go.

    pictures : draws the figures, where they are wanted; origin : what made the numbers. Returns the line that names the files.
    """
    from model import outputs

    drawn = []
    with outputs.staged(folder, instead_of=name) as stage:
        table.write(stage / name, parquet=parquet)
        if how.wanted:
            from model import figures

            drawn = pictures()
            for n, picture in enumerate(drawn):
                figures.write(picture, stage, name if n == 0 else f"{name}-{n + 1}", how.formats, origin)
    kinds = "" if not drawn else " and figure" if len(drawn) == 1 else " and figures"
    return f"Table{kinds} in {shown(folder)}/: {name}.csv"


def file_name(command: str, *asked: str) -> str:
    """Stem of what a command writes: its name, and what was asked where that is not the default.

    >>> file_name("swings"), file_name("swings", "ev.deliveries>=600000")
    ('swings', 'swings_ev.deliveries_600000')
    """
    return "_".join([command, *(re.sub(r"[^\w.-]+", "_", text) for text in asked if text)])


def study_of(assumptions: Any, draws: int | None, seed: int) -> Any:
    """A study of as many draws as asked for, or the default."""
    from model.variation import Study

    return Study(assumptions, draws=draw_count(draws), seed=seed)


def measure_of(text: str, assumptions: Any) -> Any:
    """A measure from what the user writes."""
    from model.simulation import outcome_periods
    from model.variation import reading

    return reading(text, assumptions, outcome_periods(assumptions))


def origin(study: Any) -> dict[str, Any]:
    """What made the numbers of a study, for its figures."""
    from model.outputs import provenance

    return provenance(study.assumptions, study.size, study.seed)


def check_parquet(option: str) -> None:
    """Say before the work starts that no Parquet file can be written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InputError(Problem(f"{option} needs pyarrow", "pip install 'xiaomi-scenario-model[parquet]'")) from None


def shown(path: Path) -> str:
    """A path as the user would type it."""
    from model.toml_files import shown as relative

    return relative(path)


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
