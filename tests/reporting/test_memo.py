"""The memo: words follow numbers, all formats hold the same, the page answers as the API does."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from model import InputError, load, simulate
from model.reporting.memo import content, html, write
from model.reporting.memo.blocks import Bullets, Grid, Heading
from model.reporting.memo.material import Material
from model.simulation import formatting, measures
from model.simulation.metric import target_metric
from model.studies.comparison import Comparison
from model.studies.sources import Prior
from model.studies.study import Study
from model.studies.tornado import Tornado
from model.xiaomi.business import XIAOMI
from tests.cli.test_commands import run
from tests.reporting.browser import needs_chromium, with_page

DRAWS = 2048


@pytest.fixture(scope="module")
def made(root, tmp_path_factory):
    """The memo of the price war in all formats: (folder, result)."""
    folder = tmp_path_factory.mktemp("memo")
    study = Study(load(root / "assumptions.toml", ["price_war"], as_of="base"), Prior(XIAOMI, draws=DRAWS))
    return folder, write.write(study, folder, list(write.FORMATS))[1]


# --- words follow numbers ------------------------------------------------------------------------------------


def test_a_chance_in_words_is_the_nearest_on_the_stated_scale_and_never_turns_back():
    shown = [formatting.likelihood(p) for p in np.linspace(0.006, 0.994, 989)]
    order = [name for n, name in enumerate(shown) if n == 0 or name != shown[n - 1]]
    assert order == [name for _, name in formatting.FRACTIONS]  # each once, in rising order
    for p, name in formatting.FRACTIONS:
        assert formatting.likelihood(p) == name
    for part in ("one in a hundred", "two in five", "even", "nineteen in twenty"):
        assert part in formatting.LIKELIHOOD_SCALE


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.0, "less than one in two"), (1.0, "more than 199"), (0.004, "less than one in two"), (0.9951, "more than 199")],
)
def test_chances_at_the_ends_are_said_as_such(p, said):
    assert said in formatting.likelihood(p)


def material(result, **new):
    origin = {"scenario": "x", "assumptions": "h", "as_of": "d", "draws": 1, "seed": 1, "model": "m", "code": "c"}
    return Material(
        **{
            "result": result,
            "tornado": Tornado(target_metric(result.assumptions), ()),
            "solution": None,
            "comparison": Comparison([result]),
            "pictures": {},
            "origin": origin,
            **new,
        }
    )


@pytest.mark.parametrize("name", [None, "bear", "bull"])
def test_the_title_and_the_summary_follow_the_numbers(root, name):
    result = simulate(load(root / "assumptions.toml", [name] if name else [], as_of="base"), draws=DRAWS)
    chance = result.chance().value
    blocks = content.memo(material(result))
    assert isinstance(blocks[0], Heading)
    assert blocks[0].text.startswith(formatting.likelihood(chance).capitalize() + " chance (")
    assert f"({100 * chance:.0f}%)" in blocks[0].text
    points = next(b for b in blocks if isinstance(b, Bullets)).items
    assert f"{100 * chance:.1f}% ± " in points[0]
    assert f"{result.quantile('ev.deliveries', 0.5).value / 1000:,.0f} thousand in the middle" in points[1]
    assert f"{100 * result.quantile('ev.gross_margin', 0.5).value:.1f}%" in points[4]


def test_changed_assumptions_come_first_with_their_why(root):
    result = simulate(load(root / "assumptions.toml", ["price_war"], as_of="base"), draws=DRAWS)
    blocks = content.memo(material(result))
    changes = next(b for b in blocks if isinstance(b, Grid) and b.caption.startswith("What is changed"))
    assert [row[0] for row in changes.rows] == [e.path for e in result.assumptions.edits]
    listed = next(b for b in blocks if isinstance(b, Grid) and b.caption == "Assumptions")
    assert len(listed.rows) == len(result.assumptions.entries)
    first = {row[0].rpartition("(")[2].rstrip(")") for row in listed.rows[: len(changes.rows)]}
    assert first == {e.path for e in result.assumptions.edits}


def test_risks_that_are_not_modelled_are_named(base, result):
    text = " ".join(" ".join(b.items) for b in content.memo(material(result)) if isinstance(b, Bullets))
    for risk in base.about.not_modelled:
        assert risk in text


# --- the formats ---------------------------------------------------------------------------------------------


def test_markdown_shows_every_figure_beside_it(made):
    folder, result = made
    text = (folder / "memo.md").read_text()
    assert re.match(
        rf"# .* \({100 * result.chance().value:.0f}%\) that Xiaomi delivers 550,000 cars in 2026, in the scenario", text
    )
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (folder / link).is_file()
    assert text.count("![") == 10
    assert "\\_" in text  # paths are not taken for emphasis
    assert result.assumptions.hash in text


def test_word_opens_again_with_headings_captions_alt_text_and_fitting_tables(made):
    import docx

    folder, _ = made
    document = docx.Document(str(folder / "memo.docx"))
    styles = {p.style.name for p in document.paragraphs}
    assert {"Title", "Heading 1", "Caption", "List Bullet"} <= styles
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert sum(c.startswith("Figure ") for c in captions) == len(document.inline_shapes) == 10
    assert sum(c.startswith("Table ") for c in captions) == len(document.tables)
    for shape in document.inline_shapes:
        assert len(shape._inline.docPr.get("descr")) > 80
        assert shape.width.inches == pytest.approx(6.27)
    for table in document.tables:
        assert sum(c.width.inches for c in table.columns) == pytest.approx(6.27, abs=0.02)


def test_the_workbook_opens_again_with_numbers_as_numbers(made):
    import openpyxl

    folder, result = made
    book = openpyxl.load_workbook(folder / "memo.xlsx")
    assert book.sheetnames[:3] == ["Summary", "Results", "Assumptions"]
    sheet = book["Results"]
    assert sheet.freeze_panes == "A2"
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(list(result.rows()))
    keyed = {(r[1], r[2], r[4]): r[5] for r in rows}
    p50 = result.quantile("ev.deliveries", 0.5).value
    assert keyed["ev.deliveries", "2026", "p50"] == pytest.approx(p50, rel=1e-15)  # a workbook keeps 16 digits
    cells = {(row[1].value, row[2].value, row[4].value): row[5] for row in sheet.iter_rows(min_row=2)}
    assert cells["ev.mix", "2026", "p50"].number_format == "0.0%"
    assert cells["ev.deliveries", "2026", "p50"].number_format == "#,##0"
    sources = {row[0]: row[6] for row in book["Assumptions"].iter_rows(min_row=2, values_only=True)}
    assert sources == {p: a.source for p, a in result.assumptions.entries.items()}
    assert {"deliveries", "tornado", "required"} <= set(book.sheetnames)
    formulas = [c for ws in book for row in ws.iter_rows() for c in row if c.data_type == "f"]
    assert not formulas


def test_the_same_inputs_give_the_same_documents(root, made, tmp_path):
    folder, _ = made
    study = Study(load(root / "assumptions.toml", ["price_war"], as_of="base"), Prior(XIAOMI, draws=DRAWS))
    write.write(study, tmp_path, ["md", "html", "docx"])
    for name in ("memo.md", "memo.html"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    with zipfile.ZipFile(tmp_path / "memo.docx") as one, zipfile.ZipFile(folder / "memo.docx") as other:
        assert one.read("word/document.xml") == other.read("word/document.xml")


def needs_office(part, library):
    """Skip where the part of LibreOffice that opens a file is not there: Writer may be, and Calc not."""
    soffice = shutil.which("soffice")
    there = soffice is not None and (Path(soffice).resolve().parent / library).exists()
    return pytest.mark.skipif(
        not there, reason=f"no LibreOffice {part} here: `apt-get install libreoffice-{part.lower()}`"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("memo.docx", marks=needs_office("Writer", "libswlo.so")),
        pytest.param("memo.xlsx", marks=needs_office("Calc", "libsclo.so")),
    ],
)
def test_libreoffice_opens_it(made, tmp_path, name):
    folder, _ = made
    command = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
    ]
    subprocess.run([*command, str(folder / name)], check=True, capture_output=True, timeout=170)
    assert (tmp_path / name).with_suffix(".pdf").stat().st_size > 50_000


# --- the page ------------------------------------------------------------------------------------------------


def test_the_page_is_small_and_holds_everything(made):
    folder, _ = made
    text = (folder / "memo.html").read_text()
    assert len(text) < 1_500_000
    assert not re.findall(r"(?:src|href)=\"(?!data:)", text)
    assert "//" not in re.sub(r"data:[^\"]*|http://www.w3.org/2000/svg|  // .*", "", text)
    assert text.count("alt=") == text.count("<img") == 9


def unpacked(row):
    values, step, shift = [], 0, 0
    for b in row:
        step |= (int(b) & 127) << shift
        if b & 128:
            shift += 7
        else:
            values.append(step)
            step, shift = 0, 0
    return np.cumsum(values)


def test_draws_are_packed_without_loss():
    steps = np.array([[0, 1, 127, 128, 300_000, 2**31, 5]], "<u4")
    (row,) = html._packed(steps)
    assert (unpacked(row) == np.cumsum(steps[0].astype(np.int64))).all()


@needs_chromium
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_dragging_the_target_reads_the_chance_that_the_api_gives(made):
    folder, result = made

    async def script(p):
        async def read():
            found = await p.ask("JSON.stringify(document.getElementById('answer').dataset)")
            import json

            found = json.loads(found)
            return float(found["target"]), float(found["chance"]), float(found["error"])

        metrics = [await read()]
        area = await p.ask(
            "(() => { const r = document.getElementById('chart').getBoundingClientRect(); return [r.x, r.y, r.width, r.height] })()"
        )
        x, y, width, height = area
        await p.mouse("mousePressed", x + 0.5 * width, y + height / 2, 1)
        for share in (0.55, 0.65, 0.3):
            await p.mouse("mouseMoved", x + share * width, y + height / 2, 1)
            metrics.append(await read())
        await p.mouse("mouseReleased", x + 0.3 * width, y + height / 2, 0)
        for typed in ("612345", "0", "99999999"):
            await p.ask(
                f"(() => {{ const n = document.getElementById('number'); n.value = '{typed}'; n.dispatchEvent(new Event('input')); }})()"
            )
            metrics.append(await read())
        shown = await p.ask("document.getElementById('answer').textContent")
        wide = await p.ask("document.documentElement.scrollWidth <= window.innerWidth")
        return metrics, shown, wide, p.complaints, p.requests

    metrics, shown, wide, complaints, requests = with_page(folder / "memo.html", script)
    assert metrics[0][0] == 550_000
    assert len({target for target, *_ in metrics}) == 7
    for target, chance, error in metrics:
        api = result.chance("ev.deliveries", target)
        assert chance == pytest.approx(api.value, abs=1e-12)
        bounded = isinstance(api, measures.Bound)  # its error is the limit, which the page says in words
        assert error == pytest.approx(0.0 if bounded else api.error, abs=1e-12)
    assert (
        "Chance of at least 99,999,999 vehicle in 2026: below 0.2% (95% confidence)" in shown
    )  # 1 - 0.05^(1 / 2,048): 0.146%
    assert wide
    assert complaints == []
    assert [r for r in requests if not r.startswith(("file:", "data:"))] == []


# --- the command ---------------------------------------------------------------------------------------------


def test_one_command_writes_the_memo(project):
    done = run("memo", "--format", "md,html", "--draws", "2048")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("A one in five chance (22%) that Xiaomi delivers 550,000 cars in 2026\n")
    assert {"memo.md", "memo.html", "deliveries.png", "tornado.csv"} <= {
        p.name for p in (project / "figures" / "memo").iterdir()
    }
    done = run("memo", "--format", "md,pdf", "--draws", "2048")
    assert done.returncode == 2
    assert "no format 'pdf'" in done.stderr


def test_a_format_whose_package_is_missing_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(InputError, match=r"pip install 'xiaomi-scenario-model\[word\]'"):
        write.chosen("md,docx")


def test_where_no_assumption_brings_the_chance_the_memo_says_so_and_shows_no_figure(root, tmp_path):
    study = Study(load(root / "assumptions.toml", ["bull"], as_of="base"), Prior(XIAOMI, draws=DRAWS))
    write.write(study, tmp_path, ["md"], asked=0.02)
    text = (tmp_path / "memo.md").read_text()
    assert re.search(
        r"The chance of the target is 7\d%, above the 2% asked for\. Of the 8 assumptions .* none can bring it to 2%",
        text,
    )
    assert not (tmp_path / "required.png").exists()


# --- the outside view ----------------------------------------------------------------------------------------


def test_the_memo_has_the_outside_view_at_each_weight(made):
    text = (made[0] / "memo.md").read_text()
    assert "## The outside view" in text
    assert "| 37 first yearly targets of car makers |" in text
    assert "at weight 0.25" in text


def test_weighted_draws_are_spread_evenly_for_the_page():
    """Of 1, 2, 3 with weights 2, 1, 1: quantiles at 1/6, 1/2, 5/6 are 1, 1, 3."""
    assert html.evenly(np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])).tolist() == [1.0, 1.0, 3.0]


def test_a_memo_with_a_weight_above_nought_says_so_and_its_page_has_the_pooled_draws(project, tmp_path):
    path = project / "assumptions.toml"
    path.write_text(path.read_text().replace("weight = 0\n", "weight = 0.5\n"))
    result = simulate(load(path, as_of="base"), draws=8192)
    apart = measures.by_replicate(result.values("ev.deliveries", "2026"), result.replicate)
    weights = measures.by_replicate(result.weights, result.replicate)
    spread = np.stack([html.evenly(*row) for row in zip(apart, weights, strict=True)])
    assert (spread >= 550_000).mean() == pytest.approx(float(result.chance().value), abs=0.002)
    study = Study(result.assumptions, Prior(XIAOMI, draws=DRAWS))
    (tmp_path / "memo").mkdir()
    write.write(study, tmp_path / "memo", ["md"])
    text = (tmp_path / "memo" / "memo.md").read_text()
    assert "Here: outside view first\\_targets at weight 0.5." in text
