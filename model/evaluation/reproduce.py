"""What a frozen forecast is made of and from: the files it read, what was known, and the same forecast made again from them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from model.assumptions.assumption import Assumptions
from model.assumptions.layers.update import update_files
from model.errors import InputError, Problem
from model.evaluation import hub_table, ledger, register
from model.evaluation.baselines import RULES, baseline
from model.evaluation.hub_table import Forecast, Name
from model.evaluation.register import Draft, Entry
from model.files.toml_reader import shown
from model.simulation.business import Business
from model.simulation.observation import Observation, known_by

DATA, OBSERVATIONS = "data", "data/observations.csv"
# A fit by likelihood ends where a step gains nothing that its rounding shows. The loss is flat there, so where it ends depends on
# the kernels of linear algebra that a processor gets: 1.2e-4 of P10 to P90 between two of OpenBLAS, Haswell and SkylakeX.
FITTED, ACCURACY = "exponential_smoothing", 1e-3


def known_on(day: dt.date, root: Path, business: Business, year: int) -> list[Observation]:
    """Every figure of the year that was known on a day, those that follow from others included."""
    return known_by(business.checks(root, year) if business.checks else [], day)


def inputs_of(base: Path, assumptions: Assumptions, day: dt.date) -> dict[str, bytes]:
    """The files that a forecast reads, by name below the base case's folder; of what was reported only what was known."""
    root = assumptions.root
    found = {"assumptions.toml": base.read_bytes()}
    found |= {f"updates/{path.name}": path.read_bytes() for path in update_files(root) if assumptions.updates}
    for path in sorted((root / DATA).glob("*.csv")):
        found[f"{DATA}/{path.name}"] = path.read_bytes()
    if (root / DATA / "series.toml").is_file():
        found[f"{DATA}/series.toml"] = (root / DATA / "series.toml").read_bytes()
    if OBSERVATIONS in found:
        found[OBSERVATIONS] = rows_known(found[OBSERVATIONS], day)
    return found


def rows_known(content: bytes, day: dt.date) -> bytes:
    """Of a table of observations the rows that were known on a day; one of a span of days (`a..b`) counts from its last."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    head = next(rows)
    place, text = head.index("reported_on"), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(row for row in rows if row[place].rpartition("..")[2] <= day.isoformat())
    return text.getvalue().encode()


def baseline_drafts(
    base: Path,
    day: dt.date,
    assumptions: Assumptions,
    business: Business,
    names: Sequence[Name],
    said: Mapping[str, object],
) -> list[Draft]:
    """Every baseline of a day that is not frozen yet; one that can say nothing is none.

    names : outcomes and periods; said : what goes into each entry
    """
    root, found = assumptions.root, list[Draft]()
    inputs = inputs_of(base, assumptions, day)
    for name, rule in RULES.items():
        if (root / ledger.FOLDER / day.isoformat() / name).exists():
            continue
        made = baselines_of(name, root, day, assumptions, business, names)
        if made:
            entry = {**said, "kind": register.BASELINE, "role": name, "method": rule}
            found.append(Draft(name, made, entry, inputs, {}))
    return found


def baselines_of(
    name: str, root: Path, day: dt.date, assumptions: Assumptions, business: Business, names: Sequence[Name]
) -> list[Forecast]:
    """A baseline of a day, from the files below a folder."""
    year, target = assumptions.about.year, assumptions.target
    if business.history is None:
        return []
    return baseline(name, business.history(root, year, day), year, names, (target.outcome, target.period), business)


@contextmanager
def laid_out(entry: Entry) -> Iterator[Path]:
    """A folder with the files that an entry was made from, as they were."""
    kept = entry.folder.parents[1] / register.INPUTS
    with tempfile.TemporaryDirectory() as folder:
        for name, held in entry.said["inputs"].items():
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                place.write_bytes((kept / held).read_bytes())
            except OSError as error:
                raise InputError(Problem(f"cannot be read: {error.strerror}", file=shown(kept / held))) from None
        yield Path(folder)


def accuracy_of(entry: Entry) -> float:
    """To which share of its P10 to P90 an entry can be made again: 0 is the last digit."""
    return ACCURACY if entry.role == FITTED else 0.0


def differences(entry: Entry, made: Sequence[Forecast]) -> list[str]:
    """In which numbers a forecast made again differs from an entry, in words; none where it is the same (`accuracy_of`)."""
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / register.FORECAST
        hub_table.write(entry.day, made, again)
        if hub_table.text_of(again) == hub_table.text_of(entry.folder / register.FORECAST):
            return []
        then, now = hub_table.read(entry.folder / register.FORECAST), hub_table.read(again)
    out, accuracy = [], accuracy_of(entry)
    for name in then.keys() | now.keys():
        old, new = then.get(name), now.get(name)
        if old is None or new is None:
            out.append(f"{name[0]} in {name[1]} is {'new' if old is None else 'gone'}")
        elif (apart := _apart(old, new)) > accuracy:
            out.append(
                f"{name[0]} in {name[1]}: P50 {old.level(0.5):,.8g}, now {new.level(0.5):,.8g}; a number moved by {apart:.2g}"
                " of P10 to P90"
            )
    return sorted(out) or ([] if accuracy else ["chances differ"])


def _apart(old: Forecast, new: Forecast) -> float:
    """By how much of P10 to P90 the quantiles, mean and samples of two forecasts differ at most."""
    then, now = (np.concatenate((one.levels, [one.mean], one.samples)) for one in (old, new))
    if len(then) != len(now):
        return np.inf
    moved, spread = float(np.abs(now - then).max()), old.level(0.9) - old.level(0.1)
    return moved / spread if spread > 0 else (np.inf if moved else 0.0)
