"""What most tests start from: the repository, the base case, one run of it, and a copy to break."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from model import load, simulate
from model._version import FROM_NOTHING

settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=300)
settings.load_profile("fixed")
os.environ[FROM_NOTHING] = "1"  # which posterior is kept must not matter to a test
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def base():
    return load(ROOT / "assumptions.toml", as_of="base")


@pytest.fixture(scope="session")
def result(base):
    return simulate(base, draws=8192)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the assumptions, scenarios and data to edit, before anything became known; the current folder."""
    monkeypatch.chdir(copied(tmp_path))
    shutil.rmtree(tmp_path / "updates")
    reports = tmp_path / "data" / "observations.csv"
    reports.write_text(reports.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def today(tmp_path, monkeypatch):
    """The same with all that became known, and the posterior of the latest day."""
    monkeypatch.chdir(copied(tmp_path, "posteriors"))
    return tmp_path


def copied(folder, *more):
    """The files of the base case in another folder, with others that are named."""
    for name in ("assumptions.toml", "scenarios", "data", "updates", *more):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    share_posteriors(folder)
    return folder


def share_posteriors(folder):
    """Posteriors are made once for all tests: each is kept under a hash of all that makes it."""
    kept = ROOT / ".cache" / "posteriors"
    kept.mkdir(parents=True, exist_ok=True)
    (folder / ".cache").mkdir(exist_ok=True)
    (folder / ".cache" / "posteriors").symlink_to(kept)


def p50(assumptions, path):
    """Median of an assumption: a float, or (period, 1)."""
    parameters = assumptions[path].distribution.parameters
    return parameters.get("p50", parameters.get("value"))


def pytest_addoption(parser):
    parser.addoption("--cases", type=int, default=250, help="cases of bad input; make prove takes 10,000")
    parser.addoption("--sequences", type=int, default=500, help="of edits on the page; make prove takes 10,000")
    parser.addoption("--pythons", action="store_true", help="the same bits under every other Python of this machine")
    parser.addoption("--kills", type=int, default=3, help="runs that are killed; make prove takes 100 of each command")
    parser.addoption(
        "--calibrations", type=int, default=5, help="truths that a posterior is checked on; make prove takes 200"
    )


# What `make quick` takes: whole folders, and modules of others; nothing that starts a program or draws a figure.
QUICK = (
    "assumptions", "files", "xiaomi", "model", "simulation/test_business", "simulation/test_draws", "simulation/test_measures",
    "simulation/test_digital_net", "simulation/test_result", "simulation/test_formatting", "simulation/test_simulate", "studies/test_study",
    "evaluation/test_hub_table", "evaluation/test_scores",
)  # fmt: skip
NOT_QUICK = (
    "test_observations",
    "test_scenarios",
    "test_update",
    "test_horizon",
    "test_later_years",
    "test_value",
    "test_reference_classes",
)


def pytest_collection_modifyitems(items):
    for item in items:
        place = item.path.relative_to(ROOT).with_suffix("").as_posix().removeprefix("tests/")
        if any(mark.name == "skipif" and "Chromium" in mark.kwargs.get("reason", "") for mark in item.iter_markers()):
            item.add_marker(pytest.mark.browser)
        elif place.startswith(QUICK) and not place.endswith(NOT_QUICK) and item.get_closest_marker("slow") is None:
            item.add_marker(pytest.mark.quick)
