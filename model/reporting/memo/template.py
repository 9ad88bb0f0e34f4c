"""Documents from templates: an analyst edits the prose, which is Markdown with values of Jinja2 in it.

What a template may hold, with an empty line between any two: `# Title` and `## Heading`; `- ` before each point of a list;
`Note: ` before small print; `![caption](name)` for a figure, left out where it was not drawn (without a caption: its own);
`[dial]`, `[page break]`; a table, which is `Table: caption`, a line of heads, a line of widths in per cent of the page (`23:`
aligns numbers on the right), and a line for each row. All else is a paragraph, its lines joined. Values never count as marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any

import jinja2

from model.errors import InputError, Problem
from model.reporting.memo.blocks import Block, Bullets, Dial, Grid, Heading, Image, PageBreak, Paragraph
from model.simulation import formatting
from model.simulation.measures import Measure

MARKS = "\n |#-![:"
GUARD = {ord(mark): chr(0xFDD0 + n) for n, mark in enumerate(MARKS)}  # noncharacters of Unicode: no text has them
BACK = {ord(guard): chr(mark) for mark, guard in GUARD.items()}
IMAGE = re.compile(r"!\[(.*)\]\((\w+)\)")
TAG_AT_END = re.compile(r"(?m)^(?!(?:\s*\{[%#].*?[%#]\})+\s*$)(.*)%\}$")  # of a line that holds more than tags
FILTERS: Mapping[str, Callable[..., str]] = {
    "odds": lambda chance: formatting.odds(_share(chance)),
    "likelihood": lambda chance: formatting.likelihood(_share(chance)),
    "chance": formatting.chance,
    "share": formatting.share_met,
    "pct": lambda share, places=1: f"{100 * share + 0.0:.{places}f}%",
    "short": lambda value: formatting.short(float(value)),
    "number": lambda value, how=",.10g": format(value, how),
    "day": lambda day, how="%-d %B %Y": format(day, how),
    "words": lambda name: name.replace("_", " "),
    "sentence": lambda text: text[:1].upper() + text[1:],
    "listed": lambda words: _listed(list(words)),
}


def blocks(
    template: str, values: Mapping[str, Any], pictures: Mapping[str, str], captions: Mapping[str, str]
) -> list[Block]:
    """The blocks of a template, `package:file`, with values.

    pictures : figures that were drawn, name -> alt text; captions : of figures to which the template gives none
    Raises InputError for a template that is wrong, with its file and line.
    """
    found: list[Block] = []
    try:
        text = _environment().get_template(template).render(values)
        for chunk in re.split(r"\n[ \t]*\n", text):
            lines = [line.strip() for line in chunk.strip("\n ").splitlines()]
            if lines:
                found += _read(lines, pictures, captions)
    except (jinja2.TemplateError, TypeError, ValueError) as error:
        raise InputError(_problem(error, template)) from error
    return found


def _listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _share(chance: Any) -> float:
    """The value of a chance that may be a measure."""
    return float(chance.value) if isinstance(chance, Measure) else float(chance)


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source), undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True,  # noqa: S701  no HTML is made here
        lstrip_blocks=True, keep_trailing_newline=True, finalize=lambda value: str(value).translate(GUARD),
    )  # fmt: skip
    made.filters.update(FILTERS)
    return made


def _source(name: str) -> tuple[str, str, Callable[[], bool]]:
    package, _, file = name.partition(":")
    path = resources.files(package).joinpath(file)
    text = TAG_AT_END.sub(r"\1+%}", path.read_text(encoding="utf-8"))  # only a line of tags alone leaves no line behind
    return text, str(path), lambda: True


def _problem(error: Exception, template: str) -> Problem:
    """What is wrong, at the line of the template where it is."""
    file, line = template.replace(":", "/"), getattr(error, "lineno", None)
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(".md"):
            file, line = step.tb_frame.f_code.co_filename, step.tb_lineno
        step = step.tb_next
    return Problem(f"the template cannot be filled in: {error}", "See model/reporting/memo/template.py for what it may hold", file=getattr(error, "filename", None) or file, line=line)  # fmt: skip


def _read(lines: list[str], pictures: Mapping[str, str], captions: Mapping[str, str]) -> list[Block]:
    """The block, or the figures, of lines between two empty ones."""
    first = lines[0]
    if first.startswith("Table: "):
        heads, widths, *rows = [[_said(cell) for cell in line.strip("|").split("|")] for line in lines[1:]]
        right = frozenset(n for n, width in enumerate(widths) if width.endswith(":"))
        shares, caption = [float(width.rstrip(":")) / 100 for width in widths], _said(first.removeprefix("Table: "))
        if any(len(row) != len(heads) for row in (widths, *rows)):
            raise ValueError(f"the table '{caption}' has {len(heads)} heads, and a line of another number of cells")
        return [Grid(caption, heads, [tuple(row) for row in rows], right, shares)]
    if first.startswith("!["):
        named = [(_said(found[1]), _said(found[2])) for found in map(IMAGE.match, lines) if found]
        unknown = [name for caption, name in named if not caption and name not in captions]
        if unknown or len(named) < len(lines):
            raise ValueError(f"no figure {', '.join(unknown) or first}")
        return [
            Image(name, FILTERS["sentence"](caption or captions[name]), pictures[name])
            for caption, name in named
            if name in pictures
        ]
    if first.startswith("- "):
        points = "\n".join(lines).removeprefix("- ").split("\n- ")
        return [Bullets([_said(point.replace("\n", " ")) for point in points])]
    text = " ".join(lines)
    if text in ("[dial]", "[page break]"):
        return [Dial() if text == "[dial]" else PageBreak()]
    if first.startswith("#"):
        marks, _, words = text.partition(" ")
        return [Heading(_said(words), len(marks))]
    return [Paragraph(_said(text.removeprefix("Note: ")), note=text.startswith("Note: "))]


def _said(text: str) -> str:
    """Text of a template without space around it, with its values as they are."""
    return text.strip().translate(BACK)
