"""The posterior against answers that are known without it: by hand, by quadrature, by brute force."""

import datetime as dt

import numpy as np
import pytest
from scipy import integrate, stats

from model import InputError
from model.assumptions.loading import load
from model.simulation.posterior import condition as conditioning
from model.simulation.posterior.chain import systematic
from model.simulation.posterior.condition import condition, tail_shape
from model.simulation.posterior.observation import Observation, contradictions, day_of, end_of, known_by
from model.simulation.posterior.sampler import _alike_side_by_side
from model.simulation.sampling.scored_draws import NotedDraws, ScoredDraws
from model.xiaomi.business import XIAOMI

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

    with pytest.raises(InputError, match=r"x\.sum in 2026: no draw can make 50,000: they lie between 0\.") as refused:
        condition(normals(1), bounded, [seen(50_000.0, 0.1)], draws=2048)
    assert "condition on the others" in str(refused.value)
    with pytest.raises(InputError, match="nothing was reported by then"):
        condition(normals(1), bounded, [], draws=2048)


def test_a_guard_that_fails_is_said_and_its_evidence_withheld(normals, monkeypatch):
    monkeypatch.setattr(conditioning, "APART", 0.0)
    monkeypatch.setattr(conditioning, "EVIDENCE_APART", 0.0)
    monkeypatch.setattr(conditioning, "UNCORRELATED", -1.0)
    found = by_sampler(monkeypatch, normals(3), sums(3), [seen(3.0, 0.1)], draws=4096)
    assert found.log_evidence is None
    said = "\n".join(found.lines())
    assert "Log evidence" not in said
    for words in ("apart in the mean of x.sum", "apart in the log evidence", "scores kept a correlation"):
        assert words in said
    assert len(found.guards) == 3


def test_the_same_seed_gives_the_same_posterior(normals, monkeypatch):
    one, two = (by_sampler(monkeypatch, normals(3), sums(3), [seen(3.0, 0.1)], draws=4096, seed=3) for _ in range(2))
    assert np.array_equal(one.result.outcomes["x.sum"], two.result.outcomes["x.sum"])
    other = by_sampler(monkeypatch, normals(3), sums(3), [seen(3.0, 0.1)], draws=4096, seed=4)
    assert not np.array_equal(one.result.outcomes["x.sum"], other.result.outcomes["x.sum"])


def test_from_a_posterior_of_other_inputs_the_answer_is_that_from_nothing(normals, monkeypatch):
    before, after = [seen(9.0, 0.1)], [seen(9.0, 0.1), seen(2.5, 0.2, outcome="x.n1", day=dt.date(2026, 5, 1))]
    start = by_sampler(monkeypatch, normals(6), sums(6), before, draws=16_384)
    moved = normals(7, mean=0.3)  # one assumption more, and all of them elsewhere
    near = by_sampler(monkeypatch, moved, sums(7), after, draws=16_384, start=start)
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
    order = _alike_side_by_side(rows)
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
    noted = NotedDraws(base)
    function(noted)
    names = list(noted.used)
    rows = dict(zip(names, rng.standard_normal((len(names), 64)), strict=True))
    draws = ScoredDraws(base, rows, 64)
    function(draws)
    for _ in range(12):
        some = {names[n]: rng.standard_normal(64) for n in rng.choice(len(names), 3, replace=False)}
        moved, accepted = draws.moved(some), rng.random(64) < 0.5
        in_part = function(moved)
        whole = function(ScoredDraws(base, rows | some, 64))
        for name, values in whole.items():
            assert np.array_equal(np.asarray(in_part[name]), np.asarray(values), equal_nan=True), name
        draws.merged(moved, accepted)
        rows |= {name: np.where(accepted, some[name], rows[name]) for name in some}
    assert np.array_equal(draws.scores(names), np.stack([rows[name] for name in names]))


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


def test_figures_that_cannot_stand_together_are_named():
    def one(outcome, period, kind, value, day, series="s"):
        return Observation(outcome, period, kind, value, 0.005, "1", series, day, "-")

    may = dt.date(2026, 5, 26)
    months = [one("x", f"2026-{m:02d}", "at_least", 30_000.0, may) for m in (1, 2, 3)]
    quarter = one("x", "2026Q1", "exact", 80_000.0, may)
    (found,) = contradictions([*months, quarter])
    assert "floors of its parts add up to 90,000" in found[1]
    halves = [one("y", "2026Q1", "exact", 10.0, may), one("y", "2026Q2", "exact", 10.0, dt.date(2026, 8, 1))]
    (found,) = contradictions([*halves, one("y", "2026H1", "exact", 30.0, dt.date(2026, 8, 1))])
    assert "its parts add up to 20" in found[1]
    margins = [Observation("m", p, "exact", 0.2, 0.003, "share", "s", dt.date(2027, 1, 5), "-", absolute=True) for p in ("2026Q1", "2026Q2", "2026Q3", "2026Q4", "2026")]  # fmt: skip
    assert contradictions(margins) == []  # a year's margin is no sum of its quarters'
    (found,) = contradictions([months[0], months[0]])
    assert "given twice" in found[1]
    (found,) = contradictions([one("x", "2026Q2", "exact", 1.0, may)])
    assert "before 2026Q2 had ended" in found[1]


def test_what_was_known_by_a_day_ends_with_that_day():
    days = [dt.date(2026, 8, 1), dt.date(2026, 6, 1), dt.date(2026, 6, 2)]
    known = known_by([seen(float(n), 1.0, day=day) for n, day in enumerate(days)], dt.date(2026, 6, 2))
    assert [o.value for o in known] == [1.0, 2.0]
    assert end_of("2026H1") == dt.date(2026, 6, 30)
    assert end_of("2026-12") == end_of("2026Q4") == end_of("2026") == dt.date(2026, 12, 31)


def test_a_day_is_named_by_its_date_or_as_the_latest():
    reports = [seen(1.0, 1.0), seen(1.0, 1.0, day=dt.date(2026, 8, 18))]
    assert day_of("latest", reports) == dt.date(2026, 8, 18)
    assert day_of("2026-06-01", reports) == day_of(dt.date(2026, 6, 1), reports) == dt.date(2026, 6, 1)
    with pytest.raises(InputError, match=r"'yesterday' is no day\. 2026-08-20, or latest"):
        day_of("yesterday", reports)


def test_the_shape_of_a_pareto_tail_is_found_again():
    rng = np.random.default_rng(9)
    for shape in (0.2, 0.5, 1.0):
        k = [tail_shape(stats.genpareto.rvs(shape, size=20_000, random_state=rng) + 1.0) for _ in range(20)]
        assert np.mean(k) == pytest.approx(shape, abs=0.06)
