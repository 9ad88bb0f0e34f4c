"""Bridges: the parts add up, theory's parts come out, earlier files are read from manifests and from git."""

import json
import re
import subprocess
import weakref

import numpy as np
import pytest
from scipy import stats

from model import InputError, from_dict, load, simulate
from model.assumptions import snapshot
from model.assumptions.assumption import said
from model.assumptions.layers.scenario import scenario_names
from model.simulation.business import business_of
from model.simulation.metric import Metric, metric
from model.studies import bridge
from model.studies.sources import Prior
from model.studies.study import Study
from model.xiaomi.business import XIAOMI
from tests.cli.test_commands import QUICK, run

DRAWS = 2048


def bridged(old, new, text="chance", draws=DRAWS):
    return bridge.bridge(old, new, XIAOMI, metric(text, old, XIAOMI), draws=draws, seed=2026)


@pytest.mark.parametrize("name", scenario_names(load("assumptions.toml", as_of="base").root))
@pytest.mark.parametrize("measure", ["chance", "ev.gross_margin:p50"])
def test_the_parts_add_up_to_the_whole_and_the_ends_are_the_two_runs(root, base, result, name, measure):
    new = load(root / "assumptions.toml", [name], as_of="base")
    found = bridged(base, new, measure, draws=8192)
    what = found.what
    assert sum(p.move.value for p in found.parts) == pytest.approx(found.whole, abs=1e-12)
    assert found.start == what.of(result.values(what.outcome), result.replicate)
    run_of_new = simulate(new, draws=8192)
    assert found.end == what.of(run_of_new.values(what.outcome), run_of_new.replicate)
    assert np.array_equal(found.difference, run_of_new.values(what.outcome) - result.values(what.outcome))
    assert found.beats.value == (found.difference > 0).mean()


def test_two_changes_of_a_product_share_their_interaction_in_halves():
    # y = x z: x 2 -> 3, z 5 -> 7 moves y by 11: x brings (5 + 7) / 2, z brings 2 (2 + 3) / 2
    old, new = (
        from_dict({"x": {"value": x}, "z": {"value": z}, "w": {"mean": 0, "sd": 1}}) for x, z in ((2, 5), (3, 7))
    )
    found = bridge.bridge(old, new, lambda d: {"y": d["x"] * d["z"]}, Metric("y"), draws=DRAWS, seed=1)
    assert {p.step.name: p.move.value for p in found.parts} == pytest.approx({"x": 6.0, "z": 5.0})
    assert found.whole == pytest.approx(11)


def test_a_change_that_nothing_uses_has_no_part(root, base):
    found = bridged(base, load(root / "assumptions.toml", sets=["iot.margin=0.3", "ev.book.ready=0.7"], as_of="base"))
    parts = {p.step.name: p.move for p in found.parts}
    assert parts["iot.margin"] == (0, 0)
    assert parts["ev.book.ready"].value == found.whole


def test_a_new_line_is_one_change_and_its_correlations_come_with_it(root, base):
    new = load(root / "assumptions.toml", ["europe_early"], as_of="base")
    names = {step.name: step for step in bridge.steps(base, new)}
    assert names["ev.lines.europe"].said == "(not there) -> new"
    assert len(names["ev.lines.europe"].paths) == 14
    back = {step.name: step.said for step in bridge.steps(new, base)}
    assert back["ev.lines.europe"] == "there -> (gone)"


def test_a_moved_target_is_a_change_of_its_own(base):
    new = base.replace(target=base.target.model_copy(update={"value": 600_000.0}))
    found = bridged(base, new)
    (part,) = found.parts
    assert part.step.said == "550,000 -> 600,000 vehicle"
    assert part.move.value == found.whole < -0.1


def test_many_changes_are_sampled_and_still_add_up(root, base):
    new = load(root / "assumptions.toml", ["price_war", "memory_squeeze"], as_of="base")
    assert len(bridge.steps(base, new)) > bridge.EXACT
    found = bridged(base, new, "ev.gross_margin")
    assert sum(p.move.value for p in found.parts) == pytest.approx(found.whole, abs=1e-12)
    exact = bridged(base, load(root / "assumptions.toml", ["price_war"], as_of="base"), "ev.gross_margin")
    most = {p.step.name: p.move.value for p in found.parts}
    for part in exact.parts[:2]:  # the same changes do about the same
        assert most[part.step.name] == pytest.approx(part.move.value, rel=0.25)


def test_a_bridge_over_many_new_assumptions_holds_no_more_than_four_sets_of_draws(base):
    """Twelve assumptions that the old case does not have: 576 mixes of them, each with draws of its own."""
    alive, most = weakref.WeakSet(), []
    new = from_dict({f"part_{n}": {"low": 0, "high": n + 1} for n in range(12)})
    old = from_dict({"part_0": {"low": 0, "high": 1}})

    def total(d):
        return {"total": sum(d[path] for path in d.assumptions.entries)}

    def make(case):
        alive.add(study := Study(case, Prior(business_of(total), draws=2048, seed=1)))
        most.append(len(alive))
        return study

    found = bridge.bridge(old, new, total, Metric("total", "2026", "mean"), draws=2048, seed=1, make=make)
    assert [round(float(part.move.value), 1) for part in found.parts[:3]] == [6.0, 5.5, 5.0]  # a mean each: (n + 1) / 2
    assert len(most) > 100
    assert max(most) <= bridge.AT_HAND + 1


def test_a_run_after_more_changes_than_can_be_split_says_how_many(project):
    run("run", *QUICK)
    path = project / "assumptions.toml"
    lines, wider = path.read_text().split("\n"), 0
    for n, line in enumerate(lines):
        if wider < 31 and (number := re.fullmatch(r"p90 +=( 0\.\d+)", line)):
            lines[n] = f"p90 = {float(number[1]) * 1.001:.6g}"
            wider += 1
    path.write_text("\n".join(lines))
    assert wider == 31
    text = run("run", *QUICK).stdout
    assert "31 changes: too many to split the move over them" in text
    assert "Since the last run here" in text


def test_only_what_differs_is_said(root, base):
    new = load(root / "assumptions.toml", sets=["ev.lines.yu7.orders.p90=29_000", "ev.market.tax=0.1"], as_of="base")
    said_of = {step.name: step.said for step in bridge.steps(base, new)}
    assert said_of == {
        "ev.lines.yu7.orders": "p90 27,000 -> 29,000 vehicle/month",
        "ev.market.tax": "0.05 -> 0.1 share",
    }


def test_the_chance_that_one_case_beats_the_other_is_counted_draw_by_draw():
    x = stats.norm.ppf((np.arange(16) + 0.5) / 16)
    found = bridge.Bridge(None, None, Metric("y"), None, None, (), x, np.arange(16) % 8)
    assert found.beats.value == 0.5


# --- earlier files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["base", *scenario_names(load("assumptions.toml", as_of="base").root)])
def test_a_manifest_holds_the_assumptions_whole(project, name):
    scenarios = [] if name == "base" else [name]
    args = [part for s in scenarios for part in ("-s", s)]
    assert run("run", *args, *QUICK).returncode == 0
    folder = project / "figures" / ("" if name == "base" else name)
    now = load(project / "assumptions.toml", scenarios, as_of="base")
    then = snapshot.of_manifest(json.loads((folder / "manifest.json").read_text()), now)
    assert then.hash == now.hash
    assert [said(a.distribution) for a in then.entries.values()] == [
        said(now.entries[p].distribution) for p in then.entries
    ]


def test_a_manifest_of_another_kind_is_no_earlier_run(base):
    for content in ({}, {"distributions": {"x": {"p10": 1}}}, {"distributions": {}, "correlations": [], "target": {}}):
        assert snapshot.of_manifest(content, base) is None


def test_a_rerun_after_two_edits_ends_with_the_bridge(project):
    assert run("run", *QUICK).returncode == 0
    path = project / "assumptions.toml"
    text = path.read_text().replace("p50      = 17_500", "p50      = 21_000", 1)
    head, mark, ready = text.partition("[ev.book.ready]")
    path.write_text(head + mark + ready.replace("p50      = 0.56", "p50      = 0.60", 1))
    said_now = run("run", *QUICK).stdout
    assert "Since the last run here" in said_now
    assert "(last run) -> " in said_now
    assert "ev.lines.yu7.orders: p50 17,500 -> 21,000 vehicle/month" in said_now.partition("(last run)")[2]
    assert "the parts add up to it" in said_now


def git(*args):
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *args], check=True, capture_output=True)


def test_diff_reads_the_files_of_a_revision(project):
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("p50      = 17_500", "p50      = 21_000", 1))
    done = run("why", "moved", "--since", "HEAD", "--draws", "2048")
    assert "ev.lines.yu7.orders: p50 17,500 -> 21,000 vehicle/month" in done.stdout, done.stderr
    assert "(HEAD) -> " in done.stdout
    assert (project / "figures" / "study" / "bridge.png").exists()
    git("commit", "-qam", "second")
    assert "Nothing differs." in run("why", "moved", "--since", "HEAD", *QUICK).stdout
    assert "17,500 -> 21,000" in run("why", "moved", "--since", "HEAD~1", *QUICK, "-s", "su7_slips").stdout
    done = run("why", "moved", "--since", "no_such", *QUICK)
    assert done.returncode == 2
    assert "no_such" in done.stderr
    assert "Traceback" not in done.stderr


def test_files_that_cannot_be_loaded_any_more_are_said_with_their_revision(project):
    path = project / "assumptions.toml"
    sound = path.read_text()
    path.write_text(sound.replace("p50      = 17_500", "p50      = 99_000", 1))
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "broken")
    path.write_text(sound)
    with pytest.raises(InputError, match=r"HEAD:assumptions.toml, line \d+: ev.lines.yu7.orders"):
        snapshot.of_revision(path, "HEAD")


def test_compare_bridges_two_scenarios(project):
    text = run("compare", "bear", "bull", "--draws", "2048").stdout
    assert "(bear) -> " in text
    assert "(bull)" in text
    assert (project / "figures" / "bull" / "study" / "bridge.csv").exists()
    text = run("compare", "bull", "base", *QUICK).stdout
    assert "(bull) -> " in text
    assert "(base)\n" in text
    assert "Nothing differs." in run("compare", "base", *QUICK).stdout
