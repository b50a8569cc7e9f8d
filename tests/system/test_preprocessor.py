"""Test that stock ``nbgrader autograde`` gives our scores with our preprocessor, and explained zeros without it."""

import copy
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from authoring.notebooks import release
from autograder.classroom.grade_class import grade_class
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.texts import text
from tests.graded_class import NAME, write
from tests.nbgraders import CONFIG, OURS, autograde_again, configure, scores
from tests.root import FIXTURES


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    configure(root, CONFIG + OURS)
    reference = text.read(FIXTURES / f"{NAME}.md")
    write(root / "solutions" / NAME / f"{NAME}.ipynb", json.dumps(reference))
    right = "def double(x):\n    return x + x"
    answers = {"right": right, "cut": "def double(x):\n    return (2 * x) // 1", "copied": right}
    for student, answer in {**answers, "crash": "import os\nos._exit(0)"}.items():
        notebook = release.release(reference)
        next(cell for cell in notebook.cells if cell.id == "double").source = answer
        if student == "copied":
            notebook.cells += [copy.deepcopy(cell) for cell in notebook.cells if "nbgrader" in cell.metadata]
        write(root / "submitted" / student / NAME / f"{NAME}.ipynb", json.dumps(notebook))
    grade_class(NAME, root)
    return root


def test_missing_configuration_scores_zero_with_a_reason(graded: Path, tmp_path: Path) -> None:
    root = shutil.copytree(graded, tmp_path / "stock")
    (root / "nbgrader_config.py").write_text(CONFIG)
    said = autograde_again(root, NAME, "--student=right").stderr
    assert scores(root, NAME)["right"] == {"test_double": 0.0, "test_learn": 0.0}, said
    page = (root / "autograded" / "right" / NAME / f"{NAME}.ipynb").read_text()
    assert "autograder.preprocessor.JudgeObservations" in page


def test_stock_commands_obey_the_class_file(graded: Path, tmp_path: Path) -> None:
    root = shutil.copytree(graded, tmp_path / "class")
    (root / "class.yml").write_text(
        "core_only: false\nexercises: {two_exercises: [double]}\npoints: {two_exercises: {double: 6}}\n"
        "late: 50% per day\ndue: {two_exercises: 2026-10-12 12:00 Z}\n"
        "extensions: {right: {two_exercises: 2026-10-19 12:00 Z}}\n"
    )
    for student in ("right", "copied"):
        (root / "submitted" / student / NAME / "timestamp.txt").write_text("2026-10-13 11:00:00 UTC")
    outcome = grade_class(NAME, root)
    assert outcome.kept == 2  # the two whose time changed are graded again
    assert {result.student: (result.earned, result.points) for result in outcome.results} == {
        "copied": (6, 6), "crash": (0, 6), "cut": (2, 6), "right": (6, 6),
    }  # fmt: skip
    ours = scores(root, NAME)
    assert ours["cut"] == {"test_double": 2.0}
    said = autograde_again(root, NAME).stderr
    assert scores(root, NAME) == ours, said
    page = nbformat.read(root / "autograded" / "cut" / NAME / f"{NAME}.ipynb", as_version=4)
    assert any("(2 * x) // 1" in cell.source for cell in page.cells)
    with open_gradebook(course_directory(root)) as book:
        every = book.notebook_submissions(NAME, NAME)
        found = {one.student.id: (one.score, one.late_submission_penalty) for one in every}
    assert (found["right"], found["copied"]) == ((6.0, None), (6.0, 3.0))
