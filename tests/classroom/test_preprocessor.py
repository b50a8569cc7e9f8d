"""Test that stock ``nbgrader autograde`` gives our scores with our preprocessor, and zeros with a reason without it."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from authoring.notebooks import release
from autograder.classroom.grade_class import grade_class
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.texts import text
from tests.root import FIXTURES

NAME = "two_exercises"
CONFIG = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
OURS = """
from autograder import preprocessor
c.Autograde.sanitize_preprocessors = preprocessor.SANITIZE_PREPROCESSORS
c.Autograde.autograde_preprocessors = preprocessor.AUTOGRADE_PREPROCESSORS
c.GenerateFeedback.preprocessors = preprocessor.FEEDBACK_PREPROCESSORS
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a class that our own command has graded."""
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text(CONFIG + OURS)
    reference = text.read(FIXTURES / f"{NAME}.md")
    _write(root / "solutions" / NAME, reference)
    released = release.release(reference)
    answers = {"right": "def double(x):\n    return x + x", "cut": "def double(x):\n    return (2 * x) // 1"}
    for student, answer in answers.items():
        _write(root / "submitted" / student / NAME, _answered(released, answer))
    copied = _answered(released, answers["right"])
    copied.cells += [copy.deepcopy(cell) for cell in copied.cells if "nbgrader" in cell.metadata]
    _write(root / "submitted" / "copied" / NAME, copied)
    crash = _answered(released, "import os\nos._exit(0)")
    _write(root / "submitted" / "crash" / NAME, crash)
    grade_class(NAME, root)
    return root


def _write(folder: Path, notebook: nbformat.NotebookNode) -> None:
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook))


def _answered(released: nbformat.NotebookNode, answer: str) -> nbformat.NotebookNode:
    notebook = copy.deepcopy(released)
    next(cell for cell in notebook.cells if cell.id == "double").source = answer
    return notebook


def scores(root: Path) -> dict[str, dict[str, float]]:
    with open_gradebook(course_directory(root)) as book:
        return {
            submitted.student.id: {grade.name: grade.auto_score for grade in submitted.grades}
            for submitted in book.notebook_submissions(NAME, NAME)
        }


def autograde(root: Path, *options: str) -> str:
    with open_gradebook(course_directory(root)) as book:
        for submitted in book.notebook_submissions(NAME, NAME):
            for grade in submitted.grades:
                grade.auto_score = None  # Any score found afterward comes from nbgrader.
        book.db.commit()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", NAME, "--force", *options],
        cwd=root, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr


def test_stock_autograde_gives_our_scores(graded: Path) -> None:
    ours = scores(graded)
    assert ours == {
        "right": {"test_double": 3.0, "test_learn": 0.0},
        "cut": {"test_double": 1.0, "test_learn": 0.0},
        "copied": {"test_double": 3.0, "test_learn": 0.0},
        "crash": {"test_double": 0.0, "test_learn": 0.0},
    }
    said = autograde(graded)
    assert scores(graded) == ours, said
    page = nbformat.read(graded / "autograded" / "cut" / NAME / f"{NAME}.ipynb", as_version=4)
    assert any("(2 * x) // 1" in cell.source for cell in page.cells)


def test_missing_configuration_scores_zero_with_a_reason(graded: Path, tmp_path: Path) -> None:
    root = shutil.copytree(graded, tmp_path / "stock")
    (root / "nbgrader_config.py").write_text(CONFIG)
    said = autograde(root, "--student=right")
    assert scores(root)["right"] == {"test_double": 0.0, "test_learn": 0.0}, said
    page = (root / "autograded" / "right" / NAME / f"{NAME}.ipynb").read_text()
    assert "autograder.preprocessor.JudgeObservations" in page


def test_stock_commands_obey_the_class_file(graded: Path, tmp_path: Path) -> None:
    root = shutil.copytree(graded, tmp_path / "class")
    (root / "class.yml").write_text(
        "core_only: false\nexercises: {two_exercises: [double]}\npoints: {two_exercises: {double: 6}}\n"
        "late: 50% per day\ndue: {two_exercises: 2026-10-12 12:00 Z}\n"
        "extensions: {right: {two_exercises: 2026-10-19 12:00 Z}}\n"
    )
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("from pathlib import Path\nfrom autograder.class_file import late_rule\n")
        file.write("late_rule.configure(c, Path.cwd())\n")
    for student in ("right", "copied"):
        (root / "submitted" / student / NAME / "timestamp.txt").write_text("2026-10-13 11:00:00 UTC")
    outcome = grade_class(NAME, root)
    assert outcome.kept == 2  # the two whose time changed are graded again
    assert {result.student: (result.earned, result.points) for result in outcome.results} == {
        "copied": (6, 6), "crash": (0, 6), "cut": (2, 6), "right": (6, 6),
    }  # fmt: skip
    ours = scores(root)
    assert ours["cut"] == {"test_double": 2.0}
    said = autograde(root)
    assert scores(root) == ours, said
    with open_gradebook(course_directory(root)) as book:
        found = {
            one.student.id: (one.score, one.late_submission_penalty) for one in book.notebook_submissions(NAME, NAME)
        }
    assert (found["right"], found["copied"]) == ((6.0, None), (6.0, 3.0))
