"""One run, its studies and figures, made into a memo in the formats asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model import comparison, figures, moves, outputs, solve, swings
from model.errors import InputError, Problem, near
from model.evaluation import ALONE, Teller
from model.figures import musts, tornado
from model.kept import Kept
from model.memo import content, sections
from model.result import Result
from model.simulation import simulate
from model.variation import Reading, Study
from model.workers import Crew

FORMATS = {"md": "", "html": "", "docx": "word", "xlsx": "excel"}  # and the extra that each needs
DRAWN = ("deliveries", "monthly", "limits", "margins", "mix", "scenarios")
SOLVED = 8  # assumptions that are solved for: those that swing the chance most


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
                hint = f"pip install 'xiaomi-scenario-model[{FORMATS[each]}]'"
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
    crew: Crew = ALONE,
    kept: Kept | None = None,
    tell: Teller | None = None,
) -> Result:
    """memo.md, memo.docx, memo.html, memo.xlsx in `folder`, with the figures as PNG and the CSV of what they draw.

    asked : the chance of "what would have to be true"
    """
    a = study.assumptions
    result = simulate(a, draws=study.size, seed=study.seed)
    what = Reading(a.target.outcome, a.target.period, "chance", a.target.value)
    found = swings.swings(study, what, crew=crew, kept=kept, tell=tell)
    moving = [s.path for s in found if s.size > 0]
    wanted = [p for p in moving if moves.movable(a.entries[p].distribution)][:SOLVED]
    answers = solve.solve(study, what, asked, wanted, crew=crew, kept=kept, tell=tell) if wanted else []
    others = comparison.beside(result, money=True)
    origin = outputs.manifest(a, result.draws, result.seed)
    figures.save_all(result, folder, names=DRAWN, formats=("png",))
    whole = outputs.provenance(a, result.draws, result.seed)
    if moving:
        figures.write(tornado.draw(result, found, what), folder, "swings", ("png",), whole)
    if any(answer.needed is not None for answer in answers):
        figures.write(musts.draw(result, answers, asked), folder, "needed", ("png",), whole)
    drawn = [name for name in sections.CAPTIONS if (folder / f"{name}.png").is_file()]
    material = sections.Material(
        result, found, answers, asked, others, {name: _alt(folder / f"{name}.png") for name in drawn}, origin
    )
    blocks = content.memo(material)
    if "md" in formats:
        from model.memo import markdown

        markdown.write(blocks, folder / "memo.md")
    if "html" in formats:
        from model.memo import page

        page.write(blocks, folder / "memo.html", result=result, images=folder)
    if "docx" in formats:
        from model.memo import word

        word.write(blocks, folder / "memo.docx", as_of=a.about.as_of, images=folder)
    if "xlsx" in formats:
        from model.memo import workbook

        charts = {name: folder / f"{name}.csv" for name in drawn}
        workbook.write(result, folder / "memo.xlsx", origin=origin, charts=charts)
    return result


def _alt(path: Path) -> str:
    """Alt text, as it stands beside the figure."""
    return path.with_suffix(".alt.txt").read_text(encoding="utf-8").strip()
