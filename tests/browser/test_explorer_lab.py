"""Test live explorers in JupyterLab: Python computes the values between the precomputed ones."""

from __future__ import annotations

from collections.abc import Iterator

import explorers
import nbformat
import numpy as np
import pytest
import torch
from own_lab import jupyterlab

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
    """Start a separate JupyterLab on this machine and yield its address."""
    folder = tmp_path_factory.mktemp("lab")
    book = explorers.notebook()
    book.cells = [cell for cell in book.cells if cell.id in ("first", "collapse")]
    book.cells.append(nbformat.v4.new_code_cell("last = _\nprint(last, last.setting)", id="setting"))
    book.cells.append(nbformat.v4.new_code_cell(KNOB, id="knob"))
    book.cells.append(nbformat.v4.new_code_cell("", id="empty"))
    nbformat.write(book, folder / "explorers.ipynb")
    with jupyterlab(folder) as address:
        yield address


def _numbers(root) -> np.ndarray:
    rows = root.locator("tbody tr").evaluate_all("rows => rows.map(r => [...r.cells].slice(1).map(c => c.textContent))")
    return np.array([[float(cell.replace("−", "-")) for cell in row] for row in rows])


def _collapse(weight: float, bias: float, shown: int = 9) -> np.ndarray:
    x = torch.linspace(-3, 3, 31)
    one = weight * x + bias
    values = torch.stack([one, 0.8 * one - 0.5], 1)
    return values[np.linspace(0, 30, shown).round().astype(int)].numpy()


def test_python_answers_between_the_positions(lab, watch):
    watched = watch()
    page = watched.page
    page.goto(f"{lab}/lab/tree/explorers.ipynb")
    page.get_by_text("| Idle").wait_for(timeout=40_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    root = page.locator('[data-explorer="collapse"]')
    root.wait_for(timeout=40_000)
    np.testing.assert_allclose(_numbers(root), _collapse(1.0, 0.0), atol=6e-4)

    weight, status = root.get_by_role("slider", name="weight"), root.get_by_role("status")
    weight.focus()
    weight.press("PageUp")  # to the next computed position
    np.testing.assert_allclose(_numbers(root), _collapse(1.5, 0.0), atol=6e-4)
    weight.press("ArrowLeft")  # a tenth of the way back, which only Python can compute
    status.get_by_text("weight 1.45, bias 0, activation none, computed just now by Python.").wait_for()
    np.testing.assert_allclose(_numbers(root), _collapse(1.45, 0.0), atol=6e-4)
    assert weight.get_attribute("aria-valuetext") == "1.45"

    assert "#" not in page.url  # the address is JupyterLab's, not ours
    assert watched.strangers(lab, lab.replace("http", "ws")) == []


def test_python_can_move_the_controls(lab, watch):
    page = watch().page
    page.goto(f"{lab}/lab/tree/explorers.ipynb")
    page.get_by_text("| Idle").wait_for(timeout=40_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    root = page.locator('[data-explorer="collapse"]')
    root.wait_for(timeout=40_000)
    page.get_by_text("Explorer('collapse') {'weight': 1.0,").wait_for()
    page.locator(".jp-CodeCell .cm-content").last.fill("last.setting = {'weight': -0.7}")
    page.keyboard.press("Shift+Enter")
    root.get_by_role("status").get_by_text("weight −0.7, bias 0, activation none, computed").wait_for()
    np.testing.assert_allclose(_numbers(root), _collapse(-0.7, 0.0), atol=6e-4)

    # The two are linked: the ipywidgets control follows the explorer and moves it, even between its positions.
    knob = page.get_by_label("knob")
    page.wait_for_function("document.querySelector('input[type=number]')?.value === '-0.7'")
    knob.fill("0.3")
    knob.press("Enter")
    root.get_by_role("status").get_by_text("weight 0.3, bias 0, activation none, computed").wait_for()
    np.testing.assert_allclose(_numbers(root), _collapse(0.3, 0.0), atol=6e-4)
    root.get_by_role("slider", name="weight").press("End")
    page.wait_for_function("document.querySelector('input[type=number]').value === '2'")
