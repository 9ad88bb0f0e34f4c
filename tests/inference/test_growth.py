"""A posterior grows from the one that is kept: by a report, by an edit; and agrees with the one made from nothing."""

import re

import numpy as np
import pytest

import model
from model._version import FROM_NOTHING
from tests.conftest import copied

DRAWS = 4096
OUTCOMES = (("ev.deliveries", "2026"), ("ev.deliveries", "2026Q2"), ("group.revenue", "2026"))


def agree(one, other):
    for outcome, period in OUTCOMES:
        for measure in ("mean", "sd"):
            a, b = (getattr(p.result, measure)(outcome, period) for p in (one, other))
            assert a.value == pytest.approx(b.value, abs=4.5 * float(np.hypot(a.error, b.error))), (outcome, measure)
    both = one.log_evidence, other.log_evidence
    assert both[0].value == pytest.approx(both[1].value, abs=5 * float(np.hypot(both[0].error, both[1].error)))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project of its own, with nothing kept."""
    monkeypatch.delenv(FROM_NOTHING)
    folder = copied(tmp_path)
    (folder / ".cache" / "posteriors").unlink()
    return folder


def posterior(place, day, **how):
    return model.condition(model.load(place / "assumptions.toml", as_of=day), day, draws=DRAWS, **how)


def test_a_report_and_an_edit_begin_at_what_is_kept_and_agree_with_the_way_from_nothing(place):
    first = posterior(place, "2026-02-10")
    grown = posterior(place, "2026-03-01")
    assert not first.began_at
    assert "2026-02-10" in grown.began_at
    assert grown.has_path
    assert [moment.day for moment in grown.moments[1:3]] == [moment.day for moment in first.moments[1:]]
    nothing = posterior(place, "2026-03-01", fresh=True)
    assert not nothing.began_at
    assert len(grown.degrees) < len(nothing.degrees)
    agree(grown, nothing)
    for mine, theirs in zip(grown.surprises, nothing.surprises, strict=True):
        assert mine.before == pytest.approx(theirs.before, abs=0.05)
    assert any("2026-02-10" in line for line in grown.lines())

    file = place / "assumptions.toml"
    changed, count = re.subn(r"(\[ev\.lines\.yu7\.orders\][^\[]*?p50 +=) [\d_]+", r"\g<1> 18_500", file.read_text())
    assert count == 1
    file.write_text(changed)
    edited = posterior(place, "2026-03-01", daily=False)
    assert "2026-03-01" in edited.began_at
    again = posterior(place, "2026-03-01", daily=False)
    assert {name: row.tolist() for name, row in again.scores.items()} == {
        name: row.tolist() for name, row in edited.scores.items()
    }
    agree(edited, posterior(place, "2026-03-01", daily=False, fresh=True))


def test_what_is_frozen_is_made_from_nothing(place):
    posterior(place, "2026-02-10", daily=False)
    assert posterior(place, "2026-03-01", daily=False).began_at
    (entry, *_) = model.freeze("2026-03-01", base=place / "assumptions.toml", updates=False, draws=DRAWS)
    assert model.made_again(entry) == []
