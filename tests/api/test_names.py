"""What a notebook needs has a name of `model` itself: scripts of users through those names alone, with the right values."""

import datetime as dt
import inspect
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

import model
from tests.conftest import ROOT

HEAD = """
[about]
title = "Own example"
as_of = 2026-01-01
year = 2026
question = "-"
resolution = "-"
not_modelled = ["-"]

[target]
label = "-"
outcome = "y"
period = "2026"
value = {value}
unit = "1"
evidence = "reported"
source = "-"
why = "-"
"""
NORMAL = """
[x.{name}]
label = "{name}"
unit = "1"
dist = "normal"
mean = {mean}
sd = {sd}
evidence = "judgement"
source = "-"
why = "-"
"""


@pytest.fixture
def written(tmp_path):
    """A base case of normals for a function, loaded."""

    def write(function, value, **normals):
        file = tmp_path / "input.toml"
        tables = [NORMAL.format(name=name, mean=mean, sd=sd) for name, (mean, sd) in normals.items()]
        file.write_text(HEAD.format(value=value) + "".join(tables))
        return model.load(file, business=model.Business(function), as_of="base")

    return write


def seen(value, error, series="filing", day=dt.date(2027, 1, 15)):
    return model.Observation("y", "2026", "exact", value, error, "1", series, day, "-", absolute=True)


@pytest.mark.parametrize("value", [0.24, 0.27])
def test_a_report_far_out_gives_the_product_of_two_normals(written, value):
    def y(d):
        return {"y": d["x.x"]}

    found = model.condition(written(y, 0.2, x=(0.2, 0.005)), observations=[seen(value, 0.003)], business=y)
    a, b = 0.005**-2, 0.003**-2
    mean, sd = found.result.mean("y"), found.result.sd("y")
    assert abs(mean.value - (0.2 * a + value * b) / (a + b)) < 5 * mean.error + 1e-6
    assert abs(sd.value - (a + b) ** -0.5) < 5 * sd.error + 2e-5


def test_of_a_restated_figure_the_newest_counts(written):
    def y(d):
        return {"y": d["x.x"]}

    reports = [seen(8.0, 0.5), seen(5.0, 0.5, day=dt.date(2027, 3, 15))]
    found = model.condition(written(y, 6.0, x=(0, 10)), observations=reports, business=y)
    assert found.result.mean("y").value == pytest.approx(5 / (1 + 0.05**2), abs=0.01)


def test_a_tornado_says_small_numbers_whole(written):
    def y(d):
        return {"y": 1e-4 * (d["x.x"] + d["x.z"])}

    found = model.tornado(model.study(written(y, 1.0, x=(1, 0.3), z=(0, 0.2)), y, draws=8192), "y")
    assert [bar.path for bar in found] == ["x.x", "x.z"]
    line = next(line for line in found.lines() if line.endswith("x.x"))
    assert line.split()[:3] == ["0.0000616", "->", "0.0001384"]  # 1e-4 (1 -+ 1.2816 x 0.3)


def test_a_solution_is_found_on_either_side_of_today(written):
    def y(d):
        return {"y": -(d["x.x"] ** 2)}

    study = model.study(written(y, -1.0, x=(0, 2)), y, draws=16384)
    needed = sorted(float(a.needed[0]) for a in model.solve(study, "x.x", chance=0.3).can)
    right = next(m for m in np.linspace(0, 3, 3001) if stats.norm.cdf(1, m, 2) - stats.norm.cdf(-1, m, 2) < 0.3)
    assert needed == pytest.approx([-right, right], abs=0.05)


def test_a_tornado_and_a_variance_see_a_square(written):
    def y(d):
        return {"y": d["x.x"] ** 2 + d["x.z"]}

    study = model.study(written(y, 1.0, x=(0, 1), z=(0, 0.2)), y, draws=16384)
    first = model.tornado(study, "y")[0]
    assert (first.path, first.turns) == ("x.x", True)
    assert model.variance(study, "y")[0].share.value == pytest.approx(2 / 2.04, abs=0.01)


def test_the_weighted_interval_score_is_twice_the_mean_pinball_loss():
    levels = np.array([stats.norm.ppf(q) for q in model.LEVELS])
    pinball = [max(q * (1 - x), (q - 1) * (1 - x)) for q, x in zip(model.LEVELS, levels, strict=True)]
    assert model.wis(levels, 1.0).total == pytest.approx(2 * np.mean(pinball))


def test_modules_that_moved_are_found_with_a_warning_that_says_where():
    program = (
        "from model.simulation.posterior import condition as module; from model.track_record.scores import wis; import model\n"
        "print(module.__spec__.name, module.__name__, hasattr(module, '__path__'), model.wis is wis)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["model.inference.condition", "model.inference.condition", "False", "True"]
    assert "model.simulation.posterior is called model.inference now" in done.stderr
    assert "model.track_record.scores is called model.evaluation.scores now" in done.stderr


FUNCTIONS = [name for name in model.__all__ if inspect.isfunction(getattr(model, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_says_all_that_it_takes(name):
    function = getattr(model, name)
    assert function.__doc__
    for each in inspect.signature(function).parameters.values():
        assert each.kind is not each.VAR_KEYWORD, each
        assert each.annotation is not each.empty, each
    assert inspect.signature(function).return_annotation is not inspect.Signature.empty
