"""Test that a chapter outside the class leaves no page, link, or warning in the book, which has no public address."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from authoring.book import build_book
from authoring.notebooks.release import release
from autograder import practicing
from autograder.class_file.class_reader import left_out
from autograder.course import Course
from coursebook.pages.solution_pages import inline
from tests import small_book

LINKS = """# A quiet page

In [scales, *a heading*](../scales/scales.ipynb#a-heading), in [](../scales/scales.ipynb),
and on [this page](quiet.ipynb)."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a small course without a class file, in which a page without exercises links to the chapter `scales`."""
    names = ("scales", "other", "quiet")
    pages = [*map("notebooks/{0}/{0}".format, names), *small_book.PAGES]
    course = small_book.course(tmp_path_factory.mktemp("course"), *pages)
    small_book.set_addresses(course, repository="https://example.org/course.git", hub="https://hub.school.edu")
    made, quiet = small_book.scales(), small_book.prose(LINKS)
    for name in names:
        small_book.put(course.reference(name), quiet if name == "quiet" else made)
        small_book.put(course.release(name), quiet if name == "quiet" else release(made))
        small_book.put(course.text(name), "# Not rendered")
    return course


@pytest.fixture(scope="module")
def site(course: Course) -> Path:
    """Build the book of a class with only the chapter `other`; a warning would stop the build."""
    (course.root / "class.yml").write_text("chapters: [other]\nsolutions: false\n")
    build_book.build(course)
    return course.site


def test_chapter_that_is_left_out_has_no_page_and_no_download(course: Course, site: Path) -> None:
    assert left_out(course.root) == {"scales"}
    pages = {path.stem for path in (site / "notebooks").rglob("*.html")}
    assert pages == {"other", "quiet"}
    assert list((site / "_sources").rglob("scales*")) == []
    assert not (site / "book" / "solutions").exists(), "they are withheld"
    with zipfile.ZipFile(site / practicing.NOTEBOOKS) as packed:
        names = [name for name in packed.namelist() if name.endswith(".ipynb")]
    assert {Path(name).stem for name in names} == {"other", "quiet"}


def test_reference_to_it_is_plain_text(site: Path) -> None:
    page = BeautifulSoup((site / "notebooks" / "quiet" / "quiet.html").read_text(), "html.parser")
    words = next(found for found in page.select("article p") if "on this page" in found.get_text())
    assert " ".join(words.get_text().split()).startswith("In scales, a heading, in ")
    assert [link.get_text() for link in words.select("a")] == ["this page"]
    assert page.select('a[href*="scales"]') == []


def test_page_without_address_offers_only_the_download(site: Path) -> None:
    page = (site / "notebooks" / "other" / "other.html").read_text(encoding="utf-8")
    shown = re.search(r'<nav class="course-places".*?</nav>', page, re.DOTALL)[0]
    links = ["../../_sources/notebooks/other/other.ipynb", "../../book/practice.html"]
    assert re.findall(r'href="([^"]+)"', shown) == links
    assert inline(practicing.points("other")) in shown
    for path in site.rglob("*.html"):
        content = path.read_text(encoding="utf-8")
        assert "example.org" not in content, path.name
        assert "_config.yml" not in content or path.name == "teach.html", path.name


def test_book_depends_on_the_class_file(course: Course, site: Path) -> None:
    before = build_book.inputs(course.root)
    (course.root / "class.yml").write_text("chapters: [other]\n")
    assert build_book.inputs(course.root) != before


def test_class_file_with_mistakes_builds_no_book(course: Course, site: Path) -> None:
    (course.root / "class.yml").write_text("chapters: [othre]\n")
    with pytest.raises(build_book.BuildError, match="line 1: there is no chapter 'othre'; near it: other"):
        build_book.build(course)
