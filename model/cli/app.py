"""The command line: `model`, or `python -m model`. It holds no arithmetic.

Exit codes: 0 done, 1 a figure no longer holds (`verify`) or a known answer differs (`selftest`), 2 the input cannot be used
(said on standard error, nothing written), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import typer

import model
from model.cli import compare, memo, outside_view, posterior, record, renamed, report, run, studies, terminal, why
from model.cli.options import COMMANDS

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Scenario forecasts of Xiaomi: EV deliveries against the target, segment margins, revenue mix.",
)


def _version(asked: bool) -> None:
    if asked:
        print(f"xiaomi-scenario-model {model.__version__}")
        raise typer.Exit


@app.callback()
def _app(
    version: bool = typer.Option(
        False, "--version", help="Say which version this is.", callback=_version, is_eager=True
    ),
) -> None:
    pass


FRONT = (
    "run",
    "edit",
    "report",
    "compare",
    "why",
    "solve",
    "sweep",
    "memo",
    "check",
)  # in the order in which they are listed

for _module in (run, report, memo, studies, why, posterior, outside_view, record, compare, renamed):
    for _one in COMMANDS:
        if _one.module == _module.__name__:
            app.command(name=_one.run.__name__, **_one.settings)(_one.run)


def main() -> None:
    """Run the `model` command."""
    with terminal.safe():
        app()
