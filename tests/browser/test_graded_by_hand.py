"""Test that everything the grader writes shows the scores that a person gives in formgrader."""

from pathlib import Path

import pytest
import test_formgrader
from test_formgrader import open_submission

from autograder.classroom.grade_class import grade_class
from tests.recording import hand_graded
from tests.recording.hand_graded import ANSWERS, FIGURE, NAME, TEXT, hand_in, rows

page, server = test_formgrader.page, test_formgrader.server  # fixtures

SCRIPT = "document.title='MINE'"
HOSTILE = (
    f'<script>{SCRIPT}</script><img src=x onerror="{SCRIPT}"> ![x](x"onerror="{SCRIPT}) [a link](javascript:{SCRIPT})'
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a graded course: ada answered everything, bo nothing, and cy's explanation is hostile."""
    root = hand_graded.make_course(tmp_path_factory.mktemp("course"))
    hand_in(root, "ada")
    hand_in(root, "bo", {})
    hand_in(root, "cy", ANSWERS | {TEXT: HOSTILE})
    grade_class(NAME, root)
    return root


def saved(page, selector: str, value: str, address: str) -> None:
    page.fill(selector, value)
    with page.expect_response(lambda reply: address in reply.url and reply.request.method == "PUT"):
        page.press(selector, "Tab")


def test_only_answered_submissions_ask_for_a_person(server: str, course: Path, page) -> None:
    page.goto(f"{server}/formgrader/manage_submissions/{NAME}")
    found = {row[1]: row for row in test_formgrader.table(page, "ada")}
    assert any("needs manual grading" in cell for cell in found["ada"])
    assert not any("needs" in cell for cell in found["bo"])


def test_score_and_comment_from_formgrader_reach_the_student(server: str, course: Path, page) -> None:
    open_submission(page, server, course, "ada", NAME)
    shown = page.inner_text("body")
    assert "The product" in shown
    assert "**" not in shown
    assert "drawn in the sandbox" in shown
    assert "a forged output" not in shown
    assert page.locator("img[src^='data:image/png']").count() == 1
    for exercise in (TEXT, FIGURE):
        assert "needs_manual_grade" in page.locator(f"input.score#{exercise}").get_attribute("class")
    saved(page, f"input.score#{TEXT}", "3.5", "/api/grade/")
    saved(page, f"input.score#{FIGURE}", "2", "/api/grade/")
    saved(page, f"textarea#{TEXT}-comment", "What about the bias?", "/api/comment/")
    assert rows(course, "ada")[TEXT] == (3.5, 4.0, False)
    grade_class(NAME, course)
    page.goto((course / "feedback" / "ada" / NAME / f"{NAME}.html").as_uri())
    told = page.inner_text("body")
    for words in ("8.5\nof 10 points", "3.5 of 4 points", "2 of 3 points"):
        assert words in told
    assert "What about the bias?" in page.locator(f"#{TEXT}").text_content()
    page.goto(f"{server}/formgrader/manage_submissions/{NAME}")
    found = {row[1]: row for row in test_formgrader.table(page, "ada")}
    assert not any("needs" in cell for cell in found["ada"])
    assert "8.5 / 10" in found["ada"]


def test_hostile_text_does_nothing_in_formgrader(server: str, course: Path, page) -> None:
    open_submission(page, server, course, "cy", NAME)
    assert "a link" in page.inner_text("body")
    assert page.title() != "MINE"
    assert page.locator("a[href^='javascript:document']").count() == 0
    assert page.locator("img[onerror]").count() == 0
