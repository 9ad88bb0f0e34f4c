"""Sweeps: points at today's place are the base case, files and ranges are refused in words, long work loses nothing."""

import gc
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import warnings
from contextlib import closing

import numpy as np
import psutil
import pytest
from scipy import stats

from model import InputError, from_dict, load, simulate
from model.assumptions.distributions import shift
from model.assumptions.distributions.base import Discrete, Fixed, Uniform
from model.assumptions.distributions.families import family
from model.assumptions.distributions.metalog import Metalog
from model.assumptions.layers.limits import NO_LIMITS
from model.files.table import Table
from model.simulation.metric import Metric, metric
from model.simulation.parallel import Workers
from model.studies import cache, sweep, sweep_file
from model.studies.cache import MeasureCache
from model.studies.evaluate import evaluate
from model.studies.sources import Prior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI

LINEAR = from_dict({"x": {"mean": 5, "sd": 2}, "y": {"mean": 0, "sd": 1}})
DRAWS = 2048


def total(d):
    return {"s": d["x"] + 3 * d["y"]}


@pytest.fixture(scope="module")
def study(base):
    return Study(base, Prior(XIAOMI, draws=DRAWS))


@pytest.fixture(scope="module")
def base_run(base):
    return simulate(base, draws=DRAWS)


def planned(base, *specs, measures=("chance",), latin=None):
    axes = [sweep.axis(spec, base, latin=latin is not None) for spec in specs]
    metrics = [metric(m, base, XIAOMI) for m in measures]
    return sweep.plan(axes, metrics, base, latin=latin, seed=1)


# --- the law: today's place is the base case -----------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        "ev.lines.yu7.orders.shift=-1_000:1_000:3",
        "ev.lines.yu7.orders.scale=0.9:1.1:3",
        "ev.lines.yu7.orders.p50=17_400:17_600:3",
        "smartphones.memory.price_rise.shift=-0.1:0.1:3",
        "ev.season.scale=0.9:1.1:3",
        "ev.market.tax=0,0.05,0.1",
    ],
)
def test_the_point_at_todays_place_is_the_base_case_to_the_last_bit(base, study, base_run, spec):
    measures = ("chance", "ev.gross_margin", "group.revenue:p90", "ev.deliveries@2026Q1:sd")
    found = sweep.sweep(study, planned(base, spec, measures=measures))
    today = found.plan.axes[0].today(base)
    (place,) = np.flatnonzero(found.plan.points[:, 0] == today)
    for n, what in enumerate(found.plan.metrics):
        expected = what.of(base_run.values(what.outcome, what.period), base_run.replicate)
        assert found.measure(place, n) == expected, str(what)
    assert found.measure(0, 0) != found.measure(2, 0) or "memory" in spec


def test_a_sweep_of_values_is_the_edited_file_on_the_same_draws(root, base, study):
    found = sweep.sweep(study, planned(base, "ev.lines.yu7.orders=15_000:20_000:2", measures=("ev.revenue",)))
    edited = simulate(load(root / "assumptions.toml", sets=["ev.lines.yu7.orders=20_000"], as_of="base"), draws=DRAWS)
    assert found.measure(1) == edited.mean("ev.revenue")


def test_a_scaled_sweep_is_the_file_with_scaled_quantiles(root, base, study):
    sets = [f"ev.lines.yu7.orders.{key}={value}" for key, value in (("p10", 11_550), ("p50", 19_250), ("p90", 29_700))]
    sets += ["ev.lines.yu7.orders.min=4_400", "ev.lines.yu7.orders.max=44_000"]
    found = sweep.sweep(study, planned(base, "ev.lines.yu7.orders.scale=1.1", measures=("ev.deliveries",)))
    text = (root / "assumptions.toml").read_text()
    assert "max      = 40_000" in text.partition("[ev.lines.yu7.orders]")[2].partition("[ev")[0]
    row = study.row(
        Metric("ev.deliveries", "2026"),
        {"ev.lines.yu7.orders": Metalog(11_550.0, 19_250.0, 29_700.0, 4_400.0, 44_000.0)},
    )
    assert found.measure(0).value == pytest.approx(row.mean(), rel=1e-9)


def test_a_sum_moves_along_its_line_and_its_chance_along_the_normal_curve():
    study = Study(LINEAR, Prior(total, draws=8192))
    axes = [sweep.Axis("x", "shift", (-2.0, 0.0, 2.0))]
    what = [Metric("s"), Metric("s", None, "chance", 6.0)]
    found = sweep.sweep(study, sweep.plan(axes, what, LINEAR))
    assert found.values(0) == pytest.approx([3, 5, 7], abs=1e-3)
    expected = stats.norm.sf(6, loc=[3, 5, 7], scale=np.sqrt(13))
    assert (np.abs(found.values(1) - expected) < 4 * found.errors(1)).all()


def test_a_grid_has_all_combinations_in_the_order_of_its_axes():
    axes = [sweep.Axis("x", "value", (1.0, 2.0)), sweep.Axis("y", "value", (10.0, 20.0, 30.0))]
    found = sweep.sweep(Study(LINEAR, Prior(total, draws=DRAWS)), sweep.plan(axes, [Metric("s")], LINEAR))
    assert found.values() == pytest.approx(np.array([[31, 61, 91], [32, 62, 92]]))
    assert found.table().frame().columns.tolist() == [
        "scenario", "point", "x", "y", "measure", "unit", "value", "error",
    ]  # fmt: skip
    assert len(found.table().rows) == 6


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_axis(base):
    plan = planned(base, "ev.lines.yu7.orders.scale=0.8:1.2", "ev.market.growth=0:0.2", latin=20)
    for column, (low, high) in zip(plan.points.T, ((0.8, 1.2), (0, 0.2)), strict=True):
        slices = np.floor((column - low) / (high - low) * 20).astype(int)
        assert sorted(slices) == list(range(20))


# --- what an axis does ---------------------------------------------------------------------------------------


def test_each_key_does_what_it_says():
    u = np.linspace(0.01, 0.99, 9)
    d = Uniform(2.0, 4.0)
    assert shift.at(d, "value", 3.5).quantile(u) == pytest.approx(np.full(9, 3.5))
    assert shift.at(d, "quantile", 0.25).quantile(u) == pytest.approx(np.full(9, 2.5))
    assert shift.at(d, "shift", 1.0).quantile(u) == pytest.approx(d.quantile(u) + 1)
    assert shift.at(d, "scale", 2.0).quantile(u) == pytest.approx(2 * d.quantile(u))
    for old in (
        d,
        family("normal", mean=3.0, sd=1.0),
        family("pert", min=1.0, mode=2.0, max=6.0),
        Metalog(1.0, 2.0, 4.0, 0.0, 9.0),
    ):
        new = shift.at(old, "p50", 3.2)
        assert float(new.quantile(np.array(0.5))) == pytest.approx(3.2, rel=1e-3)


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        (["ev.lines.yu7.order=1:2:3"], "ev.lines.yu7.order: unknown assumption. Did you mean ev.lines.yu7.orders"),
        (["ev.lines.yu7.orders=-5:2:3"], "is -5 vehicle/month. It cannot lie below 0"),
        (["ev.lines.yu7.orders.p50=1_000:20_000:3"], "It lies between 4,000 and 40,000"),
        (["ev.lines.yu7.orders.shift=-9_000:0:3"], "`.p50` moves it within its bounds"),
        (["ev.lines.yu7.orders.quantile=0:1:3"], "a quantile lies between 0 and 1"),
        (["ev.market.tax.quantile=0.1:0.9:3"], "is taken as known: it has no quantiles"),
        (["ev.market.tax.p50=0.1:0.9:3"], "no P50 to move"),
        (["smartphones.memory.price_rise.p50=0.1:0.9:3"], "has 4 numbers, not one P50"),
        (["ev.lines.yu7.orders=1:1:3"], "the same number twice"),
        (["ev.lines.yu7.orders=1:nan:3"], "finite"),
        (["ev.lines.yu7.orders=nan:3:3"], "finite"),
        (["ev.lines.yu7.orders=1,nan"], "finite"),
        (["ev.lines.yu7.orders.shift=-1e308:1e308:3"], "finite"),
        (["ev.lines.yu7.orders=1:2:100001"], "N from 2 to 100,000"),
        (["ev.lines.yu7.orders=1:2:3", "ev.lines.yu7.orders.scale=1:2:3"], "has two axes"),
        (["ev.lines.yu7.orders=9000:20000:1000", "ev.lines.su7_2026.orders=9000:20000:1000"], "1,000,000 points"),
        (["ev.lines.yu7.orders=9000:20000"], "'9000:20000' is no range"),
        (["ev.lines.yu7.orders=9000:20000:1"], "'9000:20000:1' is no range"),
        (["ev.lines.yu7.orders=a:b:3"], "'a:b:3' is no range"),
        (["ev.lines.yu7.orders"], "neither an axis nor a sweep"),
    ],
)
def test_a_bad_axis_is_refused_in_words(base, specs, said):
    with pytest.raises(InputError) as caught:
        planned(base, *specs)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "spec", ["ev.lines.yu7.orders=12_000", "ev.lines.yu7.orders=1,2,3", "ev.lines.yu7.orders=1:2:3"]
)
def test_an_axis_of_a_latin_hypercube_has_two_ends(base, spec):
    with pytest.raises(InputError, match="FROM:TO"):
        planned(base, spec, latin=5)


def test_a_sum_that_overflows_is_refused_not_written():
    study = Study(LINEAR, Prior(lambda d: {"s": d["x"] * 1e60}, draws=DRAWS))
    with pytest.raises(InputError, match="s: is not finite in"):
        sweep.sweep(study, sweep.plan([sweep.Axis("x", "value", (1.0, 1e50))], [Metric("s")], LINEAR))


def test_a_negative_seed_is_refused_everywhere(base):
    with pytest.raises(InputError, match="seed -1 must be 0 or more"):
        Study(base, Prior(XIAOMI, draws=DRAWS, seed=-1))


def test_a_discrete_assumption_can_be_held_but_has_no_p50():
    assert [
        what for what, _ in shift.refusal(Discrete([1.0, 2.0], [0.5, 0.5]), "factor", "p50", [1.0], limits=NO_LIMITS)
    ]
    assert not list(shift.refusal(Discrete([1.0, 2.0], [0.5, 0.5]), "factor", "value", [1.5], limits=NO_LIMITS))


# --- sweep files ---------------------------------------------------------------------------------------------


def test_every_sweep_of_the_repository_can_be_planned(root, base):
    assert sweep_file.names(root) == ["memory_squeeze", "orders_of_both_lines"]
    for name in sweep_file.names(root):
        plan = sweep_file.read(root, name).plan(base, XIAOMI, 0)
        assert len(plan.points) >= 13


FILE = """[sweep]
label = "x"
why = "y"
measures = ["chance"]
[[axis]]
path = "ev.lines.yu7.orders"
from = 10_000
to = 20_000
points = 3
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points = 3", "", "line 5: ev.lines.yu7.orders: has no points"),
        ("points = 3", "points = 1", "points"),
        ("orders", "order", "unknown assumption. Did you mean ev.lines.yu7.orders"),
        ('"chance"', '"chanse"', "no measure 'chanse'. Did you mean chance"),
        ("measures", "measure", "unknown key 'measure'"),
        ("[[axis]]", "[axis]", "has no axis"),
        ("from = 10_000", "at = [1, 2]", "has `at` and also a range"),
        ("from = 10_000", "form = 10_000", "line 7: axis.0: unknown key 'form'. Did you mean from"),
        ('why = "y"', "latin = 10", "has no why"),
        ('why = "y"', 'why = "y"\nlatin = 10', "a Latin hypercube has no points along an axis"),
        ("[sweep]", "[sweeep]", "unknown key 'sweeep'. Did you mean sweep"),
        ('why = "y"', 'why = "y"\nlatin = true', "line 4: sweep: latin is True"),
        ("from = 10_000", "begin = 10_000", "Known keys: path, key, from, to, points, at"),
        ("to = 20_000", "to = 10_000", "line 5: ev.lines.yu7.orders: the same number twice"),
        ('["chance"]', '["ev.deliveries>=nan"]', "line 4: 'nan' in 'ev.deliveries>=nan' is not a number"),
    ],
)
def test_a_bad_sweep_file_is_refused_with_its_line(project, old, new, said):
    folder = project / "scenarios" / "sweeps"
    (folder / "mine.toml").write_text(FILE.replace(old, new, 1))
    base = load(project / "assumptions.toml", as_of="base")
    with pytest.raises(InputError) as caught:
        sweep_file.read(project, "mine").plan(base, XIAOMI, 0)
    assert said in str(caught.value)
    assert "scenarios/sweeps/mine.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["tornado", "sweep.v2"])
def test_a_sweep_file_cannot_take_the_name_of_another_table(project, name):
    (project / "scenarios" / "sweeps" / f"{name}.toml").write_text(FILE)
    with pytest.raises(InputError, match=f"a sweep cannot be called '{name}'"):
        sweep_file.read(project, name)


def test_an_unknown_sweep_names_the_near_ones(root):
    with pytest.raises(InputError, match="Did you mean memory_squeeze"):
        sweep_file.read(root, "memory_squeez")


# --- who does the work ---------------------------------------------------------------------------------------


def points_of(count):
    return [{"ev.lines.yu7.orders": Fixed(12_000.0 + 10 * n)} for n in range(count)]


@pytest.fixture(scope="module")
def metrics(base):
    return [metric(m, base, XIAOMI) for m in ("chance", "ev.gross_margin:p10")]


@pytest.fixture(scope="module")
def alone(study, metrics):
    return evaluate(study, metrics, points_of(30))


@pytest.mark.parametrize("workers", [2, 7])
def test_the_numbers_do_not_depend_on_the_number_of_workers(study, metrics, alone, workers):
    assert np.array_equal(evaluate(study, metrics, points_of(30), workers=Workers(workers)), alone)


def test_threads_take_the_place_of_processes_where_forking_is_unsafe(study, metrics, alone, monkeypatch):
    monkeypatch.setattr("model.simulation.parallel.may_fork", lambda: False)
    assert np.array_equal(evaluate(study, metrics, points_of(30), workers=Workers(2)), alone)


def test_a_study_travels_as_its_recipe_and_arrives_with_the_same_draws(study, metrics, alone):
    import pickle

    sent = pickle.dumps(study)
    assert len(sent) < 500_000  # the files of the case, and no draws, which are tens of megabytes
    assert np.array_equal(evaluate(pickle.loads(sent), metrics, points_of(30)), alone)


def _die_once(shared, item):
    marker, value = shared, item
    if value == 3 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 10 * value


def test_a_worker_that_is_killed_costs_time_not_results(tmp_path):
    done = dict(Workers(2).each(tmp_path / "died", _die_once, list(range(8))))
    assert (tmp_path / "died").exists()
    assert done == {n: 10 * n for n in range(8)}


def _always_die(shared, item):
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_die_again_and_again_are_given_up_in_words():
    with pytest.raises(InputError, match="workers died"):
        list(Workers(2).each(None, _always_die, [1, 2, 3]))


def test_an_error_in_a_worker_reaches_the_user_in_words(base):
    study = Study(base, Prior(XIAOMI, draws=DRAWS))
    with pytest.raises(InputError, match="is not finite in 2,048 of 2,048 draws of this variation"):
        evaluate(
            study,
            [Metric("ev.deliveries", "2026")],
            [{"ev.lines.yu7.orders": Fixed(np.inf)}, *points_of(30)],
            workers=Workers(2),
        )


class Cluster:
    """A real scheduler and two worker processes on loopback."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        place = folder / "scheduler.json"
        self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(place))
        self._wait(lambda: place.exists() and place.read_text().strip().endswith("}"))
        self.address = json.loads(place.read_text())["address"]
        self.workers = [self.add_worker() for _ in range(2)]

    def add_worker(self):
        number = len(self.processes)
        place = ("--local-directory", str(self.folder / f"worker{number}"))
        return self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", *place)

    def _start(self, program, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", *arguments]
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    @staticmethod
    def _wait(ready):
        deadline = time.monotonic() + 60
        while not ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()
        with warnings.catch_warnings():  # clients leave sockets to workers that were killed to the garbage collector
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@pytest.fixture
def cluster(tmp_path):
    pytest.importorskip("distributed")
    made = Cluster(tmp_path)
    yield made
    made.stop()


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_cluster_gives_the_same_numbers_and_outlives_a_killed_worker(cluster, study, metrics, alone):
    assert np.array_equal(evaluate(study, metrics, points_of(30), workers=Workers(dask=cluster.address)), alone)
    told = []

    def tell(done, total):
        told.append(done)
        if done and cluster.workers[0].poll() is None:
            cluster.workers[0].kill()  # in mid-sweep

    many = evaluate(study, metrics, points_of(60), workers=Workers(dask=cluster.address), progress=tell)
    assert cluster.workers[0].wait() != 0
    assert told[-1] == 60
    assert np.array_equal(many[:30], alone)


@pytest.mark.parametrize(
    "address",
    [
        "foo",
        "tcp://localhost:99999",
        "tcp://localhost:abc",
        "tcp://[::1",
        "http://localhost:80",
        f"tcp://{'a' * 300}:80",
    ],
)
def test_an_address_that_is_none_is_refused(study, metrics, address):
    with pytest.raises(InputError, match=r"is no address of a Dask scheduler|no Dask scheduler answers"):
        evaluate(study, metrics, points_of(2), workers=Workers(dask=address))


def test_somebody_else_at_the_address_is_given_up_after_a_while(study, metrics, monkeypatch):
    monkeypatch.setattr("model.simulation.parallel.ANSWER_WITHIN", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            evaluate(study, metrics, points_of(2), workers=Workers(dask=f"tcp://127.0.0.1:{port}"))


def test_nobody_at_the_address_is_said_at_once(study, metrics):
    with pytest.raises(InputError, match="no Dask scheduler answers at"):
        evaluate(study, metrics, points_of(2), workers=Workers(dask="tcp://127.0.0.1:9"))


# --- nothing finished is lost --------------------------------------------------------------------------------


@pytest.fixture
def own(project):
    return Study(load(project / "assumptions.toml", as_of="base"), Prior(XIAOMI, draws=DRAWS))


def counted(monkeypatch):
    calls = []
    original = Study.estimates

    def counting(self, metrics, variation):
        calls.append(variation)
        return original(self, metrics, variation)

    monkeypatch.setattr(Study, "estimates", counting)
    return calls


def remembered(study, metrics, variations, **how):
    with MeasureCache(study, **how) as kept:
        return evaluate(study, metrics, variations, cache=kept)


def test_a_finished_sweep_is_not_computed_again(own, metrics, monkeypatch):
    calls = counted(monkeypatch)
    first = remembered(own, metrics, points_of(6))
    again = remembered(own, metrics, points_of(8))
    assert len(calls) == 8  # six, then the two that are new
    assert np.array_equal(first, again[:6])
    remembered(own, metrics, points_of(6), fresh=True)
    assert len(calls) == 14


def test_another_seed_number_of_draws_or_assumption_is_another_study(own, project, monkeypatch):
    remembered(own, [Metric("ev.deliveries", "2026")], points_of(2))
    calls = counted(monkeypatch)
    base = own.assumptions
    edited = load(project / "assumptions.toml", sets=["ev.book.ready=0.5"], as_of="base")
    for other in (
        Study(base, Prior(XIAOMI, draws=DRAWS, seed=1)),
        Study(base, Prior(XIAOMI, draws=2 * DRAWS)),
        Study(edited, Prior(XIAOMI, draws=DRAWS)),
    ):
        remembered(other, [Metric("ev.deliveries", "2026")], points_of(2))
    assert len(calls) == 6


def in_store(project, *sql):
    """Rows that the last statement gives, on the store of measures of a project."""
    with closing(sqlite3.connect(project / ".cache" / cache.FILE)) as store, store:
        return [store.execute(*one if isinstance(one, tuple) else (one,)).fetchall() for one in sql][-1]


def kept_in(project):
    """How many measures are in the store; none where it is not there yet."""
    try:
        return in_store(project, "SELECT count(*) FROM measures")[0][0]
    except sqlite3.OperationalError:
        return 0


def test_a_cut_or_spoilt_row_costs_that_row_only(own, project, monkeypatch):
    first = remembered(own, [Metric("ev.deliveries", "2026")], points_of(6))
    names = [name for (name,) in in_store(project, "SELECT variation FROM measures ORDER BY variation")]
    cut = "UPDATE measures SET estimates = substr(estimates, 1, 40) WHERE variation = ?"
    text = "UPDATE measures SET estimates = 'spoilt' WHERE variation = ?"
    other = f"UPDATE measures SET estimates = x'{np.full(9, 7.0).tobytes().hex()}' WHERE variation = ?"
    in_store(project, (cut, names[2:3]), (text, names[5:]), (other, names[:1]))
    calls = counted(monkeypatch)
    assert np.array_equal(remembered(own, [Metric("ev.deliveries", "2026")], points_of(6)), first)
    assert len(calls) == 3
    remembered(own, [Metric("ev.deliveries", "2026")], points_of(6))
    assert len(calls) == 3


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def spoil_the_middle(path):
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 4 : -len(whole) // 4] = b"\xa5" * len(whole[len(whole) // 4 : -len(whole) // 4])
    path.write_bytes(whole)


def another_version(path):
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    "spoil",
    [
        cut,
        spoil_the_middle,
        another_version,
        lambda path: path.write_text("no database at all\n" * 500),
        lambda path: path.write_bytes(b""),
        lambda path: path.chmod(0o444),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["cut", "spoilt in the middle", "of another version", "garbage", "empty", "read-only", "a folder in its place"],
)
def test_a_spoilt_store_costs_nothing_but_the_memory(own, project, spoil):
    what = [Metric("ev.deliveries", "2026")]
    first = remembered(own, what, points_of(6))
    spoil(project / ".cache" / cache.FILE)
    for _ in range(2):
        assert np.array_equal(remembered(own, what, points_of(6)), first)


def test_what_is_kept_of_a_known_number_shifted_or_scaled_is_told_apart(own):
    base, what = own.assumptions, [Metric("ev.deliveries", "2026")]
    for key, numbers in (("scale", (0.5, 1.0, 1.5)), ("shift", (0.0, 0.1))):
        points = [{"ev.season": shift.at(base["ev.season"].distribution, key, x)} for x in numbers]
        plain = evaluate(own, what, points)
        for _ in range(2):
            assert np.array_equal(remembered(own, what, points), plain)
    assert len(np.unique(plain[:, 0, 0])) == 2


def test_a_row_of_another_making_is_passed_over(own, project):
    remembered(own, [Metric("ev.deliveries", "2026")], points_of(2))
    ((study,),) = in_store(project, "SELECT study FROM studies")
    for n, held in enumerate((b"", b"x", "text", "a" * 72, 5, 1.5, b"\0" * 73)):
        in_store(project, ("INSERT INTO measures VALUES (?, ?, 'b', ?, 0)", (study, str(n), held)))
    assert remembered(own, [Metric("ev.deliveries", "2026")], points_of(3)).shape == (3, 1, 9)


def test_a_second_ctrl_c_does_not_stop_the_stopping(project):
    running = sweeping(project, 4000)
    while not kept_in(project):
        assert running.poll() is None
        time.sleep(0.05)
    workers = psutil.Process(running.pid).children(recursive=True)
    for _ in range(3):
        running.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in said
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []


def test_where_nothing_can_be_kept_the_work_goes_on(own, project, capsys):
    shutil.rmtree(project / ".cache")
    (project / ".cache").write_text("a file in the way")
    assert len(remembered(own, [Metric("ev.deliveries", "2026")], points_of(2))) == 2
    assert "Results are not kept for the next time" in capsys.readouterr().err


def sweeping(folder, points=400):
    command = [sys.executable, "-m", "model", "sweep", f"ev.lines.yu7.orders=12_000:22_000:{points}", "--draws", "8192"]
    return subprocess.Popen(
        [*command, "--no-figures"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_sweep_goes_on_where_it_stopped_and_ends_in_the_same_table(project, how):
    running = sweeping(project)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if kept_in(project) > 20:
            break
        time.sleep(0.05)
    running.send_signal(how)
    _, said = running.communicate(timeout=60)
    kept = kept_in(project)
    assert 20 < kept < 400
    assert not (project / "figures" / "study" / "sweep_ev.lines.yu7.orders.csv").exists()
    if how == signal.SIGINT:
        assert running.returncode == 130
        assert "the same command goes on from there" in said
    again = sweeping(project)
    again.communicate(timeout=120)
    assert again.returncode == 0
    table = (project / "figures" / "study" / "sweep_ev.lines.yu7.orders.csv").read_text()
    (project / "figures" / "study" / "sweep_ev.lines.yu7.orders.csv").unlink()
    shutil.rmtree(project / ".cache")
    anew = sweeping(project)
    anew.communicate(timeout=120)
    assert anew.returncode == 0
    assert (project / "figures" / "study" / "sweep_ev.lines.yu7.orders.csv").read_text() == table


# --- tables --------------------------------------------------------------------------------------------------


def test_a_table_is_the_same_as_csv_parquet_and_frame(tmp_path):
    import pandas as pd

    table = Table(("a", "b", "c"), [("x", 1 / 3, None), ("y", 2.0, 1.5)])
    table.write(tmp_path / "t", parquet=True)
    assert (tmp_path / "t.csv").read_text() == "a,b,c\nx,0.33333333,\ny,2,1.5\n"
    frame = pd.read_parquet(tmp_path / "t.parquet")
    assert frame["b"].tolist() == [1 / 3, 2.0]
    assert frame["c"].isna().tolist() == [True, False]
    table.write(tmp_path / "name.with.dots")
    assert (tmp_path / "name.with.dots.csv").is_file()
