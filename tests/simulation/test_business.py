"""The engine knows a business by what it is told, and no business by name."""

import ast

import pytest

from tests.conftest import ROOT

GENERIC = ("files", "assumptions", "simulation", "studies")
MODULES = [path for room in GENERIC for path in sorted((ROOT / "model" / room).rglob("*.py"))]


def imports(path):
    """Every module that is imported anywhere in a file, and the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_generic_imports_no_business(path):
    assert not [name for name in imports(path) if "xiaomi" in name.lower()]


def test_every_generic_package_is_looked_at():
    assert {path.relative_to(ROOT / "model").parts[0] for path in MODULES} == set(GENERIC)
