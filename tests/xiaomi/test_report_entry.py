"""A report entered and taken back: what a person says, the row, and every other byte of the file."""

import dataclasses
import shutil

import numpy as np
import pytest

import model
from model import InputError
from model.simulation.measures import Measure
from model.simulation.report_entry import Said, figure_of
from model.studies import report_effect as module
from model.studies.explanations import Explanation, Explanations
from model.studies.report_effect import report_effect
from model.xiaomi.business import XIAOMI
from model.xiaomi.outcomes import REPORTED, unit_of
from tests.conftest import ROOT

OCTOBER = Said("ev.deliveries", "2026-10", ">=40_000", "2026-11-01", "own example")
ROWS = "data/observations.csv"


def said(**changes):
    return Said(**{**vars(OCTOBER), **changes})


def enter(folder, report):
    draft = XIAOMI.enter(folder, report, list(REPORTED))
    draft.change.write()
    return draft


def problems(folder, report):
    with pytest.raises(InputError) as found:
        XIAOMI.enter(folder, report, [*REPORTED, "ev.deliveries.n70"])
    return [str(problem) for problem in found.value.problems]


# --- what a person says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "made"),
    [
        (">=40_000", "vehicle", ("at_least", 40_000, None)),
        ("over 40,000", "vehicle", ("at_least", 40_000, None)),
        ("at most 50k", "vehicle", ("at_most", 50_000, None)),
        ("= 30 153", "vehicle", None),
        ("30153 vehicles", "vehicle", ("exact", 30_153, None)),
        ("35_000..40_000", "vehicle", ("between", 35_000, 40_000)),
        ("19% to 20.1%", "share", ("between", 0.19, 0.201)),
        ("-1.2 bn", "RMB bn", ("exact", -1.2, None)),
        ("105,100 mn", "RMB bn", ("exact", 105.1, None)),
        ("31.2 million phones", "mn phones", ("exact", 31.2, None)),
        ("1,5", "RMB bn", None),
        ("40.000,5", "vehicle", None),
        ("20%", "vehicle", None),
        ("105 USD", "RMB bn", None),
        ("about forty", "vehicle", None),
        (">= 35_000..40_000", "vehicle", None),
        ("nan", "vehicle", None),
        ("1e3", "vehicle", ("exact", 1000, None)),
    ],
)
def test_a_figure_is_read_in_its_unit_or_refused(text, unit, made):
    if made is None:
        with pytest.raises(InputError):
            figure_of(text, unit)
        return
    kind, value, upper = figure_of(text, unit)
    assert kind == made[0]
    assert value == pytest.approx(made[1])
    assert np.isnan(upper) if made[2] is None else upper == pytest.approx(made[2])


def test_a_monthly_floor_is_the_companys_and_lies_below_the_next_ten_thousand(today):
    draft = XIAOMI.enter(today, OCTOBER, list(REPORTED))
    assert draft.row == "ev.deliveries,2026-10,at_least,40000,50000,vehicle,company,2026-11-01,fit,own example,"
    assert XIAOMI.enter(today, said(open_end=True), list(REPORTED)).row.startswith(
        "ev.deliveries,2026-10,at_least,40000,,"
    )
    exact = XIAOMI.enter(today, said(figure="40_000..45_000", series="company"), list(REPORTED))
    assert exact.row.startswith("ev.deliveries,2026-10,between,40000,45000,vehicle,company")


def test_outcomes_are_known_by_their_labels_and_periods_in_words(today):
    draft = XIAOMI.enter(
        today, said(outcome="EV gross margin", period="Q3 2026", figure="19.5%", on="2026-11-18"), list(REPORTED)
    )
    assert draft.row == "ev.gross_margin,2026Q3,exact,0.195,,share,results,2026-11-18,fit,own example,"
    assert (draft.report.absolute, draft.report.error) == (True, 0.003)  # the points of the series


def test_all_that_is_missing_or_wrong_is_said_at_once(today):
    found = problems(today, Said())
    assert [line.partition(":")[0] for line in found] == ["outcome", "period", "figure", "on", "source"]
    found = problems(today, said(outcome="ev.delivery", period="2026-13", figure="1,5", on="2026-11-31"))
    assert {line.partition(":")[0] for line in found} == {"outcome", "period", "figure", "on"}
    assert any("Did you mean ev.deliveries" in line for line in found)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unit": "cars"}, "unit 'cars' should be 'vehicle'"),
        ({"series": "compny"}, "Did you mean company?"),
        ({"figure": "=-5", "series": "company"}, "lies below 0"),
        ({"on": "2026-10-20"}, "2026-10 had not ended on 2026-10-20"),
        ({"on": "2036-11-01"}, "in the future"),
        (
            {"period": "2026-09", "figure": "20_000", "on": "2026-11-05", "series": "cpca"},
            "contradicts ev.deliveries in 2026-09",
        ),
        ({"period": "2026-09", "on": "2026-11-05"}, "is there already"),
        (
            {"period": "2026-09", "figure": ">=50_000", "on": "2026-10-01", "correct": True},
            "A correction has a later day",
        ),
        (
            {"period": "2026-08", "series": "cpca", "figure": "3_015", "on": "2026-11-05"},
            "--correct, if it was restated",
        ),
        ({"figure": "43_000"}, "the series is not clear"),
        ({"outcome": "ev.deliveries.n70", "figure": "9_000"}, "the series is not clear"),
        ({"source": "two\nlines"}, "line break"),
    ],
)
def test_a_row_is_held_against_what_is_there(today, changes, words):
    before = (today / ROWS).read_bytes()
    assert any(words in line for line in problems(today, said(**changes)))
    assert (today / ROWS).read_bytes() == before


def test_a_correction_is_a_row_of_its_own_and_counts_from_its_day(today):
    draft = enter(today, said(period="2026-08", figure="30_500", on="2026-11-05", series="cpca", correct=True))
    assert draft.replaces.value == 30_153
    assert any("takes the place of 30,153 of 8 September 2026" in note for note in draft.notes)
    held = {
        one.reported_on: one.value
        for one in XIAOMI.observed(today, 2026)
        if (one.period, one.series) == ("2026-08", "cpca")
    }
    assert list(held.values()) == [30_153, 30_500]


# --- bytes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["plain", "crlf", "no end", "crlf, no end", "mark"])
def test_a_row_goes_to_the_end_and_taken_back_leaves_every_byte(today, shape):
    file = today / ROWS
    content = file.read_bytes()
    if "crlf" in shape:
        content = content.replace(b"\n", b"\r\n")
    if "no end" in shape:
        content = content.rstrip(b"\r\n")
    if shape == "mark":
        content = b"\xef\xbb\xbf" + content
    file.write_bytes(content)
    draft = enter(today, said(source='a "quoted", long source', note="sep\u2028arator"))
    written = file.read_bytes()
    assert written.startswith(content)
    assert XIAOMI.observed(today, 2026)[-1].source == 'a "quoted", long source'
    taken = XIAOMI.take_back(today, "", "")
    assert taken.row == draft.row
    taken.change.write()
    assert file.read_bytes() == content


def test_two_hundred_reports_at_random_and_their_undoing_restore_every_byte(today):
    rng = np.random.default_rng(30)
    file = today / ROWS
    shutil.rmtree(today / "register", ignore_errors=True)
    states, done = [file.read_bytes()], 0
    while done < 200:
        if len(states) > 1 and rng.random() < 0.45:
            XIAOMI.take_back(today, "", "").change.write()
            states.pop()
            assert file.read_bytes() == states[-1]
        else:
            outcome = str(rng.choice([name for name in REPORTED if "+" not in name]))
            figure = f"{0.15 + 0.01 * rng.random():.4f}" if unit_of(outcome) == "share" else f"{1 + rng.random():.6g}"
            report = said(
                outcome=outcome,
                period=f"{rng.integers(2010, 2024)}Q{rng.integers(1, 5)}",
                figure=figure,
                series="results",
            )
            try:
                enter(today, report)
            except InputError:  # one of that outcome and period is there, or contradicts it
                assert file.read_bytes() == states[-1]
                continue
            states.append(file.read_bytes())
        done += 1
    while len(states) > 1:
        XIAOMI.take_back(today, "", "").change.write()
        states.pop()
        assert file.read_bytes() == states[-1]


def test_what_a_frozen_forecast_knew_is_not_taken_back(today):
    shutil.copytree(ROOT / "register", today / "register")
    before = (today / ROWS).read_bytes()
    with pytest.raises(InputError, match=r"known to the frozen forecast 2026-.*a correction is a new row"):
        model.take_back("ev.deliveries", "2026-09", base=today / "assumptions.toml")
    enter(today, OCTOBER)
    assert model.take_back("ev.deliveries", "2026-10", base=today / "assumptions.toml").draft.report.value == 40_000
    assert (today / ROWS).read_bytes() == before


def test_taken_back_is_the_newest_of_an_outcome_by_its_day_and_by_its_label(today):
    enter(today, said(outcome="EV gross margin", period="2026Q3", figure="19.5%", on="2026-11-20"))
    older = (today / ROWS).read_bytes()
    row = b"ev.gross_margin,2026Q3,exact,0.194,,share,restated,2026-11-18,fit,an earlier day at the end of the file,\n"
    (today / ROWS).write_bytes(older + row)
    assert XIAOMI.take_back(today, "EV gross margin", "Q3 2026").report.value == 0.195
    assert XIAOMI.take_back(today, "", "").report.value == 0.194
    with pytest.raises(InputError, match=r"no report of ev\.gross_margin in 2026Q4"):
        XIAOMI.take_back(today, "ev.gross_margin", "2026Q4")


# --- what it does ----------------------------------------------------------------------------------------------------


def test_a_slip_is_refused_with_what_was_meant_and_nothing_is_written(today):
    before = (today / ROWS).read_bytes()
    for figure, meant in ((">=400_000", ">=40_000"), ("4_512", "45_120"), ("445 k", "44_500")):
        with pytest.raises(
            InputError, match=f"beyond all draws of today's forecast of ev.deliveries in 2026-10.*{meant}"
        ):
            model.report("ev.deliveries", "2026-10", figure, on="2026-11-01", source="own example", series="company")
    with pytest.raises(InputError, match=r"lies before the run.*Did you mean 2026-10\?"):
        model.report("ev.deliveries", "2025-10", ">=40_000", on="2026-11-01", source="own example")
    with pytest.raises(InputError, match=r"Did you mean 19\.5%"):
        model.report("ev.gross_margin", "2026Q3", "1.95%", on="2026-11-18", source="own example")
    assert (today / ROWS).read_bytes() == before
    dry = model.report("ev.deliveries", "2026-10", ">=40_000", on="2026-11-01", source="own example", dry=True)
    assert "To be written into data/observations.csv, line 57" in dry.lines()[0]
    assert (today / ROWS).read_bytes() == before


def test_a_report_is_answered_with_the_forecast_before_and_after_it(project):
    base = model.simulate(model.load(as_of="base"))
    steps = []
    found = model.report(
        "ev.deliveries",
        "2026-01",
        ">=39_000",
        on="2026-02-01",
        source="own example",
        series="company",
        on_row=steps.append,
    )
    assert "39000,40000" in steps[0][1]
    assert steps[1] == ["Written"]
    after = model.study(model.load())
    assert after.assumptions.about.as_of.isoformat() == "2026-02-01"
    rows = {label: (was, now) for label, was, now in found.effect.compared.said()}
    p50 = float(base.quantile("ev.deliveries", 0.5).value)
    assert float(rows["deliveries P50"][0].replace(",", "")) == pytest.approx(p50, abs=500)
    assert found.effect.compared.results[1].quantile("ev.deliveries", 0.5) == after.made.quantile("ev.deliveries", 0.5)
    january = base.values("ev.deliveries", "2026-01")
    assert found.effect.within == pytest.approx(np.mean((january >= 39_000) & (january <= 40_000)))
    moved = {x.path: x for x in found.effect.taught}
    assert moved
    for path, one in moved.items():
        assert float(one.moved.value) == pytest.approx(
            after.normal_score(path).mean(), abs=0.05
        )  # before them mean 0, sd 1
    text = "\n".join(found.lines())
    assert "The forecast of 15 January 2026 had ev.deliveries in 2026-01" in text
    assert "as known on 15 January and on 1 February 2026" in text


def test_one_that_no_draw_can_make_is_not_left_in_the_file(project):
    before = (project / ROWS).read_bytes()
    with pytest.raises(InputError):
        model.report(
            "ev.deliveries", "2026-01", "4_000_000", on="2026-02-01", source="own example", series="cpca", anyway=True
        )
    assert (project / ROWS).read_bytes() == before


def test_an_explanation_gains_by_the_likelihood_that_its_draws_give_the_report(base, monkeypatch):
    """By hand: two explanations of equal size, one of which makes the figure in every draw, the other in half of them."""
    study = model.study(base, draws=2048)
    first = np.arange(2048) < 1024
    known = study.made.values("ev.deliveries", "2026-01")
    half = np.where(first | (np.arange(2048) % 2 == 0), 0.0, -1e3)
    report = XIAOMI.enter(ROOT, said(period="2026-11", on="2026-11-30"), list(REPORTED)).report

    class Report:
        ends, name, unit, figure = (0.0, np.inf), report.name, report.unit, report.figure
        predicted = staticmethod(lambda *_: known)
        share_below = staticmethod(np.zeros_like)
        log_likelihood = staticmethod(lambda _: half)

    two = [
        Explanation(Measure(0.5, 0.0), words, Measure(0.0, 0.0), draws)
        for words, draws in (("a", first), ("b", ~first))
    ]
    monkeypatch.setattr(module, "explanations", lambda _: Explanations("what binds", tuple(two)))
    found = report_effect(study, study, Report(), [])
    moves = [float(one.move.value) for one in found.favoured]
    assert moves == pytest.approx([1 / 1.5 - 0.5, 0.5 / 1.5 - 0.5])
    assert found.lines()[-1].endswith("the forecast does not change")  # before and after know the same reports
    after = study.made.after(reports=(Report(),))
    compared = dataclasses.replace(found.compared, results=[study.made, after])
    assert "50% -> 67%" in "\n".join(dataclasses.replace(found, compared=compared).lines())
