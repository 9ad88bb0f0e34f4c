"""The public interface: what a notebook needs, each command of the command line a thin shell over one of these.

Where `of` is asked for, give assumptions, or a `study` of them whose draws are then used again. Where no business is
given it is Xiaomi. What comes back shows itself as a table, and has `lines()`, `table()` and `frame()` (pandas).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.errors import InputError, Problem

if TYPE_CHECKING:
    import datetime as dt

    from model.assumptions.assumption import Assumptions
    from model.simulation.business import Business, Function
    from model.simulation.measures import Measure
    from model.simulation.result import Result
    from model.studies.explain import Explanation
    from model.studies.required import EqualChance, Solution
    from model.studies.study import Study
    from model.studies.sweep import Sweep
    from model.studies.tornado import FirstLook, Tornado
    from model.studies.variance import Variance

__all__ = [
    "chance",
    "equal_chance",
    "explain",
    "first_look",
    "load",
    "simulate",
    "solve",
    "study",
    "sweep",
    "tornado",
    "value",
    "variance",
]
DRAWS, SEED = 32_768, 2026
BASE = "assumptions.toml"


def load(
    base: str | Path = BASE,
    scenarios: Sequence[str | Path] = (),
    sets: Sequence[str] = (),
    *,
    as_of: dt.date | str | None = None,
    to: str | None = None,
    business: Business | None = None,
) -> Assumptions:
    """The base case, under scenarios (names in scenarios/ beside it, or files) and what-ifs (PATH=VALUE), checked.

    as_of : with what updates/ says was known by that day, or by "latest"; by default the base case's own day
    to : the last month of the run, a December: "2030-12"; beyond the first year with the numbers of beyond.toml

    Raises InputError with every problem found, each with file and line, those included that only the business can see.
    """
    from model.assumptions.loading import load as read
    from model.simulation.audit import checked

    known = business or _xiaomi()
    day = None
    if as_of is not None:
        from model.simulation.posterior.known import day_named

        day = day_named(as_of, read(base, units=known.units), known)
    return checked(read(base, scenarios, sets, as_of=day, to=to, units=known.units), known, Path(base))


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
    from model.learning import reports_of
    from model.simulation.business import business_of
    from model.simulation.simulate import BLOCK
    from model.simulation.simulate import simulate as run

    known = business_of(business or _xiaomi())
    if not prior and reports_of(assumptions, known):
        if outcomes is not None or block is not None:
            what = f"by {assumptions.about.as_of} something was reported, which speaks of all outcomes"
            raise InputError(
                Problem(what, "model.simulate(...) without them, or with prior=True", path="outcomes, block")
            )
        return study(assumptions, known, draws=draws, seed=seed).shown
    size = DRAWS if draws is None else draws
    return run(assumptions, known, draws=size, seed=seed, outcomes=outcomes, block=block or BLOCK)


def study(
    assumptions: Assumptions,
    business: Business | Function | None = None,
    *,
    draws: int | None = None,
    seed: int = SEED,
    first: str = "",
    tell: Callable[[str, float], None] = lambda *_: None,
) -> Study:
    """One set of draws, kept: give it to several questions in the place of the assumptions, and they are quicker.

    Where something was reported by the assumptions' day (`model.load(as_of=...)`) the draws are those of the forecast given
    that, and what is asked holds `from_here`: from the month `first` on, by default the first that has not begun.
    draws : 32,768, or 16,384 given what was reported; tell : called with a word on where the work is, and its share that is done
    """
    from model.learning import DRAWS as GIVEN
    from model.learning import from_here, reports_of
    from model.simulation.business import business_of
    from model.studies.study import Study

    known = business_of(business or _xiaomi())
    if reports_of(assumptions, known):
        size = GIVEN if draws is None else draws
        return from_here(assumptions, first, business=known, draws=size, seed=seed, tell=tell)
    if first:
        raise InputError(
            Problem(f"nothing was reported by {assumptions.about.as_of}: the year is open as a whole", path="--from")
        )
    return Study(assumptions, known, draws=DRAWS if draws is None else draws, seed=seed)


def tornado(of: Assumptions | Study, measure: str = "chance", **how: Any) -> Tornado:
    """How far each assumption moves a measure, held at its P10 and at its P90 while all others vary.

    measure : `chance` (of the target), OUTCOME, OUTCOME:p10, OUTCOME@PERIOD:mean, OUTCOME>=NUMBER
    how : of the work, `workers`, `cache`, `progress`

    >>> import model
    >>> a = model.from_dict({"price": {"mean": 10, "sd": 2}, "cars": {"mean": 3, "sd": 0.1}})
    >>> found = model.tornado(model.study(a, lambda d: {"revenue": d["price"] * d["cars"]}, draws=2048), "revenue")
    >>> [bar.path for bar in found]
    ['price', 'cars']
    """
    from model.studies.tornado import tornado as run

    kept = _study(of)
    return run(kept, _reading(kept, measure), **how)


def first_look(of: Assumptions | Study, measure: str = "chance") -> FirstLook:
    """The same from the draws as they are, without new runs; correlated assumptions carry each other."""
    from model.studies.tornado import first_look as run

    kept = _study(of)
    return run(kept, _reading(kept, measure))


def sweep(
    of: Assumptions | Study, *axes: str, measures: Sequence[str] = ("chance",), latin: int | None = None, **how: Any
) -> Sweep:
    """Measures along a line, over a grid, or at `latin` points of a Latin hypercube, all on the same draws.

    axes : PATH[.KEY]=FROM:TO:N or PATH[.KEY]=A,B,C with KEY value, p50, quantile, shift or scale; with `latin` FROM:TO; or
    the name of a sweep in scenarios/sweeps/, which says all of it

    Raises InputError with all that is wrong with them.
    """
    from model.studies.sweep import sweep as run
    from model.studies.sweep_files import planned

    kept = _study(of)
    return run(kept, planned(kept.assumptions, kept.business, axes, measures, latin=latin, seed=kept.seed), **how)


def solve(of: Assumptions | Study, *paths: str, chance: float = 0.5, measure: str = "chance", **how: Any) -> Solution:
    """What would have to be true: the P50 of each assumption (by default of all) at which the target has this chance.

    measure : `chance` (of the target), or OUTCOME>=NUMBER
    """
    from model.studies.solve import solve as run

    kept = _study(of)
    return run(kept, _reading(kept, measure), chance, paths or None, **how)


def equal_chance(of: Assumptions | Study, one: str, other: str, *, chance: float = 0.5, **how: Any) -> EqualChance:
    """The pairs of P50s of two assumptions that give the target this chance."""
    from model.simulation.reading import target_reading
    from model.studies.solve import equal_chance as run

    kept = _study(of)
    return run(kept, target_reading(kept.assumptions), chance, one, other, **how)


def value(of: Assumptions | Study, **how: Any) -> Any:
    """What must be true of deliveries, margin and multiples for today's price of the share, and what single assumptions would have to be.

    Raises InputError where the run has no value: it takes a horizon beyond the first year (`model.load(to="2030-12")`).
    """
    import importlib

    from model.reporting.desk import desk_of

    kept = _study(of)
    module = desk_of(kept.business).studies.get("value")
    if module is None:
        raise InputError(Problem("this business has no value"))
    return importlib.import_module(module).implied(kept, **how)


def variance(of: Assumptions | Study, measure: str | None = None, *, by: str = "assumption", **how: Any) -> Variance:
    """What the spread of an outcome is made of: Shapley effects, and Sobol indices where they mean something.

    measure : an outcome (by default the target's), or a chance: hit or miss; by : assumption, table, segment or evidence
    """
    from model.studies.variance import variance as run

    kept = _study(of)
    target = kept.assumptions.target
    return run(kept, _reading(kept, measure or f"{target.outcome}@{target.period}"), by=by, **how)


def explain(of: Assumptions | Study) -> Explanation:
    """Why a miss, why a hit: what binds, and what the draws that miss the target have in common."""
    from model.reporting.desk import desk_of
    from model.studies.explain import explain as told
    from model.studies.explain import hits

    kept = _study(of)
    result = kept.made
    hit = hits(result)
    context = desk_of(kept.business).context(result) if hit.any() and not hit.all() else []
    return told(kept, result, context)


def chance(of: Assumptions | Study, measure: str = "chance", *, draws: int = 16_384) -> Measure:
    """A chance by preintegration: sharper than counting hits, above all far in the tail; unbiased, with its error."""
    from model.simulation.preintegration import chance as run

    kept = _study(of)
    if kept.posterior is not None:
        what = "preintegration draws the forecast as it stands without reports"
        raise InputError(Problem(what, "model.study(...).made.chance() counts the draws given them", path=kept.kind))
    return run(kept.assumptions, kept.business, _reading(kept, measure), draws=draws, seed=kept.seed)


def _study(of: Assumptions | Study) -> Study:
    from model.studies.study import Study

    return of if isinstance(of, Study) else study(of)


def _reading(of: Study, measure: str) -> Any:
    from model.simulation.reading import reading

    return reading(measure, of.assumptions, of.business)


def _xiaomi() -> Business:
    from model.xiaomi.business import XIAOMI

    return XIAOMI
