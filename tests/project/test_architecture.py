"""One direction of imports, small modules, no number that belongs into the assumptions."""

import ast

import pytest

from tests.conftest import ROOT

MODULES = sorted((ROOT / "model").rglob("*.py"))
# A module may import from its own row and from rows above it.
ROWS = (
    ("model", "model.errors", "model.distributions", "model.correlation", "model.measures", "model.tables"),
    ("model.schema", "model.toml_files", "model.words", "model.outcomes", "model.three_points"),
    ("model.assumptions",),
    ("model.entries", "model.overlays", "model.loading", "model.points"),
    ("model.draws", "model.drivers", "model.drivers.calendar", "model.drivers.orders", "model.drivers.capacity", "model.drivers.deliveries",
     "model.drivers.ev_margin", "model.drivers.smartphones", "model.drivers.ecosystem"),
    ("model.ev_volume",),
    ("model.xiaomi",),
    ("model.result",),
    ("model.simulation",),
    ("model.history", "model.outputs", "model.readback", "model.starter", "model.coordinates", "model.variation"),
    ("model.kept", "model.moves", "model.walk", "model.workers", "model.along"),
    ("model.smoothed",),
    ("model.evaluation",),
    ("model.swings", "model.solve", "model.explain", "model.sweep", "model.variance"),
    ("model.reference",),
    ("model.answers", "model.bridge", "model.earlier"),
    ("model.headline", "model.comparison", "model.listing", "model.sweep_files", "model.progress"),
    ("model.figures", *(f"model.figures.{n}" for n in ("canvas", "fan", "notes", "deliveries", "chance", "monthly", "cumulative", "margins", "mix", "limits", "scenarios", "tornado", "musts", "equal_chance", "sweeps", "shares", "waterfall"))),
    ("model.runs", "model.verification", "model.watching"),
    ("model.memo", "model.memo.blocks"),
    ("model.memo.sections",),
    ("model.memo.content", "model.memo.markdown", "model.memo.word", "model.memo.page", "model.memo.workbook"),
    ("model.memo.making",),
    ("model.options",),
    ("model.cli_compare", "model.cli_memo", "model.cli_study", "model.cli_sweep"),
    ("model.cli", "model.__main__"),
)  # fmt: skip
RANK = {name: rank for rank, row in enumerate(ROWS) for name in row}


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in RANK else node.module
                for alias in node.names
            )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path):
    name = name_of(path)
    for imported in imports(path):
        if imported.split(".")[0] == "model" and name != "model" and imported != "model":
            assert RANK[imported] <= RANK[name], f"{name} imports {imported}"


def test_every_module_has_its_place():
    assert {name_of(path) for path in MODULES} == set(RANK)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_figures_know_matplotlib_and_drivers_know_nothing_but_arrays(path):
    outside = {i.split(".")[0] for i in imports(path)}
    if "figures" not in path.parts:
        assert "matplotlib" not in outside
    if "drivers" in path.parts:
        assert outside <= {"__future__", "numpy", "typing", "model"}
        assert all(i.startswith("model.drivers") for i in imports(path) if i.startswith("model"))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_small_and_says_what_it_is_for(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))


ALLOWED = {0, 1, 2, 3, 4, 12, 0.5, -1, 1000, 1e6, 1e9, 1e-9}  # halves, quarters, months, units; 1e-9 guards a division


@pytest.mark.parametrize("path", [p for p in MODULES if "drivers" in p.parts], ids=name_of)
def test_no_number_in_a_driver_belongs_into_the_assumptions(path):
    numbers = {
        n.value
        for n in ast.walk(ast.parse(path.read_text()))
        if isinstance(n, ast.Constant) and isinstance(n.value, int | float) and not isinstance(n.value, bool)
    }
    assert numbers <= ALLOWED


@pytest.mark.parametrize("path", [p for p in MODULES if "drivers" in p.parts], ids=name_of)
def test_every_argument_of_a_driver_is_used(path):
    for function in (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)):
        used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        given = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
        assert given <= used, function.name
