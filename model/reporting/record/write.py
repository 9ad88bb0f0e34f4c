"""The page and its figures into files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from model._version import __version__
from model.files.atomic import staged
from model.reporting.figures import drawing as figures
from model.reporting.figures.record import calibration, skill, year
from model.reporting.memo import markdown
from model.reporting.record import page
from model.reporting.record.record import Record

FIGURES = {"year": year, "calibration": calibration, "skill": skill}
SCORES = "scores"


def draw(
    found: Record, folder: Path, names: Sequence[str] = tuple(FIGURES), *, size: str, formats: Sequence[str]
) -> dict[str, str]:
    """Figures of the record into a folder, each with its data; name -> alt text."""
    origin = {"model": __version__, "register": found.hash, "entries": len(found.entries)}
    alts = {}
    known = any(case.came.exact and case.block for case in found.scored.own())
    for name in names if known else [each for each in names if each == "year"]:  # the others show what came
        picture = FIGURES[name].draw(found, size)
        figures.write(picture, folder, f"record_{name}", formats, origin)
        alts[f"record_{name}"] = picture.alt
    return alts


def write(found: Record, where: Path, folder: Path, *, size: str, formats: Sequence[str], drawn: bool) -> list[Path]:
    """The page at `where`, and figures, their data and every case in `folder`; whole or not at all. The files."""
    with staged(folder) as stage:
        found.table().write(stage / SCORES)
        alts = draw(found, stage, size=size, formats=formats) if drawn else {}
    with staged(where.parent) as stage:
        images = Path(os.path.relpath(folder, where.parent)).as_posix() + "/"
        markdown.write(page.blocks(found, alts), stage / where.name, images)
    return [where, folder / f"{SCORES}.csv"]
