"""The points: what each name gets, how even they are, and that nothing else matters."""

import hashlib
import struct

import numpy as np
import pytest
from scipy import special

from model.simulation.sampling import digital_net
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Recorded
from model.xiaomi.business import XIAOMI

WORDS_LISTED = [4289102032, 1197146109, 2366840821]
WORDS_UNLISTED = [2201656756, 1955090227, 714030132]


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    """Each test makes its sequences anew."""
    digital_net._known.clear()
    for made in (digital_net._chunks, digital_net._columns):
        made.cache_clear()


def by_definition(seed, path, index, replicate):
    """x_i = L C (digits of i) xor s, digit by digit in plain Python, for a path that is not listed."""

    def words_from(key, count):
        return struct.unpack(f"<{count}I", hashlib.shake_128(key.encode()).digest(4 * count))

    def digits(word):
        return [(word >> (31 - j)) & 1 for j in range(32)]

    columns = [digits(word) for word in words_from(f"{path}#replicate {replicate}", 20)]
    for k, column in enumerate(columns):
        column[k:] = [1] + [0] * (31 - k)
    noise = words_from(f"{seed}\0{path}", 8 * 33)[33 * replicate : 33 * (replicate + 1)]
    lower = [digits(word) for word in noise[:32]]  # column j of L: below its diagonal what was read
    for j, column in enumerate(lower):
        column[: j + 1] = [0] * j + [1]
    x = [0] * 32
    for k in range(20):
        if (index >> k) & 1:
            for j in range(32):
                if columns[k][j]:
                    x = [a ^ b for a, b in zip(x, lower[j], strict=True)]
    return sum((a ^ b) << (31 - j) for j, (a, b) in enumerate(zip(x, digits(noise[32]), strict=True)))


def test_points_are_those_of_the_definition():
    found = digital_net.words(7, "an unlisted path", 0, 3 * digital_net.CHUNK).reshape(
        3, digital_net.REPLICATES, digital_net.PER_CHUNK
    )
    for chunk, replicate, point in ((0, 0, 0), (0, 7, 0), (0, 3, 1), (1, 2, 0), (2, 5, 255), (1, 7, 129)):
        index = chunk * digital_net.PER_CHUNK + point
        assert found[chunk, replicate, point] == by_definition(7, "an unlisted path", index, replicate)


def test_a_point_lies_in_the_middle_of_its_cell():
    words = digital_net.words(1, "x", 0, 2048)
    assert np.array_equal(digital_net.uniform(1, "x", 0, 2048) * 2.0**32, words + 0.5)


def test_every_replicate_hits_each_of_its_equal_cells_once():
    for path in ("ev.lines.yu7.orders", "an unlisted path"):
        u = digital_net.uniform(1, path, 0, 16_384)
        for r in range(digital_net.REPLICATES):
            cells = np.sort((u[digital_net.replicate_of(16_384) == r] * 2048).astype(int))
            assert (cells == np.arange(2048)).all()


def test_doubling_the_draws_keeps_the_earlier_ones():
    assert (digital_net.uniform(5, "x", 0, 32_768)[:16_384] == digital_net.uniform(5, "x", 0, 16_384)).all()


def test_draws_do_not_depend_on_how_the_work_is_cut():
    whole = digital_net.uniform(5, "x", 0, 16_384)
    parts = [digital_net.uniform(5, "x", s, s + 4096) for s in range(0, 16_384, 4096)]
    assert (np.concatenate(parts) == whole).all()


def test_a_cut_through_a_chunk_is_refused():
    with pytest.raises(ValueError, match="whole chunks of 2,048"):
        digital_net.uniform(1, "x", 0, 1000)


def test_names_and_seeds_give_different_points():
    assert (digital_net.uniform(1, "x", 0, 2048) != digital_net.uniform(1, "y", 0, 2048)).mean() > 0.99
    assert (digital_net.uniform(1, "x", 0, 2048) != digital_net.uniform(2, "x", 0, 2048)).mean() > 0.99


def test_points_are_remembered_bit_for_bit():
    """A change here moves every number that was ever published: it belongs into CHANGELOG, Numbers."""
    assert digital_net.words(2026, "ev.lines.yu7.orders", 0, 2048, XIAOMI.salts)[:3].tolist() == WORDS_LISTED
    assert digital_net.words(2026, "an unlisted path", 0, 2048)[:3].tolist() == WORDS_UNLISTED


def test_listed_coordinates_are_closer_to_independent_than_plain_random_numbers():
    draws = 32_768
    scores = np.stack([special.ndtri(digital_net.uniform(3, path, 0, draws, XIAOMI.salts)) for path in XIAOMI.salts])
    off = np.corrcoef(scores)[np.triu_indices(len(scores), 1)]
    plain = 1 / np.sqrt(draws)
    assert np.sqrt(np.mean(off**2)) < plain / 2
    leading = np.corrcoef(scores[:40])[np.triu_indices(40, 1)]
    assert np.sqrt(np.mean(leading**2)) < plain / 4
    assert np.abs(leading).max() < 0.01


def test_noise_has_mean_0_variance_1_and_normal_quantiles():
    z = np.empty(16_384)
    digital_net.normal(1, "shock x 1", 0, 16_384, z)
    assert z.mean() == pytest.approx(0, abs=2e-4)
    assert z.var() == pytest.approx(1, abs=2e-3)
    assert np.quantile(z, [0.025, 0.5, 0.975]) == pytest.approx([-1.95996, 0, 1.95996], abs=0.01)
    exact = special.ndtri(digital_net.uniform(1, "shock x 1", 0, 16_384))
    middle = np.abs(exact) < 3
    assert np.abs(z - exact)[middle].max() < 0.003


@pytest.mark.parametrize(
    ("asked", "made"), [(1, 2048), (2048, 2048), (2049, 4096), (32_768, 32_768), (10**6, 1_048_576)]
)
def test_draws_are_rounded_up_to_whole_replicates(asked, made):
    assert digital_net.rounded_up(asked) == made


def test_every_coordinate_of_the_base_case_is_listed(base):
    noted = Recorded()
    XIAOMI.function(Draws(base, noted))
    assert noted.used.keys() <= XIAOMI.salts.keys()


def test_a_generator_matrix_is_read_from_the_hash_of_its_key():
    # by hand: column k of SHAKE-128's words, zeros below the diagonal digit, a one on it
    read = hashlib.shake_128(b"some path#7").digest(80)
    columns = [int.from_bytes(read[4 * k : 4 * k + 4], "little") for k in range(20)]
    expected = [(c >> (32 - k) << (32 - k)) | (1 << (31 - k)) for k, c in enumerate(columns)]
    assert digital_net.matrix("some path#7").tolist() == expected


def test_draws_are_made_in_whole_chunks_of_at_least_one():
    for start, stop in ((0, 100), (5, 2048), (2048, 2048), (4096, 2048), (-2048, 0)):
        with pytest.raises(ValueError, match="whole chunks of 2,048"):
            digital_net.words(1, "x", start, stop)
    assert [digital_net.rounded_up(n) for n in (1, 2048, 2049, 4096, 5000, 32_768)] == [
        2048,
        2048,
        4096,
        4096,
        8192,
        32_768,
    ]
    u = digital_net.uniform(1, "x", 0, 4096)
    assert u.dtype == float
    assert 0 < u.min() < 0.001
    assert 0.999 < u.max() < 1
