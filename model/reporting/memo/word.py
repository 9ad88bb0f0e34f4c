"""The memo for Word: real headings, captions and tables, alt text, the width of an A4 column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor

from model.reporting.memo.blocks import Block, Bullets, Dial, Grid, Heading, Image, PageBreak, Paragraph

WIDTH = 6.27  # inches between the margins of A4
NAVY = RGBColor(0x12, 0x43, 0x6D)
KEPT_WHOLE = 12  # rows of a table that is not split over pages
OUTER_RULE, HEAD_RULE, HAIRLINE = (8, "12436D"), (6, "12436D"), (2, "C9D1DA")  # eighths of a point, colour
LONG = 40  # rows from which a table is set small


def write(blocks: Sequence[Block], path: Path, *, as_of: dt.date, images: Path) -> None:
    """A document with the PNG files of `images`; dated `as_of`, so that the same inputs give the same content."""
    document: Any = Document()
    _page(document)
    counts = {"Figure": 0, "Table": 0}
    for block in blocks:
        match block:
            case Heading(text, level):
                document.add_heading(text, level=0 if level == 1 else level - 1)
            case Paragraph(text, note):
                run = document.add_paragraph().add_run(text)
                if note:
                    run.font.size = Pt(8)
            case Bullets(items):
                for item in items:
                    document.add_paragraph(item, style="List Bullet")
            case Image(name, caption, alt):
                _picture(document, images / f"{name}.png", alt)
                _caption(document, "Figure", caption, counts)
            case Grid():
                _caption(document, "Table", block.caption, counts, before=True)
                _table(document, block)
            case Dial():
                pass
            case PageBreak():
                document.add_page_break()
    properties = document.core_properties
    properties.title = next(b.text for b in blocks if isinstance(b, Heading))
    properties.author = ""
    properties.comments = ""
    stamp = dt.datetime(as_of.year, as_of.month, as_of.day, tzinfo=dt.UTC)
    properties.created = properties.modified = stamp
    document.save(str(path))


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.27), Inches(11.69)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Inches(1))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    for name, size in (("Title", 20), ("Heading 1", 14)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), NAVY
        fonts = style.element.rPr.rFonts
        for key in list(fonts.attrib):  # theme fonts would win over the name
            del fonts.attrib[key]
        style.font.name = "Calibri"
    document.styles["Caption"].font.color.rgb = NAVY
    document.styles["Caption"].font.size = Pt(9)


def _picture(document: Any, path: Path, alt: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(str(path), width=Inches(WIDTH))
    shape._inline.docPr.set("descr", alt)  # noqa: SLF001  python-docx has no other way to alt text


def _caption(document: Any, kind: str, text: str, counts: dict[str, int], *, before: bool = False) -> None:
    """`Figure 1: ...`, its number a field that Word counts anew when paragraphs are moved."""
    counts[kind] += 1
    paragraph = document.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = before
    paragraph.add_run(f"{kind} ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" SEQ {kind} \\* ARABIC ")
    run, number = OxmlElement("w:r"), OxmlElement("w:t")
    number.text = str(counts[kind])
    run.append(number)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001
    paragraph.add_run(f": {text}")


def _table(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.columns))
    table.autofit = False
    _rules(table)
    head, points = table.rows[0], 7.5 if len(grid.rows) >= LONG else 8.5
    repeat = OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(repeat)  # noqa: SLF001  the head stands on every page
    for n, (cell, text) in enumerate(zip(head.cells, grid.columns, strict=True)):
        _fill(cell, text, bold=True, with_next=True, right=n in grid.numbers, points=points)
        under = OxmlElement("w:tcBorders")
        under.append(_rule("bottom", HEAD_RULE))
        cell._tc.get_or_add_tcPr().append(under)  # noqa: SLF001
    last = len(grid.rows) - 1 if len(grid.rows) <= KEPT_WHOLE else min(1, len(grid.rows) - 1)
    for place, row in enumerate(grid.rows):
        made = table.add_row()
        fixed = OxmlElement("w:cantSplit")
        made._tr.get_or_add_trPr().append(fixed)  # noqa: SLF001
        for n, (cell, text) in enumerate(zip(made.cells, row, strict=True)):
            _fill(cell, text, right=n in grid.numbers, with_next=place < last, points=points)
    widths = grid.widths or [1 / len(grid.columns)] * len(grid.columns)
    for column, share in zip(table.columns, widths, strict=True):
        column.width = Inches(WIDTH * share)
        for cell in column.cells:
            cell.width = Inches(WIDTH * share)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _rules(table: Any) -> None:
    """Rules above and below a table, hairlines between its rows, none upright."""
    borders = OxmlElement("w:tblBorders")
    for side, look in (("top", OUTER_RULE), ("bottom", OUTER_RULE), ("insideH", HAIRLINE)):
        borders.append(_rule(side, look))
    table._tbl.tblPr.append(borders)  # noqa: SLF001  python-docx has no other way to rules


def _rule(side: str, look: tuple[int, str]) -> Any:
    """One border: eighths of a point, and colour."""
    made = OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", str(look[0])), ("space", "0"), ("color", look[1])):
        made.set(qn(f"w:{key}"), value)
    return made


def _fill(
    cell: Any, text: str, *, points: float, bold: bool = False, right: bool = False, with_next: bool = False
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.keep_with_next = with_next
    run = paragraph.add_run(
        text.replace(" ± ", "\u00a0±\u00a0").replace(" pp", "\u00a0pp")
    )  # a number stays on its line
    run.font.size, run.bold = Pt(points), bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
