"""One long net split into replicates against eight short ones: spread of the estimates, and whether their stated errors are honest.

    python -m benchmarks.long_net

Of each way 500 seeds, on the same generator matrices: eight scrambles of n / 8 points (what the model has), and one scramble of n points of
which each replicate has a block. A 95% interval should cover in 93 to 97%.
"""

# ruff: noqa: SLF001  it takes the points apart

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import ROOT
from model import from_dict, load, simulate
from model.simulation import measures
from model.simulation.sampling import digital_net
from model.xiaomi.business import XIAOMI
from model.xiaomi.ev_volume import volume

SEEDS, STUDENT = 500, 2.365  # of 7 degrees of freedom
SHORT = digital_net._sequences
SPLIT = digital_net.REPLICATES.bit_length() - 1  # digits of the index that say the replicate


def long(seed: int, coordinates: Sequence[Any]) -> Iterator[Any]:
    """The sequences of one long net: digits of the index are those within a chunk, the replicate's, the chunk's."""
    size = 4 * (digital_net.BITS + 1)
    read = b"".join(hashlib.shake_128(f"{seed}\0{path}".encode()).digest(size) for path, _ in coordinates)
    noise = np.frombuffer(read, "<u4").reshape(len(coordinates), digital_net.BITS + 1)
    scramble = (noise[:, : digital_net.BITS] & (digital_net._DIGIT - 1)) | digital_net._DIGIT
    columns = np.stack([digital_net._columns(*one)[0] for one in coordinates])
    digits = np.zeros(columns.shape, np.uint32)
    for place in range(digital_net.LONGEST):
        has = (columns[:, place:] >> np.uint32(digital_net.BITS - 1 - place)) & np.uint32(1)
        digits[:, place:] ^= has * scramble[:, place, None]
    low = np.empty((len(coordinates), digital_net.REPLICATES, digital_net.PER_CHUNK), np.uint32)
    low[:, :, 0] = noise[:, digital_net.BITS, None]
    replicate = np.arange(digital_net.REPLICATES)
    for k in range(SPLIT):
        low[:, :, 0] ^= np.where((replicate >> k) & 1, digits[:, digital_net._WITHIN + k, None], np.uint32(0))
    for k in range(digital_net._WITHIN):
        low[:, :, 1 << k : 2 << k] = low[:, :, : 1 << k] ^ digits[:, None, k, None]
    rest = np.zeros_like(digits)
    rest[:, : digital_net._WITHIN] = digits[:, : digital_net._WITHIN]
    rest[:, digital_net._WITHIN : digital_net.LONGEST - SPLIT] = digits[:, digital_net._WITHIN + SPLIT :]
    return zip(low, np.repeat(rest[:, None], digital_net.REPLICATES, axis=1), strict=True)


def use(sequences: Callable[..., Any]) -> None:
    """Have the points made so."""
    digital_net._sequences = sequences
    digital_net._known.clear()
    digital_net._chunks.cache_clear()


def cases() -> Iterator[tuple[str, Any, Any, str, float, int]]:
    """Name, assumptions, function, outcome, target, draws."""
    base = load(ROOT / "assumptions.toml")
    yield "deliveries", base, replace(XIAOMI, function=volume), "ev.deliveries", base.target.value, 32_768

    def normals(count: int, of: Callable[[list[np.ndarray]], np.ndarray], correlated: bool = False) -> tuple[Any, Any]:
        names = [f"x{n}" for n in range(count)]
        pairs = [("x0", "x1", 0.7), ("x1", "x2", 0.6)] if correlated else []
        a = from_dict({name: {"mean": 0, "sd": 1} for name in names}, pairs)
        return a, lambda draws: {"z": of([draws[name] for name in names])}

    yield "skewed", *normals(10, lambda x: np.exp(0.4 * sum(x))), "z", 3.0, 8192
    yield (
        "discontinuous",
        *normals(10, lambda x: sum((one > 0.3) * (1 + 0.1 * n) for n, one in enumerate(x))),
        "z",
        6.0,
        8192,
    )
    yield "correlated", *normals(10, lambda x: x[0] * x[1] + sum(x[2:]), True), "z", 2.0, 8192
    yield "200 inputs", *normals(200, sum), "z", 14.0, 8192


def main() -> None:
    """A row a case and way."""
    print(f"{'':<14} {'':<12} {'spread, of eight':>34}   {'intervals that cover, %':>36}")
    print(f"{'':<27} " + " ".join(f"{name:>6}" for name in ("mean", "P10", "P50", "P90", "chance") * 2))
    for name, a, function, outcome, target, draws in cases():
        replicate, eight = digital_net.replicate_of(draws), None
        for way, sequences in (("eight short", SHORT), ("one long", long)):
            use(sequences)
            found = np.array(
                [
                    _measured(simulate(a, function, draws=draws, seed=s).values(outcome), target, replicate)
                    for s in range(1, SEEDS + 1)
                ]
            )
            values, errors = found[:, 0], found[:, 1]
            spread = values.std(axis=0, ddof=1)
            eight = spread if eight is None else eight
            covered = np.mean(np.abs(values - values.mean(axis=0)) <= STUDENT * errors, axis=0)
            cells = [f"{x:6.2f}" for x in spread / eight] + [f"{100 * x:6.1f}" for x in covered]
            print(f"{name:<14} {way:<12} " + " ".join(cells))
    use(SHORT)


def _measured(values: np.ndarray, target: float, replicate: np.ndarray) -> np.ndarray:
    """Values and errors of mean, P10, P50, P90 and the chance, (2, measure)."""
    levels = measures.quantile(values, (0.1, 0.5, 0.9), replicate=replicate)
    mean, share = (
        measures.mean(values, replicate=replicate),
        measures.mean((values >= target) * 1.0, replicate=replicate),
    )
    return np.array([[mean[n], *levels[n], share[n]] for n in (0, 1)])


if __name__ == "__main__":
    main()
