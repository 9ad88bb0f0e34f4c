"""Bad input: one clear message with file, line and path; everything at once."""

import pytest

from model import InputError, load
from model.assumptions.load import load as read
from model.simulation.consistency import audit
from model.xiaomi.business import XIAOMI

ENTRY = """
[x.y]
label = "l"
unit = "share"
p10 = 1
p50 = 2
p90 = 4
evidence = "estimate"
source = "s"
why = "w"
"""


def edit(project, old, new, file="assumptions.toml"):
    path = project / file
    text = path.read_text()
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1))


def problems(*args, **kwargs):
    with pytest.raises(InputError) as caught:
        load(*args, **kwargs)
    return [str(p) for p in caught.value.problems]


def line_of(project, text, file="assumptions.toml"):
    lines = (project / file).read_text().splitlines()
    return next(n for n, line in enumerate(lines, start=1) if line.startswith(text))


YU7 = 'label    = "YU7: firm orders in a normal month"\n'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (YU7, YU7 + "p75 = 3\n", "p10, p50, p75, p90 must rise"),
        (YU7, YU7 + "p100 = 3\n", "unknown key 'p100'. Known keys: p1 to p99"),
        (YU7 + 'unit     = "vehicle/month"\n', YU7, "has no unit. Every number has a unit"),
        (YU7 + 'unit     = "vehicle/month"\n', YU7 + 'unit = "vehicles/month"\n', "unit 'vehicles/month' is not known. Did you mean vehicle/month"),
        ("p10      = 10_500", 'p10      = "12_000"', "p10 is '12_000', not a number, or a list of numbers. Write it without quotes"),
        ("p10      = 10_500", "p10      = true", "p10 is True, not a number"),
        ("p10      = 10_500", "p10      = nan", "p10 is nan, not a finite number"),
        ("p10      = 10_500", "p10      = -inf", "p10 is -inf, not a finite number"),
        ("p10      = 10_500", "p10      = 30_000", "p10, p50, p90 must rise"),
        ("p50      = 17_500", "p50      = 12_001", "too skewed. With these p10 and p90, p50 must lie between"),
        ("p10      = 10_500\n", "", "make no distribution"),
        ("p10      = 10_500", "p10      = [12_000, 13_000]\nvalue = [1, 2]", "make no distribution"),
        ("min      = 4_000\nmax      = 40_000", "min      = 13_000\nmax      = 40_000", "min 13,000 is not below p10 10,500"),
        (YU7, YU7.replace("YU7: firm orders in a normal month", "  "), "label is empty"),
        ('evidence = "estimate"\nsource   = "facts, Demand: sources conflict: 4-5', 'evidence = "guess"\nsource   = "facts, Demand: sources conflict: 4-5', "evidence 'guess' is not known. One of: reported"),
    ],
)  # fmt: skip
def test_a_fault_in_an_entry_is_said_with_file_line_and_path(project, old, new, said):
    edit(project, old, new)
    (message,) = problems("assumptions.toml")
    assert said in message
    assert message.startswith("assumptions.toml, line ")
    number = int(message.split("line ")[1].split(":")[0])
    start = line_of(project, "[ev.lines.yu7.orders]")
    assert start <= number <= start + 12
    assert ": ev.lines.yu7.orders: " in message


def test_all_problems_are_said_at_once(project):
    edit(project, "p10      = 10_500", "p10      = nan")
    edit(project, "[ev.book.ready]\n", "[ev.book.ready]\ncolour = 1\n")
    edit(project, "rank    = 0.45", "rank    = 1.5")
    found = problems("assumptions.toml")
    assert len(found) == 3
    assert any("rank is 1.5. A rank correlation lies between -1 and 1" in m for m in found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\x00\xff\xfe\x80", "is not text in UTF-8"),
        (b"[a]\nx = 1\nx = 2\n", "assumptions.toml, line 3: is not valid TOML: Cannot overwrite a value"),
        (b"[a]\nx = \n", "assumptions.toml, line 2: is not valid TOML"),
        (b"x = [[[[", "is not valid TOML"),
        (b"x = 1\n", "has no [about] table"),
        (b"[about]\ntitle = 3\n", "title is 3"),
    ],
)
def test_a_broken_file_is_said(project, content, said):
    (project / "assumptions.toml").write_bytes(content)
    assert any(said in message for message in problems("assumptions.toml"))


def test_a_deeply_nested_file_ends_in_a_message(project):
    (project / "assumptions.toml").write_text("x = " + "[" * 100_000)
    assert problems("assumptions.toml")


def test_a_missing_file_names_those_that_are_there(project):
    (message,) = problems("asumptions.toml")
    assert message == "asumptions.toml: no such file. TOML files there: assumptions.toml"


def test_a_folder_in_place_of_a_file_is_said(project):
    assert "cannot be read" in problems("data")[0]


def test_an_impossible_correlation_is_refused_with_the_possible_range(project):
    edit(project, '"ev.lines.suv_erev.orders"]\nrank    = 0.35', '"ev.lines.suv_erev.orders"]\nrank    = -0.9')
    found = problems("assumptions.toml")
    assert any(
        "ev.lines.suv_erev.orders and ev.lines.yu7.orders cannot stand with the others" in m and "it can be" in m
        for m in found
    )


def test_a_correlation_with_an_unknown_assumption_is_refused_with_the_near_one(project):
    edit(
        project,
        'between = ["ev.lines.yu7.orders", "ev.lines.su7_2026.orders"]',
        'between = ["ev.lines.yu7.order", "ev.lines.su7_2026.orders"]',
    )
    (message,) = problems("assumptions.toml")
    assert "unknown assumption 'ev.lines.yu7.order'. Did you mean ev.lines.yu7.orders" in message


# --- the model and the file hold each other to account ------------------------------------------------------


def test_every_assumption_of_the_base_case_is_used_and_none_is_missing(base):
    assert audit(base, XIAOMI) == []


def test_an_unused_assumption_is_an_error(project):
    path = project / "assumptions.toml"
    path.write_text(path.read_text() + ENTRY.replace("x.y", "ev.market.groth"))
    (problem,) = audit(read("assumptions.toml", units=XIAOMI.units), XIAOMI)
    assert problem.path == "ev.market.groth"
    assert "does not use" in problem.what


def test_a_missing_assumption_is_an_error_that_names_the_misspelt_one(project):
    edit(project, "[ev.book.ready]", "[ev.book.redy]")
    found = [str(p) for p in audit(read("assumptions.toml", units=XIAOMI.units), XIAOMI)]
    assert "ev.book.ready: the model needs this assumption and it is not there. Did you mean ev.book.redy" in found[0]
    assert found[1].startswith("ev.book.redy: the model does not use this assumption")


def test_a_unit_that_the_model_does_not_count_on_is_an_error(project):
    edit(project, YU7 + 'unit     = "vehicle/month"', YU7 + 'unit     = "vehicle/year"')
    (problem,) = audit(read("assumptions.toml", units=XIAOMI.units), XIAOMI)
    assert str(problem) == "ev.lines.yu7.orders: unit 'vehicle/year' should be 'vehicle/month'. The model counts on it"


def test_every_source_in_data_is_there_and_every_scenario_number_says_why(root, base):
    for entry in base.entries.values():
        for word in entry.source.replace(",", " ").replace(";", " ").replace(":", " ").split():
            if word.startswith("data/"):
                assert (root / word).is_file(), (entry.path, word)


def test_the_hash_does_not_depend_on_the_order_of_the_file_but_on_every_number(project, base):
    text = (project / "assumptions.toml").read_text()
    start, end = text.index("[ev.book.ready]"), text.index("[ev.book.cancellation]")
    moved = text[:start] + text[end:] + "\n" + text[start:end]
    (project / "assumptions.toml").write_text(moved)
    assert load("assumptions.toml", as_of="base").hash == base.hash
    assert load("assumptions.toml", sets=["noise.orders=0.13"], as_of="base").hash != base.hash
