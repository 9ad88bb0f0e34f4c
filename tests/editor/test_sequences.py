"""The page's own script under edits, days and delays at random, with a simulated clock: no answer stands under another question."""

import json

import jinja2
import pytest

import model
from model.reporting.memo import html as memo_page
from tests.conftest import ROOT
from tests.editor.test_browser import until
from tests.reporting.browser import needs_chromium, with_page

pytestmark = [
    needs_chromium,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
HELD = ROOT / "model" / "editor"


def page(folder, seed):
    """The page with a simulated server in it."""
    dial = memo_page.draws(model.simulate(model.load(ROOT / "assumptions.toml", as_of="base"), draws=2048))
    simulated = (ROOT / "tests" / "editor" / "simulated.js").read_text(encoding="utf-8")
    parts = {
        "css": (HELD / "page.css").read_text(encoding="utf-8"),
        "dial": f"const SEED = {seed}, DIAL = {json.dumps(json.loads(dial))};\n{simulated}",
        "js": (ROOT / "model" / "reporting" / "memo" / "dial.js").read_text(encoding="utf-8")
        + (HELD / "page.js").read_text(encoding="utf-8"),
    }
    file = folder / "page.html"
    text = (HELD / "page.html").read_text(encoding="utf-8")
    file.write_text(jinja2.Template(text).render(parts, nonce="n", token="t"), encoding="utf-8")
    return file


def run(file, count):
    async def script(p):
        await p.ask(f"void sequences({count})")
        await until(p, "sim.done", 60 + count / 5)
        return json.loads(await p.ask("JSON.stringify([sim.faults.slice(0, 3), sim.checks, sim.fresh])")), p.complaints

    (faults, checks, fresh), complaints = with_page(file, script)
    assert complaints == []
    return faults, checks, fresh


def test_no_answer_stands_under_another_question(tmp_path, request):
    count = request.config.getoption("--sequences")
    faults, checks, fresh = run(page(tmp_path, 20_260_115), count)
    assert faults == []
    assert checks > 10 * count
    assert fresh > count  # an answer was there to be wrong


@pytest.mark.parametrize(
    "spoilt",
    [
        "found && found.about === on_screen() && formed === worlds()",
        "older(); timer",
    ],
)
def test_a_page_that_shows_late_answers_would_be_found_out(tmp_path, spoilt):
    mended = {"found && found.about === on_screen() && formed === worlds()": "found", "older(); timer": "timer"}
    file = page(tmp_path, 7)
    text = file.read_text(encoding="utf-8")
    assert spoilt in text
    file.write_text(text.replace(spoilt, mended[spoilt]), encoding="utf-8")
    faults, *_ = run(file, 60)
    assert faults
