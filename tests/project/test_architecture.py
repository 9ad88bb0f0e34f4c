"""Rooms with arrows one way, small modules, no number that belongs into the assumptions."""

import ast
import subprocess
import sys

import pytest

from tests.conftest import ROOT

MODULES = sorted((ROOT / "model").rglob("*.py"))
# What each room may import besides itself. A room not named here may be imported by nobody but those that may import everything.
ROOMS = {
    "errors": set(),
    "files": {"errors", "model"},  # `files.code` knows where the package lies
    "assumptions": {"errors", "files"},
    "simulation": {"errors", "files", "assumptions"},
    "xiaomi": {"errors", "files", "assumptions", "simulation"},
    "studies": {"errors", "files", "assumptions", "simulation"},
    "track_record": {"errors", "files", "assumptions", "simulation"},
    "reporting": {"errors", "files", "assumptions", "simulation", "studies", "track_record", "model"},
    "page": {
        "errors",
        "files",
        "assumptions",
        "simulation",
        "studies",
        "reporting",
        "model",
    },  # and no business: it is handed in
}
EVERYTHING = ("api", "cases", "documents", "learning", "records", "cli", "model", "__main__")
MOST_PACKAGES, MOST_MODULES, MOST_LINES = 9, 12, 300


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Modules that a module names in its imports, those inside functions included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(module):
    """`model.files.toml` -> files; the package itself -> model."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "model"


def known(module):
    path = ROOT / module.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path):
    name = name_of(path)
    room = room_of(name)
    if room in EVERYTHING:
        return
    for imported in imports(path):
        if imported.split(".")[0] != "model" or not known(imported):
            continue
        other = room_of(imported)
        allowed = ROOMS[room] | {room}
        if name.startswith("model.reporting.xiaomi"):
            allowed |= {"xiaomi"}
        assert other in allowed, f"{name} imports {imported}"


def test_nothing_imports_a_desk_of_a_business_but_that_desk():
    for path in MODULES:
        if not name_of(path).startswith("model.reporting.xiaomi"):
            assert not any(module.startswith("model.reporting.xiaomi") for module in imports(path)), name_of(path)


def test_every_room_has_its_arrows():
    assert {room_of(name_of(path)) for path in MODULES} == ROOMS.keys() | set(EVERYTHING)


def test_there_are_few_packages_of_few_modules():
    packages = {path.parent for path in MODULES}
    assert len([p for p in packages if p.parent == ROOT / "model"]) <= MOST_PACKAGES
    for package in packages:
        assert len([p for p in package.glob("*.py") if p.stem != "__init__"]) <= MOST_MODULES, package


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
    if "figures" not in path.parts and path.parent != ROOT / "model" / "reporting" / "xiaomi":
        assert "matplotlib" not in outside
    if "drivers" in path.parts:
        assert outside <= {"__future__", "numpy", "typing", "model"}
        known = ("model.xiaomi.drivers", "model.assumptions.calendar")
        assert all(i.startswith(known) for i in imports(path) if i.startswith("model"))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_small_and_says_what_it_is_for(path):
    text = path.read_text()
    assert len(text.splitlines()) <= MOST_LINES
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


def test_a_run_without_figures_loads_no_library_that_it_can_do_without(project):
    program = (
        "import sys\nfrom model.cli.app import main\nsys.argv = ['model', 'run', '--no-figures', '--draws', '2048']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('loaded:', *sorted({'scipy.stats', 'scipy.optimize', 'matplotlib', 'pandas', 'PIL'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"
