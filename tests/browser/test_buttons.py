"""Test the buttons above a chapter: a downloaded, completed, and submitted notebook gets full points."""

import re
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import is_solution

from autograder import grade_notebook, practicing
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from tests.browser.visits import CHAPTERS, SITE
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


@pytest.mark.parametrize("page", CHAPTERS)
def test_download_link_targets_the_student_notebook(page):
    link = r'<a class="main" href="([^"]+)" download="([^"]+)">Download the notebook</a>'
    address, name = re.search(link, (SITE / page).read_text(encoding="utf-8")).groups()
    handed_out = (SITE / page).parent / address
    assert handed_out.name == name == Path(page).with_suffix(".ipynb").name
    assert handed_out.read_bytes() == (ROOT / page).with_suffix(".ipynb").read_bytes()


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


@pytest.mark.parametrize("words", ["All notebooks and layerlab", "layerlab alone"])
def test_notebooks_archive_and_wheel_can_be_downloaded(shown, tmp_path, words):
    page = shown("book/practice.html").page
    with page.expect_download() as caught:
        page.get_by_role("link", name=words).click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    with zipfile.ZipFile(path) as archive:  # A wheel is a zip archive, too.
        names = archive.namelist()
    if path.suffix == ".whl":
        assert path.name == practicing.wheel_name()
        assert "layerlab/__init__.py" in names
    else:
        assert path.name == practicing.NOTEBOOKS
        assert {name for name in names if name.endswith(".ipynb")} == {
            f"layer-by-layer/notebooks/{Path(page).stem}/{Path(page).stem}.ipynb" for page in CHAPTERS
        }
        assert f"layer-by-layer/notebooks/{practicing.wheel_name()}" in names
