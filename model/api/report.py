"""Reports: enter one, and see what it does to the forecast; take one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.api.forecast import BASE, business_or_xiaomi, load, study
from model.errors import InputError, Problem
from model.simulation import formatting
from model.simulation.defaults import SEED
from model.simulation.tell import Tell, silent

if TYPE_CHECKING:
    from model.simulation.business import Business
    from model.simulation.report_entry import Draft, Said
    from model.studies.report_effect import ReportEffect
    from model.studies.study import Study

FAR = 3.0  # errors of the report, beyond all draws, from which it may be a slip


@dataclass(frozen=True)
class Report:
    """A report that was drafted, or entered: its row, and once it is entered what it does."""

    draft: Draft
    effect: ReportEffect | None = None
    done: str = "written into"

    def lines(self) -> list[str]:
        """The row, what was inferred, and what it does, in words."""
        said = [f"{self.done.capitalize()} {self.draft.place}, line {self.draft.report.line}", f"  {self.draft.row}"]
        said += [f"  {note}" for note in self.draft.notes]
        said += [] if self.draft.used else ["  checked against the draws only (use = check)"]
        return [*said, *([] if self.effect is None else ["", *self.effect.lines()])]

    def __repr__(self) -> str:
        return "\n".join(self.lines())


def report(
    outcome: str = "",
    period: str = "",
    figure: str = "",
    *,
    on: str = "",
    source: str = "",
    series: str = "",
    unit: str = "",
    note: str = "",
    open_end: bool = False,
    check: bool = False,
    correct: bool = False,
    anyway: bool = False,
    dry: bool = False,
    base: str | Path = BASE,
    business: Business | None = None,
    draws: int | None = None,
    seed: int = SEED,
    tell: Tell = silent,
    on_row: Callable[[list[str]], None] = lambda _: None,
) -> Report:
    """Enter what was reported, and return what it does to today's forecast.

    outcome : by its path or label; period : 2026-10, October 2026, 2026Q3; figure : >=40_000, =30_153, <=50_000, 35_000..40_000, 20.1%
    on : the day on which it became known; source : where it is said; series : whose figure it is, by default that of its like
    open_end : a floor of a series that announces round numbers has no upper end; check : look at it only, for it follows from others
    correct : it takes the place of a figure of its outcome, period and series that is there, from its day on
    anyway : write it though it lies beyond all draws, or before the run; dry : write nothing, and say the row
    on_row : called with the row in words before it is written

    Raises InputError with all that is missing or wrong. Nothing is written then, nor where no draw can make it.
    """
    from model.simulation.report_entry import Said

    said = Said(outcome, period, figure, str(on), source, series, unit, note, open_end, check, correct)
    known = business_or_xiaomi(business)
    draft, before = drafted(said, base, known, anyway=anyway, draws=draws, seed=seed, tell=tell)
    made = Report(draft, done="to be written into")
    on_row(made.lines())
    if dry:
        return made
    draft.change.write()
    on_row(["Written"])
    try:
        return Report(draft, effect_of(draft, before, base, draws=draws, tell=tell))
    except (InputError, KeyboardInterrupt):  # stopped, the same command begins again, at the work that is kept
        draft.change.back()
        raise


def drafted(
    said: Said,
    base: str | Path,
    business: Business,
    *,
    anyway: bool = False,
    draws: int | None = None,
    seed: int = SEED,
    tell: Tell = silent,
) -> tuple[Draft, Study]:
    """Draft a report as it is said, and return it with the forecast before it; nothing is written. Errors as of `report`."""
    from model.simulation.probe import outcome_periods

    if business.enter is None:
        raise InputError(Problem("reports cannot be entered for this business", path="report"))
    now = load(base, business=business)
    draft = business.enter(now.root, said, list(outcome_periods(now, business)))
    before = study(now, business, draws=draws, seed=seed, tell=tell)
    if not anyway:
        _refuse_slip(draft, before)
    return draft, before


def effect_of(
    draft: Draft, before: Study, base: str | Path, *, draws: int | None = None, tell: Tell = silent
) -> ReportEffect:
    """Make the forecast with a report that was written, and return what it does; InputError where no draw can make it."""
    from model.reporting.report_spec import spec_of
    from model.studies.comparison import rows_in_doubt
    from model.studies.report_effect import report_effect

    known = before.business
    # day by day, as a run shows it, which then has it at once
    after = study(load(base, business=known), known, draws=draws, seed=before.seed, daily=True, tell=tell)
    rows = rows_in_doubt([before.made, after.made], spec_of(known).rows, one=True)
    return report_effect(before, after, draft.report, rows)


def take_back(
    outcome: str = "", period: str = "", *, base: str | Path = BASE, business: Business | None = None
) -> Report:
    """Take back the last report, or the newest of an outcome and period; InputError for one that a frozen forecast knew."""
    known = business_or_xiaomi(business)
    if known.take_back is None:
        raise InputError(Problem("reports cannot be entered for this business", path="report"))
    root = load(base, as_of="base", business=known).root
    draft = known.take_back(root, outcome, period)
    draft.change.write()
    return Report(draft, done="taken back from")


def _refuse_slip(draft: Draft, before: Study) -> None:
    """InputError for a figure that lies beyond all draws; with those of which it may be a slip."""
    from model.simulation.report_entry import slips

    one = draft.report
    result = before.made if draft.replaces is None or before.posterior is None else before.posterior.prior
    try:
        predicted = one.predicted(result.outcomes, result.assumptions.calendar)
    except InputError as error:
        year = before.assumptions.calendar.first
        if int(one.period[:4]) < year:
            what = f"{one.period} lies before the run, which begins with {year}: it would move nothing"
            hint = f"Did you mean {year}{one.period[4:]}? --anyway (anyway=True) writes it as it is"
            raise InputError(Problem(what, hint, path="period")) from None
        if int(one.period[:4]) > before.assumptions.calendar.last:
            return
        raise InputError([Problem(p.what, p.hint, path="outcome") for p in error.problems]) from None
    found = slips(one, predicted, FAR)
    if found is None:
        return
    span = " to ".join(formatting.in_unit(float(x), one.unit) for x in (np.min(predicted), np.max(predicted)))
    hint = f"Did you mean {' or '.join(found)}? " if found else ""
    whose = "today's forecast" if result is before.made else "the forecast before any report"
    what = f"{one.figure} lies beyond all draws of {whose} of {one.name}, {span} {one.unit}"
    raise InputError(Problem(what, f"{hint}--anyway (anyway=True) writes it as it is", path="figure"))
