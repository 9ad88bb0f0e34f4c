"""The commands of the record: freeze, score, record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import model
from model.cli.options import BASE, BaseFile, DrawOptions, FigureOptions, command
from model.cli.progress import telling
from model.errors import InputError, Problem
from model.files.toml_reader import shown


@command(
    examples="Examples:  model freeze  |  model freeze --as-of 2026-06-01 --without-updates  |  model freeze --again 2026-03-01/reports_alone",
)
def freeze(
    draws: DrawOptions,
    base: BaseFile = BASE,
    as_of: Annotated[
        str,
        typer.Option("--as-of", help="What was known by that day: 2026-08-20, or latest (the last report).", metavar="DAY", show_default="today"),
    ] = "",
    name: Annotated[
        str,
        typer.Option("--name", help="Name of the entry.", metavar="NAME", show_default="with_updates, facts_alone or reports_alone"),
    ] = "",
    facts: Annotated[
        bool, typer.Option("--facts", help="Use facts alone; leave out what updates re-judge.")
    ] = False,
    without_updates: Annotated[
        bool, typer.Option("--without-updates", help="Use reported figures only; leave updates/ out.")
    ] = False,
    corrects: Annotated[
        str, typer.Option("--corrects", help="An entry that this one replaces in every score.", metavar="DAY/NAME")
    ] = "",
    why: Annotated[str, typer.Option("--why", help="What was wrong in the entry that is corrected.", metavar="TEXT")] = "",
    again: Annotated[
        list[str] | None,
        typer.Option("--again", help="Make an entry again from its own files and compare; all: every one. Writes nothing.", metavar="DAY/NAME"),
    ] = None,
) -> None:  # fmt: skip
    """Freeze the forecast of a day in register/, with the baselines of that day. What is frozen is never changed."""
    if draws.fresh:
        raise InputError(Problem("is not an option of freezing", "model run --fresh --as-of DAY", path="--fresh"))
    if again:
        if name or as_of or corrects or why or without_updates or facts:
            raise InputError(
                Problem("--again makes an entry again as it was", "Leave the other options out", path="--again")
            )
        _made_again(base, again)
        return
    from model.evaluation.register import head_of

    made = model.freeze(
        as_of,
        name,
        base=base,
        updates=not without_updates,
        judged=not facts,
        corrects=corrects,
        why=why,
        tell=telling(),
        **draws.given,
    )
    for entry in made:
        print(f"{shown(entry.folder)}: {entry.said['method']}")
    print(f"{made[0].said['kind'].capitalize()}. {made[0].said['note']} Commit register/ to keep it.")
    root = base.resolve().parent
    print(f"Head of the register: {head_of(root)}. Keep it elsewhere too: it tells whether anything was changed since.")


@command(examples="Example:  model score")
def score(
    base: BaseFile = BASE,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for scores.csv (default: nothing is written).", metavar="DIR")
    ] = None,
) -> None:
    """Score every frozen forecast for what came: CRPS, WIS with its parts, PIT, coverage, skill against each baseline."""
    from model.files.atomic import staged

    found = model.record(base)
    print("\n".join(found.lines()))
    if out:
        with staged(out) as stage:
            found.table().write(stage / "scores")
        print(f"\nEvery case in {shown(out)}/scores.csv")


@command(examples="Example:  model record")
def record(
    look: FigureOptions,
    base: BaseFile = BASE,
    page: Annotated[
        Path | None, typer.Option("--page", help="The page (default: docs/record.md).", metavar="FILE")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of its figures (default: figures/record/).", metavar="DIR")
    ] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="The page and the table only.")] = False,
) -> None:
    """How good were we? The page docs/record.md with its figures, from the register and what was reported."""
    look.checked()
    found = model.record(base)
    where, folder = page or base.parent / "docs" / "record.md", out or base.parent / "figures" / "record"
    formats = look.formats.split(",")
    files = model.write_record(found, where, folder, size=look.size, formats=formats, drawn=not no_figures)
    print("\n".join([found.in_a_line, "", *map(shown, files)]))


def _made_again(base: Path, labels: list[str]) -> None:
    """Each entry of this version made again from its own files; of one of another version the hashes are checked, and it is named.

    Exit code 1 where an entry differs.
    """
    from model.evaluation import ledger, register, reproduce
    from model.files.source_hash import code_hash

    if faults := register.problems(base.parent):
        raise InputError(faults)
    known = {entry.label: entry for entry in register.entries(base.parent)}
    chosen = list(known) if labels == ["all"] else labels
    unknown = [label for label in chosen if label not in known]
    if unknown:
        hint = f"DAY/NAME, as {next(iter(known))}" if known else "Nothing is frozen yet"
        raise InputError([Problem(f"no entry '{label}'", hint, path="--again") for label in unknown])
    if not chosen:
        raise InputError(Problem("nothing is frozen yet", "model freeze", file=ledger.FOLDER))
    differs = False
    for label in chosen:
        entry = known[label]
        if entry.said.get("code") != code_hash():
            by = f"version {entry.said.get('model')}, commit {entry.said.get('commit', '')[:8]}"
            print(f"{label}: as it was frozen, by its hashes; {by}, made it and makes it again", flush=True)
            continue
        found = model.made_again(entry, tell=telling())
        differs = differs or bool(found)
        same = f"the same to {'0.1% of its spread' if reproduce.accuracy_of(entry) else 'the last digit'}"
        print(f"{label}: {'; '.join(found[:3]) or same}", flush=True)
    if differs:
        raise typer.Exit(1)
