"""Frozen forecasts as tables in the columns of the forecast hubs."""

import csv
import datetime as dt
import gzip

import numpy as np
import pytest

import model
from model.evaluation import hub_table
from model.evaluation.from_draws import at_even_steps, forecast

DAY = dt.date(2026, 4, 1)


def made(period="2026Q2", values=None):
    values = np.random.default_rng(3).lognormal(11.5, 0.2, 4_000) if values is None else values
    weights = np.ones(len(values))
    return forecast(
        ("ev.deliveries", period), "vehicle", values, weights, at_even_steps(values, weights, 1), [110_000.0]
    )


def test_a_forecast_is_read_back_as_it_was_written(tmp_path):
    whole, month = made(), made("2026-06")
    hub_table.write(DAY, [whole, month], tmp_path / "f.csv.gz")
    back = hub_table.read(tmp_path / "f.csv.gz")
    assert set(back) == {("ev.deliveries", "2026Q2"), ("ev.deliveries", "2026-06")}
    found = back["ev.deliveries", "2026Q2"]
    assert found.levels == pytest.approx(whole.levels, rel=1e-7)
    assert found.samples == pytest.approx(whole.samples, rel=1e-5)
    assert found.at_most == {110_000.0: pytest.approx(whole.at_most[110_000.0])}
    assert (found.unit, found.mean) == ("vehicle", pytest.approx(whole.mean, rel=1e-7))


def test_the_table_has_the_columns_of_the_hubs_and_the_same_bytes_each_time(tmp_path):
    for name in ("a", "b"):
        hub_table.write(DAY, [made()], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    rows = list(csv.DictReader(gzip.decompress((tmp_path / "a").read_bytes()).decode().splitlines()))
    assert tuple(rows[0]) == (
        "reference_date",
        "target",
        "target_end_date",
        "output_type",
        "output_type_id",
        "value",
        "unit",
    )
    assert {(row["reference_date"], row["target"], row["target_end_date"]) for row in rows} == {
        ("2026-04-01", "quarter ev.deliveries", "2026-06-30")
    }
    kinds = [row["output_type"] for row in rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {"quantile": 23, "mean": 1, "cdf": 1, "sample": 200}


def test_only_what_is_wanted_is_read(tmp_path):
    hub_table.write(DAY, [made(), made("2026-06")], tmp_path / "f")
    assert list(hub_table.read(tmp_path / "f", lambda name: name[1] == "2026-06")) == [("ev.deliveries", "2026-06")]


@pytest.mark.parametrize(
    ("spoil", "hint"),
    [
        (lambda text: text.replace("value,unit", "number,unit"), "has other columns"),
        (lambda text: text.replace("quantile,0.5,", "quantile,0.51,"), "are not the 23 in ascending order"),
        (lambda text: text.replace("mean,,", "mean,,x"), "is no frozen forecast"),
        (lambda text: "\n".join(line for line in text.splitlines() if ",mean," not in line), "is no frozen forecast"),
    ],
)
def test_what_is_no_frozen_forecast_is_refused_in_words(tmp_path, spoil, hint):
    path = tmp_path / "f.csv.gz"
    hub_table.write(DAY, [made()], path)
    path.write_bytes(gzip.compress(spoil(gzip.decompress(path.read_bytes()).decode()).encode()))
    with pytest.raises(model.InputError, match=hint):
        hub_table.read(path)


def test_a_file_that_is_not_packed_is_refused(tmp_path):
    (tmp_path / "f").write_text("no")
    with pytest.raises(model.InputError, match="cannot be read"):
        hub_table.read(tmp_path / "f")


def test_samples_stand_for_all_draws_along_the_target():
    values = np.random.default_rng(5).normal(size=20_000)
    chosen = values[at_even_steps(values, np.ones(20_000), 1)]
    assert np.sort(chosen) == pytest.approx(np.quantile(values, (np.arange(200) + 0.5) / 200), abs=0.01)
    weights = (values > 0).astype(float)
    assert (values[at_even_steps(values, weights, 1)] > 0).all()


def test_quantiles_and_chance_honour_weights():
    values, weights = np.arange(1000.0), np.r_[np.zeros(500), np.ones(500)]
    found = forecast(("x", "2026"), "1", values, weights, at_even_steps(values, weights, 1), [750.0])
    assert found.level(0.5) == pytest.approx(749, abs=1)
    assert found.at_most[750.0] == pytest.approx(0.5)
