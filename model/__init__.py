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
from typing import TYPE_CHECKING, Any

from model import api, cases, documents, learning, records
from model.api import *  # noqa: F403  the public interface, each part with its own list of names
from model.cases import *  # noqa: F403
from model.documents import *  # noqa: F403
from model.errors import InputError
from model.learning import *  # noqa: F403
from model.records import *  # noqa: F403

if TYPE_CHECKING:
    from model.assumptions.assumption import Assumptions as Assumptions
    from model.assumptions.loading import from_dict as from_dict
    from model.reporting import figures as figures
    from model.simulation import measures as measures
    from model.simulation.business import Business as Business
    from model.simulation.measures import Measure as Measure
    from model.simulation.result import Result as Result
    from model.simulation.sampling.draws import Draws as Draws

__version__ = "0.2.0"

_WHERE = {
    "from_dict": "model.assumptions.loading",
    "Assumptions": "model.assumptions.assumption",
    "Business": "model.simulation.business",
    "Draws": "model.simulation.sampling.draws",
    "Measure": "model.simulation.measures",
    "Result": "model.simulation.result",
}
_MODULES = {"figures": "model.reporting.figures", "measures": "model.simulation.measures"}
_PARTS = (*api.__all__, *cases.__all__, *documents.__all__, *learning.__all__, *records.__all__)
__all__ = ["InputError", "__version__", *_MODULES, *_WHERE, *_PARTS]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Types and modules are imported when first used, so that nothing waits for what it does not need."""
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'model' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
