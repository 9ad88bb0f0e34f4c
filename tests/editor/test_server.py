"""The server of the page: who is refused, what it answers, how it ends."""

import contextlib
import json
import multiprocessing
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

import model
from model import InputError
from model.editor import question as asking
from model.editor import sides
from model.editor.question import Question
from model.editor.server import Served
from model.simulation import formatting
from model.xiaomi.business import XIAOMI
from tests.conftest import copied
from tests.editor.serving import ask, problems, request, served


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = copied(tmp_path_factory.mktemp("edit"))
    with served(folder) as running:
        running.folder = folder
        yield running


def test_it_listens_on_this_machine_alone(server):
    assert server._socket.getsockname()[0] == "127.0.0.1"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{30,}", server.address)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X_Token": "wrong"}, 403),
        ({"X_Token": ""}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": "text/plain"}, 415),
        ({}, 200),
        ({"Origin": "OWN"}, 200),
    ],
)
def test_strangers_are_refused(server, headers, status):
    given = {"Content_Type": "application/json", "X_Token": server.session.token} | headers
    if given.get("Origin") == "OWN":
        given["Origin"] = f"http://{server.session.host}"
    found, _, _ = request(server, "POST", "/api/form", json.dumps({"page": "x", "number": 1}), **given)
    assert found == status


def test_the_page_loads_nothing_from_anywhere_and_needs_the_token(server):
    assert request(server, "GET", "/")[0] == 403
    assert request(server, "GET", "/?token=no")[0] == 403
    status, headers, text = request(server, "GET", f"/?token={server.session.token}")
    assert status == 200
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert "{{" not in text
    assert not re.findall(r"(?:src|href)=[\"'](?!data:|#)[^\"']*//", text)


def test_the_answer_is_that_of_a_run(server):
    status, found = ask(server, "answer", draws=32768)
    result = model.simulate(model.load(server.folder / "assumptions.toml", as_of="base"))
    assert status == 200
    assert found["chance"] == result.chance().value
    assert found["chance_said"] == formatting.chance(result.chance())
    assert found["hash"] == result.assumptions.hash
    _, edited = ask(
        server, "answer", draws=8192, edits={"ev.lines.yu7.orders": {"p90": 29000}}, scenarios=["price_war"]
    )
    what_if = model.load(
        server.folder / "assumptions.toml", ["price_war"], ["ev.lines.yu7.orders.p90=29_000"], as_of="base"
    )
    assert edited["chance"] == model.simulate(what_if, draws=8192).chance().value


def test_several_keys_of_one_assumption_can_be_edited_at_once(server):
    _, found = ask(server, "answer", edits={"ev.lines.yu7.orders": {"p10": 15000, "p50": 21000, "p90": 30000}})
    assert found["hash"] != model.load(server.folder / "assumptions.toml", as_of="base").hash


@pytest.mark.parametrize(
    ("edits", "path", "words"),
    [
        ({"ev.lines.yu7.orders": {"p50": 26000}}, "ev.lines.yu7.orders", "p50"),
        ({"ev.lines.yu7.orders": {"p50": "many"}}, "ev.lines.yu7.orders", "not a number"),
        ({"ev.nothing": {"value": 1}}, "ev.nothing", "unknown assumption"),
        ({"ev.lines.yu7.orders": {"value": -5}}, "ev.lines.yu7.orders", "below 0"),
    ],
)
def test_what_is_wrong_stands_at_its_field_in_the_words_of_the_command_line(server, edits, path, words):
    found = problems(server, "answer", edits=edits)
    assert {p["path"] for p in found} == {path}
    assert any(words in p["said"] for p in found)


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "null", '{"edits": 3}', '{"number": "x"}', "{" * 2000, "\x00", '{"number": 1e999}', "[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000,
        '{"page": "\\ud800"}', '{"edits": {"\\ud800": {"value": 1}}}', '{"number": 1' + "0" * 6000 + "}",
    ],
    ids=lambda body: body[:20],
)  # fmt: skip
def test_questions_without_shape_are_refused_and_the_next_one_is_answered(server, body):
    status, _, text = request(
        server, "POST", "/api/answer", body, Content_Type="application/json", X_Token=server.session.token
    )
    assert status == (200 if body == '{"edits": 3}' else 400)
    assert json.loads(text)["problems"]
    assert ask(server, "answer", draws=2048)[0] == 200


def test_what_is_overtaken_is_not_computed(server):
    session = server.session
    session.latest("p", "answer", 7)
    assert session.computed("p", "answer", 6, lambda _: pytest.fail("computed")) is None
    assert session.computed("p", "answer", 7, lambda _: 1) == 1
    assert session.computed("other page", "answer", 1, lambda _: 2) == 2


@pytest.mark.parametrize("kind", ["tornado", "bridge"])
def test_a_study_ends_when_its_page_asks_for_a_new_answer(server, kind):
    """Of its own page alone; an answer that came before it is none."""
    edits = {"ev.lines.yu7.orders": {"p50": 18_000}, "ev.launch.decay": {"p50": 0.72}}
    session, began = server.session, []
    work = {
        "tornado": lambda files, asked, check: asking.tornado(files, asked, "", check),
        "bridge": lambda files, asked, check: sides.bridge(files, asked, {}, check),
    }[kind]

    def until_the_second(check):
        def counted():
            began.append(1)
            if len(began) == 2:
                session.latest(f"reader of {kind}", "answer", 12)
            check()

        return work(session.files, Question(edits=edits, draws=2048), counted)

    session.latest("other", "answer", 99)
    session.latest(f"reader of {kind}", "answer", 10)
    session.latest(f"reader of {kind}", kind, 11)
    assert session.computed(f"reader of {kind}", kind, 11, until_the_second) is None
    assert len(began) == 2
    began[:] = [1, 1]
    session.latest(f"reader of {kind}", kind, 13)
    assert session.computed(f"reader of {kind}", kind, 13, until_the_second)


def test_the_days_of_the_page_are_those_of_the_command_line(server):
    _, form = ask(server, "form")
    base = model.load(server.folder / "assumptions.toml", as_of="base")
    reports = {o.reported_on.isoformat() for o in XIAOMI.observed(server.folder, 2026)}
    updates = {e.day.isoformat() for e in model.load(server.folder / "assumptions.toml", as_of="latest").updates}
    assert set(form["days"]) == {day for day in reports | updates if day > base.about.as_of.isoformat()}
    assert form["days"] == sorted(form["days"])
    assert form["days"][-1] == model.load(server.folder / "assumptions.toml", as_of="latest").about.as_of.isoformat()


def test_a_posterior_in_the_making_ends_when_its_page_asks_for_something_else_and_others_share_it(server):
    posteriors, base = server.session.posteriors, server.folder / "assumptions.toml"
    waits, ended = [0, 0], []

    def until_called(which, times):
        def check():
            waits[which] += 1
            if waits[which] > times:
                raise InterruptedError

        return check

    def wait(which, times):
        with contextlib.suppress(InterruptedError):
            posteriors.wait("one", base, "2026-08-20", XIAOMI, until_called(which, times))
        ended.append((which, len(posteriors._work)))

    both = [threading.Thread(target=wait, args=pair) for pair in ((0, 5), (1, 12))]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert ended == [(0, 1), (1, 0)]  # the first that leaves ends nothing, the last ends all
    assert not multiprocessing.active_children()


def test_the_page_opens_again_without_its_token_in_the_address(server):
    token = server.session.token
    _, headers, _ = request(server, "GET", f"/?token={token}")
    cookie = headers["set-cookie"].partition(";")[0]
    assert "HttpOnly" in headers["set-cookie"]
    assert "SameSite=strict" in headers["set-cookie"]
    assert request(server, "GET", "/", Cookie=cookie)[0] == 200
    assert request(server, "GET", "/")[0] == 403
    question = json.dumps({"page": "p", "number": 1})
    assert request(server, "POST", "/api/form", question, Content_Type="application/json", Cookie=cookie)[0] == 403


def test_saving_needs_the_difference_that_was_shown(server):
    question = {
        "edits": {"ev.lines.yu7.orders": {"p50": 21000}},
        "into": "base",
        "was": {"ev.lines.yu7.orders": {"p50": 17500}},
    }
    path = server.folder / "assumptions.toml"
    before = path.read_text()
    _, shown = ask(server, "diff", **question)
    assert "+p50      = 21_000" in shown["diff"]
    assert path.read_text() == before
    path.write_text(before.replace("p90      = 27_000", "p90      = 27_500", 1))
    assert (
        "changed since the difference was shown" in problems(server, "save", **question, diff=shown["diff"])[0]["what"]
    )
    path.write_text(before)
    status, _ = ask(server, "save", **question, diff=shown["diff"])
    assert status == 200
    assert path.read_text() == before.replace("p50      = 17_500", "p50      = 21_000")
    assert ask(server, "form")[1]["groups"]
    path.write_text(before)


def test_a_memo_is_of_what_stands_in_files(server):
    assert "Save them first" in problems(server, "memo", edits={"ev.lines.yu7.orders": {"p50": 21000}})[0]["said"]


def test_a_port_that_is_taken_is_said(server):
    port = int(server.session.host.rpartition(":")[2])
    with pytest.raises(InputError) as refused:
        Served(server.folder / "assumptions.toml", XIAOMI, port)
    assert f"port {port} cannot be had" in str(refused.value)


def test_ctrl_c_ends_it_and_frees_the_port(server):
    command = [sys.executable, "-m", "model", "edit", "--no-browser", "--base", str(server.folder / "assumptions.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        address = running.stdout.readline().strip()
        assert "Ctrl-C ends" in running.stdout.readline()
        port = int(re.search(r":(\d+)/", address)[1])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        try:
            out, err = running.communicate(timeout=20)
        finally:
            running.kill()
    assert running.returncode == 0, err
    assert "The page has ended" in out
    assert err == ""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


YU7 = "ev.lines.yu7.orders"


@pytest.mark.parametrize(
    "content",
    [
        {"edits": {YU7: {"p50": float("nan")}}}, {"edits": {YU7: {"p50": float("inf")}}}, {"edits": {YU7: {"p50": 1e300}}}, {"edits": {YU7: {"p50": 10**400}}},
        {"edits": {YU7: {"p50": {"2026": 1}}}}, {"edits": {YU7: {"p50": [1, 2]}}}, {"edits": {"ev.season": {"value": [1, 2, 3]}}}, {"edits": {YU7: {"p50": None}}},
        {"edits": {YU7: {"from": "2026-09"}}}, {"edits": {YU7: {"why": "x"}}}, {"edits": {"ev.lines.su7.start": {"value": "2024-13-01"}}}, {"edits": [1]},
        {"draws": float("inf")}, {"draws": "x"}, {"scenarios": ["../../etc/passwd"]}, {"scenarios": ["../x.toml"]}, {"scenarios": ["bear", "bull"]},
        {"scenarios": [f"s{n}" for n in range(100_000)]}, {"scenarios": ["bear"] * 2}, {"as_of": "soon"}, {"as_of": "2020-01-01"}, {"edits": {f"x.{n}": {"value": 1} for n in range(2000)}},
    ],
    ids=lambda content: str(content)[:50],
)  # fmt: skip
def test_odd_questions_are_refused_in_words(server, content):
    problems(server, "answer", **content)


@pytest.mark.parametrize(
    "content",
    [
        {"into": "scenario", "name": "../x", "label": "a", "why": "b"}, {"into": "scenario", "name": "a\n", "label": "a", "why": "b"},
        {"into": "base", "was": {YU7: {"p50": 10**400}}}, {"into": "scenario", "name": "x", "label": "a", "why": "b", "scenarios": ["bear"]},
        {"into": "scenario", "name": "a" * 300, "label": "a", "why": "b"}, {"into": "base", "was": {YU7: {"p50": None}}}, {"into": "base"},
        {"into": "scenario", "name": "c1", "label": "a\x00b", "why": "b"}, {"into": "scenario", "name": ["x"], "label": {}, "why": 3}, {"into": "base", "was": [1]},
    ],
    ids=lambda content: str(content)[:50],
)  # fmt: skip
def test_odd_saves_are_refused_and_leave_nothing(server, content):
    before = sorted(p.name for p in server.folder.rglob("*.toml")), (server.folder / "assumptions.toml").read_bytes()
    for kind in ("diff", "save"):
        problems(server, kind, edits={YU7: {"p50": 20000}}, **content)
    assert before == (
        sorted(p.name for p in server.folder.rglob("*.toml")),
        (server.folder / "assumptions.toml").read_bytes(),
    )


@pytest.mark.parametrize("kind", ["crlf", "mark", "link"])
def test_the_bytes_around_a_number_stay_in_files_of_other_editors(server, kind):
    path = server.folder / "assumptions.toml"
    plain = path.read_bytes()
    written = {"crlf": plain.replace(b"\n", b"\r\n"), "mark": b"\xef\xbb\xbf" + plain, "link": plain}[kind]
    real = server.folder / "real.toml" if kind == "link" else path
    if kind == "link":
        path.unlink()
        path.symlink_to(real.name)
    real.write_bytes(written)
    try:
        status, found = ask(server, "save", into="base", was={YU7: {"p50": 17500}}, edits={YU7: {"p50": 21000}})
        assert status == 200, found
        assert real.read_bytes() == written.replace(b"p50      = 17_500", b"p50      = 21_000", 1)
        assert path.is_symlink() == (kind == "link")
    finally:
        path.unlink()
        path.write_bytes(plain)
        (server.folder / "real.toml").unlink(missing_ok=True)


@pytest.mark.slow
def test_the_memo_of_the_page_is_that_of_the_command_line_byte_for_byte(server):
    status, found = ask(server, "memo", scenarios=["price_war"])
    assert status == 200, found
    mine = (
        server.folder / "figures" / "price_war" / "as_of_2026-01-15" / "memo"
    )  # the page of the tests opens on the base case
    command = [
        sys.executable,
        "-m",
        "model",
        "memo",
        "-s",
        "price_war",
        "--as-of",
        "base",
        "--format",
        "md,html",
        "--out",
        "theirs",
    ]
    subprocess.run(command, cwd=server.folder, check=True, capture_output=True)
    names = ["memo.md", "memo.html", "deliveries.png", "tornado.png"]
    assert [(mine / name).read_bytes() for name in names] == [
        (server.folder / "theirs" / name).read_bytes() for name in names
    ]
    status, _, text = request(server, "GET", f"/memo?token={server.session.token}")
    assert (status, text) == (200, (mine / "memo.html").read_text())


def test_numbers_in_nests_are_refused(server):
    nest = 1
    for _ in range(900):
        nest = [nest]
    problems(server, "answer", edits={YU7: {"p50": nest}})


def test_edits_over_a_scenario_become_a_scenario_that_combines_with_it(server):
    question = {"edits": {"ev.launch.decay": {"p50": 0.72}}, "scenarios": ["bear"]}
    _, edited = ask(server, "answer", **question)
    status, _ = ask(server, "save", into="scenario", name="mine", label="a", why="b", **question)
    assert status == 200
    try:
        _, together = ask(server, "answer", scenarios=["bear", "mine"])
        assert together["chance"] == edited["chance"]
    finally:
        (server.folder / "scenarios" / "mine.toml").unlink()


@pytest.mark.parametrize("path", ["/api/form/", "/api/", "/nothing", "//", "/memo/"])
def test_what_is_no_address_of_the_page_is_behind_the_same_checks(server, path):
    assert request(server, "GET", path, Host="evil.example")[0] == 421
    assert request(server, "GET", path)[0] == 403
    status, headers, _ = request(server, "GET", f"{path}?token={server.session.token}")
    assert status == 404
    assert headers["x-content-type-options"] == "nosniff"


def test_what_has_gone_from_the_disk_is_said_and_the_page_goes_on(tmp_path):
    folder = tmp_path / "deep"
    folder.mkdir()
    copied(folder)
    with served(folder) as server:
        server.session.memo = folder / "memo.html"
        assert request(server, "GET", f"/memo?token={server.session.token}")[0] == 404
        folder.rename(tmp_path / "away")
        for kind in ("form", "answer", "diff", "memo"):
            edits = {} if kind == "memo" else {YU7: {"p50": 20000}}
            problems(server, kind, edits=edits, into="base", was={YU7: {"p50": 17500}})
        (tmp_path / "away").rename(folder)
        base = folder / "assumptions.toml"
        base.rename(folder / "kept")
        base.symlink_to(base.name)
        problems(server, "form")
        base.unlink()
        (folder / "kept").rename(base)
        assert ask(server, "answer", draws=2048)[0] == 200


def test_a_number_that_changes_within_the_year_is_edited_as_it_is_after_the_change(server):
    (server.folder / "updates" / "net.toml").write_text(
        "[update]\nlabel = 'l'\nkind = 'fact'\nstory = 's'\n[ev.lines.yu7.net]\nas_of = 2026-05-21\nfrom = '2026-06'\n"
        "p10 = 0.93\np50 = 1.0\np90 = 1.06\nevidence = 'judgement'\nsource = 's'\nwhy = 'w'\n"
    )
    _, found = ask(server, "form", as_of="2026-08-20")
    net = next(f for g in found["groups"] for f in g["fields"] if f["path"] == "ev.lines.yu7.net")
    assert net["keys"] == {"p10": 0.93, "p50": 1.0, "p90": 1.06}
    assert 0.93 < net["curve"][0][16] < 1.06
    assert "from 2026-06" in net["said"]
    case = server.session.files.case(Question(as_of="2026-08-20", edits={"ev.lines.yu7.net": {"p50": 0.99}}))
    assert case["ev.lines.yu7.net"].distribution.parameters["p90"] == 1.06
    set_ = model.load(server.folder / "assumptions.toml", sets=["ev.lines.yu7.net.p90=1.05"], as_of="2026-08-20")
    case = server.session.files.case(Question(as_of="2026-08-20", edits={"ev.lines.yu7.net": {"p90": 1.05}}))
    assert set_["ev.lines.yu7.net"].said == case["ev.lines.yu7.net"].said
