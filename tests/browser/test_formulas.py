"""A formula is the same in the page, set when the book was built, and in JupyterLab, which sets it itself."""

from __future__ import annotations

import nbformat
import pytest
from own_lab import jupyterlab, open_notebook, opened

from tests.root import ROOT

TEXTS = (ROOT / "book" / "chapters").glob("*.md")
CHAPTERS = sorted(path.stem for path in TEXTS if "$" in path.read_text(encoding="utf-8"))  # with formulas

# Of each formula every character with its font, in order; what could not be set says so.
_GLYPHS = """selector => [...document.querySelectorAll(`${selector} mjx-container`)].map(formula =>
    [...formula.querySelectorAll("mjx-c, mjx-utext, mjx-merror")].map(sign => sign.className || sign.textContent))"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab with a notebook for each chapter: all of its prose in one cell, which is therefore shown whole."""
    folder = tmp_path_factory.mktemp("formulas")
    for chapter in CHAPTERS:
        released = nbformat.read(ROOT / "notebooks" / chapter / f"{chapter}.ipynb", as_version=4)
        prose = "\n\n".join(cell.source for cell in released.cells if cell.cell_type == "markdown")
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell(prose)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, folder / f"{chapter}.ipynb")
    with jupyterlab(folder, "--LabApp.expose_app_in_browser=True") as address:
        yield address


@pytest.fixture(scope="module")
def desk(lab, chromium):
    """JupyterLab, loaded once for all chapters."""
    with opened(chromium, lab) as page:
        yield page


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_formulas_look_the_same_in_the_page_and_in_jupyterlab(desk, watch, chapter):
    page = watch().page
    page.goto((ROOT / "_build" / "html" / "notebooks" / chapter / f"{chapter}.html").as_uri())
    built = page.evaluate(_GLYPHS, "article")
    open_notebook(desk, f"{chapter}.ipynb", has_kernel=False)
    desk.wait_for_function(
        "count => document.querySelectorAll('.jp-RenderedMarkdown mjx-container').length >= count", arg=len(built)
    )
    shown = desk.evaluate(_GLYPHS, ".jp-RenderedMarkdown")
    assert len(built) > 3
    assert shown == built
