"""Scenario forecasting of Xiaomi: assumption files in, distributions out.

In a notebook:

    import model
    f = model.forecast()                         # today's: given what was reported and became known
    f.chance(">=420_000")                        # P(deliveries >= 420,000) and its simulation error
    f.metric("group.eps:p50")                    # any measure
    f.tornado()                                  # which assumptions move it; shows itself as a table
    f.solve(">=450_000")                         # what would have to be true
    f.compare("price_war")                       # beside a scenario, on the same draws
    f.figures.deliveries                         # a matplotlib figure

A scenario: `model.forecast(scenarios="price_war", sets="ev.lines.yu7.orders.scale=0.8")`; another day: `as_of="2026-06-01"`; the base
case before any report: `as_of="base"`.
A function of one's own: `model.simulate(model.from_dict({...}), function)`, see `model.simulate`.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from model._moved import Finder
from model._version import __version__
from model.errors import InputError, near

if TYPE_CHECKING:  # one line a module of `_NAMES` below
    from model.api.ask import *  # noqa: F403
    from model.api.forecast import *  # noqa: F403
    from model.api.one_forecast import *  # noqa: F403
    from model.api.publish import *  # noqa: F403
    from model.api.report import *  # noqa: F403
    from model.api.track import *  # noqa: F403
    from model.assumptions.assumption import Assumptions as Assumptions
    from model.assumptions.load import from_dict as from_dict
    from model.assumptions.resolve import base_day as base_day
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
    "model.api.forecast": "at_hand chance condition day_of from_here load outside reports_of simulate study within",
    "model.api.ask": "bridge compare diff equal_chance explain first_look kept_revision learned news news_of signposts solve sweep tornado value "
    "variance view",
    "model.api.publish": "ALL_FIGURES Memo Run check draw_figures memo new run selftest ship show verify",
    "model.api.track": "freeze made_again record score write_record",
    "model.api.one_forecast": "Forecast forecast",
    "model.api.report": "Report report take_back",
    "model.assumptions.assumption": "Assumptions",
    "model.assumptions.load": "from_dict",
    "model.assumptions.resolve": "base_day",
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
    hint = (
        ""
        if name.startswith("_")
        else f". {near(name, __all__) or 'model.forecast() has every question of today: f.chance, f.tornado, f.solve, ...'}"
    )
    raise AttributeError(f"module 'model' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted(__all__)


sys.meta_path.insert(0, Finder())
