"""Starting from a posterior of nearly the same inputs: its draws, with weights that make them draws of the new one.

An assumption whose distribution was edited, and of which the reports say something, keeps its values: its scores are those at which the new distribution has them, and a draw is
weighted by how much likelier the new one makes them, and the reports that the posterior knows. (Importance sampling.) Reports that came on top
are let in by degrees afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from scipy.interpolate import PchipInterpolator

from model.assumptions.assumption import Assumptions
from model.assumptions.distributions.base import Distribution
from model.inference.posterior import Posterior, ReportPercentile, Snapshot
from model.inference.reports import Reports
from model.inference.target import Target
from model.simulation.measures import Measure
from model.simulation.observation import Observation
from model.simulation.result import Result
from model.simulation.sampling.digital_net import REPLICATES

FURTHEST, HALVINGS = 12.0, 60  # scores between which a value is looked for, and how often the interval is halved
GRID = np.linspace(-FURTHEST, FURTHEST, 961)  # scores at which a distribution is kept
LOOK = slice(320, 641, 10)  # those between -4 and 4 at which two distributions are compared
SAYS_NOTHING = 0.25  # of the prior's standard deviation, within which reports say nothing of an assumption; then it keeps its scores
STEP = 1e-4  # of a score, over which a density is taken

Groups = list[tuple[tuple[str, ...], list[list[float]]]]  # paths that are tied, and the Cholesky factor of their scores


@dataclass(frozen=True)
class Origin:
    """A posterior to begin at: what is needed of it, and no more, so that it can be kept on disk.

    reports : by `named`; tables : values of each uncertain single number at the scores of `GRID`; likely : log likelihood of its reports, (draw,)
    """

    words: str
    scores: dict[str, np.ndarray]
    replicate: np.ndarray
    likely: np.ndarray
    reports: list[list[str]]
    tables: dict[str, np.ndarray]
    groups: Groups
    evidence: Measure | None
    surprises: Sequence[ReportPercentile] = field(default=())  # where its assumptions are the same
    moments: Sequence[Snapshot] = field(default=())


def origin_of(posterior: Posterior) -> Origin | None:
    """A posterior as one to begin at; None of weighted draws, and where an outside view is pooled in, which is no report."""
    result = posterior.result
    if not posterior.scores or result.weights is not None or result.assumptions.pooled:
        return None
    words = f"the posterior of {result.assumptions.about.as_of}, of {len(result.reports)} reports"
    tables, groups = tables_of(result.assumptions), groups_of(result.assumptions)
    known = [named(one) for one in result.reports]
    return Origin(
        words, posterior.scores, result.replicate, likely_of(result), known, tables, groups, posterior.log_evidence
    )


def likely_of(result: Result) -> np.ndarray:
    """Log likelihood of a result's reports in each of its draws, constants included, (draw,)."""
    reports = Reports(result.reports)
    predicted = reports.predicted(result.outcomes, result.assumptions.calendar, len(result.replicate))
    return np.asarray((reports.log_likelihood(predicted) + reports.constants[:, None]).sum(axis=0))


def named(one: Observation) -> list[str]:
    """What tells a report from another."""
    return [repr(getattr(one, each.name)) for each in fields(one)]


def tables_of(assumptions: Assumptions) -> dict[str, np.ndarray]:
    """Values of every uncertain single number at the scores of `GRID`."""
    found = {path: each.distribution for path, each in assumptions.entries.items() if each.distribution.uncertain}
    with np.errstate(all="ignore"):
        return {path: one.at_score(GRID) for path, one in found.items() if one.periods is None}


def groups_of(assumptions: Assumptions) -> Groups:
    """Which assumptions are correlated, and how strongly."""
    return [(group.paths, group.factor.tolist()) for group in assumptions.groups]


def taken_over(target: Target, start: Origin, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of the posterior's draws under the target's assumptions, log weights (population, draw) with constants, and log likelihoods of what came on top.

    scores : (coordinate, population, draw) of the prior, which coordinates keep that the posterior does not know
    """
    _, count, size = scores.shape
    chosen = []
    for p in range(REPLICATES):
        theirs = np.flatnonzero(start.replicate == p)
        chosen.append(theirs[np.linspace(0, len(theirs) - 1, size).round().astype(int)])
    rows = {name: np.concatenate([start.scores[name][at] for at in chosen]) for name in start.scores}
    new = scores.reshape(len(scores), -1).copy()
    both = [name for name in target.names if name in rows]
    for name in both:
        new[target.place[name]] = rows[name]
    tied, log_density = target.tied @ new, np.zeros(new.shape[1])
    # where other assumptions are correlated, a value kept would not be a density kept
    alike = start.groups == groups_of(target.assumptions)
    for name in both:
        if not alike or name not in start.tables or name not in target.assumptions.entries:
            continue
        before, after = start.tables[name], target.assumptions[name].distribution
        if after.uncertain and after.periods is None and not np.array_equal(after.at_score(GRID[LOOK]), before[LOOK]):
            z = tied[target.place[name]]
            if abs(z.mean()) < SAYS_NOTHING and abs(z.std() - 1) < SAYS_NOTHING:
                continue
            value, slope = _read(before, z)
            found = _score_of(after, value)
            if found is not None and (slope > 0).all():
                tied[target.place[name]] = found
                log_density += np.log(slope) - np.log(_slope(after, found))
    new = target.untied @ tied
    here, there = new[[target.place[name] for name in both]], np.stack([rows[name] for name in both])
    log_density += 0.5 * ((there**2).sum(axis=0) - (here**2).sum(axis=0))
    each = target.log_likelihood(target.predicted_all(new))
    known = known_to(start, target)
    log_weights = log_density + each[known].sum(axis=0) - start.likely[np.concatenate(chosen)]
    return new.reshape(scores.shape), log_weights.reshape(count, size), each[~known].sum(axis=0).reshape(count, size)


def known_to(start: Origin, target: Target) -> np.ndarray:
    """Which of the target's reports a posterior knows, (report,)."""
    return np.array([named(one) in start.reports for one in target.observations], bool)


def _read(table: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values of a distribution at scores, and by how much they rise with the score."""
    known = np.isfinite(table)
    curve = PchipInterpolator(GRID[known], table[known])
    return np.asarray(curve(z)), np.asarray(curve(z, 1))


def _score_of(distribution: Distribution, values: np.ndarray) -> np.ndarray | None:
    """Scores at which a distribution has these values, (draw,); None where it does not have all of them."""
    low, high = np.full(values.shape, -FURTHEST), np.full(values.shape, FURTHEST)
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
