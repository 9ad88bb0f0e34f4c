"""Figures are tested for what they show: words, values, nothing that overlaps or is cut."""

import csv
import json
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import model
from model import load, simulate
from model.assumptions.layers.scenario import scenario_names
from model.reporting.figures import drawing as figures
from model.reporting.figures.canvas import wrapped
from model.reporting.figures.style import NAVY
from model.reporting.report_spec import spec_of
from model.simulation import measures
from model.studies.sources import Prior
from model.xiaomi.business import XIAOMI
from model.xiaomi.report.figures.sources import SEGMENT_COLOURS

NAMES = spec_of(XIAOMI).figures


@pytest.fixture(scope="module")
def bear(root):
    return simulate(load(root / "assumptions.toml", ["bear"], as_of="base"), draws=2048)


@pytest.fixture(scope="module")
def long(root):
    return simulate(load(root / "assumptions.toml", to="2030-12", as_of="base"), draws=2048)


@pytest.fixture(scope="module")
def long_bear(root):
    return simulate(load(root / "assumptions.toml", ["bear"], to="2028-12", as_of="base"), draws=2048)


def texts(figure):
    """Texts that are drawn and hold something, with their boxes in pixels."""
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    found = set(figure.findobj(mpl.text.Text))
    for ax in figure.axes:
        for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            for tick in axis.get_major_ticks():  # matplotlib keeps ticks outside the view, and does not draw them
                if not ax.axison or not low <= tick.get_loc() <= high:
                    found -= {tick.label1, tick.label2}
    shown = [t for t in found if t.get_visible() and t.get_text().strip()]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in shown]


@pytest.mark.parametrize("case", ["base", "bear"])
@pytest.mark.parametrize("size", figures.SIZE_NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_no_text_overlaps_another_or_leaves_the_page(name, size, case, request):
    cases = {"base": "long", "bear": "long_bear"} if NAMES[name].needs else {"base": "result", "bear": "bear"}
    fits(figures.picture(name, request.getfixturevalue(cases[case]), size).figure)


def fits(figure):
    """No text overlaps another or leaves the page."""
    page = figure.bbox
    shown = texts(figure)
    for text, box in shown:
        assert box.x0 >= page.x0 - 1, text
        assert box.y0 >= page.y0 - 1, text
        assert box.x1 <= page.x1 + 1, text
        assert box.y1 <= page.y1 + 1, text
    for (one, a), (other, b) in combinations(shown, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        along = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1 or along <= 2, (one, other)


@pytest.mark.parametrize("value", [250_000, 850_000])
@pytest.mark.parametrize("size", figures.SIZE_NAMES)
def test_a_target_that_lies_outside_nearly_all_draws_keeps_its_words_on_the_page(base, value, size):
    moved = base.replace(target=base.target.model_copy(update={"value": value}))
    fits(figures.draw("deliveries", simulate(moved, XIAOMI, draws=2048), size))


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_says_its_finding_its_source_and_its_origin(name, result, long):
    result = long if NAMES[name].needs else result
    picture = figures.picture(name, result)
    words = " ".join(t for t, _ in texts(picture.figure)).replace("\n", " ")
    assert picture.title in words
    assert any(character.isdigit() for character in picture.title) or name == "bottlenecks"
    assert "Source: " in words
    assert f"{result.draws:,} draws, seed {result.seed}" in words
    assert result.assumptions.hash in words
    assert "as of 15 Jan 2026" in words
    assert len(picture.alt) > 80


def test_the_distribution_shows_the_two_probabilities_that_sum_to_one(result):
    picture = figures.picture("deliveries", result)
    chance = result.chance().value
    words = [t for t, _ in texts(picture.figure)]
    assert f"{100 * chance:.0f}% at least\n550 thousand" in words
    assert f"{100 * (1 - chance):.0f}% below\n550 thousand" in words
    shares = np.array([row[2] for row in picture.table.rows])
    reached = np.array([row[0] >= 550_000 for row in picture.table.rows])
    assert shares.sum() == pytest.approx(1)
    assert shares[reached].sum() == pytest.approx(chance)


def test_weights_reach_the_distribution(result):
    view = result.with_weights((result.values("ev.deliveries") >= 550_000).astype(float))
    rows = figures.picture("deliveries", view).table.rows
    assert sum(share for low, _, share in rows if low >= 550_000) == pytest.approx(1)


def test_the_chance_figure_holds_each_house_once_at_its_place_on_the_curve(result):
    rows = figures.picture("chance", result).table.rows
    houses = {what: (x, p) for what, x, p in rows if what != "forecast"}
    assert houses["Citi, Jan 2026"][0] == 700_000
    assert "UBS, Aug 2025" in houses
    assert not any("UBS, Mar" in what for what in houses)
    for x, p in houses.values():
        assert p == pytest.approx((result.values("ev.deliveries") >= x).mean())


def test_the_monthly_figure_holds_what_was_reported_and_the_quantiles_of_the_forecast(result):
    rows = figures.picture("monthly", result).table.rows
    assert ("2025-10", "reported", 48654.0) in rows
    values = {(month, what): v for month, what, v in rows}
    assert values["2026-03", "P50"] == result.quantile("ev.deliveries", 0.5, "2026-03").value


def test_the_mix_figure_sums_to_one_in_each_period(result):
    rows = figures.picture("mix", result).table.rows
    for period in ("2023", "2024", "2025 Q1-Q3", "2026 mean"):
        assert sum(v for _, p, what, v in rows if p == period and what == "share") == pytest.approx(1)


def test_the_scenarios_figure_has_a_row_a_scenario_on_the_same_draws(result, root):
    rows = figures.picture("scenarios", result).table.rows
    assert len(rows) == 1 + len(scenario_names(root))
    own = next(row for row in rows if row[0] == "Base case")
    assert own[4] == result.chance().value


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ([1] * 12, "In every month the plants"),
        ([0] * 12, "In every month the order book"),
        ([1] * 7 + [0] * 5, "Until July the likelier limit is the plants, from August on the order book"),
        ([0] * 3 + [1] * 9, "Until March the likelier limit is the order book, from April on the plants"),
        ([1, 0] * 6, "in 6 of 12 months"),
    ],
)
def test_the_title_of_bottlenecks_follows_the_numbers(bound, said):
    from model.xiaomi.report.figures.bottlenecks import _finding

    assert said in _finding(np.array(bound, float))


def test_colours_stand_out_from_white_and_segments_keep_theirs():
    def luminance(colour):
        rgb = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in mpl.colors.to_rgb(colour)]
        return np.dot(rgb, [0.2126, 0.7152, 0.0722])

    for colour in {*SEGMENT_COLOURS.values(), NAVY}:
        assert 1.05 / (luminance(colour) + 0.05) >= 3.0, colour
    assert len(set(SEGMENT_COLOURS.values())) == 6


def test_files_carry_their_manifest_and_the_same_inputs_give_the_same_bytes(result, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        figures.save_all(result, tmp_path / folder, names=["bottlenecks", "deliveries"], formats=("png", "svg", "pdf"))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    with Image.open(tmp_path / "one" / "bottlenecks.png") as image:
        assert json.loads(image.text["Comment"])["assumptions"] == result.assumptions.hash
        assert image.info["dpi"] == pytest.approx((300, 300), abs=1)
        assert image.size[0] == pytest.approx(6.27 * 300, abs=1)
    assert result.assumptions.hash in (tmp_path / "one" / "bottlenecks.svg").read_text()
    rows = list(csv.reader((tmp_path / "one" / "bottlenecks.csv").read_text().splitlines()))
    assert rows[0] == ["month", "plants", "order book"]
    assert len(rows) == 13


def test_text_is_wrapped_at_the_width_asked_for():
    lines = wrapped("The quick brown fox jumps over the lazy dog " * 3, 2.0, 10)
    assert len(lines) > 3
    assert " ".join(lines).split() == ("The quick brown fox jumps over the lazy dog " * 3).split()


def test_the_fan_is_ordered_from_low_to_high(result):
    levels = measures.quantile(
        result.outcomes["ev.deliveries"][:12], (0.05, 0.5, 0.95), replicate=result.replicate
    ).value
    assert (np.diff(levels, axis=0) >= 0).all()


@pytest.mark.parametrize("size", figures.SIZE_NAMES)
def test_the_figures_of_a_study_fit_their_page(root, base, result, size):
    from model.reporting.figures.studies import bridge, equal_chance, required_values, sweeps, tornado, variance
    from model.simulation.metric import metric
    from model.studies import sweep
    from model.studies.bridge import bridge as bridged
    from model.studies.solve import equal_chance as line
    from model.studies.solve import solve
    from model.studies.study import Study
    from model.studies.tornado import tornado as swings
    from model.studies.variance import variance as shares

    study = Study(base, Prior(XIAOMI, draws=2048))
    what = metric("chance", base, XIAOMI)
    both = [what, metric("ev.gross_margin", base, XIAOMI)]

    def swept(*specs, latin=None):
        axes = [sweep.axis(spec, base, latin=latin is not None) for spec in specs]
        return sweep.sweep(study, sweep.plan(axes, both, base, latin=latin))

    orders, ready = "ev.lines.yu7.orders.p50=10_000:30_000:7", "ev.book.ready=0.3:0.9:6"
    spread = ("ev.lines.yu7.orders.scale=0.7:1.3", "ev.market.growth=-0.1:0.3", "ev.book.ready=0.4:0.9")
    pictures = [
        tornado.draw(result, swings(study, what), size),
        required_values.draw(result, solve(study, what, 0.5), size),
        equal_chance.draw(result, line(study, what, 0.5, "ev.lines.yu7.orders", "ev.market.growth", points=5), size),
        *(sweeps.draw(result, swept(*specs), size, metric=n) for specs in ((orders,), (orders, ready)) for n in (0, 1)),
        sweeps.draw(result, swept(*spread, latin=12), size),
        *(variance.draw(result, shares(study, what, by=by), size) for by in ("assumption", "evidence")),
    ]
    for name, measure in (("bull", "chance"), ("price_war", "ev.gross_margin"), ("europe_early", "ev.deliveries")):
        found = bridged(
            base,
            load(root / "assumptions.toml", [name], as_of="base"),
            XIAOMI,
            metric(measure, base, XIAOMI),
            draws=2048,
            seed=1,
        )
        pictures.append(bridge.draw(result, found, size))
    for picture in pictures:
        fits(picture.figure)
        assert len(picture.alt) > 80
        assert any(character.isdigit() for character in picture.title)


def test_a_grid_with_one_row_is_a_line_along_the_axis_that_moves(base, result):
    from model.reporting.figures.studies import sweeps

    study = model.study(base, draws=2048)
    found = model.sweep(study, "ev.lines.yu7.orders=17500", "ev.book.ready=0.4:0.7:4")
    picture = sweeps.draw(result, found)
    assert "order book" in picture.title
    assert "YU7" not in picture.title
    fits(picture.figure)
    for specs, latin in ((("ev.lines.yu7.orders=17500", "ev.book.ready=0.5"), None), (("ev.book.ready=0.4:0.7",), 1)):
        picture = sweeps.draw(result, model.sweep(study, *specs, latin=latin))
        assert "at this point" in picture.title
        fits(picture.figure)
    still = model.sweep(study, "smartphones.memory.price_rise.shift=-0.1:0.2:4", measures=("ev.deliveries",))
    fits(sweeps.draw(result, still).figure)
    many = [
        f"{path}.scale=0.9:1.1"
        for path, a in base.entries.items()
        if a.distribution.uncertain and a.unit == "RMB/vehicle"
    ][:5]
    fits(sweeps.draw(result, model.sweep(study, *many, latin=6)).figure)


@pytest.mark.parametrize("asked", [0.3, 0.41, 0.42, 0.55])
def test_the_needed_values_fit_the_page_however_near_they_are(base, result, asked):
    from model.reporting.figures.studies import required_values
    from model.simulation.metric import metric
    from model.studies.solve import solve
    from model.studies.study import Study

    study = Study(base, Prior(XIAOMI, draws=2048))
    answers = solve(study, metric("chance", base, XIAOMI), asked)
    assert any(a.needed is not None for a in answers)
    for size in figures.SIZE_NAMES:
        fits(required_values.draw(result, answers, size).figure)


def test_what_nothing_reaches_is_not_drawn(base, result):
    from model.reporting.figures.studies import required_values
    from model.simulation.metric import metric
    from model.studies.solve import solve
    from model.studies.study import Study

    study = Study(base, Prior(XIAOMI, draws=2048))
    what = metric("chance", base, XIAOMI)
    with pytest.raises(ValueError, match="nothing to draw"):
        required_values.draw(result, solve(study, what, 0.99))


def test_the_file_of_a_figure_says_where_its_data_are(result, tmp_path):
    figures.save_all(result, tmp_path, names=["bottlenecks"], formats=("png",))
    assert (tmp_path / "bottlenecks.alt.txt").read_text().endswith(" Data: bottlenecks.csv.\n")


def test_the_heat_map_draws_the_even_chance_where_the_numbers_cross_it(base, result):
    from model.reporting.figures.studies import sweeps
    from model.simulation.metric import metric
    from model.studies import sweep
    from model.studies.study import Study

    axes = [sweep.axis(s, base) for s in ("ev.lines.yu7.orders.p50=10_000:30_000:9", "ev.book.ready=0.3:0.9:7")]
    found = sweep.sweep(
        Study(base, Prior(XIAOMI, draws=2048)), sweep.plan(axes, [metric("chance", base, XIAOMI)], base)
    )
    figure = sweeps.draw(result, found).figure
    (bold,) = [c for c in figure.axes[0].collections if len(c.get_linewidths()) and c.get_linewidths()[0] > 2]
    (path,) = [p for p in bold.get_paths() if len(p.vertices)]
    x, y = path.vertices[len(path.vertices) // 2]
    columns, rows = (np.array(axis.numbers) for axis in axes)
    values = found.values()  # (orders, ready)
    there = np.interp(x, columns, [np.interp(y, rows, values[n]) for n in range(len(columns))])
    assert there == pytest.approx(0.5, abs=0.02)


def test_the_model_page_holds_reported_and_forecast_quarters_of_each_line(result):
    rows = figures.picture("quarters", result, "word").table.rows
    told = {(line, period): value for line, period, what, value in rows if what == "reported"}
    assert told["Phone price, RMB", "2025Q3"] == pytest.approx(1000 * 45.969 / 43.3, rel=1e-3)  # reported: 1,062.8
    assert told["Profit, bn", "2025Q3"] == pytest.approx(11.311)
    assert told["EV margin, %", "2025Q2"] == pytest.approx(26.4)
    assert ("Profit, bn", "2025Q4") not in told  # announced on 24 March
    middle = {(line, period): value for line, period, what, value in rows if what == "P50"}
    assert middle["EPS, RMB", "2026"] == pytest.approx(float(result.quantile("group.eps", 0.5).value))
    assert len(middle) == 12 * 5
