"""Test that every grading command uses each student's own edition in a class with personal constants."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.classroom.explanation import explain
from autograder.classroom.grade_class import Grading, Outcome, grade_class
from autograder.editions import class_secret
from autograder.grading.grader import Grader
from autograder.sandbox.driver.run import Runner
from tests.nbgraders import CONFIG, OURS, autograde_again, configure, scores
from tests.personal_class import NAME, STUDENTS, edition_of, make_personal_class, solved_by, submit
from tests.system.test_scale import LocalDask
from tests.typed import typed


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a class with two right answers, a copy of another student's notebook, and a copy of only the answer."""
    root = make_personal_class(tmp_path_factory.mktemp("class"))
    configure(root, CONFIG + OURS)
    assert edition_of(root, "ada") != edition_of(root, "ben")
    for student in ("ada", "ben"):
        submit(root, student, solved_by(root, student))
    for student in ("cem", "dee"):
        neighbor = "ben" if edition_of(root, student) == edition_of(root, "ada") else "ada"
        copied = solved_by(root, neighbor)
        if student == "dee":
            answer = next(cell.source for cell in copied.cells if cell.id == "halved")
            copied = solved_by(root, student)
            next(cell for cell in copied.cells if cell.id == "halved").source = answer
        submit(root, student, copied)
    return root


@pytest.fixture
def course(handed_in: Path, tmp_path: Path) -> Path:
    return shutil.copytree(handed_in, tmp_path / "course")


def earned(outcome: Outcome) -> dict[str, int]:
    return {result.student: result.earned for result in outcome.results}


EXPECTED = {"ada": 1, "ben": 1, "cem": 0, "dee": 0}


def test_neighbors_answer_loses_with_the_own_value(course: Path, runner: Runner) -> None:
    outcome = grade_class(NAME, course, Grading(runner=runner))
    assert earned(outcome) == EXPECTED
    values = ("0.5", "0.25", "0.75")
    for result in outcome.results[2:]:
        (exercise,) = result.exercises
        own = values[edition_of(course, result.student)]
        assert exercise.sentence.startswith(f"In your notebook, `factor` is {own}, but your answer fits")
        page = (course / "feedback" / result.student / NAME / f"{NAME}.html").read_text()
        assert f"is {own}, but your answer fits" in page
        graded = (course / "autograded" / result.student / NAME / f"{NAME}.ipynb").read_text()
        assert f"returns {own} times" in graded, "the graded notebook has the student's own statement"
    again = grade_class(NAME, course, Grading(runner=runner))
    assert (again.kept, earned(again)) == (4, EXPECTED)


def test_reference_runs_once_for_each_edition(course: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int | None] = []
    start = Grader.__init__

    def count(self: Grader, chapter, *others) -> None:
        made.append(chapter.exercise("halved").edition)
        start(self, chapter, *others)

    monkeypatch.setattr(Grader, "__init__", count)
    grade_class(NAME, course, Grading(runner=runner))
    assert sorted(made) == sorted({edition_of(course, student) for student in STUDENTS})


def test_another_secret_grades_again(course: Path, runner: Runner) -> None:
    grade_class(NAME, course, Grading(runner=runner))
    before = {student: edition_of(course, student) for student in STUDENTS}
    (course / class_secret.FILE).write_text("9" * 64)
    moved = [student for student in STUDENTS if edition_of(course, student) != before[student]]
    assert moved
    outcome = grade_class(NAME, course, Grading(runner=runner))
    assert len(outcome.results) - outcome.kept == len(moved)


def test_class_without_the_line_is_graded_by_first_values(course: Path, runner: Runner) -> None:
    (course / "class.yml").unlink()
    (course / class_secret.FILE).unlink()
    outcome = grade_class(NAME, course, Grading(runner=runner))
    right = [json.loads(path.read_text()) for path in sorted(course.glob("submitted/*/*/*.ipynb"))]
    assert list(earned(outcome).values()) == [int("return 0.5 * x" in json.dumps(notebook)) for notebook in right]


def test_lost_secret_stops_grading_with_a_sentence(course: Path) -> None:
    (course / class_secret.FILE).unlink()
    (course / class_secret.FOLDER).mkdir()
    assert "personal.key is lost" in typed("grade", "--root", course, NAME, status=3)
    assert not (course / "gradebook.db").exists()


def test_explain_uses_the_students_edition(course: Path) -> None:
    for student, points in EXPECTED.items():
        assert explain(student, NAME, "halved", course).exercise.earned == points


def test_own_notebook_is_graded_in_its_edition(course: Path, tmp_path: Path) -> None:
    for student in ("ada", "ben"):
        own = shutil.copy(course / "submitted" / student / NAME / f"{NAME}.ipynb", tmp_path / f"{NAME}.ipynb")
        assert "1 of 1 points so far" in typed("grade", "--mine", own, "--root", course)


def test_formgrader_gives_the_same_scores(course: Path, runner: Runner) -> None:
    grade_class(NAME, course, Grading(runner=runner))
    ours = scores(course, NAME)
    said = autograde_again(course, NAME).stderr
    assert scores(course, NAME) == ours, said
    assert {student: found["test_halved"] for student, found in ours.items()} == EXPECTED


def test_workers_of_a_scheduler_grade_editions(course: Path, tmp_path: Path) -> None:
    (tmp_path / "dask").mkdir()
    dask = LocalDask(tmp_path / "dask")
    try:
        dask.worker()
        assert earned(grade_class(NAME, course, Grading(scheduler=dask.address))) == EXPECTED
    finally:
        dask.stop()
