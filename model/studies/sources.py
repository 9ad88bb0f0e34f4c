"""Sources of latents for a study: the net of a seed (the prior), or the draws of a posterior."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from model.assumptions.assumption import Assumptions
from model.errors import InputError, Problem
from model.inference.posterior import Posterior
from model.inference.posterior_draws import blocks_of, outcomes_of, scores_of, with_new
from model.simulation.business import Business, Function, business_of
from model.simulation.defaults import DRAWS, SEED
from model.simulation.outside_view import forecast
from model.simulation.result import Result
from model.simulation.sampling import digital_net
from model.simulation.sampling.common_random_numbers import KeptDraws
from model.simulation.sampling.latents import Net
from model.simulation.simulate import checked_draws, checked_seed, keep_memory
from model.studies.from_here import month_and_changes

BLOCK = 8192  # draws at a time: small enough that two processes do not wait for the memory


class Source:
    """Where a study's draws come from.

    given : what they are conditioned on, in words; posterior : whose draws they are
    replicate : (draw,) which replicate each belongs to
    """

    business: Business
    seed: int
    size: int
    replicate: np.ndarray
    given: str = ""
    posterior: Posterior | None = None

    def identity(self) -> list[Any]:
        """Return what measures on these draws are known by on disk, beside business, assumptions, size and seed."""
        return []

    def placed(self, assumptions: Assumptions, from_month: str) -> tuple[Assumptions, str | None]:
        """Return assumptions as they hold on these draws, and the month from which changes hold; None: from the first on."""
        raise NotImplementedError

    def blocks(self, assumptions: Assumptions, stream: str = "") -> list[KeptDraws]:
        """Return the draws, kept, a block at a time; `stream` : another, independent set."""
        raise NotImplementedError

    def result(self, assumptions: Assumptions, blocks: Sequence[KeptDraws]) -> Result:
        """Return all outcomes on these draws, all draws alike."""
        raise NotImplementedError

    def own(self, assumptions: Assumptions) -> Result | None:  # noqa: ARG002
        """Return the result that is there already as a run shows it, with its weights; None where there is none of these assumptions."""
        return None


class Prior(Source):
    """The net of a seed: draws before any report."""

    def __init__(self, business: Business | Function, *, draws: int = DRAWS, seed: int = SEED) -> None:
        """Raises InputError for draws or seed out of range."""
        self.business, self.seed, self.size = business_of(business), checked_seed(seed), checked_draws(draws)
        self.replicate = digital_net.replicate_of(self.size)
        keep_memory()

    def placed(self, assumptions: Assumptions, from_month: str) -> tuple[Assumptions, None]:
        if from_month:
            what = f"nothing was reported by {assumptions.about.as_of}: the year is open as a whole"
            raise InputError(Problem(what, path="--from"))
        return assumptions, None

    def blocks(self, assumptions: Assumptions, stream: str = "") -> list[KeptDraws]:
        nets = [
            Net(self.seed, n, min(n + BLOCK, self.size), salts=self.business.salts, stream=stream)
            for n in range(0, self.size, BLOCK)
        ]
        return [KeptDraws(assumptions, net) for net in nets]

    def result(self, assumptions: Assumptions, blocks: Sequence[KeptDraws]) -> Result:  # noqa: ARG002
        return forecast(assumptions, self.business, draws=self.size, seed=self.seed)


class FromPosterior(Source):
    """The draws of a posterior: what is asked of them holds from the first month that has not begun, or a later one."""

    posterior: Posterior

    def __init__(self, posterior: Posterior) -> None:
        self.posterior, self._result = posterior, posterior.result
        self.business, self.seed, self.size = self._result.business, self._result.seed, self._result.draws
        self.given = self._result.given
        self._scores, self.replicate = scores_of(posterior)

    def identity(self) -> list[Any]:
        reports = [[one.name, one.value, one.error, one.kind, one.upper] for one in self._result.reports]
        return [self._result.assumptions.hash, reports, self.posterior.method]

    def placed(self, assumptions: Assumptions, from_month: str) -> tuple[Assumptions, str]:
        return month_and_changes(self._result.assumptions, assumptions, self.business, from_month)

    def blocks(self, assumptions: Assumptions, stream: str = "") -> list[KeptDraws]:
        if stream:
            what = "the parts of a variance need independent assumptions, and a report ties them to one another"
            raise InputError(Problem(what, "`model tornado --as-of` says what moves the forecast from here"))
        return blocks_of(assumptions, with_new(self._scores, assumptions, self.posterior), self.size)

    def result(self, assumptions: Assumptions, blocks: Sequence[KeptDraws]) -> Result:
        if assumptions is self._result.assumptions and self._result.weights is None:
            return self._result
        outcomes = outcomes_of(self.posterior, blocks)
        return dataclasses.replace(
            self._result, assumptions=assumptions, outcomes=outcomes, replicate=self.replicate, weights=None
        )

    def own(self, assumptions: Assumptions) -> Result | None:
        return self._result if assumptions is self._result.assumptions else None
