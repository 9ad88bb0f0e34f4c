"""Capacity by hand."""

import numpy as np
import pytest

from model.xiaomi.drivers import capacity


def one(x):
    return np.array([float(x)])


def test_a_ramp_of_ten_months_from_march_is_at_5_percent_in_march_and_full_in_2027():
    ramp = capacity.ramp(start=one(3), months=one(10))[:, 0]
    assert ramp[:3] == pytest.approx([0, 0, 0.05])
    assert ramp[11] == pytest.approx(0.95)


def test_an_old_plant_is_at_full_output():
    assert capacity.ramp(start=one(-22.5), months=one(12)) == pytest.approx(np.ones((12, 1)))


def test_an_outage_of_a_month_and_a_half_from_mid_march_takes_half_of_march_and_all_of_april():
    lost = capacity.outage(begin=one(3.5), months=one(1.5))[:, 0]
    assert lost[[1, 2, 3, 4]] == pytest.approx([0, 0.5, 1, 0])
    assert lost.sum() == pytest.approx(1.5)


def test_150_000_a_year_at_double_shift_is_25_000_a_month():
    built = capacity.output(nameplate=one(150_000), shift_factor=one(2), outage=np.full((12, 1), 0.2))
    assert built == pytest.approx(np.full((12, 1), 20_000))


def test_plants_of_100_and_200_build_264_in_a_month_of_eleven_tenths_with_a_fifth_lost():
    plants = (np.full((12, 1), 100.0), np.full((12, 1), 200.0))
    built = capacity.together(*plants, workdays=np.full((12, 1), 1.1), noise=np.full((12, 1), 0.8))
    assert built == pytest.approx(np.full((12, 1), 264.0))
    assert plants[0][0, 0] == 100.0  # they are lent, not used up
    assert capacity.together(workdays=np.ones((12, 1)), noise=np.ones((12, 3))).tolist() == [[0.0] * 3] * 12


def test_a_month_of_fewer_than_no_working_days_builds_nothing():
    workdays = np.array([[-0.05, 0.0, 0.5]])
    built = capacity.together(np.full((1, 3), 100.0), workdays=workdays, noise=np.ones((1, 3)))
    assert built.tolist() == [[0.0, 0.0, 50.0]]
