"""Test fixes to other packages' markup: the frame around a page, and empty corner cells of tables."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_doctree
from docutils.utils import new_document

from coursebook.markup import mends

FRAME = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8" /><title>Linear &#8212; &lt;b&gt; &amp; more</title>
<link href="_static/math.css?v=1a" rel="stylesheet" /><link href="_static/mystnb.2b.css?v=3c" rel="stylesheet" />
<link href="_static/course.css?v=4d" rel="stylesheet" />
<link rel="preload" as="script" href="_static/scripts/fontawesome.js?digest=5" />
<script defer src="_static/scripts/fontawesome.js?digest=5"></script><script src="_static/doctools.js?v=6"></script>
<script src="_static/searchtools.js"></script><script src="searchindex.js"></script>
<script>if (1 < 2 && "</b>") {{ names = ["&amp;"] }}</script></head>
<body><button class="btn search-button__button" aria-label="Search" title="Search">Find</button>
<div id="pst-primary-sidebar" class="bd-sidebar-primary"><li><a class="reference" href="a.html">Say "so" &amp; go</a>
<details open="open"><summary><span class="toctree-toggle"></span></summary><ul></ul></details></li></div>
{mends.BODY}</body></html>"""

TABLE = """
==  =====
..  **b**
==  =====
c   d
==  =====
"""


@pytest.fixture(scope="module")
def mended() -> BeautifulSoup:
    return BeautifulSoup(mends.mended(FRAME), "html.parser")


def sources(page: BeautifulSoup) -> list[str]:
    return [script["src"] for script in page.select("script[src]")]


def test_only_unneeded_scripts_are_removed(mended):
    assert sources(mended) == ["_static/doctools.js?v=6"]
    assert not mended.select("link[rel=preload]")


def test_late_style_sheets_have_no_checksum(mended):
    addresses = [link["href"] for link in mended.select("link[rel=stylesheet]")]
    assert addresses == ["_static/math.css", "_static/mystnb.2b.css", "_static/course.css?v=4d"]


def test_screen_reader_labels_match_the_page(mended):
    assert mended.button.attrs == {"class": ["btn", "search-button__button"], "title": "Search"}
    assert mended.summary["aria-label"] == 'Pages under Say "so" & go'
    sidebar = mended.find(id="pst-primary-sidebar")
    assert (sidebar["role"], sidebar["aria-label"], sidebar["class"]) == ("navigation", "Book", ["bd-sidebar-primary"])


def test_frame_text_and_scripts_are_kept():
    made = mends.mended(FRAME)
    assert made.split()[:3] == ["<!DOCTYPE", "html>", "<html"]
    assert "<title>Linear — &lt;b&gt; &amp; more</title>" in made
    assert """<script>if (1 < 2 && "</b>") { names = ["&amp;"] }</script>""" in made
    assert made.count(mends.BODY) == 1


def test_body_is_inserted_unchanged(monkeypatch):
    monkeypatch.setattr(mends.BuiltinTemplateLoader, "render", lambda self, template, context: FRAME)
    body = '<svg viewBox="0 0 1 1"><linearGradient/></svg>&nbsp;<p class=a>&#8212;'
    page = mends.MendedTemplates().render("page.html", {"body": body})
    assert body in page
    assert mends.BODY not in page


def test_empty_table_corner_is_not_a_header():
    corner = next(publish_doctree(TABLE).findall(nodes.entry))
    corner.parent.column = 0  # Visiting the row sets this.
    writer = SimpleNamespace(body=[])
    with pytest.raises(nodes.SkipNode):
        mends.visit_entry(writer, corner)
    assert writer.body == ["<td></td>"]
    assert corner.parent.column == 1


def test_only_thebe_html_is_removed():
    page = new_document("page")
    given = ["<script>kernelName = 'python3'</script>", "<p>a</p>", '\n <script type="text/x-thebe-config">{}</script>']
    page += [nodes.raw("", text, format="html") for text in given]
    mends.drop_thebe(None, page, "page")
    assert [raw.astext() for raw in page.findall(nodes.raw)] == ["<p>a</p>"]
