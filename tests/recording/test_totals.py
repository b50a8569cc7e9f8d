"""Test that a student's total is the same in the gradebook, exports, CSV file, class report, and feedback."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made_results import CHAPTER, partly, solved
from nbgrader.apps import NbGraderAPI
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from recorded import hand_in, record_one
from traitlets.config import Config

from autograder.classroom.handed_in import find_submissions
from autograder.recording import class_report, gradebook, totals
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.recording.record import Recorder
from tests import nbgraders
from tests.nbgraders import configure
from tests.recording.test_feedback import Page

DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)


def submit(root: Path, student: str, when: datetime, secret: str = "a secret") -> None:
    if not (root / "submitted" / student).exists():
        hand_in(root, student)
    folder = root / "submitted" / student / "numbers"
    (folder / "timestamp.txt").write_text(when.strftime("%Y-%m-%d %H:%M:%S.%f UTC"))
    (folder / "submission_secret.txt").write_text(secret)


def change(root: Path, points: float | None = None, extra: float | None = None, comment: str | None = None) -> None:
    with open_gradebook(course_directory(root)) as book:
        grade = book.find_grade("test_halve", "numbers", "numbers", "ada")
        grade.manual_score, grade.extra_credit = points, extra
        book.find_comment("halve", "numbers", "numbers", "ada").manual_comment = comment
        book.db.commit()


def exported(root: Path) -> dict[str, float]:
    """Return the scores in nbgrader's own CSV export."""
    return {student: float(row["score"]) for student, row in nbgraders.exported(root).items()}


def reported(root: Path, *results) -> tuple[dict[str, dict[str, str]], Page]:
    """Return the rows of our CSV file and the class page, both made as `grade` makes them."""
    with Recorder(root) as recorder:
        known = class_report.Gradebook(recorder.marks(CHAPTER), recorder.absent(CHAPTER))
        counts = [recorder.counting(result, CHAPTER)[0] for result in results]
        chapter = recorder.counting(results[0], CHAPTER)[1]
    rows = csv.DictReader(io.StringIO(class_report.grades_csv(chapter, counts, known), newline=""))
    page = class_report.html(chapter, counts, {result.student: "" for result in results}, known)
    return {row["student"]: row for row in rows}, Page(page)


def feedback(root: Path, student: str = "ada") -> str:
    return Page((root / "feedback" / student / "numbers" / "numbers.html").read_text()).words


def test_changes_by_a_person_count_in_every_total(root: Path) -> None:
    record_one(root, partly("ada"))
    change(root, points=2.5, extra=2.0, comment="Nice route.")
    record_one(root, partly("ada"))
    rows, page = reported(root, partly("ada"))
    assert exported(root)["ada"] == 4.5
    assert (rows["ada"]["earned"], rows["ada"]["halve"], rows["ada"]["points"]) == ("4.5", "4.5", "5")
    assert "4.5graded 2, commented" in page.words
    assert "4.5 of 5 points" in feedback(root)
    assert "From your instructor: Nice route." in feedback(root)
    assert "Your instructor changed these points from 2 to 4.5." in feedback(root)
    text = (root / "feedback" / "ada" / "numbers" / "numbers.txt").read_text()
    assert "4.5 of 5 points" in text
    assert "From your instructor: Nice route." in text


def test_points_of_the_grader_alone_say_nothing_of_changes(root: Path) -> None:
    record_one(root, partly("ada"))
    rows, page = reported(root, partly("ada"))
    assert (rows["ada"]["earned"], rows["ada"]["late_penalty"]) == ("2", "0")
    assert "graded 2" not in page.words
    assert "instructor" not in feedback(root)


@pytest.mark.parametrize(
    ("policy", "extension", "total"), [("zero", None, 0.0), ("none", None, 2.0), ("zero", timedelta(days=2), 2.0)]
)
def test_late_policy_counts_in_every_total(root: Path, policy, extension, total) -> None:
    configure(root, f"c.LateSubmissionPlugin.penalty_method = '{policy}'")
    submit(root, "ada", DUE + timedelta(days=1))
    record_one(root, partly("ada"))
    with open_gradebook(course_directory(root)) as book:
        book.update_or_create_assignment("numbers", duedate=DUE)
        book.find_submission("numbers", "ada").extension = extension
        book.db.commit()
    record_one(root, partly("ada"))
    rows, page = reported(root, partly("ada"))
    assert exported(root)["ada"] == total
    assert (rows["ada"]["earned"], rows["ada"]["late_penalty"]) == (f"{total:g}", f"{2 - total:g}")
    assert ("late −2" in page.words) == (total == 0)
    assert ("2 points were subtracted because the submission was late" in feedback(root)) == (total == 0)
    assert ("after the due date. No points were subtracted" in feedback(root)) == (policy == "none")


def test_other_submission_time_is_recorded_again(root: Path) -> None:
    for when in (DUE, DUE + timedelta(seconds=1)):
        submit(root, "ada", when)
        with Recorder(root) as recorder:
            assert not recorder.has("ada", CHAPTER)
        record_one(root, partly("ada"))
        with Recorder(root) as recorder:
            assert recorder.has("ada", CHAPTER)


def test_absent_students_are_rows_with_0_points(root: Path) -> None:
    with open_gradebook(course_directory(root)) as book:
        for student in ("ada", "grace", "=cmd()"):
            book.update_or_create_student(student)
    record_one(root, solved("ada"))
    rows, page = reported(root, solved("ada"))
    assert {name: (row["state"], row["earned"]) for name, row in rows.items()} == {
        "ada": ("passed", "5"),
        "grace": ("not submitted", "0"),
        "'=cmd()": ("not submitted", "0"),
    }
    assert exported(root)["grace"] == 0.0
    assert "grace0not submitted" in page.words


def test_password_of_the_database_is_not_shown(root: Path) -> None:
    configure(root, "c.CourseDirectory.db_url = 'postgresql+psycopg://user:secret@localhost/course'")
    shown = gradebook.shown_url(course_directory(root))
    assert "secret" not in shown
    assert "localhost/course" in shown


def test_feedback_is_released_after_a_resubmission(root: Path, tmp_path_factory) -> None:
    exchange = tmp_path_factory.mktemp("exchange")
    (exchange / "course" / "feedback").mkdir(parents=True)
    configure(root, "c.CourseDirectory.course_id = 'course'")
    for secret in ("the first", "the second"):
        submit(root, "ada", DUE, secret)
        record_one(root, partly("ada"))
        coursedir = course_directory(root)
        config = Config({"Exchange": {"root": str(exchange)}})
        coursedir.assignment_id = "numbers"
        ExchangeReleaseFeedback(
            coursedir=coursedir, authenticator=NbGraderAPI(coursedir).authenticator, config=config
        ).start()
        released = exchange / "course" / "feedback" / f"{notebook_hash(secret=secret, notebook_id='numbers')}.html"
        page = root / "feedback" / "ada" / "numbers" / "numbers.html"
        assert released.read_bytes() == page.read_bytes()


def test_receipt_that_is_gone_is_not_kept(root: Path) -> None:
    submit(root, "ada", DUE)
    record_one(root, partly("ada"))
    for name in ("timestamp.txt", "submission_secret.txt"):
        (root / "submitted" / "ada" / "numbers" / name).unlink()
    record_one(root, partly("ada"))
    for step in ("feedback", "autograded"):
        assert not (root / step / "ada" / "numbers" / "submission_secret.txt").exists()


def test_submitted_directory_of_the_configuration_is_searched(root: Path) -> None:
    hand_in(root, "ada")
    (root / "submitted").rename(root / "collected")
    configure(root, "c.CourseDirectory.submitted_directory = 'collected'")
    assert [found.student for found in find_submissions(root, "numbers")] == ["ada"]


def test_marks_of_some_students_are_those_of_all(root: Path) -> None:
    for student in ("ada", "grace"):
        record_one(root, partly(student))
    with open_gradebook(course_directory(root)) as book:
        every = totals.marks(book, "numbers")
        assert totals.marks(book, "numbers", ["grace"]) == {"grace": every["grace"]}
        assert set(every) == {"ada", "grace"}
