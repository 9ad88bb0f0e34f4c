"""A scenario to start from."""

from __future__ import annotations

import re
from pathlib import Path

from model.assumptions.assumption import Assumptions
from model.errors import InputError, Problem
from model.files.toml_reader import written
from model.reporting.inputs_text import given_reports
from model.studies.learned import Learned

TEMPLATE = """\
# A scenario says what changes against {base}, and why. Run it with `model run -s {name}`.
# Each table is an assumption: a whole new set of numbers, and a why. Unit and label stay as they are.

[scenario]
label = "{label}"
story = "One or two sentences: what happens in this world."

# {today}
[{path}]
{numbers}
# or one line in their place: p50 = ..., which moves the whole; scale = 0.8; shift = 3 (in its unit; of a date "3 months")
why = "Say why these numbers, not those of the base case."
"""


def write(assumptions: Assumptions, base: Path, name: str, example: str = "", learned: Learned | None = None) -> Path:
    """Write scenarios/NAME.toml beside the base case; InputError for a bad name and an existing file.

    example : the assumption that it changes; by default the first with quantiles; learned : what reports said of it
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InputError(
            Problem(f"'{name}' is no name for a scenario", "Lower-case letters, digits and _, a letter first")
        )
    if name == "base":
        raise InputError(Problem("'base' is the name of the base case", "Choose another name"))
    path = assumptions.root / "scenarios" / f"{name}.toml"
    entry = assumptions.entries.get(example) or next(
        a for a in assumptions.entries.values() if a.distribution.kind == "metalog" and not a.distribution.periods
    )
    given = {key: value for key, value in entry.distribution.parameters.items() if value is not None}
    told = [
        f"Given what was reported by {assumptions.about.as_of:%-d %B %Y}: {given_reports(each)}"
        for each in (learned.items if learned else ())
        if each.path == entry.path
    ]
    text = TEMPLATE.format(
        base=base.name,
        name=name,
        label=name.replace("_", " ").capitalize(),
        path=entry.path,
        numbers="\n".join(f"{key} = {written(value)}" for key, value in given.items()),
        today="".join(f"{line}\n# " for line in told)
        + f"Assumed before the reports (the numbers below replace these; unchanged they change nothing): {entry.said}",
    )
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(Problem("is there already", "Choose another name, or edit it", file=str(path))) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", file=str(path))) from None
    return path
