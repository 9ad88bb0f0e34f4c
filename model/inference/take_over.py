"""Starting from a posterior of nearly the same inputs: its draws, with weights that make them draws of the new one.

An assumption whose distribution was edited keeps its values: its scores are those at which the new distribution has them, and a draw is
weighted by how much likelier the new one makes them. Reports that came on top weigh by their likelihood. (Importance sampling;
where too few draws would count, the way from the prior is the better one.)
"""

from __future__ import annotations

import numpy as np

from model.assumptions.distributions.base import Distribution
from model.inference.posterior import Posterior
from model.inference.target import Target
from model.simulation.sampling.digital_net import REPLICATES

FURTHEST, HALVINGS = 12.0, 60  # scores between which a value is looked for, and how often the interval is halved
STEP = 1e-4  # of a score, over which a density is taken
LOOK = np.linspace(-4.0, 4.0, 33)  # scores at which two distributions are compared


def taken_over(target: Target, start: Posterior, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the posterior's draws under the target's assumptions, and log weights (population, draw), constants included.

    scores : (coordinate, population, draw) of the prior, which coordinates keep that the posterior does not know
    """
    result, (_, count, size) = start.result, scores.shape
    old = Target(result.assumptions, result.business, result.reports)
    theirs_of = np.empty((len(old.names), count, size))
    for p in range(REPLICATES):
        theirs = np.flatnonzero(result.replicate == p)
        chosen = theirs[np.linspace(0, len(theirs) - 1, size).round().astype(int)]
        theirs_of[:, p] = [start.scores[name][chosen] for name in old.names]
    rows = theirs_of.reshape(len(old.names), -1)
    new = scores.reshape(len(scores), -1).copy()
    for name in old.names:
        if name in target.place:
            new[target.place[name]] = rows[old.place[name]]
    tied = target.tied @ new
    log_density = np.zeros(new.shape[1])
    both = [name for name in target.names if name in old.place]
    shared = [name for name in both if name in target.assumptions.entries] if _tied_alike(old, target) else []
    for name in shared:
        before, after = (a[name].distribution for a in (old.assumptions, target.assumptions))
        if np.array_equal(before.at_score(LOOK), after.at_score(LOOK)):
            continue
        z = old.tied[old.place[name]] @ rows
        found = _score_of(after, before.at_score(z))
        if found is not None:
            tied[target.place[name]] = found
            log_density += np.log(_slope(before, z)) - np.log(_slope(after, found))
    new = target.untied @ tied
    here, there = new[[target.place[name] for name in both]], rows[[old.place[name] for name in both]]
    log_density += 0.5 * ((there**2).sum(axis=0) - (here**2).sum(axis=0))
    likely, known = (t.log_likelihood(t.predicted_all(x)).sum(axis=0) for t, x in ((target, new), (old, rows)))
    return new.reshape(scores.shape), (log_density + likely - known).reshape(count, size)


def _tied_alike(one: Target, other: Target) -> bool:
    """Whether the same assumptions are correlated, and as strongly: else a value kept would not be a density kept."""
    each = [[(group.paths, group.factor.tolist()) for group in t.assumptions.groups] for t in (one, other)]
    return each[0] == each[1]


def _score_of(distribution: Distribution, values: np.ndarray) -> np.ndarray | None:
    """Scores at which a distribution has these values, (draw,); None where it has more than one period, or not all of them."""
    low, high = np.full(values.shape[-1], -FURTHEST), np.full(values.shape[-1], FURTHEST)
    if values.ndim > 1 or np.ndim(distribution.at_score(low)) > 1:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = distribution.at_score(middle) < values
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found = (low + high) / 2
    close = np.isclose(distribution.at_score(found), values, rtol=1e-9, atol=1e-12).all()
    return found if close and (_slope(distribution, found) > 0).all() else None


def _slope(distribution: Distribution, z: np.ndarray) -> np.ndarray:
    """By how much a value rises with its score."""
    return np.asarray((distribution.at_score(z + STEP) - distribution.at_score(z - STEP)) / (2 * STEP))
