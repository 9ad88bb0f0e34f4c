"""Studies of what was reported: questions from here on, what was learned, news, signposts, posteriors kept on disk."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

import model
from model import InputError
from model.api.forecast import reports_of
from model.assumptions.assumption import said
from model.inference import store
from model.simulation.business import Business
from model.simulation.metric import metric
from model.simulation.observation import Observation
from model.studies.comparison import left_out, others_of
from model.studies.learned import learned
from model.studies.signposts import default_metric, figures_to_come, signposts
from model.studies.sources import FromPosterior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI
from tests.conftest import ROOT, copied

DAY = "2026-02-05"  # one report is known, and weights suffice where it is a floor without an upper end


def study_of(posterior, assumptions=None, first=""):
    return Study(assumptions or posterior.result.assumptions, FromPosterior(posterior), first)


def loaded(root, *sets, scenarios=(), day=DAY):
    return model.load(root / "assumptions.toml", scenarios, sets, as_of=day)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = copied(tmp_path_factory.mktemp("project"))
    table = folder / "data" / "observations.csv"
    table.write_text(table.read_text().replace("at_least,39000,40000,", "at_least,39000,,"))
    return folder


@pytest.fixture(scope="module")
def study(root):
    return model.study(loaded(root))


def test_assumptions_of_a_day_that_knows_a_report_are_asked_on_the_posterior(study, root):
    assert study.posterior is not None
    assert study.from_month == "2026-03"
    found = model.condition(loaded(root), DAY)
    done = model.run(loaded(root), root / "out", figures=())
    assert done.result.chance() == found.result.chance()
    assert model.study(loaded(root, day="2026-01-20")).posterior is None


def test_resampled_draws_say_what_the_weighted_ones_say(study):
    weighted = study.posterior.result
    row = study.row(metric("ev.deliveries@2026:mean", study.assumptions, study.business))
    mean = weighted.mean("ev.deliveries")
    assert row.mean() == pytest.approx(mean.value, abs=3 * mean.error + 1000)


def test_what_is_changed_from_here_on_leaves_the_months_behind(study, root):
    changed = study_of(study.posterior, loaded(root, "ev.lines.yu7.orders=25_000"), "")
    plain = study_of(study.posterior, loaded(root, "ev.lines.yu7.orders.p50=17_500"), "")
    assert "from 2026-03 25,000" in str(changed.assumptions.edits[0])
    both = [s.made.outcomes["ev.deliveries"] for s in (changed, plain)]
    np.testing.assert_array_equal(both[0][:2], both[1][:2])
    assert both[0][16].mean() > both[1][16].mean() + 10_000


def test_a_scenario_with_a_new_line_begins_from_here_on(study, root):
    europe = study_of(study.posterior, loaded(root, scenarios=["europe_early"]), "")
    assert "from March 2026" in europe.assumptions.label
    added = [p for p in europe.assumptions.entries if p not in study.assumptions.entries and p.endswith(".start")]
    assert added
    for path in added:
        assert europe.draws(path).min() >= 3.0


@pytest.mark.parametrize(
    ("sets", "first", "words"),
    [
        (["ev.lines.yu7.waiting=250_000"], "", "lies behind: from March 2026 on it cannot change any more"),
        (["ev.lines.yu7.orders=25_000"], "2026-02", "2026-02 has begun: what happened by 5 February 2026"),
        (["ev.lines.yu7.orders=25_000"], "2026-13", "'2026-13' is no month. 2026-03 or later"),
        (["ev.lines.yu7.orders=25_000"], "2027-01", "2027-01 is no month of 2026"),
        (["ev.plants.phase2.start=4.0"], "", "It has happened in every draw"),
    ],
)
def test_what_lies_behind_cannot_be_changed(root, study, sets, first, words):
    with pytest.raises(InputError, match=words):
        _ = study_of(study.posterior, loaded(root, *sets), first).made


def test_a_scenario_that_names_a_month_that_has_begun_is_refused(root, study):
    path = root / "scenarios" / "late.toml"
    path.write_text("[scenario]\nlabel = 'l'\nstory = 's'\n[ev.book.ready]\nfrom = '2026-02'\nvalue = 0.5\nwhy = 'w'\n")
    with pytest.raises(InputError, match=r"ev.book.ready: a change from 2026-02 on, which has begun"):
        study_of(study.posterior, loaded(root, scenarios=["late"]), "")
    path.unlink()


def test_a_tornado_from_here_moves_no_month_behind_and_leaves_out_what_cannot_change(study):
    behind = model.tornado(study, "ev.deliveries@2026-02:mean")
    assert not behind.moving
    found = model.tornado(study, "ev.deliveries:mean")
    assert found.kind == "from March 2026 on, given 1 reported figure"
    assert "from March 2026 on" in found.lines()[0]
    paths = {bar.path for bar in found}
    assert "ev.lines.yu7.orders" in paths
    assert not {p for p in paths if p.endswith(".waiting")}


def test_solve_from_here_gives_the_overlay_that_does_it(study):
    found = model.solve(study, "ev.lines.yu7.orders", measure="ev.deliveries>=500_000", chance=0.4)
    assert found.can
    assert 'from = "2026-03"' in "\n".join(found.lines())
    needed = float(found[0].distribution.p50)
    again = study_of(
        study.posterior, loaded(study.posterior.result.assumptions.root, f"ev.lines.yu7.orders.p50={needed}")
    )
    assert again.made.chance("ev.deliveries", 500_000).value == pytest.approx(0.4, abs=0.02)


def test_given_and_from_here_answer_different_questions_and_say_so(study):
    given = model.first_look(study, "ev.deliveries:mean")
    assert "given 1 reported figure: ties by the reports count" in given.lines()[0]
    with pytest.raises(InputError, match="by evidence: reports tie assumptions to one another"):
        model.variance(study, by="evidence")
    assert model.variance(study).items[0].share > 0.05


def test_scenarios_beside_a_posterior_leave_out_what_is_over(root):
    asked = model.study(loaded(root, scenarios=["price_war"]))
    beside = others_of(asked)
    names = [r.assumptions.scenario for r in beside]
    assert names[0] == "base"
    assert "price_war" not in names
    assert "memory_squeeze" in names
    assert set(left_out([asked.made, *beside])).isdisjoint(names)


def test_a_bridge_from_here_adds_up(root):
    a, b = loaded(root), loaded(root, scenarios=["price_war"])
    found = model.bridge(a, b, "ev.deliveries:mean")
    assert sum(float(p.move.value) for p in found.parts) == pytest.approx(found.whole, abs=1e-6)
    assert "from 2026-03" in found.lines()[1]


def normals(error):
    """x ~ N(0, 1) and z ~ N(0, 1), of which x + z is reported with an error."""
    a = model.from_dict({"x": {"mean": 0, "sd": 1}, "z": {"mean": 0, "sd": 1}})
    a = a.replace(target=a.target.model_copy(update={"outcome": "y", "period": "2026", "value": 0.0}))
    business = Business(lambda d: {"y": d["x"] + d["z"]})
    one = Observation("y", "2026", "exact", 1.5, error, "1", "s", dt.date(2027, 1, 5), "-", absolute=True)
    return model.condition(a, observations=[one], business=business, draws=16_384)


def test_what_was_learned_is_that_of_theory_for_a_sum_of_normals():
    # y = x + z observed as 1.5 with sd 1: x given y is N(0.5, 2/3); the same for z
    found = {x.path: x for x in learned(study_of(normals(1.0), first=""))}
    for path in ("x", "z"):
        assert float(found[path].moved.value) == pytest.approx(0.5, abs=0.03)
        assert found[path].left == pytest.approx((2 / 3) ** 0.5, abs=0.02)
        assert found[path].information == pytest.approx((0.25 + 2 / 3 - 1 - np.log(2 / 3)) / 2, abs=0.03)
        assert found[path].percentile == pytest.approx(0.6915, abs=0.02)  # Phi(0.5)


def test_signposts_leave_out_what_comes_with_the_answer_and_what_is_known(study):
    found = model.signposts(study)
    periods = {(s.outcome, s.period) for s in found}
    assert ("ev.deliveries", "2026-03") in periods
    assert ("ev.deliveries", "2026-01") not in periods
    assert ("ev.deliveries", "2026-12") not in periods
    first = found[0]
    assert first.if_low < float(found.now.value) < first.if_high
    assert float(first.move.value) >= float(found[1].move.value)


def test_a_part_of_a_month_that_is_known_as_a_whole_is_not_to_come(study):
    """Deliveries are known to July and those of one line to March: its April to July say next to nothing more."""
    (one,) = study.made.reports
    reports = [
        dataclasses.replace(one, outcome=outcome, period=period)
        for outcome, period in (("ev.deliveries", "2026-07"), ("ev.deliveries.su7", "2026-03"))
    ]
    found = figures_to_come(study.made.after(reports=tuple(reports)), "ev.deliveries", "2026")
    of_line = sorted(period for outcome, period in found if outcome == "ev.deliveries.su7")
    assert of_line == ["2026-08", "2026-09", "2026-10", "2026-11"]


def test_the_news_add_up_and_end_at_the_forecast_of_the_later_day(root):
    (root / "updates" / "early.toml").write_text(
        "[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n[ev.market.growth]\nas_of = 2026-01-25\np10 = -0.1\np50 = 0.0\np90 = 0.1\n"
        "evidence = 'judgement'\nsource = 's'\nwhy = 'w'\n"
    )
    try:
        found = model.news("2026-01-15", DAY, base=root / "assumptions.toml", by_kind=True)
        assert [s.after.day.isoformat() for s in found.steps] == ["2026-01-25", "2026-02-01"]
        assert found.steps[0].what == "update: ev.market.growth"
        assert found.steps[1].what == "ev.deliveries in 2026-01 >= 39,000"
        table = found.table()
        moved = sum(row[-1] for row in table.rows[: 1 + len(found.steps)])
        assert moved == pytest.approx(found.steps[-1].after.levels[3] - found.start.levels[3])
        last = model.condition(loaded(root), DAY).result
        assert found.steps[-1].after.chance.value == pytest.approx(float(last.chance().value), abs=1e-12)
        whole = sum(p.chance for p in found.parts)
        first = model.simulate(model.load(root / "assumptions.toml", as_of="base"), draws=16_384).chance()
        assert whole == pytest.approx(float(last.chance().value) - float(first.value), abs=1e-9)
        assert [day.isoformat() for day in (m.day for m in found.moments)] == ["2026-01-15", "2026-01-25", "2026-02-01"]
    finally:
        (root / "updates" / "early.toml").unlink()


def test_days_in_the_wrong_order_are_refused(root):
    with pytest.raises(InputError, match="2026-02-05 does not lie before 2026-01-20"):
        model.news(DAY, "2026-01-20", base=root / "assumptions.toml")


def test_a_posterior_that_is_kept_is_the_same_to_the_last_bit_and_a_broken_file_is_made_again(root, monkeypatch):
    from model.inference import condition as conditioning

    a = loaded(root)
    first = model.condition(a, DAY)
    file = max((root / store.FOLDER).glob("*.npz"), key=lambda path: path.stat().st_mtime)
    with monkeypatch.context() as patched:
        patched.setattr(conditioning, "condition", None)
        second = model.condition(a, DAY)
    for name, values in first.result.outcomes.items():
        np.testing.assert_array_equal(second.result.outcomes[name], values)
    assert second.result.chance() == first.result.chance()
    assert second.lines() == first.lines()
    assert second.table() == first.table()
    file.write_bytes(file.read_bytes()[:-9] + b"123456789")
    third = model.condition(a, DAY)
    assert third.result.chance() == first.result.chance()


def test_another_number_another_report_or_another_day_is_another_posterior(root):
    a, b = loaded(root), loaded(root, day="2026-02-06")
    reports = reports_of(a, XIAOMI)
    keys = {
        store.PosteriorInputs(a, XIAOMI, reports, a.about.as_of, 16_384, 2026).key,
        store.PosteriorInputs(a, XIAOMI, reports, b.about.as_of, 16_384, 2026).key,
        store.PosteriorInputs(a, XIAOMI, reports[:0], a.about.as_of, 16_384, 2026).key,
        store.PosteriorInputs(a, XIAOMI, reports, a.about.as_of, 16_384, 2027).key,
        store.PosteriorInputs(loaded(root, "ev.book.ready=0.5"), XIAOMI, reports, a.about.as_of, 16_384, 2026).key,
    }
    assert len(keys) == 5


def test_an_updated_number_is_said_with_its_day():
    a = model.load(ROOT / "assumptions.toml", as_of="2026-03-20")
    assert said(a["ev.lines.su7_2026.start"].distribution) == "3.58"
    assert a["ev.lines.su7_2026.start"].as_of == dt.date(2026, 3, 19)


def test_the_outside_view_is_pooled_in_before_the_reports(root):
    a = loaded(root)
    pooled = a.replace(outside=a.outside.model_copy(update={"weight": 0.5}))
    found = model.condition(pooled, DAY)
    one = found.surprises[0].observation
    assert len(found.surprises) == len(found.result.reports) == 1
    # by hand: the pooled forecast's own weights times the likelihood of the report
    january = model.simulate(pooled, draws=16_384, prior=True)
    by_hand = january.with_weights(
        np.exp(one.log_likelihood(one.predicted(january.outcomes, january.assumptions.calendar)))
    )
    ours, theirs = found.result.chance(), by_hand.chance()
    assert ours.value == pytest.approx(theirs.value, abs=4 * float(np.hypot(ours.error, theirs.error)))
    assert found.moments[0].chance.value == pytest.approx(january.chance().value)
    assert [m.day.isoformat() for m in found.moments[1:]] == ["2026-02-01"]
    alone = model.condition(a, DAY).result.chance()
    assert abs(ours.value - alone.value) > 3 * float(np.hypot(ours.error, alone.error))


def test_a_chance_given_reports_counts_the_draws_given_them(root):
    kept = model.study(loaded(root))
    assert model.chance(kept) == kept.shown.chance()
    assert model.chance(kept, 420_000) == kept.shown.chance("ev.deliveries", 420_000, "2026")


def test_a_kept_posterior_under_an_outside_view_is_the_fresh_one(root):
    a = loaded(root)
    pooled = a.replace(outside=a.outside.model_copy(update={"weight": 0.4}))
    fresh, again = (model.condition(pooled, DAY) for _ in range(2))
    assert again.result.chance() == fresh.result.chance()
    assert again.result.view == fresh.result.view
    assert again.prior.chance() == fresh.prior.chance()


def test_a_quarter_that_is_over_and_not_reported_is_still_to_come(root):
    a = model.load(root / "assumptions.toml", as_of="base")
    plain = model.simulate(a, draws=2048)
    known = tuple(o for o in XIAOMI.observed(root, 2026) if str(o.reported_on) <= "2026-07-10")
    result = plain.after(reports=known)
    periods = {(s.outcome, s.period) for s in signposts(result, default_metric(plain))}
    assert ("ev.deliveries", "2026Q2") in periods
    assert ("ev.deliveries", "2026-06") not in periods
    assert ("ev.deliveries", "2026-07") in periods


def test_days_of_a_posterior_rise_from_that_of_the_base_case(root):
    days = [m.day.isoformat() for m in model.condition(loaded(root), DAY).moments]
    assert days == ["2026-01-15", "2026-02-01"]


def test_hindsight_is_refused(root):
    with pytest.raises(InputError, match="the assumptions know what became known on 2026-08-20, after 2026-06-01"):
        model.condition(loaded(root, day="2026-08-20"), "2026-06-01")


def test_a_tornado_holds_each_period_at_its_own_quantile(study):
    quarterly = study.assumptions["smartphones.memory.price_rise"]
    levels = study.level(quarterly, 0.9)
    assert levels.shape == (4, 1)
    np.testing.assert_allclose(levels[:, 0], np.quantile(study.draws("smartphones.memory.price_rise"), 0.9, axis=-1))


def test_a_scenario_of_correlations_alone_is_refused_from_here_on(root, study):
    path = root / "scenarios" / "tie.toml"
    path.write_text(
        "[scenario]\nlabel = 'l'\nstory = 's'\n[[correlation]]\nbetween = ['ev.lines.yu7.orders', 'ev.market.growth']\nrank = 0.1\nwhy = 'w'\n"
    )
    with pytest.raises(InputError, match="changes correlations alone"):
        study_of(study.posterior, loaded(root, scenarios=["tie"]), "2026-03")
    path.unlink()


def test_in_december_what_was_learned_can_still_be_asked(study):
    late = study.posterior.result.assumptions
    late = late.replace(about=late.about.model_copy(update={"as_of": dt.date(2026, 12, 2)}))
    posterior = dataclasses.replace(
        study.posterior, result=dataclasses.replace(study.posterior.result, assumptions=late)
    )
    asked = study_of(posterior, late)
    assert model.learned(asked).items
    assert not asked.movable(late["ev.lines.yu7.orders"])
