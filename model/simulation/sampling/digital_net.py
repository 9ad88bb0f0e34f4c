"""Low-discrepancy points, one coordinate per name: randomised digital sequences keyed by path.

Usual quasi-Monte Carlo numbers its coordinates 1, 2, 3, so that adding an input moves all later ones. Here
the coordinate of a path is a function of the path: its generator matrix C (upper triangular over GF(2), ones
on the diagonal, so that every 2^k consecutive points hit each of 2^k equal cells once) is read from
SHAKE-128 of the path, and is randomised, per seed and replicate, by a linear matrix scramble L (lower
triangular) and a digital shift s (Matousek 1998):

    x_i = L C (binary digits of i)  xor  s        i = 0, 1, 2, ...

Matrices picked blindly collide now and then: two coordinates share a leading row, and the pair is badly
spread. A business may therefore hand in, for the paths of its base case, a salt each under which no important
pair collides (`net_search` chooses them). A path without a salt takes another matrix in each replicate, so
that a collision spoils one replicate of eight and shows in the simulation error.

`REPLICATES` independent randomisations of the same length give the simulation error of any estimate.
Draws come in chunks: draw number d lies in chunk d // CHUNK, replicate (d % CHUNK) // PER_CHUNK. Doubling the
number of draws therefore keeps all earlier ones, and the numbers do not depend on how the work is cut.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np
from scipy import special

REPLICATES = 8
PER_CHUNK = 256  # points of one replicate in a chunk
CHUNK = REPLICATES * PER_CHUNK
BITS = 32  # binary digits of a point
LONGEST = 20  # log2 of the longest replicate
MOST_DRAWS = REPLICATES << LONGEST
Salts = Mapping[str, int]
NO_SALTS: Salts = MappingProxyType({})

_WITHIN = PER_CHUNK.bit_length() - 1  # digits of the index that count within a chunk
_DIGIT = np.uint32(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint32)  # digit j of a word, first digit first


def uniform(seed: int, path: str, start: int, stop: int, salts: Salts = NO_SALTS) -> np.ndarray:
    """Points in (0, 1) of one path for draws start..stop (whole chunks), shape (draw,).

    Raises ValueError where start or stop cut a chunk.
    """
    u: np.ndarray = words(seed, path, start, stop, salts) * 2.0**-BITS  # exact, as is the sum
    u += 2.0 ** -(BITS + 1)
    return u


def normal(seed: int, path: str, start: int, stop: int, out: np.ndarray, salts: Salts = NO_SALTS) -> None:
    """Standard normal scores of the same points into `out`, at the 65,536 levels of `_scores`: for noise and the copula.

    A look-up is several times quicker than the inverse normal of each point.
    """
    _scores().take(words(seed, path, start, stop, salts) >> np.uint32(BITS - 16), out=out, mode="clip")


@cache
def _scores() -> np.ndarray:
    """Normal quantiles at the middles of 2^16 equal cells of (0, 1), scaled to variance 1 (by 1.00002)."""
    scores = special.ndtri((np.arange(1 << 16) + 0.5) / (1 << 16))
    return scores / np.sqrt(np.mean(scores**2))


def words(seed: int, path: str, start: int, stop: int, salts: Salts = NO_SALTS) -> np.ndarray:
    """The points as whole numbers of 32 binary digits, shape (draw,)."""
    if start % CHUNK or stop % CHUNK or not 0 <= start < stop:
        raise ValueError(f"draws are made in whole chunks of {CHUNK:,}, not {start}..{stop}")
    first, last = start // CHUNK, stop // CHUNK
    salt = salts.get(path)
    low, _ = _sequence(seed, path, salt)
    high = _chunks(seed, path, salt, (last - 1).bit_length())[first:last]
    return (low ^ high[:, :, None]).reshape(-1)


@lru_cache(maxsize=4096)
def _chunks(seed: int, path: str, salt: int | None, bits: int) -> np.ndarray:
    """What the number of a chunk adds to the first chunk, for the first 2^bits chunks: (chunk, replicate)."""
    _, digits = _sequence(seed, path, salt)
    high = np.zeros((1 << bits, REPLICATES), np.uint32)
    for k in range(bits):
        high[1 << k : 2 << k] = high[: 1 << k] ^ digits[:, _WITHIN + k]
    return high


def replicate_of(draws: int) -> np.ndarray:
    """Replicate that each of the first `draws` draws belongs to, shape (draw,)."""
    return (np.arange(draws) % CHUNK) // PER_CHUNK


def rounded_up(draws: int) -> int:
    """The least number of draws that is at least `draws` and fills every replicate with 2^k points."""
    return max(CHUNK, REPLICATES << max(0, -(-draws // REPLICATES) - 1).bit_length())


def matrix(key: str) -> np.ndarray:
    """Generator matrix read from SHAKE-128 of the key: LONGEST columns as words, digit 0 the highest bit."""
    columns = np.frombuffer(hashlib.shake_128(key.encode()).digest(4 * LONGEST), "<u4")
    diagonal = _DIGIT[:LONGEST]
    return (columns & ~(diagonal * 2 - 1)) | diagonal  # ones on the diagonal, zeros below it


def key_of(path: str, salt: int) -> str:
    """Key of the matrix that a path has under a salt."""
    return f"{path}#{salt}"


_Sequence = tuple[
    np.ndarray, np.ndarray
]  # the first chunk (replicate, point), scrambled columns (replicate, digit of the index)
_Coordinate = tuple[str, int | None]  # path and salt
_known: OrderedDict[tuple[int, _Coordinate], _Sequence] = OrderedDict()  # those made last
MOST_KNOWN = 4096


def prepare(seed: int, paths: Sequence[str], salts: Salts = NO_SALTS) -> None:
    """Make the sequences of several paths at once, several times quicker than one by one as they are asked for."""
    _prepare(seed, [(path, salts.get(path)) for path in paths])


def _prepare(seed: int, coordinates: Sequence[_Coordinate]) -> None:
    new = [one for one in dict.fromkeys(coordinates) if (seed, one) not in _known]
    if new:
        _known.update(zip(((seed, one) for one in new), _sequences(seed, new), strict=True))
        while len(_known) > MOST_KNOWN + len(new):
            _known.popitem(last=False)


def _sequence(seed: int, path: str, salt: int | None) -> _Sequence:
    _prepare(seed, [(path, salt)])
    return _known[seed, (path, salt)]


def _sequences(seed: int, coordinates: Sequence[_Coordinate]) -> Iterator[_Sequence]:
    size = 4 * REPLICATES * (BITS + 1)
    read = b"".join(hashlib.shake_128(f"{seed}\0{path}".encode()).digest(size) for path, _ in coordinates)
    noise = np.frombuffer(read, "<u4").reshape(len(coordinates), REPLICATES, BITS + 1)
    scramble = (noise[:, :, :BITS] & (_DIGIT - 1)) | _DIGIT
    columns = np.stack([_columns(*one) for one in coordinates])  # (path, replicate, column)
    digits = np.zeros(columns.shape, np.uint32)
    for place in range(LONGEST):  # columns before it have no digit there
        has = (columns[:, :, place:] >> np.uint32(BITS - 1 - place)) & np.uint32(1)
        digits[:, :, place:] ^= has * scramble[:, :, place, None]
    low = np.empty((len(coordinates), REPLICATES, PER_CHUNK), np.uint32)
    low[:, :, 0] = noise[:, :, BITS]
    for k in range(_WITHIN):
        low[:, :, 1 << k : 2 << k] = low[:, :, : 1 << k] ^ digits[:, :, k, None]
    return zip(low, digits, strict=True)


@lru_cache(maxsize=4096)
def _columns(path: str, salt: int | None) -> np.ndarray:
    """Generator matrix of a path in each replicate, as columns: (replicate, column)."""
    if salt is None:
        return np.stack([matrix(f"{path}#replicate {r}") for r in range(REPLICATES)])
    return np.broadcast_to(matrix(key_of(path, salt)), (REPLICATES, LONGEST))
