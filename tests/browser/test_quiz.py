"""Test that quizzes work with the keyboard, on the page and in JupyterLab."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from own_lab import new_notebook

from autograder.texts import text
from tests.browser.visits import SITE
from tests.root import COURSE

# For each quiz option inside an element, in order: whether it is open, whether its reason shows, and the reason.
_OPTIONS = """quiz => [...quiz.querySelectorAll("details")].map(option => {
    const reason = [...option.children].find(child => child.tagName !== "SUMMARY");
    return [option.open, reason.checkVisibility(), reason.textContent.trim()];
})"""


def expected(path: Path) -> list[str]:
    """Return "Yes" or "No" for each option in a chapter's quiz, or an empty list if there is no quiz."""
    match = re.search(r"^## Quiz\n.*?(?=^## |\Z)", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return re.findall(r"</summary>\n\n(Yes|No)\b", match[0]) if match else []


WITH_QUIZ = [path.parent.name for path in COURSE.texts if expected(path)]


def answer_all(page, quiz, want: list[str]) -> None:
    """Open and close each quiz option with the keyboard, and check its reason."""
    quiz.locator("summary").first.focus()
    page.keyboard.press("Shift+Tab")  # Move the focus to the element before the quiz.
    assert [option[:2] for option in quiz.evaluate(_OPTIONS)] == [[False, False]] * len(want)
    for number, right in enumerate(want):
        for _ in range(12):  # A question may contain links, so there can be more stops.
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.tagName") == "SUMMARY":
                break
        at = quiz.evaluate("quiz => [...quiz.querySelectorAll('summary')].indexOf(document.activeElement)")
        assert at == number, "Tab goes from option to option"
        page.keyboard.press("Enter")
        is_open, shows, reason = quiz.evaluate(_OPTIONS)[number]
        assert (is_open, shows, reason.split()[0].strip(".,:")) == (True, True, right)
        assert len(reason) > len("Yes. "), "a reason follows"
        page.keyboard.press("Enter")
        assert quiz.evaluate(_OPTIONS)[number][:2] == [False, False]


def test_every_chapter_with_exercises_has_a_quiz():
    assert WITH_QUIZ
    graded = [path for path in COURSE.texts if ":solution:" in path.read_text("utf-8")]
    assert [path for path in graded if not expected(path)] == []


@pytest.mark.parametrize("chapter", WITH_QUIZ)
def test_page_has_every_option_with_its_reason(chapter):
    want = expected(COURSE.text(chapter))
    assert {"Yes", "No"} <= set(want)
    html = (SITE / "notebooks" / chapter / f"{chapter}.html").read_text("utf-8")
    quiz = BeautifulSoup(html.partition('<section id="quiz">')[2].partition("</section>")[0], "html.parser")
    options = [option.find_all(True, recursive=False) for option in quiz.select("details")]
    assert [option[0].name for option in options] == ["summary"] * len(want)
    reasons = [" ".join(part.get_text() for part in option[1:]).split() for option in options]
    assert [reason[0].strip(".,:") for reason in reasons] == want
    assert min(map(len, reasons)) > 1, "a reason follows"


@pytest.mark.parametrize("scripts", [True, False])
def test_quiz_is_answered_by_keyboard_in_page(watch, scripts):
    chapter = WITH_QUIZ[0]
    page = watch(java_script_enabled=scripts).page
    page.goto((SITE / "notebooks" / chapter / f"{chapter}.html").as_uri())
    answer_all(page, page.locator("section#quiz"), expected(COURSE.text(chapter)))


_TELL = '<p id="tell">output</p><script>document.getElementById("tell").textContent = "trusted"</script>'


def test_quiz_works_in_untrusted_jupyterlab_notebook(lab, watch):
    """Show a quiz below an output that runs only in a trusted notebook."""
    cells = text.read(COURSE.text(WITH_QUIZ[0])).cells
    (quiz,) = [cell for cell in cells if cell.cell_type == "markdown" and re.match(r"## Quiz\b", cell.source)]
    tell = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", {"text/html": _TELL})])
    nbformat.write(new_notebook(tell, nbformat.v4.new_markdown_cell(quiz.source)), lab.folder / "quiz.ipynb")
    watched = watch()
    page = watched.page
    page.goto(f"{lab.address}/lab/workspaces/quiz/tree/quiz.ipynb")
    quiz = page.locator(".jp-RenderedMarkdown:has(details)")
    quiz.wait_for(timeout=40_000)
    assert page.locator(".jp-OutputArea-output").first.text_content().strip() == "output"
    answer_all(page, quiz, expected(COURSE.text(WITH_QUIZ[0])))
    assert watched.strangers(lab.address, lab.address.replace("http", "ws")) == []
