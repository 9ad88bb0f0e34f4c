"""Gaussian mixtures fitted to weighted draws by expectation-maximisation (Dempster, Laird and Rubin 1977)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2, vq

STARTED_BY = 1500  # draws, by which k-means finds the first centres
ITERATIONS = 10
SHARED = 20.0  # draws' worth of the covariance within all components, that each component's own is shrunk by
LEAST = 1e-4  # responsibility of each component for each draw


@dataclass(frozen=True)
class Mixture:
    """Components: weights, means (component, dimension), and symmetric roots of the covariances and of their inverses."""

    weights: np.ndarray
    means: np.ndarray
    roots: np.ndarray  # (component, dimension, dimension)
    inverse_roots: np.ndarray

    def log_densities(self, rows: np.ndarray) -> np.ndarray:
        """Log of weight times density of each component, but for a constant, (component, draw). rows : (dimension, draw)"""
        standard = self.inverse_roots @ (rows - self.means[:, :, None])
        log_roots = np.linalg.slogdet(self.inverse_roots)[1] + np.log(self.weights)
        return np.asarray(log_roots[:, None] - 0.5 * (standard**2).sum(axis=1))


def fitted(rows: np.ndarray, weights: np.ndarray, count: int, rng: np.random.Generator) -> Mixture:
    """The mixture of so many components that draws (dimension, draw) with weights are likely under."""
    some = rows[:, rng.choice(rows.shape[1], STARTED_BY, p=weights / weights.sum())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a centre without draws is one that no draw is near to
        centres, _ = kmeans2(some.T, count, minit="++", rng=rng)
    found = _of(rows, weights, np.eye(count)[:, vq(rows.T, centres)[0]] + LEAST)
    for _ in range(ITERATIONS):
        logs = found.log_densities(rows)
        odds = np.exp(logs - logs.max(axis=0))
        found = _of(rows, weights, odds / odds.sum(axis=0) + LEAST)
    return found


def _of(rows: np.ndarray, weights: np.ndarray, responsible: np.ndarray) -> Mixture:
    """The mixture that is most likely where components are responsible for draws (component, draw) by these shares."""
    effective = weights.sum() ** 2 / (weights**2).sum()
    each = responsible * weights
    total = each.sum(axis=1)
    means = each @ rows.T / total[:, None]
    away = rows - means[:, :, None]
    squares = (each[:, None] * away) @ away.transpose(0, 2, 1)
    draws = (effective * total / total.sum())[:, None, None]
    within = squares.sum(axis=0) / total.sum()
    covariances = (squares / total[:, None, None] * draws + SHARED * within) / (draws + SHARED)
    values, vectors = np.linalg.eigh(covariances)
    sd = np.sqrt(np.maximum(values, 1e-12))[:, None]
    turned = vectors.transpose(0, 2, 1)
    return Mixture(total / total.sum(), means, vectors * sd @ turned, vectors / sd @ turned)
