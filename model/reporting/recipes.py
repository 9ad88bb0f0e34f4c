"""A study asked for again: from the recipe that its figure carries to the table that it makes now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from model.assumptions import previous
from model.errors import InputError, Problem
from model.files.tables import Table
from model.reporting.desk import desk_of
from model.simulation.reading import reading, target_reading
from model.simulation.simulate import simulate
from model.studies.bridge import bridge
from model.studies.explain import explain
from model.studies.solve import equal_chance, solve
from model.studies.study import Study
from model.studies.sweep import Axis, plan, sweep
from model.studies.tornado import tornado
from model.studies.variance import variance

Recipe = Mapping[str, Any]


def table_of(recipe: Recipe, study: Study, beside: Mapping[str, Any]) -> Table:
    """The table that a recipe makes on a study's draws.

    beside : what stands beside the recipe: of a bridge, the inputs it comes from

    Raises InputError for a recipe of another version.
    """
    try:
        make = STUDIES[recipe["study"]]
        return make(recipe, study, beside)
    except (KeyError, TypeError) as error:
        raise InputError(Problem(f"was made by a study that this version does not know ({error})")) from None


def _tornado(recipe: Recipe, study: Study, _: Recipe) -> Table:
    return tornado(study, reading(recipe["measure"], study.assumptions, study.business)).table()


def _variance(recipe: Recipe, study: Study, _: Recipe) -> Table:
    what = reading(recipe["measure"], study.assumptions, study.business)
    return variance(study, what, by=recipe["by"]).table()


def _solve(recipe: Recipe, study: Study, _: Recipe) -> Table:
    return solve(study, target_reading(study.assumptions), recipe["chance"], recipe["paths"]).table()


def _equal_chance(recipe: Recipe, study: Study, _: Recipe) -> Table:
    what, points = target_reading(study.assumptions), recipe["points"]
    return equal_chance(study, what, recipe["chance"], *recipe["paths"], points=points).table()


def _sweep(recipe: Recipe, study: Study, _: Recipe) -> Table:
    axes = [Axis(axis["path"], axis["key"], tuple(axis["numbers"])) for axis in recipe["axes"]]
    readings = [reading(text, study.assumptions, study.business) for text in recipe["measures"]]
    return sweep(study, plan(axes, readings, study.assumptions, latin=recipe["latin"], seed=study.seed)).table()


def _bridge(recipe: Recipe, study: Study, beside: Recipe) -> Table:
    then = previous.of_manifest(beside["from"], study.assumptions)
    if then is None:
        raise KeyError("from")
    then = then.replace(scenario=beside["from"]["scenario"])
    what = reading(recipe["measure"], then, study.business)
    return bridge(then, study.assumptions, study.business, what, draws=study.size, seed=study.seed).table()


def _explain(_: Recipe, study: Study, __: Recipe) -> Table:
    result = simulate(study.assumptions, study.business, draws=study.size, seed=study.seed)
    return explain(study, result, desk_of(study.business).context(result)).table()


STUDIES: Mapping[str, Callable[[Recipe, Study, Recipe], Table]] = {
    "tornado": _tornado,
    "variance": _variance,
    "solve": _solve,
    "equal_chance": _equal_chance,
    "sweep": _sweep,
    "bridge": _bridge,
    "explain": _explain,
}
