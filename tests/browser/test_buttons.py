"""Test the buttons above a chapter: a downloaded, completed, and submitted notebook gets full points."""

from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import is_solution

from autograder import grade_notebook
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from tests.root import ROOT

LINEAR = "notebooks/linear/linear.html"


def fill_in(path: Path, chapter: str) -> int:
    """Fill each solution cell with a right answer, preferably not the reference's; return the number of cells."""
    reference = {cell.id: cell.source for cell in nbformat.read(ROOT / f"solutions/{chapter}/{chapter}.ipynb", 4).cells}
    variants = variant_file.load(chapters.load(chapter, ROOT))
    right = {one.exercise: one.source for one in variants.cells if one.kind == "right"}
    notebook = nbformat.read(path, 4)
    cells = [cell for cell in notebook.cells if is_solution(cell)]
    for cell in cells:
        cell.source = right.get(cell.metadata.layerlab.exercise, reference[cell.id])
    nbformat.write(notebook, path)
    return len(cells)


def test_completed_download_gets_full_points(shown, tmp_path):
    page = shown(LINEAR).page
    assert "You opened this book from a disk" not in page.locator(".course-places").text_content()
    page.get_by_role("link", name="Download the notebook").focus()
    with page.expect_download() as caught:
        page.keyboard.press("Enter")
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    assert path.name == "linear.ipynb"
    untouched = grade_notebook(path, root=ROOT)
    assert untouched.earned == 0
    assert fill_in(path, "linear") == len(untouched.exercises)
    filled = grade_notebook(path, root=ROOT)
    assert [exercise.name for exercise in filled.exercises if not exercise.is_solved] == []
    assert filled.earned == filled.points == untouched.points > 0


@pytest.mark.parametrize(("door", "heading"), [("Read", "Tensors"), ("Practice", "Practice"), ("Grade", "Grade")])
def test_cover_box_opens_from_any_click_position(shown, door, heading):
    page = shown("book/intro.html").page
    box = page.locator(".course-doors li", has_text=door).first
    place = box.bounding_box()
    box.click(position={"x": place["width"] - 20, "y": place["height"] - 12})
    page.wait_for_load_state()
    assert "intro.html" not in page.url
    assert heading in page.locator("h1").first.inner_text()
