"""Test that nbgrader's formgrader lists and opens our results, and that scores given by hand are kept."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_results import CHAPTER, partly, reference, solved, unreadable
from own_lab import jupyter
from recorded import hand_in, publish

from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.recording.record import Recorder
from tests.nbgraders import CONFIG

WAIT = 90  # In seconds: a busy machine takes a while to import all of Jupyter.


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course with three graded submissions, which earned 2, 5, and 0 of 5 points."""
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text(CONFIG)
    publish(root)
    with Recorder(root) as recorder:
        for result in (partly("ada"), solved("bo")):
            path = hand_in(root, result.student, f"def halve(x):\n    return x // 2  # by {result.student}")
            recorder.record(result, CHAPTER, path, reference())
        path = hand_in(root, "cy", "")
        path.write_text("no notebook")
        recorder.record(unreadable("cy"), CHAPTER, path, reference())
    return root


@pytest.fixture(scope="module")
def server(course: Path) -> Iterator[str]:
    with jupyter("jupyter_server", course, "/formgrader/api/status") as address:
        yield address


@pytest.fixture
def page(watch):
    opened = watch().page
    opened.set_default_timeout(WAIT * 1000)
    # Formgrader's pages load MathJax from a CDN, which no test needs.
    opened.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    return opened


def table(page, first: str) -> list[list[str]]:
    """Wait for a row that contains ``first`` in the page's table, and return all rows of the table."""
    page.locator("tbody tr", has_text=first).first.wait_for()
    rows = page.locator("tbody tr").evaluate_all("rows => rows.map(r => [...r.cells].map(c => c.innerText.trim()))")
    return [[cell for cell in row if cell] for row in rows]


def open_submission(page, server: str, course: Path, student: str, chapter: str = "numbers") -> None:
    """Open a submission's page in formgrader, and wait for its scores and comments."""
    with open_gradebook(course_directory(course)) as book:
        number = book.find_submission_notebook(chapter, chapter, student).id
    page.goto(f"{server}/formgrader/submissions/{number}/")
    page.wait_for_function("formgrader.grades && formgrader.grades.loaded && formgrader.comments.loaded")


def test_chapter_and_submissions_are_listed(server: str, page) -> None:
    page.goto(f"{server}/formgrader/manage_assignments")
    (row,) = table(page, "numbers")
    assert "3" in row
    page.goto(f"{server}/formgrader/manage_submissions/numbers")
    found = {row[1]: row for row in table(page, "ada")}
    assert set(found) == {"ada", "bo", "cy"}
    for student, score in (("ada", "2 / 5"), ("bo", "5 / 5"), ("cy", "0 / 5")):
        assert any("graded" in cell for cell in found[student])
        assert not any("needs" in cell for cell in found[student])
        assert score in found[student]


def test_submission_opens_with_scores_and_feedback(server: str, course: Path, page) -> None:
    open_submission(page, server, course, "ada")
    for cell, score, points in (("test_halve", "2", "3"), ("test_double", "0", "2")):
        field = page.locator(f"input.score#{cell}")
        assert field.get_attribute("placeholder") == score
        assert f"/ {points}.0" in field.locator("xpath=..").inner_text()
        assert "needs_manual_grade" not in field.get_attribute("class")
    text = page.inner_text("body")
    assert "2 of 5 points" in text
    assert "Costs 1 point: negative numbers." in text
    assert "# by ada" in text
    comment = page.locator("#halve-comment")
    assert "The number is rounded" in comment.get_attribute("placeholder")


def test_unreadable_submission_opens_with_its_error(server: str, course: Path, page) -> None:
    open_submission(page, server, course, "cy")
    assert "The file is not a notebook" in page.inner_text("body")
    assert page.locator("input.score#test_halve").get_attribute("placeholder") == "0"
