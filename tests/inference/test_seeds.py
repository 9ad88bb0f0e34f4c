"""What `benchmarks/seeds.csv` holds: twenty posteriors of the same reports, each with another seed."""

import numpy as np
import pytest

from benchmarks.seeds import EVIDENCE, QUARTER, REFERENCE, YEAR, covered, kept


@pytest.fixture(scope="module")
def rows():
    return kept()[1]


def test_the_errors_that_are_stated_are_those_between_seeds(rows):
    ratios, inside = covered(rows)
    assert len(inside) == 300
    assert 0.4 <= min(ratios) <= max(ratios) <= 2.0
    assert 0.7 <= np.mean(ratios) <= 1.4
    assert 0.84 <= np.mean(inside) <= 0.95


def test_the_year_the_quarter_and_the_evidence_are_those_of_another_sampler(rows):
    """Within 1,500 cars, but for the year's P95: there within three errors of both (the other's 770)."""
    for of in (YEAR, QUARTER):
        for level, right in zip((0.05, 0.5, 0.95), REFERENCE[of], strict=True):
            value = rows[*of, level][:, 0]
            error = float(np.hypot(770, value.std(ddof=1) / np.sqrt(len(value))))
            allowed = 3 * error if (of, level) == (YEAR, 0.95) else 1500
            assert value.mean() == pytest.approx(right, abs=allowed), (of, level)
    (right,) = REFERENCE[EVIDENCE]
    assert rows[*EVIDENCE, 0.0][:, 0].mean() == pytest.approx(right, abs=0.2)
