"""Notebooks run from top to bottom, on few draws."""

from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.notebook
@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_notebook_runs(path, tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    monkeypatch.setenv("FORECAST_NOTEBOOK_SETTINGS", '{"draws": 30, "tune": 50, "chains": 2}')
    notebook = nbformat.read(path, as_version=4)
    runner = client.NotebookClient(
        notebook, timeout=400, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    runner.execute()
    errors = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]
    assert errors == []
    if path.stem == "01-explore-the-posterior":
        assert list((tmp_path / "ukraine" / ".forecast" / "runs").glob("*/report.html"))


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_notebook_is_saved_with_an_error(path):
    assert '"output_type": "error"' not in path.read_text(encoding="utf-8")
