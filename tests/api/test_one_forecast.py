"""The forecast as one object: today's answer by default, and what a first user would try."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

import model
from model import InputError
from model.api.forecast import inputs_of
from model.inference import condition as conditioning
from model.inference import sealed, store
from model.inference.take_over import likely_of
from model.reporting.figures.drawing import module_of, picture
from model.studies.comparison import others_of
from model.studies.in_reach import chance_beyond, chance_in_doubt, in_reach
from model.studies.signposts import figures_to_come
from tests.conftest import ROOT

BASE = ROOT / "assumptions.toml"


@pytest.fixture(scope="module")
def f():
    return model.forecast(BASE)


def test_it_is_of_the_last_day_by_default_and_of_january_where_that_is_asked(f):
    assert f.assumptions.about.as_of == dt.date(2026, 10, 10)
    assert len(f.reports) == 39
    january = model.forecast(BASE, as_of="base", draws=2048)
    assert january.assumptions.about.as_of == dt.date(2026, 1, 15)
    assert january.reports == ()
    assert january.prior is january.result


@pytest.mark.parametrize(
    "ask",
    [
        lambda f: f.chance(">=420_000"),
        lambda f: f.chance(420_000),
        lambda f: f.chance("ev.deliveries>=420_000"),
        lambda f: f.metric(">=420_000"),
        lambda f: f.result.chance(420_000),
        lambda f: f.result.chance("ev.deliveries>=420_000"),
        lambda f: f.study.chance(420_000),
        lambda f: f.study.chance("ev.deliveries >= 420_000"),
        lambda f: f.study.result.chance(">=420_000"),
        lambda f: f.study.measure("ev.deliveries>=420_000"),
        lambda f: model.chance(f.study, ">=420_000"),
        lambda f: model.chance(f, 420_000),
    ],
)
def test_however_a_chance_is_asked_for_the_answer_is_the_share_of_draws(f, ask):
    share = np.mean(f.result.values("ev.deliveries", "2026") >= 420_000)
    assert float(ask(f).value) == pytest.approx(float(share), abs=1e-12)


def test_what_is_no_chance_says_what_to_write(f):
    with pytest.raises(InputError, match=r"'ev.deliveries:p50' is no chance. '>=420_000'"):
        f.chance("ev.deliveries:p50")
    with pytest.raises(AttributeError, match=r"no figure 'delivery'\. Did you mean deliveries"):
        f.figures.delivery  # noqa: B018
    with pytest.raises(AttributeError, match="Did you mean"):
        model.forcast  # noqa: B018


def test_what_is_put_under_a_scenario_keeps_the_draws_and_what_has_happened(f):
    slower = f.under(sets="ev.lines.yu7.orders.scale=0.8")
    for month in ("2026-01", "2026-10"):
        np.testing.assert_array_equal(
            slower.study.made.values("ev.deliveries", month), f.result.values("ev.deliveries", month)
        )
    assert (
        slower.study.made.values("ev.deliveries", "2026") <= f.result.values("ev.deliveries", "2026") + 1e-6
    ).mean() > 0.99
    assert [r.assumptions.scenario for r in f.compare(slower, "price_war").results] == ["base", "base+set", "price_war"]
    bridge = f.bridge(slower, "ev.deliveries:mean")
    moved = slower.study.made.mean("ev.deliveries", "2026").value - f.result.mean("ev.deliveries", "2026").value
    assert sum(float(p.move.value) for p in bridge.parts) == pytest.approx(float(moved), rel=1e-6)


def test_the_headline_says_what_is_in_reach_and_what_moved_it_since_january(f):
    lines = f.headline
    text = "\n".join(lines)
    for words in ("Chances of at least 410,000 (", "For 15 January 2026 this model says 22.9%, P50 455,100 (289,800 to 605,600); said then, by an earlier version: P50 527,000 (395,400 to 634,400)", "others together", "What moved it most since then", "Run rate of 2026-09 x 12, at least", "480,000",
                  "in the four quarters to 2026Q2", "months old", "reported: 2025Q3 +0.7, 2026Q1 -3.1, 2026Q2 -2.6"):  # fmt: skip
        assert words in text, words
    assert lines.index(next(x for x in lines if x.startswith("Deliveries in 2026"))) < lines.index(next(x for x in lines if x.startswith("P(deliveries")))  # fmt: skip
    assert f.said(">=420_000")[-1].startswith("For 15 January 2026 this model says 59.")


def test_no_line_prints_a_number_of_january_under_todays_date(f):
    """22.9%, 455 thousand and 28.9 bn are January's: they stand beside its date alone."""
    for line in f.headline:
        if "15 January" not in line and not line.startswith("  "):
            assert "22.9%" not in line
            assert "455," not in line
            assert "28.9" not in line


def test_a_month_long_past_is_no_signpost_and_a_quarter_that_is_filed_after_seven_weeks_still_is(f):
    """As of 18 November the third quarter ended 49 days ago and is not filed; a wait of June will not be reported any more."""
    later = f.assumptions.replace(about=f.assumptions.about.model_copy(update={"as_of": dt.date(2026, 11, 18)}))
    found = figures_to_come(dataclasses.replace(f.result, assumptions=later), "ev.deliveries", "2026")
    assert ("ev.deliveries", "2026Q3") in found
    assert not {(o, p) for o, p in found if len(p) == len("2026-01") and p < "2026-10"}
    assert ("ev.wait", "2026-09") in figures_to_come(f.result, "ev.deliveries", "2026")


# --- what is said of today where the target is out of reach ------------------------------------------------------


def test_scenarios_side_by_side_are_those_from_here_on_with_the_chance_of_a_number_in_reach(f):
    drawn = picture("scenarios", f.result, others=lambda: others_of(f.study))
    number = chance_in_doubt(f.result)
    rows = {row[0]: row for row in drawn.table.rows}
    assert rows["Base case"][4] == f.chance(number.target).value
    assert rows["Price war"][2] == f.compare("price_war").results[1].quantile("ev.deliveries", 0.5).value
    assert f"{number.target:,.0f}" in drawn.title
    assert "550" not in drawn.title
    assert "bull" in " ".join(text.get_text() for text in drawn.figure.texts)  # left out: it changes what lies behind


def test_the_figure_of_what_a_number_needs_names_that_number_and_its_chance(f):
    number = chance_beyond(f.result, 0.5)
    assert float(f.chance(number.target).value) < 0.25
    lower = max(x for x, chance in in_reach(f.result) if chance.value > 0.7)
    found = f.solve(lower, "ev.book.ready")
    drawn = module_of(found, f.study.business).draw(f.result, found)
    assert f"chance of {lower:,.0f}" in drawn.title
    assert "550,000" not in drawn.title + drawn.alt


def test_show_has_what_the_reports_said_of_an_assumption(f):
    said = "\n".join(model.show(f.assumptions, "ev.book.ready"))
    lesson = next(each for each in f.learned().items if each.path == "ev.book.ready")
    assert f"P50 {lesson.after[1]:.4g}" in said
    assert "reports" not in "\n".join(model.show(model.load(BASE, as_of="base"), "ev.book.ready"))


def test_a_scenario_to_start_from_has_it_too(today, f):
    text = model.new("mine").read_text(encoding="utf-8")
    assert "Given what was reported by 10 October 2026: P10" in text
    assert model.load(scenarios=["mine"]).edits == ()  # the same numbers change nothing


def test_fresh_computes_again_what_is_kept(f, monkeypatch):
    seen = []

    def condition(*_, found=None, start=None, **__):
        seen.append((found, start))
        raise KeyboardInterrupt

    monkeypatch.setattr(conditioning, "condition", condition)
    with pytest.raises(KeyboardInterrupt):
        model.forecast(BASE, fresh=True)
    assert seen == [(None, None)]
    model.forecast(BASE)
    assert len(seen) == 1


# --- the posterior that comes with a release ---------------------------------------------------------------------


def shipped():
    (file,) = (ROOT / store.SHIPPED).glob("*.npz")
    return file


def test_the_posterior_of_the_latest_day_comes_with_the_release_and_fits_its_code(f, today, monkeypatch):
    assert shipped().stat().st_size <= 10_000_000
    assert shipped().name == f"{f.assumptions.about.as_of}-{inputs_of(f.assumptions).key}.npz"
    (today / ".cache" / "posteriors").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(conditioning, "condition", None)  # nothing is computed
        again = model.forecast()
    np.testing.assert_allclose(likely_of(again.result), sealed.read(shipped())[0]["likely"], rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(again.result.values("ev.deliveries"), f.result.values("ev.deliveries"))
    assert again.moved().table() == f.moved().table()


def test_one_that_other_code_made_is_said_to_be_so_and_not_used(today, capsys):
    file = next((today / "posteriors").glob("*.npz"))
    (today / ".cache" / "posteriors").unlink()
    arrays, said = sealed.read(file)
    sealed.write(
        file, {**arrays, "likely": arrays["likely"] + np.where(np.arange(len(arrays["likely"])) == 77, 0.01, 0.0)}, said
    )
    inputs = inputs_of(model.load())
    assert inputs.is_kept
    assert store.get(inputs) is None
    assert f"{file.name}: this code makes other likelihoods of the reports" in capsys.readouterr().err


def test_with_a_report_less_the_posterior_that_came_is_not_that_of_these_inputs(today):
    reports = today / "data" / "observations.csv"
    text = reports.read_text(encoding="utf-8")
    assert model.at_hand(model.load())
    reports.write_text(text.rstrip("\n").rpartition("\n")[0] + "\n", encoding="utf-8")
    assert not model.at_hand(model.load())
