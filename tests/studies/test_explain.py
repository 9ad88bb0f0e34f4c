"""Explain: what differs between misses and hits, in words and in standard deviations."""

import dataclasses
import datetime as dt
import re

import numpy as np
import pytest

from model import from_dict, simulate
from model.assumptions.schema import Target
from model.studies.explain import explain, hits
from model.studies.sources import Prior
from model.studies.study import Study
from model.xiaomi.report import memo_sections, spec


def halves(d, *, plants_bind_in_hits=True):
    """Deliveries are x; waiting rises by 1,000 cars a month, ten times as fast in a hit."""
    hit = d["x"] >= 0
    bound = np.broadcast_to(hit if plants_bind_in_hits else ~hit, (12, d.size)).astype(float)
    waiting = np.arange(1, 13)[:, None] * np.where(hit, 10_000.0, 1000.0)
    return {"ev.deliveries": d["x"], "ev.capacity_bound": bound, "ev.waiting": waiting}


def explained(function, target=0.0):
    goal = Target(
        label="-",
        outcome="ev.deliveries",
        period="2026",
        value=target,
        unit="1",
        evidence="judgement",
        source="-",
        why="-",
    )
    a = from_dict({"x": {"mean": 0, "sd": 1, "label": "The driver"}, "y": {"mean": 5, "sd": 2, "label": "Idle"}})
    a = a.replace(target=goal, about=a.about.model_copy(update={"as_of": dt.date(2026, 1, 15)}))
    study = Study(a, Prior(function, draws=8192))
    return study, simulate(a, function, draws=8192)


def test_misses_are_explained_by_what_binds_what_waits_and_what_differs():
    study, result = explained(halves)
    found = explain(study, result, context=spec.context(result, hits(result))).lines()
    numbers = [re.findall(r"[\d.]*\d", line) for line in found]
    assert numbers[1] == ["0.0", "12", "12.0", "12.0", "0.0"]  # months in which plants and orders bind
    assert numbers[2] == ["12", "120"]  # thousand cars that wait
    assert "orders" in found[3]
    shift = next(line for line in found if "(x)" in line)
    assert all(word in shift for word in ("less", "1.60 ± 0.01", "The driver"))  # 2 sqrt(2 / pi)
    assert [s.label for s in explain(study, result)] == ["The driver", "Idle"]
    assert memo_sections.binding(result, hits(result)) == (0.0, 12.0)
    other = explained(lambda d: halves(d, plants_bind_in_hits=False))[1]
    assert memo_sections.binding(other, hits(other)) == (12.0, 0.0)
    assert [memo_sections.matter(*each) for each in ((1, 2), (2, 1), (1, 1))] == ["orders", "plants", "plants"]


def test_more_in_a_miss_is_said_as_more():
    study, result = explained(lambda d: {**halves(d), "ev.deliveries": -d["x"]})
    assert (
        explain(study, result, context=spec.context(result, hits(result)))
        .lines()[6]
        .startswith("  more  1.60 ± 0.01  The driver")
    )


@pytest.mark.parametrize(("target", "said"), [(-100.0, "Every draw reaches -100"), (100.0, "No draw reaches 100")])
def test_where_all_hit_or_none_there_is_nothing_to_explain(target, said):
    study, result = explained(halves, target)
    (line,) = explain(study, result).lines()
    assert said in line


def test_a_shift_is_counted_in_the_assumptions_own_standard_deviations():
    """Half of the draws hit, those with x above its mean: the halves of a normal lie 2 x 0.79788 deviations apart."""
    a = from_dict({"x": {"mean": 100, "sd": 50}, "y": {"mean": 3, "sd": 1}})
    a = dataclasses.replace(a, target=a.target.model_copy(update={"outcome": "s", "period": "2026", "value": 100.0}))
    study = Study(a, Prior(lambda d: {"s": d["x"]}, draws=8192))
    found = {s.path: s for s in explain(study, simulate(a, study.business, draws=8192))}
    assert found["x"].shift.error < 0.02
    assert found["x"].shift.value == pytest.approx(-2 * 0.7978846, abs=0.01)
    assert found["y"].shift.value == pytest.approx(0, abs=0.02)
