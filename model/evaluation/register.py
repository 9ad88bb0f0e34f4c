"""The register: one folder a frozen forecast, register/DAY/NAME/, never changed once it is there.

    forecast.csv.gz   the numbers, in the columns of the forecast hubs
    entry.json        what made them: day, date of making, method, draws, seed, code, the files read, by their hashes
    observations.csv  the reported figures that were known and used
    learned.csv       where each assumption ended given them (of the model's forecasts that know some)

register/inputs/ holds each file that an entry was made from once, under its hash; `ledger` keeps the list of all files. A
correction is a new entry that names the old.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from model.errors import InputError, Problem
from model.evaluation import hub_table, ledger
from model.evaluation.hub_table import Forecast, Name
from model.evaluation.ledger import FOLDER
from model.files.toml_reader import shown

INPUTS = "inputs"
FORECAST, ENTRY, OBSERVATIONS, LEARNED = "forecast.csv.gz", "entry.json", "observations.csv", "learned.csv"
RELEASED, REPORTS, FACTS, UPDATES = "as_released", "reports_alone", "facts_alone", "with_updates"
OWN = (UPDATES, FACTS, REPORTS, RELEASED)  # roles of the model's own; of one day the first of them knows most
EDITION = re.compile(
    r"edition_[1-9]\d*"
)  # role of what a later edition of the model says of a day that has its forecasts


NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")
KEYS = {"reference_date": str, "made": str, "kind": str, "role": str, "note": str, "inputs": dict}  # of entry.json
BASELINE = "baseline"


@dataclass(frozen=True)
class Entry:
    """A frozen forecast: where it lies, and what made it.

    said : entry.json
    """

    folder: Path
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of its folder: `with_updates`, or `with_updates_2` of a correction."""
        return self.folder.name

    @property
    def role(self) -> str:
        """As what it is scored: a correction has the role of the entry that it corrects."""
        return str(self.said["role"])

    @property
    def label(self) -> str:
        """`2026-06-01/with_updates`."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @cached_property
    def day(self) -> dt.date:
        """The day whose knowledge it has."""
        return dt.date.fromisoformat(self.said["reference_date"])

    @property
    def made(self) -> dt.date:
        """The day on which it was made."""
        return dt.date.fromisoformat(self.said["made"])

    @property
    def foreseen(self) -> bool:
        """Whether it was made on its own day; else it is a reconstruction, or came out later."""
        return self.made == self.day

    @property
    def is_baseline(self) -> bool:
        """Whether it was made without the model."""
        return str(self.said["kind"]) == BASELINE

    def forecasts(self, wanted: Sequence[Name] | None = None) -> dict[Name, Forecast]:
        """Its forecasts by outcome and period, or those wanted."""
        names = None if wanted is None else set(wanted)
        return hub_table.read(self.folder / FORECAST, (lambda _: True) if names is None else names.__contains__)


@dataclass(frozen=True)
class Draft:
    """A forecast that is to be frozen.

    said : what goes into entry.json; inputs : name -> content of the files it was made from
    tables : name -> content of further files of the entry
    """

    name: str
    forecasts: Sequence[Forecast]
    said: Mapping[str, Any]
    inputs: Mapping[str, bytes]
    tables: Mapping[str, bytes]


def entries(root: Path, *, corrected: bool = False) -> list[Entry]:
    """Every entry of the register beside a base case, by day and name; with `corrected` those too that a later one corrects.

    Raises InputError for an entry that cannot be read.
    """
    found = [_entry(path) for path in sorted((root / FOLDER).glob(f"*/*/{ENTRY}"))]
    gone = {entry.said.get("corrects") for entry in found}
    return [entry for entry in found if corrected or entry.label not in gone]


def first_of(found: Sequence[Entry]) -> Entry | None:
    """Of entries the first forecast of the model's own: the one as released, where it is there."""
    own = [entry for entry in found if entry.role in OWN]
    return next((entry for entry in own if entry.role == RELEASED), own[0] if own else None)


def last_edition(found: Sequence[Entry]) -> str:
    """The role of entries of the last edition; "" where there are none."""
    return max(
        (entry.role for entry in found if EDITION.fullmatch(entry.role)),
        key=lambda role: int(role.rpartition("_")[2]),
        default="",
    )


def _entry(path: Path) -> Entry:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        wrong = [key for key, kind in KEYS.items() if not isinstance(said.get(key), kind)]
        if wrong or not isinstance(said.get("corrects", ""), str):
            raise ValueError(f"{', '.join(wrong) or 'corrects'} is missing, or of another kind")
        dt.date.fromisoformat(said["made"])
        if dt.date.fromisoformat(said["reference_date"]).isoformat() != path.parents[1].name:
            raise ValueError("its reference_date is not the day of its folder")
        unsafe = [name for pair in said["inputs"].items() for name in pair if not _is_below(name)]
        if unsafe:
            raise ValueError(f"its inputs name '{unsafe[0]}'")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(Problem(f"is no entry: {error}", ledger.RESTORE, shown(path))) from None
    return Entry(path.parent, said)


def _is_below(name: object) -> bool:
    """Whether a name stays below the folder that it is looked up in."""
    return isinstance(name, str) and not Path(name).is_absolute() and ".." not in Path(name).parts


def freeze(root: Path, day: dt.date, drafts: Callable[[], Sequence[Draft]], name: str) -> list[Entry]:
    """Write entries of a day, all or none, and their hashes at the end of the list; each carries the head of the list before it.

    name : of the first; drafts : makes them, once it is known that they can be frozen

    One at a time: whoever comes second waits, and sees what the first has frozen. Raises InputError for a name that is none,
    where there is an entry of that day and name, and for a register that was changed.
    """
    with ledger.opened(root / FOLDER):
        found = [*problems(root), *_name_faults(root, day, name)]
        if found:
            raise InputError(found)
        return _published(root, day, drafts())


def _published(root: Path, day: dt.date, drafts: Sequence[Draft]) -> list[Entry]:
    folder, made, new = root / FOLDER, list[Entry](), list[Path]()
    before, stage = ledger.head(ledger.listed(folder)), ledger.new_stage(folder)
    try:
        for draft in drafts:
            held = {file: f"{_sha(content)[:16]}-{Path(file).name}" for file, content in sorted(draft.inputs.items())}
            said = {"reference_date": day.isoformat(), **draft.said, "inputs": held, "head": before}
            place = stage / day.isoformat() / draft.name
            place.mkdir(parents=True)
            hub_table.write(day, draft.forecasts, place / FORECAST)
            (place / ENTRY).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            for file, content in draft.tables.items():
                (place / file).write_bytes(content)
            new += sorted(place.iterdir())
            for file, content in draft.inputs.items():
                kept = Path(INPUTS) / held[file]
                if not (folder / kept).exists() and not (stage / kept).exists():
                    (stage / INPUTS).mkdir(exist_ok=True)
                    (stage / kept).write_bytes(content)
                    new.append(stage / kept)
            made.append(Entry(folder / day.isoformat() / draft.name, said))
        ledger.publish(folder, stage, new)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return made


def _name_faults(root: Path, day: dt.date, name: str) -> list[Problem]:
    """What is wrong with freezing an entry of that day and name."""
    if not NAME.fullmatch(name):
        return [
            Problem(f"'{name}' is no name of an entry", "Lower-case letters, digits and _, at most 60", path="--name")
        ]
    folder = root / FOLDER / day.isoformat() / name
    if folder.parent.is_symlink() or folder.is_symlink():
        return [Problem("is a link, and leads out of the register", ledger.RESTORE, shown(folder))]
    if not (folder / ENTRY).exists():
        return []
    hint = f"What is frozen stays; a correction is a new entry: --name {name}_2 --corrects {day}/{name} --why '..'"
    return [Problem("is frozen already", hint, shown(folder))]


def problems(root: Path) -> list[Problem]:
    """What is wrong with the register: files changed, gone, or added by hand; entries that are none, or correct what is not there."""
    found = ledger.problems(root)
    if found or not (root / FOLDER).exists():
        return found
    try:
        every = entries(root, corrected=True)
    except InputError as error:
        return list(error.problems)
    lines = ledger.listed(root / FOLDER)
    place = {line.partition("  ")[2]: n for n, line in enumerate(lines)}
    known = {ledger.head([]): 0, **{sha: count for count, sha in ledger.heads(root / FOLDER)}}
    faults = [*_correction_faults(every, place), *_head_faults(every, place, known)]
    return [Problem(what, ledger.RESTORE, shown(entry.folder / ENTRY)) for entry, what in faults]


def _correction_faults(every: Sequence[Entry], place: Mapping[str, int]) -> Iterator[tuple[Entry, str]]:
    """Corrections of what is not there, of another day, of a baseline, or of itself; place : file -> line of the list."""
    by_label = {entry.label: entry for entry in every}
    for entry in every:
        corrects = entry.said.get("corrects")
        if corrects is None:
            continue
        old = by_label.get(corrects)
        earlier = place.get(f"{corrects}/{ENTRY}", len(place)) < place.get(f"{entry.label}/{ENTRY}", -1)
        if old is None or not earlier or old.day != entry.day or old.is_baseline:
            yield entry, f"corrects {corrects}, which is no earlier forecast of that day"


def _head_faults(
    every: Sequence[Entry], place: Mapping[str, int], known: Mapping[str, int]
) -> Iterator[tuple[Entry, str]]:
    """Entries whose head is not that of the list before them; known : head -> how many lines it is of."""
    for entry in every:
        head = entry.said.get("head")
        if head is not None and known.get(head, len(place)) > place.get(f"{entry.label}/{ENTRY}", -1):
            yield entry, "has a head that is not one of the list before it"


def head_of(root: Path, lines: int | None = None) -> str:
    """A hash of the list, or of its first lines: whoever has it knows whether they still stand."""
    return ledger.head(ledger.listed(root / FOLDER)[:lines])


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
