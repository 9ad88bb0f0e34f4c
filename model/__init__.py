"""Scenario forecasting of Xiaomi: assumption files in, distributions out.

In a notebook:

    import model
    base = model.load()                          # assumptions.toml in the current folder
    result = model.simulate(base)
    result.chance()                              # P(deliveries >= 550,000) and its simulation error
    result.table()                               # the long table, a pandas data frame
    model.figures.draw("deliveries", result)     # a matplotlib figure

A scenario: `model.load(scenarios=["price_war"], sets=["ev.lines.yu7.orders=25_000"])`.
A function of one's own: `model.simulate(model.from_dict({...}), function)`, see `model.simulate`.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "load": "model.loading",
    "from_dict": "model.loading",
    "Assumptions": "model.assumptions",
    "simulate": "model.simulation",
    "audit": "model.simulation",
    "Draws": "model.draws",
    "Result": "model.result",
    "Measure": "model.measures",
    "InputError": "model.errors",
}
__all__ = [*_WHERE, "__version__", "figures", "measures", "smoothed"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that nothing waits for what it does not need."""
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    if name in ("figures", "measures", "smoothed"):
        return importlib.import_module(f"model.{name}")
    raise AttributeError(f"module 'model' has no attribute {name!r}")
