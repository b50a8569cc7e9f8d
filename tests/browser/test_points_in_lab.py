"""Test that in JupyterLab, a notebook's last cell, `lab.points`, shows the earned points and why others are lost."""

import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from own_lab import Lab, open_notebook, opened
from test_worked_in_lab import HAS_RUN, OUTPUTS, RUN_CELL

from authoring.notebooks.release import POINTS_ID
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from tests.browser.visits import AXE, STANDARDS
from tests.root import ROOT

CHAPTER = "linear"
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
IS_SHOWN = """id => window.jupyterapp.shell.currentWidget.content.widgets
  .find((cell) => cell.model.id === id).outputArea.node.querySelector("table") !== null"""
# JupyterLab doesn't render cells far from the viewport, so scroll the cell into view.
SEE = """id => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.scrollToItem(notebook.widgets.findIndex((cell) => cell.model.id === id), "start");
}"""
MARK = """id => window.jupyterapp.shell.currentWidget.content.widgets
  .find((cell) => cell.model.id === id).outputArea.node.querySelector(".jp-RenderedHTML").id = "shown" """
AXE_RUN = """async tags => (await axe.run("#shown", { runOnly: tags, resultTypes: ["violations"] })).violations
  .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`))"""


READ = chapters.load(CHAPTER, ROOT)
RIGHT, WRONG = READ.exercises[:2]
MISTAKE = variant_file.load(READ).wrong(WRONG.name)[0]


@pytest.fixture(scope="module")
def page(chromium: Any, lab: Lab) -> Iterator[Any]:
    """Open the released notebook in JupyterLab, with one right answer and a known mistake, and run its last cell."""
    notebook = nbformat.read(ROOT / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    answers = {RIGHT.name: RIGHT.solution, WRONG.name: MISTAKE.source}
    cells = [next(cell for cell in notebook.cells if "import layerlab as lab" in cell.source)]
    for cell in notebook.cells:
        if (name := cell.metadata.get("nbgrader", {}).get("grade_id")) in answers:
            cell.source = answers[name]
            cells.append(cell)
    path = lab.folder / "points" / f"{CHAPTER}.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    with opened(chromium, lab.address) as page:
        open_notebook(page, f"points/{CHAPTER}.ipynb")
        for cell in cells:
            page.evaluate(RUN_CELL, [cell.id, None])
            page.wait_for_function(HAS_RUN, arg=cell.id)
        page.evaluate(RUN_CELL, [POINTS_ID, None])
        page.wait_for_function(IS_SHOWN, arg=POINTS_ID, timeout=300_000)
        page.evaluate(SEE, POINTS_ID)
        page.evaluate(MARK, POINTS_ID)
        page.locator("#shown table").wait_for(state="visible")
        yield page


def test_points_and_named_mistake_are_shown(page):
    words = " ".join(page.locator("#shown").inner_text().split())
    assert re.match(rf"\d+ of {READ.points} points ", words)
    assert f"{RIGHT.title} {RIGHT.points} of {RIGHT.points} solved" in words
    assert " ".join(MISTAKE.sentence.replace("`", "").split()) in words
    assert f"Not begun: {READ.exercises[2].title}; " in words
    assert page.locator("#shown table tbody tr").count() == 2
    told = page.evaluate(OUTPUTS, POINTS_ID)[0]["data"]["text/plain"]
    assert f"of {READ.points} points" in "".join(told)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_points_are_readable_in_both_themes(page, theme):
    page.evaluate(THEME, theme)
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
    page.evaluate(SEE, POINTS_ID)  # changing the theme renders all cells again
    page.locator("#shown table").wait_for(state="visible")
    page.evaluate(AXE)
    assert page.evaluate(AXE_RUN, [*STANDARDS]) == []
