"""The page's feel, measured through the browser: from a typed number to the new headline, and to the sharpened one.

python -m benchmarks.page
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from benchmarks import copied
from tests.editor.serving import served
from tests.editor.test_browser import Address, put, ready, until
from tests.reporting.browser import with_page

TIMES, PATH = 25, "ev.lines.yu7.orders"
QUIET, BUSY = 2.0, 0.85  # seconds after an answer: the studies have ended; the tornado has begun, 0.7 s after it


def at_today() -> list[float]:
    """Milliseconds from a typed number to the headline, on the latest day."""
    with tempfile.TemporaryDirectory() as name:
        folder = copied(Path(name), "scenarios", "data", "updates", "posteriors")
        with served(folder, "latest") as server:

            async def script(page):  # noqa: ANN001, ANN202
                await until(page, "document.body.dataset.studied === 'yes'", 120)
                found = []
                for n in range(TIMES):
                    await page.ask("delete document.body.dataset.quick")
                    await put(page, PATH, "p50", str(16_000 + 137 * n))
                    await until(page, "document.body.dataset.quick !== undefined")
                    found.append(float(await page.ask("document.body.dataset.quick")))
                    await asyncio.sleep(0.3)
                return found

            made: list[float] = with_page(Address(server), script)
            return made


def main() -> None:
    """Print the medians beside what was asked."""
    with tempfile.TemporaryDirectory() as name:
        folder = copied(Path(name), "scenarios", "data", "updates")
        with served(folder) as server:

            async def typed(page, number, wait):  # noqa: ANN001, ANN202
                await put(page, PATH, "p50", str(number))
                await ready(page)
                found = [float(await page.ask(f"document.body.dataset.{which}")) for which in ("quick", "fine")]
                await asyncio.sleep(wait)
                return found

            async def script(page):  # noqa: ANN001, ANN202
                await ready(page)
                await until(page, "document.body.dataset.studied === 'yes'")
                quiet = [await typed(page, 17_600 + 100 * n, QUIET) for n in range(TIMES)]
                busy = [await typed(page, 17_650 + 100 * n, BUSY) for n in range(TIMES + 1)][1:]
                return quiet, busy

            quiet, busy = with_page(Address(server), script)
    for what, found in (("", quiet), (", the tornado under way", busy)):
        quick, fine = ([each[n] for each in found] for n in (0, 1))
        print(
            f"from a typed number to the headline of 8,192 draws{what}: median {statistics.median(quick):.0f} ms, slowest {max(quick):.0f} (asked: 250)"
        )
        print(
            f"to the sharpened one of 32,768 draws{what}: median {statistics.median(fine):.0f} ms, slowest {max(fine):.0f}"
        )
    today = at_today()
    print(
        f"to the headline at today's day: median {statistics.median(today):.0f} ms, slowest {max(today):.0f} (asked: 250)"
    )


if __name__ == "__main__":
    main()
