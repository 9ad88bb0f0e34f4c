"""Baselines: rules by hand, errors of their own past, and nothing known that came later."""

import datetime as dt
import shutil
from functools import partial

import numpy as np
import pytest

from model.evaluation import baselines, exponential_smoothing, reproduce
from model.evaluation.baselines import Past
from model.evaluation.reproduce import rows_known
from model.simulation.business import Business, History
from model.xiaomi.business import XIAOMI
from model.xiaomi.data.known_on import history
from tests.conftest import ROOT

JANUARY = 12 * 2026
TARGET = ("cars", "2026")
RNG = np.random.default_rng(7)


def monthly(values, first=JANUARY - 12, **more):
    return Past(np.asarray(values, float), first, 12, **more)


def test_the_run_rate_is_the_last_three_months_or_the_last_quarter():
    assert baselines.run_rate(np.array([1.0, 9, 3, 6]), 0, 2, a_year=12) == pytest.approx([6, 6])
    assert baselines.run_rate(np.array([1.0, 9, 3, 6]), 0, 2, a_year=4) == pytest.approx([6, 6])


def test_the_seasonal_naive_is_the_year_before_moved_as_the_last_quarter_was():
    year = np.array([10.0, 20, 30, 40, 20])  # the last one is twice its own a year before
    rule = partial(baselines.seasonal_naive, a_year=4, adds=False)
    assert rule(year, 0, 5) == pytest.approx([40, 60, 80, 40, 40])
    assert baselines.seasonal_naive(year, 0, 3, a_year=4, adds=True) == pytest.approx([30, 40, 50])
    assert np.isnan(rule(year[:4], 0, 2)).all()


def test_the_season_of_others_is_found_where_it_is_known():
    season = np.array([0.6, 0.8, 1, 1, 1, 1, 1, 1, 1, 1.2, 1.2, 1.2])
    firms = {"one": {m: 100 * season[m % 12] for m in range(48)}, "two": {m: 9 * season[m % 12] for m in range(48)}}
    assert baselines.season_of(firms) == pytest.approx(season)
    path = baselines.peers_season(100 * season[9:12], 11, 3, season=season)
    assert path == pytest.approx(100 * season[:3])


def test_errors_are_those_that_the_rule_made_from_earlier_origins():
    past = Past(np.array([1.0, 2, 4, 8]), 0, 4)
    errors = baselines.errors_of(partial(baselines.run_rate, a_year=4), past, 2)
    expected = np.log([[2, 4], [2, 4], [2, 2]])  # from the third origin one step is known: its miss goes on
    assert errors == pytest.approx(expected)
    assert baselines.errors_of(partial(baselines.run_rate, a_year=4), past, 2, whole=True) == pytest.approx(
        expected[:2]
    )


def test_paths_have_the_rules_median_and_the_spread_of_student_t_with_its_errors():
    rng = np.random.default_rng(2)
    past = Past(np.exp(np.cumsum(rng.normal(0, 0.1, 40))), 0, 4)
    rule = partial(baselines.run_rate, a_year=4)
    made, errors = baselines.paths_by(rule, past, 3, rng), baselines.errors_of(rule, past, 3)
    assert np.median(made, axis=1) == pytest.approx(rule(past.values, 0, 3), rel=0.02)
    n = len(errors)
    sd = np.sqrt((errors**2).mean(axis=0) * n / (n - 2))  # Student t with n degrees
    assert np.log(made).std(axis=1) == pytest.approx(sd, rel=0.05)
    assert baselines.paths_by(rule, Past(np.array([1.0, 2, 3]), 0, 4), 2, rng) is None


def test_smoothing_carries_a_trend_on_and_says_nothing_of_a_short_series():
    series = np.exp(np.linspace(1, 2, 20)) * (1 + 0.001 * np.sin(np.arange(20)))
    made = exponential_smoothing.paths(series, 12, 3, 500, np.random.default_rng(1), positive=True)
    step = np.log(series[-1] / series[0]) / 19
    assert np.median(made, axis=1) == pytest.approx(series[-1] * np.exp(step * np.arange(1, 4)), rel=0.02)
    assert exponential_smoothing.paths(series[:5], 12, 3, 10, RNG, positive=True) is None


def test_known_months_stand_and_a_floor_lies_in_its_interval():
    months = dict.fromkeys(range(JANUARY - 12, JANUARY + 1), (100.0, 100.0)) | {JANUARY + 1: (100.0, 200.0)}
    past_of = History({"cars": months}, places=np.array([0.1, 0.3, 0.5]))
    names = [("cars", "2026-02"), ("cars", "2026-03"), ("cars", "2026Q1"), TARGET]
    found = {f.period: f for f in baselines.baseline("run_rate", past_of, 2026, names, TARGET, Business(lambda _: {}))}
    assert sorted(set(found["2026-02"].samples)) == pytest.approx([110, 130, 150])
    assert found["2026-03"].level(0.5) == pytest.approx((100 + 100 + 130) / 3, rel=0.03)
    assert found["2026Q1"].level(0.01) > 100 + 110


def test_makers_in_a_like_state_count_the_same_each():
    like = [("one", np.full(12, 2.0))] * 9 + [("two", np.full(12, 4.0))]
    past_of = History({"cars": dict.fromkeys(range(JANUARY - 12, JANUARY), (10.0, 10.0))}, like=like)
    (found,) = baselines.baseline("like_makers", past_of, 2026, [TARGET], TARGET, Business(lambda _: {}))
    assert found.mean == pytest.approx(12 * 30, rel=0.05)
    alone = History({"cars": past_of.months["cars"]}, like=like[:9])
    assert baselines.baseline("like_makers", alone, 2026, [TARGET], TARGET, Business(lambda _: {})) == []


def test_published_estimates_are_a_sample_of_the_year():
    past_of = History(estimates={"cars": [500.0, 600, 700]})
    (found,) = baselines.baseline("published_estimates", past_of, 2026, [TARGET], TARGET, Business(lambda _: {}))
    assert found.level(0.5) == pytest.approx(600, abs=1)
    assert (found.samples.min() >= 500) & (found.samples.max() <= 700)


def test_the_history_of_january_ends_before_the_year_and_grows_by_what_was_reported():
    january = history(ROOT, 2026, dt.date(2026, 1, 15))
    assert max(january.months["ev.deliveries"]) == JANUARY - 1
    assert january.quarters["smartphones.shipments"][4 * 2025 + 2] == 43.3
    assert len(january.places) == 18
    assert ((january.places >= 0) & (january.places < 1)).all()  # no month reached the next round ten thousand
    june = history(ROOT, 2026, dt.date(2026, 6, 1))
    assert june.quarters["ev.deliveries"][4 * 2026] == 80_856
    assert sum(june.months["ev.deliveries"][m][0] for m in range(JANUARY, JANUARY + 3)) == pytest.approx(80_856)
    assert june.months["ev.deliveries"][JANUARY + 4] == (30_000, 40_000)


def test_a_half_year_less_its_first_quarter_is_the_second():
    august = history(ROOT, 2026, dt.date(2026, 8, 20))
    assert august.quarters["smartphones.revenue"][4 * 2026 + 1] == 42.1
    assert august.quarters["ev.revenue"][4 * 2026 + 1] == 24.9


@pytest.mark.parametrize("name", list(baselines.RULES))
def test_a_baseline_reads_no_figure_that_was_reported_after_its_day(name, tmp_path):
    """The clock is moved: with everything that came later gone, and with all of it changed, the numbers are the same."""
    day = dt.date(2026, 5, 1)
    names = [("ev.deliveries", "2026Q2"), ("ev.deliveries", "2026"), ("smartphones.revenue", "2026Q2")]
    import model

    a = model.load(ROOT / "assumptions.toml", as_of="base")
    found = []
    for spoil in (lambda text, _: text, rows_known, _changed_after):
        root = tmp_path / f"{len(found)}"
        shutil.copytree(ROOT / "data", root / "data")
        table = root / "data" / "observations.csv"
        table.write_bytes(spoil(table.read_bytes(), day))
        found.append(reproduce.baselines_of(name, root, day, a, XIAOMI, names))
    assert found[0]
    for other in found[1:]:
        for mine, its in zip(found[0], other, strict=True):
            assert (mine.levels == its.levels).all()
            assert (mine.samples == its.samples).all()


def _changed_after(content, day):
    """The floors and the quarter of deliveries that became known after a day raised, and the revenue of phones raised by a fiftieth."""
    known = rows_known(content, day).decode().splitlines()
    later = [line for line in content.decode().splitlines() if line not in known]
    moved = []
    for line in later:
        cells = line.split(",")
        if line.startswith("ev.deliveries,2026") and cells[2] == "at_least":
            cells[3:5] = ["50000", "60000"]
        elif line.startswith("ev.deliveries,2026-08,exact"):  # within what the floor leaves
            cells[3] = "55000"
        elif line.startswith("ev.deliveries,2026Q2"):
            cells[3] = "150000"
        elif line.startswith("smartphones.revenue,2026"):
            cells[3] = f"{1.02 * float(cells[3])!r}"
        moved.append(",".join(cells))
    assert sum(a != b for a, b in zip(later, moved, strict=True)) >= 7
    return ("\n".join([*known, *moved]) + "\n").encode()
