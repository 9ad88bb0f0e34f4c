"""Variance shares: known answers, agreement with scipy and SALib on our own model, and refusals."""

import warnings

import numpy as np
import pytest
from scipy import stats

from model import InputError, from_dict, load
from model.assumptions.copula import rank_of_normals
from model.assumptions.distributions.base import Fixed
from model.simulation.measures import Measure
from model.simulation.metric import Metric, metric
from model.simulation.parallel import Workers
from model.simulation.sampling.draws import Draws
from model.simulation.sampling.latents import Latents
from model.studies import variance as shared
from model.studies.shapley import PermutationEstimator
from model.studies.sources import Prior
from model.studies.study import Study
from model.studies.variance import GROUPINGS, NOISE, Share, Variance, interval, tied, variance
from model.xiaomi.business import XIAOMI
from model.xiaomi.ev_volume import volume

Y = Metric("y")
DRAWS = 2048
WITHIN = 4.8  # standard errors; of Student's t with 7 degrees of freedom, 99.8% lie within


def close(measure, truth):
    return abs(measure.value - truth) <= WITHIN * measure.error + 1e-9


def found(study, what=Y, **how):
    return {s.name: s for s in variance(study, what, **how)}


# Ishigami and Homma 1990 (a = 7, b = 0.1); Sobol's g with a = 0, 1, 4.5, 9 (Saltelli and Sobol 1995)
ISHIGAMI = {"x1": (0.313905191, 0.557588855), "x2": (0.442411145, 0.442411145), "x3": (0.0, 0.243683664)}
SOBOL_G = {
    "g0": (0.716192, 0.787144),
    "g1": (0.179048, 0.242198),
    "g2": (0.023676, 0.034317),
    "g3": (0.007162, 0.010460),
}


def ishigami(d):
    return {"y": np.sin(d["x1"]) + 7 * np.sin(d["x2"]) ** 2 + 0.1 * d["x3"] ** 4 * np.sin(d["x1"])}


def sobol_g(d):
    factors = [(abs(4 * d[f"g{n}"] - 2) + a) / (1 + a) for n, a in enumerate((0, 1, 4.5, 9))]
    return {"y": np.prod(factors, axis=0)}


@pytest.mark.parametrize(
    ("function", "truth", "low", "high"),
    [(ishigami, ISHIGAMI, -np.pi, np.pi), (sobol_g, SOBOL_G, 0, 1)],
    ids=["ishigami", "sobol g"],
)
def test_sobol_indices_of_the_test_functions_are_those_of_theory(function, truth, low, high):
    made = found(Study(from_dict({name: {"low": low, "high": high} for name in truth}), Prior(function)))
    for name, (first, total) in truth.items():
        assert close(made[name].first, first), name
        assert close(made[name].total, total), name
        assert made[name].total.error < 0.005
    assert made[NOISE].share == (0, 0)


def test_shapley_effects_of_ishigami_split_its_only_interaction_in_halves():
    names = {name: {"low": -np.pi, "high": np.pi} for name in ISHIGAMI}
    made = found(Study(from_dict(names), Prior(ishigami, draws=16_384)))
    for name, (first, total) in ISHIGAMI.items():
        assert close(made[name].share, (first + total) / 2), name


def test_noise_has_its_share_and_months_of_it_count_together():
    """x has variance 4, the two months of noise 1 each: shares 4/6 and 2/6."""
    study = Study(
        from_dict({"x": {"mean": 0, "sd": 2}}), Prior(lambda d: {"y": d["x"] + d.shock("s", 2).sum(axis=0)}, draws=8192)
    )
    made = found(study)
    for name, truth in (("x", 2 / 3), (NOISE, 1 / 3)):
        for measure in (made[name].share, made[name].first, made[name].total):
            assert close(measure, truth), name
            assert measure.error < 0.03


def test_an_assumption_that_nothing_uses_has_no_share_at_all_not_the_dust_of_rounding(base):
    made = found(Study(base, Prior(XIAOMI, draws=DRAWS)), Metric("ev.deliveries", "2026"))
    idle = [name for name in made if name.startswith(("smartphones.", "iot.", "internet.", "other."))]
    assert len(idle) > 15
    assert all(made[name].share == (0, 0) for name in idle)
    assert made["ev.lines.yu7.orders"].share.value > 0.1


def test_a_table_of_tied_assumptions_is_one_player_with_all_of_its_variance():
    """a.x and a.y with correlation 0.6 have variance 2 + 2 x 0.6 = 3.2 together, b.z has 1."""
    names = {n: {"mean": 0, "sd": 1} for n in ("a.x", "a.y", "b.z")}
    tied_ = from_dict(names, [("a.x", "a.y", rank_of_normals(0.6))])
    study = Study(tied_, Prior(lambda d: {"y": d["a.x"] + d["a.y"] + d["b.z"]}, draws=8192))
    made = found(study, by="table")
    for name, truth in (("a", 3.2 / 4.2), ("b", 1 / 4.2)):
        for measure in (made[name].share, made[name].first, made[name].total):
            assert close(measure, truth), name
            assert measure.error < 0.03


def test_a_linear_model_has_the_shares_of_its_squared_slopes():
    study = Study(
        from_dict({"a": {"mean": 0, "sd": 1}, "b": {"mean": 3, "sd": 1}}),
        Prior(lambda d: {"y": 2 * d["a"] + d["b"]}, draws=8192),
    )
    made = found(study)
    for name, truth in (("a", 0.8), ("b", 0.2)):
        for measure in (made[name].share, made[name].first, made[name].total):
            assert close(measure, truth)
            assert measure.value == pytest.approx(truth, abs=0.01)


CORRELATED = from_dict(
    {"a": {"mean": 0, "sd": 1}, "b": {"mean": 0, "sd": 2}}, correlations=[("a", "b", rank_of_normals(0.5))]
)


def test_shapley_effects_of_two_correlated_normals_are_those_of_theory():
    # X1 + X2, sd 1 and 2, rho 0.5 (Owen and Prieur 2017): 0.339286 and 0.660714
    made = found(Study(CORRELATED, Prior(lambda d: {"y": d["a"] + d["b"]}, draws=16_384)))
    for name, truth in (("a", 0.339286), ("b", 0.660714)):
        assert close(made[name].share, truth)
        assert made[name].share.value == pytest.approx(truth, abs=0.01)


def test_shapley_effects_of_three_normals_with_two_correlated_are_those_of_theory():
    # y = a + b + c, unit variances, corr(a, b) = 0.5: c brings 1 of 4, a and b share 3 of 4 alike
    names = {name: {"mean": 0, "sd": 1} for name in "abc"}
    a = from_dict(names, correlations=[("a", "b", rank_of_normals(0.5))])
    made = found(Study(a, Prior(lambda d: {"y": d["a"] + d["b"] + d["c"]}, draws=16_384)))
    for name, truth in (("a", 0.375), ("b", 0.375), ("c", 0.25)):
        assert close(made[name].share, truth), name
    assert close(made["c"].first, 0.25)


def test_an_idle_twin_of_an_important_assumption_shares_its_effect():
    # y = a, corr(a, b) = 0.5: b alone explains 0.25, adds nothing to a; Shapley (0 + 0.25) / 2
    made = found(Study(CORRELATED, Prior(lambda d: {"y": d["a"]}, draws=16_384)))
    assert close(made["b"].share, 0.125)
    assert close(made["a"].share, 0.875)


def test_no_sobol_index_is_given_where_assumptions_are_correlated(base):
    made = found(Study(CORRELATED, Prior(lambda d: {"y": d["a"] + d["b"]}, draws=2048)))
    assert [made[n].first for n in "ab"] == [None, None] == [made[n].total for n in "ab"]
    assert tied(base, ["ev.lines.yu7.orders"])
    assert not tied(base, ["ev.opex.other", "ev.opex.research"])  # together they depend on nobody else


def test_a_correlated_assumption_that_is_held_at_a_number_ties_nobody(root):
    held = load(
        root / "assumptions.toml",
        sets=["ev.plants.phase1.shift_factor=2.0", "ev.lines.yu7.orders=17_500"],
        as_of="base",
    )
    made = found(Study(held, Prior(XIAOMI, draws=DRAWS)), Metric("ev.deliveries", "2026"))
    assert made["ev.plants.phase2.shift_factor"].first is not None  # its only partner stands still
    assert made["ev.lines.su7_2026.orders"].first is None
    assert sum(s.share.value for s in made.values()) == pytest.approx(1)
    assert "ev.lines.yu7.orders" not in made


def test_holding_a_correlated_assumption_leaves_the_others_their_joint_distribution():
    names = {name: {"mean": 0, "sd": 1} for name in "ab"} | {"c": {"value": 0.0}}
    pairs = [("a", "b", rank_of_normals(0.5)), ("b", "c", rank_of_normals(0.5))]
    made = found(
        Study(from_dict(names, correlations=pairs), Prior(lambda d: {"y": d["a"] + d["b"] + d["c"]}, draws=16_384))
    )
    for name in "ab":
        assert close(made[name].share, 0.5), name


def test_mixtures_of_two_sets_of_draws_keep_the_joint_distribution():
    study = Study(CORRELATED, Prior(lambda d: {"y": d["a"] * d["b"]}, draws=32_768))
    walk = PermutationEstimator(study, Y, (("a",), ("b",), ()))
    for step in range(4):
        product = walk.row([walk.place(n) < step for n in range(3)])
        apart = product.reshape(-1, 8, 256).mean(axis=(0, 2))
        error = apart.std(ddof=1) / np.sqrt(8)
        assert abs(product.mean() - 2 * 0.5) < WITHIN * error  # covariance: rho sd sd


@pytest.mark.parametrize("by", GROUPINGS)
def test_all_shares_add_up_to_the_whole(base, by):
    study = Study(base, Prior(XIAOMI, draws=2048))
    made = variance(study, metric("ev.gross_margin", base, XIAOMI), by=by)
    assert sum(s.share.value for s in made) == pytest.approx(1, abs=1e-9)
    members = [path for s in made for path in s.members]
    assert sorted(members) == sorted(p for p, a in base.entries.items() if a.distribution.uncertain)


def test_an_assumption_that_nothing_uses_brings_exactly_nothing(base):
    study = Study(base, Prior(XIAOMI, draws=2048))
    made = found(study, metric("chance", base, XIAOMI))
    for path in ("ev.cost.variable", "other.revenue"):
        assert made[path].share == (0, 0)


def test_shares_do_not_depend_on_the_number_of_workers(base):
    study = Study(base, Prior(XIAOMI, draws=2048))
    what = metric("ev.deliveries", base, XIAOMI)
    assert variance(study, what, by="evidence") == variance(study, what, by="evidence", workers=Workers(2))


# --- agreement with other programs on our own model --------------------------------------------------------

CHOSEN = ("ev.lines.yu7.orders", "ev.lines.su7_2026.orders", "ev.lines.yu7.waiting", "ev.book.ready", "ev.launch.fade")


@pytest.fixture(scope="module")
def few(base):
    """Five uncertain assumptions, independent; all others at their P50, no noise."""
    entries = {}
    for path, a in base.entries.items():
        still = (
            Fixed(np.zeros(1))
            if path.startswith(("noise.", "drift."))
            else Fixed(a.distribution.quantile(np.full(1, 0.5)))
        )
        distribution = a.distribution if path in CHOSEN else still
        entries[path] = a.__class__(**{**vars(a), "distribution": distribution})
    return base.replace(entries=entries, correlations=())


def deliveries(few, u):
    """Deliveries of the year for percentiles u (assumption, draw)."""

    class Given(Draws):
        def __getitem__(self, path):
            distribution = few[path].distribution
            where = u[CHOSEN.index(path)] if path in CHOSEN else np.full(1, 0.5)
            return distribution.quantile(where)

        def shock(self, path, periods):  # noqa: ARG002
            return np.zeros((periods, self.size))

    return volume(Given(few, Latents(0, u.shape[1])))["ev.deliveries"][-1]


def test_scipy_and_ours_agree_on_our_own_model_within_their_intervals(few):
    made = found(Study(few, Prior(XIAOMI, draws=16_384)), Metric("ev.deliveries", "2026"))
    theirs = stats.sobol_indices(
        func=lambda u: deliveries(few, u),
        n=4096,
        dists=[stats.uniform()] * len(CHOSEN),
        rng=np.random.default_rng(7),
    )
    spread = theirs.bootstrap(confidence_level=0.95)
    for n, path in enumerate(CHOSEN):
        for ours, value, other in (
            (made[path].first, theirs.first_order[n], spread.first_order),
            (made[path].total, theirs.total_order[n], spread.total_order),
        ):
            low, high = interval(ours)
            slack = (other.confidence_interval.high[n] - other.confidence_interval.low[n]) / 2
            assert low - slack <= value <= high + slack, path


def test_salib_and_ours_agree_on_our_own_model_within_their_intervals(few):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol as analyze
        from SALib.sample import sobol as sample

        problem = {"num_vars": len(CHOSEN), "names": list(CHOSEN), "bounds": [[0.0, 1.0]] * len(CHOSEN)}
        points = np.clip(sample.sample(problem, 4096, calc_second_order=False, seed=11), 1e-9, 1 - 1e-9)
        theirs = analyze.analyze(problem, deliveries(few, points.T), calc_second_order=False, seed=11)
    made = found(Study(few, Prior(XIAOMI, draws=16_384)), Metric("ev.deliveries", "2026"))
    for n, path in enumerate(CHOSEN):
        for ours, value, slack in (
            (made[path].first, theirs["S1"][n], theirs["S1_conf"][n]),
            (made[path].total, theirs["ST"][n], theirs["ST_conf"][n]),
        ):
            low, high = interval(ours)
            assert low - slack <= value <= high + slack, path


# --- refusals ------------------------------------------------------------------------------------------------


def test_one_output_that_is_not_a_number_is_refused_where_others_return_zeros():
    def once(d):
        y = np.array(d["a"])
        if getattr(d, "start", 0) == 0:
            y[0] = np.nan
        return {"y": y}

    with pytest.raises(InputError, match="is not finite in 1 of 2,048 draws"):
        variance(Study(from_dict({"a": {"mean": 0, "sd": 1}}), Prior(once, draws=2048)), Y)


def test_what_has_no_variance_to_share_out_is_refused(base):
    study = Study(base, Prior(XIAOMI, draws=2048))
    for text, said in (
        ("ev.deliveries:p10", "the p10 of an outcome has no variance"),
        ("ev.deliveries>=9_000_000", "does not vary"),
    ):
        with pytest.raises(InputError, match=said):
            variance(study, metric(text, base, XIAOMI))
    with pytest.raises(InputError, match="no grouping 'evidance'"):
        variance(study, metric("ev.deliveries", base, XIAOMI), by="evidance")


SHARES = (
    Share("judgement", "Judged", ("a", "b"), Measure(0.6, 0.01), Measure(0.5, 0.02), Measure(0.7, 0.03)),
    Share("x", "X", ("x",), Measure(0.3, 0.0), None, None),
    Share("y", "Y", ("y",), Measure(0.1, 0.0), Measure(0.1, 0.0), Measure(0.1, 0.0)),
)


def test_shares_of_the_variance_are_said_with_their_intervals_what_rests_on_judgement_and_the_rest():
    head, _, first, second, judged, rest = Variance(Metric("s"), "evidence", SHARES).lines(2)
    assert "Variance of s:" in head
    for words, said in (
        ("60.0% 57.6% to 62.4% 50.0% 70.0% judgement (2 assumptions)", first),
        ("30.0% 30.0% to 30.0% correlated x", second),
        ("10.0% 1 others", rest),
    ):
        assert [word for word in said.split() if word in words.split()] == words.split()
    assert ("judgement" in judged, "60.0%" in judged) == (True, True)
    hit = Variance(Metric("s", None, "chance", 5.0), "evidence", SHARES[1:]).lines(9)
    assert "P(s >= 5)" in hit[0]
    assert not any("judgement" in line for line in hit)
    assert interval(Measure(0.6, 0.01)) == pytest.approx((0.6 - 0.0236462, 0.6 + 0.0236462))  # t with 7: 2.36462


def test_the_table_of_shares_has_every_number_in_its_column():
    made = Variance(Metric("s"), "evidence", SHARES).table()
    first, second = (dict(zip(made.columns, row, strict=True)) for row in made.rows[:2])
    assert list(first) == [
        "evidence", "label", "assumptions", "share", "error", "low", "high", "first order", "first error", "total", "total error", "correlated",
    ]  # fmt: skip
    assert [v for k, v in first.items() if k not in ("low", "high")] == [
        "judgement",
        "Judged",
        2,
        0.6,
        0.01,
        0.5,
        0.02,
        0.7,
        0.03,
        False,
    ]
    assert (first["low"], first["high"]) == pytest.approx((0.5763538, 0.6236462))
    assert [v for k, v in second.items() if k not in ("low", "high")] == [
        "x",
        "X",
        1,
        0.3,
        0.0,
        None,
        None,
        None,
        None,
        True,
    ]


def test_players_are_grouped_by_table_segment_and_evidence_and_the_noise_has_none():
    a = from_dict(
        {
            "ev.a.x": {"mean": 0, "sd": 1, "label": "X"}, "ev.a.y": {"mean": 0, "sd": 2}, "ev.b": {"mean": 0, "sd": 1, "evidence": "derived"},
            "z": {"mean": 0, "sd": 1}, "known": {"value": 1},
        }
    )  # fmt: skip
    told = []
    study = Study(a, Prior(lambda d: {"s": d["ev.a.x"] + d["ev.a.y"] + d["ev.b"] + d["z"]}, draws=2048))
    members = {by: {s.name: s.members for s in shared.variance(study, Metric("s"), by=by)} for by in shared.GROUPINGS}
    noise = {shared.NOISE: ()}
    assert members["table"] == {"ev.a": ("ev.a.x", "ev.a.y"), "ev": ("ev.b",), "z": ("z",), **noise}
    assert members["segment"] == {"ev": ("ev.a.x", "ev.a.y", "ev.b"), "z": ("z",), **noise}
    assert members["evidence"] == {"judgement": ("ev.a.x", "ev.a.y", "z"), "derived": ("ev.b",), **noise}
    found = shared.variance(study, Metric("s"), progress=lambda *done: told.append(done))
    assert found[0].name == "ev.a.y"
    assert [s.share.value for s in found] == sorted((s.share.value for s in found), reverse=True)
    assert {s.name: s.label for s in found}["ev.a.x"] == "X"
    assert {s.name: s.label for s in found}[shared.NOISE] == shared.NOISE
    assert told == [(n, len(told)) for n in range(1, len(told) + 1)]
