"""The memo as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model.reporting.memo.blocks import Block, Bullets, Dial, Grid, Heading, Image, PageBreak, Paragraph


def write(blocks: Sequence[Block], path: Path, images: str = "") -> None:
    """A file that shows the figures beside it, or those in a folder: `../figures/record/`."""
    said = (_said(block, images) for block in blocks)
    path.write_text("\n\n".join(filter(None, said)) + "\n", encoding="utf-8")


def _said(block: Block, images: str) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text, note):
            return f"<sub>{_plain(text)}</sub>" if note else _plain(text)
        case Bullets(items):
            return "\n".join(f"- {_plain(item)}" for item in items)
        case Image(name, caption, alt):
            return f"![{alt}]({images}{name}.png)\n\n*{caption}*"
        case Grid():
            return _table(block)
        case Dial() | PageBreak():
            return ""


def _table(grid: Grid) -> str:
    marks = ["---:" if n in grid.numbers else "---" for n in range(len(grid.columns))]
    lines = [grid.columns, marks, *grid.rows]
    return f"**{grid.caption}**\n\n" + "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("\n", " ")


def _plain(text: str) -> str:
    """Text that Markdown takes as it is."""
    for mark in ("\\", "*", "_", "`", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return text
