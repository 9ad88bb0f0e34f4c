"""Studies are found by the names that figures carry, those of earlier versions too."""

import re

import pytest

from model.studies import registry
from tests.conftest import ROOT


@pytest.mark.parametrize("name", registry.MODULES)
def test_a_study_that_figures_carry_can_be_made_again(name):
    assert callable(registry.module_of(name, {}).again)


@pytest.mark.parametrize(
    ("then", "now"), [("reports.news", "revision"), ("reports.learned", "learned"), ("reports.signposts", "signposts")]
)
def test_a_name_of_an_earlier_version_leads_to_the_same_study(then, now):
    assert registry.module_of(then, {}) is registry.module_of(now, {})


def test_every_recipe_that_a_committed_figure_carries_is_known():
    carried = set()
    for file in (ROOT / "figures").rglob("*.svg"):
        carried |= set(re.findall(r"&quot;study&quot;: &quot;([\w.]+)&quot;|\"study\": \"([\w.]+)\"", file.read_text()))
    names = {name for pair in carried for name in pair if name}
    assert names
    for name in names - {"value"}:
        assert registry.module_of(name, {})


def test_a_study_of_no_version_is_not_there():
    with pytest.raises(KeyError):
        registry.module_of("swings", {})
