"""Figures for a memo: drawn, saved with their data, alt text and manifest.

A figure of a run is a module with one verb, `draw(result, size) -> Picture`; its report spec says which ones a business has.
Figures of studies take what the study found. matplotlib is imported when one is drawn, not before.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.errors import InputError, Problem, near
from model.reporting.report_spec import Drawn, spec_of
from model.simulation.business import Business
from model.simulation.tell import Tell, silent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from model.reporting.figures.style import Picture
    from model.simulation.result import Result

Others = Callable[[], "list[Result]"]  # makes the results of other scenarios on the same draws
SIZE_NAMES = ("word", "half", "slide", "memo")
FORMATS = ("png", "svg", "pdf")
OF_A_RUN = {  # of any business
    "distribution": Drawn("model.reporting.figures.distribution", "the target's outcome, distribution and target"),
    "chance": Drawn("model.reporting.figures.chance", "chance of at least so much"),
    "scenarios": Drawn("model.reporting.figures.scenarios", "scenarios side by side"),
}
OF_STUDIES = {  # `figure` of what a study found -> module that draws it
    "tornado": "model.reporting.figures.studies.tornado",
    "sweep": "model.reporting.figures.studies.sweeps",
    "required_values": "model.reporting.figures.studies.required_values",
    "equal_chance": "model.reporting.figures.studies.equal_chance",
    "variance": "model.reporting.figures.studies.variance",
    "bridge": "model.reporting.figures.studies.bridge",
    "year_as_it_came": "model.reporting.figures.studies.year_as_it_came",
    "learned": "model.reporting.figures.studies.learned",
    "signposts": "model.reporting.figures.studies.signposts",
}


def figures_of(business: Business) -> Mapping[str, Drawn]:
    """Figures of a run of a business, by name."""
    return spec_of(business).figures or OF_A_RUN


def lay_over(style: Path | None) -> None:
    """Lay a user's .mplstyle over the style of all figures drawn from now on; InputError where it is none."""
    from model.reporting.figures import style as looks

    looks.lay_over(style)


def chosen(name: str, size: str, formats: Sequence[str], business: Business) -> list[str]:
    """Names of the figures of a run to draw; InputError for an unknown figure, size or format."""
    problems, names = [], list(figures_of(business))
    for kind, value, known in (
        ("figure", name, (*names, "all")),
        ("size", size, SIZE_NAMES),
        *(("format", f, FORMATS) for f in formats),
    ):
        if value not in known:
            problems.append(Problem(f"no {kind} '{value}'", near(value, known) or f"One of: {', '.join(known)}"))
    if problems:
        raise InputError(problems)
    return names if name == "all" else [name]


def drawable(result: Result, names: Sequence[str] | None = None) -> list[str]:
    """Names of the figures of a run, or of those named, whose outcomes it has; InputError where one of those named lacks them."""
    known = figures_of(result.business)
    wanted = list(known if names is None else names)
    lacking = [
        name for name in wanted if name in known and known[name].needs and known[name].needs not in result.outcomes
    ]
    if names is not None and lacking:
        raise InputError(
            [
                Problem(f"'{name}' shows later years, which this run does not have", "--to 2030-12", path="--figure")
                for name in lacking
            ]
        )
    return [name for name in wanted if name not in lacking]


def draw(what: Any, result: Result, size: str = "word", others: Others | None = None) -> Figure:
    """A figure, as matplotlib knows it: one of a result by its name, or that of what a study found.

    others : as of `picture`. Raises InputError for an unknown figure or size, and for what has no picture.
    """
    if isinstance(what, str):
        chosen(what, size, (), result.business)
        return picture(what, result, size, others).figure
    module = module_of(what, result.business)
    if module is None or not has_picture(what):
        raise InputError(Problem(f"{type(what).__name__} has no picture", "Its table says all of it"))
    made: Picture = module.draw(result, what, size)
    return made.figure


def module_of(found: Any, business: Business) -> Any:
    """The module that draws what a study of a business found; None where there is no figure of it."""
    name = getattr(found, "figure", "")
    module = {**OF_STUDIES, **spec_of(business).study_figures}.get(name)
    return None if module is None else importlib.import_module(module)


def has_picture(found: Any) -> bool:
    """Whether there is anything to draw: a bar that moves, a value that reaches the chance, a change."""
    parts = next((getattr(found, name) for name in ("moving", "can", "parts") if hasattr(found, name)), True)
    return bool(parts)


def picture(name: str, result: Result, size: str = "word", others: Others | None = None) -> Picture:
    """A figure with its title, alt text and data.

    others : makes the other scenarios for a figure of them all; needed where the result is given reports
    """
    drawn = figures_of(result.business)[name]
    more = {"others": others} if drawn == OF_A_RUN["scenarios"] else {}
    made: Picture = importlib.import_module(drawn.module).draw(result, size, **more)
    return made


def save_all(
    result: Result,
    folder: Path,
    *,
    names: Sequence[str] | None = None,
    size: str = "word",
    formats: Sequence[str] = ("png", "svg"),
    tell: Tell = silent,
    others: Others | None = None,
) -> None:
    """Draw figures of a run into a folder, by default all: each in its formats, with the CSV of what is drawn and alt text.

    others : as of `picture`

    Several figures are shared out over the cores where the system can fork, which copies no draws.
    """
    import model.reporting.figures.canvas  # noqa: F401  matplotlib is loaded once, before the processes part
    from model.reporting.figures.letters import say_missing

    wanted = drawable(result, names)
    jobs = [
        (result, folder, name, size, formats, others)
        for name in sorted(wanted, key=LONGEST_FIRST.__contains__, reverse=True)
    ]
    cores = min(len(jobs), os.cpu_count() or 1)
    may_fork = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    if cores == 1 or not may_fork or multiprocessing.current_process().daemon:
        for done, job in enumerate(jobs):
            tell(DRAWING, done / len(jobs))
            _save(*job)
        tell(DRAWING, 1.0)
        return
    global _jobs  # noqa: PLW0603  what the forked processes inherit
    _jobs = jobs
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads; those of ours have ended, those of BLAS are not used.
        warnings.simplefilter("ignore", DeprecationWarning)
        tell(DRAWING, 0.0)
        lacking = list[set[str]]()
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            for each in pool.imap_unordered(_save_job, range(len(jobs)), chunksize=1):
                lacking.append(each)
                tell(DRAWING, len(lacking) / len(jobs))
    for letters in sorted(set().union(*lacking)):
        say_missing(letters)
    _jobs = []


_jobs: list[tuple[Any, ...]] = []
DRAWING = "drawing the figures"
LONGEST_FIRST = ("scenarios", "margins")


def _save_job(number: int) -> set[str]:
    """The letters that a figure lacks, to be said once for all of them."""
    from model.reporting.figures.letters import said_already

    _save(*_jobs[number])
    return said_already()


def _save(result: Result, folder: Path, name: str, size: str, formats: Sequence[str], others: Others | None) -> None:
    from model.reporting.manifest import provenance

    origin = provenance(result.assumptions, result.draws, result.seed)
    write(picture(name, result, size, others), folder, name, formats, origin)


def write(
    made: Picture,
    folder: Path,
    name: str,
    formats: Sequence[str],
    origin: Mapping[str, Any],
    recipe: Mapping[str, Any] | None = None,
) -> None:
    """A picture in its formats, with the CSV of what is drawn and alt text.

    `origin` goes into the files, with the figure's name, a hash of its data and, of a study, the `recipe` to make it again:
    `model verify` reads them.
    """
    from model.reporting.figures.letters import quiet
    from model.reporting.figures.style import styled

    asked = {} if recipe is None else {"recipe": recipe}
    carried = json.dumps({**origin, **asked, "figure": name, "data": made.table.hash})
    with styled(), quiet():
        for kind in formats:
            options: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
            made.figure.savefig(
                folder / f"{name}.{kind}", metadata=_metadata(kind, made, _alt(made, name), carried), **options
            )
    (folder / f"{name}.alt.txt").write_text(_alt(made, name) + "\n", encoding="utf-8")
    made.table.write(folder / name)


def _alt(made: Picture, name: str) -> str:
    """Alt text, and where the numbers are."""
    return f"{made.alt} Data: {name}.csv."


def _metadata(kind: str, made: Picture, alt: str, origin: str) -> dict[str, Any]:
    """Title, alt text and manifest for the file itself; no clock, so that the same inputs give the same bytes."""
    if kind == "png":
        return {"Title": made.title, "Description": alt, "Comment": origin, "Software": None}
    if kind == "svg":
        return {"Title": made.title, "Description": f"{alt} {origin}", "Date": None, "Creator": None}
    return {
        "Title": made.title,
        "Subject": alt,
        "Keywords": origin,
        "CreationDate": None,
        "ModDate": None,
        "Creator": None,
        "Producer": None,
    }
