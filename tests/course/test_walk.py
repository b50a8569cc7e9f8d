"""Test that core exercises alone lead from a module to a Llama that loads the shipped file and writes text."""

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.texts import facts
from coursebook.measures import routes
from coursebook.pages import parts
from layerlab.checks.student import UNFINISHED
from tests.root import COURSE

ORDER = [one.name for part in parts.plan() for one in part.chapters]
WALK = [name for name in ORDER if "llama" in routes.taken(name)]
WRITES = 'continued("The gradient", 40, torch.argmax)'


def walked(chapter, folder):
    """Return a student notebook whose core exercises are solved, and no others, after running it in ``folder``."""
    notebook = nbformat.read(COURSE.release(chapter), as_version=4)
    solved = {cell.id: cell.source for cell in nbformat.read(COURSE.reference(chapter), as_version=4).cells}
    for cell in notebook.cells:
        if (known := facts.of(cell)) and known.tier == facts.CORE:
            cell.source = solved[cell.id]
    client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    return client.execute()


def failed(notebook):
    """Return the ids of the cells that failed or said that an exercise they need is unfinished."""

    def is_failure(output):
        return output.output_type == "error" or UNFINISHED in output.get("text", "")

    return {cell.id for cell in notebook.cells if any(map(is_failure, cell.get("outputs", ())))}


def printed(notebook, code):
    """Return what the cell with this line of code printed."""
    (cell,) = (cell for cell in notebook.cells if cell.cell_type == "code" and code in cell.source)
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.mark.long
@pytest.mark.parametrize("chapter", WALK)
def test_every_core_check_passes_without_the_other_exercises(chapter, tmp_path):
    notebook = walked(chapter, tmp_path)
    core = {cell.id for cell in notebook.cells if (known := facts.of(cell)) and known.tier == facts.CORE}
    assert core
    assert not {name for name in failed(notebook) if name.removeprefix("test_") in core}
    if chapter == WALK[-1]:
        reference = nbformat.read(COURSE.reference(chapter), as_version=4)
        assert printed(notebook, WRITES) == printed(reference, WRITES) != ""


@pytest.mark.long
def test_check_without_its_answer_fails(tmp_path):
    notebook = walked("checkpoints", tmp_path)
    more = [f"test_{cell.id}" for cell in notebook.cells if (known := facts.of(cell)) and known.tier == facts.MORE]
    assert more
    assert {*more} <= failed(notebook)
