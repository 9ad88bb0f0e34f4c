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

from model.api import (
    bridge,
    chance,
    compare,
    diff,
    equal_chance,
    explain,
    first_look,
    load,
    simulate,
    solve,
    study,
    sweep,
    tornado,
    variance,
)
from model.documents import ALL_FIGURES, check, draw_figures, memo, new, run, selftest, show, verify
from model.errors import InputError

if TYPE_CHECKING:
    from model.assumptions.assumption import Assumptions
    from model.assumptions.loading import from_dict
    from model.reporting import figures
    from model.simulation import measures
    from model.simulation.business import Business
    from model.simulation.measures import Measure
    from model.simulation.result import Result
    from model.simulation.sampling.draws import Draws

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
__all__ = [
    "ALL_FIGURES",
    "Assumptions",
    "Business",
    "Draws",
    "InputError",
    "Measure",
    "Result",
    "__version__",
    "bridge",
    "chance",
    "check",
    "compare",
    "diff",
    "draw_figures",
    "equal_chance",
    "explain",
    "figures",
    "first_look",
    "from_dict",
    "load",
    "measures",
    "memo",
    "new",
    "run",
    "selftest",
    "show",
    "simulate",
    "solve",
    "study",
    "sweep",
    "tornado",
    "variance",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Types and modules are imported when first used, so that nothing waits for what it does not need."""
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'model' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
