"""Modules that notebooks imported under other names, up to version 0.2.0: they are still found, with a warning that names the new one.

Whatever a notebook needs has a name of `model` itself, which does not move.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "model.assumptions.loading": "model.assumptions.load",
    "model.simulation.posterior": "model.inference",
    "model.simulation.posterior.condition": "model.inference.condition",
    "model.simulation.posterior.observation": "model.simulation.observation",
    "model.track_record": "model.evaluation",
    "model.track_record.hub": "model.evaluation.hub_table",
    "model.track_record.register": "model.evaluation.register",
    "model.track_record.scores": "model.evaluation.scores",
}


class Finder(MetaPathFinder, Loader):
    """Find a module by its former name."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Return a spec for a name that moved."""
        return ModuleSpec(name, self) if name in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module under its new name."""
        new = MOVED[spec.name]
        warnings.warn(f"{spec.name} is called {new} now", FutureWarning, stacklevel=2)
        module = importlib.import_module(new)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is, its own spec in place again."""
        if module.__spec__ is not None:
            module.__spec__ = module.__spec__.loader_state
