"""Dependence between assumptions: a Gaussian copula given by rank correlations.

A matrix that cannot exist is refused, with the range that each of its pairs could take; it is never repaired.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Group:
    """Assumptions tied to one another, and the lower Cholesky factor of their normal scores."""

    paths: tuple[str, ...]
    factor: np.ndarray

    def row(self, path: str) -> list[tuple[float, str]]:
        """Weights of the members' independent scores in the correlated score of one of them; a member's own is the last."""
        place = self.paths.index(path)
        return [(float(self.factor[place, n]), self.paths[n]) for n in range(place + 1)]


def pearson_of_normals(rank: float) -> float:
    """Pearson correlation of two normals whose Spearman correlation is `rank`: 2 sin(pi rank / 6)."""
    return float(2 * np.sin(np.pi * rank / 6))


def rank_of_normals(pearson: float) -> float:
    """Spearman correlation of two normals with Pearson correlation `pearson`: (6 / pi) asin(pearson / 2)."""
    return float(6 / np.pi * np.arcsin(pearson / 2))


def groups(pairs: Iterable[tuple[str, str, float]], order: Sequence[str]) -> list[Group]:
    """Split the pairs (path, path, rank) into groups that do not touch, members in the given order.

    Raises numpy.linalg.LinAlgError where a group's matrix is not positive definite.
    """
    pairs = list(pairs)
    return [Group(members, np.linalg.cholesky(_matrix(members, pairs))) for members in _components(pairs, order)]


def impossible(
    pairs: Iterable[tuple[str, str, float]], order: Sequence[str]
) -> list[tuple[str, str, float, tuple[float, float] | None]]:
    """Pairs of groups that cannot exist, each with the range of rank it could take, all others as they are.

    The range is None where no value of that pair alone would do.
    """
    pairs = list(pairs)
    found = []
    for members in _components(pairs, order):
        if _possible(_matrix(members, pairs)):
            continue
        for a, b, rank in pairs:
            if a in members:
                found.append((a, b, rank, feasible_range(members, pairs, a, b)))
    return found


def feasible_range(
    members: Sequence[str], pairs: Sequence[tuple[str, str, float]], a: str, b: str
) -> tuple[float, float] | None:
    """Range of the rank correlation of a and b that leaves the matrix of `members` possible.

    The set is an interval. Its ends are roots of the determinant, a parabola in the pair's Pearson
    correlation, so three values of the determinant give them.
    """
    matrix = _matrix(members, pairs)
    i, j = members.index(a), members.index(b)

    def determinant(r: float) -> float:
        matrix[i, j] = matrix[j, i] = r
        return float(np.linalg.det(matrix))

    low, mid, high = determinant(-1.0), determinant(0.0), determinant(1.0)
    square, slope = (high + low) / 2 - mid, (high - low) / 2
    inside = slope**2 - 4 * square * mid
    if square >= 0 or inside < 0:
        return None
    ends = sorted((-slope + sign * np.sqrt(inside)) / (2 * square) for sign in (1, -1))
    determinant(float(np.mean(ends)))
    if not _possible(matrix):
        return None
    return rank_of_normals(max(ends[0], -1.0)), rank_of_normals(min(ends[1], 1.0))


def _possible(matrix: np.ndarray) -> bool:
    return bool(np.linalg.eigvalsh(matrix)[0] > 1e-10)


def _components(pairs: Sequence[tuple[str, str, float]], order: Sequence[str]) -> list[tuple[str, ...]]:
    """Connected sets of paths."""
    owner: dict[str, set[str]] = {}
    for a, b, _ in pairs:
        joined = owner.get(a, {a}) | owner.get(b, {b})
        for path in joined:
            owner[path] = joined
    place = {path: n for n, path in enumerate(order)}
    distinct = {frozenset(members) for members in owner.values()}
    return sorted((tuple(sorted(members, key=place.__getitem__)) for members in distinct), key=lambda m: place[m[0]])


def _matrix(members: Sequence[str], pairs: Sequence[tuple[str, str, float]]) -> np.ndarray:
    """Pearson matrix of the members' normal scores; pairs not given are 0."""
    matrix = np.eye(len(members))
    place = {path: n for n, path in enumerate(members)}
    for a, b, rank in pairs:
        if a in place:
            matrix[place[a], place[b]] = matrix[place[b], place[a]] = pearson_of_normals(rank)
    return matrix
