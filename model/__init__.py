"""Scenario forecasting of Xiaomi: assumption files in, distributions out.

In a notebook:

    import model
    base = model.load()                          # assumptions.toml in the current folder
    result = model.simulate(base)
    result.chance()                              # P(deliveries >= 550,000) and its simulation error
    model.tornado(base)                          # which assumptions move it; shows itself as a table
    model.figures.draw("deliveries", result)     # a matplotlib figure

A scenario: `model.load(scenarios=["price_war"], sets=["ev.lines.yu7.orders=25_000"])`.
A function of one's own: `model.simulate(model.from_dict({...}), function)`, see `model.simulate`.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from model._moved import Finder
from model._version import __version__
from model.errors import InputError

if TYPE_CHECKING:  # one line a module of `_NAMES` below
    from model.api.ask import *  # noqa: F403
    from model.api.forecast import *  # noqa: F403
    from model.api.publish import *  # noqa: F403
    from model.api.track import *  # noqa: F403
    from model.assumptions.assumption import Assumptions as Assumptions
    from model.assumptions.load import from_dict as from_dict
    from model.evaluation.hub_table import LEVELS as LEVELS
    from model.evaluation.scores import wis as wis
    from model.reporting.figures import drawing as figures  # noqa: F401
    from model.simulation import measures as measures
    from model.simulation.business import Business as Business
    from model.simulation.measures import Measure as Measure
    from model.simulation.observation import Observation as Observation
    from model.simulation.result import Result as Result
    from model.simulation.sampling.draws import Draws as Draws

_NAMES = {
    "model.api.forecast": "at_hand chance condition from_here load outside reports_of ship simulate study within",
    "model.api.ask": "bridge compare diff equal_chance explain first_look learned news signposts solve sweep tornado value "
    "variance view",
    "model.api.publish": "ALL_FIGURES Memo Run check draw_figures memo new run selftest show verify",
    "model.api.track": "freeze made_again record score write_record",
    "model.assumptions.assumption": "Assumptions",
    "model.assumptions.load": "from_dict",
    "model.evaluation.hub_table": "LEVELS",
    "model.evaluation.scores": "wis",
    "model.simulation.business": "Business",
    "model.simulation.measures": "Measure",
    "model.simulation.observation": "Observation",
    "model.simulation.result": "Result",
    "model.simulation.sampling.draws": "Draws",
}
_WHERE = {name: module for module, names in _NAMES.items() for name in names.split()}
_MODULES = {"figures": "model.reporting.figures.drawing", "measures": "model.simulation.measures"}
__all__ = ["InputError", "__version__", *_MODULES, *_WHERE]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Import functions, types and modules when first used, so that nothing waits for what it does not need."""
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'model' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


sys.meta_path.insert(0, Finder())
