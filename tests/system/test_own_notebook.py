"""Test `autograder grade --mine`, which shows the feedback that an instructor's machine would write."""

from __future__ import annotations

import json

import pytest

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
def show(tmp_path):
    """Return a function that runs `autograder grade --mine` in a small course and returns what it prints."""
    course = make_course(tmp_path / "course", students=0)
    return lambda path, *options, status=0: typed("grade", "--mine", path, "--root", course, *options, status=status)


def test_points_and_reasons_are_shown_and_no_file_is_written(write, show, tmp_path):
    path = write(double=f"{TRIPLED} if torch.is_tensor(x) else x['_p']")
    said = show(path)
    assert "1 of 4 points, 1 of 2 exercises solved." in said
    assert "Costs 2 points: values." in said
    assert "line 2 of your answer (return 3 * x if torch.is_tensor(x) else x['_p']) stops with TypeError" in said
    assert [*path.parent.iterdir()] == [path]
    assert not list(tmp_path.rglob("gradebook.db"))


def test_own_cells_and_modules_count(write, show):
    path = write("from own_factor import factor", double="def double(x):\n    return factor * x")
    (path.parent / "own_factor.py").write_text("factor = 2")
    assert "4 of 4 points, 2 of 2 exercises solved." in show(path)


def test_unstarted_exercise_is_named(write, show, two_exercises):
    said = show(write(learn=two_exercises.exercise("learn").stub))
    assert "3 of 4 points, 1 of 2 exercises solved." in said
    assert "0 of 1 point, not attempted yet" in said


def test_notebook_must_be_regular_file(write, tmp_path, show):
    link = tmp_path / "linked" / "two_exercises.ipynb"
    link.parent.mkdir()
    link.symlink_to(write())
    assert "4 of 4 points" in show(link)
    link.unlink()
    link.symlink_to("/dev/zero")
    assert "cannot be read: it is not a regular file" in show(link, status=2)


def test_unreadable_notebook_earns_nothing(write, show):
    path = write()
    path.write_text("{")
    said = show(path)
    assert "0 of 4 points. About your file:" in said
    assert "not JSON" in said
