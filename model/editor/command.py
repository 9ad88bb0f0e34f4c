"""The command that opens the editor."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from model.errors import InputError, Problem, to_install

EXAMPLES = "Examples:  model edit  |  model edit --no-browser --port 8765"


def edit(
    base: Annotated[Path, typer.Option("--base", help="The base case.", metavar="FILE")] = Path("assumptions.toml"),
    port: Annotated[
        int,
        typer.Option(
            "--port", help="A port of this machine.", metavar="N", show_default="a free one", min=0, max=65535
        ),
    ] = 0,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            help="The day on which the page opens: latest, a day, or base: the base case before any report.",
            metavar="DAY",
        ),
    ] = "latest",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address, and open nothing.")] = False,
) -> None:
    """Edit the assumptions on a page of your own machine: the answer beside them, saved into the file or as a scenario."""
    try:
        from model.editor.server import Served
    except ImportError:
        hint = to_install("page")
        raise InputError(Problem("the page needs the packages starlette, uvicorn and tomlkit", hint)) from None
    from model.xiaomi.business import XIAOMI

    served = Served(base, XIAOMI, port, as_of)
    signal.signal(signal.SIGINT, lambda *_: served.stop())  # from here on, whatever runs when Ctrl-C comes
    print(f"{served.address}\nThis machine alone can open it. Ctrl-C ends.", flush=True)
    if not no_browser:
        import webbrowser

        webbrowser.open(served.address)
    served.run()
    print("The page has ended; what was saved is in the files.", flush=True)
    if served.session.at_work:  # a computation that nobody waits for any more would keep the process for up to a minute
        os._exit(0)
