"""The example notebooks, run from top to bottom in a kernel of their own, as they are."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.import_graph import REPOSITORY
from tests.local.conftest import demand_model

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

FOLDER = REPOSITORY / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

# What each shows, as HTML or as text, beside its last line.
SHOWS = {
    "01_first_steps": ("side-by-side", "<details", "A conversation tree of", "widget-view", "tokens out"),
    "02_best_of_n": ("side-by-side", 'class="bar"', "The crust you can trust.", "widget-view", "0.000240 for the best"),
    "03_between_vendors": (
        "functionCall",
        "Musée",
        "only its author can read it",
        "no price known",
        "<mark>Park!</mark>",
    ),
}
ASKING = {"01_first_steps"}  # the model on this machine


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def named(path: Path) -> str:
    return path.stem


def test_all_notebooks_are_known() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(SHOWS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_they_are_kept_without_outputs(path: Path) -> None:
    """Outputs hold times and random ids: every run would be another file. The pages of the docs have pictures.

    To mend: jupyter nbconvert --clear-output --inplace examples/notebooks/*.ipynb
    """
    notebook = read(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert [cell.id for cell in notebook.cells] == [f"cell-{n:02}" for n in range(1, len(notebook.cells) + 1)]
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_they_are_plain_python(path: Path) -> None:
    """No magics, no shell: what stands in a cell may be copied into a program."""
    for cell in read(path).cells:
        if cell.cell_type == "code":
            compile(cell.source, path.name, "exec", 0x2000)  # PyCF_ALLOW_TOP_LEVEL_AWAIT
            assert not cell.source.lstrip().startswith(("%", "!", "?"))


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem not in ASKING], ids=named)
async def test_a_notebook_runs_offline(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await run(path, tmp_path, monkeypatch)


@pytest.mark.local
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem in ASKING], ids=named)
async def test_a_notebook_runs_on_the_real_model(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demand_model()
    await run(path, tmp_path, monkeypatch)


async def run(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    notebook = read(path)
    client = nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
    await client.async_execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    shown = "\n".join(map(str, outputs))
    assert [words for words in SHOWS[path.stem] if words not in shown] == []
    assert "<script" not in shown.replace("\\n", "\n")
