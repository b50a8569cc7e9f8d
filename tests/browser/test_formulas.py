"""Test that formulas look the same in the built page and in JupyterLab."""

import nbformat
import pytest
from own_lab import new_notebook, open_notebook, opened

from autograder.course import name_of
from tests.browser.visits import SITE
from tests.root import COURSE, ROOT

CHAPTERS = sorted(name_of(path) for path in COURSE.texts if "$" in path.read_text(encoding="utf-8"))  # with formulas

# Every character of each formula with its font, in order, and error messages for formulas that fail.
_GLYPHS = """selector => [...document.querySelectorAll(`${selector} mjx-container`)].map(formula =>
    [...formula.querySelectorAll("mjx-c, mjx-utext, mjx-merror")].map(sign => sign.className || sign.textContent))"""


@pytest.fixture(scope="module")
def desk(lab, chromium):
    """Yield JupyterLab, where a notebook has each chapter's prose in one cell, so all of it renders."""
    for chapter in CHAPTERS:
        released = nbformat.read(ROOT / "notebooks" / chapter / f"{chapter}.ipynb", as_version=4)
        prose = "\n\n".join(cell.source for cell in released.cells if cell.cell_type == "markdown")
        nbformat.write(new_notebook(nbformat.v4.new_markdown_cell(prose)), lab.folder / f"formulas of {chapter}.ipynb")
    with opened(chromium, lab.address) as page:
        yield page


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_formulas_match_in_page_and_jupyterlab(desk, watch, chapter):
    page = watch().page
    page.goto((SITE / "notebooks" / chapter / f"{chapter}.html").as_uri())
    built = page.evaluate(_GLYPHS, "article")
    open_notebook(desk, f"formulas of {chapter}.ipynb", has_kernel=False)
    desk.wait_for_function(
        "count => document.querySelectorAll('.jp-RenderedMarkdown mjx-container').length >= count", arg=len(built)
    )
    shown = desk.evaluate(_GLYPHS, ".jp-RenderedMarkdown")
    assert len(built) > 3
    assert shown == built
