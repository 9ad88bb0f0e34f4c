"""Sweeps in files, scenarios/sweeps/NAME.toml, so that the sweep of a memo can be run again.

[sweep]
label    = "Orders of both lines"
why      = "..."
measures = ["chance", "stand.margin"]
scenario = ["price_war"]                   # optional
latin    = 200                             # optional: points of a Latin hypercube instead of a grid

[[axis]]
path   = "lemons.price"
key    = "p50"                             # value (default), p50, quantile, shift, scale
from   = 12_000
to     = 24_000
points = 25                                # or at = [12_000, 18_000, 24_000]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from model.assumptions.assumption import Assumptions
from model.assumptions.case import Layer
from model.assumptions.parser import Parser
from model.assumptions.schema import Number, ScenarioName, Strict, Text
from model.errors import InputError, Problem, near
from model.files.table import file_name
from model.files.toml_reader import files_in, shown
from model.simulation.business import Business, Function
from model.simulation.metric import metric
from model.studies.sweep import HOW, Axis, Plan, axis, plan, spaced

FOLDER = Path("scenarios") / "sweeps"
RESERVED = (
    "sweep",
    "tornado",
    "variance",
    "explain",
    "solve",
    "equal_chance",
    "bridge",
    "memo",
    "results",
    "manifest",
)  # names of other tables


class SweepHead(Strict):
    """The head of a sweep file."""

    label: Text
    why: Text
    measures: Annotated[list[Text], Field(min_length=1)]
    scenario: tuple[ScenarioName, ...] = ()
    latin: Annotated[Number | None, Field(ge=1, multiple_of=1)] = None


class SweepAxis(Strict):
    """One axis of a sweep file: from, to and points, or a list of numbers."""

    path: Text
    key: Literal["value", "p50", "quantile", "shift", "scale"] = "value"
    from_: Annotated[Number | None, Field(alias="from")] = None
    to: Number | None = None
    points: Annotated[Number | None, Field(ge=2, le=100_000, multiple_of=1)] = None
    at: Annotated[list[Number] | None, Field(min_length=1)] = None

    def numbers(self, *, latin: bool) -> tuple[float, ...]:
        """The numbers of the axis (its two ends for a Latin hypercube), or ValueError(what, hint)."""
        if self.at is not None and latin:
            raise ValueError("a Latin hypercube chooses between two ends", "from and to instead of at")
        if self.at is not None:
            if (self.from_, self.to, self.points) != (None, None, None):
                raise ValueError("has `at` and also a range", "Keep one of them")
            return tuple(self.at)
        if self.from_ is None or self.to is None:
            raise ValueError("has no numbers", "from, to and points; or at = [..]")
        if latin:
            if self.points is not None:
                raise ValueError("a Latin hypercube has no points along an axis", "from and to are enough")
            return (self.from_, self.to)
        if self.points is None:
            raise ValueError("has no points", "points = 21")
        return spaced(self.from_, self.to, int(self.points))


@dataclass(frozen=True)
class SweepFile:
    """A sweep file that could be read."""

    name: str
    parser: Parser
    head: SweepHead
    axes: tuple[Axis, ...]

    def plan(self, assumptions: Assumptions, business: Business | Function, seed: int) -> Plan:
        """Its plan; InputError with the file of whatever is wrong."""
        problems: list[Problem] = []
        metrics, made = [], None
        for measure in self.head.measures:
            try:
                metrics.append(metric(measure, assumptions, business))
            except InputError as error:
                problems += error.problems
        try:
            made = plan(
                self.axes,
                metrics,
                assumptions,
                latin=None if self.head.latin is None else int(self.head.latin),
                seed=seed,
                name=self.name,
            )
        except InputError as error:
            problems += error.problems
        places = {axis.name: f"axis.{n}" for n, axis in enumerate(self.axes)}
        places |= {axis.path: f"axis.{n}" for n, axis in enumerate(self.axes)}
        for problem in problems:
            at = places.get(problem.path, "sweep" if problem.path else "sweep.measures")
            self.parser.complain(problem.what, problem.hint, problem.path, at)
        if made is None or problems:
            raise InputError(self.parser.faults)
        return made


def names(root: Path) -> list[str]:
    """Names of the sweeps beside a base case, sorted."""
    return [path.stem for path in files_in(root / FOLDER)]


def read(root: Path, name: str) -> SweepFile:
    """A sweep by name or by file; InputError with all its problems."""
    is_file = name.endswith(".toml")
    path = Path(name) if is_file else root / FOLDER / f"{name}.toml"
    if not is_file and name not in names(root):
        hint = (
            near(name, names(root)) or f"Sweeps there: {', '.join(names(root)) or 'none'}; or an axis, PATH=FROM:TO:N"
        )
        raise InputError(Problem(f"no sweep '{name}'", hint, file=shown(root / FOLDER) + "/"))
    parser = Parser(Layer.open(path))
    for key in parser.layer.content:
        if key not in ("sweep", "axis"):
            parser.complain(f"unknown key '{key}'", near(key, ("sweep", "axis")) or "[sweep] and [[axis]]", key)
    if path.stem in RESERVED or "." in path.stem:
        parser.complain(
            f"a sweep cannot be called '{path.stem}'", "Its table has the file's name; letters, digits and _"
        )
    head = parser.head(SweepHead, "sweep")
    tables = parser.layer.content.get("axis", [])
    if not isinstance(tables, list) or not tables:
        parser.complain("has no axis", "[[axis]] with path, from, to and points, a block each", "axis")
        tables = []
    found = []
    for number, table in enumerate(tables):
        place = f"axis.{number}"
        one: SweepAxis | None = parser.checked(SweepAxis, table, place)
        if one is None or head is None:
            continue
        try:
            found.append(Axis(one.path, one.key, one.numbers(latin=head.latin is not None)))
        except ValueError as error:
            what, hint = error.args
            parser.complain(what, hint, one.path, place)
    if parser.faults:
        raise InputError(parser.faults)
    return SweepFile(path.stem, parser, head, tuple(found))


def scenarios_of(root: Path, specs: Sequence[str]) -> list[str]:
    """Scenarios that a sweep in a file is laid over; none where the specs are axes."""
    named = [spec for spec in specs if "=" not in spec]
    return list(read(root, named[0]).head.scenario) if len(named) == len(specs) == 1 else []


def planned(
    assumptions: Assumptions,
    business: Business | Function,
    specs: Sequence[str],
    measures: Sequence[str],
    *,
    latin: int | None,
    seed: int,
) -> Plan:
    """The plan of axes as a user writes them, or of a sweep in a file; InputError with all that is wrong."""
    named = [spec for spec in specs if "=" not in spec]
    if named and len(specs) > 1:
        raise InputError(Problem(f"'{named[0]}' is no axis, and a sweep of a file stands alone", HOW))
    if named:
        return read(assumptions.root, named[0]).plan(assumptions, business, seed)
    problems: list[Problem] = []
    axes, metrics = [], []
    for spec in specs:
        try:
            axes.append(axis(spec, assumptions, latin=latin is not None))
        except InputError as error:
            problems += error.problems
    for text in measures:
        try:
            metrics.append(metric(text, assumptions, business))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    name = file_name("sweep", *(each.name for each in axes)) if len(axes) < 3 else f"sweep_of_{len(axes)}"
    return plan(axes, metrics, assumptions, latin=latin, seed=seed, name=name)
