"""Test live explorers in JupyterLab: Python computes the values between the precomputed ones."""

from collections.abc import Iterator
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest
from explorers import PAGES, explorer
from own_lab import jupyterlab
from test_explorer_page import collapse, table

# Links an ipywidgets control in the same way as the explorers page.
KNOB = """
from ipywidgets import FloatText, link
knob = FloatText(1.0, step=0.5, description="knob")
there, back = (lambda weight: {"weight": weight}), (lambda setting: setting["weight"])
link((knob, "value"), (last, "setting"), transform=(there, back))
knob
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("lab")
    book = jupytext.read(PAGES["explorers"], fmt="md:myst")
    more = [nbformat.v4.new_code_cell(source) for source in ("last = _\nprint(last, last.setting)", KNOB, "")]
    book.cells = [*book.cells[:3], *more]  # the title, the imports, and "collapse"
    nbformat.write(book, folder / "explorers.ipynb")
    with jupyterlab(folder) as address:
        yield address


def check_values(root: Any, weight: float) -> None:
    np.testing.assert_allclose(table(root), collapse(weight, 0.0, "none")[0], atol=6e-4)


def test_python_answers_and_moves_the_controls_in_jupyterlab(lab, watch):
    watched = watch()
    page = watched.page
    page.goto(f"{lab}/lab/tree/explorers.ipynb")
    page.get_by_text("| Idle").wait_for(timeout=40_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    root = explorer(page, "collapse")
    root.wait_for(timeout=40_000)
    check_values(root, 1.0)

    weight, status = root.get_by_role("slider", name="weight"), root.get_by_role("status")
    weight.focus()
    weight.press("PageUp")  # to the next computed position
    check_values(root, 1.5)
    weight.press("ArrowLeft")  # a tenth of the way back, which only Python can compute
    status.get_by_text("weight 1.45, bias 0, activation none, computed just now by Python.").wait_for()
    check_values(root, 1.45)
    assert weight.get_attribute("aria-valuetext") == "1.45"

    assert "#" not in page.url  # the address is JupyterLab's, not ours
    assert watched.strangers(lab, lab.replace("http", "ws")) == []

    page.get_by_text("Explorer('collapse') {'weight': 1.0,").wait_for()
    page.locator(".jp-CodeCell .cm-content").last.fill("last.setting = {'weight': -0.7}")
    page.keyboard.press("Shift+Enter")
    root.get_by_role("status").get_by_text("weight −0.7, bias 0, activation none, computed").wait_for()
    check_values(root, -0.7)

    # The two are linked: the ipywidgets control follows the explorer and moves it, even between its positions.
    knob = page.get_by_label("knob")
    page.wait_for_function("document.querySelector('input[type=number]')?.value === '-0.7'")
    knob.fill("0.3")
    knob.press("Enter")
    root.get_by_role("status").get_by_text("weight 0.3, bias 0, activation none, computed").wait_for()
    check_values(root, 0.3)
    root.get_by_role("slider", name="weight").press("End")
    page.wait_for_function("document.querySelector('input[type=number]').value === '2'")
