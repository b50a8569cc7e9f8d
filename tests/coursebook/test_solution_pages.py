"""Test the pages of explained solutions, and that nothing else shows what they contain."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from authoring.book import build_book
from authoring.book.leaks import search
from autograder.course import Course
from autograder.texts import chapter
from autograder.texts import variants as variant_file
from autograder.texts.regions import solved
from coursebook.pages import solution_pages
from tests.root import ROOT

LINEAR = variant_file.load(chapter.load("linear", ROOT))


@pytest.fixture(scope="module")
def course(small_course, tmp_path_factory):
    """Return a copy of the small course, which tests may change."""
    folder = tmp_path_factory.mktemp("course")
    return Course(shutil.copytree(small_course.root, folder, dirs_exist_ok=True))


@pytest.fixture(scope="module")
def page(course):
    return (course.site / "book" / "solutions" / "linear.html").read_text(encoding="utf-8")


def words(page: str) -> str:
    """Return the text of a page without markup or whitespace."""
    return "".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_page_shows_every_solution_and_variant(page):
    shown = words(page)
    variants, exercises = LINEAR, chapter.load("linear", ROOT).exercises
    assert len(exercises) >= 8
    for exercise in exercises:
        assert words(solved(exercise.solution)) in shown or "".join(solved(exercise.solution).split()) in shown
        for variant in variants.right(exercise.name):
            assert "".join(variant.source.split()) in shown, variant.label
        for variant in variants.wrong(exercise.name):
            assert "".join(variant.sentence.replace("`", "").split()) in shown, variant.label
            assert "".join(variant.title.replace("`", "").split())[1:] in shown, variant.label
            assert "".join((variant.change or variant.source).splitlines()[-1].split()) in shown, variant.label


SOLUTION = """\
def f(x):
    a = x + 1
    b = a * 2
    c = b - 3
    d = c / 4
    return d"""
VARIANTS = """\
## f
### right: at once
```python
def f(x):
    return ((x + 1) * 2 - 3) / 4
```
### wrong: two slips
Two.
```diff
     b = a * 2
-    c = b - 3
+    c = b + 3
@@
-    return d
+    return -d
```
### wrong: another way
Other.
```diff at once
-    return ((x + 1) * 2 - 3) / 4
+    return ((x + 1) * 2 + 3) / 4
```
### wrong: nothing
None.
```python
def f(x):
    return x
```
"""


def test_mistake_is_shown_in_its_source_form():
    of_solution, of_right, whole = variant_file.parse(VARIANTS, Path("f.md"), {"f": SOLUTION}).wrong("f")
    assert solution_pages.changed(of_solution).splitlines() == [
        "```diff",
        "     b = a * 2",
        "-    c = b - 3",
        "+    c = b + 3",
        solution_pages.SKIPPED,
        "-    return d",
        "+    return -d",
        "```",
    ]
    above, *code = solution_pages.changed(of_right).split("\n\n")
    assert "at once" in above
    assert "".join(code).splitlines()[1] == "-    return ((x + 1) * 2 - 3) / 4"
    assert solution_pages.changed(whole) == "```python\ndef f(x):\n    return x\n```"


def test_only_mistakes_are_folded(page):
    mistakes = sum(variant.kind in ("wrong", "faulty start") for variant in LINEAR.cells)
    folded = re.findall(r"<details>.*?</details>", page, re.DOTALL)
    assert len(folded) == mistakes
    open_part = words(re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL))
    wrong = LINEAR.wrong("own_linear")[0]
    assert "".join(wrong.sentence.replace("`", "").split()) not in open_part
    right = LINEAR.right("own_linear")[0]
    assert "".join(right.source.split()) in open_part


def test_mistake_shows_its_lost_claims(course, page):
    given = json.loads(course.tried("linear").read_text(encoding="utf-8"))
    shown = words(page)
    for exercise in given["exercises"].values():
        for lost in exercise["lost"].values():
            assert "".join(solution_pages.cost(lost).split()) in shown
    assert solution_pages.cost(["a", "b"]) == "Loses: a; b."
    assert "not allowed" in solution_pages.cost([])


def test_outdated_lost_claims_are_not_shown(course, tmp_path):
    record = Course(tmp_path).tried("linear")
    record.parent.mkdir(parents=True)
    given = course.tried("linear").read_text(encoding="utf-8")
    record.write_text(given)
    shutil.copy(course.answers("linear"), record.parent)
    assert "Loses: " in solution_pages.page("linear", course.reference("linear"), tmp_path)
    record.write_text(re.sub(r'"made_from": "\w+"', '"made_from": "other"', given))
    assert "Loses: " not in solution_pages.page("linear", course.reference("linear"), tmp_path)


def test_code_is_highlighted_without_region_markers(page):
    assert '<span class="k">class</span>' in page
    assert "BEGIN SOLUTION" not in page
    assert "#~" not in page


def test_solution_pages_come_last_in_the_sidebar(course):
    first = (course.site / "book" / "intro.html").read_text(encoding="utf-8")
    sidebar = BeautifulSoup(first, "html.parser").select_one("#pst-primary-sidebar")
    links = [link["href"] for link in sidebar.select("a.reference.internal")]
    assert links.index("solutions/linear.html") > links.index("../notebooks/linear/linear.html")
    assert links[-1] == "solutions/linear.html"


def test_search_and_sources_omit_solution_pages(course):
    index = (course.site / "search" / "index.js").read_text(encoding="utf-8")
    assert '"notebooks/linear/linear"' in index
    assert "book/solutions" not in index
    assert not (course.site / "search" / "book" / "solutions").exists()
    assert not (course.site / "_sources" / "book" / "solutions").exists()
    assert list(search(course, ["linear"])) == []


def test_exercises_and_solutions_link_to_each_other(course):
    chapter = (course.site / "notebooks" / "linear" / "linear.html").read_text(encoding="utf-8")
    solutions = (course.site / "book" / "solutions" / "linear.html").read_text(encoding="utf-8")
    there = re.findall(r'<a href="../../book/solutions/linear.html#([^"]+)">The solution, explained</a>', chapter)
    back = re.findall(r'<a href="../../notebooks/linear/linear.html#([^"]+)">The exercise</a>', solutions)
    assert len(there) == len(back) == chapter.count(" data-exercise=") > 5
    assert all(f'<section id="{anchor}"' in solutions for anchor in there)
    assert all(f'id="{anchor}"' in chapter for anchor in back)


def test_search_entry_for_solutions_is_a_leak(course):
    index = course.site / "search" / "index.js"
    before = index.read_text(encoding="utf-8")
    index.write_text(before.replace('"pages":[', '"pages":[["book/solutions/linear","Linear: solutions"],', 1))
    assert {leak.secret for leak in search(course, ["linear"])} == {"leads to explained solutions"}
    index.write_text(before)


def test_published_solution_source_is_a_leak(course):
    copy = course.site / "_sources" / "book" / "solutions" / "linear.md"
    copy.parent.mkdir(parents=True)
    copy.write_text("anything")
    assert {leak.where for leak in search(course, ["linear"])} == {"_build/html/_sources/book/solutions/linear.md"}
    shutil.rmtree(copy.parent)


def test_book_without_solutions_has_no_trace_of_them(course):
    assert (course.site / "book" / "solutions" / "linear.html").exists()
    built = build_book.build_without_solutions(course)
    assert not (built / "book" / "solutions").exists()
    assert (built / "notebooks" / "linear" / "linear.html").exists()
    for file in [*built.rglob("*.html"), *built.rglob("*.js"), *(built / "_sources").rglob("*")]:
        if file.is_file() and "_static" not in file.relative_to(built).parts:
            assert "book/solutions" not in file.read_text(encoding="utf-8"), file
            assert "Explained solutions" not in file.read_text(encoding="utf-8"), file
    assert list(search(course, ["linear"], built)) == []
    page = built / "book" / "solutions" / "linear.html"
    page.parent.mkdir()
    shutil.copy(course.site / "book" / "solutions" / "linear.html", page)
    assert any(leak.where.endswith("book/solutions/linear.html") for leak in search(course, ["linear"], built))
    shutil.rmtree(page.parent)


def test_generated_pages_do_not_trigger_a_rebuild(course):
    before = build_book.inputs(course.root)
    for path, is_source in (
        (course.root / "book" / "solutions" / "linear.md", False),
        (course.answers("linear"), True),
    ):
        path.write_text(path.read_text(encoding="utf-8") + "\nMore.\n")
        assert (build_book.inputs(course.root) != before) == is_source


def test_chapter_without_exercises_has_no_solution_page(tmp_path):
    path = tmp_path / "gallery.ipynb"
    notebook = {"cells": [], "metadata": {"layerlab": {"chapter": "gallery"}}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook))
    assert solution_pages.page("gallery", path, tmp_path) == ""


def test_variant_text_is_escaped_except_code():
    assert solution_pages.inline("a < b, `x[:, None]` and *y*_z_") == "a &lt; b, <code>x[:, None]</code> and *y*_z_"


def test_faulty_start_is_excluded_from_the_solution():
    cell = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n    #~ return -x"
    assert solved(cell) == "def f(x):\n    return x"
