"""Test that in JupyterLab, an exercise's check and a notebook's last cell show points and why others are lost."""

import os
import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from own_lab import Lab, new_notebook, open_notebook, opened
from PIL import Image
from test_worked_in_lab import HAS_RUN, OUTPUTS, RUN_CELL

from authoring.notebooks.release import POINTS_ID
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from tests.browser.visits import AXE, STANDARDS
from tests.root import ROOT

CHAPTER = "activations"
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
IS_SHOWN = """id => window.jupyterapp.shell.currentWidget.content.widgets
  .find((cell) => cell.model.id === id).outputArea.node.querySelector("table") !== null"""
# The box around an answer and the check below it. No cell is active, because an active cell has a frame.
BOX = """ids => {
  const { widgets } = window.jupyterapp.shell.currentWidget.content;
  const nodes = ids.map((id) => widgets.find((cell) => cell.model.id === id).node);
  for (const node of nodes) node.classList.remove("jp-mod-active", "jp-mod-selected");
  const [{ x, y, width }, { bottom }] = nodes.map((node) => node.getBoundingClientRect());
  return { x, y, width, height: bottom - y };
}"""
MARK = """id => window.jupyterapp.shell.currentWidget.content.widgets
  .find((cell) => cell.model.id === id).outputArea.node.querySelector(".jp-RenderedHTML").id = "shown" """
AXE_RUN = """async tags => (await axe.run("#shown", { runOnly: tags, resultTypes: ["violations"] })).violations
  .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`))"""


READ = chapters.load(CHAPTER, ROOT)
WRONG, RIGHT = READ.exercises[:2]
CHECK = f"test_{WRONG.name}"
MISTAKE = next(one for one in variant_file.load(READ).wrong(WRONG.name) if one.title == "multiplied by the mask")
SENTENCE = MISTAKE.sentence.replace("`", "")


@pytest.fixture(scope="module")
def page(chromium: Any, lab: Lab) -> Iterator[Any]:
    """Run some cells of the released notebook in JupyterLab: a known mistake, a right answer, and the last cell."""
    notebook = nbformat.read(ROOT / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    answers = {RIGHT.name: RIGHT.solution, WRONG.name: MISTAKE.source}
    cells = [next(cell for cell in notebook.cells if "import layerlab as lab" in cell.source)]
    cells += [cell for cell in notebook.cells if cell.id in (*answers, CHECK, POINTS_ID)]
    for cell in cells:
        cell.source = answers.get(cell.id, cell.source)
        cell.metadata["jupyter"] = {"source_hidden": cell.id == CHECK}
    nbformat.write(new_notebook(*cells), lab.folder / "points.ipynb")
    with opened(chromium, lab.address) as page:
        page.set_viewport_size({"width": 780, "height": 3000})  # JupyterLab renders only cells near the window
        open_notebook(page, "points.ipynb")
        page.evaluate("window.jupyterapp.shell.collapseLeft()")
        for cell in cells:
            page.evaluate(RUN_CELL, [cell.id, None])
            page.wait_for_function(HAS_RUN, arg=cell.id, timeout=300_000)
        page.wait_for_function(IS_SHOWN, arg=POINTS_ID)
        page.evaluate(MARK, POINTS_ID)
        page.locator("#shown table").wait_for(state="visible")
        yield page


def test_picture_in_the_readme_shows_a_named_mistake(page, tmp_path):
    """The cover and *Practice* show it, too. With ``PICTURE=book/_static/wrong-answer.png``, the test renews it."""
    path = os.environ.get("PICTURE", tmp_path / "picture.png")
    page.screenshot(path=path, clip=page.evaluate(BOX, [WRONG.name, CHECK]))
    Image.open(path).quantize(64).save(path, optimize=True)
    shown = "".join("".join(out.get("data", {}).get("text/plain", "")) for out in page.evaluate(OUTPUTS, CHECK))
    assert shown.startswith("4 of 5 points")
    for words in (shown.replace("`", ""), (ROOT / "README.md").read_text(encoding="utf-8")):
        assert SENTENCE in words


def test_points_and_named_mistake_are_shown(page):
    words = " ".join(page.locator("#shown").inner_text().split())
    assert re.match(rf"\d+ of {READ.points} points ", words)
    assert f"{RIGHT.title} {RIGHT.points} of {RIGHT.points} solved" in words
    assert SENTENCE in words
    assert f"Not begun: {READ.exercises[2].title}; " in words
    assert page.locator("#shown table tbody tr").count() == 2
    told = page.evaluate(OUTPUTS, POINTS_ID)[0]["data"]["text/plain"]
    assert f"of {READ.points} points" in "".join(told)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_points_are_readable_in_both_themes(page, theme):
    page.evaluate(THEME, theme)
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
    page.locator("#shown table").wait_for(state="visible")
    page.evaluate(AXE)
    assert page.evaluate(AXE_RUN, [*STANDARDS]) == []
