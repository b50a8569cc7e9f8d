"""Test that a chapter that is not part of the class leaves no page, no broken link, and no warning in the book."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from authoring.book import build_book
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import release
from autograder import practicing
from autograder.class_file.class_reader import left_out
from autograder.course import Course
from autograder.texts import text
from tests.root import ROOT, SCALES

LINKS = """# A quiet page

In [scales, *a heading*](../scales/scales.ipynb#a-heading), in [](../scales/scales.ipynb),
and on [this page](quiet.ipynb)."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a small course: a page without exercises links to the chapter scales; there is no class file yet."""
    course = Course(tmp_path_factory.mktemp("course"))
    for name in ("requirements.txt", "requirements-torch.txt", "_config.yml"):
        shutil.copy(ROOT / name, course.root)
    shutil.copytree(ROOT / "book", course.root / "book", ignore=shutil.ignore_patterns("chapters", "__pycache__"))
    toc = "format: jb-book\nroot: book/intro\nchapters:\n"
    toc += "".join(f"  - file: notebooks/{name}/{name}\n" for name in ("scales", "other", "quiet"))
    (course.root / "_toc.yml").write_text(toc)
    made = text.read(SCALES)
    for cell in made.cells:
        cell.source = text.PLACEHOLDER.sub("12,000", cell.source)
    made.metadata.layerlab.torch = "2.13.0"
    quiet = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(LINKS, id="words")])
    for name, notebook in (("scales", made), ("other", made)):
        put(course.reference(name), dumps(notebook))
        put(course.release(name), dumps(release(notebook)))
    for path in (course.reference("quiet"), course.release("quiet")):
        put(path, dumps(quiet))
    for name in ("scales", "other", "quiet"):
        put(course.text(name), "# Not rendered")
    return course


def put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@pytest.fixture(scope="module")
def site(course: Course) -> Path:
    """Build the book of a class with the chapter other; a warning would stop it."""
    (course.root / "class.yml").write_text("chapters: [other]\nsolutions: false\n")
    build_book.build(course)
    return course.site


def test_chapter_that_is_left_out_has_no_page_and_no_download(course: Course, site: Path) -> None:
    assert left_out(course.root) == {"scales"}
    pages = {path.stem for path in (site / "notebooks").rglob("*.html")}
    assert pages == {"other", "quiet"}
    assert list((site / "_sources").rglob("scales*")) == []
    with zipfile.ZipFile(site / practicing.NOTEBOOKS) as packed:
        names = [name for name in packed.namelist() if name.endswith(".ipynb")]
    assert {Path(name).stem for name in names} == {"other", "quiet"}


def test_reference_to_it_is_plain_text(site: Path) -> None:
    page = BeautifulSoup((site / "notebooks" / "quiet" / "quiet.html").read_text(), "html.parser")
    words = next(found for found in page.select("article p") if "on this page" in found.get_text())
    assert " ".join(words.get_text().split()).startswith("In scales, a heading, in ")
    assert [link.get_text() for link in words.select("a")] == ["this page"]
    assert page.select('a[href*="scales"]') == []


def test_solutions_are_withheld(site: Path) -> None:
    assert not (site / "book" / "solutions").exists()


def test_book_depends_on_the_class_file(course: Course, site: Path) -> None:
    before = build_book.inputs(course.root)
    (course.root / "class.yml").write_text("chapters: [other]\n")
    assert build_book.inputs(course.root) != before


def test_class_file_with_mistakes_builds_no_book(course: Course, site: Path) -> None:
    (course.root / "class.yml").write_text("chapters: [othre]\n")
    with pytest.raises(build_book.BuildError, match="line 1: there is no chapter 'othre'; near it: other"):
        build_book.build(course)
