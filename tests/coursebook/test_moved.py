"""Test that earlier addresses of sections and pages lead to a current heading or page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

from autograder.texts.headings import headings
from coursebook.pages import moved
from tests.root import COURSE, ROOT

pytestmark = pytest.mark.course

MOVED = {chapter: found for chapter in COURSE.chapters if (found := moved.sections(ROOT, chapter))}


@pytest.mark.parametrize("chapter", MOVED)
def test_moved_addresses_lead_to_existing_sections(chapter):
    text = COURSE.text(chapter).read_text(encoding="utf-8")
    today = {nodes.make_id(heading.title.replace("`", "")) for heading in headings(text)}
    assert set(MOVED[chapter].values()) <= today
    assert not MOVED[chapter].keys() & today


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """Return a list that gets each warning."""
    found: list[str] = []
    monkeypatch.setattr(moved.logger, "warning", lambda words, *of: found.append(words % of))
    return found


def page(docname: str, *sections: str) -> tuple[SimpleNamespace, nodes.document]:
    doctree = new_document(docname)
    doctree.extend(nodes.section(ids=[section]) for section in sections)
    return SimpleNamespace(srcdir=ROOT, env=SimpleNamespace(docname=docname)), doctree


def test_section_keeps_its_earlier_addresses(monkeypatch):
    monkeypatch.setattr(moved, "sections", lambda root, chapter: {"the-village": "max-pooling"})
    app, doctree = page("notebooks/pooling/pooling", "max-pooling", "average-pooling")
    moved.keep_addresses(app, doctree)
    assert [section["ids"] for section in doctree.children] == [["max-pooling", "the-village"], ["average-pooling"]]
    app, doctree = page("book/solutions/pooling", "max-pooling")
    moved.keep_addresses(app, doctree)
    assert doctree.children[0]["ids"] == ["max-pooling"]


@pytest.mark.parametrize(
    ("sections", "said"), [(["a"], "which is no section"), (["max-pooling", "the-village"], "cannot lead")]
)
def test_invalid_moved_address_gives_a_warning(monkeypatch, told, sections, said):
    monkeypatch.setattr(moved, "sections", lambda root, chapter: {"the-village": "max-pooling"})
    moved.keep_addresses(*page("notebooks/pooling/pooling", *sections))
    assert len(told) == 1
    assert said in told[0]


def built(tmp_path, *written: str) -> SimpleNamespace:
    found = {f"book/{name}" for name in written}
    env = SimpleNamespace(found_docs=found, titles={name: nodes.title("", f"Title of {name}") for name in found})
    config = SimpleNamespace(html_baseurl="https://x.edu/layers/", html_title="A book", root_doc="book/intro")
    return SimpleNamespace(srcdir=ROOT, outdir=tmp_path, env=env, config=config)


def test_old_page_redirects_to_its_successor(tmp_path, monkeypatch, told):
    monkeypatch.setattr(moved, "pages", lambda root: {"parts/early": "parts/today", "old": "parts/today", "new": "old"})
    moved.lead_on(built(tmp_path, "parts/today"))
    assert 'url=today.html"' in (tmp_path / "book" / "parts" / "early.html").read_text()
    assert 'url=parts/today.html"' in (tmp_path / "book" / "old.html").read_text()
    assert told == []
    moved.lead_on(built(tmp_path / "again", "parts/early"))
    assert len(told) == 1
    assert "cannot lead elsewhere" in told[0]
    assert not (tmp_path / "again").exists()


def test_first_page_is_valid_and_redirects_to_the_cover(tmp_path):
    moved.lead_on(built(tmp_path, "intro"))
    first = BeautifulSoup((tmp_path / "index.html").read_text(), "html.parser")
    assert first.html["lang"] == "en"
    assert first.find("meta", {"http-equiv": "refresh"})["content"] == "0; url=book/intro.html"
    assert (first.a["href"], first.a.get_text()) == ("book/intro.html", "Title of book/intro")
    assert first.find("link", rel="canonical")["href"] == "https://x.edu/layers/book/intro.html"
