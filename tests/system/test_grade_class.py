"""Test grading a class: no submission is graded twice or lost."""

from __future__ import annotations

import sys

import nbformat
import pytest

import autograder.classroom.grade_class as grading
from autograder.classroom.batch_file import open_batch
from autograder.classroom.grade_class import Grading, Listener, grade_class
from autograder.commands import explain as explaining
from autograder.model import Limits, State
from autograder.recording import results as results_json
from autograder.texts import text
from tests.graded_class import NAME, hand_in, make_course, write
from tests.nbgraders import sheet
from tests.root import FIXTURES
from tests.typed import typed

SHORT = Limits(cell_seconds=1.5, total_seconds=20)
ANSWERS = {
    "ada": "def double(x):\n    return x + x",
    "ben": "def double(x):\n    return 3 * x",
    "cem": "def double(x):\n    while True: pass",
    "dee": "import os; os._exit(1)",
}


@pytest.fixture
def course(tmp_path):
    for student, answer in ANSWERS.items():
        hand_in(tmp_path, student, answer)
    right = hand_in(tmp_path, "fay", ANSWERS["ada"])
    right.rename(right.with_name("Two exercises.ipynb"))
    write(tmp_path / "submitted" / "eve" / NAME / f"{NAME}.ipynb", "not a notebook")
    write(tmp_path / "submitted" / "gil" / NAME / f"{NAME}.txt", "")
    make_course(tmp_path, students=0)
    (tmp_path / "reports" / NAME / "batch.json").unlink()  # the grader draws its own seed
    return tmp_path


def grade(course, *students, **how):
    return grade_class(NAME, course, Grading(limits=SHORT, students=students, **how))


def change(course, student, old, new):
    path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace(old, new))


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
    seen, stages = [], []
    listener = Listener(lambda *a: stages.append(a), progress=lambda *a: seen.append(a[:2]))
    first = grade_class(NAME, course, Grading(limits=SHORT, workers=2), listener)
    assert earned(first) == EXPECTED
    assert seen == [(n, 7) for n in range(1, 8)]
    assert stages[:3] == [("starting", 7), ("running its reference", 7), ("2 submissions running", 7)]
    assert ("ada: 4/4", 7) in stages
    assert (first.kept, first.faults) == (0, 0)
    assert "the nearest is 'two_exercises.txt'" in first.results[-1].sentence
    again = grade(course)
    assert (earned(again), again.kept) == (EXPECTED, 7)
    rows = results_json.read_results(course / "reports" / NAME / "results.jsonl")
    assert {r.student: r.earned for r in rows} == {s: e for s, (e, _) in EXPECTED.items()}


def test_batch_keeps_seed_until_new_one_requested(course):
    folder = course / "reports" / NAME
    first = open_batch(folder)
    assert open_batch(folder).seed == first.seed
    assert open_batch(folder, new_seed=True).seed != first.seed


def test_only_changed_submission_is_regraded_with_a_new_secret(course, monkeypatch):
    folder = course / "reports" / NAME
    drawn = {open_batch(folder).secret for _ in range(8)}
    assert len(drawn) == 8
    assert max(drawn).bit_length() > 240
    assert "secret" not in (folder / "batch.json").read_text()
    first = {r.student: r for r in grade(course, "ada", "ben").results}
    change(course, "ben", "3 * x", "2 * x")
    outcome = grade(course, "ada", "ben")
    assert (earned(outcome), outcome.kept) == ({"ada": (4, "passed"), "ben": (4, "passed")}, 1)
    second = {r.student: r for r in outcome.results}
    assert second["ada"].secret == first["ada"].secret
    assert second["ben"].secret != first["ben"].secret
    seen = []
    monkeypatch.setattr(explaining, "Grader", lambda chapter, batch, *_: seen.append(batch) or sys.exit())
    with pytest.raises(SystemExit):
        explaining.explain("ben", NAME, "double", course)
    assert (seen[0].seed, seen[0].secret) == (second["ben"].seed, second["ben"].secret)


def test_deleted_gradebook_and_feedback_are_recreated(course):
    students = ("ada", "ben")
    grade(course, *students)
    (course / "gradebook.db").unlink()
    outcome = grade(course, *students)
    assert (outcome.kept, earned(outcome)) == (0, {s: EXPECTED[s] for s in students})
    page = course / "feedback" / "ada" / NAME / f"{NAME}.html"
    page.unlink()
    assert grade(course, *students).kept == 1
    assert page.exists()


def test_template_change_rewrites_feedback_without_regrading(course, monkeypatch):
    grade(course, "ada")
    page = course / "feedback" / "ada" / NAME / f"{NAME}.html"
    told = page.read_text()
    page.write_text("as it looked once")
    assert grade(course, "ada").kept == 1
    assert page.read_text() == "as it looked once"
    monkeypatch.setattr(grading, "feedback_key", lambda chapter: "of other templates")
    assert grade(course, "ada").kept == 1
    assert page.read_text() == told


def test_too_deeply_nested_output_is_omitted(course):
    answer = """
from IPython.display import display
deep = {}
for _ in range(600):
    deep = {"a": deep}
display({"application/json": deep, "text/plain": "deep"}, raw=True)
display({"application/json": {"a": [1]}, "text/plain": "flat"}, raw=True)"""
    hand_in(course, "ada", ANSWERS["ada"] + answer)
    outcome = grade(course, "ada")
    assert earned(outcome) == {"ada": (4, "passed")}
    graded = nbformat.read(course / "autograded" / "ada" / NAME / f"{NAME}.ipynb", as_version=4)
    answer = next(cell for cell in graded.cells if cell.id == "double")
    assert [output["data"]["text/plain"] for output in answer.outputs] == ["flat"]


def test_commands_grade_list_notes_and_result_files_and_explain(course):
    path = course / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    path.rename(path.with_name("mine.ipynb"))
    chapter = write(course / "book" / "chapters" / NAME / "text.md", (FIXTURES / f"{NAME}.md").read_text())
    said = typed("grade", "--root", course, "--student", "ada", "--workers", "1")
    assert "is newer" not in said
    noted = "1 submission has notes: see the class report"
    for expected in ("two_exercises: 1 submissions, 1 graded now", noted, "class.html", "grades.csv", "gradebook.db"):
        assert expected in said
    chapter.write_text(chapter.read_text().replace("points=2", "points=3"))
    told = f"{chapter} is newer than the notebook that answers are graded with: run `make notebooks` first"
    assert told in typed("grade", "--root", course, "--student", "ada")
    said = typed("explain", "ben", NAME, "double", "--root", course)
    for expected in ("Double: wrong, 0 of 3 points", "values", "ints", "return 3 * x", "seed "):
        assert expected in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "ben", NAME, "none", "--root", "{root}"], "it has double, learn"),
        (["explain", "zoe", NAME, "double", "--root", "{root}"], "no submission of zoe"),
        (["grade", "--root", "{root}/none"], "nothing was submitted"),
        (["grade", "nothing", "--root", "{root}"], "there is no chapter 'nothing'"),
        (["grade", NAME, "--student", "zoe", "--root", "{root}"], "no submission of zoe"),
        (["grade", "--mine", "{root}/none.ipynb", "--root", "{root}"], "there is no file"),
    ],
)
def test_invalid_request_gives_one_sentence_and_status(course, arguments, words):
    assert words in typed(*(part.format(root=course) for part in arguments), status=2)


def test_states_have_published_names():
    assert [s.value for s in State] == [
        "passed", "wrong", "raised", "not implemented", "timed out", "out of memory", "crashed", "forbidden call",
        "no evidence", "skipped", "graded by hand", "infrastructure",
    ]  # fmt: skip


def test_changed_class_file_changes_points_and_grades_nothing(course):
    grade(course, "ada", "ben")
    for said, expected in [
        ("exercises: {two_exercises: [double]}\n", {"ada": (3, "passed"), "ben": (0, "passed")}),
        ("points: {two_exercises: {double: 6}}\n", {"ada": (7, "passed"), "ben": (1, "passed")}),
        (None, {"ada": (4, "passed"), "ben": (1, "passed")}),
    ]:
        write(course / "class.yml", said) if said else (course / "class.yml").unlink()
        outcome = grade(course, "ada", "ben")
        assert (earned(outcome), outcome.kept) == (expected, 2)
        table = sheet(course / "reports" / NAME / "grades.csv")
        assert {student: int(row["earned"]) for student, row in table.items()} == {
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
    assert told in typed("grade", "--root", course, *asked, status=2)
