"""Test grading a class: no submission is graded twice or lost."""

from __future__ import annotations

import csv
import json
import sys

import nbformat
import pytest
from click.testing import CliRunner

import autograder.classroom.grade_class as grading
from autograder.classroom import explanation as explaining
from autograder.classroom.batch_file import open_batch
from autograder.classroom.grade_class import Grading, Listener, grade_class
from autograder.classroom.handed_in import NothingSubmitted, find_submissions
from autograder.classroom.ledger import LEDGER
from autograder.cli import main
from autograder.model import Limits, State
from autograder.recording import results as results_json
from autograder.texts import text
from tests.conftest import FIXTURES

SHORT = Limits(cell_seconds=1.5, total_seconds=20)
ANSWERS = {
    "ada": "def double(x):\n    return x + x",
    "ben": "def double(x):\n    return 3 * x",
    "cem": "def double(x):\n    while True: pass",
    "dee": "import os; os._exit(1)",
}


@pytest.fixture
def course(tmp_path):
    reference = text.read(FIXTURES / "two_exercises.md")
    write(tmp_path / "solutions" / "two_exercises" / "two_exercises.ipynb", nbformat.writes(reference))
    for student, answer in ANSWERS.items():
        submission = text.read(FIXTURES / "two_exercises.md")
        next(c for c in submission.cells if c.id == "double").source = answer
        write(tmp_path / "submitted" / student / "two_exercises" / "two_exercises.ipynb", nbformat.writes(submission))
    write(tmp_path / "submitted" / "eve" / "two_exercises" / "two_exercises.ipynb", "not a notebook")
    write(tmp_path / "submitted" / "fay" / "two_exercises" / "Two exercises.ipynb", nbformat.writes(reference))
    write(tmp_path / "submitted" / "gil" / "two_exercises" / "two_exercises.txt", "")
    return tmp_path


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def earned(outcome):
    return {r.student: (r.earned, r.state.value) for r in outcome.results}


EXPECTED = {
    "ada": (4, "passed"),
    "ben": (1, "passed"),
    "cem": (1, "timed out"),
    "dee": (1, "crashed"),
    "eve": (0, "skipped"),
    "fay": (4, "passed"),
    "gil": (0, "skipped"),
}


def test_submissions_are_graded_once_in_one_row_each(course):
    seen = []
    listener = Listener(progress=lambda *a: seen.append(a[:2]))
    first = grade_class("two_exercises", course, Grading(limits=SHORT), listener)
    assert earned(first) == EXPECTED
    assert seen == [(n, 7) for n in range(1, 8)]
    assert (first.kept, first.faults) == (0, 0)
    assert "the nearest is 'two_exercises.txt'" in first.results[-1].sentence
    again = grade_class("two_exercises", course, Grading(limits=SHORT))
    assert (earned(again), again.kept) == (EXPECTED, 7)
    rows = results_json.read_results(course / "reports" / "two_exercises" / "results.jsonl")
    assert {r.student: r.earned for r in rows} == {s: e for s, (e, _) in EXPECTED.items()}


def test_only_changed_submission_is_regraded(course):
    grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada", "ben")))
    path = course / "submitted" / "ben" / "two_exercises" / "two_exercises.ipynb"
    path.write_text(path.read_text().replace("3 * x", "2 * x"))
    outcome = grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada", "ben")))
    assert (earned(outcome), outcome.kept) == ({"ada": (4, "passed"), "ben": (4, "passed")}, 1)


def test_batch_keeps_seed_until_new_one_requested(course):
    folder = course / "reports" / "two_exercises"
    first = open_batch(folder)
    assert open_batch(folder).seed == first.seed
    assert open_batch(folder, new_seed=True).seed != first.seed


def test_runs_use_new_secrets_and_kept_results_theirs(course, monkeypatch):
    folder = course / "reports" / "two_exercises"
    drawn = {open_batch(folder).secret for _ in range(8)}
    assert len(drawn) == 8
    assert max(drawn).bit_length() > 240
    assert "secret" not in (folder / "batch.json").read_text()
    how = Grading(limits=SHORT, students=("ada", "ben"))
    first = {r.student: r for r in grade_class("two_exercises", course, how).results}
    path = course / "submitted" / "ben" / "two_exercises" / "two_exercises.ipynb"
    path.write_text(path.read_text().replace("3 * x", "4 * x"))
    second = {r.student: r for r in grade_class("two_exercises", course, how).results}
    assert second["ada"].secret == first["ada"].secret
    assert second["ben"].secret != first["ben"].secret
    seen = []
    monkeypatch.setattr(explaining, "Grader", lambda chapter, batch, *_: seen.append(batch) or sys.exit())
    with pytest.raises(SystemExit):
        explaining.explain("ben", "two_exercises", "double", course)
    assert (seen[0].seed, seen[0].secret) == (second["ben"].seed, second["ben"].secret)


def test_truncated_ledger_line_costs_one_regrade(course):
    grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada", "ben")))
    ledger = course / "reports" / "two_exercises" / LEDGER
    ledger.write_text(ledger.read_text()[:-40])
    outcome = grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada", "ben")))
    assert (outcome.kept, len(outcome.results)) == (1, 2)
    lines = ledger.read_text().splitlines()
    assert json.loads(lines[-1])["student"] in ("ada", "ben")


def test_deleted_gradebook_and_feedback_are_recreated(course):
    students = ("ada", "ben")
    grade_class("two_exercises", course, Grading(limits=SHORT, students=students))
    (course / "gradebook.db").unlink()
    outcome = grade_class("two_exercises", course, Grading(limits=SHORT, students=students))
    assert (outcome.kept, earned(outcome)) == (0, {s: EXPECTED[s] for s in students})
    (course / "feedback" / "ada" / "two_exercises" / "two_exercises.html").unlink()
    assert grade_class("two_exercises", course, Grading(limits=SHORT, students=students)).kept == 1
    assert (course / "feedback" / "ada" / "two_exercises" / "two_exercises.html").exists()


def test_template_change_rewrites_feedback_without_regrading(course, monkeypatch):
    grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada",)))
    page = course / "feedback" / "ada" / "two_exercises" / "two_exercises.html"
    told = page.read_text()
    page.write_text("as it looked once")
    assert grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada",))).kept == 1
    assert page.read_text() == "as it looked once"
    monkeypatch.setattr(grading, "feedback_key", lambda chapter: "of other templates")
    assert grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada",))).kept == 1
    assert page.read_text() == told


def test_parallel_workers_give_the_same_results(course):
    outcome = grade_class("two_exercises", course, Grading(limits=SHORT, workers=2))
    assert earned(outcome) == EXPECTED


def test_too_deeply_nested_output_is_omitted(course):
    path = course / "submitted" / "ada" / "two_exercises" / "two_exercises.ipynb"
    notebook = nbformat.read(path, as_version=4)
    answer = next(cell for cell in notebook.cells if cell.id == "double")
    answer.source += """
from IPython.display import display
deep = {}
for _ in range(600):
    deep = {"a": deep}
display({"application/json": deep, "text/plain": "deep"}, raw=True)
display({"application/json": {"a": [1]}, "text/plain": "flat"}, raw=True)"""
    write(path, nbformat.writes(notebook))
    outcome = grade_class("two_exercises", course, Grading(limits=SHORT, students=("ada",)))
    assert earned(outcome) == {"ada": (4, "passed")}
    graded = nbformat.read(course / "autograded" / "ada" / "two_exercises" / "two_exercises.ipynb", as_version=4)
    answer = next(cell for cell in graded.cells if cell.id == "double")
    assert [output["data"]["text/plain"] for output in answer.outputs] == ["flat"]


def test_missing_submission_raises_clear_error(course):
    with pytest.raises(NothingSubmitted, match="no submission of zoe"):
        find_submissions(course, "two_exercises", ("zoe",))


def test_command_grades_and_lists_result_files(course):
    done = CliRunner().invoke(main, ["grade", "--root", str(course), "--student", "ada", "--workers", "1"])
    assert done.exit_code == 0, done.output
    for expected in ("two_exercises: 1 submissions, 1 graded now", "class.html", "grades.csv", "gradebook.db"):
        assert expected in done.output.replace("\n", "")


def test_command_grades_own_notebook(course):
    path = course / "submitted" / "ben" / "two_exercises" / "two_exercises.ipynb"
    done = CliRunner().invoke(main, ["grade", "--mine", str(path), "--root", str(course)])
    assert done.exit_code == 0, done.output
    assert "1 of 4 points so far." in done.output
    assert "Next: Double (double), not right yet." in done.output
    assert not (course / "gradebook.db").exists()


def test_command_explains_with_values(course):
    asked = ["explain", "ben", "two_exercises", "double", "--root", str(course)]
    done = CliRunner().invoke(main, asked, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    for expected in ("Double: wrong, 0 of 3 points", "values", "ints", "return 3 * x", "seed "):
        assert expected in done.output


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["explain", "ben", "two_exercises", "none", "--root", "{root}"], 2, "it has double, learn"),
        (["explain", "zoe", "two_exercises", "double", "--root", "{root}"], 2, "no submission of zoe"),
        (["grade", "--root", "{root}/none"], 2, "nothing was submitted"),
        (["grade", "nothing", "--root", "{root}"], 2, "there is no chapter 'nothing'"),
        (["grade", "two_exercises", "--student", "zoe", "--root", "{root}"], 2, "no submission of zoe"),
        (["grade", "--mine", "{root}/none.ipynb", "--root", "{root}"], 2, "there is no file"),
    ],
)
def test_invalid_request_gives_one_sentence_and_status(course, arguments, status, words):
    done = CliRunner().invoke(main, [a.format(root=course) for a in arguments])
    assert done.exit_code == status
    assert words in " ".join(done.output.split())


def test_states_have_published_names():
    assert [s.value for s in State] == [
        "passed", "wrong", "raised", "not implemented", "timed out", "out of memory", "crashed", "forbidden call",
        "no evidence", "skipped", "infrastructure",
    ]  # fmt: skip


def test_changed_class_file_changes_points_and_grades_nothing(course):
    how = Grading(limits=SHORT, students=("ada", "ben"))
    grade_class("two_exercises", course, how)
    for said, expected in [
        ("exercises: {two_exercises: [double]}\n", {"ada": (3, "passed"), "ben": (0, "passed")}),
        ("points: {two_exercises: {double: 6}}\n", {"ada": (7, "passed"), "ben": (1, "passed")}),
        (None, {"ada": (4, "passed"), "ben": (1, "passed")}),
    ]:
        write(course / "class.yml", said) if said else (course / "class.yml").unlink()
        outcome = grade_class("two_exercises", course, how)
        assert (earned(outcome), outcome.kept) == (expected, 2)
        with (course / "reports" / "two_exercises" / "grades.csv").open() as file:
            assert {row["student"]: int(row["earned"]) for row in csv.DictReader(file)} == {
                student: points for student, (points, _) in expected.items()
            }


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        ("chapters: [scales]\n", ["two_exercises"], "two_exercises is not part of the class"),
        ("chapters: [scales]\n", [], "nothing was submitted"),
        ("late: 5\n", [], "class.yml, line 1: '5' is no rule for late submissions"),
    ],
)
def test_only_the_chapters_of_the_class_are_graded(course, said, asked, told):
    write(course / "solutions" / "scales" / "scales.ipynb", nbformat.writes(text.read(FIXTURES / "scales.md")))
    write(course / "class.yml", said)
    done = CliRunner().invoke(main, ["grade", "--root", str(course), *asked])
    assert done.exit_code == 2
    assert told in done.output
