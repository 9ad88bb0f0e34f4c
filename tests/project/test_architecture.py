"""Rooms with arrows one way, small modules, no number that belongs into the assumptions."""

import ast
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

MODULES = sorted((ROOT / "model").rglob("*.py"))
# Rooms from the ground up: a room may import itself and those below it. Rooms on one floor do not import each other.
FLOORS = (
    {"_version"},
    {"errors"},
    {"files"},
    {"assumptions"},
    {"simulation"},
    {"inference", "evaluation"},
    {"studies"},
    {"reporting"},
    {"xiaomi"},
    {"validation"},
    {"api"},
    {"model", "_moved"},  # the names of the public interface
    {"cli", "editor"},
    {"__main__"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


def imports(path):
    """Modules that a module names: in imports, those inside functions and for types included, and in strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"model(\.\w+)+(:\w+)?", node.value):
                yield node.value.partition(":")[0]
        elif isinstance(node, ast.JoinedStr):  # a module whose name is put together would be seen by nobody
            first = node.values[0] if node.values else None
            started = isinstance(first, ast.Constant) and re.match(r"model\.\w+\.", str(first.value))
            assert not started, f"{path}: name the module whole"


ARROWS = {name: {other for other in imports(path) if other in NAMES and other != name} for name, path in NAMES.items()}


def room_of(module):
    """`model.files.table` -> files; the package itself -> model."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "model"


@pytest.mark.parametrize("name", NAMES)
def test_imports_go_down(name):
    room = room_of(name)
    for other in ARROWS[name]:
        below = FLOOR[room_of(other)] < FLOOR[room] or room_of(other) == room
        assert below or room in ("model", "_moved"), f"{name} imports {other}"


def test_no_module_imports_itself_by_way_of_others():
    reached = {name: set(others) for name, others in ARROWS.items() if name != "model"}
    for middle, beyond in reached.items():
        for others in reached.values():
            others.update(beyond if middle in others else ())
    assert [name for name, others in reached.items() if name in others] == []


def test_every_room_has_its_floor():
    assert {room_of(name) for name in NAMES} == FLOOR.keys()


@pytest.mark.parametrize(
    "path", [p for p in MODULES if FLOOR["_version"] < FLOOR[room_of(name_of(p))] < FLOOR["xiaomi"]], ids=name_of
)
def test_nothing_below_a_business_has_its_words(path):
    assert (
        re.findall(r"(?i)\bev\.|\bvehicles?\b|\bcars?\b|smartphone|\biot\b|xiaomi|\byu7\b|\bsu7\b", path.read_text())
        == []
    )


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.stem == "__init__" and p.parent.parent == ROOT / "model"], ids=name_of
)
def test_a_room_says_in_three_lines_what_it_is_and_what_it_may_import(path):
    said = ast.get_docstring(ast.parse(path.read_text()))
    assert len([line for line in said.splitlines() if line.strip()]) <= 3
    assert "ay import" in said


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_figures_know_matplotlib_and_drivers_know_nothing_but_arrays(path):
    outside = {i.split(".")[0] for i in imports(path)}
    if "figures" not in path.parts:
        assert "matplotlib" not in outside
    if "drivers" in path.parts:
        assert outside <= {"__future__", "numpy", "typing", "model"}
        known = ("model.xiaomi.drivers", "model.assumptions.calendar")
        assert all(i.startswith(known) for i in imports(path) if i.startswith("model"))


LONGEST = 90  # lines of a function, its docstring left out


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for_and_its_functions_fit_a_screen(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= LONGEST, f"{node.name}: {lines} lines"


ALLOWED = {
    0,
    1,
    2,
    3,
    4,
    12,
    52,
    0.5,
    -1,
    1000,
    1e6,
    1e9,
    1e-9,
}  # halves, quarters, months, weeks, units; 1e-9 guards a division


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


def test_a_run_without_figures_loads_no_library_that_it_can_do_without(project):
    program = (
        "import sys\nfrom model.__main__ import main\nsys.argv = ['model', 'run', '--no-figures', '--draws', '2048']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('loaded:', *sorted({'scipy.stats', 'scipy.optimize', 'matplotlib', 'pandas', 'PIL'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"
