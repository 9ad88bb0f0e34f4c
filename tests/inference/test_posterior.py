"""The posterior against answers that are known without it: by hand, by quadrature, by brute force."""

import dataclasses
import datetime as dt
import math

import numpy as np
import pytest
from scipy import integrate, stats

from model import InputError
from model.assumptions.distributions.families import family
from model.assumptions.load import load
from model.inference import checkpoint
from model.inference import condition as conditioning
from model.inference.condition import condition, tail_shape
from model.inference.contradictions import contradictions
from model.inference.kernels import Kernels, alike_side_by_side, learn, systematic
from model.inference.reports import Reports
from model.inference.take_over import origin_of, taken_over
from model.inference.target import Target, coordinates_of, first_scores
from model.simulation.business import business_of
from model.simulation.observation import Observation, day_of, end_of, known_by
from model.simulation.sampling.staged_draws import StagedDraws
from model.xiaomi.business import XIAOMI
from model.xiaomi.outcomes import ACCOUNTS

DAY = dt.date(2026, 4, 1)


HEAD = """\
about = {title = "Normals", as_of = 2026-01-01, year = 2026, question = "-", resolution = "-", not_modelled = ["-"]}
target = {label = "-", outcome = "x.sum", period = "2026", value = 0.0, unit = "1", evidence = "reported", source = "-", why = "-"}
"""
ONE = 'x.n{} = {{label = "-", unit = "1", dist = "normal", mean = {}, sd = 1.0, evidence = "judgement", source = "-", why = "-"}}\n'


@pytest.fixture
def normals(tmp_path):
    """Assumptions x.n1 .. of independent normals of standard deviation 1, and a target on their sum."""

    def made(count, mean=0.0):
        path = tmp_path / "normals.toml"
        path.write_text(HEAD + "".join(ONE.format(n, mean) for n in range(1, count + 1)))
        return load(path)

    return made


def sums(count):
    """Twelve months, of which the first `count` are uncertain; their running periods come from the engine."""

    def business(d):
        return {
            "x.sum": sum(d[f"x.n{n}"] for n in range(1, count + 1)),
            **{f"x.n{n}": d[f"x.n{n}"] for n in range(1, count + 1)},
        }

    return business


def seen(value, error, *, outcome="x.sum", kind="exact", day=DAY, upper=np.nan):
    return Observation(outcome, "2026", kind, value, error, "1", "s", day, "-", upper, absolute=True)


def by_sampler(monkeypatch, *given, **how):
    monkeypatch.setattr(conditioning, "ENOUGH", np.inf)  # weights never suffice
    return condition(*given, **how)


@pytest.mark.parametrize("method", ["weights", "sampler"])
def test_a_sum_of_normals_is_conditioned_as_linear_gaussian_theory_says(normals, method, monkeypatch):
    if method == "sampler":
        monkeypatch.setattr(conditioning, "ENOUGH", np.inf)
    found = condition(normals(6), sums(6), [seen(4.0, 1.0)], draws=8192)
    assert found.method == method
    mean = found.result.mean("x.sum", "2026")
    assert mean.value == pytest.approx(4.0 * 6 / 7, abs=4 * mean.error + 0.02)
    spread = found.result.sd("x.sum", "2026")
    part = found.result.mean("x.n3", "2026")
    assert part.value == pytest.approx(4.0 / 7, abs=4 * part.error + 0.02)
    assert spread.value == pytest.approx(np.sqrt(6 / 7), rel=0.05)
    expected = stats.norm.logpdf(4.0, 0.0, np.sqrt(7))
    assert found.log_evidence.value == pytest.approx(expected, abs=4 * found.log_evidence.error + 0.01)


def test_the_far_tail_of_a_sum_keeps_its_mean_spread_and_evidence(normals):
    away = 7 * np.sqrt(12)  # seven standard deviations: one draw in 10^12
    found = condition(normals(12), sums(12), [seen(away, 0.2)], draws=8192)
    assert found.method == "sampler"
    shrunk = 12 / (12 + 0.04)
    mean = found.result.mean("x.sum", "2026")
    assert mean.value == pytest.approx(away * shrunk, abs=4 * mean.error + 0.01)
    values = found.result.outcomes["x.sum"]
    assert np.std(values) == pytest.approx(np.sqrt(shrunk) * 0.2, rel=0.06)
    assert np.mean(found.result.outcomes["x.n1"]) == pytest.approx(away * shrunk / 12, abs=0.05)
    assert np.std(found.result.outcomes["x.n1"]) == pytest.approx(np.sqrt(1 - shrunk / 12), rel=0.05)
    expected = stats.norm.logpdf(away, 0.0, np.sqrt(12 + 0.04))
    assert found.log_evidence.value == pytest.approx(expected, abs=4 * found.log_evidence.error + 0.05)


def test_three_floors_and_their_total_agree_with_brute_force(normals, monkeypatch):
    floors = [
        seen(low, 0.1, outcome=f"x.n{n}", kind="at_least", day=dt.date(2026, n, 1))
        for n, low in ((1, 0.5), (2, -0.5), (3, 0.0))
    ]
    total = seen(2.5, 0.1, day=dt.date(2026, 5, 1))
    found = by_sampler(monkeypatch, normals(3), sums(3), [*floors, total], draws=16_384)
    x = np.random.default_rng(5).standard_normal((3, 4_000_000))
    weights = np.exp(sum(stats.norm.logcdf((x[n] - low) / 0.1) for n, low in enumerate((0.5, -0.5, 0.0))))
    weights *= stats.norm.pdf(x.sum(axis=0), 2.5, 0.1)
    for n in range(3):
        truth = np.average(x[n], weights=weights)
        mean = found.result.mean(f"x.n{n + 1}", "2026")
        assert mean.value == pytest.approx(truth, abs=4 * mean.error + 0.01)
    assert found.log_evidence.value == pytest.approx(np.log(weights.mean()), abs=4 * found.log_evidence.error + 0.02)
    assert [moment.reports for moment in found.moments] == [0, 1, 1, 1, 1]


def test_of_two_modes_the_small_one_keeps_its_mass(normals, monkeypatch):
    def square(d):
        return {"x.sum": d["x.n1"] ** 2, "x.n1": d["x.n1"]}

    found = by_sampler(monkeypatch, normals(1, mean=0.5), square, [seen(4.0, 0.3)], draws=16_384)

    def density(x):
        return stats.norm.pdf(x, 0.5) * stats.norm.pdf(x**2, 4.0, 0.3)

    low, whole = integrate.quad(density, -4, 0)[0], integrate.quad(density, -4, 4, points=[-2, 2])[0]
    share = np.mean(found.result.outcomes["x.n1"] < 0)
    assert low / whole == pytest.approx(0.12, abs=0.01)
    assert share == pytest.approx(low / whole, abs=0.03)
    assert found.log_evidence.value == pytest.approx(np.log(whole), abs=4 * found.log_evidence.error + 0.02)


def test_a_surprise_is_the_percentile_the_day_before_and_without_any_report(normals):
    first, second = seen(1.0, 0.1, outcome="x.n1"), seen(2.0, 0.1, day=dt.date(2026, 5, 1))
    found = condition(normals(2), sums(2), [first, second], draws=16_384)
    assert [s.observation for s in found.surprises] == [first, second]
    assert found.surprises[0].before == pytest.approx(stats.norm.cdf(1.0 / np.sqrt(1.01)), abs=0.01)
    known = 1.0 / 1.01  # x1 after the first report; the second is x1 + x2
    assert found.surprises[1].before == pytest.approx(
        stats.norm.cdf((2.0 - known) / np.sqrt(1 + 0.01 / 1.01 + 0.01)), abs=0.02
    )
    assert found.surprises[1].prior == pytest.approx(stats.norm.cdf(2.0 / np.sqrt(2.01)), abs=0.01)


def test_a_report_that_no_draw_can_make_is_refused_by_name(normals):
    def bounded(d):
        return {"x.sum": 1 / (1 + np.exp(-d["x.n1"]))}

    with pytest.raises(
        InputError, match=r"x\.sum in 2026, reported on 2026-04-01: no draw comes near 50,000: the nearest is 0\.9"
    ) as refused:
        condition(normals(1), bounded, [seen(50_000.0, 0.1)], draws=2048)
    assert "is the figure right" in str(refused.value)
    with pytest.raises(InputError, match="nothing was reported by then"):
        condition(normals(1), bounded, [], draws=2048)


def test_a_guard_that_fails_is_said_and_its_evidence_withheld(normals, monkeypatch):
    monkeypatch.setattr(conditioning, "APART", 0.0)
    monkeypatch.setattr(conditioning, "EVIDENCE_APART", 0.0)
    found = by_sampler(monkeypatch, normals(3), sums(3), [seen(3.0, 0.1)], draws=4096)
    assert found.log_evidence is None
    said = "\n".join(found.lines())
    assert "Log evidence" not in said
    for words in ("the P50 of x.sum", "apart in the log evidence"):
        assert words in said
    assert len(found.guards) == 2


def test_the_same_seed_gives_the_same_posterior(normals, monkeypatch):
    one, two = (by_sampler(monkeypatch, normals(3), sums(3), [seen(3.0, 0.1)], draws=4096, seed=3) for _ in range(2))
    assert np.array_equal(one.result.outcomes["x.sum"], two.result.outcomes["x.sum"])
    other = by_sampler(monkeypatch, normals(3), sums(3), [seen(3.0, 0.1)], draws=4096, seed=4)
    assert not np.array_equal(one.result.outcomes["x.sum"], other.result.outcomes["x.sum"])


def test_from_a_posterior_of_other_inputs_the_answer_is_that_from_nothing(normals, monkeypatch):
    before, after = [seen(9.0, 0.1)], [seen(9.0, 0.1), seen(2.5, 0.2, outcome="x.n1", day=dt.date(2026, 5, 1))]
    start = by_sampler(monkeypatch, normals(6), sums(6), before, draws=16_384)
    moved = normals(7, mean=0.3)  # one assumption more, and all of them elsewhere
    near = by_sampler(monkeypatch, moved, sums(7), after, draws=16_384, start=start, path=False)
    far = by_sampler(monkeypatch, moved, sums(7), after, draws=16_384, seed=2)
    for outcome in ("x.sum", "x.n1", "x.n6", "x.n7"):
        one, two = (p.result.mean(outcome, "2026") for p in (near, far))
        assert one.value == pytest.approx(two.value, abs=4 * np.hypot(one.error, two.error))
        spread, other = (p.result.sd(outcome, "2026") for p in (near, far))
        assert spread.value == pytest.approx(other.value, abs=4 * np.hypot(spread.error, other.error))
    given = stats.multivariate_normal([7 * 0.3, 0.3], [[7.01, 1], [1, 1.04]])
    for found in (near, far):
        assert found.log_evidence.value == pytest.approx(given.logpdf([9.0, 2.5]), abs=5 * found.log_evidence.error)
    assert [moment.day for moment in near.moments[1:]] == [dt.date(2026, 5, 1)]  # what lies in between is not made
    assert all(np.isnan(s.before) for s in near.surprises)
    assert "not made" in "\n".join(near.lines())


def test_draws_in_an_order_of_likeness_keep_the_share_of_two_modes():
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((3, 1024))
    rows[1] += 8.0 * (rng.random(1024) < 0.1)  # a tenth lies apart
    order = alike_side_by_side(rows)
    assert sorted(order) == list(range(1024))
    weights, shares = rng.exponential(size=1024), []
    small = rows[1] > 4
    for _ in range(200):
        chosen = order[systematic(weights[order], 128, rng)]
        shares.append(small[chosen].mean())
    whole = weights[small].sum() / weights.sum()
    assert np.mean(shares) == pytest.approx(whole, abs=0.005)
    assert np.std(shares) < 0.8 * np.sqrt(whole * (1 - whole) / 128)  # of draws that know nothing of each other


def test_outcomes_that_no_report_speaks_of_are_made_too(base):
    half = Observation("ev.deliveries", "2026Q1", "exact", 100_000.0, 0.01, "vehicle", "s", DAY, "-")
    found = condition(base, XIAOMI, [half], draws=2048)
    assert found.result.mean("smartphones.revenue").value > 0
    assert found.method == "sampler"


def test_stages_made_again_in_part_give_what_all_of_them_made_again_give(base):
    function, rng = XIAOMI.function, np.random.default_rng(2)
    names = coordinates_of(XIAOMI, base)
    rows = dict(zip(names, rng.standard_normal((len(names), 64)), strict=True))
    draws = StagedDraws(base, {name: row.copy() for name, row in rows.items()}, 64)
    function(draws)
    draws.owned()
    for _ in range(12):
        some = {names[n]: rng.standard_normal(64) for n in rng.choice(len(names), 3, replace=False)}
        moved, places = draws.moved(some), np.flatnonzero(rng.random(64) < 0.5)
        whole = function(StagedDraws(base, rows | some, 64))
        for part, of in ((moved, slice(None)), (moved.part(places), places)):
            for name, values in function(part).items():
                assert np.array_equal(np.asarray(values), np.asarray(whole[name])[..., of], equal_nan=True), name
        taken = moved.part(places)
        function(taken)
        draws.put(taken, np.arange(len(places)))
        for name in some:
            rows[name][places] = some[name][places]
        for name, values in function(draws.moved({})).items():
            assert np.array_equal(values, function(StagedDraws(base, rows, 64))[name], equal_nan=True), name


def test_what_stood_in_between_can_be_left_out_and_added_and_moves_no_draw(normals, monkeypatch):
    reports = [seen(1.0, 0.1, outcome="x.n1", day=dt.date(2026, 2, 1)), seen(2.5, 0.1, day=dt.date(2026, 5, 1))]
    whole = by_sampler(monkeypatch, normals(3), sums(3), reports, draws=8_192)
    bare = by_sampler(monkeypatch, normals(3), sums(3), reports, draws=8_192, path=False)
    assert (whole.has_path, bare.has_path) == (True, False)
    assert [m.day for m in bare.moments[1:]] == [dt.date(2026, 5, 1)]
    added = by_sampler(monkeypatch, normals(3), sums(3), reports, draws=8_192, found=bare)
    for other in (bare, added):
        assert (other.result.values("x.sum", "2026") == whole.result.values("x.sum", "2026")).all()
    assert [s.before for s in added.surprises] == [s.before for s in whole.surprises]
    assert [m.chance for m in added.moments] == [m.chance for m in whole.moments]


def test_likelihoods_of_floors_ceilings_and_ranges_are_normal_tails():
    x = np.array([90.0, 100.0, 120.0])
    floor = Observation("x", "2026", "at_least", 100.0, 0.05, "1", "s", DAY, "-")
    assert np.exp(floor.log_likelihood(x)) == pytest.approx(stats.norm.cdf(np.log(x / 100.0) / 0.05))
    ceiling = Observation("x", "2026", "at_most", 100.0, 0.05, "1", "s", DAY, "-")
    assert np.exp(ceiling.log_likelihood(x)) == pytest.approx(stats.norm.sf(np.log(x / 100.0) / 0.05))
    between = seen(95.0, 5.0, kind="between", upper=110.0)
    expected = stats.norm.cdf((x - 95) / 5) - stats.norm.cdf((x - 110) / 5)
    assert np.exp(between.log_likelihood(x)) == pytest.approx(expected)
    exact = Observation("x", "2026", "exact", 100.0, 0.05, "1", "s", DAY, "-")
    assert exact.log_likelihood(x) == pytest.approx(-0.5 * (np.log(x / 100.0) / 0.05) ** 2)
    assert np.exp(exact.log_constant) == pytest.approx(stats.norm.pdf(0, scale=5.0))


def test_reports_side_by_side_are_as_likely_as_each_by_itself_and_slopes_are_their_differences():
    rng = np.random.default_rng(5)
    reports = [
        seen(1.0, 0.1), seen(-1.0, 0.5, kind="at_most"), seen(0.5, 0.2, kind="at_least"), seen(0.0, 0.3, kind="between", upper=0.4),
        Observation("x", "2026", "exact", 100.0, 0.05, "1", "s", DAY, "-"), Observation("x", "2026", "at_least", 90.0, 0.02, "1", "s", DAY, "-", 110.0),
        Observation("x", "2026", "at_least", 0.0, 0.05, "1", "s", DAY, "-"),
    ]  # fmt: skip
    predicted = np.stack([rng.normal(0, 1, 50)] * 4 + [rng.lognormal(4.6, 0.2, 50)] * 2 + [rng.normal(0, 1, 50)])
    together = Reports(reports)
    for one, row, found in zip(reports, predicted, together.log_likelihood(predicted), strict=True):
        assert found == pytest.approx(one.log_likelihood(row), rel=1e-9, abs=1e-12)
    share = np.full(len(reports), 0.3)
    step, up, down = 1e-6, predicted.copy(), predicted.copy()
    for n, one in enumerate(reports):  # by a millionth of an error
        up[n], down[n] = (
            row + s * one.error if one.absolute else row * np.exp(s * one.error)
            for row, s in ((predicted[n], step), (predicted[n], -step))
        )
    slopes = (together.log_likelihood(up) - together.log_likelihood(down)) / (2 * step)
    near = np.abs(slopes[:6]) < 1e3
    assert together.with_slopes(predicted, share)[1][:6][near] == pytest.approx(
        0.3 * slopes[:6][near], rel=1e-3, abs=1e-3
    )
    assert together.with_slopes(predicted, share)[0] == pytest.approx(
        0.3 * together.log_likelihood(predicted).sum(axis=0)
    )


def test_what_hangs_together_is_found_from_the_stages_of_the_business(root):
    base = load(root / "assumptions.toml")
    reports = [
        Observation(name, "2026Q1", "exact", 1.0, 0.01, "1", "s", DAY, "-")
        for name in ("ev.deliveries", "smartphones.revenue")
    ]
    target = Target(base, XIAOMI, reports)
    volume, *money = ({target.names[n] for n in block.places} for block in target.blocks)
    assert {"ev.lines.yu7.orders", "ev.plants.phase1.shift_factor", "shock capacity 1"} <= volume
    assert any("smartphones.memory.price_rise" in block for block in money)
    assert not any(block & volume for block in money)
    orders, plants = ({target.names[n] for n in held.places} for held in target.held)
    assert "ev.market.growth" in orders
    assert {"ev.plants.phase1.shift_factor", "ev.plants.phase2.shift_factor"} <= plants
    for asked_elsewhere in (
        "ev.price_war.rival_cut",
        "ev.book.ready",
        "ev.plants.phase3.shift_factor",
        "ev.workdays",
        "ev.lines.yu7.waiting",
    ):
        assert asked_elsewhere not in orders | plants


def test_an_edit_and_a_report_more_start_from_the_posterior_and_end_where_theory_says(normals, monkeypatch):
    """x.n1 ~ N(0, 1) seen as 1 +- 0.5; then its prior is N(0.2, 1.2) and it is seen a second time, as 0.9 +- 0.6."""
    first = seen(1.0, 0.5, outcome="x.n1")
    second = dataclasses.replace(seen(0.9, 0.6, outcome="x.n1", day=dt.date(2026, 5, 1)), series="another")
    start = by_sampler(monkeypatch, normals(3), sums(3), [first], draws=16_384)
    edited = normals(3)
    entry = dataclasses.replace(edited["x.n1"], distribution=family("normal", mean=0.2, sd=1.2))
    edited = edited.replace(entries={**edited.entries, "x.n1": entry})
    near = by_sampler(monkeypatch, edited, sums(3), [first, second], draws=16_384, start=start)
    assert near.degrees[0].exponent == 1.0  # not from the prior
    precision = 1 / 1.2**2 + 1 / 0.5**2 + 1 / 0.6**2
    mean = near.result.mean("x.n1", "2026")
    assert mean.value == pytest.approx((0.2 / 1.2**2 + 1 / 0.5**2 + 0.9 / 0.6**2) / precision, abs=4 * mean.error)
    assert near.result.sd("x.n1", "2026").value == pytest.approx(precision**-0.5, rel=0.03)
    theory = stats.multivariate_normal([0.2, 0.2], [[1.44 + 0.25, 1.44], [1.44, 1.44 + 0.36]]).logpdf([1.0, 0.9])
    assert near.log_evidence.value == pytest.approx(theory, abs=0.05)


def test_a_start_from_a_posterior_of_other_reports_forgets_them(normals, monkeypatch):
    """x.n1 was seen as 0.3 +- 1; what is known now is x.n2, 0.5 +- 0.5, of one day: the day before is the prior."""
    start = by_sampler(monkeypatch, normals(2), sums(2), [seen(0.3, 1.0, outcome="x.n1")], draws=16_384)
    near = by_sampler(monkeypatch, normals(2), sums(2), [seen(0.5, 0.5, outcome="x.n2")], draws=16_384, start=start)
    assert near.began_at
    for outcome, mean in (("x.n1", 0.0), ("x.n2", 0.5 / (1 + 0.25))):
        found = near.result.mean(outcome, "2026")
        assert found.value == pytest.approx(mean, abs=4 * found.error), outcome
    assert near.log_evidence.value == pytest.approx(stats.norm(0, math.sqrt(1.25)).logpdf(0.5), abs=0.03)
    assert near.surprises[0].before == pytest.approx(stats.norm.cdf(0.5), abs=0.02)


def test_a_start_from_a_posterior_reads_assumptions_of_many_periods(root):
    """Two loads of one file have arrays of their own; where only a floor comes on top, that floor is all that weighs."""
    one, two = (load(root / "assumptions.toml") for _ in range(2))
    quarter = Observation("ev.deliveries", "2026Q1", "exact", 100_000.0, 0.02, "vehicle", "s", DAY, "-")
    floor = Observation(
        "ev.deliveries", "2026-04", "at_least", 30_000.0, 0.01, "vehicle", "s", dt.date(2026, 5, 1), "-"
    )
    start = condition(one, XIAOMI, [quarter], draws=2048, path=False)
    target = Target(two, XIAOMI, [quarter, floor])
    _, log_weights, on_top = taken_over(target, origin_of(start), first_scores(target.names, XIAOMI.salts, 1, 256))
    april = start.result.values("ev.deliveries", "2026-04")
    assert log_weights == pytest.approx(np.zeros(log_weights.shape), abs=1e-6)
    assert on_top.ravel() == pytest.approx(floor.log_likelihood(april), abs=1e-6)


def test_moves_leave_the_prior_as_it_is_and_keep_the_likelihoods_that_they_say(root):
    base, rng, size = load(root / "assumptions.toml"), np.random.default_rng(8), 2048
    reports = [
        Observation(name, "2026Q1", "exact", value, 0.05, "1", "s", DAY, "-")
        for name, value in (("ev.deliveries", 110_000.0), ("smartphones.revenue", 45.0), ("ev.revenue", 25.0))
    ]
    target = Target(base, XIAOMI, reports)
    scores = rng.standard_normal((len(target.names), 2, size))
    for share in (0.0, 0.02):
        of_each = np.full(len(reports), share)
        learned = learn(target, scores, np.ones((2, size)), scores[:, :, :64], of_each)
        rows = scores.reshape(len(scores), -1).copy()
        kernels = Kernels(target, rows, 2, of_each, learned, rng, {})
        for _ in range(4):
            for move in kernels.turn:
                move()
        assert min(np.mean(rates) for rates in kernels.rates.values()) > 0.1
        fresh = Kernels(target, rows.copy(), 2, of_each, learned, rng, {})
        for kept, anew in zip(kernels.likely, fresh.likely, strict=True):
            assert kept == pytest.approx(anew, abs=1e-9)
        if share == 0.0:
            moved = rows[target.active]
            away = np.concatenate([moved.mean(axis=1) * np.sqrt(2 * size), (moved.std(axis=1) - 1) * np.sqrt(4 * size)])
            assert np.sqrt((away**2).mean()) < 1.25  # standardised moments of so many draws: 1


def test_draws_pass_from_one_explanation_to_another_by_the_shares_that_quadrature_gives(normals):
    """(n0 - 0.3)^2 = 4 +- 1 has two explanations, 2.3 and -1.7; all draws that move begin at the first."""
    both = Observation("x.square", "2026", "exact", 4.0, 1.0, "1", "s", DAY, "-", absolute=True)

    def square(draws):
        return {"x.square": (draws["x.n1"] - 0.3) ** 2}

    def density(x):
        return math.exp(-0.5 * x * x - 0.5 * ((x - 0.3) ** 2 - 4.0) ** 2)

    below, above = integrate.quad(density, -8, 0.3)[0], integrate.quad(density, 0.3, 8)[0]
    rng, size = np.random.default_rng(5), 2048
    grid = np.linspace(-5, 5, 2001)
    odds = np.array([density(x) for x in grid])
    scores = rng.choice(grid, (1, 3, size), p=odds / odds.sum())
    target = Target(normals(1), business_of(square), [both])
    learned = learn(target, scores, np.ones((3, size)), scores[:, :, :64], np.ones(1))
    rows = np.full((1, 3 * size), 2.3)
    kernels = Kernels(target, rows, 3, np.ones(1), learned, rng, {})
    for _ in range(60):
        kernels.across()
    share = below / (below + above)
    assert (rows[0] < 0.3).mean() == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / (3 * size)))


def test_what_is_stopped_goes_on_from_the_degrees_that_are_done(normals, monkeypatch, tmp_path):
    given, place = (normals(3), sums(3), [seen(9.0, 0.1)]), tmp_path / "posterior.npz"
    whole = by_sampler(monkeypatch, *given, draws=4096)
    put, done = checkpoint.put, []

    def stopped(*args):
        put(*args)
        done.append(args)
        if len(done) > 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "put", stopped)
    with pytest.raises(KeyboardInterrupt):
        by_sampler(monkeypatch, *given, draws=4096, place=place)
    assert len(list(tmp_path.glob("*.half"))) == 2
    assert len(done) < len(whole.degrees)
    monkeypatch.setattr(checkpoint, "put", lambda *args: (put(*args), done.append(args)))
    again = by_sampler(monkeypatch, *given, draws=4096, place=place)
    assert len(done) == len(whole.degrees)
    assert not list(tmp_path.glob("*.half"))
    assert {name: row.tolist() for name, row in again.scores.items()} == {
        name: row.tolist() for name, row in whole.scores.items()
    }


def log_tail(x):
    """log of 1 - Phi(x), by the asymptotic series where erfc underflows."""
    if x < 37:
        return math.log(math.erfc(x / math.sqrt(2)) / 2)
    return -x * x / 2 - math.log(x) - 0.5 * math.log(2 * math.pi) + math.log1p(-1 / x**2 + 3 / x**4)


@pytest.mark.parametrize("factor", [1.1, 1.5, 2.0, 0.9, 0.5, 0.05])
def test_the_likelihood_of_a_range_is_right_however_far_outside_a_draw_lies(factor):
    # 20,000 to 30,000 with 1%; the other end is dozens of errors further off and adds nothing
    floor = Observation("x", "2026", "at_least", 20_000.0, 0.01, "vehicle", "s", DAY, "-", 30_000.0)
    x = factor * (30_000.0 if factor > 1 else 20_000.0)
    (found,) = floor.log_likelihood(np.array([x]))
    assert found == pytest.approx(log_tail(abs(math.log(factor)) / 0.01), rel=1e-9)
    assert floor.log_likelihood(np.array([33_000.0]))[0] == pytest.approx(-48.6, abs=0.05)


def test_a_narrow_range_far_away_keeps_its_digits():
    # between 5.0 and 5.001 errors below the draw: the density there times the width, to first order in the width
    between = seen(-5.001, 1.0, kind="between", upper=-5.0)
    expected = math.log(0.001) - 0.5 * 5.0005**2 - 0.5 * math.log(2 * math.pi)
    assert between.log_likelihood(np.array([0.0]))[0] == pytest.approx(expected, abs=1e-4)
    mirrored = seen(5.0, 1.0, kind="between", upper=5.001)
    assert mirrored.log_likelihood(np.array([0.0]))[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("value", "mean", "evidence"), [(0.25, 0.236765, -32.54), (0.26, 0.244118, -48.72), (0.27, 0.251471, -67.83)])  # fmt: skip
def test_a_report_ten_to_fourteen_deviations_out_has_the_posterior_of_theory(tmp_path, value, mean, evidence):
    path = tmp_path / "one.toml"
    path.write_text((HEAD + ONE.format(1, 0.2)).replace("sd = 1.0", "sd = 0.005"))
    report = Observation("x.sum", "2026", "exact", value, 0.003, "1", "s", DAY, "-", absolute=True)
    found = condition(load(path), lambda d: {"x.sum": d["x.n1"]}, [report], draws=16_384)
    assert not found.guards
    assert found.result.mean("x.sum").value == pytest.approx(
        mean, abs=1.5e-4
    )  # a twentieth of the posterior's deviation
    assert found.result.sd("x.sum").value == pytest.approx(0.002572, rel=0.03)
    assert found.log_evidence.value == pytest.approx(evidence, abs=0.15)


def test_a_restated_figure_takes_the_place_of_the_first_from_its_day_on(normals):
    first = seen(8.0, 0.5, day=dt.date(2027, 1, 15))
    again = seen(5.0, 0.5, day=dt.date(2027, 3, 15))
    own_series = dataclasses.replace(again, series="restated")
    for second in (again, own_series):
        known = known_by([second, first], dt.date(2027, 3, 14))
        assert [o.value for o in known] == [8.0]
        assert [o.value for o in known_by([second, first], dt.date(2027, 3, 15))] == [5.0]
        found = condition(wide(normals), sums(1), [first, second], draws=16_384)
        # prior N(0, 10), report 5 +- 0.5
        assert found.result.mean("x.sum").value == pytest.approx(4.9875, abs=0.002)
        assert found.result.sd("x.sum").value == pytest.approx(0.4994, rel=0.01)
    other = dataclasses.replace(again, series="registrations", value=4.0)
    with pytest.raises(
        InputError, match=r"x.sum in 2026: 4 \(registrations, 2027-03-15\) contradicts x.sum in 2026: 8"
    ):
        condition(wide(normals), sums(1), [first, other], draws=2048)


def wide(normals):
    a = normals(1)
    entry = a["x.n1"]
    return a.replace(entries={"x.n1": dataclasses.replace(entry, distribution=family("normal", mean=0.0, sd=10.0))})


def test_what_no_draw_comes_near_is_refused_with_the_nearest_and_how_far_it_is(normals):
    a = normals(1)
    with pytest.raises(
        InputError, match=r"no draw comes near 400: the nearest is 3\.\d+, 3,9\d\d errors of the report away"
    ):
        condition(a, sums(1), [seen(400.0, 0.1)], draws=2048)
    inside = condition(
        a, sums(1), [seen(0.5, 1e-5)], draws=2048
    )  # between draws, though none is within 60 errors of it
    assert inside.result.mean("x.sum").value == pytest.approx(0.5, abs=1e-4)
    just_beyond = condition(a, sums(1), [seen(4.2, 1e-3)], draws=2048)
    assert just_beyond.result.mean("x.sum").value == pytest.approx(4.2, abs=1e-3)


def test_a_figure_of_nought_where_all_draws_say_nought_teaches_nothing(normals):
    def business(d):
        return {"x.sum": d["x.n1"], "x.unsold": np.zeros(d.size)}

    plain = condition(normals(1), business, [seen(1.0, 0.5)], draws=4096)
    for kind, upper in (("exact", np.nan), ("at_least", 10_000.0), ("at_most", np.nan)):
        nought = Observation("x.unsold", "2026", kind, 0.0, 0.01, "vehicle", "s", DAY, "-", upper)
        assert (nought.log_likelihood(np.zeros(3)) == 0.0).all()
        found = condition(normals(1), business, [seen(1.0, 0.5), nought], draws=4096)
        assert found.result.mean("x.sum") == plain.result.mean("x.sum")
        assert found.log_evidence == plain.log_evidence
    with pytest.raises(InputError, match="no draw comes near 5: the nearest is 0"):
        condition(normals(1), business, [Observation("x.unsold", "2026", "exact", 5.0, 0.01, "vehicle", "s", DAY, "-")], draws=2048)  # fmt: skip


def report(
    outcome, period, low, high=np.nan, *, kind="exact", unit="vehicle", day=dt.date(2027, 3, 1), series="s", error=0.005
):
    return Observation(outcome, period, kind, low, error, unit, series, day, "-", high, unit == "share")


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ([report("ev.deliveries", "2026-01", 39_000, kind="at_least"), report("ev.deliveries", "2026-01", 33_000, series="filing")], "contradicts"),
        ([report("ev.deliveries", "2026-01", 39_000, kind="at_least"), report("ev.deliveries", "2026-01", 33_000, kind="at_most", series="b")], "contradicts"),
        ([report("ev.deliveries", "2026-01", 20_000, 30_000, kind="between"), report("ev.deliveries", "2026-01", 33_000, series="b")], "contradicts"),
        ([report("ev.deliveries", "2026", 400_000), *(report("ev.deliveries", f"2026Q{q}", 120_000) for q in (1, 2, 3, 4))], "contradicts"),
        ([report("ev.deliveries", "2026H1", 185_055), report("ev.deliveries", "2026Q1", 80_856), report("ev.deliveries", "2026Q2", 124_199)], "contradicts"),
        ([report("ev.deliveries", "2026", 100_000), report("ev.deliveries", "2026-03", 110_000, kind="at_least")], "contradicts"),
        ([report("ev.deliveries", "2026-01", 33_000), report("ev.deliveries.yu7", "2026-01", 37_869)], "contradicts"),
        ([report("ev.deliveries", "2026Q1", 33_000), *(report(f"ev.deliveries.{v}", "2026Q1", 20_000) for v in ("su7", "yu7"))], "contradicts"),
        ([report("group.revenue", "2026Q1", 30.0, unit="RMB bn"), report("smartphones.revenue", "2026Q1", 44.3, unit="RMB bn")], "contradicts"),
        ([report("iot.revenue + internet.revenue", "2026Q1", 30.0, unit="RMB bn"), report("iot.revenue", "2026Q1", 34.0, unit="RMB bn")], "contradicts"),
        ([report("ev.deliveries", "2026Q1", 80_856, series="filing"), report("ev.deliveries", "2026Q1", 95_000, series="cpca")], "contradicts"),
        ([report("ev.deliveries", "2026Q1", 80_856, series="filing"), report("ev.deliveries", "2026Q1", 85_000, series="cpca", error=0.015)], "they are 3.1 errors apart"),
        ([report("ev.gross_margin", "2026", 0.30, unit="share"), *(report("ev.gross_margin", f"2026Q{q}", 0.2, unit="share") for q in (1, 2, 3, 4))], "A year's share"),
        ([report("ev.deliveries", "2026Q1", 400, error=0.0), report("ev.deliveries", "2026-01", 500, error=0.0)], "contradicts"),
        ([report("ev.deliveries", "2026-01", -5)], "-5 vehicle lies below 0"),
        ([report("ev.deliveries", "2026-01", 1e308)], "is larger than any figure of a company"),
        ([report("ev.gross_margin", "2026Q1", 12.0, unit="share")], "12 is not a share, which lies between 0 and 1; 12% is 0.12"),
        ([report("ev.gross_margin", "2026Q1", -0.1, unit="share")], "-0.1 is not a share"),
        ([report("ev.deliveries + ev.deliveries", "2026Q1", 5.0)], "adds an outcome to itself"),
        ([report("ev.gross_margin + group.gross_margin", "2026Q1", 0.4, unit="share")], "shares do not add up"),
        ([report("ecosystem.users", "2026H1", 750.0, unit="mn users")], "does not add up"),
    ],
)  # fmt: skip
def test_reports_that_cannot_be_are_named_before_anything_is_computed(reports, said):
    found = contradictions(reports, ACCOUNTS)
    assert len(found) == 1
    assert said in f"{found[0][1]}. {found[0][2]}"


@pytest.mark.parametrize(
    "reports",
    [
        [report("ev.deliveries", "2026Q1", 80_856, series="filing"), report("ev.deliveries", "2026Q1", 82_000, series="cpca", error=0.015)],
        [report("ev.deliveries", "2026-01", 39_000, 40_000, kind="at_least", error=0.01), report("ev.deliveries", "2026-01", 38_800, series="filing")],
        [report("ev.deliveries", "2026Q1", 600, error=0.0), *(report("ev.deliveries", f"2026-0{m}", 200, error=0.0) for m in (1, 2, 3))],
        [report("ev.operating_result", "2026Q1", -3.1, unit="RMB bn")],
        [report("ev.operating_result", "2026", -3.0, unit="RMB bn"), report("ev.operating_result", "2026Q1", 3.1, unit="RMB bn")],
        [report("ecosystem.users", f"2026Q{q}", 750.0, unit="mn users") for q in (1, 2)],
        [report("ev.deliveries", "2026H1", 185_055), report("ev.deliveries", "2026Q1", 80_856), report("ev.deliveries", "2026Q2", 104_199)],
    ],
)  # fmt: skip
def test_reports_that_can_be_are_let_be(reports):
    assert contradictions(reports, ACCOUNTS) == []


def test_of_two_contradictions_both_are_named_each_by_its_newest_row():
    early, late = dt.date(2027, 1, 5), dt.date(2027, 2, 5)
    reports = [
        report("ev.deliveries", "2026-01", 39_000, kind="at_least", day=early), report("ev.deliveries", "2026-01", 33_000, series="b", day=late),
        report("iot.revenue", "2026Q1", 25.0, unit="RMB bn", day=early), report("iot.revenue", "2026Q1", 30.0, unit="RMB bn", series="b", day=late),
    ]  # fmt: skip
    found = contradictions(reports, ACCOUNTS)
    assert {one.name for one, *_ in found} == {"ev.deliveries in 2026-01", "iot.revenue in 2026Q1"}
    assert all(one.reported_on == late for one, *_ in found)


def test_figures_that_cannot_stand_together_are_named():
    def one(outcome, period, kind, value, day, series="s"):
        return Observation(outcome, period, kind, value, 0.005, "1", series, day, "-")

    may = dt.date(2026, 5, 26)
    months = [one("x", f"2026-{m:02d}", "at_least", 30_000.0, may) for m in (1, 2, 3)]
    quarter = one("x", "2026Q1", "exact", 80_000.0, may)
    (found,) = contradictions([*months, quarter])
    assert "x in 2026Q1: 80,000 (s, 2026-05-26) contradicts x in 2026-01: >= 30,000" in found[1]
    assert "they are 11.8 errors apart" in found[1]  # 10,000 / (0.005 * (3 * 30,000 + 80,000))
    halves = [one("y", "2026Q1", "exact", 10.0, may), one("y", "2026Q2", "exact", 10.0, dt.date(2026, 8, 1))]
    (found,) = contradictions([*halves, one("y", "2026H1", "exact", 30.0, dt.date(2026, 8, 1))])
    assert "y in 2026H1: 30 (s, 2026-08-01) contradicts y in 2026Q1: 10" in found[1]
    margins = [Observation("m", p, "exact", 0.2, 0.003, "share", "s", dt.date(2027, 1, 5), "-", absolute=True) for p in ("2026Q1", "2026Q2", "2026Q3", "2026Q4", "2026")]  # fmt: skip
    assert contradictions(margins) == []  # a year's margin is no sum of its quarters'
    (found,) = contradictions([months[0], months[0]])
    assert "given twice" in found[1]
    (found,) = contradictions([one("x", "2026Q2", "exact", 1.0, may)])
    assert "before 2026Q2 had ended" in found[1]


def test_what_was_known_by_a_day_ends_with_that_day():
    days = [dt.date(2026, 8, 1), dt.date(2026, 6, 1), dt.date(2026, 6, 2)]
    reports = [seen(float(n), 1.0, outcome=f"x.n{n}", day=day) for n, day in enumerate(days)]
    known = known_by(reports, dt.date(2026, 6, 2))
    assert [o.value for o in known] == [1.0, 2.0]
    assert end_of("2026H1") == dt.date(2026, 6, 30)
    assert end_of("2026-12") == end_of("2026Q4") == end_of("2026") == dt.date(2026, 12, 31)


def test_a_day_is_named_by_its_date_or_as_the_latest():
    reports = [seen(1.0, 1.0), seen(1.0, 1.0, day=dt.date(2026, 8, 18))]
    assert day_of("latest", reports) == dt.date(2026, 8, 18)
    assert day_of("2026-06-01", reports) == day_of(dt.date(2026, 6, 1), reports) == dt.date(2026, 6, 1)
    with pytest.raises(InputError, match=r"'yesterday' is not a date\. 2026-08-20, latest or base"):
        day_of("yesterday", reports)


def test_the_shape_of_a_pareto_tail_is_found_again():
    rng = np.random.default_rng(9)
    for shape in (0.2, 0.5, 1.0):
        k = [tail_shape(stats.genpareto.rvs(shape, size=20_000, random_state=rng) + 1.0) for _ in range(20)]
        assert np.mean(k) == pytest.approx(shape, abs=0.06)
