"""A CSV file on its way in: its rows by column, each with its line, read with the csv module, which starts at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from model.errors import InputError, Problem, unreadable
from model.files.toml_reader import bytes_of, shown

Row = dict[str, str]


def read(path: Path, file: str, columns: Sequence[str]) -> tuple[list[tuple[int, Row]], list[Problem]]:
    """(line, row) of the rows that have a cell for each column, and what is wrong with the others.

    file : its name in messages; columns : those that must be there

    Raises InputError where it cannot be read, is not CSV in UTF-8, or lacks a column.
    """
    hint = f"Columns: {', '.join(columns)}"
    try:
        reader = csv.DictReader(io.StringIO(bytes_of(path).decode("utf-8-sig"), newline=""), strict=True)
        head = list(reader.fieldnames or ())
        rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", f"It lies at {shown(path)}", file)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(Problem("is not CSV in UTF-8", "Save it as UTF-8 text", file, line)) from None
    except csv.Error as error:
        raise InputError(Problem(f"is not CSV: {error}", hint, file, reader.reader.line_num)) from None
    missing = [column for column in columns if column not in head]
    if missing:
        what = f"lacks the columns {', '.join(missing)}" if head else "has no rows"
        raise InputError(Problem(what, hint, file, 1))
    sound, faults = list[tuple[int, Row]](), list[Problem]()
    quotes = 'Put a text with a comma in it between "quotes"'
    for line, row in rows:
        count = sum(cell is not None for cell in row.values()) - (None in row) + len(row.get(None, ()))
        if count != len(head):
            faults.append(
                Problem(f"has {count} cell{'s' * (count != 1)}, the first line {len(head)}", quotes, file, line)
            )
        elif bad := [
            f"{column} holds {found}"
            for column, text in row.items()
            if (found := unreadable(text.replace("\r\n", "\n")))
        ]:
            faults.append(Problem(f"{', '.join(bad)}, which is not text", "Type it anew", file, line))
        else:
            sound.append((line, row))
    return sound, faults
