"""The command line: `model`, or `python -m model`. It holds no arithmetic.

Exit codes: 0 done, 2 the input cannot be used (said on standard error, nothing written).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from model.errors import InputError, Problem

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Scenario forecasts of Xiaomi: EV deliveries against the target, segment margins, revenue mix.",
)

Scenarios = Annotated[
    list[str] | None,
    typer.Option("-s", "--scenario", help="A scenario in scenarios/, or a file. Repeat to combine.", metavar="NAME"),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="A quick what-if: PATH=VALUE, or PATH.p50=VALUE. Repeat for more.", metavar="PATH=VALUE"
    ),
]
DrawCount = Annotated[
    int | None, typer.Option("--draws", help="At least this many draws (default 32,768).", metavar="N")
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of all draws.", metavar="K")]
Base = Annotated[Path, typer.Option("--base", help="The base case.", metavar="FILE")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for what is written (default: figures/, or figures/SCENARIO/).", metavar="DIR"),
]
Size = Annotated[str, typer.Option("--size", help="word (6.27 in), half (2.9 in) or slide (12.3 in).")]
Formats = Annotated[str, typer.Option("--format", help="png, svg, pdf, with commas between.")]
BASE = Path("assumptions.toml")


@contextmanager
def _speaking_plainly() -> Iterator[None]:
    """Problems as bullets on standard error, exit code 2."""
    try:
        yield
    except InputError as error:
        for problem in error.problems:
            print(f"- {problem}", file=sys.stderr)
        raise typer.Exit(2) from None
    except MemoryError:
        print("- there is not enough memory for so many draws. Lower --draws", file=sys.stderr)
        raise typer.Exit(2) from None


@app.command(
    epilog="Examples:  model run  |  model run -s price_war -s memory_squeeze  |  model run --set ev.lines.yu7.orders=25_000 --no-figures"
)
def run(
    scenario: Scenarios = None,
    sets: Sets = None,
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the headline's numbers as JSON.")] = False,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Tables only.")] = False,
    draws_out: Annotated[
        Path | None,
        typer.Option("--draws-out", help="Keep the draws of all outcomes in a Parquet file.", metavar="FILE"),
    ] = None,
    base: Base = BASE,
) -> None:
    """Simulate the base case or a scenario: print the headline, write tables and figures."""
    started = time.perf_counter()
    with _speaking_plainly():
        from model import headline, outputs

        assumptions = _load(base, scenario, sets)
        folder = out or _folder(assumptions.root, assumptions.scenario)
        outputs.check_writable(folder)
        if draws_out is not None:
            _check_parquet(draws_out)
        result = _simulate(assumptions, draws, seed)
        before = outputs.read_manifest(folder)
        numbers = headline.numbers(result)
        with outputs.staged(folder) as stage:
            outputs.write_results(result.rows(), stage)
            outputs.write_manifest(result, numbers, stage)
            if not no_figures:
                from model import figures

                figures.save_all(result, stage)
        if draws_out is not None:
            outputs.write_draws(result, draws_out)
        after = outputs.read_manifest(folder)
        if as_json:
            print(
                json.dumps({**outputs.manifest(assumptions, result.draws, result.seed), "headline": numbers}, indent=1)
            )
            return
        lines = headline.text(result)
        if before and after and (changed := headline.difference(before, after)):
            lines += ["", *changed]
        kinds = "tables" if no_figures else "tables and figures"
        rounding = f" ({draws:,} asked for, rounded up)" if draws and draws != result.draws else ""
        lines += [
            "",
            f"{result.draws:,} draws{rounding} in {result.seconds:.2f} s, all in {time.perf_counter() - started:.1f} s; {kinds} in {_shown(folder)}/",
        ]
        print("\n".join(lines))


@app.command(epilog="Example:  model check")
def check(base: Base = BASE) -> None:
    """Check the assumptions and every scenario, simulate nothing."""
    with _speaking_plainly():
        from model.overlays import scenario_names

        assumptions = _load(base, None, None)
        names = scenario_names(assumptions.root)
        problems: list[Problem] = []
        for name in names:
            try:
                _load(base, [name], None)
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        uncertain = sum(entry.distribution.uncertain for entry in assumptions.entries.values())
        print(
            f"{base}: {len(assumptions.entries)} assumptions, {uncertain} of them uncertain, {len(assumptions.correlations)} correlations"
        )
        print(f"scenarios: {', '.join(names) or 'none'}")
        print("All is well.")


@app.command(epilog="Examples:  model show  |  model show ev.lines.yu7  |  model show ev.book -s bull")
def show(
    path: Annotated[str, typer.Argument(help="An assumption or a table of them; everything by default.")] = "",
    scenario: Scenarios = None,
    sets: Sets = None,
    base: Base = BASE,
) -> None:
    """Read the inputs back: what each number implies, its unit and source."""
    with _speaking_plainly():
        from model import readback

        lines = readback.lines(_load(base, scenario, sets), path)
        print("\n".join(lines))


@app.command(epilog="Examples:  model compare bull bear  |  model compare price_war+memory_squeeze")
def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(help="Scenarios to set beside the base case; join with + to combine.", metavar="SCENARIO ..."),
    ],
    draws: DrawCount = None,
    seed: Seed = 2026,
    base: Base = BASE,
) -> None:
    """Set scenarios beside the base case: what they change, and what that does, on the same draws."""
    with _speaking_plainly():
        from model import comparison

        loaded = [_load(base, None, None), *(_load(base, name.split("+"), None) for name in scenarios)]
        print("\n".join(comparison.lines([_simulate(a, draws, seed) for a in loaded])))


@app.command(epilog="Examples:  model figure deliveries  |  model figure all -s bear --size slide --format png,pdf")
def figure(
    name: Annotated[str, typer.Argument(help="A figure's name, or all.", metavar="NAME")],
    scenario: Scenarios = None,
    sets: Sets = None,
    draws: DrawCount = None,
    seed: Seed = 2026,
    out: Out = None,
    size: Size = "word",
    formats: Formats = "png,svg",
    base: Base = BASE,
) -> None:
    """Draw one figure, or all, with the CSV of what is drawn and alt text beside it."""
    with _speaking_plainly():
        from model import figures, outputs

        chosen = figures.chosen(name, size, formats.split(","))
        assumptions = _load(base, scenario, sets)
        folder = out or _folder(assumptions.root, assumptions.scenario)
        outputs.check_writable(folder)
        result = _simulate(assumptions, draws, seed)
        with outputs.staged(folder) as stage:
            figures.save_all(result, stage, names=chosen, size=size, formats=formats.split(","))
        for each in chosen:
            print(f"{_shown(folder)}/{each}")


@app.command(epilog="Example:  model new taiwan_strait")
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and _.", metavar="NAME")],
    base: Base = BASE,
) -> None:
    """Write a scenario to start from: scenarios/NAME.toml."""
    with _speaking_plainly():
        from model import starter

        print(f"{_shown(starter.write(base, name))}: edit it, then `model check` and `model run -s {name}`")


def _load(base: Path, scenario: list[str] | None, sets: list[str] | None) -> Any:
    from model.loading import load
    from model.simulation import audit

    assumptions = load(base, scenario or [], sets or [])
    problems = audit(assumptions)
    if problems:
        from model import toml_files

        text = base.read_text(encoding="utf-8")
        raise InputError(
            [
                Problem(
                    p.what, p.hint, p.file or toml_files.shown(base), p.line or toml_files.line_of(text, p.path), p.path
                )
                for p in problems
            ]
        )
    return assumptions


def _simulate(assumptions: Any, draws: int | None, seed: int) -> Any:
    from model.simulation import DRAWS, simulate

    return simulate(assumptions, draws=DRAWS if draws is None else draws, seed=seed)


def _folder(root: Path, scenario: str) -> Path:
    return root / "figures" if scenario == "base" else root / "figures" / scenario


def _check_parquet(path: Path) -> None:
    from model import outputs

    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InputError(Problem("--draws-out needs pyarrow", "pip install 'xiaomi-scenario-model[parquet]'")) from None
    outputs.check_writable(path.parent)


def _shown(path: Path) -> str:
    from model.toml_files import shown

    return shown(path)


def main() -> None:
    """Entry point of the `model` command."""
    app()
