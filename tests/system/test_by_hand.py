"""Test exercises that a person grades, from the student's notebook to every file with points."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils

from autograder.classroom.grade_class import grade_class
from autograder.recording.record import Recorder
from autograder.texts import chapter as chapters
from tests.graded_class import write
from tests.nbgraders import exported, nbgrader, sheet, succeed
from tests.recording import hand_graded
from tests.recording.hand_graded import ANSWERS, FIGURE, NAME, TESTED, TEXT, give, hand_in, rows
from tests.typed import typed

COMMENT = "Say why a product of matrices is a matrix."


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course in which ada answered everything, bo nothing, and `make grade` ran once."""
    root = hand_graded.make_course(tmp_path_factory.mktemp("course"))
    hand_in(root, "ada")
    hand_in(root, "bo", {})
    grade_class(NAME, root)
    return root


def graded(root: Path, student: str) -> dict[str, nbformat.NotebookNode]:
    path = root / "autograded" / student / NAME / f"{NAME}.ipynb"
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


def page(root: Path, student: str, ending: str = "html") -> str:
    return (root / "feedback" / student / NAME / f"{NAME}.{ending}").read_text()


def test_student_receives_stubs_without_model_answers(course: Path) -> None:
    cells = {cell.id: cell for cell in hand_graded.released(course).cells}
    assert cells[TEXT].cell_type == "markdown"
    assert cells[TEXT].source == "Because:\n\nYOUR ANSWER HERE"
    assert cells[FIGURE].source == "figure, axes = plt.subplots()\n# YOUR CODE HERE\nraise NotImplementedError()"
    assert "Two points for" not in json.dumps(cells)
    assert (cells[TEXT].metadata.nbgrader.grade, cells[TEXT].metadata.nbgrader.solution) == (True, True)
    assert cells[TEXT].metadata.nbgrader.points == 4


def test_answers_wait_for_a_person_and_untouched_get_0(course: Path) -> None:
    assert rows(course, "ada") == {
        TEXT: (0.0, 4.0, True),
        FIGURE: (0.0, 3.0, True),
        f"test_{TESTED}": (3.0, 3.0, False),
    }
    assert {row[::2] for row in rows(course, "bo").values()} == {(0.0, False)}
    for words in ("waits for a person", "A person grades this answer."):
        assert words in page(course, "ada")
        assert words not in page(course, "bo")
    assert "A person grades this answer." in page(course, "ada", "txt")
    assert "answers wait</" not in (course / "reports" / NAME / "class.html").read_text()
    assert "<strong>2</strong> answers wait for a person" in (course / "reports" / NAME / "class.html").read_text()


def test_graded_notebook_has_text_and_sandboxed_output(course: Path) -> None:
    cells = graded(course, "ada")
    assert cells[TEXT].source == ANSWERS[TEXT]
    assert cells[FIGURE].source == ANSWERS[FIGURE]
    shown = json.dumps(cells[FIGURE].outputs)
    assert "drawn in the sandbox" in shown
    assert "image/png" in shown
    assert "a forged output" not in shown
    assert graded(course, "bo")[TEXT].source == "Because:\n\nYOUR ANSWER HERE"


def test_nbgrader_autograde_gives_the_same_rows(course: Path, tmp_path: Path) -> None:
    root = hand_graded.make_course(tmp_path)
    hand_in(root, "ada")
    hand_in(root, "bo", {FIGURE: "figure, axes = plt.subplots()\n\n# YOUR CODE HERE\nraise NotImplementedError()"})
    with Recorder(root) as recorder:
        path = root / "solutions" / NAME / f"{NAME}.ipynb"
        recorder.register(chapters.load(NAME, root), nbformat.read(path, as_version=4))
    succeed(root, "autograde", NAME, "--create")
    assert [rows(root, student) for student in ("ada", "bo")] == [rows(course, student) for student in ("ada", "bo")]
    give(root, "ada", TEXT, 2.5, COMMENT)
    assert float(exported(root)["ada"]["score"]) == 5.5


def test_score_and_comment_count_in_every_total(course: Path) -> None:
    give(course, "ada", TEXT, 2.5, COMMENT)
    give(course, "ada", FIGURE, 3)
    assert grade_class(NAME, course).kept == 2
    assert float(exported(course)["ada"]["score"]) == 8.5
    assert float(exported(course)["ada"]["max_score"]) == 10
    row = sheet(course / "reports" / NAME / "grades.csv")["ada"]
    assert (row["earned"], row["points"], row[TEXT], row[FIGURE], row[TESTED]) == ("8.5", "10", "2.5", "3", "3")
    shown = page(course, "ada")
    for words in ("8.5</strong><span>of 10 points", "2.5 of 4 points", COMMENT, "partly solved"):
        assert words in shown
    for words in ("waits for a person", "Your instructor changed", "Changed by your instructor"):
        assert words not in shown
    report = (course / "reports" / NAME / "class.html").read_text()
    assert "for a person</li>" not in report
    assert "2.5" in report
    typed("changes", NAME, "--root", course)


def test_new_answer_keeps_score_and_asks_again(course: Path) -> None:
    give(course, "ada", TEXT, 2.5, COMMENT)
    give(course, "ada", FIGURE, 3)
    hand_in(course, "ada", ANSWERS | {TESTED: "def double(x):\n    return 2 * x"})
    assert grade_class(NAME, course).kept == 1
    assert rows(course, "ada")[TEXT] == (2.5, 4.0, False)
    hand_in(course, "ada", ANSWERS | {TEXT: "Because it is linear."})
    grade_class(NAME, course)
    assert rows(course, "ada")[TEXT] == (2.5, 4.0, True)
    assert rows(course, "ada")[FIGURE] == (3.0, 3.0, False)
    assert "A person graded an earlier answer and will grade this one." in page(course, "ada")
    assert COMMENT in page(course, "ada")
    hand_in(course, "ada")
    grade_class(NAME, course)


def test_outgrown_hand_score_is_told_until_it_is_accepted(course: Path) -> None:
    hand_in(course, "cy", {TESTED: "def double(x):\n    return 3 * x"})
    grade_class(NAME, course)
    give(course, "cy", f"test_{TESTED}", 1.5)
    hand_in(course, "cy", {TESTED: "def double(x):\n    return 2 * x"})
    told = f"cy: {TESTED} has 1.5 points by hand, given to an earlier answer; this one earns 3. To count that, run"
    text, report = course / "feedback" / "cy" / NAME / f"{NAME}.txt", course / "reports" / NAME / "class.html"
    for _ in range(2):
        assert told in typed("grade", NAME, "--root", course)
        assert told in report.read_text()
    assert "Double: 1.5 of 3 points, waits for a person" in text.read_text()
    assert "gave these points to an earlier answer; this one earns 3 points" in page(course, "cy")
    assert "by hand" not in typed("grade", NAME, "--root", course, "--accept", "cy")
    assert "points by hand" not in report.read_text()
    assert "Double: 3 of 3 points, solved" in text.read_text()
    assert float(exported(course)["cy"]["score"]) == 3


def test_class_file_changes_points_of_hand_grading(tmp_path: Path) -> None:
    root = hand_graded.make_course(tmp_path)
    hand_in(root, "ada")
    hand_in(root, "bo", {})
    grade_class(NAME, root)
    (root / "class.yml").write_text(
        f"chapters: [{NAME}]\npoints:\n  {NAME}: {{{TEXT}: 8}}\nexercises:\n  {NAME}: [{TEXT}, {TESTED}]\n"
    )
    grade_class(NAME, root)
    assert rows(root, "ada") == {TEXT: (0.0, 8.0, True), f"test_{TESTED}": (3.0, 3.0, False)}
    assert rows(root, "bo") == {TEXT: (0.0, 8.0, False), f"test_{TESTED}": (0.0, 3.0, False)}
    cell = graded(root, "bo")[TEXT]
    assert cell.metadata.nbgrader.points == 8
    assert utils.determine_grade(cell) == (0, 8)
    give(root, "ada", TEXT, 6)
    grade_class(NAME, root)
    assert sheet(root / "reports" / NAME / "grades.csv")["ada"]["earned"] == "9"


def test_failed_release_keeps_the_earlier_one(course: Path) -> None:
    before = hand_graded.released(course)
    path = course / "solutions" / NAME / f"{NAME}.ipynb"
    kept = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == TEXT)
    del cell.metadata["layerlab"]
    nbformat.write(notebook, path)
    done = nbgrader(course, "generate_assignment", NAME, "--force")
    path.write_bytes(kept)
    assert done.returncode != 0
    assert f"{TEXT}: this answer cell is not from the chapter's text.md" in done.stdout + done.stderr
    assert hand_graded.released(course) == before


def test_own_points_say_that_a_person_grades(course: Path) -> None:
    said = typed("grade", "--mine", hand_in(course, "own"), NAME, "--root", course)
    assert "A person grades this answer." in said
    assert "3 of 10 points, 1 of 3 exercises solved." in said


def test_tested_exercise_of_private_chapter_becomes_hand_graded(tmp_path: Path) -> None:
    root = hand_graded.make_course(tmp_path)
    hand_in(root, "ada")
    shutil.rmtree(root / "solutions")
    content = hand_graded.chapter_text()
    private = write(root / "private" / NAME / "text.md", content)
    chapters.keep_private(root / "private", root)
    grade_class(NAME, root)
    assert rows(root, "ada")[f"test_{TESTED}"] == (3.0, 3.0, False)
    answer, _, rest = content.partition("```{code-cell} ipython3\n:test: double")
    answer = answer.replace(":difficulty: 1\ndef double", ":difficulty: 1\n:by_hand: 5\ndef double")
    private.write_text(answer + rest[rest.index("### Exercise:") :])
    grade_class(NAME, root)
    assert rows(root, "ada").keys() == {TEXT, FIGURE, TESTED}
    assert rows(root, "ada")[TESTED] == (0.0, 5.0, True)
