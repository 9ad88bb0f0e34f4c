"""Studies by the name that a figure carries, so that it can be made again."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

MODULES = {
    "bridge": "model.studies.bridge",
    "learned": "model.studies.learned",
    "resolved_variance": "model.studies.resolved_variance",
    "revision": "model.studies.revision",
    "signposts": "model.studies.signposts",
    "solve": "model.studies.solve",
    "sweep": "model.studies.sweep",
    "tornado": "model.studies.tornado",
    "variance": "model.studies.variance",
}
RENAMED = {"reports.news": "revision", "reports.learned": "learned", "reports.signposts": "signposts"}


def module_of(name: str, own: Mapping[str, str]) -> Any:
    """Return the module whose `again(study, recipe)` makes a study again; KeyError for a name that no version had.

    own : studies of the business alone, name -> module
    """
    return importlib.import_module({**MODULES, **own}[RENAMED.get(name, name)])
