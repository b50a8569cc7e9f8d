"""Submit notebooks for the results of `made_results`, and record these results in a course."""

from pathlib import Path

import nbformat
from made_results import CHAPTER, DOUBLE, reference

from autograder.model import Chapter, Result
from autograder.recording.record import Recorder


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


def publish(root: Path, chapter: str = CHAPTER.name) -> None:
    """Write the reference into a course as the chapter with this name."""
    path = root / "solutions" / chapter / f"{chapter}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(reference(), path)


def record(
    result: Result, chapter: Chapter, root: Path, submission: Path | None, notebook: nbformat.NotebookNode
) -> None:
    with Recorder(root) as recorder:
        recorder.record(result, chapter, submission, notebook)


def record_one(root: Path, result: Result) -> None:
    path = root / "submitted" / result.student / "numbers" / "numbers.ipynb"
    record(result, CHAPTER, root, path if path.exists() else hand_in(root, result.student), reference())
