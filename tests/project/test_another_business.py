"""A lemonade stand: a business of two assumptions goes through the engine, every study, the figures and the memo.

Nothing of Xiaomi may be imported on the way: that is the proof that the engine and the desk know no business.
"""

import json
import subprocess
import sys

import pytest

STAND = """\
[about]
title = "A lemonade stand on a summer day"
as_of = 2026-06-01
year = 2026
question = "Does the stand take at least 100 euros?"
resolution = "Takings as counted in the evening."
not_modelled = ["rain"]

[target]
label = "New scooter"
outcome = "stand.takings"
period = "2026"
value = 100.0
unit = "EUR"
evidence = "reported"
source = "shop window"
why = "It costs that much."

[stand.cups]
label = "Cups sold"
unit = "cup"
p10 = 40
p50 = 60
p90 = 90
evidence = "estimate"
source = "last summer"
why = "-"

[stand.price]
label = "Price of a cup"
unit = "EUR/cup"
low = 1.0
high = 2.0
evidence = "judgement"
source = "-"
why = "-"
"""
HEAT = """\
[scenario]
label = "Heat wave"
story = "It is hot."

[stand.cups]
p10 = 60
p50 = 80
p90 = 120
why = "Thirst."
"""
PROGRAM = """\
import json, sys
from pathlib import Path
import model


def stand(d):
    return {"stand.takings": d.get("stand.cups", "cup") * d.get("stand.price", "EUR/cup")}


LEMONADE = model.Business(stand, name="lemonade", unit=lambda _: "EUR", units={"cup": False, "EUR/cup": False})
base = model.load("stand.toml", business=LEMONADE, as_of="base")
heat = model.load("stand.toml", ["heat"], business=LEMONADE, as_of="base")
result = model.simulate(base, LEMONADE, draws=4096)
study = model.study(base, LEMONADE, draws=4096)
found = {
    "tornado": model.tornado(study),
    "first look": model.first_look(study),
    "sweep": model.sweep(study, "stand.price.shift=-0.5:0.5:5", measures=("chance", "stand.takings")),
    "grid": model.sweep(study, "stand.price.scale=0.8:1.2:3", "stand.cups.p50=50:70:3"),
    "latin": model.sweep(study, "stand.price.scale=0.8:1.2", "stand.cups.p50=50:70", latin=10),
    "solve": model.solve(study, chance=0.6),
    "equal chance": model.equal_chance(study, "stand.cups", "stand.price", chance=0.6),
    "variance": model.variance(study),
    "explain": model.explain(study),
    "bridge": model.bridge(base, heat, business=LEMONADE, draws=4096),
    "compare": model.compare(base, heat, business=LEMONADE, draws=4096),
}
for name, each in found.items():
    assert each.lines(), name
    assert len(each.table().rows) > 0, name
    assert "<table" in each._repr_html_(), name
for name in ("tornado", "sweep", "grid", "latin", "solve", "equal chance", "variance", "bridge"):
    for size in ("word", "half", "slide"):
        model.figures.draw(found[name], result, size)
run = model.run(base, Path("out"), business=LEMONADE, draws=4096)
memo = model.memo(study, Path("memo"))
kept = model.verify("out/distribution.png", "stand.toml", business=LEMONADE)
sharp = model.chance(study)
print(json.dumps({
    "chance": list(result.chance()), "sharp": list(sharp), "p50": float(result.quantile("stand.takings", 0.5).value),
    "lines": run.lines, "title": memo.title, "holds": kept.holds, "bars": [bar.path for bar in found["tornado"]],
    "effects": [[s.name, float(s.share.value)] for s in found["variance"]],
    "xiaomi": sorted(name for name in sys.modules if name.startswith("model") and "xiaomi" in name),
    "memo": Path("memo/memo.md").read_text(),
}))
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """What the program says of a day at the stand."""
    folder = tmp_path_factory.mktemp("stand")
    (folder / "stand.toml").write_text(STAND)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "heat.toml").write_text(HEAT)
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout.splitlines()[-1])


def test_nothing_of_xiaomi_is_imported(day):
    assert day[1]["xiaomi"] == []


def test_the_chance_is_that_of_the_product_of_two_draws_by_quadrature(day):
    """P(cups x price >= 100) = integral over the price of P(cups >= 100 / price); the metalog's share by bisection."""
    import numpy as np

    a1, a2, a3 = 60.0, 50 / (2 * np.log(9)), (90 + 40 - 120) / (0.8 * np.log(9))  # Keelin's three terms by hand
    u = np.linspace(1e-7, 1 - 1e-7, 2_000_001)
    cups = a1 + (a2 + a3 * (u - 0.5)) * np.log(u / (1 - u))
    prices = np.linspace(1.0, 2.0, 2001)
    expected = np.trapezoid(1 - np.interp(100 / prices, cups, u), prices)
    value, error = day[1]["chance"]
    assert abs(value - expected) < 5 * error
    value, error = day[1]["sharp"]
    assert abs(value - expected) < 5 * error


def test_the_studies_name_its_own_assumptions(day):
    said = day[1]
    assert set(said["bars"]) == {"stand.cups", "stand.price"}
    assert sum(share for _, share in said["effects"]) == pytest.approx(1, abs=1e-6)


def test_headline_and_memo_speak_of_the_stand_and_of_no_cars(day):
    folder, said = day
    text = "\n".join([*said["lines"], said["title"], said["memo"]])
    assert "A lemonade stand on a summer day" in text
    assert "Price of a cup" in text
    for word in ("Xiaomi", "vehicle", "deliver", "RMB", "car "):
        assert word not in text, word
    assert {p.name for p in (folder / "memo").glob("memo.*")} >= {"memo.md", "memo.docx", "memo.html", "memo.xlsx"}


def test_its_figure_can_be_verified(day):
    assert day[1]["holds"] is True
