"""The page in headless Chromium: type, drag, undo, save, two at once, by keyboard, on a phone; nothing leaves the machine."""

import asyncio

import pytest

import model
from model.simulation import formatting
from tests.conftest import ROOT, copied
from tests.editor.serving import ask, served
from tests.reporting.browser import needs_chromium, with_page

pytestmark = [
    needs_chromium,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
YU7 = "ev.lines.yu7.orders"
TYPED = [
    f"{YU7}.p50=21_000",
    f"{YU7}.p10=10_500",
    f"{YU7}.p90=27_000",
]  # a P50 is typed, and the numbers beside it stay
MEMORY = "document.querySelector('#scenarios label[title*=memory i] input')"
HOSTILE = '<img src=x onerror=\\"document.body.dataset.hacked=1\\"><script>document.body.dataset.hacked=1</script>'


class Address:
    """Where a served page is, as `with_page` takes it."""

    def __init__(self, server):
        self.server = server

    def as_uri(self):
        return self.server.address


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path)


async def until(p, expression, seconds=30):
    for _ in range(int(seconds / 0.05)):
        if await p.ask(expression):
            return
        await asyncio.sleep(0.05)
    raise AssertionError((expression, await p.ask("document.getElementById('state').textContent"), p.complaints))


def ready(p):
    return until(p, "document.body.dataset.fine !== undefined && document.getElementById('stale').hidden")


async def put(p, path, key, text):
    await p.ask(
        f"(() => {{ const i = document.querySelector('[data-path=\"{path}\"] input[data-key={key}]'); i.value = '{text}'; "
        "i.dispatchEvent(new Event('input', {bubbles: true})); delete document.body.dataset.fine; })()"
    )


def text(p, name):
    return p.ask(f"document.getElementById('{name}').textContent")


def quiet(p, server):
    assert p.complaints == []
    assert {
        url.partition("?")[0].rpartition("/api")[0] or url.partition("?")[0].rstrip("/")
        for url in p.requests
        if not url.startswith("data:")
    } <= {f"http://{server.session.host}"}


def test_a_number_is_typed_and_the_headline_is_that_of_a_run_and_the_file_changes_by_one_line(folder):
    before = (folder / "assumptions.toml").read_text()
    with served(folder) as server:

        async def script(p):
            await ready(p)
            first = await text(p, "chance")
            await put(p, YU7, "p50", "21_000")
            await ready(p)
            shown, moved = await text(p, "chance"), await text(p, "moved")
            await p.ask("document.getElementById('save').click()")
            await until(p, "!document.getElementById('confirm').disabled")
            diff = await text(p, "diff")
            await p.ask("document.getElementById('confirm').click()")
            await until(p, "document.getElementById('state').textContent.startsWith('Saved')")
            await ready(p)
            quiet(p, server)
            return first, shown, moved, diff, await text(p, "chance")

        first, shown, moved, diff, after = with_page(Address(server), script)
    edited = model.simulate(model.load(ROOT / "assumptions.toml", sets=TYPED, as_of="base")).chance()
    assert (
        first
        == f"P(target) {formatting.chance(model.simulate(model.load(ROOT / 'assumptions.toml', as_of='base')).chance())}"
    )
    assert shown == after == f"P(target) {formatting.chance(edited)}"
    assert moved == "22.9% → 26.3%, +3.4 points"
    assert "+p50      = 21_000" in diff
    assert (folder / "assumptions.toml").read_text() == before.replace("p50      = 17_500", "p50      = 21_000")


def test_the_page_opens_on_the_latest_day_with_its_answer(today):
    with served(today, "latest") as server:

        async def script(p):
            await until(
                p, "document.getElementById('stale').hidden && document.getElementById('spread').textContent !== ''"
            )
            return await text(p, "dayname"), await text(p, "spread"), await text(p, "chance")

        day, spread, chance = with_page(Address(server), script)
    assert day == "2026-10-10"
    assert spread == "P50 (P10 to P90), given 39 reported figures; P(target) below 0.02% (95% confidence)"
    assert chance == "431,000 (415,000 to 449,000)"


def test_a_hundred_edits_are_undone_and_redone_and_a_wrong_one_stands_at_its_field(folder):
    before = (folder / "assumptions.toml").read_bytes()
    with served(folder) as server:

        async def script(p):
            await ready(p)
            edits = await p.ask(
                "(() => { let seed = 7, n = 0; const next = m => (seed = (seed * 16807) % 2147483647) % m;"
                "const boxes = [...document.querySelectorAll('input[data-key=p50]:not(.short)')];"
                "const all = () => JSON.stringify([...document.querySelectorAll('#groups input')].map(i => i.value)); const start = all();"
                "while (n < 100) { const box = boxes[next(boxes.length)], v = Number(box.value.replace(/_/g, ''));"
                "  box.value = String(v * (1 + (next(100) + 1) / 1e5)); box.dispatchEvent(new Event('input', {bubbles: true})); n++;"
                "  box.blur(); document.getElementById('find').focus(); window.dispatchEvent(new Event('x')); }"
                "const moved = all(); const undo = document.getElementById('undo'), redo = document.getElementById('redo'); let back = 0;"
                "while (!undo.disabled) { undo.click(); back++; } const undone = all(); while (!redo.disabled) redo.click(); const redone = all();"
                "while (!undo.disabled) undo.click(); return { same: start === undone, again: redone === moved, differed: moved !== start, back }; })()"
            )
            await put(p, YU7, "p50", "2x")
            wrong = await p.ask(f"document.querySelector('[data-path=\"{YU7}\"] .problem').textContent")
            stale = await p.ask("!document.getElementById('stale').hidden")
            await put(p, YU7, "p50", "90_000")
            await until(p, f"document.querySelector('[data-path=\"{YU7}\"] .problem').textContent.includes('p50')")
            return edits, wrong, stale

        edits, wrong, stale = with_page(Address(server), script)
    assert edits["same"]
    assert edits["again"]
    assert edits["differed"]
    assert edits["back"] > 50
    assert wrong == "'2x' is not a number. Write 22_000 or 0.3"
    assert stale
    assert (folder / "assumptions.toml").read_bytes() == before


def test_the_usual_ways_to_write_a_number_are_taken_and_what_could_be_misread_is_refused(folder):
    refused = ["0,125", "1,115", "22,000", "0x10", "1 2", "1_", "_1", "1__0", "", "--1", "Infinity", "1e", ".", "1,5"]
    taken = {"21_000": "21_000", "2.3e4": "23_000", "+24000.": "24_000", ".25e5": "25_000"}
    with served(folder) as server:

        async def script(p):
            await ready(p)
            box = f"document.querySelector('[data-path=\"{YU7}\"] input[data-key=p50]')"
            found = {}
            for written in taken:
                await put(p, YU7, "p50", written)
                await p.ask("document.getElementById('undo').click(); document.getElementById('redo').click()")
                found[written] = await p.ask(f"{box}.value")
            problems = []
            for written in refused:
                await put(p, YU7, "p50", written)
                problems.append(await p.ask(f"document.querySelector('[data-path=\"{YU7}\"] .problem').textContent"))
            return found, problems

        found, problems = with_page(Address(server), script)
    assert found == taken
    assert problems == [f"'{written}' is not a number. Write 22_000 or 0.3" for written in refused]


def test_what_another_program_changes_while_one_edits_is_never_written_over(folder):
    path = folder / "assumptions.toml"
    before = path.read_text()
    with served(folder) as server:

        async def script(p):
            await ready(p)
            await put(p, YU7, "p50", "21_000")
            await ready(p)
            season = "document.querySelectorAll('[data-path=\"ev.season\"] input')"
            await p.ask(
                f"(() => {{ const i = {season}[2]; i.value = '0.95'; i.dispatchEvent(new Event('input', {{bubbles: true}})); delete document.body.dataset.fine; }})()"
            )
            await ready(p)
            path.write_text(
                before.replace("0.910, 0.869", "0.910, 0.875").replace("p50      = 17_500", "p50      = 18_000")
            )
            await put(p, "ev.launch.decay", "p50", "0.72")
            await until(p, "document.getElementById('state').textContent.includes('Changed by both')")
            await ready(p)
            told = (
                await text(p, "state"),
                await p.ask(f"document.querySelector('[data-path=\"{YU7}\"] .was').textContent"),
                await p.ask(f"{season}[3].value"),
            )
            await p.ask("document.getElementById('save').click()")
            await until(p, "document.getElementById('saveproblem').textContent !== ''")
            problem, off = await text(p, "saveproblem"), await p.ask("document.getElementById('confirm').disabled")
            await p.ask("document.getElementById('saving').close()")
            for _ in range(2):  # a scenario that is switched on and off again does not take the conflict away
                await p.ask(f"delete document.body.dataset.fine; {MEMORY}.click()")
                await ready(p)
            still = await p.ask(f"document.querySelector('[data-path=\"{YU7}\"] .was').textContent")
            await p.ask(
                f"delete document.body.dataset.fine;document.querySelector('[data-path=\"{YU7}\"] .was button').click()"
            )
            await ready(p)
            await p.ask("document.getElementById('save').click()")
            await until(p, "!document.getElementById('confirm').disabled")
            await p.ask("document.getElementById('confirm').click()")
            await until(p, "document.getElementById('state').textContent.startsWith('Saved')")
            quiet(p, server)
            return *told, still, problem, off

        state, was, april, still, problem, off = with_page(Address(server), script)
    assert state.endswith("Changed by both, and not saved until reset: ev.lines.yu7.orders p50.")
    assert "p50 18_000 (it said 17_500 when you began: reset it to save)" in was
    assert still == was
    assert april == "0.875"
    assert "was changed outside to 18000" in problem
    assert off
    expected = before.replace("0.910, 0.869", "0.95, 0.875").replace("p50      = 17_500", "p50      = 18_000")
    assert path.read_text() == expected.replace("p50      = 0.7\n", "p50      = 0.72\n", 1)


def test_what_is_typed_while_the_form_is_read_again_stays(folder):
    with served(folder) as server:

        async def script(p):
            await ready(p)
            await put(p, YU7, "p50", "17_600")
            await ready(p)
            await p.ask(f"{MEMORY}.click()")
            await asyncio.sleep(0.1)
            await put(p, "ev.launch.decay", "p50", "0.72")
            await ready(p)
            boxes = [
                f"document.querySelector('[data-path=\"{path}\"] input[data-key=p50]').value"
                for path in (YU7, "ev.launch.decay")
            ]
            return [await p.ask(box) for box in boxes], await text(p, "state")

        boxes, state = with_page(Address(server), script)
    assert boxes == ["17_600", "0.72"]
    assert state == "2 assumptions edited, not saved"


def test_the_begin_of_a_refused_entry_counts_for_nothing_and_is_not_saved(folder):
    """0 of 0,95 is a number: what is refused in the end must not leave it behind."""
    with served(folder) as server:

        async def script(p):
            await ready(p)
            box = f"document.querySelector('[data-path=\"{YU7}\"] input[data-key=p50]')"
            await p.ask(f"{box}.focus(); {box}.select()")
            for text_ in ("1", "18", "18_500", "18_500x"):
                await put(p, YU7, "p50", text_)
                await asyncio.sleep(0.02)
            await put(p, "ev.launch.decay", "p50", "0.72")
            await until(p, "document.body.dataset.fine !== undefined")
            found = [
                await p.ask(f"{box}.value"), await text(p, "state"), await p.ask("document.getElementById('save').disabled"),
                await p.ask(f"document.querySelector('[data-path=\"{YU7}\"] .problem').textContent"), await text(p, "stale"), await text(p, "chance"),
            ]  # fmt: skip
            await p.ask("document.getElementById('only').click()")
            found.append(
                await p.ask("[...document.querySelectorAll('.field')].filter(f => !f.hidden).map(f => f.dataset.path)")
            )
            await put(p, YU7, "p50", "17_500")
            return [*found, await p.ask("document.getElementById('save').disabled")]

        typed, state, off, problem, stale, chance, seen, later = with_page(Address(server), script)
    assert (typed, state, off, later) == ("18_500x", "1 assumption edited, not saved", True, False)
    assert problem == "'18_500x' is not a number. Write 22_000 or 0.3"
    assert seen == [YU7, "ev.launch.decay"]
    assert stale == "An entry is no number; the answer is without it."
    plain = model.load(ROOT / "assumptions.toml", as_of="base")["ev.launch.decay"].distribution.parameters
    edited = model.simulate(
        model.load(
            ROOT / "assumptions.toml",
            sets=["ev.launch.decay.p50=0.72", *(f"ev.launch.decay.{key}={plain[key]}" for key in ("p10", "p90"))],
            as_of="base",
        )
    ).chance()
    assert chance == f"P(target) {formatting.chance(edited)}"


@pytest.mark.parametrize("first", [False, True])
def test_the_focus_stays_where_one_types_key_by_key(folder, first):
    """Also when what matters comes first, where the tornado moves rows, and when a scenario makes the form again."""
    with served(folder) as server:

        async def script(p):
            await ready(p)
            await until(p, "document.body.dataset.studied === 'yes'")
            if first:
                await p.ask("document.getElementById('order').click()")
            box = f"document.querySelector('[data-path=\"{YU7}\"] input[data-key=p50]')"
            await p.ask(f"{box}.focus(); {box}.select()")
            seen = []
            for key in "18500":
                await p.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
                await p.call("Input.dispatchKeyEvent", type="keyUp", key=key)
                await asyncio.sleep(1.2 if key == "8" else 0.05)  # an answer and a tornado in between
                seen.append(await p.ask(f"[document.activeElement === {box}, {box}.value]"))
            await p.ask(f"{MEMORY}.click()")
            await ready(p)
            return seen, await p.ask(f"document.activeElement === {box}"), await text(p, "state")

        seen, still, state = with_page(Address(server), script)
    assert seen == [[True, "18500"[: n + 1]] for n in range(5)]
    assert state == "1 assumption edited, not saved"
    assert still


def test_a_quantile_is_dragged_by_the_mouse_and_the_target_too(folder):
    with served(folder) as server:

        async def script(p):
            await ready(p)
            area = f"(() => {{ const s = document.querySelector('[data-path=\"{YU7}\"] .sketch'); s.scrollIntoView({{block: 'center'}}); const b = s.getBoundingClientRect(), c = s.querySelectorAll('circle')[1].getBoundingClientRect(); return [c.x + c.width / 2, c.y + c.height / 2, b.width]; }})()"
            x, y, width = await p.ask(area)
            await p.mouse("mousePressed", x, y, 1)
            await p.mouse("mouseMoved", x + 0.08 * width, y, 1)
            await p.mouse("mouseReleased", x + 0.08 * width, y, 0)
            value = await p.ask(f"document.querySelector('[data-path=\"{YU7}\"] input[data-key=p50]').value")
            await until(p, "document.getElementById('moved').textContent.includes('→')")
            await p.ask(
                "document.getElementById('number').value = 500000; document.getElementById('number').dispatchEvent(new Event('input'))"
            )
            return value, await text(p, "answer")

        value, answer = with_page(Address(server), script)
    assert 17_500 < float(value.replace("_", "")) < 25_000
    assert answer.startswith("Chance of at least 500,000 vehicle in 2026: ")


def test_two_pages_at_once_do_not_touch_each_other(folder):
    with served(folder) as server:

        async def one(p):
            await ready(p)
            await put(p, YU7, "p50", "21_000")

            async def other(q):
                await ready(q)
                return await text(q, "chance")

            await ready(p)
            found = await asyncio.to_thread(with_page, Address(server), other)
            return found, await text(p, "chance")

        other, mine = with_page(Address(server), one)
    assert other == "P(target) 22.9% ± 0.1 pp"
    assert mine == "P(target) 26.3% ± 0.2 pp"


LATE = """(() => {
  const real = window.fetch, waits = %s; let n = 0;
  window.fetch = async (url, how) => {
    const reply = await real(url, how), kind = url.split("/").pop();
    if (kind === "answer" || kind === "form") await new Promise(done => setTimeout(done, waits[n++ %% waits.length]));
    return reply;
  };
})()"""
TICK = "document.querySelector('#scenarios label[title*=%s i] input').click()"
MOVE = "(() => { delete document.body.dataset.fine; const d = document.getElementById('day'); d.value = %d; d.dispatchEvent(new Event('input')); d.dispatchEvent(new Event('change')); })()"


LONGER = [pytest.param(waits, marks=pytest.mark.slow) for waits in ([900, 0], [0, 900, 0], [1200, 700, 300, 0])]


@pytest.mark.parametrize("waits", [[300, 1500, 0, 900, 0, 0], *LONGER])
def test_answers_that_come_late_in_any_order_are_never_shown_as_those_of_another_question(folder, waits):
    """A scenario is ticked, the day moved and a number typed within moments: what is shown as current is of all three."""
    with served(folder) as server:

        async def script(p):
            await ready(p)
            await p.ask(LATE % waits)
            await p.ask(TICK % "memory")
            await asyncio.sleep(0.3)
            await p.ask(MOVE % 1)
            wrong = []
            for step in range(60):
                if step == 20:
                    await p.ask(MOVE % 0)
                if step == 30:
                    await put(p, YU7, "p50", "21_000")
                fresh = await p.ask("document.getElementById('stale').hidden")
                if fresh:
                    wrong.append((step, await text(p, "chance"), await text(p, "dayname"), await text(p, "spread")))
                await asyncio.sleep(0.1)
            await until(p, "document.getElementById('stale').hidden")
            await ready(p)
            quiet(p, server)
            return wrong, await text(p, "chance")

        shown, last = with_page(Address(server), script)
    for step, _, day, spread in shown:
        assert ("given" in spread) == ("2026-02" in day), (step, day, spread)
    case = model.load(folder / "assumptions.toml", ["memory_squeeze"], TYPED, as_of="base")
    assert last == f"P(target) {formatting.chance(model.simulate(case).chance())}"


def test_the_first_answer_of_a_later_day_can_be_stopped_and_keeps_nothing_waiting(folder):
    (folder / ".cache" / "posteriors").unlink()  # nothing that other tests have made
    with served(folder) as server:

        async def script(p):
            await ready(p)
            days = int(await p.ask("document.getElementById('day').max"))
            await p.ask(MOVE % days)
            await until(p, "!document.getElementById('stop').hidden", 10)
            at_once = await p.ask("document.querySelectorAll('.field').length")  # the form of that day is there
            assert ask(server, "form")[0] == ask(server, "answer", draws=2048)[0] == 200  # and another page is answered
            await p.ask("document.getElementById('stop').click()")
            await until(p, "document.getElementById('stale').textContent.startsWith('Stopped')", 5)
            older = await p.ask("document.getElementById('answers').classList.contains('old')")
            await p.ask(MOVE % 0)
            await ready(p)
            address = await p.ask("location.href")
            quiet(p, server)
            return at_once, older, await text(p, "chance"), address

        fields, older, chance, address = with_page(Address(server), script)
    assert fields > 100
    assert older
    assert chance == "P(target) 22.9% ± 0.1 pp"
    assert "token" not in address


def test_hostile_labels_and_reasons_are_shown_as_text(folder):
    path = folder / "assumptions.toml"
    path.write_text(
        path.read_text()
        .replace('label    = "YU7: firm orders in a normal month"', f'label    = "YU7 {HOSTILE}"')
        .replace('why      = "Law."', f'why      = "{HOSTILE}"')
    )
    with served(folder) as server:

        async def script(p):
            await ready(p)
            await asyncio.sleep(0.3)
            quiet(p, server)
            return await p.ask(
                "[document.body.dataset.hacked ?? null, document.querySelectorAll('img').length, document.body.textContent.includes('onerror')]"
            )

        assert with_page(Address(server), script) == [None, 0, True]


def test_it_works_by_keyboard_alone_and_names_every_control(folder):
    with served(folder) as server:

        async def press(p, key, code, text="", modifiers=0):
            for kind in ("keyDown", "keyUp"):
                await p.call(
                    "Input.dispatchKeyEvent",
                    type=kind,
                    key=key,
                    code=code,
                    modifiers=modifiers,
                    **({"text": text} if text and kind == "keyDown" else {}),
                )

        async def script(p):
            await ready(p)
            await press(p, "/", "Slash", "/")
            await p.call("Input.insertText", text="yu7 firm orders")
            shown = await p.ask(
                "[...document.querySelectorAll('.field')].filter(f => !f.hidden).map(f => f.dataset.path)"
            )
            for _ in range(40):
                await press(p, "Tab", "Tab")
                if await p.ask("document.activeElement.dataset.key === 'p50'"):
                    break
            await p.call(
                "Input.dispatchKeyEvent", type="keyDown", key="a", code="KeyA", modifiers=2, commands=["selectAll"]
            )
            await p.ask("delete document.body.dataset.fine")
            await p.call("Input.insertText", text="21000")
            await ready(p)
            chance = await text(p, "chance")
            await press(p, "z", "KeyZ", modifiers=2)
            back = await p.ask(
                "document.querySelector('[data-path=\"ev.lines.yu7.orders\"] input[data-key=p50]').value"
            )
            nameless = await p.ask(
                "[...document.querySelectorAll('input, button, textarea')].filter(i => !i.labels?.length && !i.getAttribute('aria-label') && !i.textContent.trim()).map(i => i.outerHTML)"
            )
            return shown, chance, back, nameless

        shown, chance, back, nameless = with_page(Address(server), script)
    assert shown == [YU7]
    assert chance == "P(target) 26.3% ± 0.2 pp"
    assert back == "17_500"
    assert nameless == []


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_runs_off_the_page(folder, width):
    with served(folder) as server:

        async def script(p):
            await p.call(
                "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False
            )
            await ready(p)
            await until(p, "document.body.dataset.studied === 'yes'")
            await asyncio.sleep(0.2)
            return await p.ask("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")

        scroll, client = with_page(Address(server), script)
    assert scroll <= client


def test_three_edits_become_a_scenario_with_its_reason_and_it_is_switched_on(folder):
    with served(folder) as server:

        async def script(p):
            await ready(p)
            for path, key, number in (
                (YU7, "p50", "18_500"),
                ("ev.book.cancellation", "p50", "0.03"),
                ("ev.market.tax", "value", "0.06"),
            ):
                await put(p, path, key, number)
            await ready(p)
            edited = await text(p, "chance")
            await p.ask(
                "document.getElementById('save').click(); document.querySelector('input[name=into][value=scenario]').click();"
            )
            for name, words in (
                ("name", "my_view"),
                ("label", "My view"),
                ("why", "Orders are better than the book says."),
            ):
                await p.ask(
                    f"document.getElementById('{name}').value = '{words}'; document.getElementById('{name}').dispatchEvent(new Event('input'))"
                )
            await p.ask("document.getElementById('look').click()")
            await until(p, "!document.getElementById('confirm').disabled")
            await p.ask("delete document.body.dataset.fine; document.getElementById('confirm').click()")
            await until(p, "document.getElementById('state').textContent.startsWith('Saved')")
            await ready(p)
            return edited, await text(p, "chance")

        edited, after = with_page(Address(server), script)
    assert edited == after
    made = model.load(folder / "assumptions.toml", ["my_view"], as_of="base")
    assert {e.path for e in made.edits} == {YU7, "ev.book.cancellation", "ev.market.tax"}
    assert made[YU7].why == "Orders are better than the book says."
    assert after == f"P(target) {formatting.chance(model.simulate(made).chance())}"


def test_a_scenario_shows_its_difference_at_once_and_beside_the_base_case_and_after_saving(folder):
    with served(folder) as server:

        async def script(p):
            await ready(p)
            await p.ask(f"delete document.body.dataset.fine; {MEMORY}.click()")
            await ready(p)
            await until(p, "document.getElementById('moved').textContent.includes('22.9')")
            switched = await text(p, "moved")
            await p.ask("document.querySelector('#beside label[title*=\"Rivals cut\"] input').click()")
            await until(p, "document.querySelectorAll('#sides th').length === 4")
            heads = await p.ask("[...document.querySelectorAll('#sides th')].map(h => h.textContent)")
            await p.ask(f"{MEMORY}.click()")
            await put(p, YU7, "p50", "21_000")
            await ready(p)
            await p.ask("document.getElementById('save').click()")
            await p.ask("document.querySelector('input[name=into][value=scenario]').click()")
            for name, words in (("name", "more"), ("label", "More orders"), ("why", "An example.")):
                await p.ask(
                    f"(() => {{ const i = document.getElementById('{name}'); i.value = '{words}'; i.dispatchEvent(new Event('input')); }})()"
                )
            await p.ask("document.getElementById('look').click()")
            await until(p, "!document.getElementById('confirm').disabled")
            await p.ask("document.getElementById('confirm').click()")
            await until(p, "document.getElementById('state').textContent.startsWith('Saved')")
            await until(p, "document.getElementById('moved').textContent.includes('+3.4')")
            quiet(p, server)
            return switched, heads, await text(p, "moved")

        switched, heads, saved = with_page(Address(server), script)
    assert switched == "22.9% → 22.9%, +0.0 points"  # memory moves no car
    assert heads == ["", "Base case", "Price war", "Memory squeeze (on screen)"]
    assert saved == "22.9% → 26.3%, +3.4 points"


def test_a_report_is_entered_on_the_page_by_keyboard_words_and_answered(project):
    with served(project, "latest") as server:

        async def fill(p, **words):
            for name, value in words.items():
                await p.ask(
                    f"(() => {{ const i = document.getElementById('r_{name}'); i.value = '{value}'; i.dispatchEvent(new Event('input')); }})()"
                )

        async def script(p):
            await ready(p)
            await p.ask("document.getElementById('report').click()")
            said = {
                "outcome": "ev.deliveries",
                "period": "January 2026",
                "on": "2026-02-01",
                "source": "own",
                "series": "company",
            }
            await fill(p, **said, figure=">=390_000")
            await p.ask("document.getElementById('r_check').click()")
            await until(p, "document.getElementById('r_problem').textContent !== ''")
            slip = await text(p, "r_problem")
            await fill(p, figure=">=39_000")
            locked = await p.ask("document.getElementById('r_write').disabled")
            await p.ask("document.getElementById('r_check').click()")
            await until(p, "!document.getElementById('r_write').disabled")
            await p.ask("document.getElementById('r_write').click()")
            await until(p, "document.getElementById('r_said').textContent.includes('Before and after')", 120)
            found = await text(p, "r_said"), await text(p, "dayname"), await text(p, "spread")
            await p.ask("document.getElementById('r_back').click()")
            await until(p, "document.getElementById('r_said').textContent.startsWith('Taken back')")
            await until(p, "document.getElementById('dayname').textContent.includes('the base case')")
            quiet(p, server)
            return slip, locked, found

        slip, locked, (said, day, spread) = with_page(Address(server), script)
    assert "Did you mean >=39_000?" in slip
    assert locked
    assert "as known on 15 January and on 1 February 2026" in said
    assert day == "2026-02-01"
    assert "given 1 reported figure" in spread
    assert (project / "data" / "observations.csv").read_bytes().count(b"\n") == 1
