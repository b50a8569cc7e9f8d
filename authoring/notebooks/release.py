"""Makes a student's notebook out of a reference notebook: nbgrader's own steps, and five of ours between them.

`PREPROCESSORS` is what `nbgrader_config.py` gives to ``nbgrader generate_assignment``, so formgrader's button makes the
same release. Building the course uses the same list without the step that writes to a gradebook.
"""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import yaml
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)

from autograder.chapters.regions import STARTER, STUB, starter_line

INSTALL_ID = "install-layerlab"
FEEDBACK = """\
# The checks below each exercise answer wherever you work. Points come from hidden tests:
# with `make mine` in the course's folder, or when you hand the notebook in.
"""


class StartFaulty(NbGraderPreprocessor):
    """Puts the ``#~`` lines of a debug-this exercise in the place of the stub that ClearSolutions left."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the cell with its faulty start uncommented, if it has one."""
        kept: list[str] = []
        for line in cell.source.split("\n"):
            if line.lstrip().startswith(STARTER) and [row.strip() for row in kept[-len(STUB) :]] == list(STUB):
                del kept[-len(STUB) :]
            kept.append(starter_line(line))
        cell.source = "\n".join(kept) if utils.is_solution(cell) else cell.source
        return cell, resources


class ClearAnswered(NbGraderPreprocessor):
    """Clears the outputs of solution and test cells only: every other cell shows what a student should get."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the cell without outputs if a student's answer decides them, and never with a count."""
        if cell.cell_type == "code":
            cell.execution_count = None
            if utils.is_solution(cell) or utils.is_grade(cell):
                cell.outputs = []
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
        return cell, resources


class CheckReleased(NbGraderPreprocessor):
    """Refuses a release whose solution cells are not what `layerlab.released` promises to a reset."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the cell as it is, or raise ValueError."""
        if utils.is_solution(cell) and cell.source != cell.metadata.layerlab.released:
            raise ValueError(f"{cell.id}: the released source differs from the one recorded for a reset")
        return cell, resources


class DropBullets(NbGraderPreprocessor):
    """Leaves out which claims test which bullet of a statement: that is for the grader, which reads the reference."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the cell without the bullets of its exercise."""
        cell.metadata.get("layerlab", {}).pop("bullets", None)
        return cell, resources


class InstallMissing(NbGraderPreprocessor):
    """Puts a first code cell into the release that installs layerlab where it is missing."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the notebook with the cell before its first code cell; the book does not show it."""
        first = next(index for index, cell in enumerate(nb.cells) if cell.cell_type == "code")
        feedback = FEEDBACK if any(utils.is_solution(cell) for cell in nb.cells) else ""
        source = (
            "# Installs what this notebook imports if it is missing (on Colab, say); else it does nothing.\n"
            f"{feedback}"
            "import importlib.util\n\n"
            'if importlib.util.find_spec("layerlab") is None:\n'
            f'    %pip install --quiet "layerlab @ git+{repository_url()}"'
        )
        cell = nbformat.v4.new_code_cell(source, id=INSTALL_ID, metadata={"tags": ["remove-cell"]})
        nb.cells.insert(first, cell)
        return nb, resources


# ClearHiddenTests comes after SaveCells, which keeps the test cells in the gradebook for nbgrader's autograde.
PREPROCESSORS = [
    LockCells,
    ClearSolutions,
    StartFaulty,
    CheckReleased,
    DropBullets,
    ClearAnswered,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    InstallMissing,
    ComputeChecksums,
    CheckCellMetadata,
]


def release(reference: NotebookNode) -> NotebookNode:
    """Return the student's notebook of a reference notebook, which stays as it is.

    Raises:
        ValueError: a solution cell's released source is not the recorded one.
    """
    notebook, resources = copy.deepcopy(reference), ResourcesDict()
    for step in PREPROCESSORS:
        if step is not SaveCells:
            notebook, resources = step().preprocess(notebook, resources)
    return notebook


def repository_url() -> str:
    """Return the repository's address, which is set in ``_config.yml`` alone."""
    config = yaml.safe_load((Path(__file__).parents[2] / "_config.yml").read_text(encoding="utf-8"))
    return config["repository"]["url"]
