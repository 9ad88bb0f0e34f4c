"""A page that is served for a test, and what asks it without a browser."""

import contextlib
import http.client
import json
import threading
import time

from model.editor.server import Served
from model.xiaomi.business import XIAOMI


@contextlib.contextmanager
def served(folder, as_of="base"):
    """The page of a folder, until the block ends; as_of : the day on which it opens."""
    server = Served(folder / "assumptions.toml", XIAOMI, as_of=as_of)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(100):
        with contextlib.suppress(OSError):
            if request(server, "GET", f"/?token={server.session.token}")[0] == 200:
                break
        time.sleep(0.05)
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)


def request(server, method, path, body=None, **headers):
    """(status, headers, text) of a request as its words say."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server.session.host.rpartition(":")[2]), timeout=60)
    try:
        connection.request(
            method, path, body, {"Host": server.session.host} | {k.replace("_", "-"): v for k, v in headers.items()}
        )
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read().decode()
    finally:
        connection.close()


def ask(server, kind, /, *, token=None, **content):
    """The answer of the page's server to a question, and its status."""
    token = server.session.token if token is None else token
    body = json.dumps({"page": "test", "number": time.monotonic_ns() // 1000, **content})
    status, _, text = request(server, "POST", f"/api/{kind}", body, Content_Type="application/json", X_Token=token)
    return status, json.loads(text) if text.startswith("{") else text


def problems(server, kind, /, **content):
    """What is wrong with a question that has a shape; each is said in words."""
    status, found = ask(server, kind, **content)
    assert status == 200, found
    assert found["problems"]
    assert all(p["said"] for p in found["problems"])
    return found["problems"]
