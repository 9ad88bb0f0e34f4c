"""The server of the page: this machine only, a token in the address, Host and Origin checked, nothing loaded from elsewhere."""

from __future__ import annotations

import dataclasses
import hmac
import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from types import FrameType
from typing import Any

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from model.editor.question import Files
from model.editor.questions import KINDS, SHAPELESS, made_before
from model.editor.session import Session
from model.errors import InputError, Problem
from model.files.toml_reader import shown
from model.inference.as_of import day_named
from model.simulation.business import Business

LOOPBACK = "127.0.0.1"
LARGEST = 2_000_000  # bytes of a request
POLICY = "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def app(session: Session) -> Starlette:
    """The routes, all behind the checks; what is no route too."""

    async def guarded(request: Request, work: RequestResponseEndpoint) -> Response:
        refused = _refused(request, session)
        made = refused if refused is not None else await work(request)
        made.headers.setdefault("Cache-Control", "no-store")
        made.headers["X-Content-Type-Options"] = "nosniff"
        made.headers["Referrer-Policy"] = "no-referrer"
        return made

    def asks(kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            return await _answered(request, session, kind)

        return answered

    async def first(_: Request) -> Response:
        return _page(session)

    async def memo(_: Request) -> Response:
        return _memo(session)

    made = Starlette(
        routes=[
            Route("/", first, methods=["GET"]),
            Route("/memo", memo, methods=["GET"]),
            *(Route(f"/api/{kind}", asks(kind), methods=["POST"]) for kind in KINDS),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guarded)],
    )
    made.router.redirect_slashes = False
    return made


def _refused(request: Request, session: Session) -> Response | None:
    """A refusal for another host, another site, a wrong token, or a form; None where all is well."""
    if request.headers.get("host") not in (session.host, session.host.replace(LOOPBACK, "localhost")):
        return PlainTextResponse("This page answers to its own address only.", 421)
    origin = request.headers.get("origin")
    if origin is not None and origin not in (
        f"http://{session.host}",
        f"http://{session.host.replace(LOOPBACK, 'localhost')}",
    ):
        return PlainTextResponse("This page takes no questions from another site.", 403)
    given = request.headers.get("x-token") or ""
    if request.method == "GET" and not given:  # by its address, or once it was opened by what the browser keeps
        given = request.query_params.get("token") or request.cookies.get(_cookie(session), "")
    if not hmac.compare_digest(given.encode(), session.token.encode()):
        return PlainTextResponse("The address that `model edit` printed has a token, and this one has not.", 403)
    if request.method == "POST" and request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return PlainTextResponse("Questions are asked in JSON.", 415)
    return None


def _page(session: Session) -> Response:
    """The page, with its script and style in it."""
    nonce = secrets.token_urlsafe(16)
    held, memo = resources.files("model.editor"), resources.files("model.reporting.memo")
    parts = {
        "page": held.joinpath("page.html"),
        "css": held.joinpath("page.css"),
        "js": held.joinpath("page.js"),
        "dial": memo.joinpath("dial.js"),
    }
    read = {name: place.read_text(encoding="utf-8") for name, place in parts.items()}
    text = jinja2.Template(read.pop("page")).render(read, nonce=nonce, token=session.token)
    made = HTMLResponse(text, headers={"Content-Security-Policy": POLICY.format(nonce=nonce)})
    made.set_cookie(_cookie(session), session.token, httponly=True, samesite="strict")
    return made


def _cookie(session: Session) -> str:
    """Name of the cookie by which the page opens again: the token stays in no address."""
    return f"edit-{session.host.rpartition(':')[2]}"


def _memo(session: Session) -> Response:
    """The memo that was written last, as a file to keep."""
    try:
        content = session.memo.read_bytes() if session.memo is not None else None
    except OSError:  # it has been moved or taken away since
        content = None
    if content is None:
        return PlainTextResponse("There is no memo that was written from this page.", 404)
    return Response(
        content, media_type="text/html", headers={"Content-Disposition": 'attachment; filename="memo.html"'}
    )


async def _answered(request: Request, session: Session, kind: str) -> Response:
    """The answer in JSON; what is wrong with the case, and being overtaken, are answers too: a browser logs other statuses."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return PlainTextResponse("That is more than a page asks.", 413)
    except ClientDisconnect:
        return PlainTextResponse("The question broke off.", 400)
    try:
        content = json.loads(body, parse_int=_whole)
        _ = json.dumps(content, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no text
        page, number = str(content.get("page", "")), int(content.get("number", 0))
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return JSONResponse({"problems": [_problem(SHAPELESS)]}, 400)
    session.latest(page, kind, number)
    problems = []
    try:
        found = await run_in_threadpool(
            session.computed,
            page,
            kind,
            number,
            lambda check: KINDS[kind](session, content, check),
            lambda check: made_before(session, kind, content, check),
        )
    except InputError as error:
        problems = list(error.problems)
    except RecursionError:  # nested more deeply than any number is
        problems = [SHAPELESS]
    except OSError as error:
        place = shown(Path(error.filename)) if isinstance(error.filename, str) else ""
        what = f"a file cannot be read or written: {error.strerror or error}"
        problems = [Problem(what, "Look at it, then ask again", place)]
    if problems:
        said = [_problem(p) for p in problems]
        return JSONResponse({"problems": said, "number": number, "stamp": session.files.said})
    return JSONResponse({**(found or {"overtaken": True}), "number": number})


def _whole(text: str) -> float:
    """A whole number of JSON; one that no float can hold as infinity, which is refused where it is checked."""
    return int(text) if len(text) < 300 else float(text)


def _problem(problem: Problem) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(problem).items() if value} | {"said": str(problem)}


class _Server(uvicorn.Server):
    """Ends what is being made as soon as it is to end, so that nobody is waited for."""

    def __init__(self, session: Session, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._session = session

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._session.posteriors.close()
        super().handle_exit(sig, frame)


class Served:
    """A running server: its address, and how to end it."""

    def __init__(self, base: Path, business: Business, port: int = 0, as_of: str = "base") -> None:
        """Bind a port of this machine, a free one for 0; InputError where it is taken. as_of : the day on which a page opens."""
        files = Files(base, business)
        plain = files.loaded(None)  # what is wrong with the files is said before anything opens
        day = day_named(as_of, plain, business)
        files.start = None if day == plain.about.as_of else day.isoformat()
        self.session = Session(files)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.bind((LOOPBACK, port))
            self._socket.listen(128)  # whoever comes before the server runs waits for it
        except OSError as error:
            self._socket.close()
            raise InputError(
                Problem(
                    f"port {port} cannot be had: {error.strerror}", "Leave --port out for a free one", path="--port"
                )
            ) from None
        self.session.host = f"{LOOPBACK}:{self._socket.getsockname()[1]}"
        self._server = _Server(
            self.session,
            uvicorn.Config(
                app(self.session), log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=2
            ),
        )

    @property
    def address(self) -> str:
        """What to open."""
        return f"http://{self.session.host}/?token={self.session.token}"

    def run(self) -> None:
        """Serve until Ctrl-C, or `stop`."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.session.posteriors.close()

    def stop(self) -> None:
        """End it from another thread."""
        self.session.posteriors.close()
        self._server.should_exit = True
