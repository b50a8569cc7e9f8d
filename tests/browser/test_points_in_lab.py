"""Test that in JupyterLab, a notebook's last cell, `lab.points()`, shows the earned points and why others are lost."""

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from own_lab import Lab, open_notebook, opened
from test_worked_in_lab import OUTPUTS, RUN_CELL

from authoring.notebooks.release import POINTS_ID
from autograder.texts import chapter as chapters
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


@pytest.fixture(scope="module")
def page(chromium: Any, lab: Lab) -> Iterator[Any]:
    """Open the released notebook in JupyterLab, with one right answer and one that raises."""
    notebook = nbformat.read(ROOT / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    right, stops = chapters.load(CHAPTER, ROOT).exercises[:2]
    answers = {right.name: right.solution, stops.name: "# my try\nraise KeyError('_p')"}
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    path = lab.folder / "points" / f"{CHAPTER}.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    with opened(chromium, lab.address) as page:
        open_notebook(page, f"points/{CHAPTER}.ipynb")
        imports = next(cell.id for cell in notebook.cells if "import layerlab as lab" in cell.source)
        for cell in (imports, POINTS_ID):
            page.evaluate(RUN_CELL, [cell, None])
        page.wait_for_function(IS_SHOWN, arg=POINTS_ID, timeout=300_000)
        page.evaluate(SEE, POINTS_ID)
        page.evaluate(MARK, POINTS_ID)
        page.locator("#shown table").wait_for(state="visible")
        yield page


def test_points_and_failing_line_are_shown(page):
    chapter = chapters.load(CHAPTER, ROOT)
    words = " ".join(page.locator("#shown").inner_text().split())
    assert f"{chapter.exercises[0].points} of {chapter.points} points so far" in words
    assert "The answer cell stops with KeyError: '_p', in line 2 of your answer (raise KeyError('_p'))" in words
    assert f"{CHAPTER}.ipynb as it was saved at " in words
    assert "Not started: " in words
    assert page.locator("#shown table tbody tr").count() == 2
    told = page.evaluate(OUTPUTS, POINTS_ID)[0]["data"]["text/plain"]
    assert "points so far" in "".join(told)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_points_are_readable_in_both_themes(page, theme):
    page.evaluate(THEME, theme)
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
    page.evaluate(SEE, POINTS_ID)  # changing the theme renders all cells again
    page.locator("#shown table").wait_for(state="visible")
    page.evaluate(AXE)
    assert page.evaluate(AXE_RUN, [*STANDARDS]) == []
