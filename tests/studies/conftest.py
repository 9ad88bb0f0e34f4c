"""What tests of several studies ask."""

import pytest

from model import from_dict
from model.studies.sources import Prior
from model.studies.study import Study


@pytest.fixture
def sums():
    """A weighted sum of normals: one large, one middling, two small, one without effect."""
    names = ("tiny", "y", "x", "small", "idle")
    entries = {n: {"mean": 0, "sd": 1, "label": n.upper(), "unit": "share"} for n in names}
    weights = {"x": 2.0, "y": 1.0, "small": 0.01, "tiny": 0.001}
    return Study(from_dict(entries), Prior(lambda d: {"s": sum(w * d[n] for n, w in weights.items())}, draws=4096))
