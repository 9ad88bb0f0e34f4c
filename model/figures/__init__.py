"""Figures for a memo: drawn, saved with their data, alt text and manifest.

A figure is a module with one verb, `draw(result, size) -> Picture`. `FIGURES` is the list of all; matplotlib is
imported when one is drawn, not before.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.errors import InputError, Problem, near

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from model.figures.canvas import Picture
    from model.result import Result

FIGURES = {
    "deliveries": "deliveries of the year, distribution and target",
    "chance": "chance of at least so many deliveries",
    "monthly": "monthly deliveries, history and forecast",
    "cumulative": "deliveries since January against the target's path",
    "margins": "gross margins by segment",
    "mix": "revenue mix",
    "limits": "what caps deliveries, month by month",
    "scenarios": "scenarios side by side",
}
SIZE_NAMES = ("word", "half", "slide")
FORMATS = ("png", "svg", "pdf")


def lay_over(style: Path | None) -> None:
    """Lay a user's .mplstyle over the style of all figures drawn from now on; InputError where it is none."""
    from model.figures import canvas

    canvas.lay_over(style)


def chosen(name: str, size: str, formats: Sequence[str]) -> list[str]:
    """Names of the figures to draw; InputError for an unknown figure, size or format."""
    problems = []
    for kind, value, known in (
        ("figure", name, (*FIGURES, "all")),
        ("size", size, SIZE_NAMES),
        *(("format", f, FORMATS) for f in formats),
    ):
        if value not in known:
            problems.append(Problem(f"no {kind} '{value}'", near(value, known) or f"One of: {', '.join(known)}"))
    if problems:
        raise InputError(problems)
    return list(FIGURES) if name == "all" else [name]


def draw(name: str, result: Result, size: str = "word") -> Figure:
    """A figure of a result, as matplotlib knows it."""
    chosen(name, size, ())
    return picture(name, result, size).figure


def picture(name: str, result: Result, size: str = "word") -> Picture:
    """A figure with its title, alt text and data."""
    from model.figures.canvas import styled

    with styled():  # type: ignore[attr-defined]
        made: Picture = importlib.import_module(f"model.figures.{name}").draw(result, size)
    return made


def save_all(
    result: Result,
    folder: Path,
    *,
    names: Sequence[str] = tuple(FIGURES),
    size: str = "word",
    formats: Sequence[str] = ("png", "svg"),
) -> None:
    """Draw figures into a folder: each in its formats, with the CSV of what is drawn and alt text.

    Several figures are shared out over the cores where the system can fork, which copies no draws.
    """
    import model.figures.canvas  # noqa: F401  matplotlib is loaded once, before the processes part

    jobs = [
        (result, folder, name, size, formats) for name in sorted(names, key=LONGEST_FIRST.__contains__, reverse=True)
    ]
    cores = min(len(jobs), os.cpu_count() or 1)
    may_fork = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    if cores == 1 or not may_fork or multiprocessing.current_process().daemon:
        for job in jobs:
            _save(*job)
        return
    global _jobs  # noqa: PLW0603  what the forked processes inherit
    _jobs = jobs
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads; those of ours have ended, those of BLAS are not used.
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            pool.map(_save_job, range(len(jobs)), chunksize=1)
    _jobs = []


_jobs: list[tuple[Any, ...]] = []
LONGEST_FIRST = ("scenarios", "margins")


def _save_job(number: int) -> None:
    _save(*_jobs[number])


def _save(result: Result, folder: Path, name: str, size: str, formats: Sequence[str]) -> None:
    from model.outputs import provenance

    origin = provenance(result.assumptions, result.draws, result.seed)
    write(picture(name, result, size), folder, name, formats, origin)


def write(made: Picture, folder: Path, name: str, formats: Sequence[str], origin: Mapping[str, Any]) -> None:
    """A picture in its formats, with the CSV of what is drawn and alt text.

    `origin` goes into the files, with the figure's name and a hash of its data: `model verify` reads them.
    """
    from model.figures.canvas import styled

    carried = json.dumps({**origin, "figure": name, "data": made.table.hash})
    with styled():  # type: ignore[attr-defined]
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
