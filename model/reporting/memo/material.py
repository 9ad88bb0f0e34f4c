"""What a memo is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.inference.posterior import Posterior
from model.reporting.record.record import Record
from model.simulation.result import Result
from model.studies.comparison import Comparison
from model.studies.learned import Learned
from model.studies.required_values import Solution
from model.studies.revision import Revision
from model.studies.signposts import Signposts
from model.studies.tornado import Tornado


@dataclass(frozen=True)
class Taught:
    """What was reported, and what it taught."""

    posterior: Posterior
    news: Revision
    learned: Learned
    signposts: Signposts


@dataclass(frozen=True)
class Material:
    """What a memo is written from: one run, its studies, the scenarios beside it, its figures by name."""

    result: Result
    tornado: Tornado
    solution: Solution | None  # None where no assumption moves the chance
    comparison: Comparison
    pictures: Mapping[str, str]  # name -> alt text
    origin: Mapping[str, Any]
    taught: Taught | None = None  # what was reported, where it is given that
    record: Record | None = None  # how good the frozen forecasts were, where there are any
