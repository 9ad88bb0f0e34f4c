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


BASE = "figures/as_of_2026-01-15"  # where the base case before any report is written


def run(folder, *args):
    command = [sys.executable, "-m", *args]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(folder)}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def put_in(file, after, new):
    """New text behind the first place that a pattern matches."""
    text = file.read_text()
    place = re.search(after, text).end()
    file.write_text(text[:place] + new + text[place:])


def files_of(recipe):
    return re.findall(r"`([\w./]+\.(?:py|toml|csv|md))`", RECIPES[recipe])


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
    tables = re.findall(r"(?ms)^\[ev\.lines\.suv_erev\.[\w.]+\].*?(?=^\[|^# ---)", text)
    assert len(tables) == 14
    file.write_text(
        text + "\n" + "\n".join(t.replace("suv_erev", "sport").replace("SUV", "sports car") for t in tables)
    )
    said = run(copy, "model", "show", "ev.lines.sport")
    assert said.count("ev.lines.sport.") == 14
    run(copy, "model.xiaomi.choose_salts")
    assert "ev.lines.sport.orders," in (copy / "model" / "xiaomi" / "salts.csv").read_text()
    run(copy, "model", "run", "--as-of", "base", "--no-figures", "--draws", "2048")
    assert "ev.deliveries.sport" in (copy / BASE / "results.csv").read_text()


def test_an_outcome_and_its_figure_take_two_files_each(copy):
    assert files_of("an outcome") == ["model/xiaomi/business.py", "model/xiaomi/outcomes.py"]
    price = '    out["ev.price"] = with_year(money["ev"][0]) / with_year(cars) * 1e9\n'
    put_in(copy / "model" / "xiaomi" / "business.py", r"(?m)^    out\[.*\n", price)
    put_in(copy / "model" / "xiaomi" / "outcomes.py", r"return \{", '"price": "RMB/vehicle", ')
    (copy / "model" / "xiaomi" / "report" / "figures" / "price.py").write_text(FIGURE)
    drawn = '"price": Drawn("model.xiaomi.report.figures.price", "revenue a car"), '
    put_in(copy / "model" / "xiaomi" / "report" / "spec.py", r"figures=\{", drawn)
    run(copy, "model", "figure", "price", "--as-of", "base", "--draws", "2048", "--format", "png")
    run(copy, "model", "run", "--as-of", "base", "--no-figures", "--draws", "2048")
    assert "base,ev.price,2026,RMB/vehicle,p50," in (copy / BASE / "results.csv").read_text()
    assert (copy / BASE / "price.png").stat().st_size > 10_000
    assert "holds" in run(copy, "model", "verify", f"{BASE}/price.png")


def test_a_sentence_of_the_memo_takes_its_template(copy):
    assert files_of("a sentence of the memo")[0] == "model/xiaomi/report/memo.md"
    sentence = (
        "\nAt the P50 that is {{ (result.quantile('ev.deliveries', 0.5).value / 365) | number('.0f') }} cars a day.\n"
    )
    put_in(copy / "model" / "xiaomi" / "report" / "memo.md", r"## Deliveries\n", sentence)
    run(copy, "model", "memo", "--as-of", "base", "--draws", "2048", "--format", "md")
    assert re.search(r"At the P50 that is 12\d\d cars a day\.", (copy / BASE / "memo" / "memo.md").read_text())


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
