"""A page in headless Chromium, moved and read through its debugging port."""

import asyncio
import contextlib
import gc
import itertools
import json
import shutil
import subprocess
import tempfile
import warnings

import pytest
from tornado.websocket import websocket_connect

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: `apt-get install chromium`")


class Page:
    """One page: what it was asked, what it complained of, what it fetched."""

    def __init__(self, socket):
        self.socket, self.numbers = socket, itertools.count(1)
        self.complaints, self.requests = [], []

    async def call(self, method, **parameters):
        number = next(self.numbers)
        await self.socket.write_message(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.read_message(), 30))
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded") or (
                message.get("method") == "Runtime.consoleAPICalled" and message["params"]["type"] == "error"
            ):
                self.complaints.append(message["params"])
            elif message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    async def ask(self, expression):
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    async def mouse(self, kind, x, y, buttons):
        await self.call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="left",
            buttons=buttons,
            clickCount=1,
            pointerType="mouse",
        )


def with_page(path, script):
    """Open a file in a fresh browser and run an async function of the `Page`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0",
             "--window-size=900,1400", f"--user-data-dir={profile}", "about:blank"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            address = next(line.split()[-1] for line in browser.stderr if line.startswith("DevTools listening on"))
            return asyncio.run(_visit(address, path, script))
        finally:
            browser.kill()
            browser.wait()
            browser.stderr.close()
            with (
                warnings.catch_warnings()
            ):  # sockets whose other end was killed are closed by the collector, which says so
                warnings.simplefilter("ignore", ResourceWarning)
                gc.collect()


async def _visit(address, path, script):
    root = await websocket_connect(address, max_message_size=50_000_000)
    opened = await Page(root).call("Target.createTarget", url="about:blank")
    place = address.partition("/devtools/")[0]
    socket = await websocket_connect(f"{place}/devtools/page/{opened['targetId']}", max_message_size=50_000_000)
    page = Page(socket)
    for domain in ("Page", "Runtime", "Log", "Network"):
        await page.call(f"{domain}.enable")
    await page.call("Page.navigate", url=path.as_uri())
    for _ in range(100):
        if await page.ask("document.readyState") == "complete":
            break
        await asyncio.sleep(0.05)
    try:
        return await script(page)
    finally:
        with contextlib.suppress(Exception):
            socket.close()
            root.close()
