"""Keep track: freeze forecasts, score them for what was reported later, and write the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model._version import __version__
from model.api.forecast import BASE, business_or_xiaomi, condition, load, simulate
from model.assumptions import calendar
from model.assumptions.resolve import base_day
from model.errors import InputError, Problem
from model.simulation.defaults import POSTERIOR_DRAWS, SEED
from model.simulation.tell import Tell, silent

if TYPE_CHECKING:
    from model.assumptions.assumption import Assumptions
    from model.evaluation.register import Entry
    from model.evaluation.scorecard import Scored
    from model.inference.posterior import Posterior
    from model.reporting.record.record import Record
    from model.simulation.business import Business
    from model.simulation.result import Result

KINDS = {
    True: ("foreseen", "Made on its own day."),
    False: (
        "reconstruction",
        "Made after its day, by a method chosen after it, from what was known by then. It was not foreseen.",
    ),
}


def freeze(
    as_of: dt.date | str = "",
    name: str = "",
    *,
    base: str | Path = BASE,
    updates: bool = True,
    judged: bool = True,
    corrects: str = "",
    why: str = "",
    business: Business | None = None,
    draws: int | None = None,
    seed: int = SEED,
    tell: Tell = silent,
    more: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """Freeze the forecast of a day in register/, and with it the baselines of that day, all or none; the new entries.

    as_of : by default today, on which alone a forecast counts as foreseen; "latest" is the day of the last report or update
    name : of the entry; by default with_updates, facts_alone or reports_alone; edition_2 is what a later edition of the model says
    updates : let in what updates/ says was known by then; else the assumptions stay as they are, and only reports are let in
    judged : let in what updates re-judge too, and not facts alone
    corrects : an entry of the same day and kind that this one replaces in every score, with `why`
    more : further words for the entry; they take the place of none of its own

    Raises InputError for what is frozen already (an entry is never changed), a day in the future, and a register that was changed.
    """
    from model.assumptions.load import load as read
    from model.assumptions.snapshot import revision
    from model.evaluation import register, reproduce
    from model.evaluation.from_draws import of_result, open_names
    from model.evaluation.register import Draft
    from model.files.source_hash import code_hash
    from model.inference.as_of import day_named, reported

    known = business_or_xiaomi(business)
    plain, today = load(base, as_of="base", business=known), calendar.today()
    day = day_named(as_of or today, read(base, units=known.units), known)
    if day < plain.about.as_of:
        what = f"{day} is before the day of the base case, {plain.about.as_of}: its numbers were not known then"
        raise InputError(Problem(what, "That day or a later one", path="--as-of"))
    name = name or (register.REPORTS if not updates else register.UPDATES if judged else register.FACTS)
    role = _role(plain.root, day, name, corrects, why)
    _refuse_other_role(role, updates=updates, judged=judged, plain=plain, reported=bool(reported(plain, known, day)))
    kind, words = KINDS[today == day]

    def drafts() -> list[Draft]:
        assumptions = load(base, as_of=day, judged=judged, business=known) if updates else plain
        result, posterior = _forecast(assumptions, day, known, draws, seed, tell)
        names = open_names(result, known, reproduce.known_on(day, plain.root, known, plain.about.year))
        said = {
            "made": today.isoformat(), "kind": kind, "role": role, "note": words, "commit": revision(plain.root), "code": code_hash(),
            "model": __version__,
        }  # fmt: skip
        entry = {
            **(more or {}), **said, "method": _method(assumptions, result), "updates": updates, "judged": judged, "draws": result.draws, "seed": seed,
            "assumptions": result.assumptions.hash, "warnings": [] if posterior is None else list(posterior.guards),
            **({"corrects": corrects, "why": why} if corrects else {}),
        }  # fmt: skip
        inputs = reproduce.inputs_of(Path(base), assumptions, day)
        tables = {register.OBSERVATIONS: inputs[reproduce.OBSERVATIONS]} if reproduce.OBSERVATIONS in inputs else {}
        if posterior is not None:
            tables[register.LEARNED] = _learned(posterior)
        own = Draft(name, of_result(result, names, known), entry, inputs, tables)
        others = reproduce.baseline_drafts(Path(base), day, plain, known, names, said) if known.history else []
        return [own, *others]

    return register.freeze(plain.root, day, drafts, name)


def made_again(entry: Entry, *, business: Business | None = None, tell: Tell = silent) -> list[str]:
    """An entry made again from the files it was made from: in which numbers it differs, in words; none where it is the same.

    The same is to the last digit; of exponential smoothing, which is fitted, to 0.1% of P10 to P90. Which draws a posterior keeps
    turns on the last bit of sums in linear algebra, so a forecast given reports is the same only with the kernel that made it
    (docs/register.md). A posterior of many reports takes a minute; nothing is kept.
    """
    from model.evaluation import reproduce
    from model.evaluation.from_draws import of_result, open_names

    known = business_or_xiaomi(business)
    with reproduce.laid_out(entry) as folder:
        plain = load(folder / "assumptions.toml", as_of="base", business=known)
        reports = reproduce.known_on(entry.day, folder, known, plain.about.year)
        if entry.is_baseline:
            names = list(entry.forecasts())
            return reproduce.differences(
                entry, reproduce.baselines_of(entry.name, folder, entry.day, plain, known, names)
            )
        how = {"as_of": entry.day, "judged": entry.said.get("judged", True), "business": known}
        a = load(folder / "assumptions.toml", **how) if entry.said["updates"] else plain
        result, _ = _forecast(a, entry.day, known, entry.said["draws"], entry.said["seed"], tell)
        return reproduce.differences(entry, of_result(result, open_names(result, known, reports), known))


def score(base: str | Path = BASE, *, business: Business | None = None) -> Scored:
    """Every frozen forecast against every figure that became known after its day.

    Raises InputError for a register that was changed, and where no forecast of the model's is frozen.
    """
    from model.evaluation.scorecard import score as run

    known = business_or_xiaomi(business)
    plain = load(base, as_of="base", business=known)
    return run(plain.root, known, plain.about.year)


def record(base: str | Path = BASE, *, business: Business | None = None) -> Record:
    """How good we were: every frozen forecast scored, where assumptions ended, and how wide forecasts have to be."""
    from model.reporting.record.record import record as read

    known = business_or_xiaomi(business)
    return read(load(base, as_of="base", business=known), known)


def write_record(
    found: Record,
    page: Path,
    figures: Path,
    *,
    size: str = "word",
    formats: Sequence[str] = ("png", "svg"),
    drawn: bool = True,
) -> list[Path]:
    """The page in Markdown, and its figures with their data and every case, scores.csv, in a folder; whole or not at all."""
    from model.reporting.record.write import write

    return write(found, page, figures, size=size, formats=formats, drawn=drawn)


def _forecast(
    assumptions: Assumptions,
    day: dt.date,
    known: Business,
    draws: int | None,
    seed: int,
    tell: Tell,
) -> tuple[Result, Posterior | None]:
    """The forecast given what was reported by a day; where nothing was, the assumptions' own."""
    from model.inference.as_of import reported

    if not reported(assumptions, known, day):
        return simulate(assumptions, known, draws=draws, seed=seed), None
    how: dict[str, Any] = {
        "business": known,
        "draws": draws or POSTERIOR_DRAWS,
        "seed": seed,
        "tell": tell,
        "daily": False,
    }
    found = condition(assumptions, day, **how)
    if found.began_at:  # what is frozen can be made again from its files alone
        found = condition(assumptions, day, **how, fresh=True)
    return found.result, found


def _method(assumptions: Assumptions, result: Result) -> str:
    given = f", {result.given}" if result.reports else ""
    changed = f", {len(assumptions.updates)} updates" if assumptions.updates else ""
    changed += ", facts alone" if assumptions.facts_alone else ""
    return f"assumptions as of {base_day(assumptions)}{changed}{given}"


def _learned(posterior: Posterior) -> bytes:
    """Where each assumption ended, as a table."""
    import tempfile

    from model.studies.learned import learned
    from model.studies.sources import FromPosterior
    from model.studies.study import Study

    with tempfile.TemporaryDirectory() as folder:
        learned(Study(posterior.result.assumptions, FromPosterior(posterior))).table().write(Path(folder) / "learned")
        return (Path(folder) / "learned.csv").read_bytes()


def _refuse_other_role(role: str, *, updates: bool, judged: bool, plain: Assumptions, reported: bool) -> None:
    """InputError where a forecast would be scored as what it is not: with updates or without, facts alone, given reports or not."""
    from model.evaluation import register

    if updates and judged != {register.UPDATES: True, register.FACTS: False}.get(role, judged):
        what = f"'{role}' is scored as a forecast {'with judgements' if not judged else 'of facts alone'}"
        raise InputError(Problem(what, "Leave out --facts" if not judged else "--facts", path="--name"))
    with_updates = {r: r in (register.UPDATES, register.FACTS) for r in register.OWN}.get(role, updates)
    if with_updates != updates:
        hint = "Leave out --without-updates" if with_updates else "--without-updates"
        raise InputError(
            Problem(
                f"'{role}' is scored as a forecast {'with' if with_updates else 'without'} updates", hint, path="--name"
            )
        )
    if role == register.RELEASED and reported:
        what = f"'{role}' is the base case of {plain.about.as_of}, before anything was reported"
        raise InputError(Problem(what, f"Another name, such as {register.REPORTS}", path="--name"))


def _role(root: Path, day: dt.date, name: str, corrects: str, why: str) -> str:
    """As what an entry is scored: its name, or the role of the one that it corrects.

    Raises InputError for a name that is a baseline's, and for a correction of what is no forecast of the model's of that day.
    """
    from model.evaluation import register
    from model.evaluation.baselines import RULES

    if name in RULES:
        raise InputError(Problem(f"'{name}' is the name of a baseline", "Another name", path="--name"))
    if bool(corrects) != bool(why.strip()):
        raise InputError(Problem("a correction names the entry and says why", "--corrects DAY/NAME --why '..'"))
    if not corrects:
        return name
    every = {entry.label: entry for entry in register.entries(root, corrected=True)}
    by = [entry.label for entry in every.values() if entry.said.get("corrects") == corrects]
    old = every.get(corrects)
    if by:
        raise InputError(Problem(f"{corrects} was corrected already by {by[0]}", f"Correct {by[0]}", path="--corrects"))
    if old is None or old.is_baseline or old.day != day:
        own = [entry.label for entry in every.values() if entry.day == day and not entry.is_baseline]
        hint = f"Of that day: {', '.join(own)}" if own else "Nothing of that day is frozen"
        raise InputError(Problem(f"{corrects} is no forecast of the model's of {day}", hint, path="--corrects"))
    return old.role
