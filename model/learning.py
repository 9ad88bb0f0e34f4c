"""The public interface, continued: the forecast given what was reported, and what that taught."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import InputError, Problem

if TYPE_CHECKING:
    import datetime as dt

    from model.assumptions.assumption import Assumptions
    from model.simulation.business import Business
    from model.simulation.posterior.findings import Posterior
    from model.simulation.posterior.observation import Observation
    from model.simulation.posterior.views import Viewed
    from model.studies.reports.from_here import GivenStudy
    from model.studies.reports.learned import Learned
    from model.studies.reports.news import News
    from model.studies.reports.signposts import Signposts
    from model.studies.study import Study

__all__ = ["at_hand", "condition", "from_here", "learned", "news", "signposts", "view"]
DRAWS, SEED = 16_384, 2026


def condition(
    assumptions: Assumptions,
    as_of: dt.date | str = "latest",
    *,
    observations: Sequence[Observation] | None = None,
    business: Business | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    fresh: bool = False,
    tell: Callable[[str, float], None] = lambda *_: None,
    start: Posterior | None = None,
    path: bool = True,
) -> Posterior:
    """The forecast given what was reported by a day, and what each report did.

    as_of : a day, or "latest" for every report there is; updates are let in by `model.load(as_of=...)`
    observations : by default those in data/ beside the base case
    fresh : compute again what .cache/ beside the base case holds; tell : called with a word on where the work is, and its share that is done
    start : a posterior of nearly the same assumptions or reports, from which the work begins instead of from January; the
        moments in between are then not made, and nothing is kept
    path : make what stood in between too: where each report lay the day before, the forecast of each day

    An outside view with a weight above 0 is pooled in before the reports.

    Raises InputError for a day on which nothing was reported yet, for assumptions that know of updates after it, and where no
    draw can make a report.
    """
    from model.simulation.posterior import condition as conditioning
    from model.simulation.posterior import kept
    from model.simulation.posterior.known import LATEST, beyond_the_run, checked_reports
    from model.simulation.posterior.observation import day_of, known_by

    known = business or _xiaomi()
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
            assumptions, known, reports, as_of=day, draws=draws, seed=seed, tell=tell, start=start
        )
    inputs = kept.PosteriorInputs(assumptions, known, reports, day, draws, seed)
    found = None if fresh else kept.get(inputs)
    if found is None or (path and not found.has_path):
        found = conditioning.condition(
            assumptions, known, reports, as_of=day, draws=draws, seed=seed, tell=tell, path=path, found=found
        )
        kept.put(found, inputs)
    unused = beyond_the_run(assumptions, known, day) if observations is None else ""
    return dataclasses.replace(found, guards=(*found.guards, unused)) if unused else found


def reports_of(assumptions: Assumptions, business: Business) -> list[Observation]:
    """What was reported by the assumptions' day; nothing where the base case lies in no folder, or before any report.

    Raises InputError for assumptions of a later day with a function that is no business: it would be taken for a forecast given reports.
    """
    from model.simulation.posterior.known import reported

    plain, day = assumptions.plain, assumptions.about.as_of
    if not business.name and plain is not None and day > plain.about.as_of:
        what = f"the assumptions are as of {day}, and a bare function knows nothing of what was reported by then"
        hint = "Give the business, which knows it; model.simulate(..., prior=True) for the forecast before any report"
        raise InputError(Problem(what, hint, path="business"))
    return reported(assumptions, business, day)


def _conditioned(plain: Assumptions, business: Business) -> Assumptions:
    """The base case to condition: that of the first year alone, which is quicker, unless something of later years was reported."""
    late = any(int(one.period[:4]) > plain.about.year for one in reports_of(plain, business))
    return plain if late or plain.short is None else plain.short


def at_hand(
    assumptions: Assumptions, *, business: Business | None = None, draws: int = DRAWS, seed: int = SEED
) -> bool:
    """Whether a study of these begins at once: nothing was reported by their day, or the posterior is on disk already."""
    from model.simulation.posterior import kept

    known = business or _xiaomi()
    given = _conditioned(assumptions.base or assumptions, known)
    day, reports = given.about.as_of, reports_of(given, known)
    return not reports or kept.PosteriorInputs(given, known, reports, day, draws, seed).is_kept


def from_here(
    assumptions: Assumptions,
    first: str = "",
    *,
    business: Business | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    fresh: bool = False,
    tell: Callable[[str, float], None] = lambda *_: None,
    path: bool = False,
) -> GivenStudy:
    """A study of the forecast given what was reported by the assumptions' day; give it to `tornado`, `sweep`, `solve`, ...

    What is asked of it holds from a month on, and so do the scenarios and what-ifs of the assumptions; the posterior is
    that of the base case under its updates.
    first : `2026-10`; by default the first month that has not begun; the rest as of `condition`

    Raises InputError for a month that has begun, and for a change of what lies behind.
    """
    from model.simulation.posterior.given import reaching
    from model.studies.reports.from_here import GivenStudy, refuse_past

    plain = assumptions.base or assumptions
    if first or assumptions.edits:
        refuse_past(plain, first)
    given = _conditioned(plain, business or _xiaomi())
    found = condition(
        given, plain.about.as_of, business=business, draws=draws, seed=seed, fresh=fresh, tell=tell, path=path
    )
    return GivenStudy(found if given is plain else reaching(found, plain), assumptions, first)


def news(
    since: dt.date | str,
    until: dt.date | str = "latest",
    *,
    base: str | Path = "assumptions.toml",
    business: Business | None = None,
    by_kind: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
    tell: Callable[[str, float], None] = lambda *_: None,
) -> News:
    """From the forecast of one day to that of another: what each report and each update did, in order.

    by_kind : the parts of updates, of reports of the target's outcome and of other reports too (Shapley): six posteriors more

    Raises InputError for days in the wrong order, and all that is wrong with assumptions, updates and data.
    """
    from model.api import load
    from model.assumptions.loading import load as read
    from model.simulation.posterior.known import day_named

    known = business or _xiaomi()
    plain = read(base, units=known.units)
    days = [day_named(day, plain, known) for day in (since, until)]
    later = load(base, as_of=days[1], business=known)
    return news_of(later, days[0], business=known, by_kind=by_kind, draws=draws, seed=seed, tell=tell)


def news_of(
    later: Assumptions,
    since: dt.date,
    *,
    business: Business | None = None,
    by_kind: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
    tell: Callable[[str, float], None] = lambda *_: None,
) -> News:
    """The same to the day of assumptions that are loaded already (`model.load(as_of=...)`)."""
    from model.studies.reports.news import news as run

    known = business or _xiaomi()

    def make(assumptions: Assumptions, reports: Sequence[Observation], day: dt.date, size: int) -> Posterior:
        return condition(assumptions, day, observations=reports, business=known, draws=size, seed=seed, tell=tell)

    plain = later.plain or later
    return run(plain, known, since, later.about.as_of, make=make, draws=draws, seed=seed, by_kind=by_kind)


def learned(of: Assumptions | GivenStudy) -> Learned:
    """What was learned of each assumption, the most informative first: before the reports, and given them."""
    from model.assumptions.assumption import Assumptions
    from model.studies.reports.learned import learned as run

    kept = from_here(of) if isinstance(of, Assumptions) else of
    return run(kept)


def signposts(of: Assumptions | Study, measure: str = "") -> Signposts:
    """What to watch: for each figure still to be reported, how far it can be expected to move a measure, and to where.

    measure : by default the chance of the target, or where that is in no doubt the P50 of its outcome
    """
    from model.api import _study
    from model.simulation.reading import reading
    from model.studies.reports.signposts import default_reading
    from model.studies.reports.signposts import signposts as run

    kept = _study(of)
    return run(kept.made, reading(measure, kept.assumptions, kept.business) if measure else default_reading(kept.made))


def view(of: Assumptions | Study, *views: str) -> Viewed:
    """The forecast under views, by the least change of its draws' weights (entropy pooling): no conditioning, a what-if.

    views : `chance=30%`, `ev.deliveries:p50=480_000`, `ev.gross_margin:mean<=0.2`; all hold at once

    Raises InputError for what is no view, for views that no draws meet, and where too few draws would count.
    """
    from model.api import _study
    from model.simulation.posterior import views as pooling

    kept = _study(of)
    return pooling.pool(kept.made, pooling.views_of(views, kept.assumptions, kept.business))


def _xiaomi() -> Business:
    from model.xiaomi.business import XIAOMI

    return XIAOMI
