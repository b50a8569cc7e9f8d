"""Test grading a student's own notebook: only changed exercises run again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace

import nbformat
import pytest

from autograder.classroom.own_notebook import POINTS, Graded, OwnNotebook
from autograder.commands import own as own_command
from autograder.model import ExerciseResult, Result
from layerlab.judging.claim_model import State
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
        path = tmp_path / "two_exercises.ipynb"
        path.write_text(json.dumps(notebook(above=own, **answers)))
        return path

    return save


@pytest.fixture
def grade(two_exercises, runner):
    """Return a function that grades a notebook as a new process would."""
    return lambda path, *exercises: OwnNotebook(path, two_exercises, runner).grade(exercises)


def names(graded):
    return [found.name for found in graded.result.exercises]


def test_unchanged_exercises_are_not_rerun(write, grade):
    first = grade(write(double=TRIPLED))
    assert (first.fresh, first.result.earned, first.result.points) == (("double", "learn"), 1, 4)
    second = grade(write(double="def double(x):\n    return x + x"))
    assert (second.fresh, second.result.earned, names(second)) == (("double",), 4, ["double", "learn"])
    again = grade(write(double="def double(x):\n    return x + x"))
    assert (again.fresh, again.result.earned) == ((), 4)
    assert again.result.exercises == second.result.exercises


def test_changed_student_cell_above_triggers_regrade(write, grade):
    answer = "def double(x):\n    return factor * x"
    assert grade(write("factor = 2", double=answer)).result.earned == 4
    changed = grade(write("factor = 3", double=answer))
    assert changed.fresh == ("double", "learn")
    assert changed.result.earned == 1


def test_unstarted_exercise_is_named_and_not_run(write, grade, two_exercises):
    stub = two_exercises.exercise("learn").stub
    found = grade(write(learn=stub))
    assert [exercise.name for exercise in found.untouched] == ["learn"]
    assert (found.fresh, names(found), found.result.earned) == (("double",), ["double"], 3)


def test_single_exercise_is_graded_alone(write, grade):
    found = grade(write(double="def double(x:"), "learn")
    assert (found.fresh, names(found), found.result.earned) == (("learn",), ["learn"], 1)


def test_memory_shortage_is_retried_but_crash_is_not(write, grade):
    path = write(double="import os\nos._exit(1)")
    assert grade(path).result.exercises[0].state is State.CRASHED
    assert grade(path).fresh == ()
    path = write(double="def double(x):\n    return torch.zeros(2**30)")
    assert grade(path).result.exercises[0].state is State.OUT_OF_MEMORY
    assert grade(path).fresh == ("double",)


def test_broken_points_file_is_recreated(write, grade):
    path = write()
    grade(path)
    kept = path.with_name(f"two_exercises{POINTS}")
    whole = kept.read_text()
    contents = ["{", "[]", "[" * 100_000, '{"seed": 1, "secret": 2, "exercises": {"double": {"key": "", "result": 3}}}']
    contents += [re.sub('"seed": [0-9]+', f'"seed": {number}', whole, count=1) for number in ("1e400", "[]", "{}")]
    for content in contents:
        kept.write_text(content)
        assert grade(path).fresh == ("double", "learn")
    kept.unlink()
    kept.symlink_to("/dev/zero")
    assert grade(path).fresh == ("double", "learn")


def test_notebook_link_must_lead_to_regular_file(write, grade, tmp_path, show):
    path = write()
    link = tmp_path / "linked" / "two_exercises.ipynb"
    link.parent.mkdir()
    link.symlink_to(path)
    assert grade(link).result.earned == 4
    link.unlink()
    link.symlink_to("/dev/zero")
    assert "cannot be read: it is not a regular file" in show(link, status=2)
    path.write_text("[" * 100_000)
    show(path)
    cell = nbformat.v4.new_code_cell("(" * 100_000)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    show(path)


def test_unreadable_notebook_is_reported_as_skipped(write, grade):
    path = write()
    path.write_text("{")
    found = grade(path)
    assert (found.result.state, found.result.earned, found.fresh) == (State.SKIPPED, 0, ())


@pytest.fixture
def show(tmp_path):
    """Return a function that runs `autograder grade --mine` in a small course and returns what it prints."""
    course = make_course(tmp_path / "course", students=0)
    return lambda path, *options, status=0: typed("grade", "--mine", path, "--root", course, *options, status=status)


@pytest.mark.parametrize("asked", ["double", "DOUBLE"])  # by name or title
def test_command_shows_one_exercise(write, show, asked):
    said = show(write(double=TRIPLED), "--exercise", asked)
    assert "0 of 4 points so far. (1 graded now" in said
    assert "kept in two_exercises.points.json" in said
    assert "Learn" not in said


def test_unchanged_notebook_needs_no_torch_or_server(write, show):
    path = write(double=TRIPLED)
    assert "2 graded now" in show(path)
    course = path.parent / "course"
    code = (
        "import sys; from autograder.cli import main; from autograder.sandbox.driver.server_process import ForkServer; "
        "ForkServer.start = None; main(standalone_mode=False); sys.exit('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, "grade", "--mine", str(path), "--root", str(course)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0 graded now, 2 unchanged" in done.stdout


def test_lost_claim_is_shown_with_its_reason(write, show):
    said = show(write(double=f"{TRIPLED} if torch.is_tensor(x) else x['_p']"), "--exercise", "double")
    assert "Costs 2 points: values." in said
    assert "line 2 of your answer (return 3 * x if torch.is_tensor(x) else x['_p']) stops with TypeError" in said


def test_json_output_has_points_and_lines(write, show):
    found = json.loads(show(write(double=TRIPLED), "--json"))
    double, learn = found["exercises"]
    assert (found["earned"], found["points"], double["earned"], learn["lines"]) == (1, 4, 0, [])
    assert [line[:4] for line in double["lines"] if line.startswith("×")] == ["× y:", "× n:"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("doubel", "two_exercises has no exercise 'doubel'; did you mean double?"),
        ("nothing", "has no exercise 'nothing': double, learn"),
        ("learns", "two_exercises has no exercise 'learns'; did you mean learn?"),
    ],
)
def test_unknown_exercise_is_reported_with_suggestion(write, show, asked, words):
    assert words in show(write(), "--exercise", asked, status=2)


def test_notebook_options_require_mine():
    assert "--exercise, --watch and --json need --mine with a notebook" in typed("grade", "--watch", status=2)


def test_watched_notebook_is_graded_after_each_save(write, show, monkeypatch):
    path = write(double=TRIPLED)
    shown = []
    really = own_command._show

    def save_again(graded, chapter, seconds, kept):
        really(graded, chapter, seconds, kept)
        shown.append((graded.fresh, graded.result.earned, seconds))
        if len(shown) == 2:
            raise KeyboardInterrupt
        saved = write(double="def double(x):\n    return 2 * x")
        os.utime(saved, ns=(time.time_ns(), time.time_ns() + 10**9))

    monkeypatch.setattr(own_command, "_show", save_again)
    said = show(path, "--watch")
    assert [(fresh, earned) for fresh, earned, _ in shown] == [(("double", "learn"), 1), (("double",), 4)]
    assert "; press control-C to stop." in said
    assert shown[1][2] < shown[0][2]


def test_core_exercises_come_first(write, show, two_exercises, tmp_path):
    learn = two_exercises.exercise("learn")
    said = show(write(double=TRIPLED, learn=learn.stub))
    assert "Core: 0 of 2 exercises solved. Next: Double (double), not right yet." in said
    assert f"not started: {learn.title} (learn) " in said
    assert not list(tmp_path.rglob("gradebook.db"))
    said = show(write(learn=learn.stub))
    assert f"Core: 1 of 2 exercises solved. Next: {learn.title} (learn), not started." in said
    assert "Core: 2 of 2 exercises solved. Every exercise of this chapter is solved." in show(write())


def test_extra_exercises_wait_for_core(two_exercises):
    double, learn = two_exercises.exercises
    chapter = replace(two_exercises, exercises=(replace(double, tier="more"), learn))
    begun = ExerciseResult("double", double.title, 3, 1, State.RAISED, [])
    graded = Graded(Result("", "x", State.PASSED, 4, 1, [begun]), ("double",), (learn,))
    way = own_command._way(graded, chapter)
    assert way == f"Core: 0 of 1 exercises solved. Next: {learn.title} (learn), not started."
