"""Test the page that prints the whole book, with two small sample pages."""

import re
from collections import Counter
from pathlib import Path

import pytest

from authoring.book.printed import PageError, all_answers, book, chapter
from autograder.course import Course

PAGE = """<html><head><title>A</title>
<link rel="stylesheet" href="../../_static/course.css"/><link rel="icon" href="../../_static/icon.svg"/>
<script src="../../_static/hydrate.mjs"></script><script src="../../_static/menu.js"></script></head>
<body><header><h1>Not this</h1></header><article class="bd-article">
<section id="linear"><h1>Linear: <code>nn</code><a class="headerlink" href="#linear">#</a></h1>
<nav class="course-places"><a href="x.ipynb">Download</a></nav>
<p>See <a href="#below">below</a>, <a href="../pooling/pooling.html">pooling</a>,
<a href="../pooling/pooling.html#max">its maximum</a>, <a href="../../_sources/a.txt">a file</a>,
<a href="https://example.org/a#b">elsewhere</a>.</p>
<section id="below"><h2>Below</h2><img src="../../_images/a.svg" alt="a"/>
<svg><defs><g id="dot"/></defs><use href="#dot"/><path clip-path="url(#clip)"/></svg>
<label for="field">Field</label><input id="field" aria-describedby="below nowhere"/>
<details><summary>Hint</summary>text</details><div data-lab-model="cafe01"></div></section></section></article>
<script type="application/vnd.jupyter.widget-state+json">
{"state": {"cafe01": {"state": {"source": "IPY_MODEL_cafe02"}}, "cafe02": {}}}</script></body></html>"""

LINEAR, POOLING = "notebooks/linear/linear", "notebooks/pooling/pooling"


@pytest.fixture(scope="module")
def linear():
    return chapter(LINEAR, "Layers", PAGE, {LINEAR, POOLING})


def test_links_stay_within_the_printed_file(linear):
    links = re.findall(r'<(?:a|use) [^>]*?href="([^"]+)"', linear.article)
    assert links == [
        "#below--notebooks-linear-linear",
        "#notebooks-pooling-pooling",
        "#max--notebooks-pooling-pooling",
        "https://example.org/a#b",
        "#dot--notebooks-linear-linear",
    ]
    assert "<a>a file</a>" in linear.article


def test_ids_and_references_are_unique_to_each_page(linear):
    here = "--notebooks-linear-linear"
    assert f'for="field{here}"' in linear.article
    assert f'aria-describedby="below{here} nowhere"' in linear.article
    assert f"url(#clip{here})" in linear.article
    assert linear.sections == ((f"below{here}--heading", "Below"),)
    assert f'<h2 id="below{here}--heading">' in linear.article, "a section may begin on the page before its heading"


def test_file_paths_are_relative_to_the_site_folder(linear):
    assert 'src="html/_images/a.svg"' in linear.article
    assert [re.search(r'(?:src|href)="([^"]+)"', tag)[1] for tag in linear.head] == [
        "html/_static/course.css",
        "html/_static/hydrate.mjs",
    ]


def test_folded_content_is_open_and_buttons_are_removed(linear):
    assert '<details open="">' in linear.article
    for unprinted in ("course-places", "headerlink", "Not this"):
        assert unprinted not in linear.article
    assert linear.title == "Linear: nn"


ASKING = """<article class="bd-article"><section id="s"><h1>Softmax: shares</h1>
<div id="e" data-lab-model="cafe01"></div>
<section id="quiz"><h2>Quiz</h2><p><strong>1. Which?</strong></p>
<details data-question="0a" class="course-wrong"><summary>One</summary><p>No. Not one.</p></details>
<details data-question="0a" class="course-right"><summary>Two</summary><p>Yes. See <a href="#s">it</a>.</p></details>
</section></section></article><script type="application/vnd.jupyter.widget-state+json">
{"state": {"cafe01": {"state": {"question": "a < b?", "answer": "<p>Never.</p>"}}}}</script>"""


def test_answers_of_all_chapters_form_the_last_chapter():
    one = chapter(LINEAR, "Layers", ASKING, {LINEAR})
    assert "Not one" not in one.article
    assert '<ol class="printed-options" type="a"><li>One</li><li>Two</li></ol>' in one.article
    (last,) = all_answers([one, chapter(POOLING, "Layers", PAGE, {POOLING})])
    place = "notebooks-linear-linear--answers"
    assert f'href="#{place}"' in one.article
    assert last.sections == ((place, "Softmax"),)
    assert "<li><p>No. Not one.</p></li>" in last.article
    assert 'href="#s--notebooks-linear-linear"' in last.article
    assert "<strong>a &lt; b?</strong></p><p>Never.</p>" in last.article


def test_book_without_quiz_has_no_answers(linear):
    assert all_answers([linear]) == []


def test_explorers_of_two_pages_have_distinct_ids(linear):
    pooling = chapter(POOLING, "Layers", PAGE, {LINEAR, POOLING})
    for one, name in ((linear, "notebooks-linear-linear"), (pooling, "notebooks-pooling-pooling")):
        assert f'data-lab-model="{name}-cafe01"' in one.article
        assert f'"{name}-cafe01": ' in one.widgets
        assert f'"IPY_MODEL_{name}-cafe02"' in one.widgets


def test_page_without_article_is_reported():
    with pytest.raises(PageError, match="notebooks/linear/linear"):
        chapter(LINEAR, "", "<html><body><p>Nothing</p></body></html>", set())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the printable page of a book with two sample pages.

    A link on the first page leads to a section that the second page does not have.
    """
    course = Course(tmp_path_factory.mktemp("course"))
    (course.root / "_config.yml").write_text("title: A & B\nauthor: Somebody\ncopyright: '2026'\n")
    toc = (
        f"format: jb-book\nroot: {LINEAR}\nparts:\n  - caption: More <of> it\n    chapters:\n      - file: {POOLING}\n"
    )
    (course.root / "_toc.yml").write_text(toc)
    for docname, page in ((LINEAR, PAGE), (POOLING, PAGE.replace("Linear", "Pooling"))):
        path = course.site / f"{docname}.html"
        path.parent.mkdir(parents=True)
        path.write_text(page)
    return book(course)


def test_ids_are_unique_and_every_link_resolves(whole):
    ids = Counter(re.findall(r'\bid="([^"]+)"', whole))
    assert [name for name, count in ids.items() if count > 1] == []
    links = re.findall(r'href="#([^"]+)"', whole)
    assert links
    assert [link for link in links if link not in ids] == []


def test_table_of_contents_lists_parts_chapters_and_sections(whole):
    contents = re.search(r'<nav class="printed-contents".*?</nav>', whole, re.DOTALL)[0]
    lines = re.findall(r'<p class="part">([^<]+)|<a href="#([^"]+)"><span>([^<]+)', contents)
    assert [part or (target, words) for part, target, words in lines] == [
        ("notebooks-linear-linear", "Linear: nn"),
        ("below--notebooks-linear-linear--heading", "Below"),
        "More &lt;of&gt; it",
        ("notebooks-pooling-pooling", "Pooling: nn"),
        ("below--notebooks-pooling-pooling--heading", "Below"),
    ]


def test_styles_are_linked_once_and_titles_escaped(whole):
    assert whole.count("html/_static/course.css") == 1
    assert "<title>A &amp; B</title>" in whole


def test_unbuilt_page_is_reported(tmp_path):
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/intro\n")
    (tmp_path / "_config.yml").write_text("title: A\n")
    with pytest.raises(PageError, match=r"book/intro .*make book"):
        book(Course(Path(tmp_path)))
