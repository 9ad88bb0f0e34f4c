"""The public interface, continued: cases set against one another, and questions to a tolerance. Xiaomi is the business where none is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.api import BASE, DRAWS, SEED, _xiaomi, load, simulate, study
from model.errors import InputError, Problem

if TYPE_CHECKING:
    from model.assumptions.assumption import Assumptions
    from model.simulation.business import Business, Function
    from model.simulation.outside import OutsideView
    from model.simulation.result import Result
    from model.simulation.sampling.tolerance import Within
    from model.studies.bridge import Bridge
    from model.studies.comparison import Comparison
    from model.studies.study import Study

__all__ = ["bridge", "compare", "diff", "outside", "within"]


def within(
    assumptions: Assumptions,
    tolerance: str,
    ask: str | Callable[[Study], Any] = "chance",
    business: Business | Function | None = None,
    *,
    seed: int = SEED,
) -> Within[Any]:
    """A measure, or a question to a study, with as many draws as it takes until the error of all that it measures is within a tolerance.

    tolerance : 0.1pp (of a chance or share), 0.05% (of the value), or, of anything else, a number in its unit: half of a 95% interval
    ask : `chance`, OUTCOME:p10, OUTCOME>=NUMBER; or a function of a study: `lambda study: model.tornado(study)`

    A chance for which the draws of a run would not do is taken by preintegration, a third to a twentieth of the work
    (`benchmarks/chance.py`); in a study chances are counted, since a point of it costs less than a search. What comes back has
    `.found`, `.draws`, `.error`, `.what` (the measure), `.apart` (by preintegration) and `.lines()`. Raises InputError where a million draws would not do, and for
    assumptions of a day by which something was reported: the draws of a posterior cannot be extended.

    >>> import model
    >>> a = model.from_dict({"x": {"mean": 0, "sd": 1}, "y": {"mean": 0, "sd": 1}})
    >>> model.within(a, "0.02", "z", lambda d: {"z": d["x"] * d["y"] + d["x"] ** 2}).draws
    8192
    """
    from model.learning import reports_of
    from model.simulation.business import business_of
    from model.simulation.preintegration import chance as preintegrated
    from model.simulation.reading import reading
    from model.simulation.sampling.tolerance import FLOOR, Tolerance
    from model.simulation.sampling.tolerance import within as run
    from model.simulation.simulate import simulate
    from model.studies.study import Study

    known, size = business_of(business or _xiaomi()), Tolerance.named(tolerance)
    if reports_of(assumptions, known):
        what = "the draws of a forecast given reports are not extended"
        raise InputError(Problem(what, "Leave --tolerance out, or --as-of", path="--tolerance"))

    def answered(draws: int) -> tuple[Any, Any]:
        answer = ask(Study(assumptions, known, draws=draws, seed=seed))  # type: ignore[operator]
        return answer, answer.measures

    if not isinstance(ask, str):
        return run(size, answered)
    measure = reading(ask, assumptions, known)

    def drawn(draws: int) -> tuple[Any, Any]:
        found = simulate(assumptions, known, draws=draws, seed=seed, outcomes=[measure.outcome]).measure(measure)
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
    """The forecast (or a result of one) beside what happened to others in the same position, at each weight of a class.

    prior : of a day by which something was reported too: an outside view is set beside the forecast before any report

    Raises InputError for assumptions of such a day without it.
    """
    from model.learning import reports_of
    from model.simulation.outside import outside_view
    from model.simulation.result import Result

    if not isinstance(of, Result) and not prior and reports_of(of, business or _xiaomi()):
        what = f"by {of.about.as_of} something was reported, and an outside view is set beside the forecast before any report"
        raise InputError(Problem(what, "model.outside(..., prior=True)", path="outside"))
    return outside_view(of if isinstance(of, Result) else simulate(of, business, draws=draws, seed=seed, prior=True))


def compare(
    *cases: Assumptions,
    business: Business | None = None,
    draws: int | None = None,
    seed: int = SEED,
    first: str = "",
    tell: Callable[[str, float], None] = lambda *_: None,
) -> Comparison:
    """Cases side by side on the same draws; the first is what the others are set against; the rest as of `study`."""
    from model.reporting.desk import desk_of
    from model.studies.comparison import Comparison

    known = business or _xiaomi()
    results = [study(case, known, draws=draws, seed=seed, first=first, tell=tell).made for case in cases]
    return Comparison(results, desk_of(known).rows)


def bridge(
    old: Assumptions,
    new: Assumptions,
    measure: str = "chance",
    *,
    business: Business | Function | None = None,
    draws: int | None = None,
    seed: int = SEED,
    first: str = "",
    tell: Callable[[str, float], None] = lambda *_: None,
) -> Bridge:
    """From one case to another: what each change does to a measure (Shapley over the changes, same draws).

    first, tell : as of `study`, where something was reported by the new case's day: then the changes hold from here on
    """
    from model.learning import reports_of
    from model.simulation.business import business_of
    from model.simulation.reading import reading
    from model.studies.bridge import bridge as run

    known = business_of(business or _xiaomi())
    what, size = reading(measure, old, known), DRAWS if draws is None else draws
    if not reports_of(new, known):
        if reports_of(old, known):
            problem = f"by {old.about.as_of} something was reported, by {new.about.as_of} nothing"
            raise InputError(Problem(problem, "model.news(...) goes from one day to another", path="bridge"))
        return run(old, new, known, what, draws=size, seed=seed)
    studies = [study(case, known, draws=draws, seed=seed, first=first, tell=tell) for case in (old, new)]
    one, other = (s.assumptions for s in studies)
    return run(one, other, known, what, make=studies[1].under)


def diff(revision: str, measure: str = "chance", *, base: str | Path = BASE, scenarios: Sequence[str] = (), draws: int | None = None, seed: int = SEED) -> Bridge:  # fmt: skip
    """What changed in Xiaomi's assumption files since a git revision (HEAD, main, a tag), and what each change does."""
    from model.assumptions.previous import of_revision

    now = load(base, scenarios)
    return bridge(of_revision(Path(base), revision, scenarios, units=now.units), now, measure, draws=draws, seed=seed)
