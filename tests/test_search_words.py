"""The search index: words of a page, kept apart; no numbers, and nothing of what a cell drew."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.utils import new_document

from coursebook.pages import search_words


@pytest.fixture
def page() -> nodes.document:
    """A table of our own, and a cell with a drawn output."""
    made = new_document("page")
    made += nodes.raw("", "<tr><td>GroupNorm</td><td>normalises groups</td></tr>", format="html")
    below = nodes.container(classes=["cell_output", "docutils"])
    below += nodes.raw("", "<table><td>0.0036</td><td>drawn</td></table>", format="html")
    made += below
    return made


def test_words_of_neighbouring_cells_are_two_words(page):
    with search_words.words_apart(page):
        ours, drawn = (node.astext().split() for node in page.findall(nodes.raw))
    assert ours == ["GroupNorm", "normalises", "groups"]
    assert drawn == []


def test_the_page_itself_is_as_it_was(page):
    before = page.pformat()
    with search_words.words_apart(page):
        assert page.pformat() != before
    assert page.pformat() == before


@pytest.mark.parametrize(
    ("word", "is_kept"), [("padding", True), ("conv2d", True), ("1d", True), ("0036", False), ("1e6", False)]
)
def test_numbers_are_no_words(word, is_kept):
    assert search_words.Words({}).word_filter(word) == is_kept
