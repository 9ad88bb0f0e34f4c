"""A number in the place of another keeps the limits of the assumption, wherever it comes from."""

import pytest

import model
from model import InputError
from model.assumptions.layers.limits import limits_of
from model.assumptions.schema import NumberChange
from model.editor import question as asking
from model.editor.question import Files, Question
from model.studies.sweep_file import planned
from model.xiaomi.business import XIAOMI

WRONG = [
    ("ev.book.ready", "70", "is 70 share. A share lies between 0 and 1; 70% is 0.7"),
    ("ev.book.ready", "0.99", "is 0.99 share. The base case's max is 0.95"),
    ("ev.book.ready", "0.1", "is 0.1 share. The base case's min is 0.2"),
    ("ev.lines.yu7.orders", "-5", "is -5 vehicle/month. It cannot lie below 0"),
    ("ev.lines.yu7.orders", "1e6", "It cannot lie above 190,783, 5 times the largest"),
    ("ev.lines.yu7.trims.pro.price", "279.9", "The base case has no less than 279,900: is it in another unit?"),
    ("ev.lines.yu7.trims.pro.price", "279_900_000", "It cannot lie above 1,399,500"),
    ("ev.lines.yu7.duty", "12", "A share lies between 0 and 1; 12% is 0.12"),
    ("smartphones.share", "12", "A share lies between 0 and 1"),
    ("smartphones.tiers.high.price", "1.8", "is it in another unit?"),
    ("noise.orders", "-0.1", "A share lies between 0 and 1"),
    ("ev.other.margin", "-2", "A share lies between -1 and 1"),
    ("ev.accident.happens", "2", "The base case's max is 1"),
    ("ecosystem.users_per_phone", "250", "It cannot lie above"),
    ("other.gross_profit", "-450", "It cannot lie below"),
    ("ev.lines.yu7.net", "0", "is it in another unit?"),
    ("ev.cost.variable", "0", "is it in another unit?"),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG)
def test_a_number_beyond_its_limits_is_refused_from_every_layer(project, path, value, said):
    with pytest.raises(InputError) as by_set:
        model.load(sets=[f"{path}={value}"], as_of="base")
    assert f"--set: {path}: " in str(by_set.value)
    assert said in str(by_set.value)
    head = "[scenario]\nlabel = 'l'\nstory = 's'\n"
    (project / "scenarios" / "wrong.toml").write_text(f"{head}[{path}]\nvalue = {value}\nwhy = 'w'\n")
    with pytest.raises(InputError) as by_file:
        model.load(scenarios=["wrong"], as_of="base")
    assert "scenarios/wrong.toml, line 4" in str(by_file.value)
    with pytest.raises(InputError, match=r"wrong\.toml") as by_check:
        model.check()
    for refused in (by_file, by_check):
        assert said in str(refused.value)
    base = model.load(as_of="base")
    with pytest.raises(InputError) as by_sweep:
        planned(
            base, XIAOMI, [f"{path}={value},{'0.5' if float(value) != 0.5 else '0.6'}"], ["chance"], latin=None, seed=1
        )
    assert path in str(by_sweep.value)
    with pytest.raises(InputError) as on_page:
        asking.answer(Files(project / "assumptions.toml", XIAOMI), Question(edits={path: {"value": float(value)}}))
    assert said in str(on_page.value)


def test_an_update_keeps_them_too_and_a_scenario_over_an_update_those_of_the_base_case(today):
    (today / "updates" / "wrong.toml").write_text(
        "[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n[ev.book.ready]\nas_of = 2026-05-01\nvalue = 70\n"
        "evidence = 'estimate'\nsource = 's'\nwhy = 'w'\n"
    )
    with pytest.raises(InputError, match=r"updates/wrong\.toml, line 5: ev\.book\.ready: is 70 share"):
        model.load(as_of="2026-08-20")
    (today / "updates" / "wrong.toml").write_text((today / "updates" / "wrong.toml").read_text().replace("70", "0.5"))
    with pytest.raises(InputError, match=r"The base case's max is 0\.95"):
        model.load(as_of="2026-08-20", sets=["ev.launch.decay=0.5", "ev.book.cancellation=0.1", "ev.plants.phase1.outage=0.1", "ev.book.ready=0.97"])  # fmt: skip


def test_whole_distributions_are_held_to_them_and_bounds_of_their_own_to_what_always_holds(project):
    head = "[scenario]\nlabel = 'l'\nstory = 's'\n[ev.book.ready]\nwhy = 'w'\n"
    place = project / "scenarios" / "mine.toml"
    place.write_text(f"{head}p10 = 0.6\np50 = 0.8\np90 = 0.93\n")
    with pytest.raises(InputError, match=r"reaches up to 1\.1.* A share lies between 0 and 1"):
        model.load(scenarios=["mine"], as_of="base")
    place.write_text(f"{head}p10 = 0.5\np50 = 0.7\np90 = 0.9\nmin = 0.1\nmax = 0.99\n")
    assert model.load(scenarios=["mine"], as_of="base")["ev.book.ready"].distribution.parameters["max"] == 0.99
    place.write_text(f"{head}p10 = 0.5\np50 = 0.7\np90 = 0.9\nmin = 0.1\nmax = 1.5\n")
    with pytest.raises(InputError, match="A share lies between 0 and 1"):
        model.load(scenarios=["mine"], as_of="base")


@pytest.mark.parametrize("sets", ["noise.orders=0", "ev.lines.yu7.orders=25_000", "ev.lines.yu7.duty=0.1", "ev.plants.phase2.nameplate=0", "ev.other.margin=-0.3"])  # fmt: skip
def test_what_is_within_them_passes(project, sets):
    assert model.load(sets=[sets], as_of="base").edits


@pytest.mark.parametrize(
    ("keys", "unit", "expected"),
    [
        ({"p10": 0.3, "p50": 0.5, "p90": 0.7, "min": 0.2, "max": 0.95}, "share", (0.2, 0.95, 0.0, 1.0)),
        ({"value": 0.0}, "share", (None, None, 0.0, 1.0)),
        ({"mean": 0.0, "sd": 0.1}, "share", (None, None, -1.0, 1.0)),
        ({"value": 100.0}, "vehicle", (None, None, 0.0, 500.0)),
        ({"low": 100.0, "high": 120.0}, "1", (None, None, None, 600.0)),
        ({"mean": 0.0, "sd": 1.0}, "1", (None, None, -15.45116, 15.45116)),  # five times the P99.9 of N(0, 1)
        ({"value": 3.0}, "month", (None, None, None, None)),
    ],
)
def test_the_limits_of_an_assumption_follow_from_its_bounds_its_unit_and_its_scale(keys, unit, expected):
    found = limits_of(NumberChange(**keys, why="-").distribution(), unit, {"vehicle": False})
    for end, wanted in zip((found.least, found.most, found.never_below, found.never_above), expected, strict=True):
        assert end == (
            pytest.approx(wanted) if wanted is not None else pytest.approx(float("inf")) if end > 0 else -float("inf")
        )


def test_what_is_counted_and_falls_below_nought_is_refused_with_the_outcome_named(base):
    counted = model.Business(
        lambda d: {"cars.sold": d["x"][None, :]}, unit=lambda _: "vehicle", accounts=XIAOMI.accounts
    )
    a = model.from_dict({"x": {"mean": 1.0, "sd": 1.0}})
    with pytest.raises(InputError, match=r"cars\.sold: falls to -\d.*below 0 in 16% of draws"):
        model.simulate(a, counted, draws=2048)
