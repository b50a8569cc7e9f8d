"""Open the output of hostile submissions in formgrader and nbgrader's own feedback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import test_formgrader

from tests.corpus.case import CHAPTER, Notebook, answered, inserted, write
from tests.corpus.play import Course
from tests.nbgraders import CONFIG, nbgrader

page, server = test_formgrader.page, test_formgrader.server  # fixtures

# Every way to start a script without a click; each one would change the page's title.
SCRIPT = "document.title='MINE'"
MARKUP = (
    f'<script>{SCRIPT}</script><img src=x onerror="{SCRIPT}"><svg onload="{SCRIPT}"></svg>'
    '<iframe srcdoc="<script>parent.document.title=1</script>"></iframe>'.replace("=1", "='MINE'")
    + f'<details open ontoggle="{SCRIPT}">x</details>'
)
STUDENTS = ("in_an_exception", "in_outputs", "in_code", "in_a_check")


def hostile(notebook: Notebook, student: str) -> Notebook:
    """Return a submission with markup in one part that pages display; the student's name says which part."""
    if student == "in_an_exception":
        return answered(notebook, {"affine": f"def affine(x, w, b):\n    raise ValueError({MARKUP!r})"})
    if student == "in_outputs":
        show = (
            f"from IPython.display import HTML, SVG, Javascript, Markdown, display\nm = {MARKUP!r}\n"
            f"display(HTML(m), Markdown(m), Javascript({SCRIPT!r}))\nprint(m)\n"
            "display({'text/html': m, 'image/svg+xml': m, 'text/latex': m, 'text/plain': m}, raw=True)\n"
            "raise ValueError(m)"
        )
        return inserted(notebook, show)
    if student == "in_code":
        return answered(notebook, {"soften": f"# {MARKUP}\n'''{MARKUP}'''"})
    asked = f"class {'X' * 20}(Exception): pass\ndef soften(x):\n    return {{{MARKUP!r}: x}}"
    return answered(notebook, {"soften": asked, "tally": f"def tally(net): return {MARKUP!r}"})


@pytest.fixture(scope="module")
def course() -> Iterator[Path]:
    """Yield a course of graded hostile submissions, which formgrader and nbgrader can open."""
    with Course() as made:
        (made.root / "nbgrader_config.py").write_text(CONFIG)
        for student in STUDENTS:
            write(hostile(made.answers(), student), made.path(student))
            result = made.grader.grade(made.path(student), student)
            made.recorder.record(result, made.chapter, made.path(student), made.reference)
        yield made.root


def ran(page) -> bool:
    page.wait_for_timeout(500)
    return page.title() == "MINE"


def test_running_script_is_detected(page, tmp_path):
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><title>x</title>{MARKUP}")
    page.goto((tmp_path / "page.html").as_uri())
    assert ran(page)


@pytest.mark.parametrize("student", STUDENTS)
def test_formgrader_runs_no_injected_scripts(course, server, page, student):
    test_formgrader.open_submission(page, server, course, student, CHAPTER)
    assert not ran(page)


def test_nbgrader_feedback_runs_no_injected_scripts(course, page):
    for path in course.glob("feedback/in_*/*/*.html"):
        path.unlink()
    done = nbgrader(course, "generate_feedback", CHAPTER, "--force")
    pages = sorted(course.glob("feedback/in_*/*/*.html"))
    assert len(pages) == len(STUDENTS), done.stderr[-3000:]
    for path in pages:
        page.goto(path.as_uri())
        assert not ran(page), path
