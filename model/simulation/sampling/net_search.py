"""Choose salts for the points of a business: which matrix each of its coordinates takes.

Two coordinates collide where a sum of leading rows of one matrix, cut to the columns that count, is a sum of
leading rows of the other: then the pair leaves cells empty. A path takes, of `CANDIDATES` salts, the one whose
collisions with the paths before it weigh least; a collision weighs the more, the more both paths move the
outcomes and the fewer rows it takes. Influence is the squared correlation with any outcome asked for, from a run.
Paths are only ever added: another salt for a path would move its draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from model.assumptions.assumption import Assumptions
from model.simulation.sampling import digital_net
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Net, Recorded

CANDIDATES = 4096
FLOOR = 0.02  # influence that even a path without any is given, so that no pair is spread badly
ROWS = 5  # leading digits whose sums are compared
COLUMNS = (9, 10, 11, 12, 13)  # log2 of points per replicate for which to compare; 11 is the default

Function = Callable[[Draws], Mapping[str, np.ndarray]]


def extended(
    salts: Mapping[str, int], assumptions: Assumptions, function: Function, outcomes: Sequence[str]
) -> dict[str, int]:
    """The salts, with one for every coordinate of the function that has none yet.

    outcomes : those by which the influence of a coordinate is measured
    """
    listed = dict(salts)
    weight = influence(assumptions, function, outcomes, salts)
    taken = {m: np.zeros(1 << m) for m in COLUMNS}
    for path, salt in listed.items():
        _add(taken, digital_net.matrix(digital_net.key_of(path, salt)), weight.get(path, 0.0))
    for path in sorted(weight, key=lambda p: (-weight[p], p)):
        if path not in listed:
            listed[path] = _best_salt(path, taken)
            _add(taken, digital_net.matrix(digital_net.key_of(path, listed[path])), weight[path])
    return listed


def influence(
    assumptions: Assumptions, function: Function, outcomes: Sequence[str], salts: Mapping[str, int]
) -> dict[str, float]:
    """Largest squared correlation of each uncertain assumption and shock with one of the outcomes."""
    net = Net(0, 0, digital_net.CHUNK * 8, salts=salts)
    asked = Recorded(net)
    made = function(Draws(assumptions, asked))
    values = np.stack([np.broadcast_to(np.atleast_2d(made[name])[-1], (net.size,)) for name in outcomes])
    found = {}
    for path in asked.used:
        found[path] = float(max(np.corrcoef(net.uniform(path), outcome)[0, 1] ** 2 for outcome in values))
    return found


def _sums(matrix: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums of subsets of the leading rows, cut to the first columns: (words, highest row of each)."""
    digits = (matrix[:columns, None] >> np.arange(31, 31 - ROWS, -1, dtype=np.uint32)) & 1  # (column, row)
    rows = (digits * (1 << np.arange(columns))[:, None]).sum(axis=0)
    words, heights = np.zeros(1, int), np.zeros(1, int)
    for height, row in enumerate(rows, start=1):
        words = np.concatenate([words, words ^ row])
        heights = np.concatenate([heights, np.full(len(heights), height)])
    return words[1:], heights[1:]


def _add(taken: dict[int, np.ndarray], matrix: np.ndarray, weight: float) -> None:
    for m, sums in taken.items():
        words, heights = _sums(matrix, m)
        np.add.at(sums, words, (weight + FLOOR) * 4.0**-heights)


def _best_salt(path: str, taken: dict[int, np.ndarray]) -> int:
    costs = []
    for salt in range(CANDIDATES):
        matrix = digital_net.matrix(digital_net.key_of(path, salt))
        costs.append(
            sum(
                float((sums[words] * 4.0**-heights).sum())
                for m, sums in taken.items()
                for words, heights in [_sums(matrix, m)]
            )
        )
    return int(np.argmin(costs))
