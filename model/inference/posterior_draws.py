"""The posterior's draws, to be asked again: the same scores under assumptions that change from an open month on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from model.assumptions.assumption import Assumptions
from model.inference.kernels import systematic
from model.inference.posterior import Posterior
from model.inference.target import coordinates_of, first_scores
from model.simulation.sampling import digital_net
from model.simulation.sampling.common_random_numbers import KeptDraws
from model.simulation.sampling.digital_net import REPLICATES
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Given, Net

Scores = Mapping[str, np.ndarray]  # coordinate -> independent scores, (draw,)


def scores_of(posterior: Posterior) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Scores of every coordinate, and the population of each draw, all draws alike.

    Where the posterior's draws have weights, they are resampled within each replicate.
    """
    result = posterior.result
    if posterior.scores and result.weights is None:
        return posterior.scores, result.replicate
    if posterior.scores:
        names, rows = list(posterior.scores), np.stack(list(posterior.scores.values()))
    else:
        names = coordinates_of(result.business, result.assumptions)
        rows = Net(result.seed, 0, result.draws, salts=result.business.salts).normal(names)
    order, rng = np.argsort(result.replicate, kind="stable"), np.random.default_rng(result.seed)
    weights = np.ones(result.draws) if result.weights is None else result.weights
    parts = np.array_split(order, REPLICATES)
    chosen = np.concatenate([part[systematic(weights[part], len(part), rng)] for part in parts])
    return dict(zip(names, rows[:, chosen], strict=True)), np.repeat(np.arange(REPLICATES), len(chosen) // REPLICATES)


def with_new(scores: Scores, assumptions: Assumptions, posterior: Posterior) -> dict[str, np.ndarray]:
    """The scores, and for coordinates that only the assumptions know (a new line, a new plant) those of the prior."""
    new = [name for name in coordinates_of(posterior.result.business, assumptions) if name not in scores]
    if not new:
        return dict(scores)
    size = posterior.result.draws // REPLICATES
    rows = first_scores(new, posterior.result.business.salts or digital_net.NO_SALTS, posterior.result.seed, size)
    return {**scores, **dict(zip(new, rows.reshape(len(new), -1), strict=True))}


BLOCK = 8192  # draws at a time


def blocks_of(assumptions: Assumptions, scores: Scores, size: int) -> list[KeptDraws]:
    """Draws of a posterior's latents, kept, a block at a time."""
    return [KeptDraws(assumptions, Given(scores, n, min(n + BLOCK, size))) for n in range(0, size, BLOCK)]


def outcomes_of(posterior: Posterior, blocks: Sequence[Draws]) -> dict[str, np.ndarray]:
    """All outcomes of the posterior's business on blocks of its draws, (period, draw) each."""
    parts = []
    for block in blocks:
        with np.errstate(all="ignore"):
            parts.append(posterior.result.business.function(block))
    return {
        name: np.concatenate(
            [np.broadcast_to(p[name], (*np.shape(p[name])[:-1], b.size)) for p, b in zip(parts, blocks, strict=True)],
            axis=-1,
        )
        for name in parts[0]
    }


def reaching(posterior: Posterior, assumptions: Assumptions) -> Posterior:
    """A posterior of the first year, taken on to later ones: its draws as they are, and what only later years read as it was.

    assumptions : those of the posterior, with the numbers of later years
    """
    scores, replicate = scores_of(posterior)
    scores = with_new(scores, assumptions, posterior)
    blocks = blocks_of(assumptions, scores, len(replicate))
    result = dataclasses.replace(
        posterior.result,
        assumptions=assumptions,
        outcomes=outcomes_of(posterior, blocks),
        replicate=replicate,
        weights=None,
    )
    return dataclasses.replace(posterior, result=result, scores=dict(scores))
