"""The recipes of docs/architecture.md, carried out in a copy of the project: a vehicle line, an outcome, a figure."""

import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT, copied

PAGE = (ROOT / "docs" / "architecture.md").read_text()
RECIPES = {
    cells[0]: cells[1]
    for line in PAGE.partition("## How to add things")[2].splitlines()
    if line.startswith("| a")
    for cells in [[cell.strip() for cell in line.strip("|").split(" | ")]]
}


@pytest.fixture
def copy(tmp_path):
    """The project's own files, to follow a recipe in."""
    return copied(tmp_path, "model")


def run(folder, *args):
    command = [sys.executable, "-m", *args]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(folder)}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def replace(file, old, new):
    text = file.read_text()
    assert text.count(old) >= 1, old
    file.write_text(text.replace(old, new, 1))


def files_of(recipe):
    return re.findall(r"`([\w./]+\.(?:py|toml|csv))`", RECIPES[recipe])


def test_a_recipe_names_files_that_are_there_and_three_at_most():
    assert {"a plant", "a reported figure", "a study", "a sentence of the memo"} <= RECIPES.keys()
    for recipe in RECIPES:
        named = files_of(recipe)
        assert 1 <= len(named) <= 3, recipe
        for name in named:
            assert "NAME" in name or (ROOT / name).is_file(), name


def test_a_vehicle_line_takes_one_file(copy):
    assert files_of("a vehicle line") == ["assumptions.toml"]
    file = copy / "assumptions.toml"
    text = file.read_text()
    tables = re.findall(r"(?ms)^\[ev\.lines\.suv_erev\.\w+\].*?(?=^\[|^# ---)", text)
    assert len(tables) == 7
    file.write_text(
        text + "\n" + "\n".join(t.replace("suv_erev", "sport").replace("SUV", "sports car") for t in tables)
    )
    said = run(copy, "model", "show", "ev.lines.sport")
    assert said.count("ev.lines.sport.") == 7
    run(copy, "model.xiaomi.choose_salts")
    assert "ev.lines.sport.orders," in (copy / "model" / "xiaomi" / "salts.csv").read_text()
    run(copy, "model", "run", "--no-figures", "--draws", "2048")
    assert "ev.deliveries.sport" in (copy / "figures" / "results.csv").read_text()


def test_an_outcome_and_its_figure_take_two_files_each(copy):
    assert files_of("an outcome") == ["model/xiaomi/business.py", "model/xiaomi/outcomes.py"]
    replace(
        copy / "model" / "xiaomi" / "business.py",
        '    out["ecosystem.users"]',
        '    out["ev.price"] = with_year(money["ev"][0]) / with_year(cars) * 1e9\n    out["ecosystem.users"]',
    )
    replace(
        copy / "model" / "xiaomi" / "outcomes.py", 'return {"shipments"', 'return {"price": "RMB/vehicle", "shipments"'
    )
    (copy / "model" / "xiaomi" / "report" / "figures" / "price.py").write_text(FIGURE)
    replace(
        copy / "model" / "xiaomi" / "report" / "spec.py",
        '        "scenarios": OF_A_RUN["scenarios"],',
        '        "scenarios": OF_A_RUN["scenarios"],\n        "price": Drawn("model.xiaomi.report.figures.price", "revenue a car"),',
    )
    run(copy, "model", "figure", "price", "--draws", "2048", "--format", "png")
    run(copy, "model", "run", "--no-figures", "--draws", "2048")
    assert "base,ev.price,2026,RMB/vehicle,p50," in (copy / "figures" / "results.csv").read_text()
    assert (copy / "figures" / "price.png").stat().st_size > 10_000
    assert "holds" in run(copy, "model", "verify", "figures/price.png")


FIGURE = '''"""Revenue of the EV segment over cars delivered."""

from model.files.table import Table
from model.reporting.figures import notes
from model.reporting.figures.style import NAVY, Picture, in_style


@in_style
def draw(result, size):
    """P50 by quarter."""
    quarters = result.periods("ev.price")[:4]
    prices = [float(result.quantile("ev.price", 0.5, quarter).value) for quarter in quarters]
    canvas = notes.page(result, size, title=f"A car brings {prices[-1]:,.0f} RMB", subtitle="EV revenue a car, RMB, P50")
    canvas.axes().plot(quarters, prices, color=NAVY)
    return Picture(canvas.figure, "Revenue a car", "Line.", Table(("quarter", "RMB"), list(zip(quarters, prices))))
'''
