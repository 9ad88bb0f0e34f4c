"""The public interface: five lines in a notebook, and a function of one's own."""

import numpy as np
import pytest

import model
from model import InputError


def test_five_lines_in_a_notebook(project):
    base = model.load(as_of="base")
    result = model.simulate(base, draws=2048)
    assert 0 < result.chance().value < 1
    assert set(result.table().columns) == {"scenario", "outcome", "period", "unit", "statistic", "value", "error"}
    assert model.figures.draw("deliveries", result).get_size_inches()[0] == pytest.approx(6.27)


def test_a_result_shows_itself_as_a_table(result):
    html = result._repr_html_()
    assert "<table" in html
    assert "ev.deliveries" in html


def test_any_vectorised_function_of_the_draws_runs():
    def project_value(d):
        flows = d["cash"] * (1 + 0.02 * d.shock("noise", 5))
        return {"npv": sum(flow / (1 + d["rate"]) ** (n + 1) for n, flow in enumerate(flows)), "cash": flows}

    a = model.from_dict({"cash": {"p10": 80, "p50": 100, "p90": 130}, "rate": {"value": 0.08}})
    r = model.simulate(a, project_value, draws=4096, seed=3)
    assert r.outcomes["cash"].shape == (5, 4096)
    annuity = (1 - 1.08**-5) / 0.08
    assert r.mean("npv").value == pytest.approx(float(a["cash"].distribution.mean()) * annuity, rel=1e-3)
    assert r.chance("npv", 0).value == 1


def test_the_ishigami_function_has_its_known_variance():
    """V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 with a = 7, b = 0.1: 13.8445879407."""
    a = model.from_dict({k: {"low": -np.pi, "high": np.pi} for k in "xyz"})
    r = model.simulate(
        a, lambda d: {"f": np.sin(d["x"]) + 7 * np.sin(d["y"]) ** 2 + 0.1 * d["z"] ** 4 * np.sin(d["x"])}, seed=1
    )
    sd = r.sd("f")
    assert abs(sd.value - np.sqrt(13.8445879407)) < 4 * sd.error
    assert abs(r.mean("f").value - 3.5) < 4 * r.mean("f").error


def test_an_outcome_that_is_not_finite_is_refused_with_its_name():
    a = model.from_dict({"x": {"low": -1, "high": 1}})
    with np.errstate(invalid="ignore"), pytest.raises(InputError, match=r"root: is not finite in 1,024 of 2,048 draws"):
        model.simulate(a, lambda d: {"root": np.sqrt(d["x"])}, draws=2048)


def test_unknown_outcomes_periods_and_names_are_refused_with_the_near_ones(result):
    with pytest.raises(InputError, match=r"no outcome 'ev\.delivery'\. Did you mean ev\.deliveries"):
        result.mean("ev.delivery")
    with pytest.raises(InputError, match="no period '2026Q5'"):
        result.mean("ev.deliveries", "2026Q5")
    with pytest.raises(InputError, match="there"):
        model.simulate(result.assumptions, lambda d: {"x": d["ev.lines.yu7.order"]}, draws=2048)
    with pytest.raises(AttributeError):
        model.nothing  # noqa: B018
