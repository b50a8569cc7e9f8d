"""Test results in nbgrader's gradebook, and the graded notebook that formgrader opens."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import sqlalchemy
from made_results import CHAPTER, HALVE, fault, partly, reference, solved, unreadable
from nbgrader import utils
from nbgrader.nbgraderformat import MetadataValidator
from recorded import hand_in, publish, record, record_one

from autograder.recording import autograded, gradebook
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.recording.record import Recorder, RecordError
from autograder.texts.chapter import from_notebook
from tests.nbgraders import configure, scores, succeed


def grade_rows(root: Path, student: str, table: str = "grades") -> dict[str, dict]:
    with open_gradebook(course_directory(root)) as book:
        rows = getattr(book.find_submission_notebook("numbers", "numbers", student), table)
        return {row.name: row.to_dict() | {"score": getattr(row, "score", None)} for row in rows}


def comments(root: Path, student: str) -> dict[str, dict]:
    return grade_rows(root, student, "comments")


def auto_scores(root: Path, student: str) -> list[float | None]:
    return list(scores(root, "numbers")[student].values())


def graded(root: Path, student: str) -> nbformat.NotebookNode:
    return nbformat.read(root / "autograded" / student / "numbers" / "numbers.ipynb", as_version=4)


def test_gradebook_has_the_score_of_each_exercise_and_a_comment(root: Path) -> None:
    record_one(root, partly("ada"))
    rows = grade_rows(root, "ada")
    assert {name: (row["auto_score"], row["score"], row["max_score"]) for name, row in rows.items()} == {
        "test_halve": (2.0, 2.0, 3.0),
        "test_double": (0.0, 0.0, 2.0),
    }
    assert [row["needs_manual_grade"] for row in rows.values()] == [False, False]
    assert {name: bool(row["failed_tests"]) for name, row in rows.items()} == {"test_halve": True, "test_double": True}
    record_one(root, solved("grace"))
    assert not any(row["failed_tests"] for row in grade_rows(root, "grace").values())
    found = {name: row["auto_comment"] for name, row in comments(root, "ada").items()}
    assert found["halve"] == (
        "✓ any whole number\n\n× The number is rounded: `//` keeps whole numbers only. Costs 1 point: negative numbers."
    )
    assert found["double"] == "Not attempted yet."
    assert comments(root, "grace")["halve"]["auto_comment"] is None
    with open_gradebook(course_directory(root)) as book:
        submission = book.find_submission("numbers", "ada")
        assert (submission.score, submission.max_score) == (2.0, 5.0)


def test_new_gradebook_asks_no_program_for_its_version(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(subprocess, "check_output", lambda *_: pytest.fail("nbgrader started a program"))
    with open_gradebook(course_directory(tmp_path)) as book:
        assert [bool(row[0]) for row in book.db.execute(sqlalchemy.text("SELECT * FROM alembic_version"))] == [True]


@pytest.mark.parametrize("make", [partly, solved, unreadable])
def test_new_submission_gets_the_rows_of_nbgrader(root: Path, make, monkeypatch) -> None:
    record_one(root, make("ada"))
    monkeypatch.setattr(gradebook, "_add", lambda *_: False)  # forces the path through nbgrader's own objects
    record_one(root, make("grace"))
    for rows in (grade_rows, comments):
        ada, grace = (
            {name: {k: v for k, v in row.items() if k not in ("id", "student")} for name, row in found.items()}
            for found in (rows(root, "ada"), rows(root, "grace"))
        )
        assert ada == grace
        assert len(ada) == 2
    with open_gradebook(course_directory(root)) as book:
        ada, grace = (book.find_submission("numbers", student).to_dict() for student in ("ada", "grace"))
    assert {k for k in ada if ada[k] != grace[k]} == {"id", "student"}


def test_manual_points_and_comments_survive_a_regrade(root: Path) -> None:
    record_one(root, partly("ada"))
    with open_gradebook(course_directory(root)) as book:
        book.find_grade("test_halve", "numbers", "numbers", "ada").manual_score = 2.5
        book.find_comment("halve", "numbers", "numbers", "ada").manual_comment = "Nearly."
        book.db.commit()
    record_one(root, partly("ada"))
    row = grade_rows(root, "ada")["test_halve"]
    assert (row["score"], row["auto_score"], row["needs_manual_grade"]) == (2.5, 2.0, False)
    record_one(root, solved("ada"))
    row = grade_rows(root, "ada")["test_halve"]
    assert (row["score"], row["auto_score"], row["needs_manual_grade"]) == (2.5, 3.0, True)
    assert comments(root, "ada")["halve"]["manual_comment"] == "Nearly."
    assert auto_scores(root, "ada") == [3.0, 2.0]
    with open_gradebook(course_directory(root)) as book:
        assert len(book.assignment_submissions("numbers")) == 1


def test_unreadable_or_missing_submission_gets_0_points_and_an_explanation(root: Path) -> None:
    path = hand_in(root, "ada")
    path.write_text("{ no notebook")
    record(unreadable("ada"), CHAPTER, root, path, reference())
    assert auto_scores(root, "ada") == [0.0, 0.0]
    assert comments(root, "ada")["halve"]["auto_comment"].startswith("The file is not a notebook")
    notebook = graded(root, "ada")
    assert "The file is not a notebook" in notebook.cells[0].source
    assert next(cell for cell in notebook.cells if cell.id == "halve").source == HALVE.stub
    record(unreadable("bo", "Nothing was submitted."), CHAPTER, root, None, reference())
    assert comments(root, "bo")["double"]["auto_comment"] == "Nothing was submitted."


def test_infrastructure_fault_is_never_scored_0(root: Path) -> None:
    record_one(root, fault("ada"))
    rows = grade_rows(root, "ada")
    assert [row["auto_score"] for row in rows.values()] == [None, None]
    assert [row["needs_manual_grade"] for row in rows.values()] == [True, True]


def test_nbgrader_scores_the_graded_notebook_the_same(root: Path) -> None:
    record_one(root, partly("ada"))
    notebook = graded(root, "ada")
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert "3.14159" not in json.dumps(notebook), "details for the instructor"
    found = {c.metadata.nbgrader.grade_id: utils.determine_grade(c) for c in notebook.cells if utils.is_grade(c)}
    assert found == {"test_halve": (2.0, 3.0), "test_double": (0.0, 2.0)}


def test_graded_notebook_keeps_student_code_in_order(root: Path) -> None:
    own = nbformat.v4.new_code_cell("print('a try of mine')", id="mine")
    path = hand_in(root, "ada", extra=[own])
    record(partly("ada"), CHAPTER, root, path, reference())
    sources = [cell.source for cell in graded(root, "ada").cells]
    assert sources.index("def halve(x):\n    return x // 2") > sources.index("print('a try of mine')")
    assert HALVE.solution not in sources
    assert any("### BEGIN HIDDEN TESTS" in source for source in sources)  # the instructor sees the tests


def test_student_output_never_becomes_markup(root: Path) -> None:
    script = "<script>alert(1)</script>"
    outputs = [
        {"output_type": "display_data", "data": {"text/html": script, "text/plain": "a figure"}, "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": f'"{script}'}, "metadata": {}},
        {"output_type": "display_data", "data": {"application/javascript": "alert(1)"}, "metadata": {}},
        {"output_type": "nonsense"},
    ]
    result = partly("ada")
    result.outputs = {"imports": outputs, "test_halve": [{"output_type": "stream", "text": "leak"}]}
    result.notes = [f"[x](javascript:1) {script}"]
    record_one(root, result)
    notebook = graded(root, "ada")
    nbformat.validate(notebook)
    imports = next(cell for cell in notebook.cells if cell.id == "imports")
    assert [output.data for output in imports.outputs] == [{"text/plain": "a figure"}]
    text = json.dumps(notebook)
    assert "<script" not in text
    assert "leak" not in text
    assert "[x](" not in notebook.cells[0].source


def test_long_output_is_truncated() -> None:
    (output,) = autograded.safe_outputs([{"output_type": "stream", "name": "stdout", "text": "x" * 100_000}])
    assert len(output.text) < 21_000
    assert "80,000 more characters" in output.text


def test_local_paths_are_hidden_in_outputs() -> None:
    prefixes = sys.prefix, sys.prefix if sys.base_prefix == "/usr" else sys.base_prefix  # /usr tells nothing
    said = [f"{prefix}/lib/python3.11/site-packages/x.py:3: UserWarning" for prefix in prefixes]
    (output,) = autograded.safe_outputs([{"output_type": "stream", "name": "stderr", "text": said}])
    assert output.text == "…/lib/python3.11/site-packages/x.py:3: UserWarning" * 2


def test_rows_equal_those_of_nbgrader_generate_assignment(root: Path, empty_gradebook: Path) -> None:
    publish(root)

    def rows() -> list:
        with open_gradebook(course_directory(root)) as book:
            found = book.find_notebook("numbers", "numbers")
            cells = [(c.name, c.type, c.max_score, c.cell_type) for c in found.grade_cells]
            cells += [(c.name, c.type) for c in found.solution_cells]
            sources = [(c.name, c.source, c.checksum, c.locked, c.cell_type) for c in found.source_cells]
            return sorted(map(str, cells + sources))

    succeed(root, "generate_assignment", "numbers")
    by_nbgrader = rows()
    with open_gradebook(course_directory(root)) as book:
        gradebook.register(book, CHAPTER, reference())
    assert rows() == by_nbgrader
    shutil.copy(empty_gradebook, root / "gradebook.db")
    with open_gradebook(course_directory(root)) as book:
        gradebook.register(book, CHAPTER, reference())
    assert rows() == by_nbgrader


def test_changed_chapter_updates_rows_and_keeps_other_scores(root: Path) -> None:
    record_one(root, solved("ada"))
    smaller = reference()
    smaller.cells = smaller.cells[:5]
    result = solved("grace")
    result.exercises = result.exercises[:1]
    record(result, from_notebook(smaller, "numbers"), root, hand_in(root, "grace"), smaller)
    assert list(grade_rows(root, "ada")) == ["test_halve"]
    with open_gradebook(course_directory(root)) as book:
        assert book.find_submission("numbers", "ada").max_score == 3.0
    record_one(root, solved("grace"))
    assert grade_rows(root, "ada")["test_double"]["auto_score"] is None
    record_one(root, solved("ada"))
    assert auto_scores(root, "ada") == [3.0, 2.0]


def test_db_url_of_the_course_configuration_is_used(root: Path) -> None:
    elsewhere = root / "kept" / "grades.db"
    elsewhere.parent.mkdir()
    configure(root, f"c.CourseDirectory.db_url = 'sqlite:///{elsewhere}'")
    record_one(root, partly("ada"))
    assert elsewhere.exists()
    assert "test_halve" in grade_rows(root, "ada")
    (root / "nbgrader_config.py").unlink()
    with open_gradebook(course_directory(root)) as book:
        assert book.assignments == []


def test_timestamp_of_nbgrader_collect_is_kept(root: Path) -> None:
    path = hand_in(root, "ada")
    (path.parent / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC")
    record_one(root, partly("ada"))
    with open_gradebook(course_directory(root)) as book:
        assert book.find_submission("numbers", "ada").timestamp.isoformat() == "2026-03-01T12:00:00"
    (path.parent / "timestamp.txt").write_text("yesterday")
    record_one(root, partly("ada"))


def test_unopenable_database_is_reported(root: Path) -> None:
    configure(root, "c.CourseDirectory.db_url = 'sqlite:////nowhere/at/all.db'")
    with pytest.raises(RecordError, match=r"nowhere/at/all\.db cannot be opened"):
        Recorder(root)
