"""Forecasts: load assumptions, simulate them, condition on what was reported, keep the draws for questions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from model.assumptions.resolve import base_day, before_scenarios, first_year
from model.errors import InputError, Problem
from model.simulation.defaults import DRAWS, POSTERIOR_DRAWS, SEED
from model.simulation.tell import Tell, silent

if TYPE_CHECKING:
    import datetime as dt

    from model.assumptions.assumption import Assumptions
    from model.inference.posterior import Posterior
    from model.inference.store import PosteriorInputs
    from model.simulation.business import Business, Function
    from model.simulation.measures import Measure
    from model.simulation.metric import Metric
    from model.simulation.observation import Observation
    from model.simulation.outside_view import OutsideView
    from model.simulation.result import Result
    from model.simulation.tolerance import Within
    from model.studies.study import Study

BASE = "assumptions.toml"


class HasStudy(Protocol):
    """A forecast as one object: it keeps a study."""

    @property
    def study(self) -> Study:
        """The study."""


def load(
    base: str | Path = BASE,
    scenarios: Sequence[str | Path] = (),
    sets: Sequence[str] = (),
    *,
    as_of: dt.date | str = "latest",
    judged: bool = True,
    to: str | None = None,
    business: Business | None = None,
) -> Assumptions:
    """Read the base case, under scenarios (names in scenarios/ beside it, or files) and what-ifs (PATH=VALUE), and check it.

    as_of : with what updates/ says was known by that day; by default the last on which anything became known, and "base" is the
        base case's own day, before any update or report
    judged : with what updates re-judge too, and not facts alone
    to : the last month of the run, a December: "2030-12"; beyond the first year with the numbers of beyond.toml

    Raises InputError with every problem found, each with file and line, those included that only the business can see.
    """
    from model.assumptions.load import load as read
    from model.simulation.consistency import checked

    known = business_or_xiaomi(business)
    from model.inference.as_of import day_named

    day = day_named(as_of, read(base, units=known.units), known)
    return checked(read(base, scenarios, sets, as_of=day, judged=judged, to=to, units=known.units), known, Path(base))


def simulate(
    assumptions: Assumptions,
    business: Business | Function | None = None,
    *,
    draws: int | None = None,
    seed: int = SEED,
    outcomes: Collection[str] | None = None,
    block: int | None = None,
    prior: bool = False,
) -> Result:
    """Run a business, or any vectorised function of `Draws`, on joint draws of the assumptions.

    Where something was reported by the assumptions' day (`model.load(as_of=...)`) the draws are given that, as those of `study`.
    prior : the draws before any report was let in, of such a day too
    draws : at least this many, 32,768 unless given (16,384 given what was reported); rounded up so that each of the eight
        replicates has 2^k
    outcomes : keep these alone (and the target's); by default all
    block : draws at a time, a multiple of 2,048; any gives the same numbers to the last bit

    Raises InputError for draws or seed out of range, for more draws than there is memory, where an outcome is not finite, and for
    outcomes or block given what was reported.

    >>> import model
    >>> a = model.from_dict({"cash": {"p10": 80, "p50": 100, "p90": 130}, "rate": {"low": 0.06, "high": 0.1}})
    >>> result = model.simulate(a, lambda d: {"value": d["cash"] / d["rate"]}, draws=2048)
    >>> [round(float(v)) for v in result.quantile("value", (0.1, 0.5, 0.9)).value]
    [938, 1249, 1802]
    """
    from model.simulation.outside_view import forecast
    from model.simulation.simulate import BLOCK

    known = business_or_xiaomi(business)
    if not prior and reports_of(assumptions, known):
        if outcomes is not None or block is not None:
            what = f"by {assumptions.about.as_of} something was reported, which speaks of all outcomes"
            raise InputError(
                Problem(what, "model.simulate(...) without them, or with prior=True", path="outcomes, block")
            )
        return study(assumptions, known, draws=draws, seed=seed).shown
    size = DRAWS if draws is None else draws
    return forecast(assumptions, known, draws=size, seed=seed, outcomes=outcomes, block=block or BLOCK)


def condition(
    assumptions: Assumptions,
    as_of: dt.date | str = "latest",
    *,
    observations: Sequence[Observation] | None = None,
    business: Business | Function | None = None,
    draws: int = POSTERIOR_DRAWS,
    seed: int = SEED,
    fresh: bool = False,
    tell: Tell = silent,
    start: Posterior | None = None,
    daily: bool = True,
) -> Posterior:
    """Condition the forecast on what was reported by a day.

    as_of : a day, or "latest" for every report there is; updates are let in by `model.load(as_of=...)`
    observations : by default those in data/ beside the base case
    fresh : compute from nothing what .cache/ beside the base case holds; else the work begins at the nearest posterior that
        is kept there: of fewer of these reports, or of assumptions that were edited since; tell : called with how far the work is
    start : a posterior of nearly the same assumptions or reports, to begin at in the place of that; nothing is then kept
    daily : compute the days in between too: where each report lay the day before, the forecast of each day

    An outside view with a weight above 0 is pooled in before the reports.

    Raises InputError for a day on which nothing was reported yet, for assumptions that know of updates after it, and where no
    draw can make a report.
    """
    from model.inference import condition as conditioning
    from model.inference import store
    from model.inference.as_of import LATEST, beyond_the_run, checked_reports
    from model.simulation.observation import day_of, known_by

    known = business_or_xiaomi(business)
    held = checked_reports(assumptions, known) if observations is None else observations
    day = day_of(as_of, held)
    if as_of == LATEST and day < assumptions.about.as_of:
        day = assumptions.about.as_of
    late = [edit for edit in assumptions.updates if edit.day is not None and edit.day > day]
    if late:
        what = f"the assumptions know what became known on {max(edit.day for edit in late if edit.day)}, after {day}"
        raise InputError(Problem(what, f"model.load(as_of='{day}')", path="as_of"))
    reports = known_by(held, day)
    if start is not None:
        return conditioning.condition(
            assumptions, known, reports, as_of=day, draws=draws, seed=seed, tell=tell, start=start, path=False
        )
    inputs = store.PosteriorInputs(assumptions, known, reports, day, draws, seed)
    found = None if fresh else store.get(inputs)
    if found is None or (daily and not found.has_path):
        own = found is None and observations is None and not fresh
        near = store.nearest(inputs) if own else None
        place = inputs.place if inputs.key and not fresh else None
        found = conditioning.condition(
            assumptions, known, reports, as_of=day, draws=draws, seed=seed, tell=tell, path=daily, found=found,
            start=near, place=place,
        )  # fmt: skip
        store.put(found, inputs)
    unused = beyond_the_run(assumptions, known, day) if observations is None else ""
    return dataclasses.replace(found, guards=(*found.guards, unused)) if unused else found


def study(
    assumptions: Assumptions,
    business: Business | Function | None = None,
    *,
    draws: int | None = None,
    seed: int = SEED,
    from_month: str = "",
    fresh: bool = False,
    daily: bool = False,
    tell: Tell = silent,
) -> Study:
    """Keep one set of draws: give it to several questions in the place of the assumptions, and they are quicker.

    Where something was reported by the assumptions' day (`model.load(as_of=...)`) the draws are those of the forecast given
    that, and what is asked holds `from_here`.
    draws : 32,768, or 16,384 given what was reported
    from_month : on which such changes begin, by default the first month that has not begun
    fresh : compute the posterior again, where one is kept; daily : with the forecast of each day, as of `condition`
    """
    from model.studies.sources import Prior
    from model.studies.study import Study

    known = business_or_xiaomi(business)
    if reports_of(assumptions, known):
        size = POSTERIOR_DRAWS if draws is None else draws
        return from_here(
            assumptions, from_month, business=known, draws=size, seed=seed, fresh=fresh, tell=tell, daily=daily
        )
    return Study(assumptions, Prior(known, draws=DRAWS if draws is None else draws, seed=seed), from_month)


def from_here(
    assumptions: Assumptions,
    from_month: str = "",
    *,
    business: Business | None = None,
    draws: int = POSTERIOR_DRAWS,
    seed: int = SEED,
    fresh: bool = False,
    tell: Tell = silent,
    daily: bool = False,
) -> Study:
    """Keep the draws of the forecast given what was reported by the assumptions' day; for `tornado`, `sweep`, `solve`, ...

    What is asked of it holds from a month on, and so do the scenarios and what-ifs of the assumptions; the posterior is
    that of the base case under its updates.
    from_month : `2026-10`; by default the first month that has not begun; the rest as of `condition`

    Raises InputError for a month that has begun, and for a change of what lies behind.
    """
    from model.inference.posterior_draws import reaching
    from model.studies.from_here import refuse_past
    from model.studies.sources import FromPosterior
    from model.studies.study import Study

    known = business_or_xiaomi(business)
    plain = before_scenarios(assumptions)
    if from_month or assumptions.edits:
        refuse_past(plain, from_month)
    given = _conditioned(plain, known)
    found = condition(
        given, plain.about.as_of, business=known, draws=draws, seed=seed, fresh=fresh, tell=tell, daily=daily
    )
    return Study(assumptions, FromPosterior(found if given is plain else reaching(found, plain)), from_month)


def at_hand(
    assumptions: Assumptions, *, business: Business | None = None, draws: int = POSTERIOR_DRAWS, seed: int = SEED
) -> bool:
    """Say whether a study of these begins at once: nothing was reported by their day, or the posterior is on disk already."""
    inputs = inputs_of(assumptions, business, draws=draws, seed=seed)
    return not inputs.observations or inputs.is_kept


def inputs_of(
    assumptions: Assumptions,
    business: Business | None = None,
    *,
    draws: int = POSTERIOR_DRAWS,
    seed: int = SEED,
) -> PosteriorInputs:
    """All that makes the posterior of an assumptions' day, before scenarios and what-ifs: what it is kept under."""
    from model.inference.store import PosteriorInputs

    known = business_or_xiaomi(business)
    given = _conditioned(before_scenarios(assumptions), known)
    return PosteriorInputs(given, known, reports_of(given, known), given.about.as_of, draws, seed)


def chance(of: Assumptions | Study | HasStudy, measure: str | float = "chance", *, draws: int = 16_384) -> Measure:
    """Compute a chance: `>=420_000` (of the target's outcome), OUTCOME>=NUMBER, or by default of the target.

    Before any report by preintegration, which is sharper than counting hits, above all far in the tail; given what was reported the
    draws are counted. Unbiased, with its error.
    """
    from model.simulation.preintegration import chance as run

    kept = study_of(of)
    if kept.posterior is not None:
        return kept.chance(measure)
    return run(kept.assumptions, kept.business, metric_of(kept, str(measure)), draws=draws, seed=kept.seed)


def day_of(day: dt.date | str, of: Assumptions, business: Business | None = None) -> dt.date:
    """Return the day that "latest", "base" or a date names, for the case of some assumptions."""
    from model.assumptions.resolve import before_updates
    from model.inference.as_of import day_named

    return day_named(day, before_updates(before_scenarios(of)), business_or_xiaomi(business))


def within(
    assumptions: Assumptions,
    tolerance: str,
    ask: str | Callable[[Study], Any] = "chance",
    business: Business | Function | None = None,
    *,
    seed: int = SEED,
) -> Within[Any]:
    """Ask with as many draws as it takes until the error of all that is measured is within a tolerance.

    tolerance : 0.1pp (of a chance or share), 0.05% (of the value), or, of anything else, a number in its unit: half of a 95% interval
    ask : `chance`, OUTCOME:p10, OUTCOME>=NUMBER; or a function of a study: `lambda study: model.tornado(study)`

    A chance for which the draws of a run would not do is taken by preintegration, a third to a twentieth of the work
    (`benchmarks/chance.py`); in a study chances are counted, since a point of it costs less than a search. What is returned has
    `.found`, `.draws`, `.error`, `.what` (the measure), `.apart` (by preintegration) and `.lines()`. Raises InputError where a
    million draws would not do, and for assumptions of a day by which something was reported: the draws of a posterior cannot
    be extended.

    >>> import model
    >>> a = model.from_dict({"x": {"mean": 0, "sd": 1}, "y": {"mean": 0, "sd": 1}})
    >>> model.within(a, "0.02", "z", lambda d: {"z": d["x"] * d["y"] + d["x"] ** 2}).draws
    8192
    """
    from model.simulation.metric import metric
    from model.simulation.outside_view import forecast
    from model.simulation.preintegration import chance as preintegrated
    from model.simulation.tolerance import FLOOR, Tolerance
    from model.simulation.tolerance import within as run
    from model.studies.sources import Prior
    from model.studies.study import Study

    known, size = business_or_xiaomi(business), Tolerance.named(tolerance)
    if reports_of(assumptions, known):
        what = "the draws of a forecast given reports are not extended"
        raise InputError(Problem(what, "Leave --tolerance out, or --as-of base", path="--tolerance"))

    def answered(draws: int) -> tuple[Any, Any]:
        answer = ask(Study(assumptions, Prior(known, draws=draws, seed=seed)))  # type: ignore[operator]
        return answer, answer.measures

    if not isinstance(ask, str):
        return run(size, answered)
    measure = metric(ask, assumptions, known)

    def drawn(draws: int) -> tuple[Any, Any]:
        found = forecast(assumptions, known, draws=draws, seed=seed, outcomes=[measure.outcome]).measure(measure)
        return found, [(found, measure.unit)]

    def smoothed(draws: int) -> tuple[Any, Any]:
        found = preintegrated(assumptions, known, measure, draws=draws, seed=seed)
        return found, [(found, measure.unit)]

    if measure.statistic == "chance" and not assumptions.pooled:
        of_a_run = size.error(*drawn(FLOOR)[1][0]) * (FLOOR / DRAWS) ** 0.5  # as large, or smaller
        if of_a_run > size.size:
            return run(size, smoothed)._replace(what=measure, apart=True)
    return run(size, drawn)._replace(what=measure)


def outside(
    of: Assumptions | Result,
    business: Business | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    prior: bool = False,
) -> OutsideView:
    """Set the forecast (or a result of one) beside what happened to others in the same position, at each weight of a class.

    prior : of a day by which something was reported too: an outside view is set beside the forecast before any report

    Raises InputError for assumptions of such a day without it.
    """
    from model.simulation.outside_view import outside_view
    from model.simulation.result import Result

    if isinstance(of, Result):
        return outside_view(of)
    if not prior and reports_of(of, business_or_xiaomi(business)):
        what = f"by {of.about.as_of} something was reported, and an outside view is set beside the forecast before any report"
        raise InputError(Problem(what, "model.outside(..., prior=True)", path="outside"))
    return outside_view(simulate(of, business, draws=draws, seed=seed, prior=True))


def reports_of(assumptions: Assumptions, business: Business) -> list[Observation]:
    """Return what was reported by the assumptions' day; nothing where the base case lies in no folder, or before any report.

    Raises InputError for assumptions of a later day with a function that is no business: it would be taken for a forecast given reports.
    """
    from model.inference.as_of import reported

    day = assumptions.about.as_of
    if not business.name and assumptions.case is not None and day > base_day(assumptions):
        what = f"the assumptions are as of {day}, and a bare function knows nothing of what was reported by then"
        hint = "Give the business, which knows it; model.simulate(..., prior=True) for the forecast before any report"
        raise InputError(Problem(what, hint, path="business"))
    return reported(assumptions, business, day)


def business_or_xiaomi(business: Business | Function | None = None) -> Business:
    """Return the business that is given, a bare function as one; by default Xiaomi."""
    from model.simulation.business import business_of

    if business is not None:
        return business_of(business)
    from model.xiaomi.business import XIAOMI

    return XIAOMI


def study_of(of: Assumptions | Study | HasStudy) -> Study:
    """Return the study that is given, that of a forecast, or one of the assumptions."""
    from model.studies.study import Study

    if isinstance(of, Study):
        return of
    kept: Study | None = getattr(of, "study", None)
    return kept if kept is not None else study(of)  # type: ignore[arg-type]


def metric_of(of: Study, measure: str) -> Metric:
    """Return a metric from what a user writes; InputError with the near matches."""
    from model.simulation.metric import metric

    return metric(measure, of.assumptions, of.business)


def _conditioned(plain: Assumptions, business: Business) -> Assumptions:
    """The base case to condition: that of the first year alone, which is quicker, unless something of later years was reported."""
    late = any(int(one.period[:4]) > plain.about.year for one in reports_of(plain, business))
    return plain if late else first_year(plain)
