"""Hand in made results' notebooks and record them, for the tests of what a course holds afterwards."""

from __future__ import annotations

from pathlib import Path

import nbformat
from made_results import CHAPTER, DOUBLE, reference

from autograder.model import Result
from autograder.recording.record import record


def hand_in(
    root: Path, student: str, halve: str = "def halve(x):\n    return x // 2", extra: list | None = None
) -> Path:
    notebook = reference()
    for cell in notebook.cells:
        if cell.id == "halve":
            cell.source = halve
        if cell.id == "double":
            cell.source = DOUBLE.stub
        if cell.id.startswith("test_"):
            cell.source = "# the tests"
    notebook.cells[3:3] = extra or []
    path = root / "submitted" / student / "numbers" / "numbers.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return path


def record_one(root: Path, result: Result) -> None:
    path = root / "submitted" / result.student / "numbers" / "numbers.ipynb"
    record(result, CHAPTER, root, path if path.exists() else hand_in(root, result.student), reference())
