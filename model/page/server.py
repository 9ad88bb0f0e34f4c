"""The server of the page: this machine only, a token in the address, Host and Origin checked, nothing loaded from elsewhere."""

from __future__ import annotations

import dataclasses
import hmac
import json
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import model
from model.errors import InputError, Problem
from model.files.toml import shown
from model.page import asked as asking
from model.page import saving
from model.page.asked import Asked, Files
from model.simulation.business import Business

LOOPBACK = "127.0.0.1"
LARGEST = 2_000_000  # bytes of a request
POLICY = "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Desk:
    """What the server holds: the files, one computation at a time, and of each page the number of its latest question."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.token = secrets.token_urlsafe(24)
        self.host = ""
        self.memo: Path | None = None  # written last
        self._one = threading.Lock()
        self._latest: dict[tuple[str, str], int] = {}

    def latest(self, page: str, kind: str, number: int) -> None:
        """Note a question; an earlier one of its page and kind is overtaken."""
        self._latest[page, kind] = max(number, self._latest.get((page, kind), -1))

    def overtaken(self, page: str, kind: str, number: int) -> bool:
        """Whether a later question of this page has come."""
        return number < self._latest.get((page, kind), -1)

    def computed(self, page: str, kind: str, number: int, work: Callable[[], Any]) -> Any:
        """What the work gives, one at a time; None for a question that was overtaken while it waited."""
        with self._one:
            return None if self.overtaken(page, kind, number) else work()


def app(desk: Desk) -> Starlette:
    """The routes, each behind the checks."""

    def route(path: str, work: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
        async def guarded(request: Request) -> Response:
            refused = _refused(request, desk)
            made = refused if refused is not None else await work(request)
            made.headers.setdefault("Cache-Control", "no-store")
            made.headers["X-Content-Type-Options"] = "nosniff"
            made.headers["Referrer-Policy"] = "no-referrer"
            return made

        return Route(path, guarded, methods=list(methods))

    def asks(kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            return await _answered(request, desk, kind)

        return answered

    async def first(_: Request) -> Response:
        return _page(desk)

    async def memo(_: Request) -> Response:
        return _memo(desk)

    return Starlette(
        routes=[
            route("/", first, "GET"),
            route("/memo", memo, "GET"),
            *(route(f"/api/{kind}", asks(kind), "POST") for kind in KINDS),
        ]
    )


def _refused(request: Request, desk: Desk) -> Response | None:
    """A refusal for another host, another site, a wrong token, or a form; None where all is well."""
    if request.headers.get("host") not in (desk.host, desk.host.replace(LOOPBACK, "localhost")):
        return PlainTextResponse("This page answers to its own address only.", 421)
    origin = request.headers.get("origin")
    if origin is not None and origin not in (
        f"http://{desk.host}",
        f"http://{desk.host.replace(LOOPBACK, 'localhost')}",
    ):
        return PlainTextResponse("This page takes no questions from another site.", 403)
    given = request.headers.get("x-token") or (request.query_params.get("token", "") if request.method == "GET" else "")
    if not hmac.compare_digest(given.encode(), desk.token.encode()):
        return PlainTextResponse("The address that `model edit` printed has a token, and this one has not.", 403)
    if request.method == "POST" and request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return PlainTextResponse("Questions are asked in JSON.", 415)
    return None


def _page(desk: Desk) -> Response:
    """The page, with its script and style in it."""
    nonce = secrets.token_urlsafe(16)
    held = resources.files("model.page")
    text = held.joinpath("page.html").read_text(encoding="utf-8")
    for name in ("page.css", "page.js"):
        text = text.replace("{{" + name + "}}", held.joinpath(name).read_text(encoding="utf-8"))
    dial = resources.files("model.reporting.memo").joinpath("dial.js").read_text(encoding="utf-8")
    text = text.replace("{{dial.js}}", dial).replace("{{nonce}}", nonce).replace("{{token}}", desk.token)
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY.format(nonce=nonce)})


def _memo(desk: Desk) -> Response:
    """The memo that was written last, as a file to keep."""
    if desk.memo is not None:
        return Response(
            desk.memo.read_bytes(),
            media_type="text/html",
            headers={"Content-Disposition": 'attachment; filename="memo.html"'},
        )
    return PlainTextResponse("No memo was written yet.", 404)


async def _answered(request: Request, desk: Desk, kind: str) -> Response:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return PlainTextResponse("That is more than a page asks.", 413)
    try:
        content = json.loads(body)
        page, number = str(content.get("page", "")), int(content.get("number", 0))
    except (ValueError, AttributeError, TypeError):
        return JSONResponse(
            {"problems": [{"what": "the page asked in a form that is not known", "hint": "Load it again"}]}, 400
        )
    desk.latest(page, kind, number)
    try:
        found = await run_in_threadpool(desk.computed, page, kind, number, lambda: KINDS[kind](desk, content))
    except InputError as error:
        return JSONResponse({"problems": [_problem(p) for p in error.problems], "number": number}, 422)
    if found is None:
        return JSONResponse({"overtaken": True, "number": number}, 409)
    return JSONResponse({**found, "number": number})


def _problem(problem: Problem) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(problem).items() if value} | {"said": str(problem)}


def _form(desk: Desk, content: Any) -> dict[str, Any]:
    return asking.form(desk.files, Asked.of(content))


def _changed(desk: Desk, content: Any) -> saving.Change:
    asked = Asked.of(content)
    if content.get("into") == "base":
        try:
            was = asking.edits_of(content.get("was") or {})
        except AttributeError:
            raise InputError(Problem("the page asked in a form that is not known", "Load it again")) from None
        return saving.into_base(desk.files, asked, was)
    words = [str(content.get(key, "")) for key in ("name", "label", "why")]
    return saving.as_scenario(desk.files, asked, *words)


def _diff(desk: Desk, content: Any) -> dict[str, Any]:
    return _changed(desk, content).shown


def _save(desk: Desk, content: Any) -> dict[str, Any]:
    """Write what was shown; the page loads the form again."""
    change = _changed(desk, content)
    if content.get("diff") is not None and content["diff"] != change.shown["diff"]:
        raise InputError(
            Problem("the file was changed since the difference was shown", "Look at it again", file=shown(change.path))
        )
    change.write()
    return {"saved": shown(change.path)}


def _memo_of(desk: Desk, content: Any) -> dict[str, Any]:
    """The memo of the case as it stands in files: the same as from the command line."""
    asked = Asked.of(content)
    if asked.edits:
        raise InputError(Problem("the edits stand in no file yet", "Save them first; a memo says which files made it"))
    made = model.memo(model.study(desk.files.case(asked), desk.files.business))
    page = next((file for file in made.files if file.suffix == ".html"), None)
    desk.memo = page
    return {"title": made.title, "files": [shown(file) for file in made.files]}


def _figures(desk: Desk, content: Any) -> dict[str, Any]:
    """The figures of the case as it stands in files: the same as from the command line."""
    asked = Asked.of(content)
    if asked.edits:
        raise InputError(
            Problem("the edits stand in no file yet", "Save them first; a figure says which files made it")
        )
    folder = model.draw_figures(desk.files.case(asked), business=desk.files.business)
    return {"files": [shown(folder)]}


KINDS: dict[str, Callable[[Desk, Any], dict[str, Any]]] = {
    "form": _form,
    "answer": lambda desk, content: asking.answer(desk.files, Asked.of(content)),
    "tornado": lambda desk, content: asking.tornado(desk.files, Asked.of(content)),
    "bridge": lambda desk, content: asking.bridge(desk.files, Asked.of(content)),
    "learned": lambda desk, content: asking.learned(desk.files, Asked.of(content)),
    "diff": _diff,
    "save": _save,
    "memo": _memo_of,
    "figures": _figures,
}


class Served:
    """A running server: its address, and how to end it."""

    def __init__(self, base: Path, business: Business, port: int = 0) -> None:
        """Bind a port of this machine, a free one for 0; InputError where it is taken."""
        self.desk = Desk(Files(base, business))
        self.desk.files.loaded(None)  # what is wrong with the files is said before anything opens
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.bind((LOOPBACK, port))
        except OSError as error:
            self._socket.close()
            raise InputError(
                Problem(
                    f"port {port} cannot be had: {error.strerror}", "Leave --port out for a free one", path="--port"
                )
            ) from None
        self.desk.host = f"{LOOPBACK}:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                app(self.desk), log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=2
            )
        )

    @property
    def address(self) -> str:
        """What to open."""
        return f"http://{self.desk.host}/?token={self.desk.token}"

    def run(self) -> None:
        """Serve until Ctrl-C, or `stop`."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End it from another thread."""
        self._server.should_exit = True
