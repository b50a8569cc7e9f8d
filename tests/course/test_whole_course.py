"""Test that no chapter, class of torch.nn, or list of sources is missing, and that code fits on the pages."""

import nbformat
import pytest
from torch import nn

from coursebook.pages import layer_places, parts
from tests.root import COURSE, ROOT

pytestmark = pytest.mark.course

CHAPTERS = COURSE.chapters
COLUMN = 76  # characters of code that fit on a page in a window of 1280 px


def test_every_planned_chapter_is_written():
    planned = [chapter.name for part in parts.plan() for chapter in part.chapters]
    assert sorted(planned) == [name for name in CHAPTERS if name != "explorers"]


def test_every_torch_nn_class_has_an_existing_chapter():
    """Count the 163 classes as `tests/coursebook/test_layer_index.py` does."""
    entries, _ = layer_places.entries_of(layer_places.read(COURSE))
    classes = {name for name in nn.modules.__all__ if issubclass(getattr(nn, name), nn.Module)} | {"DataParallel"}
    chapters = {entry.name: entry.chapters for entry in entries if entry.namespace == "nn"}
    assert len(classes) == 163
    assert sorted(name for name in classes if not {*chapters.get(name, ())} & {*CHAPTERS}) == []


def test_every_chapter_names_its_sources():
    for name in CHAPTERS:
        text = COURSE.text(name).read_text(encoding="utf-8")
        sources = text.rpartition("\n## Sources and further reading\n")[2]
        assert name == "explorers" or sources.count("](https://") >= 3, name


def too_wide(notebook):
    """Return the lines that a page shows in a cell outside the exercises and that are wider than its column."""
    shown = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
        and "nbgrader" not in cell.metadata
        and "remove-cell" not in cell.metadata.get("tags", ())
    ]
    return [line for source in shown for line in source.splitlines() if len(line) > COLUMN]


@pytest.mark.parametrize("name", CHAPTERS)
def test_code_lines_fit_the_page(name):
    """`tests/browser/test_narrow.py` measures the page itself, exercises included, but only after minutes."""
    assert too_wide(nbformat.read(ROOT / "notebooks" / name / f"{name}.ipynb", as_version=4)) == []


def test_wide_line_is_found():
    cells = [nbformat.v4.new_code_cell(f"x = {'1' * digits}") for digits in (COLUMN - 4, COLUMN - 3)]
    hidden = nbformat.v4.new_code_cell("1" * (COLUMN + 1), metadata={"tags": ["remove-cell"]})
    assert too_wide(nbformat.v4.new_notebook(cells=[*cells, hidden])) == [cells[1].source]
