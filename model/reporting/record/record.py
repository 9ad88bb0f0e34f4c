"""The record as it is read: the scored cases, the forecasts of the year by day, where assumptions ended, widths."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from model.assumptions.assumption import Assumptions
from model.evaluation import register
from model.evaluation.baselines import RULES
from model.evaluation.hub_table import Forecast, Name
from model.evaluation.interval_width import Widths, widths
from model.evaluation.register import Entry
from model.evaluation.scorecard import HORIZONS, Scored, ScoredForecast, bias, coverage, score, skill
from model.evaluation.scores import CENTRAL
from model.files.table import Table, Tabled, aligned
from model.reporting.record import phrases
from model.simulation.business import Business
from model.simulation.formatting import short
from model.simulation.observation import outcomes_of

SKILLS = ("baseline", "what", "ratio", "interval", "cases", "blocks")
SIDES = ("forecasts", "figures below P50", "blocks below it", "chance")
COVERED = ("forecasts", "range", "cases in it", "blocks in it", "interval")
FAR = 0.05  # an assumption that ended below this percentile, or above one less it, was wrong


@dataclass(frozen=True)
class Ended:
    """Where an assumption ended, given everything that is known: its percentile in the base case."""

    label: str
    before: str
    now: str
    moved: float
    percentile: float


@dataclass(frozen=True)
class Record(Tabled):
    """All that the page is written from.

    edition : role of what the last edition of the model says of the same days, "" where there is none; edition_widths : of its first day
    year : day -> role of an entry -> its forecast of the target's outcome; reported : day -> how much of it was known then; ended : as the last entry has it
    """

    scored: Scored
    entries: Sequence[Entry]
    year: Mapping[dt.date, Mapping[str, Forecast]]
    ended: Sequence[Ended]
    widths: Widths | None
    target: Name
    goal: float
    business: Business
    hash: str
    reported: Mapping[dt.date, float]
    edition: str = ""
    edition_widths: Widths | None = None

    def label(self, outcome: str) -> str:
        """An outcome, or a sum of them, in words."""
        return " + ".join(self.business.label(name) for name in outcomes_of(outcome))

    def chances(self) -> list[tuple[dt.date, str, float]]:
        """Of each entry of the model's own that says it: the chance that the target is met."""
        held = [
            (day, name, each[name].at_most)
            for day, each in sorted(self.year.items())
            for name in register.OWN
            if name in each
        ]
        return [(day, name, 1 - at_most[self.goal]) for day, name, at_most in held if self.goal in at_most]

    def table(self) -> Table:
        """Every case."""
        return self.scored.table()

    @property
    def first(self) -> Entry:
        """The first of the model's own forecasts."""
        found = register.first_of(self.entries)
        assert found is not None, "a record has one"
        return found

    def lines(self) -> list[str]:
        """The record in short, as text."""
        ours, inside = [SKILLS, *skills(self)], [COVERED, *coverages(self)]
        below = [SIDES, *sides(self)]
        return [
            self.in_a_line, "", *aligned(ours, "<<>>>>", 0), "", *aligned(inside, "<>>>>", 0), "", *aligned(below, "<>>>", 0),
        ]  # fmt: skip

    @property
    def in_a_line(self) -> str:
        """Quarters of the target's outcome, three months ahead: our error, and those of the baselines."""
        own = [case for case in self.scored.own() if self._quarter_ahead(case)]
        latest = {
            case.report.period: case for case in sorted(own, key=lambda c: -abs(c.months - 3))
        }  # nearest to three months
        said = []
        for name in RULES:
            theirs = {case.key: case for case in self.scored.of(name)}
            pairs = [theirs[case.key] for case in latest.values() if case.key in theirs]
            if pairs and len(pairs) == len(latest):
                said.append(f"{name.replace('_', ' ')} {phrases.error(pairs)}")
        what = self.business.label(self.target[0])
        if not latest:
            return f"{what} of a quarter, three months ahead: none is reported yet."
        days = " and ".join(f"{day:%-d %B}" for day in sorted({case.entry.day for case in latest.values()}))
        number = "one case" if len(latest) == 1 else f"{len(latest)} cases"
        ours = f"our error {phrases.error(list(latest.values()))}"
        return (
            f"{what} of a quarter, three months ahead: {ours}, {', '.join(said)}, over {number} (forecasts of {days})."
        )

    def _quarter_ahead(self, case: ScoredForecast) -> bool:
        return case.report.outcome == self.target[0] and "Q" in case.report.period and 2 < case.months < 3.5


def record(assumptions: Assumptions, business: Business) -> Record:
    """The record beside a base case; InputError where nothing is frozen, and for a register that was changed."""
    root, target = assumptions.root, (assumptions.target.outcome, assumptions.target.period)
    scored, entries = score(root, business, assumptions.about.year), register.entries(root)
    held: dict[dt.date, dict[str, Forecast]] = {}
    for entry in entries:
        found = entry.forecasts([target])
        if target in found:
            held.setdefault(entry.day, {})[entry.role] = found[target]
    wide, anew, known = None, None, dict[dt.date, float]()
    if business.history is not None:
        for day in held:
            months = business.history(root, int(target[1]), day).months.get(target[0], {})
            known[day] = sum(low for month, (low, _) in months.items() if month >= 12 * int(target[1]))
    own = [entry for entry in entries if entry.role in register.OWN]
    first, edition = register.first_of(own), register.last_edition(entries)
    again = next(
        (entry for entry in entries if entry.role == edition and first is not None and entry.day == first.day), None
    )
    if business.history is not None:
        year = int(target[1])
        wide, anew = (
            None
            if one is None
            else widths(one.forecasts(), business.history(root, year, one.day), target, year, business)
            for one in (first, again)
        )
    return Record(
        scored,
        entries,
        held,
        _ended(own),
        wide,
        target,
        assumptions.target.value,
        business,
        register.head_of(root)[:12],
        known,
        edition,
        anew,
    )


def _ended(own: Sequence[Entry]) -> list[Ended]:
    """Assumptions that the last entry which knows any report puts far out, the farthest first."""
    learned = [entry.folder / register.LEARNED for entry in own if (entry.folder / register.LEARNED).is_file()]
    if not learned:
        return []
    with learned[-1].open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = [
        Ended(
            row["label"], f"{short(float(row['before p50']))} {row['unit']}", f"{short(float(row['given p50']))} {row['unit']}",
            float(row["moved, own sd"]), float(row["percentile"]),
        )
        for row in rows
    ]  # fmt: skip
    wrong = [one for one in found if not FAR <= one.percentile <= 1 - FAR]
    return sorted(wrong, key=lambda one: -abs(one.moved))


Which = Callable[[ScoredForecast], bool]


def groups(r: Record) -> list[tuple[str, Which]]:
    """Cases that are scored together: the target's outcome, all that is missed with it, the other families, and all by how far ahead."""
    target = r.target[0]
    family = r.business.families.get(target.split(".")[0], "")
    found: list[tuple[str, Which]] = [(r.label(target), lambda c: c.report.outcome == target)]
    found.append((f"all but {family}", lambda c: c.block is not None and c.block[0] != family))
    return found + [(f"all, {ahead}", at(ahead)) for ahead in HORIZONS]


def skills(r: Record) -> list[list[str]]:
    """Our scores against each baseline's, by group."""
    return _skills(r, r.scored.own(), {name: r.scored.of(name) for name in RULES})


def edition_skills(r: Record) -> list[list[str]]:
    """Scores of the last edition against what was said then, and against each baseline's."""
    return _skills(
        r, r.scored.of(r.edition), {"said then": r.scored.own(), **{name: r.scored.of(name) for name in RULES}}
    )


def _skills(
    r: Record, own: Sequence[ScoredForecast], others: Mapping[str, Sequence[ScoredForecast]]
) -> list[list[str]]:
    out = []
    for name, theirs in others.items():
        for what, which in groups(r):
            one = skill(own, theirs, which)
            if one is not None:
                low, high = (1 - end for end in reversed(one.interval))
                sure = "too few" if one.blocks < 2 else f"{low:.2g} to {phrases.ratio(high)}"
                out.append(
                    [name.replace("_", " "), what, f"{1 - one.skill:.2f}", sure, str(one.cases), str(one.blocks)]
                )
    return out


def sides(r: Record) -> list[Sequence[str]]:
    """Rows: forecasts, figures below the P50, blocks below it, chance of so one-sided a record."""
    rows: list[Sequence[str]] = []
    for what, cases in covered(r):
        one = bias(cases)
        if one.blocks:
            chance = f"{one.chance:.1%}" if one.chance >= 0.001 else "below 0.1%"
            rows.append((what, f"{one.below:g} of {one.cases}", f"{one.hits:.1f} of {one.blocks}", chance))
    return rows


def covered(r: Record) -> list[tuple[str, Sequence[ScoredForecast]]]:
    own = r.scored.own()
    return [
        (f"{r.first.label}", r.scored.of(r.first.name)),
        ("ours of all days", own),
        *((f"ours, {h}", [c for c in own if c.ahead == h]) for h in HORIZONS),
        *((f"{r.edition.replace('_', ' ')} of {day:%-d %B}", cases) for day, cases in _first_of_edition(r)),
        *((name.replace("_", " "), r.scored.of(name)) for name in (r.edition, *RULES) if r.scored.of(name)),
    ]


def _first_of_edition(r: Record) -> list[tuple[dt.date, Sequence[ScoredForecast]]]:
    """Cases of the last edition's forecast of the first day."""
    cases = [case for case in r.scored.of(r.edition) if case.entry.day == r.first.day]
    return [(r.first.day, cases)] if cases else []


def at(ahead: str) -> Which:
    """Whether a case is so far ahead, one of `HORIZONS`."""
    return lambda case: case.ahead == ahead


def coverages(r: Record) -> list[Sequence[str]]:
    """Rows: forecasts, range, cases in it, blocks in it, Jeffreys' interval."""
    rows: list[Sequence[str]] = []
    for what, cases in covered(r):
        for share in CENTRAL:
            c = coverage(cases, share)
            low, high = c.interval if c.blocks else (0.0, 1.0)
            interval = f"{low:.0%} to {high:.0%}"
            rows.append((what, f"{share:.0%}", f"{c.inside} of {c.cases}", f"{c.hits:.1f} of {c.blocks}", interval))
    return rows
