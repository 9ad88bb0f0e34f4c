"""Where things are written, and the files that a study leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from model.assumptions.assumption import Assumptions
from model.errors import InputError, Problem, to_install
from model.files.atomic import check_writable, staged
from model.files.table import Table
from model.files.toml_reader import shown
from model.inference.as_of import is_latest
from model.reporting.manifest import provenance
from model.simulation.business import Business

if TYPE_CHECKING:
    from model.studies.revision import Revision
    from model.studies.study import Study

YEAR_AS_IT_CAME = "year_as_it_came"


class Found(Protocol):
    """What a study found."""

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What to ask for again."""

    def table(self) -> Table:
        """All of it."""


@dataclass(frozen=True)
class Drawing:
    """How figures are drawn: their size and formats, or not at all."""

    size: str = "word"
    formats: Sequence[str] = ("png", "svg")
    wanted: bool = True
    parquet: bool = False  # the table too, with all digits


def folder_of(assumptions: Assumptions, business: Business, out: Path | None, *below: str) -> Path:
    """Where a command writes, checked before the work starts: `out`, or figures/, figures/SCENARIO/ beside the base case.

    Of another day than the latest in a folder of that day below it; of later years in one of the last month.
    """
    root = assumptions.root / "figures"
    longer = [f"to_{assumptions.calendar.end}"] if assumptions.later is not None else []
    day = [] if is_latest(assumptions, business) else [as_of_folder(assumptions)]
    folder = out or (root if assumptions.scenario == "base" else root / assumptions.scenario).joinpath(
        *longer, *day, *below
    )
    check_writable(folder)
    return folder


def study_folder(assumptions: Assumptions, business: Business, out: Path | None, how: Drawing) -> Path:
    """Where a study writes; it and what Parquet needs are checked before the work starts."""
    if how.parquet:
        check_parquet("--parquet")
    return folder_of(assumptions, business, out, "study", *(() if how.size == "word" else (how.size,)))


def as_of_folder(assumptions: Assumptions) -> str:
    """The folder of what is of another day than the latest."""
    return f"as_of_{assumptions.about.as_of}{'_facts_alone' if assumptions.facts_alone else ''}"


def check_parquet(option: str) -> None:
    """Say before the work starts that no Parquet file can be written (InputError)."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InputError(Problem(f"{option} needs pyarrow", to_install("parquet"))) from None


def leave(found: Found, study: Study, folder: Path, name: str, how: Drawing) -> str:
    """Table and figures of a study into `folder`, whole or not at all; old figures of that name go.

    Returns the line that names the files.
    """
    pictures = 0
    with staged(folder, instead_of=name) as stage:
        found.table().write(stage / name, parquet=how.parquet)
        if how.wanted:
            pictures = _draw(found, study, stage, name, how)
    kinds = "" if not pictures else " and figure" if pictures == 1 else " and figures"
    return f"Table{kinds} in {shown(folder)}/: {name}.csv"


def leave_news(found: Revision, study: Study, folder: Path, how: Drawing) -> str:
    """news.csv, and the year as it came with its figure, into `folder`, whole or not at all; the line that names them."""
    with staged(folder, instead_of="news") as stage:
        found.table().write(stage / "news", parquet=how.parquet)
        if how.wanted:
            from model.reporting.figures import drawing as figures

            origin = provenance(study.assumptions, study.size, study.seed)
            picture = figures.module_of(found, study.business).draw(study.made, found, how.size)
            figures.write(picture, stage, YEAR_AS_IT_CAME, how.formats, origin, found.recipe)
        else:
            found.year_as_it_came().write(stage / YEAR_AS_IT_CAME)
    return f"Tables{' and figure' if how.wanted else ''} in {shown(folder)}/: news.csv, {YEAR_AS_IT_CAME}.csv"


def _draw(found: Found, study: Study, stage: Path, name: str, how: Drawing) -> int:
    from model.reporting.figures import drawing as figures
    from model.studies.sweep import Sweep

    module = figures.module_of(found, study.business)
    if module is None or not figures.has_picture(found):
        return 0
    result = study.made
    origin = provenance(study.assumptions, study.size, study.seed)
    recipe = {**found.recipe, "from_month": study.from_month} if study.from_month else found.recipe
    count = len(found.plan.metrics) if isinstance(found, Sweep) else 1
    for n in range(count):
        which = {"metric": n} if isinstance(found, Sweep) else {}
        picture = module.draw(result, found, how.size, **which)
        stem = name if n == 0 else f"{name}-{n + 1}"
        figures.write(picture, stage, stem, how.formats, origin, recipe)
    return count
