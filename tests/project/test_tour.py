"""The notebook of docs/ runs from top to bottom, and its results show as tables."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT


@pytest.mark.filterwarnings("ignore")
def test_the_tour_runs_and_shows_tables_and_a_figure():
    notebook = nbformat.read(ROOT / "docs" / "tour.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "docs")}}).execute()
    shown = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    assert all(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    assert sum("text/html" in out.get("data", {}) for out in shown) >= 4
    assert any(
        "Measure(value=0.8" in out.get("data", {}).get("text/plain", "") for out in shown
    )  # at least 420,000, today
    assert any(
        "Measure(value=0.2" in out.get("data", {}).get("text/plain", "") for out in shown
    )  # the target, in January
    assert any("image/png" in out.get("data", {}) for out in shown)
