"""Test that nbgrader's generated feedback, which formgrader calls for, is our page with a person's changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom import ledger
from autograder.recording import class_report
from autograder.recording.gradebook import course_directory, open_gradebook
from tests.made_results import partly
from tests.nbgraders import CONFIG, OURS, configure, generated
from tests.recorded import publish, record_one
from tests.recording.test_feedback import Page
from tests.recording.test_totals import change, feedback


@pytest.fixture
def formgrader(tmp_path: Path) -> Path:
    """Return a course with our configuration, a graded submission, and the ledger of its class."""
    root = tmp_path
    configure(root, CONFIG + OURS)
    configure(root, "c.GenerateFeedback.exporter_class = preprocessor.FeedbackPage")
    publish(root)
    record_one(root, partly("ada"))
    folder = class_report.report_folder(root, "numbers")
    folder.mkdir(parents=True)
    ledger.append(folder / ledger.LEDGER, partly("ada"))
    return root


def test_generated_feedback_is_our_page_with_changes(formgrader: Path) -> None:
    before = (formgrader / "feedback" / "ada" / "numbers" / "numbers.html").read_text()
    assert generated(formgrader, "numbers") == before
    change(formgrader, points=2.5, comment="Nearly.")
    assert "From your instructor: Nearly." in Page(generated(formgrader, "numbers")).words
    assert "2.5 of 5 points" in feedback(formgrader)


def test_submission_graded_by_nbgrader_gets_its_page(formgrader: Path) -> None:
    with open_gradebook(course_directory(formgrader)) as book:
        book.find_grade("test_halve", "numbers", "numbers", "ada").auto_score = 3.0
        book.db.commit()
    assert "Score: 3.0 / 5.0" in generated(formgrader, "numbers")
