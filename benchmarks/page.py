"""The page's feel, measured through the browser: from a typed number to the new headline, and to the sharpened one.

python -m benchmarks.page
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from benchmarks import copied
from tests.page.serving import served
from tests.page.test_browser import Address, put, ready, until
from tests.reporting.browser import with_page

TIMES, PATH = 25, "ev.lines.yu7.orders"


def main() -> None:
    """Print the medians beside what was asked."""
    with tempfile.TemporaryDirectory() as name:
        folder = copied(Path(name), "scenarios", "data", "updates")
        with served(folder) as server:

            async def script(page):  # noqa: ANN001, ANN202
                await ready(page)
                await until(page, "document.body.dataset.studied === 'yes'")
                quick, fine = [], []
                for n in range(TIMES):
                    await put(page, PATH, "p50", str(17_600 + 100 * n))
                    await ready(page)
                    quick.append(float(await page.ask("document.body.dataset.quick")))
                    fine.append(float(await page.ask("document.body.dataset.fine")))
                    await asyncio.sleep(1.5)  # the studies after an edit have ended
                return quick, fine

            quick, fine = with_page(Address(server), script)
    print(
        f"from a typed number to the headline of 8,192 draws: median {statistics.median(quick):.0f} ms, slowest {max(quick):.0f} (asked: 250)"
    )
    print(f"to the sharpened one of 32,768 draws: median {statistics.median(fine):.0f} ms, slowest {max(fine):.0f}")


if __name__ == "__main__":
    main()
