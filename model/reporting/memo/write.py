"""One run, its studies and figures, made into a memo in the formats asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model.errors import InputError, Problem, near, to_install
from model.reporting import manifest
from model.reporting.figures import drawing as figures
from model.reporting.memo import content
from model.reporting.memo.material import Material, Taught
from model.reporting.record import write as writing
from model.reporting.record.record import Record
from model.reporting.report_spec import spec_of
from model.simulation.measures import Bound
from model.simulation.metric import target_metric
from model.simulation.parallel import Workers
from model.simulation.result import Result
from model.simulation.tell import Tell, silent
from model.studies.cache import MeasureCache
from model.studies.comparison import Comparison, others_of, rows_in_doubt
from model.studies.evaluate import Progress
from model.studies.in_reach import chance_beyond
from model.studies.signposts import default_metric
from model.studies.solve import solve
from model.studies.study import Study
from model.studies.tornado import tornado

FORMATS = {"md": "", "html": "", "docx": "word", "xlsx": "excel"}  # and the extra that each needs
SOLVED = 8  # assumptions that are solved for: those that move the chance most
SIZE = "memo"


def chosen(text: str) -> list[str]:
    """Formats from `md,docx`; InputError for one that is not known, or whose package is not there."""
    formats, problems = text.split(","), []
    for each in formats:
        if each not in FORMATS:
            problems.append(
                Problem(f"no format '{each}'", near(each, FORMATS) or f"Formats: {', '.join(FORMATS)}", path="--format")
            )
        elif FORMATS[each]:
            try:
                __import__({"docx": "docx", "xlsx": "xlsxwriter"}[each])
            except ImportError:
                hint = to_install(FORMATS[each])
                problems.append(Problem(f"a {each} memo needs another package", hint, path="--format"))
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(formats))


def write(
    study: Study,
    folder: Path,
    formats: Sequence[str],
    *,
    asked: float = 0.5,
    currency: str = "",
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
    taught: Taught | None = None,
    record: Record | None = None,
    whole: Result | None = None,
    tell: Tell = silent,
) -> tuple[str, Result]:
    """Write memo.md, memo.docx, memo.html, memo.xlsx, with the figures as PNG and the CSV of what they draw; its title and its result.

    asked : the chance of "what would have to be true"; currency : of text and tables; taught : what was reported, where the study is given that
    record : how good the frozen forecasts were
    whole : the result over all years, where the study is of the first alone
    """
    a, spec = study.assumptions, spec_of(study.business)
    asked_of, what = study.made, target_metric(a)
    result = whole or asked_of
    if taught is not None and isinstance(result.chance(), Bound):
        what = default_metric(result)  # no assumption moves a chance that no draw meets
    found = tornado(study, what, workers=workers, cache=cache, progress=progress)
    moving = [bar.path for bar in found.moving]
    wanted = [p for p in moving if a.entries[p].distribution.movable][:SOLVED]
    solution = None
    goal = what if what.statistic == "chance" else chance_beyond(asked_of, asked)
    if wanted and goal is not None:
        solution = solve(study, goal, asked, wanted, workers=workers, cache=cache, progress=progress)
    others = others_of(study, spec.rows)
    side = [spec.in_currency(each, currency) if currency else each for each in (asked_of, *others)]
    comparison = Comparison(side, rows_in_doubt(side, spec.rows, one=True))
    told = spec.in_currency(result, currency) if currency else result
    shown = spec.in_memo or tuple(figures.figures_of(study.business))
    names = [name for name in figures.drawable(result) if name in shown and (name != "scenarios" or others)]
    figures.save_all(result, folder, names=names, size=SIZE, formats=("png",), tell=tell, others=lambda: others)
    origin = manifest.provenance(a, result.draws, result.seed)
    drawn: list[tuple[str, Any]] = [("tornado", found)] if moving else []
    if solution is not None and solution.can:
        drawn.append(("required", solution))
    if taught is not None:
        drawn += [("year_as_it_came", taught.news), ("learned", taught.learned), ("signposts", taught.signposts)]
    for name, each in drawn:
        picture = figures.module_of(each, study.business).draw(asked_of, each, SIZE)
        figures.write(picture, folder, name, ("png",), origin, each.recipe)
    of_record = [] if record is None else writing.draw(record, folder, ("year",), size=SIZE, formats=("png",))
    pictures = {name: _alt(folder / f"{name}.png") for name in (*names, *(name for name, _ in drawn), *of_record)}
    made = manifest.manifest(a, result.draws, result.seed)
    blocks = content.memo(Material(told, found, solution, comparison, pictures, made, taught, record))
    if "md" in formats:
        from model.reporting.memo import markdown

        markdown.write(blocks, folder / "memo.md")
    if "html" in formats:
        from model.reporting.memo import html

        html.write(
            blocks,
            folder / "memo.html",
            result=result,
            images=folder,
            dialled=next(iter(figures.figures_of(study.business))),
        )
    if "docx" in formats:
        from model.reporting.memo import word

        word.write(blocks, folder / "memo.docx", as_of=a.about.as_of, images=folder)
    if "xlsx" in formats:
        from model.reporting.memo import workbook

        charts = {name: folder / f"{name}.csv" for name in pictures}
        workbook.write(result, folder / "memo.xlsx", origin=made, charts=charts)
    return content.title(blocks), result


def _alt(path: Path) -> str:
    """Alt text, as it stands beside the figure."""
    return path.with_suffix(".alt.txt").read_text(encoding="utf-8").strip()
