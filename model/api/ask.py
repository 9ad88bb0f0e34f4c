"""Questions to a forecast: give assumptions, or a `study` of them whose draws are then used again.

What is returned shows itself as a table, and has `lines()`, `table()` and `frame()` (pandas). Where a question takes
`workers`, `cache` and `progress`, they share the work out, keep measures from one time to the next, and are told of each step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.api.forecast import (
    BASE,
    business_or_xiaomi,
    condition,
    from_here,
    inputs_of,
    load,
    metric_of,
    reports_of,
    study,
    study_of,
)
from model.assumptions.resolve import base_day, before_updates
from model.errors import InputError, Problem
from model.simulation.defaults import DRAWS, POSTERIOR_DRAWS, SEED
from model.simulation.tell import Tell, silent

if TYPE_CHECKING:
    import datetime as dt

    from model.assumptions.assumption import Assumptions
    from model.inference.posterior import Posterior
    from model.inference.views import Viewed
    from model.simulation.business import Business, Function
    from model.simulation.metric import Metric
    from model.simulation.observation import Observation
    from model.simulation.parallel import Workers
    from model.simulation.result import Result
    from model.studies.bridge import Bridge
    from model.studies.cache import MeasureCache
    from model.studies.comparison import Comparison
    from model.studies.evaluate import Progress
    from model.studies.explain import Explanation
    from model.studies.learned import Learned
    from model.studies.required_values import EqualChance, Solution
    from model.studies.resolved_variance import ResolvedVariance
    from model.studies.revision import Revision
    from model.studies.signposts import Signposts
    from model.studies.study import Study
    from model.studies.sweep import Sweep
    from model.studies.tornado import FirstLook, Tornado
    from model.studies.variance import Variance
    from model.xiaomi.report.implied_value import Implied


def tornado(
    of: Assumptions | Study,
    measure: str = "",
    *,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Tornado:
    """Compute how far each assumption moves a measure, held at its P10 and at its P90 while all others vary.

    measure : `chance` (of the target), OUTCOME, OUTCOME:p10, OUTCOME@PERIOD:mean, OUTCOME>=NUMBER, >=NUMBER; by default the
        chance of the target, or where that is in no doubt the P50 of its outcome

    >>> import model
    >>> a = model.from_dict({"price": {"mean": 10, "sd": 2}, "cars": {"mean": 3, "sd": 0.1}})
    >>> found = model.tornado(model.study(a, lambda d: {"revenue": d["price"] * d["cars"]}, draws=2048), "revenue")
    >>> [bar.path for bar in found]
    ['price', 'cars']
    """
    from model.studies.tornado import tornado as run

    kept = study_of(of)
    return run(kept, metric_or_default(kept, measure), workers=workers, cache=cache, progress=progress)


def metric_or_default(kept: Study, measure: str) -> Metric:
    """The measure that is named; by default the chance of the target, or where that is in no doubt the P50 of its outcome."""
    from model.studies.signposts import default_metric

    return metric_of(kept, measure) if measure else default_metric(kept.made)


def first_look(of: Assumptions | Study, measure: str = "") -> FirstLook:
    """Compute the same from the draws as they are, without new runs; correlated assumptions carry each other."""
    from model.studies.tornado import first_look as run

    kept = study_of(of)
    return run(kept, metric_or_default(kept, measure))


def sweep(
    of: Assumptions | Study,
    *axes: str,
    measures: Sequence[str] = (),
    latin: int | None = None,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Compute measures along a line, over a grid, or at `latin` points of a Latin hypercube, all on the same draws.

    axes : PATH[.KEY]=FROM:TO:N or PATH[.KEY]=A,B,C with KEY value, p50, quantile, shift or scale; with `latin` FROM:TO; or
    the name of a sweep in scenarios/sweeps/, which says all of it

    Raises InputError with all that is wrong with them.
    """
    from model.studies.sweep import sweep as run
    from model.studies.sweep_file import planned

    kept = study_of(of)
    asked = measures or (metric_or_default(kept, "").text,)
    plan = planned(kept.assumptions, kept.business, axes, asked, latin=latin, seed=kept.seed)
    return run(kept, plan, workers=workers, cache=cache, progress=progress)


def solve(
    of: Assumptions | Study,
    *paths: str,
    chance: float = 0.5,
    measure: str = "chance",
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Find what would have to be true: the P50 of each assumption (by default of all) at which the target has this chance.

    measure : `chance` (of the target), or OUTCOME>=NUMBER
    """
    from model.reporting.report_spec import spec_of
    from model.studies.in_reach import chances_in_reach
    from model.studies.solve import solve as run

    kept = study_of(of)
    what = metric_of(kept, measure)
    found = run(kept, what, chance, paths or None, workers=workers, cache=cache, progress=progress)
    target = kept.assumptions.target
    if found.can or (what.outcome, what.period) != (target.outcome, target.period):
        return found
    said = [*spec_of(kept.business).pace_to(kept.made, what.target), *chances_in_reach(kept.made)]
    return dataclasses.replace(found, context=said)


def equal_chance(
    of: Assumptions | Study,
    one: str,
    other: str,
    *,
    chance: float = 0.5,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> EqualChance:
    """Find the pairs of P50s of two assumptions that give the target this chance."""
    from model.studies.solve import equal_chance as run

    kept = study_of(of)
    what = metric_of(kept, "chance")
    return run(kept, what, chance, one, other, workers=workers, cache=cache, progress=progress)


def value(
    of: Assumptions | Study,
    *,
    workers: Workers | None = None,
    cache: MeasureCache | None = None,
    progress: Progress | None = None,
) -> Implied:
    """Find what must be true of deliveries, margin and multiples for today's price of the share, and what single assumptions would have to be.

    Raises InputError where the run has no value: it takes a horizon beyond the first year (`model.load(to="2030-12")`).
    """
    import importlib

    from model.reporting.report_spec import spec_of

    kept = study_of(of)
    module = spec_of(kept.business).studies.get("value")
    if module is None:
        raise InputError(Problem("this business has no value"))
    found: Implied = importlib.import_module(module).implied(kept, workers=workers, cache=cache, progress=progress)
    return found


def variance(
    of: Assumptions | Study,
    measure: str | None = None,
    *,
    by: str = "assumption",
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Variance | ResolvedVariance:
    """Compute what the spread of an outcome is made of: Shapley effects, and Sobol indices where they mean something.

    Given what was reported, where assumptions are tied to one another: what knowing each by itself would resolve.
    measure : an outcome (by default the target's), or a chance: hit or miss; by : assumption, table, segment or evidence (before
        any report)
    """
    from model.studies.resolved_variance import resolved_variance
    from model.studies.variance import variance as run

    kept = study_of(of)
    target = kept.assumptions.target
    what = metric_of(kept, measure or f"{target.outcome}@{target.period}")
    if kept.posterior is None:
        return run(kept, what, by=by, workers=workers, progress=progress)
    if by != "assumption":
        tied = f"by {by}: reports tie assumptions to one another"
        raise InputError(Problem(tied, "--as-of base, or leave --by out", path="--by"))
    return resolved_variance(kept, what)


def explain(of: Assumptions | Study, measure: str = "") -> Explanation:
    """Say why a miss, why a hit: what binds, and what the draws that miss have in common.

    measure : a chance, `chance` (of the target), OUTCOME>=NUMBER, >=NUMBER; by default of the target, or where that is in no doubt
        of a round number that is in reach
    """
    from model.reporting.report_spec import spec_of
    from model.studies.explain import explain as explained
    from model.studies.explain import hits
    from model.studies.in_reach import chance_in_doubt

    kept = study_of(of)
    result = kept.made
    what = metric_of(kept, measure) if measure else chance_in_doubt(result)
    if what.statistic != "chance":
        raise InputError(
            Problem(f"'{measure}' is no chance", "OUTCOME>=NUMBER: a draw is a hit or a miss", path="--measure")
        )
    hit = hits(result, what)
    context = spec_of(kept.business).context(result, hit) if hit.any() and not hit.all() else []
    return explained(kept, result, what, context)


def compare(
    *cases: Assumptions,
    business: Business | None = None,
    draws: int | None = None,
    seed: int = SEED,
    from_month: str = "",
    tell: Tell = silent,
) -> Comparison:
    """Set cases side by side on the same draws; the first is what the others are set against; the rest as of `study`."""
    known = business_or_xiaomi(business)
    results = [study(case, known, draws=draws, seed=seed, from_month=from_month, tell=tell).made for case in cases]
    return side_by_side(results, known)


def side_by_side(results: Sequence[Result], business: Business) -> Comparison:
    """Set results that are there side by side; the first is what the others are set against."""
    from model.reporting.report_spec import spec_of
    from model.studies.comparison import Comparison, rows_in_doubt

    return Comparison(results, rows_in_doubt(results, spec_of(business).rows))


def bridge(
    old: Assumptions,
    new: Assumptions,
    measure: str = "",
    *,
    business: Business | Function | None = None,
    draws: int | None = None,
    seed: int = SEED,
    from_month: str = "",
    tell: Tell = silent,
) -> Bridge:
    """Bridge from one case to another: what each change does to a measure (Shapley over the changes, same draws).

    from_month, tell : as of `study`, where something was reported by the new case's day: then the changes hold from here on
    """
    from model.simulation.metric import metric
    from model.studies.bridge import bridge as run

    known = business_or_xiaomi(business)
    size = DRAWS if draws is None else draws
    if not reports_of(new, known):
        what = metric(measure or "chance", old, known)
        if reports_of(old, known):
            problem = f"by {old.about.as_of} something was reported, by {new.about.as_of} nothing"
            raise InputError(Problem(problem, "model.news(...) goes from one day to another", path="bridge"))
        return run(old, new, known, what, draws=size, seed=seed)
    studies = [study(case, known, draws=draws, seed=seed, from_month=from_month, tell=tell) for case in (old, new)]
    one, other = (s.assumptions for s in studies)
    what = metric_or_default(studies[0], measure)
    return run(one, other, known, what, make=studies[1].under)


def diff(
    revision: str,
    measure: str = "",
    *,
    base: str | Path = BASE,
    scenarios: Sequence[str] = (),
    draws: int | None = None,
    seed: int = SEED,
) -> Bridge:
    """Bridge from the assumption files of a git revision (HEAD, main, a tag) to those of today: what each change does."""
    from model.assumptions.snapshot import of_revision

    now = load(base, scenarios, as_of="base")
    return bridge(of_revision(Path(base), revision, scenarios, units=now.units), now, measure, draws=draws, seed=seed)


def news(
    since: dt.date | str,
    until: dt.date | str = "latest",
    *,
    base: str | Path = BASE,
    business: Business | None = None,
    by_kind: bool = False,
    draws: int = POSTERIOR_DRAWS,
    seed: int = SEED,
    tell: Tell = silent,
) -> Revision:
    """Go from the forecast of one day to that of another: what each report and each update did, in order.

    by_kind : the parts of updates, of reports of the target's outcome and of other reports too (Shapley): six posteriors more

    Raises InputError for days in the wrong order, and all that is wrong with assumptions, updates and data.
    """
    from model.assumptions.load import load as read
    from model.inference.as_of import day_named

    known = business_or_xiaomi(business)
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
    draws: int = POSTERIOR_DRAWS,
    seed: int = SEED,
    fresh: bool = False,
    tell: Tell = silent,
) -> Revision:
    """Do the same to the day of assumptions that are loaded already (`model.load(as_of=...)`)."""
    from model.inference import store
    from model.studies.revision import revision as run

    known = business_or_xiaomi(business)
    already = None if by_kind or fresh else kept_revision(later, since, business=known, draws=draws, seed=seed)
    if already is not None:
        return already

    def make(assumptions: Assumptions, reports: Sequence[Observation], day: dt.date, size: int) -> Posterior:
        return condition(assumptions, day, observations=reports, business=known, draws=size, seed=seed, tell=tell)

    found = run(
        before_updates(later), known, since, later.about.as_of, make=make, draws=draws, seed=seed, by_kind=by_kind
    )
    if since == base_day(later):
        path = [("", found.start), *((step.what, step.after) for step in found.steps)]
        store.keep_revision(inputs_of(later, known, draws=draws, seed=seed), path)
    return found


def kept_revision(
    later: Assumptions,
    since: dt.date,
    *,
    business: Business | None = None,
    draws: int = POSTERIOR_DRAWS,
    seed: int = SEED,
) -> Revision | None:
    """Look up the same where it was computed before or came with a release: from the base case's day on; else None."""
    from model.studies.revision import kept

    known = business_or_xiaomi(business)
    if since != base_day(later):
        return None
    return kept(later, inputs_of(later, known, draws=draws, seed=seed))


def learned(of: Assumptions | Study) -> Learned:
    """Say what was learned of each assumption, the most informative first: before the reports, and given them."""
    from model.assumptions.assumption import Assumptions
    from model.studies.learned import learned as run

    return run(from_here(of) if isinstance(of, Assumptions) else of)


def signposts(of: Assumptions | Study, measure: str = "") -> Signposts:
    """Say what to watch: for each figure still to be reported, how far it can be expected to move a measure, and to where.

    measure : by default the chance of the target, or where that is in no doubt the P50 of its outcome
    """
    from model.studies.signposts import signposts as run

    kept = study_of(of)
    return run(kept.made, metric_or_default(kept, measure))


def view(of: Assumptions | Study, *views: str) -> Viewed:
    """Reweight the draws to meet views, by the least change of their weights (entropy pooling): no conditioning, a what-if.

    views : `chance=30%`, `ev.deliveries:p50=480_000`, `ev.gross_margin:mean<=0.2`; all hold at once

    Raises InputError for what is no view, for views that no draws meet, and where too few draws would count.
    """
    from model.inference import views as pooling

    kept = study_of(of)
    found = pooling.pool(kept.made, pooling.views_of(views, kept.assumptions, kept.business))
    scores = {p: kept.normal_score(p) for p, a in kept.assumptions.entries.items() if a.distribution.uncertain}
    return dataclasses.replace(found, moved=pooling.moved(found, scores))
