"""The public interface, continued: cases set against one another. Xiaomi is the business where none is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.api import BASE, DRAWS, SEED, _xiaomi, load, study

if TYPE_CHECKING:
    from model.assumptions.assumption import Assumptions
    from model.simulation.business import Business, Function
    from model.studies.bridge import Bridge
    from model.studies.comparison import Comparison

__all__ = ["bridge", "compare", "diff"]


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
        return run(old, new, known, what, draws=size, seed=seed)
    studies = [study(case, known, draws=draws, seed=seed, first=first, tell=tell) for case in (old, new)]
    one, other = (s.assumptions for s in studies)
    return run(one, other, known, what, make=studies[1].under)


def diff(revision: str, measure: str = "chance", *, base: str | Path = BASE, scenarios: Sequence[str] = (), draws: int | None = None, seed: int = SEED) -> Bridge:  # fmt: skip
    """What changed in Xiaomi's assumption files since a git revision (HEAD, main, a tag), and what each change does."""
    from model.assumptions.previous import of_revision

    now = load(base, scenarios)
    return bridge(of_revision(Path(base), revision, scenarios, units=now.units), now, measure, draws=draws, seed=seed)
