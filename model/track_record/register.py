"""The register: one folder a frozen forecast, register/DAY/NAME/, never changed once it is there.

    forecast.csv.gz   the numbers, in the columns of the forecast hubs
    entry.json        what made them: day, date of making, method, draws, seed, code, the files read, by their hashes
    observations.csv  the reported figures that were known and used
    learned.csv       where each assumption ended given them (of the model's forecasts that know some)

register/inputs/ holds each file that an entry was made from once, under its hash; register/hashes.txt lists every file, in
the order in which they came, in the form of sha256sum. A correction is a new entry that names the old.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from model.errors import InputError, Problem
from model.files.staging import staged
from model.files.toml import shown
from model.track_record import hub
from model.track_record.hub import Forecast, Name

FOLDER, HASHES, INPUTS = "register", "hashes.txt", "inputs"
FORECAST, ENTRY, OBSERVATIONS, LEARNED = "forecast.csv.gz", "entry.json", "observations.csv", "learned.csv"
RELEASED, REPORTS, UPDATES = "as_released", "reports_alone", "with_updates"
OWN = (UPDATES, REPORTS, RELEASED)  # forecasts of the model; of one day the first of them knows most


@dataclass(frozen=True)
class Entry:
    """A frozen forecast: where it lies, and what made it.

    said : entry.json
    """

    folder: Path
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What made it: `with_updates`, `run_rate`."""
        return self.folder.name

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
        return str(self.said["kind"]) == "baseline"

    def forecasts(self, wanted: Sequence[Name] | None = None) -> dict[Name, Forecast]:
        """Its forecasts by outcome and period, or those wanted."""
        names = None if wanted is None else set(wanted)
        return hub.read(self.folder / FORECAST, (lambda _: True) if names is None else names.__contains__)


def entries(root: Path) -> list[Entry]:
    """Every entry of the register beside a base case, by day and name, those that a later one corrects left out.

    Raises InputError for an entry that cannot be read.
    """
    found = []
    for path in sorted((root / FOLDER).glob(f"*/*/{ENTRY}")):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            dt.date.fromisoformat(said["reference_date"]), dt.date.fromisoformat(said["made"]), said["kind"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(Problem(f"is no entry: {error}", "An entry is never changed", shown(path))) from None
        found.append(Entry(path.parent, said))
    corrected = {entry.said.get("corrects") for entry in found}
    return [entry for entry in found if entry.label not in corrected]


def freeze(
    root: Path,
    day: dt.date,
    name: str,
    forecasts: Sequence[Forecast],
    said: Mapping[str, Any],
    inputs: Mapping[str, bytes],
    tables: Mapping[str, bytes],
) -> Entry:
    """Write an entry, whole or not at all, and its hashes at the end of the list.

    inputs : name -> content of the files it was made from; tables : name -> content of further files of the entry

    Raises InputError where there is one of that day and name.
    """
    folder = root / FOLDER / day.isoformat() / name
    refuse_twice(root, day, name)
    held = {f"{_sha(content)[:16]}-{Path(file).name}": content for file, content in inputs.items()}
    made = {
        "reference_date": day.isoformat(),
        **said,
        "inputs": {file: f"{_sha(content)[:16]}-{Path(file).name}" for file, content in sorted(inputs.items())},
    }
    with staged(root / FOLDER) as stage:
        place = stage / day.isoformat() / name
        place.mkdir(parents=True)
        hub.write(day, forecasts, place / FORECAST)
        (place / ENTRY).write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        for file, content in tables.items():
            (place / file).write_bytes(content)
        new = sorted(place.iterdir())
        for file, content in held.items():
            if not (root / FOLDER / INPUTS / file).exists():
                (stage / INPUTS).mkdir(exist_ok=True)
                (stage / INPUTS / file).write_bytes(content)
                new.append(stage / INPUTS / file)
        lines = [f"{_sha(path.read_bytes())}  {path.relative_to(stage).as_posix()}" for path in new]
        (stage / HASHES).write_text("\n".join([*_listed(root), *lines]) + "\n", encoding="utf-8")
    return Entry(folder, made)


def refuse_twice(root: Path, day: dt.date, name: str) -> None:
    """Raises InputError where there is an entry of that day and name."""
    folder = root / FOLDER / day.isoformat() / name
    if folder.exists():
        hint = f"What is frozen stays; a correction is a new entry: --name {name}_2 --corrects {day}/{name} --why '..'"
        raise InputError(Problem("is frozen already", hint, shown(folder)))


def problems(root: Path) -> list[Problem]:
    """What is wrong with the register: files changed, gone, or not in the list; entries whose forecast cannot be read."""
    folder, listed = root / FOLDER, dict[str, str]()
    for number, line in enumerate(_listed(root), start=1):
        sha, _, file = line.partition("  ")
        if file in listed:
            return [Problem(f"{file} is listed twice", "The list only grows", f"{FOLDER}/{HASHES}", number)]
        listed[file] = sha
    there = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != HASHES and not path.name.startswith(".")
    }
    hint = "What is frozen stays; a correction is a new entry (model freeze --corrects)"
    found = [Problem("is not there any more", hint, f"{FOLDER}/{file}") for file in listed if file not in there]
    for file, path in there.items():
        if file not in listed:
            found.append(Problem("is not in the list of hashes", "model freeze writes entries", f"{FOLDER}/{file}"))
        elif _sha(path.read_bytes()) != listed[file]:
            found.append(Problem("was changed after it was frozen", hint, f"{FOLDER}/{file}"))
    return found


def head_of(root: Path, lines: int | None = None) -> str:
    """A hash of the list, or of its first lines: whoever has it knows whether they still stand."""
    return _sha("\n".join(_listed(root)[:lines]).encode())


def _listed(root: Path) -> list[str]:
    path = root / FOLDER / HASHES
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
