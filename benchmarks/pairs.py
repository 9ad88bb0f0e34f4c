"""How often the points of two names go badly together, and whether a family of matrices chosen beforehand makes that rarer.

    python -m benchmarks.pairs

600 pairs of names without salts, five functions of two inputs, 12 seeds each: variance over that of plain Monte Carlo. `by name` is what the
model has: another random matrix for each name and replicate. Of the other, each name and replicate takes one of 256 matrices, chosen one after
the other so that leading rows of no two collide where that can be.
"""

# ruff: noqa: SLF001  it takes the points apart

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
from scipy import special

from model.simulation.sampling import digital_net, net_search

PAIRS, SEEDS, FAMILY, CANDIDATES = 600, 12, 256, 40_000
SIZES = (8192, 32_768)
COLUMNS = net_search.COLUMNS
FUNCTIONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "uv": lambda u, v: (u - 0.5) * (v - 0.5),
    "u + v > 1.2": lambda u, v: (u + v > 1.2) * 1.0,
    "max(u, v)": np.maximum,
    "product of normals": lambda u, v: special.ndtri(u) * special.ndtri(v),
    "u and v > 0.9": lambda u, v: ((u > 0.9) & (v > 0.9)) * 1.0,
}


def family() -> np.ndarray:
    """Matrices of which each is chosen for the fewest collisions with those before, (one, column)."""
    candidates = np.stack([digital_net.matrix(f"#{n}") for n in range(CANDIDATES)])
    sums = {m: [net_search._sums(one, m) for one in candidates] for m in COLUMNS}
    words = {m: np.stack([each for each, _ in found]) for m, found in sums.items()}
    falls = 4.0 ** -sums[COLUMNS[0]][0][1]
    taken = {m: np.zeros(1 << m) for m in COLUMNS}
    chosen = list[int]()
    for _ in range(FAMILY):
        cost = sum((taken[m][words[m]] * falls).sum(axis=1) * 2.0**m for m in COLUMNS)
        cost[chosen] = np.inf
        best = int(np.argmin(cost))
        chosen.append(best)
        for m in COLUMNS:
            np.add.at(taken[m], words[m][best], falls)
    return candidates[chosen]


def use(columns: Callable[[str, int | None], np.ndarray]) -> None:
    """Have the points made of these matrices."""
    digital_net._columns = columns  # type: ignore[assignment]
    digital_net._known.clear()
    digital_net._chunks.cache_clear()


def ratios(draws: int) -> dict[str, np.ndarray]:
    """Variance over that of plain Monte Carlo by function, (pair,)."""
    u, v = np.random.default_rng(0).random((2, 1_000_000))
    plain = {name: float(f(u, v).var()) / draws for name, f in FUNCTIONS.items()}
    found = {name: np.empty(PAIRS) for name in FUNCTIONS}
    for pair in range(PAIRS):
        both = [f"in.{pair}.{side}" for side in "ab"]
        made = [[digital_net.uniform(seed, path, 0, draws) for path in both] for seed in range(SEEDS)]
        for name, f in FUNCTIONS.items():
            found[name][pair] = np.var([f(*each).mean() for each in made], ddof=1) / plain[name]
    return found


def main() -> None:
    """A row a function."""
    by_name = digital_net._columns
    drawn = family()

    def of_family(path: str, salt: int | None) -> np.ndarray:
        if salt is not None:
            return by_name(path, salt)
        read = hashlib.shake_128(path.encode()).digest(8 * digital_net.REPLICATES)
        return drawn[(np.frombuffer(read, "<u8") % FAMILY).astype(int)]

    print("variance over that of plain Monte Carlo: share of pairs above 1, median, mean")
    print(f"{'':<30} {'by name':>26} {'one of ' + str(FAMILY):>26}")
    for draws in SIZES:
        sides = []
        for columns in (by_name, of_family):
            use(columns)
            sides.append(ratios(draws))
        rows = [(name, *(side[name] for side in sides)) for name in FUNCTIONS]
        rows.append(("any of them", *(np.max(list(side.values()), axis=0) for side in sides)))
        for name, *found in rows:
            said = "".join(f" {100 * (x > 1).mean():8.1f}% {np.median(x):8.3f} {x.mean():8.2f}" for x in found)
            print(f"{draws:>7,} {name:<22}{said}", flush=True)


if __name__ == "__main__":
    main()
