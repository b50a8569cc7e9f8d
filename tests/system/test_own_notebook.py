"""Test `autograder grade --mine`, which shows a notebook's points as an instructor's machine sees them."""

from __future__ import annotations

import json

import pytest

from autograder.commands import own as own_command
from autograder.model import State
from tests.changed_answers import notebook
from tests.graded_class import make_course
from tests.typed import typed

TRIPLED = "def double(x):\n    return 3 * x"


@pytest.fixture
def write(tmp_path):
    """Return a function that saves a notebook with the given answers.

    All other answers are the reference's; `own` is a cell that the student adds.
    """

    def save(own: str = "", **answers: str):
        path = tmp_path / "work" / "two_exercises.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(notebook(above=own, **answers)))
        return path

    return save


@pytest.fixture
def grade(two_exercises, runner):
    """Return a function that grades a notebook."""
    return lambda path: own_command._graded(path, two_exercises, runner)


@pytest.fixture
def show(tmp_path):
    """Return a function that runs `autograder grade --mine` in a small course and returns what it prints."""
    course = make_course(tmp_path / "course", students=0)
    return lambda path, *options, status=0: typed("grade", "--mine", path, "--root", course, *options, status=status)


def test_points_and_reasons_are_shown_and_no_file_is_written(write, show, tmp_path):
    path = write(double=f"{TRIPLED} if torch.is_tensor(x) else x['_p']")
    said = show(path)
    assert "1 of 4 points so far." in said
    assert "Costs 2 points: values." in said
    assert "line 2 of your answer (return 3 * x if torch.is_tensor(x) else x['_p']) stops with TypeError" in said
    assert [*path.parent.iterdir()] == [path]
    assert not list(tmp_path.rglob("gradebook.db"))


def test_own_cells_and_modules_count(write, grade):
    path = write("from own_factor import factor", double="def double(x):\n    return factor * x")
    (path.parent / "own_factor.py").write_text("factor = 2")
    assert grade(path).result.earned == 4


def test_unstarted_exercise_is_named_and_not_run(write, grade, two_exercises):
    graded = grade(write(learn=two_exercises.exercise("learn").stub))
    assert [exercise.name for exercise in graded.untouched] == ["learn"]
    assert [(result.name, result.earned) for result in graded.result.exercises] == [("double", 3)]


def test_notebook_must_be_regular_file(write, grade, tmp_path, show):
    link = tmp_path / "linked" / "two_exercises.ipynb"
    link.parent.mkdir()
    link.symlink_to(write())
    assert grade(link).result.earned == 4
    link.unlink()
    link.symlink_to("/dev/zero")
    assert "cannot be read: it is not a regular file" in show(link, status=2)


def test_unreadable_notebook_earns_nothing(write, grade):
    path = write()
    path.write_text("{")
    result = grade(path).result
    assert (result.state, result.earned, result.points) == (State.SKIPPED, 0, 4)
